import { createHash } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { z } from "zod";
import { TensorFaceError, throwIfAborted } from "../core/index.ts";
import { takeLock } from "../files/file-lock.node.ts";
import { pathKind, readTextFile, sortedNames, writeFailure, writeFileAtomically } from "../files/files.node.ts";
import { packageVersion } from "../files/package.node.ts";
import type { InferenceRuntime } from "../runtime/index.ts";
import { createNodeRuntime } from "../runtime/runtime.node.ts";
import type { Backbone } from "./backbone.ts";
import { renderTaughtCard } from "./card.ts";
import type { CropPlan } from "./crop.ts";
import { type CropDecision, decideCrop } from "./decide-crop.node.ts";
import { warnOfChance } from "./describe.ts";
import { countTargets, encodeTargets, warnOfFew } from "./examples.ts";
import { teachBest, type TeachingChoice } from "./head/teach.ts";
import type { Targets } from "./head/targets.ts";
import { createHiddenLayerFitter } from "./hidden-layer.ts";
import { type LocatedFace, locateFaces } from "./locate.node.ts";
import { backboneNames, type Look, lookAt, teachingOf } from "./look.node.ts";
import { measureTest } from "./measure.ts";
import { describeTraining, makeTaughtModel } from "./model.ts";
import { idOf } from "./names.ts";
import type { LeftOut, RetrainOptions, RetrainResult } from "./options.ts";
import { exampleUrl } from "./pictures.node.ts";
import { renderRetrainReport, type ReportContents, type ShownExample } from "./report.node.ts";
import { csvText, resultsCsv, tellExamples, type ToldExample } from "./results.ts";
import { type Example, type ExampleSource, openExampleSource, workFolder } from "./source.node.ts";

const defaultCache = join(".cache", "retrain");

/** The file by which a folder of ours is known. */
const settingsFile = "settings.json";
const settingsSchema = z.looseObject({ schema: z.literal("tensorface.retrain/1") });

/** What is known before the head is taught. */
interface Prepared {
  readonly source: ExampleSource;
  readonly decision: CropDecision;
  readonly faces: ReadonlyMap<string, LocatedFace>;
  readonly look: Look;
  readonly leftOut: readonly LeftOut[];
}

/** And then. */
interface Taught extends Prepared {
  readonly teaching: TeachingChoice;
  /** The network that was chosen. */
  readonly backbone: Backbone;
  readonly examples: readonly Example[];
  readonly targets: Targets;
}

/** See `index.ts`, by which it is called. Near-copies and people stay on one side of every border. */
export async function retrain(source: string, options: RetrainOptions = {}): Promise<RetrainResult> {
  const { signal } = options;
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
  const taught = await teachOn(prepared, runtime, options);
  throwIfAborted(signal);
  return finish({ path: source, id, out, work, taught, options });
}

