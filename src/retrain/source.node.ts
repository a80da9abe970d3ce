import { createHash } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import {
  builtInLabels,
  counted,
  isBuiltInTask,
  isTensorFaceError,
  type ProgressListener,
  type TaskDefinition,
  type TaskKind,
  TensorFaceError,
} from "../core/index.ts";
import { type FaceRecord, findLeakage, labelOf, linkedSets } from "../datasets/index.ts";
import { type Dataset, isDataset, openDataset } from "../datasets/dataset.node.ts";
import { findDuplicates } from "../datasets/duplicates.node.ts";
import { importDataset } from "../datasets/import/import.node.ts";
import { isPictureName } from "../datasets/import/layout.node.ts";
import { inspectHeader } from "../datasets/import/picture.node.ts";
import { readRejections } from "../datasets/rejections.node.ts";
import { type Cleaning, readCleaned } from "../datasets/review/cleaned.node.ts";
import { pathKind, sortedNames, writeFailure } from "../files/files.node.ts";
import { idOf, isSplitName, taskNameOf } from "./names.ts";
import type { LeftOut, RetrainKind } from "./options.ts";
import { settingsIn } from "./settings.node.ts";

/** A label as datasets hold it: a class, tags, or a number. */
export type ExampleLabel = string | readonly string[] | number;

/** A picture to learn from. */
export interface Example {
  readonly record: FaceRecord;
  readonly path: string;
  readonly label: ExampleLabel;
  /** Examples of one number belong together: a subject, near-copies. */
  readonly set: number;
}

/** What there is to learn from. */
export interface ExampleSource {
  readonly dataset: Dataset;
  /** Folder of what is computed of it. */
  readonly work: string;
  readonly task: TaskDefinition;
  readonly examples: readonly Example[];
  readonly leftOut: readonly LeftOut[];
  readonly warnings: readonly string[];
  /** Whether somebody has set a test part apart. */
  readonly hasOwnTest: boolean;
  /** What a review has changed of a dataset's labels; undefined where no decisions are applied. */
  readonly cleaning: Cleaning | undefined;
}

