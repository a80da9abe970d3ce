import { createRandom, nounFor, type ProgressListener, shuffled, throwIfAborted } from "../../core/index.ts";
import { type Block, escapeHtml, formatCount, formatShare, paragraph, renderBlocks, renderPage } from "../../report/index.ts";
import { classOf } from "../counts.ts";
import type { Dataset } from "../dataset.node.ts";
import { readDuplicates } from "../duplicates.node.ts";
import type { FaceObservation } from "../face-observation.ts";
import type { PictureQuality } from "../quality.ts";
import { assessDataset } from "../quality.node.ts";
import type { FaceRecord } from "../record.ts";
import { readCleaned } from "../review/cleaned.node.ts";
import { findLeakage } from "../splits.ts";
import { expectedWrong, type Suspicion } from "../suspicion.ts";
import { reviewableTasks } from "../tasks.ts";
import { readSuspicions } from "../suspicion.node.ts";
import { type Histogram, histogram } from "./charts.ts";
import { renderPairs } from "./duplicate-page.node.ts";
import { facesStyle } from "./faces-style.ts";
import { meanFaceUrl, stripUrl, thumbnailUrl } from "./pictures.node.ts";
import {
  labelKinds,
  presentClasses,
  renderCounts,
  renderCrossTables,
  renderHead,
  renderImbalance,
  renderSplits,
  type ReportRecords,
} from "./sections.ts";

export interface ReportOptions {
  /** What the detector found, by SHA-256; without it the report says that it was not measured. */
  readonly observations?: ReadonlyMap<string, FaceObservation> | undefined;
  /** Faces in each sample strip. @default 9 */
  readonly samples?: number | undefined;
  /** Faces that a mean face is taken over, at most. @default 400 */
  readonly meanFaces?: number | undefined;
  readonly onProgress?: ProgressListener | undefined;
  readonly signal?: AbortSignal | undefined;
}

const defaults = { samples: 9, meanFaces: 400 } as const;
const shownPairs = 24;
const shownSuspicions = 24;
/** Samples are drawn with a fixed seed: a report of the same data shows the same faces. */
const sampleSeed = 1;

/** A quantity of a picture that a report shows the distribution of. */
type Quantity = Pick<Histogram, "title" | "axis" | "logarithmic"> & { readonly read: (record: FaceRecord) => number | undefined };

function valuesOf(quantity: Quantity, records: readonly FaceRecord[]): number[] {
  return records.flatMap((record) => quantity.read(record) ?? []);
}

/** A histogram before and after review; a sentence where there is nothing to distribute. */
function describeQuantity(quantity: Quantity, { imported, cleaned }: ReportRecords): Block[] {
  const { title, axis, logarithmic = false } = quantity;
  const values = valuesOf(quantity, imported);
  const [first] = values;
  if (first === undefined) return [];
  if (values.every((value) => value === first)) {
    return [paragraph(`${title}: ${axis} ${first} on all of n = ${formatCount(values.length)}.`)];
  }
  const after = cleaned === undefined ? undefined : valuesOf(quantity, cleaned);
  return [histogram({ title, axis, logarithmic, values, after })];
}

/** How the labels that are numbers are spread. */
async function renderNumbers(records: ReportRecords): Promise<string> {
  const quantities = records.tasks
    .filter(({ kind }) => kind === "number")
    .map(({ name, unit }): Quantity => {
      const read = ({ labels }: FaceRecord): number | undefined => {
        const label = labels.attributes?.[name];
        return typeof label === "number" ? label : undefined;
      };
      return { title: name, axis: unit ?? "as labelled", read };
    });
  return quantities.length === 0
    ? ""
    : `<h2>Numbers</h2>${await renderBlocks(quantities.flatMap((quantity) => describeQuantity(quantity, records)))}`;
}

async function renderQuality(records: ReportRecords, qualities: ReadonlyMap<string, PictureQuality>): Promise<string> {
  const measured = (name: "brightness" | "contrast" | "sharpness") => (record: FaceRecord) => qualities.get(record.sha256)?.[name];
  const quantities: readonly Quantity[] = [
    { title: "Size", axis: "shorter side (pixels)", read: ({ width, height }) => Math.min(width, height) },
    { title: "Brightness", axis: "mean brightness (0 to 255)", read: measured("brightness") },
    { title: "Contrast", axis: "standard deviation of brightness (0 to 127)", read: measured("contrast") },
    { title: "Sharpness", axis: "variance of the Laplacian, logarithmic", read: measured("sharpness"), logarithmic: true },
  ];
  const drawn = await renderBlocks(quantities.flatMap((quantity) => describeQuantity(quantity, records)));
  const unread = records.imported.filter(({ sha256 }) => !qualities.has(sha256)).length;
  const missing = unread > 0 ? `<p>${formatCount(unread)} ${nounFor(unread, "picture")} could not be read any more.</p>` : "";
  return `<h2>Pictures</h2>${missing}${drawn}`;
}

