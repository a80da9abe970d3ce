import { createHash } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { z } from "zod";
import { TensorFaceError, throwIfAborted } from "../core/index.ts";
import { cachedFeatures } from "../features/feature-cache.node.ts";
import { takeLock } from "../files/file-lock.node.ts";
import { pathKind, readTextFile, sortedNames, writeFailure, writeFileAtomically } from "../files/files.node.ts";
import { openModelFolders } from "../models/models.node.ts";
import { packageVersion } from "../files/package.node.ts";
import type { InferenceRuntime } from "../runtime/index.ts";
import { createNodeRuntime } from "../runtime/runtime.node.ts";
import { type Backbone, openBackbone } from "./backbone.ts";
import { renderTaughtCard } from "./card.ts";
import type { CropPlan } from "./crop.ts";
import { type CropDecision, decideCrop } from "./decide-crop.node.ts";
import { warnOfChance } from "./describe.ts";
import { countTargets, encodeTargets, warnOfFew } from "./examples.ts";
import { createCropExtractor } from "./extract.node.ts";
import { type Teaching, teach } from "./head/teach.ts";
import type { TeachingExamples } from "./head/targets.ts";
import { type LocatedFace, locateFaces } from "./locate.node.ts";
import { measureTest } from "./measure.ts";
import { makeTaughtModel } from "./model.ts";
import type { LeftOut, RetrainOptions, RetrainResult } from "./options.ts";
import { exampleUrl } from "./pictures.node.ts";
import { renderRetrainReport, type ReportContents, type ShownExample } from "./report.node.ts";
import { csvText, resultsCsv, tellExamples, type ToldExample } from "./results.ts";
import { type Example, type ExampleSource, idOf, openExampleSource, workFolder } from "./source.node.ts";

/**
 * What looks at faces, and at whole pictures, where nothing else is asked for: the best on average over the problems of
 * `docs/lab/retrain.md`.
 */
export const defaultBackbone = { face: "age-gender-5+mood-5", whole: "faceres:conv_pw_9_relu/clip_by_value" } as const;
const defaultCache = join(".cache", "retrain");

/** The file by which a folder of ours is known. */
const settingsFile = "settings.json";
const settingsSchema = z.looseObject({ schema: z.literal("tensorface.retrain/1") });

/** What is known before the head is taught. */
interface Prepared {
  readonly source: ExampleSource;
  readonly decision: CropDecision;
  readonly backbone: Backbone;
  readonly faces: ReadonlyMap<string, LocatedFace>;
  /** Examples that have features, in their order. */
  readonly examples: readonly Example[];
  readonly teaching: TeachingExamples;
  readonly leftOut: readonly LeftOut[];
}

/** See `index.ts`, by which it is called. Near-copies and people stay on one side of every border. */
export async function retrain(source: string, options: RetrainOptions = {}): Promise<RetrainResult> {
  const { onNote, signal } = options;
  const id = options.name ?? `${idOf(basename(resolve(source)))}-model`;
  if (idOf(id) !== id) throw new TensorFaceError("TF_INVALID_ARGUMENT", `"${id}" cannot name a model: use lower case, digits and dashes`);
  const out = options.out ?? id;
  await checkOut(out);
  const work = workFolder(source, options.cache ?? defaultCache, options);
  await makeFolder(work);
  await using _work = await takeLock(join(work, "lock"));
  await using _out = await takeLock(join(out, ".lock"));
  const runtime = createNodeRuntime();
  const prepared = await prepare(source, work, runtime, options);
  const { examples, decision, backbone } = prepared;
  onNote?.(`${examples.length} pictures through ${backbone.id}: ${backbone.columns} features each; ${decision.reason}`);
  const teaching = await teach(prepared.teaching, {
    testRows: prepared.source.hasOwnTest ? rowsOfTest(examples) : undefined,
    folds: options.folds,
    seed: options.seed,
    onProgress: options.onProgress,
    signal,
  });
  throwIfAborted(signal);
  return finish({ path: source, id, out, work, prepared, teaching, options });
}

async function makeFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true }).catch((error: unknown) => {
    throw writeFailure(error, folder);
  });
}

/** A model may take the place of an older one of its kind, and of nothing else. @throws {TF_DATASET_CONFLICT} */
async function checkOut(out: string): Promise<void> {
  await makeFolder(out);
  const names = await sortedNames(out);
  if (names.length === 0) return;
  const isOurs = (await pathKind(join(out, settingsFile))) === "file" && (await isSettings(join(out, settingsFile)));
  if (isOurs) return;
  throw new TensorFaceError(
    "TF_DATASET_CONFLICT",
    `"${out}" holds other files: ${names
      .slice(0, 4)
      .map(({ name }) => name)
      .join(", ")}`,
    {
      hint: "Name another folder with --out, or another model with --name.",
    },
  );
}

async function isSettings(path: string): Promise<boolean> {
  const text = await readTextFile(path).catch(() => "");
  try {
    return settingsSchema.safeParse(JSON.parse(text)).success;
  } catch {
    return false;
  }
}