export interface OpenSourceOptions {
  readonly task?: string | undefined;
  readonly kind?: RetrainKind | undefined;
  readonly cache: string;
  /** Folder of the model that is made; where it lies among the class folders, it is none of them. */
  readonly out?: string | undefined;
  readonly onProgress?: ProgressListener | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** The folder in which what is computed of a source is kept; another source has another. */
export function workFolder(source: string, cache: string, { task, kind }: Pick<OpenSourceOptions, "task" | "kind">): string {
  const key = createHash("sha256")
    .update(JSON.stringify([resolve(source), task, kind]))
    .digest("hex");
  return join(cache, `${idOf(basename(resolve(source)))}-${key.slice(0, 12)}`);
}

/**
 * Opens class folders or an imported dataset, with the labels that a review left: every picture of it is an example or is left out with a
 * reason.
 * @throws {TF_INPUT_NOT_FOUND | TF_DATASET_LAYOUT | TF_DATASET_LABEL_UNKNOWN | TF_DATASET_EMPTY} when there is nothing to learn from
 * @throws {TF_INVALID_ARGUMENT} when it does not tell which task is meant
 * @throws {TF_DATASET_INVALID} when the dataset has changed since the decisions of a review were applied
 */
export async function openExampleSource(source: string, work: string, options: OpenSourceOptions): Promise<ExampleSource> {
  const sourceKind = await pathKind(source);
  if (sourceKind === "none")
    throw new TensorFaceError("TF_INPUT_NOT_FOUND", `"${source}" does not exist`, {
      hint: "Check the path. Where the pictures were moved since a model was made of them, name their folder: `tensorface retrain DIR --settings MODEL`.",
    });
  if (sourceKind === "file") throw notAFolder(source);
  if (await isDataset(source)) return fromDataset(await openDataset(source), work, options, []);
  const task = options.task ?? taskNameOf(basename(resolve(source)));
  const folders = await classFolders(source, options);
  const kind = options.kind ?? kindOfFolders(source, folders);
  if (folders.length === 0)
    throw new TensorFaceError("TF_DATASET_LAYOUT", `"${source}" holds no folder of pictures`, {
      hint: `Make a folder for each class, such as ${join(source, "yes")} and ${join(source, "no")}.`,
    });
  await refuseFolderAbove(source, folders, options);
  await importDataset("folder", source, work, {
    tasks: [{ name: task, kind }],
    validation: 0,
    test: 0,
    // The network reads each picture anyway, and says which cannot be read.
    inspect: inspectHeader,
    onProgress: options.onProgress,
    signal: options.signal,
  }).catch(async (error: unknown) => {
    if (!isTensorFaceError(error, "TF_DATASET_EMPTY")) throw error;
    const reasons = [...new Set((await leftOutOf(work, folders)).map(({ reason }) => reason))].join(", ");
    throw new TensorFaceError("TF_DATASET_EMPTY", `no picture below "${source}" can be learnt from: ${reasons}`, {
      hint: "Each class folder needs pictures that can be read: JPEG, PNG, WebP and others.",
      cause: error,
    });
  });
  return fromDataset(await openDataset(work), work, { ...options, task }, await leftOutOf(work, folders));
}

function notAFolder(source: string): TensorFaceError {
  const isPicture = isPictureName(source);
  return new TensorFaceError("TF_DATASET_LAYOUT", `"${source}" is a file, not a folder with a folder for each class`, {
    hint: isPicture
      ? "Give the folder that holds the classes' folders."
      : `A table is imported first: \`tensorface dataset import csv ${source} --task NAME --out DIR\`; then give DIR.`,
  });
}

/** The folders in a folder but those of models: who works where the pictures lie has them there. */
async function classFolders(source: string, { out }: Pick<OpenSourceOptions, "out">): Promise<string[]> {
  const names: string[] = [];
  for (const { name, isFolder } of await sortedNames(source)) {
    const folder = join(source, name);
    const isModel = isFolder && ((out !== undefined && resolve(out) === resolve(folder)) || (await settingsIn(folder)) !== undefined);
    if (isFolder && !isModel) names.push(name);
  }
  return names;
}

/**
 * One class alone cannot be learnt; where its folder holds others, somebody may have meant those, as archives put all that they hold into a folder.
 * @throws {TF_DATASET_LAYOUT}
 */
async function refuseFolderAbove(source: string, [only, ...others]: readonly string[], options: OpenSourceOptions): Promise<void> {
  if (only === undefined || others.length > 0 || isSplitName(only)) return;
  const path = join(source, only);
  const below = await classFolders(path, options);
  if (below.length < 2) return;
  throw new TensorFaceError(
    "TF_DATASET_LAYOUT",
    `"${source}" holds one class folder alone, "${only}", in which folders lie: ${listSome(below)}`,
    {
      hint: `Give "${path}", if those are the classes; else add a folder for another class beside "${only}".`,
    },
  );
}

function listSome(names: readonly string[]): string {
  return names.length > 6 ? `${names.slice(0, 6).join(", ")}, ...` : names.join(", ");
}

/** Folders that each begin with another number are groups in order; plain numbers may be anything, and are asked about. */
function kindOfFolders(source: string, names: readonly string[]): RetrainKind {
  if (names.length < 2) return "classes";
  if (names.every((name) => /^\d+([.,]\d+)?$/.test(name.trim()))) {
    throw new TensorFaceError(
      "TF_DATASET_LABEL_UNKNOWN",
      `every class folder in "${source}" is a number: ${names.slice(0, 12).join(", ")}`,
      {
        hint: "Say what they are: --kind number for numbers, --kind ordered for groups in order, --kind classes for names without order.",
      },
    );
  }
  const numbers = names.map((name) => /^\s*(\d+(?:\.\d+)?)\s*(?:[-–+]|$)/.exec(name)?.[1]);
  return numbers.every((number) => number !== undefined) && new Set(numbers).size === names.length ? "ordered" : "classes";
}

async function leftOutOf(directory: string, classes: readonly string[]): Promise<LeftOut[]> {
  const rejections = await Array.fromAsync(readRejections(directory));
  const leftOut = rejections.map(({ row, file, reason }) => ({ file: file ?? row, reason: reason.replaceAll("-", " ") }));
  // A folder at the top that is no class folder is no empty one either.
  return leftOut.filter(({ file, reason }) => reason !== "empty class" || file.includes("/") || classes.includes(file));
}

async function fromDataset(
  dataset: Dataset,
  work: string,
  options: OpenSourceOptions,
  leftOut: readonly LeftOut[],
): Promise<ExampleSource> {
  await mkdir(work, { recursive: true }).catch((error: unknown) => {
    throw writeFailure(error, work);
  });
  const task = chooseTask(dataset, options);
  const reviewed = await readReviewed(dataset, task.name);
  const { records } = await findDuplicates({ ...dataset, records: reviewed.records, directory: work }, options);
  const withSubjects = records.map((record) => withFolderSubject(record));
  const labelled = withSubjects.flatMap((record) => {
    const label = labelOf(record.labels, task.name);
    return label === undefined ? [] : [{ record, label }];
  });
  const unlabelled = withSubjects.filter((record) => labelOf(record.labels, task.name) === undefined);
  const setOf = new Map<number, number>();
  for (const [set, members] of linkedSets(labelled.map(({ record }) => record)).entries())
    for (const member of members) setOf.set(member, set);
  const hasOwnTest = labelled.some(({ record }) => record.split === "test") && labelled.some(({ record }) => record.split !== "test");
  return {
    dataset,
    work,
    task,
    examples: labelled.map(({ record, label }, index) => ({ record, path: dataset.picturePath(record), label, set: setOf.get(index)! })),
    leftOut: [...leftOut, ...reviewed.dropped, ...unlabelled.map(({ file }) => ({ file, reason: "unlabelled" }))],
    warnings: [...describeContradictions(labelled), ...(hasOwnTest ? describeLeaks(labelled.map(({ record }) => record)) : [])],
    hasOwnTest,
    cleaning: reviewed.cleaning,
  };
}

/** A dataset as its review left it. */
interface Reviewed extends Pick<Dataset, "records"> {
  readonly dropped: readonly LeftOut[];
  readonly cleaning: Cleaning | undefined;
}

async function readReviewed(dataset: Dataset, task: string): Promise<Reviewed> {
  const cleaned = await readCleaned(dataset);
  if (cleaned === undefined) return { records: () => dataset.records(), dropped: [], cleaning: undefined };
  const { records } = cleaned;
  const labels = new Map(records.map((record) => [record.id, labelOf(record.labels, task)]));
  const dropped: LeftOut[] = [];
  let relabelled = 0;
  for await (const { id, file, labels: imported } of dataset.records()) {
    if (!labels.has(id)) dropped.push({ file, reason: "dropped in the review" });
    // A review may have been of other tasks too.
    else if (JSON.stringify(labels.get(id)) !== JSON.stringify(labelOf(imported, task))) relabelled++;
  }
  return {
    async *records() {
      yield* records;
    },
    dropped,
    cleaning: { dropped: dropped.length, relabelled },
  };
}

/** Below a class folder, a folder for each person. */
function withFolderSubject(record: FaceRecord): FaceRecord {
  if (record.subjectId !== undefined || record.source !== "folder") return record;
  const steps = record.file.split("/");
  const below = steps.slice(record.officialSplit === steps[0] ? 2 : 1);
  return below.length > 1 ? { ...record, subjectId: below[0]! } : record;
}

/** Contradictions that are named; others are counted. */
const namedContradictions = 3;

/** Files that are the same to the byte and are labelled in different ways. Near-copies may differ in just what their labels tell. */
function describeContradictions(labelled: readonly Pick<Example, "label" | "record">[]): string[] {
  const groups = [...Map.groupBy(labelled, ({ record }) => record.sha256).values()];
  const found = groups.filter((members) => new Set(members.map(({ label }) => JSON.stringify(label))).size > 1);
  if (found.length === 0) return [];
  const named = found.slice(0, namedContradictions).map((members) => members.map(({ record }) => record.file).join(" = "));
  const more = found.length > named.length ? `, and ${found.length - named.length} more` : "";
  const what = `${counted(found.length, "picture is", "pictures are")} labelled in two ways`;
  return [`${what}, one of which is wrong: ${named.join("; ")}${more}`];
}

function describeLeaks(records: readonly FaceRecord[]): string[] {
  const leaks = findLeakage(records).filter(({ ids }) => ids.test !== undefined);
  const people = leaks.filter(({ kind }) => kind === "subject").length;
  const copies = leaks.length - people;
  return [
    ...(people === 0
      ? []
      : [`${counted(people, "person stands", "people stand")} both in the test part and outside of it: the numbers are too good`]),
    ...(copies === 0
      ? []
      : [
          `${counted(copies, "picture of the test part has", "pictures of the test part have")} a copy outside of it: the numbers are too good`,
        ]),
  ];
}

function chooseTask({ info, directory }: Dataset, { task, kind }: OpenSourceOptions): TaskDefinition {
  const own = info.tasks ?? [];
  const builtIn = (["gender", "mood"] as const).filter((name) => Object.keys(info.counts.byLabel[name] ?? {}).length > 1);
  const available = [...own.map(({ name }) => name), ...builtIn];
  const chosen = task ?? (available.length === 1 ? available[0] : undefined);
  if (chosen === undefined || !available.includes(chosen)) {
    const what = task === undefined ? "does not say which task is meant" : `has no labels for the task "${task}"`;
    throw new TensorFaceError(
      "TF_INVALID_ARGUMENT",
      `"${directory}" ${what}: it has ${available.join(", ") || "none that can be learnt"}`,
      {
        hint: "Name one with --task. Ages are learnt with `tensorface train`, or as a number or groups under another name.",
      },
    );
  }
  const definition = own.find(({ name }) => name === chosen) ?? builtInTask(chosen === "gender" ? "gender" : "mood", info);
  if (kind === undefined || kind === definition.kind) return definition;
  // The same labels, with an order or without.
  const isClassLike = (one: TaskKind): boolean => one === "classes" || one === "ordered";
  if (isClassLike(kind) && isClassLike(definition.kind) && !isBuiltInTask(chosen)) return { ...definition, kind };
  throw new TensorFaceError(
    "TF_INVALID_ARGUMENT",
    `"${directory}" has "${chosen}" as ${definition.kind}, which cannot be learnt as ${kind}`,
    {
      hint: "Leave --kind out: the dataset says how the task is answered.",
    },
  );
}

function builtInTask(name: "gender" | "mood", { counts }: Dataset["info"]): TaskDefinition {
  const words: readonly string[] = builtInLabels[name];
  const found: Readonly<Record<string, number>> = counts.byLabel[name];
  return { name, kind: "classes", labels: words.filter((word) => (found[word] ?? 0) > 0) };
}
