import type { TaskDefinition } from "../../core/index.ts";
import { type Chart, escapeHtml, formatCount, formatShare, numberTable, renderBlocks, renderTable } from "../../report/index.ts";
import { classOf } from "../counts.ts";
import type { DatasetInfo } from "../dataset-info.ts";
import type { FaceRecord } from "../record.ts";
import { classesOf } from "../tasks.ts";
import { barChart } from "./charts.ts";

/** What a report is drawn from: the records as imported, and after the decisions where there are any. */
export interface ReportRecords {
  readonly imported: readonly FaceRecord[];
  readonly cleaned: readonly FaceRecord[] | undefined;
  /** The dataset's own tasks. */
  readonly tasks: readonly TaskDefinition[];
}

const builtInKinds = ["age", "gender", "mood", "race"] as const;

/** A kind of label: what the built-in tasks and the dataset's own tell, and race, by which results are reported. */
export type LabelKind = string;

/** The kinds of labels that are classes; tags are drawn by their combinations. */
export function labelKinds(tasks: readonly TaskDefinition[]): LabelKind[] {
  return [...builtInKinds, ...tasks.filter(({ kind }) => kind !== "number").map(({ name }) => name)];
}

function axisOf(kind: LabelKind): string {
  if (kind === "age") return "age group (years)";
  return kind === "gender" || kind === "race" ? `${kind}, as annotated` : kind;
}

/** The classes of a kind of label that occur, before or after review, in their usual order. */
export function presentClasses(
  { imported, cleaned = [], tasks }: Pick<ReportRecords, "imported" | "tasks"> & Partial<Pick<ReportRecords, "cleaned">>,
  kind: LabelKind,
): string[] {
  const present = new Set([...imported, ...cleaned].flatMap(({ labels }) => classOf(labels, kind) ?? []));
  const usual = classesOf(kind, tasks);
  return usual.length === 0 ? [...present].toSorted() : usual.filter((label) => present.has(label));
}

function countBy(records: readonly FaceRecord[], kind: LabelKind): Map<string | undefined, number> {
  const counts = new Map<string | undefined, number>();
  for (const { labels } of records) {
    const label = classOf(labels, kind);
    counts.set(label, (counts.get(label) ?? 0) + 1);
  }
  return counts;
}

/** The opening: what it is, how it came here, and the sum that must hold. */
export function renderHead(info: DatasetInfo, { imported, cleaned }: ReportRecords): string {
  const { counts } = info;
  const facts: readonly (readonly [string, string])[] = [
    [formatCount(counts.rows), "rows in the source"],
    [formatCount(counts.faces), "faces"],
    [formatCount(counts.rejections), "rejected rows"],
    ...(cleaned === undefined ? [] : [[formatCount(cleaned.length), "faces after review"] as const]),
    [formatCount(new Set(imported.flatMap(({ subjectId }) => subjectId ?? [])).size || 0), "known subjects"],
  ];
  const versions = Object.entries(info.versions).map(([name, version]) => `${name} ${version}`);
  const reasons = Object.entries(counts.rejectionsByReason).map(([reason, count]) => [reason, formatCount(count)]);
  const notes = Object.entries(counts.notes).map(([note, count]) => [note, formatCount(count)]);
  return `<h1>${escapeHtml(info.title)}</h1>
<p class="soft">Licence: ${escapeHtml(info.licence)}${info.url === undefined ? "" : ` · <a href="${escapeHtml(info.url)}">${escapeHtml(info.url)}</a>`}</p>
<p class="soft"><code>${escapeHtml(info.command)}</code>${versions.length > 0 ? ` with ${escapeHtml(versions.join(", "))}` : ""}</p>
<div class="figures">${facts.map(([value, name]) => `<div><b>${value}</b><span>${name}</span></div>`).join("")}</div>
${reasons.length > 0 ? renderTable(numberTable("", ["rejected because", "rows"], reasons)) : ""}
${notes.length > 0 ? renderTable(numberTable("", ["mended while reading", "rows"], notes)) : ""}`;
}

/** Bars for each kind of label, before and after cleaning. */
export async function renderCounts(all: ReportRecords): Promise<string> {
  const { imported, cleaned, tasks } = all;
  const charts: Chart[] = [];
  for (const kind of labelKinds(tasks)) {
    const labels = presentClasses(all, kind);
    if (labels.length === 0) continue;
    const series = [["imported", imported], ...(cleaned === undefined ? [] : [["after review", cleaned] as const])] as const;
    const bars = series.flatMap(([name, records]) => {
      const counts = countBy(records, kind);
      return labels.map((label) => ({ label, count: counts.get(label) ?? 0, series: name }));
    });
    charts.push(barChart({ title: `Faces by ${kind === "age" ? "age group" : kind}`, axis: axisOf(kind), bars }));
  }
  return `<h2>Counts</h2>${await renderBlocks(charts)}`;
}