async function teachOn(prepared: Prepared, runtime: InferenceRuntime, options: RetrainOptions): Promise<Taught> {
  const { source, decision, look } = prepared;
  const { views, examples, asked } = look;
  const { folds, seed = 1, onNote, onProgress, signal } = options;
  onNote?.(`${examples.length} pictures; ${decision.reason}`);
  const { targets, sets } = teachingOf(source, examples);
  await using hidden = createHiddenLayerFitter(runtime, { seed });
  const [first, ...others] = views.map(({ features }) => features);
  const testRows = asked && Int32Array.from([...examples.keys()].filter((row) => asked.has(examples[row]!)));
  const teaching = await teachBest({ views: [first!, ...others], targets, sets }, { testRows, folds, seed, hidden, onProgress, signal });
  const { backbone } = views[teaching.view]!;
  onNote?.(`${backbone.id} looks, ${backbone.columns} features for each`);
  return { ...prepared, teaching, backbone, examples, targets };
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
  const names = options.backbone === undefined ? await backboneNames() : [options.backbone];
  const look = await lookAt(source, withFaces, names, {
    runtime,
    work,
    plan: decision.plan,
    faces,
    folds: options.folds,
    seed: options.seed ?? 1,
    onProgress,
    signal,
  });
  const unreadable = look.unreadable.map(({ record }) => ({ file: record.file, reason: "unreadable picture" }));
  return { source, decision, faces, look, leftOut: [...source.leftOut, ...faceless, ...unreadable] };
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

interface Finish {
  /** Of what was learnt from. */
  readonly path: string;
  readonly id: string;
  readonly out: string;
  readonly work: string;
  readonly taught: Taught;
  readonly options: RetrainOptions;
}

async function finish({ path, id, out, work, taught, options }: Finish): Promise<RetrainResult> {
  const { source, decision, backbone, examples, targets, teaching } = taught;
  const sets = examples.map(({ set }) => set);
  const measures = measureTest(targets, teaching.test, sets, teaching.interval);
  const counts = countTargets(targets);
  const chance = warnOfChance(measures);
  const empty = taught.leftOut.filter(({ reason }) => reason === "empty class").map(({ file }) => file);
  const emptyWarning = empty.length === 0 ? [] : [`class folders without a picture, which the model does not know: ${empty.join(", ")}`];
  const warnings = [...source.warnings, ...emptyWarning, ...(chance === undefined ? [] : [chance]), ...warnOfFew(source.task, counts)];
  const training = describeTraining({
    recipe: "retrain",
    version: packageVersion(),
    backbone,
    crop: decision.plan,
    teaching,
    measures,
    seed: options.seed,
  });
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
    leftOut: taught.leftOut,
    warnings,
  };
  const told = tellExamples(source.task, targets, teaching.test);
  const files = examples.map(({ record }) => record.file);
  const report = await reportOf(result, taught, told, options);
  await writeFileAtomically(join(out, manifest.file), bytes);
  await writeFileAtomically(join(out, `${id}.json`), `${JSON.stringify(manifest, undefined, 2)}\n`);
  await writeFileAtomically(join(out, "labels.txt"), (source.task.labels ?? []).map((label) => `${label}\n`).join(""));
  await writeFileAtomically(join(out, "results.csv"), resultsCsv(source.task, teaching.test, told, files));
  await writeFileAtomically(
    join(out, "left-out.csv"),
    csvText([["file", "reason"], ...taught.leftOut.map(({ file, reason }) => [file, reason])]),
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
  { examples, decision, backbone, faces, source, look, teaching }: Taught,
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
      ["backbone", `${backbone.id}, ${backbone.columns} features${describeComparison(look, teaching)}`],
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

/** How the other networks did. */
function describeComparison({ comparison, views }: Look, { viewLosses }: TeachingChoice): string {
  const trials = comparison.length > 0 ? comparison : views.map(({ backbone: { id } }, view) => ({ id, loss: viewLosses[view]! }));
  if (trials.length < 2) return "";
  const listed = trials.toSorted((a, b) => a.loss - b.loss).map(({ id, loss }) => `${id} ${loss.toFixed(3)}`);
  return `; loss on unseen examples: ${listed.join(", ")}`;
}

function describeHead({ candidate: { hidden, isOrdered, ridge }, temperature }: TeachingChoice): string {
  const ending = `temperature ${temperature.toFixed(2)}`;
  if (hidden !== undefined) return `a layer of ${hidden.units} units in between, learnt in ${hidden.steps} steps; ${ending}`;
  return `${isOrdered ? "linear, one direction for all groups" : "linear, a direction for each"}; ridge ${ridge}, ${ending}`;
}

/** Some of a list, evenly from its whole length. */
function spread<T>(values: readonly T[], count: number): T[] {
  const step = Math.max(1, values.length / count);
  return Array.from({ length: Math.min(count, values.length) }, (_, index) => values[Math.floor(index * step)]!);
}
