import { createHash } from "node:crypto";
import { join } from "node:path";
import { counted, isTensorFaceError, type TaskDefinition, TensorFaceError, throwIfAborted } from "../core/index.ts";
import { takeLock } from "../files/file-lock.node.ts";
import { type MadeFolder, makeFolder, sortedNames, writeFileAtomically } from "../files/files.node.ts";
import { packageVersion } from "../files/package.node.ts";
import type { FeatureMatrix } from "../features/index.ts";
import type { InferenceRuntime } from "../runtime/index.ts";
import { createNodeRuntime } from "../runtime/runtime.node.ts";
import type { Backbone } from "./backbone.ts";
import { renderTaughtCard } from "./card.ts";
import type { CropPlan } from "./crop.ts";
import { type CropDecision, decideCrop } from "./decide-crop.node.ts";
import { describeFineTuning, describeLeftOut, warnOfChance } from "./describe.ts";
import { countTargets, encodeTargets, warnOfFew, warnOfOneSet, warnOfUnknown, warnOfUnlearnt } from "./examples.ts";
import { fineTune } from "./fine-tune/fine-tune.node.ts";
import { tunableOf } from "./fine-tune/network.ts";
import type { HiddenLayerFitter } from "./head/hidden.ts";
import { teachBest, type Teaching, type TeachingChoice } from "./head/teach.ts";
import { finishTuned, fitOn, partRows } from "./head/tuned.ts";
import type { Targets } from "./head/targets.ts";
import { createHiddenLayerFitter } from "./hidden-layer.ts";
import { type LocatedFace, locateFaces } from "./locate.node.ts";
import { backboneNames, type Look, lookAt, type LookOptions, openNetworks, viewWith } from "./look.node.ts";
import { measureTest } from "./measure.ts";
import { describeTraining, makeTaughtModel } from "./model.ts";
import { idOf } from "./names.ts";
import type { FineTuning, LeftOut, RetrainOptions, RetrainResult } from "./options.ts";
import { checkRetrainOptions } from "./options-check.ts";
import { exampleUrl } from "./pictures.node.ts";
import { renderRetrainReport, type ReportContents, type ShownExample } from "./report.node.ts";
import { groupByLabel, leftOutCsv, resultsCsv, tellExamples, type ToldExample } from "./results.ts";
import { teachingOf } from "./sample.ts";
import { isReservedName, modelNameOf, nameOfPictures, settingsFile, settingsIn, writeSettings } from "./settings.node.ts";
import { type Example, type ExampleSource, openExampleSource, workFolder } from "./source.node.ts";

const defaultCache = join(".cache", "retrain");

/** What is known before the head is taught. */
interface Prepared {
  readonly source: ExampleSource;
  readonly decision: CropDecision;
  readonly faces: ReadonlyMap<string, LocatedFace>;
  readonly look: Look;
  /** Of the networks that were compared, or of the one. */
  readonly names: readonly string[];
  readonly leftOut: readonly LeftOut[];
}

/** And then. */
interface Taught extends Prepared {
  readonly teaching: Teaching & Pick<TeachingChoice, "viewLosses">;
  readonly fineTuning?: FineTuning | undefined;
  /** The network that was chosen. */
  readonly backbone: Backbone;
  readonly examples: readonly Example[];
  readonly targets: Targets;
}

/** See `index.ts`, by which it is called. Near-copies and people stay on one side of every border. */
export async function retrain(source: string, options: RetrainOptions = {}): Promise<RetrainResult> {
  checkRetrainOptions(source, options);
  const id = options.name ?? modelNameOf(source, options.out);
  if (idOf(id) !== id) throw new TensorFaceError("TF_INVALID_ARGUMENT", `"${id}" cannot name a model: use lower case, digits and dashes`);
  if (isReservedName(id))
    throw new TensorFaceError(
      "TF_INVALID_ARGUMENT",
      `a model cannot be called "${id}": its manifest would take the place of ${settingsFile}`,
    );
  const out = options.out ?? id;
  const made = await checkOut(out, id, options.name === undefined ? source : undefined);
  try {
    return await makeModel(source, id, out, options);
  } catch (error) {
    await made.undo();
    throw error;
  }
}