async function renderFaces(records: ReportRecords, observations: ReportOptions["observations"]): Promise<string> {
  const seen = records.imported.flatMap(({ sha256 }) => observations?.get(sha256) ?? []);
  if (seen.length === 0) {
    return '<h2>Faces and pose</h2><p class="soft">Not measured: run <code>tensorface dataset faces DIR</code> before the report.</p>';
  }
  const share = (test: (faces: number) => boolean): string => {
    const count = seen.filter(({ faces }) => test(faces)).length;
    return `${formatCount(count)} (${formatShare(count / seen.length)})`;
  };
  const posed = (name: "yaw" | "roll") => (record: FaceRecord) => observations?.get(record.sha256)?.pose?.[name];
  const quantities: readonly Quantity[] = [
    { title: "Turn to the side (yaw)", axis: "degrees, positive to the right as seen", read: posed("yaw") },
    { title: "Tilt (roll)", axis: "degrees, positive clockwise", read: posed("roll") },
  ];
  const drawn = await renderBlocks(quantities.flatMap((quantity) => describeQuantity(quantity, records)));
  return `<h2>Faces and pose</h2>
<p>On ${formatCount(seen.length)} of ${formatCount(records.imported.length)} ${nounFor(records.imported.length, "picture")} the detector was run: one face on ${share((faces) => faces === 1)},
none on ${share((faces) => faces === 0)}, several on ${share((faces) => faces > 1)}. Pose is estimated from five landmarks.</p>
${drawn}`;
}

async function renderDuplicates(dataset: Dataset, records: readonly FaceRecord[]): Promise<string> {
  const pairs = await readDuplicates(dataset.directory);
  if (pairs === undefined) {
    return '<h2>Duplicates</h2><p class="soft">Not searched: run <code>tensorface dataset duplicates DIR</code> before the report.</p>';
  }
  const near = pairs.filter(({ kind }) => kind === "near");
  const leaks = findLeakage(records).length;
  const groups = new Set(records.flatMap(({ group }) => group ?? [])).size;
  const shown = [...near.slice(-shownPairs / 2).reverse(), ...pairs.filter(({ kind }) => kind === "exact").slice(0, shownPairs / 2)];
  return `<h2>Duplicates</h2>
<p>${formatCount(pairs.length)} ${nounFor(pairs.length, "pair")}: ${formatCount(pairs.length - near.length)} exact, ${formatCount(near.length)} near, in
${formatCount(groups)} ${nounFor(groups, "group")}. ${formatCount(leaks)} ${nounFor(leaks, "group, subject or picture stands", "groups, subjects or pictures stand")} in
several splits. Below, the near pairs that are least alike (the least first), then exact ones.</p>
${await renderPairs(dataset, records, shown)}`;
}

async function renderSuspicion(dataset: Dataset, byId: ReadonlyMap<string, FaceRecord>, suspicion: Suspicion): Promise<string> {
  const record = byId.get(suspicion.id);
  const picture = record === undefined ? undefined : await thumbnailUrl(dataset, record, 96);
  const other = suspicion.suggested === suspicion.given ? "" : ` → ${escapeHtml(suspicion.suggested)}?`;
  const flags = suspicion.flags.length > 0 ? `<br>${escapeHtml(suspicion.flags.join(", "))}` : "";
  return `<figure><img alt="${escapeHtml(suspicion.id)}" src="${picture ?? ""}"><figcaption>${escapeHtml(suspicion.given)}${other}${flags}<br>${suspicion.doubt.toFixed(3)}</figcaption></figure>`;
}