async function prepare(path: string, work: string, runtime: InferenceRuntime, options: RetrainOptions): Promise<Prepared> {
  const { onProgress, signal } = options;
  const source = await openExampleSource(path, work, { task: options.task, kind: options.kind, cache: work, onProgress, signal });
  // Before hours are spent on them.
  encodeTargets(
    source.task,
    source.examples.map(({ label }) => label),
  );
  const pictures = source.examples.map(({ path: file, record }) => ({ path: file, sha256: record.sha256 }));
  const decision = await decideCrop(pictures, options.crop ?? "auto", { runtime, folder: work, onProgress, signal });
  const { faces, leftOut: faceless } = await chooseFaces(source, decision.plan, options);
  const withFaces = decision.plan.kind === "face" ? source.examples.filter(({ path: file }) => faces.has(file)) : source.examples;
  const name = options.backbone ?? defaultBackbone[decision.plan.kind === "whole" ? "whole" : "face"];
  const backbone = await openBackbone(openModelFolders(), name);
  await using extractor = await createCropExtractor(runtime, backbone, { plan: decision.plan, faceOf: (file) => faces.get(file) });
  const dataset = { ...source.dataset, directory: work };
  const records = withFaces.map(({ record }) => record);
  const { columns, data } = await cachedFeatures(dataset, records, extractor, { onProgress, signal });
  // A picture that could not be read has a row of zeros, which no network gives.
  const rowOf = (index: number): Float32Array => data.subarray(index * columns, (index + 1) * columns);
  const kept = [...withFaces.keys()].filter((index) => rowOf(index).some((value) => value !== 0));
  const unreadable = withFaces.filter((_, index) => !kept.includes(index));
  const examples = kept.map((index) => withFaces[index]!);
  const features = new Float32Array(kept.length * columns);
  for (const [place, index] of kept.entries()) features.set(rowOf(index), place * columns);
  const targets = encodeTargets(
    source.task,
    examples.map(({ label }) => label),
  );
  return {
    source,
    decision,
    backbone,
    faces,
    examples,
    teaching: { features: { rows: kept.length, columns, data: features }, targets, sets: examples.map(({ set }) => set) },
    leftOut: [...source.leftOut, ...faceless, ...unreadable.map(({ record }) => ({ file: record.file, reason: "unreadable picture" }))],
  };
}

/** The one face of each picture, by its path; pictures with none or, unless the largest is taken, with several are left out. */
async function chooseFaces(
  { examples, work }: ExampleSource,
  plan: CropPlan,
  { largest = false, onProgress, signal }: RetrainOptions,
): Promise<{ readonly faces: ReadonlyMap<string, LocatedFace>; readonly leftOut: readonly LeftOut[] }> {
  const faces = new Map<string, LocatedFace>();
  const leftOut: LeftOut[] = [];
  if (plan.kind !== "face") return { faces, leftOut };
  const located = await locateFaces(
    work,
    examples.map(({ path, record }) => ({ path, sha256: record.sha256 })),
    { onProgress, signal },
  );
  for (const { path, record } of examples) {
    const found = located.get(record.sha256);
    const [first, ...others] = found ?? [];
    if (found === undefined) leftOut.push({ file: record.file, reason: "unreadable picture" });
    else if (first === undefined) leftOut.push({ file: record.file, reason: "no face" });
    else if (others.length > 0 && !largest) leftOut.push({ file: record.file, reason: "several faces" });
    else faces.set(path, first);
  }
  return { faces, leftOut };
}

function rowsOfTest(examples: readonly Example[]): Int32Array {
  return Int32Array.from([...examples.keys()].filter((row) => examples[row]!.record.split === "test"));
}

interface Finish {
  /** Of what was learnt from. */
  readonly path: string;
  readonly id: string;
  readonly out: string;
  readonly work: string;
  readonly prepared: Prepared;
  readonly teaching: Teaching;
  readonly options: RetrainOptions;
}