// eslint-disable-next-line max-params -- from where, called what, to where
async function makeModel(source: string, id: string, out: string, options: RetrainOptions): Promise<RetrainResult> {
  const work = workFolder(source, options.cache ?? defaultCache, options);
  await makeFolder(work);
  await using _work = await takeLock(join(work, "lock"));
  await using _out = await takeLock(join(out, ".lock"));
  const runtime = createNodeRuntime();
  const prepared = await prepare(source, work, runtime, { ...options, out });
  const taught = await teachOn(prepared, runtime, options);
  throwIfAborted(options.signal);
  return finish({ path: source, id, out, work, taught, options });
}

async function teachOn(prepared: Prepared, runtime: InferenceRuntime, options: RetrainOptions): Promise<Taught> {
  const { source, look } = prepared;
  const { views, examples, asked } = look;
  const { folds, seed = 1, onNote, onProgress, signal } = options;
  const { targets, sets } = teachingOf(source, examples);
  await using hidden = createHiddenLayerFitter(runtime, { seed });
  const [first, ...others] = views.map(({ features }) => features);
  const testRows = asked && Int32Array.from([...examples.keys()].filter((row) => asked.has(examples[row]!)));
  const teaching = await teachBest({ views: [first!, ...others], targets, sets }, { testRows, folds, seed, hidden, onProgress, signal });
  const { backbone } = views[teaching.view]!;
  onNote?.(`${backbone.id} looks, ${backbone.columns} features for each`);
  const taught: Taught = { ...prepared, teaching, backbone, examples, targets };
  if (options.fineTune !== true || testRows === undefined) return taught;
  return tune(taught, views[teaching.view]!.features, { lookOptions: lookOptionsOf(prepared, runtime, options), testRows, hidden });
}

interface TuneOptions {
  readonly lookOptions: LookOptions;
  readonly testRows: Int32Array;
  readonly hidden: HiddenLayerFitter;
}

/** Learns the chosen network's last blocks on, and keeps the better of both by the pictures that validate. */
async function tune(taught: Taught, features: FeatureMatrix, { lookOptions, testRows, hidden }: TuneOptions): Promise<Taught> {
  const { source, examples, targets, teaching, backbone } = taught;
  const { seed } = lookOptions;
  const { sets } = teachingOf(source, examples);
  const rows = partRows({ targets, sets }, teaching.learnt, seed);
  const begin = await fitOn({ features, targets, sets }, rows.train, teaching.candidate, hidden);
  const tuned = await fineTune({ backbone, begin, examples, targets, ...rows }, lookOptions);
  const { before, after, epoch, epochs } = tuned;
  const fineTuning = { isKept: after < before, before, after, epoch, epochs, validated: rows.validation.length };
  if (!fineTuning.isKept) return { ...taught, fineTuning };
  const view = await viewWith(source, examples, tuned.backbone, lookOptions);
  const finished = finishTuned({ features: view, targets, sets }, tuned.head, rows, { testRows, candidate: teaching.candidate });
  const kept = { ...finished, trials: teaching.trials, viewLosses: teaching.viewLosses };
  return { ...taught, teaching: kept, backbone: tuned.backbone, fineTuning };
}

function lookOptionsOf(
  { decision, faces, source }: Pick<Prepared, "decision" | "faces" | "source">,
  runtime: InferenceRuntime,
  options: RetrainOptions,
): LookOptions {
  const { folds, seed = 1, fineTune: keepsApart, onProgress, signal } = options;
  return { runtime, work: source.work, plan: decision.plan, faces, folds, seed, keepsApart, onProgress, signal };
}

/**
 * A model may take the place of an older one of its name, and of nothing else.
 * @param source its pictures, where their names have to agree as well: nobody has said the model's
 * @throws {TF_DATASET_CONFLICT}
 */