async function renderSuspicions(dataset: Dataset, records: readonly FaceRecord[]): Promise<string> {
  const byId = new Map(records.map((record) => [record.id, record]));
  const parts: string[] = [];
  for (const task of reviewableTasks(dataset.info.tasks)) {
    const suspicions = await readSuspicions(dataset.directory, task);
    if (suspicions === undefined || suspicions.length === 0) continue;
    const wrong = Math.round(expectedWrong(suspicions));
    const figures = await Promise.all(suspicions.slice(0, shownSuspicions).map((suspicion) => renderSuspicion(dataset, byId, suspicion)));
    parts.push(`<h3>${task}</h3><p class="soft">About ${formatCount(wrong)} of ${formatCount(suspicions.length)} ${nounFor(suspicions.length, "label")}
(${formatShare(wrong / suspicions.length)}) ${nounFor(wrong, "is", "are")} wrong, as far as networks tell; the first ${figures.length} ${nounFor(figures.length, "is", "are")} below, with the label, what speaks against it, and how likely it is wrong (0 to 1).</p>
<div class="faces">${figures.join("\n")}</div>`);
  }
  if (parts.length === 0) parts.push('<p class="soft">Not judged: run <code>tensorface dataset doubt DIR</code> before the report.</p>');
  return `<h2>Most doubtful labels</h2>${parts.join("\n")}`;
}

async function renderClassRow(dataset: Dataset, label: string, members: readonly FaceRecord[], options: ReportOptions): Promise<string> {
  const drawn = shuffled(members, createRandom(sampleSeed));
  const mean = await meanFaceUrl(dataset, drawn.slice(0, options.meanFaces ?? defaults.meanFaces));
  const strip = await stripUrl(dataset, drawn.slice(0, options.samples ?? defaults.samples));
  const used = Math.min(members.length, options.meanFaces ?? defaults.meanFaces);
  return `<b>${escapeHtml(label)}<span class="n">n = ${formatCount(members.length)}<br>mean of ${formatCount(used)}</span></b>
<span class="strip"><img alt="mean face of ${escapeHtml(label)}" src="${mean ?? ""}"></span>
<span class="strip"><img alt="faces labelled ${escapeHtml(label)}" src="${strip ?? ""}"></span>`;
}

async function renderClassFaces(dataset: Dataset, records: ReportRecords, options: ReportOptions): Promise<string> {
  const views = [
    ["as imported", records.imported] as const,
    ...(records.cleaned === undefined ? [] : [["after review", records.cleaned] as const]),
  ];
  const parts: string[] = [];
  for (const kind of labelKinds(records.tasks)) {
    // Race is there for accuracy by group alone; mean faces of it would say nothing about the data's quality.
    if (kind === "race") continue;
    for (const [name, members] of views) {
      const rows: string[] = [];
      for (const label of presentClasses(records, kind)) {
        throwIfAborted(options.signal);
        const own = members.filter(({ labels }) => classOf(labels, kind) === label);
        // One that only the other view has.
        if (own.length === 0) continue;
        rows.push(await renderClassRow(dataset, label, own, options));
      }
      if (rows.length > 0) parts.push(`<h3>${kind}, ${name}</h3><div class="classes">${rows.join("\n")}</div>`);
      options.onProgress?.({ stage: `faces by ${kind}`, done: rows.length, total: rows.length });
    }
  }
  return `<h2>Mean faces and samples</h2><p class="soft">The mean face of each class, and faces of it drawn at random (seed ${sampleSeed}).</p>${parts.join("\n")}`;
}

/**
 * One page that shows what is in a dataset and what is wrong with it, before and after cleaning; pictures and charts are inside.
 * What was not measured (duplicates, doubtful labels, faces found) is said to be so.
 */
export async function renderReport(dataset: Dataset, options: ReportOptions = {}): Promise<string> {
  const imported = await Array.fromAsync(dataset.records());
  const tasks = dataset.info.tasks ?? [];
  const records: ReportRecords = { imported, cleaned: (await readCleaned(dataset))?.records, tasks };
  const qualities = await assessDataset(dataset, imported, options);
  const sections = [
    renderHead(dataset.info, records),
    await renderCounts(records),
    await renderNumbers(records),
    renderImbalance(records),
    renderSplits(imported),
    renderCrossTables(records),
    await renderQuality(records, qualities),
    await renderFaces(records, options.observations),
    await renderDuplicates(dataset, imported),
    await renderSuspicions(dataset, imported),
    await renderClassFaces(dataset, records, options),
  ];
  return renderPage(`Dataset report: ${dataset.info.title}`, sections.join("\n"), { style: facesStyle });
}