/** How uneven the classes are: the largest against the smallest, and how many classes' worth of variety there is. */
export function imbalance(counts: readonly number[]): { readonly ratio: number; readonly effectiveClasses: number } {
  const total = counts.reduce((sum, count) => sum + count, 0);
  const entropy = counts.reduce((sum, count) => (count === 0 ? sum : sum - (count / total) * Math.log(count / total)), 0);
  return { ratio: Math.max(...counts) / Math.min(...counts), effectiveClasses: Math.exp(entropy) };
}

const imbalanceColumns = ["label", "faces", "n", "largest class", "smallest class", "largest / smallest", "effective classes"];

export function renderImbalance(all: ReportRecords): string {
  const { imported, cleaned, tasks } = all;
  const rows = labelKinds(tasks).flatMap((kind) => {
    const labels = presentClasses(all, kind);
    if (labels.length < 2) return [];
    const views = [["imported", imported] as const, ...(cleaned === undefined ? [] : [["after review", cleaned] as const])];
    return views.flatMap(([name, records]) => {
      const counts = countBy(records, kind);
      // One that a review emptied, or that only it has, is none of the other's.
      const found = labels.filter((label) => counts.has(label));
      const each = found.map((label) => counts.get(label)!);
      if (each.length === 0) return [];
      const { ratio, effectiveClasses } = imbalance(each);
      const total = each.reduce((sum, count) => sum + count, 0);
      const largest = found[each.indexOf(Math.max(...each))]!;
      const smallest = found[each.indexOf(Math.min(...each))]!;
      const row = [kind, name, formatCount(total), `${largest} ${formatShare(Math.max(...each) / total)}`];
      return [
        row.concat(
          `${smallest} ${formatShare(Math.min(...each) / total)}`,
          ratio.toFixed(1),
          `${effectiveClasses.toFixed(1)} of ${found.length}`,
        ),
      ];
    });
  });
  if (rows.length === 0) return "";
  return `<h2>Imbalance</h2>
<p class="soft">Effective classes are the exponential of the entropy: as many equally large classes would be as varied.</p>
${renderTable(numberTable("", imbalanceColumns, rows, { textColumns: [0, 1, 3, 4] }))}`;
}

function crossTable(
  { records, tasks, view }: { readonly records: readonly FaceRecord[]; readonly tasks: readonly TaskDefinition[]; readonly view: string },
  rowKind: LabelKind,
  columnKind: LabelKind,
): string {
  const rowLabels = presentClasses({ imported: records, tasks }, rowKind);
  const columnLabels = presentClasses({ imported: records, tasks }, columnKind);
  const counts = new Map<string, number>();
  let n = 0;
  for (const { labels } of records) {
    const [row, column] = [classOf(labels, rowKind), classOf(labels, columnKind)];
    if (row === undefined || column === undefined) continue;
    const cell = cellKey(row, column);
    counts.set(cell, (counts.get(cell) ?? 0) + 1);
    n++;
  }
  if (n === 0) return "";
  const rows = rowLabels.map((row) => {
    const each = columnLabels.map((column) => counts.get(cellKey(row, column)) ?? 0);
    const total = each.reduce((sum, count) => sum + count, 0);
    const cells = each.map((count) => `${formatCount(count)} (${formatShare(total === 0 ? 0 : count / total, 0)})`);
    return [row].concat(cells, formatCount(total));
  });
  const caption = `${rowKind} by ${columnKind}, ${view}, n = ${formatCount(n)}; in brackets the share of the row`;
  return renderTable(numberTable(caption, [rowKind, ...columnLabels, "all"], rows));
}

/** A label may hold any sign that could stand between two. */
function cellKey(row: string, column: string): string {
  return JSON.stringify([row, column]);
}

/** Which labels occur together, before and after cleaning. */
export function renderCrossTables({ imported, cleaned, tasks }: ReportRecords): string {
  const own = labelKinds(tasks).slice(builtInKinds.length);
  const pairs: (readonly [LabelKind, LabelKind])[] = [
    ["age", "gender"],
    ["mood", "gender"],
    ["mood", "age"],
    ["race", "gender"],
    ["race", "age"],
    ...own.flatMap((kind, index) => ["gender", "age", "mood"].concat(own.slice(index + 1)).map((other) => [kind, other] as const)),
  ];
  const draw = (records: readonly FaceRecord[], view: string): string =>
    pairs.map(([row, column]) => crossTable({ records, tasks, view }, row, column)).join("\n");
  const before = draw(imported, "as imported").trim();
  if (before === "") return "";
  const after = cleaned === undefined ? "" : `<details><summary>After review</summary>${draw(cleaned, "after review")}</details>`;
  return `<h2>Cross tables</h2>${before}${after}`;
}

/** Faces by split and official part. */
export function renderSplits(records: readonly FaceRecord[]): string {
  const groups = [...Map.groupBy(records, ({ split, officialSplit }) => `${split}|${officialSplit ?? "cut by hash"}`)].sort(
    ([left], [right]) => (left < right ? -1 : 1),
  );
  const rows = groups.map(([key, members]) =>
    key.split("|").concat(formatCount(members.length), formatShare(members.length / records.length)),
  );
  return `<h2>Splits</h2>${renderTable(numberTable("", ["split", "official part", "faces", "share"], rows, { textColumns: [0, 1] }))}`;
}