async function checkOut(out: string, id: string, source: string | undefined): Promise<MadeFolder> {
  const made = await makeFolder(out);
  const names = await sortedNames(out);
  const earlier = await settingsIn(out);
  const isNamesake = earlier !== undefined && (earlier.name ?? id) === id;
  const isOfOthers = isNamesake && source !== undefined && nameOfPictures(earlier.source) !== nameOfPictures(source);
  if (names.length === 0 || (isNamesake && !isOfOthers)) return made;
  if (isOfOthers)
    throw new TensorFaceError(
      "TF_DATASET_CONFLICT",
      `"${out}" holds a model that was made of other pictures, "${nameOfPictures(earlier.source)}"`,
      {
        hint: `Name another folder with --out, or let this model take its place with --name ${id}.`,
      },
    );
  if (earlier !== undefined)
    throw new TensorFaceError("TF_DATASET_CONFLICT", `"${out}" holds the model "${earlier.name}", whose card and settings would be lost`, {
      hint: `Name another folder with --out, or make that model anew with --name ${earlier.name}.`,
    });
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

async function prepare(path: string, work: string, runtime: InferenceRuntime, options: RetrainOptions): Promise<Prepared> {
  const { onNote, onProgress, signal } = options;
  const named = options.backbone?.split(",");
  const compared = named ?? (await backboneNames());
  // Before any work is done with one that cannot be opened, or not be learnt.
  const opened = await openNetworks(compared, options);
  const networks = options.fineTune === true ? tunableOf(opened, named !== undefined) : opened;
  const names = compared.filter((_, place) => networks.includes(opened[place]!));
  const source = await openExampleSource(path, work, {
    task: options.task,
    kind: options.kind,
    cache: work,
    out: options.out,
    onProgress,
    signal,
  });
  // Before hours are spent on them.
  expectEnough(source.task, source.examples, source.leftOut);
  const pictures = source.examples.map(({ path: file, record }) => ({ path: file, sha256: record.sha256 }));
  const decision = await decideCrop(pictures, options.crop ?? "auto", { runtime, folder: work, onProgress, signal });
  // At once: who sees that it is wrong can stop here.
  onNote?.(`${counted(source.examples.length, "picture")}; ${decision.reason}`);
  const { faces, leftOut: faceless } = await chooseFaces(source, decision.plan, options);
  const withFaces = decision.plan.kind === "face" ? source.examples.filter(({ path: file }) => faces.has(file)) : source.examples;
  const known = [...source.leftOut, ...faceless];
  expectEnough(source.task, withFaces, known);
  const look = await lookAt(source, withFaces, networks, lookOptionsOf({ decision, faces, source }, runtime, options));
  const leftOut = [...known, ...look.unreadable.map(({ record }) => ({ file: record.file, reason: "unreadable picture" }))];
  expectEnough(source.task, look.examples, leftOut);
  return { source, decision, faces, look, names, leftOut };
}

/**
 * Whether there is enough to learn from.
 * @throws {TF_EXAMPLES_FEW} with what was left out and why: who sees pictures in a folder wonders
 */
function expectEnough(task: TaskDefinition, examples: readonly Example[], leftOut: readonly LeftOut[]): void {
  try {
    encodeTargets(
      task,
      examples.map(({ label }) => label),
    );
  } catch (error) {
    if (!isTensorFaceError(error, "TF_EXAMPLES_FEW") || leftOut.length === 0) throw error;
    const isLeftOut = (wanted: string): boolean => leftOut.some(({ reason }) => reason === wanted);
    const ways = [
      ...(isLeftOut("no face") ? ["take pictures whole with --crop whole"] : []),
      ...(isLeftOut("several faces") ? ["take the largest face of each with --largest"] : []),
    ];
    const hint = ways.length === 0 ? {} : { hint: `Add pictures, or ${ways.join(", or ")}.` };
    throw new TensorFaceError("TF_EXAMPLES_FEW", `${error.message}; left out: ${describeLeftOut({ leftOut })}`, { ...hint, cause: error });
  }
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
  const { source, decision, backbone, examples, targets, teaching, fineTuning } = taught;
  const sets = examples.map(({ set }) => set);
  const measures = measureTest(targets, teaching.test, sets, teaching.interval);
  const counts = countTargets(targets);
  const chance = warnOfChance(measures);
  const warnings = [
    ...source.warnings,
    ...warnOfUnknown(source.task, taught.leftOut),
    ...(chance === undefined ? [] : [chance]),
    ...warnOfFew(source.task, counts),
    ...warnOfUnlearnt(source.task, targets, teaching.learnt),
    ...warnOfOneSet(source.task, targets, sets),
  ];
  const training = describeTraining({
    recipe: "retrain",
    version: packageVersion(),
    backbone,
    crop: decision.plan,
    teaching,
    measures,
    seed: options.seed,
    fineTuning,
    cleaning: source.cleaning,
    sha256s: examples.map(({ record }) => record.sha256),
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
    ...(source.cleaning === undefined ? {} : { cleaning: source.cleaning }),
    ...(fineTuning === undefined ? {} : { fineTuning }),
    warnings,
  };
  const told = tellExamples(source.task, targets, teaching.test);
  const files = examples.map(({ record }) => record.file);
  const report = await reportOf(result, taught, told, options);
  // First: by it the folder is known as ours, also where this process ends before it is done.
  await writeSettings(join(out, settingsFile), { ...options, source: path, out, name: id, backbone: taught.names.join(",") });
  await writeFileAtomically(join(out, manifest.file), bytes);
  await writeFileAtomically(join(out, `${id}.json`), `${JSON.stringify(manifest, undefined, 2)}\n`);
  await writeFileAtomically(join(out, "labels.txt"), (source.task.labels ?? []).map((label) => `${label}\n`).join(""));
  await writeFileAtomically(join(out, "results.csv"), resultsCsv(source.task, teaching.test, told, files));
  await writeFileAtomically(join(out, "left-out.csv"), leftOutCsv(taught.leftOut));
  await writeFileAtomically(join(out, "README.md"), renderTaughtCard(result, holdsText(options, work)));
  await writeFileAtomically(join(out, "report.html"), await renderRetrainReport(report));
  return result;
}

function holdsText({ pictures = true }: Pick<RetrainOptions, "pictures">, work: string): string {
  const report = pictures
    ? "The report shows some of the example pictures, small; results.csv names their files."
    : "The report and results.csv name files and show no pictures.";
  return `The model holds weights, means of features and counts: no picture, and no features of a single one. It also holds the first 8 digits of the SHA-256 of each picture's file, by which \`tensorface evaluate\` says how many of the pictures that it is shown are among them; who has such a file can see that as well. ${report} What was computed of the pictures (features, places of faces, small grey copies for comparing) is kept in "${work}"; remove that folder to forget it.`;
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
  const byLabel = result.task.kind === "number" ? [] : groupByLabel(result.task, told).slice(0, shown.labels);
  return {
    result,
    facts: [
      ["pictures are", decision.reason],
      ["backbone", `${backbone.id}, ${backbone.columns} features${describeComparison(look, teaching)}`],
      ["head", describeHead(teaching)],
      ...(result.fineTuning === undefined ? [] : [["fine-tuning", describeFineTuning(result.fineTuning)] as const]),
      ["learnt from", counted(teaching.learnt.length, "picture")],
      ["asked", `${counted(teaching.test.rows.length, "picture")}, ${teaching.test.kind}`],
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
function describeComparison({ comparison, views }: Look, { viewLosses }: Pick<TeachingChoice, "viewLosses">): string {
  const trials = comparison.length > 0 ? comparison : views.map(({ backbone: { id } }, view) => ({ id, loss: viewLosses[view]! }));
  if (trials.length < 2) return "";
  const listed = trials.toSorted((a, b) => a.loss - b.loss).map(({ id, loss }) => `${id} ${loss.toFixed(3)}`);
  return `; loss on unseen examples: ${listed.join(", ")}`;
}

function describeHead({ candidate: { hidden, isOrdered, ridge }, temperature }: Teaching): string {
  const ending = `temperature ${temperature.toFixed(2)}`;
  if (hidden !== undefined) return `a layer of ${hidden.units} units in between, learnt in ${hidden.steps} steps; ${ending}`;
  return `${isOrdered ? "linear, one direction for all groups" : "linear, a direction for each"}; ridge ${ridge}, ${ending}`;
}

/** Some of a list, evenly from its whole length. */
function spread<T>(values: readonly T[], count: number): T[] {
  const step = Math.max(1, values.length / count);
  return Array.from({ length: Math.min(count, values.length) }, (_, index) => values[Math.floor(index * step)]!);
}