async function finish({ path, id, out, work, prepared, teaching, options }: Finish): Promise<RetrainResult> {
  const { source, decision, backbone, examples } = prepared;
  const { targets, sets } = prepared.teaching;
  const measures = measureTest(targets, teaching.test, sets, teaching.interval);
  const counts = countTargets(targets);
  const chance = warnOfChance(measures);
  const empty = prepared.leftOut.filter(({ reason }) => reason === "empty class").map(({ file }) => file);
  const emptyWarning = empty.length === 0 ? [] : [`class folders without a picture, which the model does not know: ${empty.join(", ")}`];
  const warnings = [...source.warnings, ...emptyWarning, ...(chance === undefined ? [] : [chance]), ...warnOfFew(source.task, counts)];
  const training = {
    recipe: "retrain",
    version: packageVersion(),
    backbone: backbone.parts.map(({ id: part, sha256 }) => ({ id: part, sha256 })),
    crop: decision.plan.kind,
    head: { ...teaching.candidate, temperature: teaching.temperature },
    examples: { learnt: teaching.learnt.length, tested: teaching.test.rows.length, test: teaching.test.kind },
    measures:
      measures.kind === "number"
        ? { meanAbsoluteError: measures.meanAbsoluteError }
        : { accuracy: measures.accuracy, baseline: measures.baseline.accuracy },
    seed: options.seed ?? 1,
  };
  const { bytes, manifest } = await makeTaughtModel(
    { id, task: source.task, backbone, seesPictures: decision.plan.kind === "whole", teaching, training },
    (file) => createHash("sha256").update(file).digest("hex"),
  );
  const result: RetrainResult = {
    out,
    manifest,
    task: source.task,
    examples: { used: examples.length, learnt: teaching.learnt.length, tested: teaching.test.rows.length },
    counts,
    testKind: teaching.test.kind,
    measures,
    leftOut: prepared.leftOut,
    warnings,
  };
  const told = tellExamples(source.task, targets, teaching.test);
  const files = examples.map(({ record }) => record.file);
  const report = await reportOf(result, prepared, teaching, told, options);
  await writeFileAtomically(join(out, manifest.file), bytes);
  await writeFileAtomically(join(out, `${id}.json`), `${JSON.stringify(manifest, undefined, 2)}\n`);
  await writeFileAtomically(join(out, "labels.txt"), (source.task.labels ?? []).map((label) => `${label}\n`).join(""));
  await writeFileAtomically(join(out, "results.csv"), resultsCsv(source.task, teaching.test, told, files));
  await writeFileAtomically(
    join(out, "left-out.csv"),
    csvText([["file", "reason"], ...prepared.leftOut.map(({ file, reason }) => [file, reason])]),
  );
  await writeFileAtomically(join(out, "README.md"), renderTaughtCard(result, holdsText(options, work)));
  await writeFileAtomically(join(out, "report.html"), await renderRetrainReport(report));
  await writeFileAtomically(
    join(out, settingsFile),
    `${JSON.stringify({ schema: "tensorface.retrain/1", source: resolve(path), ...settingsOf(options) }, undefined, 2)}\n`,
  );
  return result;
}

/** What was asked for, without what only one run has. */
function settingsOf({ onNote: _note, onProgress: _progress, signal: _signal, ...settings }: RetrainOptions): Record<string, unknown> {
  return { ...settings };
}

function holdsText({ pictures = true }: Pick<RetrainOptions, "pictures">, work: string): string {
  const report = pictures
    ? "The report shows some of the example pictures, small; results.csv names their files."
    : "The report and results.csv name files and show no pictures.";
  return `The model holds weights, means of features and counts: no picture, and no features of a single one. ${report} What was computed of the pictures (features, places of faces, small grey copies for comparing) is kept in "${work}"; remove that folder to forget it.`;
}

/** How many pictures of each kind the report shows. */
const shown = { worst: 24, ofLabel: 12, labels: 24 } as const;

async function reportOf(
  result: RetrainResult,
  { examples, decision, backbone, faces, source }: Prepared,
  teaching: Teaching,
  told: readonly ToldExample[],
  options: RetrainOptions,
): Promise<ReportContents> {
  const show = async ({ row, label, answer, confidence, isRight }: ToldExample): Promise<ShownExample> => {
    const { path, record } = examples[row]!;
    const picture = (options.pictures ?? true) ? await exampleUrl(path, decision.plan, backbone, faces.get(path)) : undefined;
    return { file: record.file, label, answer, confidence, isRight, picture };
  };
  const worst = told
    .filter(({ wrongness }) => wrongness > 0)
    .toSorted((a, b) => b.wrongness - a.wrongness)
    .slice(0, shown.worst);
  const byLabel = result.task.kind === "number" ? [] : [...Map.groupBy(told, ({ label }) => label)].slice(0, shown.labels);
  return {
    result,
    facts: [
      ["pictures are", decision.reason],
      ["backbone", `${backbone.id}, ${backbone.columns} features`],
      ["head", describeHead(teaching)],
      ["learnt from", `${teaching.learnt.length} pictures`],
      ["asked", `${teaching.test.rows.length} pictures, ${teaching.test.kind}`],
    ],
    trials: teaching.trials,
    worst: await Promise.all(worst.map(show)),
    sheets: await Promise.all(
      byLabel.map(async ([title, members]) => ({
        title: `${title} (${members.length})`,
        examples: await Promise.all(spread(members, shown.ofLabel).map(show)),
      })),
    ),
    holds: holdsText(options, source.work),
  };
}

function describeHead({ candidate, temperature }: Teaching): string {
  const shape = candidate.isOrdered ? "linear, one direction for all groups" : "linear, a direction for each";
  return `${shape}; ridge ${candidate.ridge}, temperature ${temperature.toFixed(2)}`;
}

/** Some of a list, evenly from its whole length. */
function spread<T>(values: readonly T[], count: number): T[] {
  const step = Math.max(1, values.length / count);
  return Array.from({ length: Math.min(count, values.length) }, (_, index) => values[Math.floor(index * step)]!);
}
