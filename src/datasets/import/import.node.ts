import { mkdir, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import {
  counted,
  expectChoice,
  expectCount,
  expectOptions,
  expectPath,
  expectSignal,
  expectThat,
  mapConcurrently,
  type Mood,
  nounFor,
  type OptionNames,
  type ProgressListener,
  type TaskDefinition,
  TensorFaceError,
  throwIfAborted,
} from "../../core/index.ts";
import type { DatasetInfo } from "../dataset-info.ts";
import { isDataset } from "../dataset.node.ts";
import { forgetDuplicates } from "../duplicates.node.ts";
import { hashFile, writeFailure, writeInLockedFolder } from "../../files/files.node.ts";
import { lockFolder } from "../../files/file-lock.node.ts";
import { defaultSplitShares } from "../splits.ts";
import { forgetSuspicions } from "../suspicion.node.ts";
import { defineTasks } from "../tasks.ts";
import { checkOutput, createCopyCheck, holdsNothing, relativePath } from "./check-output.node.ts";
import { type SortedOutputs, writeSortedOutputs } from "./finish.node.ts";
import { checkFormatOptions } from "./format-options.ts";
import { importers } from "./importers.node.ts";
import { checkTaskRequests } from "./own-label.ts";
import { inspectPixels, type PictureInspector, type PictureStore } from "./picture.node.ts";
import {
  type DatasetFormat,
  type DatasetImporter,
  formatOptionNames,
  type FormatOptions,
  datasetFormats,
  isOwnFormat,
  type OpenSource,
  type SourceRow,
} from "./source-row.ts";
import { type FaceTaking, takeFace } from "./take-face.node.ts";
import { type ImportRequest, type JournalEntry, openWorkspace, rowKey, type Workspace } from "./workspace.node.ts";

/** What an import is told beside its format and source. */
export interface ImportOptions extends FormatOptions {
  /** Of your own data: who made the data and where it was published, as reports and models trained on it say it. @default what the format is */
  readonly title?: string | undefined;
  /** Of your own data: what may be done with the data, said on in the licence of a model trained on it. @default "not stated" */
  readonly licence?: string | undefined;
  /** Moods whose faces are left out: `["disgust"]` gives FER2013's six-class set. @default [] */
  readonly dropLabels?: readonly Mood[] | undefined;
  /** Share of the training data that becomes validation data, where the dataset has none of its own, 0..1. @default 0.05 */
  readonly validation?: number | undefined;
  /** Share that becomes test data, for data without any official part, 0..1. @default 0 */
  readonly test?: number | undefined;
  /** Copies the pictures into the output folder instead of pointing at them. @default false */
  readonly copy?: boolean | undefined;
  /** Writes `manifest.parquet` instead of `manifest.jsonl`. @default false */
  readonly parquet?: boolean | undefined;
  /**
   * Takes a source of which more than a tenth of the pictures is missing, all of them too: `rejections.jsonl` then holds the table, each row
   * with what the source says of its face. @default false
   */
  readonly allowMissing?: boolean | undefined;
  /** Checks each picture and gives its size. @default it is decoded */
  readonly inspect?: PictureInspector | undefined;
  /** Pictures that are read at once. @default 16 */
  readonly concurrency?: number | undefined;
  /** What the user typed, kept in `dataset.json`. @default the call in words */
  readonly command?: string | undefined;
  readonly versions?: Readonly<Record<string, string>> | undefined;
  readonly onProgress?: ProgressListener | undefined;
  readonly signal?: AbortSignal | undefined;
}
const importOptionNames: OptionNames<ImportOptions> = {
  ...formatOptionNames,
  title: true,
  licence: true,
  dropLabels: true,
  validation: true,
  test: true,
  copy: true,
  parquet: true,
  allowMissing: true,
  inspect: true,
  concurrency: true,
  command: true,
  versions: true,
  onProgress: true,
  signal: true,
};

const defaultConcurrency = 16;
/** A source with more missing pictures than this share is taken for half unpacked. */
const missingShareLimit = 0.1;
const batchLength = 256;
/** Bytes of pictures that the source holds itself, of a batch. */
const batchBytes = 1 << 26;
/** Labels that an error names where none is known. */
const namedLabels = 4;

/** The options that decide what comes out, in a fixed order; the rest only decides how. */
function decidingOptions(options: ImportOptions): Record<string, unknown> {
  const { labels, pictures, frontal, testFold, ferPlus, columns, tasks, name, margin, title, licence, copy, parquet } = options;
  const { dropLabels = [], validation = defaultSplitShares.validation, test = defaultSplitShares.test } = options;
  const own = { labels, pictures, frontal, testFold, ferPlus, columns, tasks, name, margin, title, licence, copy, parquet };
  const given = Object.entries(own).filter(([, value]) => value !== undefined && value !== false);
  return { ...Object.fromEntries(given), dropLabels, validation, test };
}

/** Callers without types may give anything. */
// oxlint-disable-next-line max-params -- what, from where, to where, how
function checkArguments(format: unknown, source: unknown, out: unknown, options: ImportOptions): void {
  expectThat(format !== undefined, `format must be one of ${datasetFormats.join(", ")}`, format);
  expectChoice("format", format, datasetFormats);
  expectPath("source", source);
  expectPath("out", out);
  expectOptions(options, importOptionNames);
  expectCount("concurrency", options.concurrency, { least: 1 });
  expectSignal(options.signal);
}

function checkShares({ validation = 0, test = 0 }: ImportOptions): void {
  const valid = validation >= 0 && test >= 0 && validation + test < 1;
  if (!valid)
    throw new TensorFaceError(
      "TF_INVALID_ARGUMENT",
      `validation ${validation} and test ${test} must be shares that leave data to train on`,
    );
}

function checkTasks(format: DatasetFormat, { tasks }: ImportOptions): void {
  if (tasks === undefined || (Array.isArray(tasks) && tasks.length === 0)) return;
  if (!isOwnFormat(format)) {
    throw new TensorFaceError(
      "TF_INVALID_ARGUMENT",
      `${format} says itself what its labels tell: tasks are asked for with data of your own`,
    );
  }
  checkTaskRequests(tasks);
}

/** The makers of a published format, and its terms, are known: saying something else would be a mistake that a model's card repeats. */
function checkMakers(format: DatasetFormat, options: ImportOptions): void {
  const given = (["title", "licence"] as const).find((name) => options[name] !== undefined);
  if (given !== undefined && !isOwnFormat(format))
    throw new TensorFaceError("TF_INVALID_ARGUMENT", `${given} is for data of your own; who made ${format} and its licence are known`);
}

/** What one import works with. */
interface Job {
  readonly importer: DatasetImporter;
  readonly source: OpenSource;
  readonly store: PictureStore;
  readonly workspace: Workspace;
  readonly options: ImportOptions;
}

/** A row of the source, its place and its key. */
interface PlacedRow {
  readonly n: number;
  readonly key: string;
  readonly row: SourceRow;
}

function takingOf({ importer, source, store, options }: Job): FaceTaking {
  const { name = source.about?.name, dropLabels, validation, test } = options;
  return { format: importer.format, store, name, dropLabels, shares: { validation, test } };
}

async function takeRow(job: Job, { n, key, row }: PlacedRow): Promise<JournalEntry> {
  if (row.kind === "face") return { n, key, ...(await takeFace(row, takingOf(job))) };
  const { kind: _, ...rejection } = row;
  return { n, key, rejection };
}

function bytesHeld(row: SourceRow): number {
  return row.kind === "face" ? (row.picture.bytes?.length ?? 0) : 0;
}

async function takeRows(job: Job): Promise<void> {
  const { options, source, workspace } = job;
  let batch: PlacedRow[] = [];
  let held = 0;
  let n = 0;
  const flush = async (): Promise<void> => {
    throwIfAborted(options.signal);
    await workspace.append(await mapConcurrently(batch, options.concurrency ?? defaultConcurrency, (row) => takeRow(job, row)));
    batch = [];
    held = 0;
    options.onProgress?.({ stage: "import", done: n, ...(source.total === undefined ? {} : { total: source.total }) });
  };
  for await (const row of source.rows) {
    const key = rowKey(row);
    if (!workspace.meet(n, key)) {
      batch.push({ n, key, row });
      held += bytesHeld(row);
    }
    n++;
    if (batch.length >= batchLength || held >= batchBytes) await flush();
  }
  await flush();
}

/**
 * Stops before a half-unpacked source or one without a single face becomes a dataset. The journal is kept where it holds faces; without
 * one there is nothing to go on with, and it would refuse the options that put the command right.
 */
async function checkRows({ workspace, options }: Job, source: string): Promise<void> {
  const counts = { rows: 0, faces: 0, missing: 0 };
  const unknown = new Set<string>();
  for await (const entry of workspace.entries()) {
    counts.rows++;
    if ("face" in entry) counts.faces++;
    else if (entry.rejection.reason === "missing-picture") counts.missing++;
    else if (entry.rejection.reason === "unknown-label" && unknown.size <= namedLabels) unknown.add(entry.rejection.detail ?? "");
  }
  const { rows, faces, missing } = counts;
  if (missing > rows * missingShareLimit && options.allowMissing !== true) {
    if (faces === 0) await workspace.remove();
    throw new TensorFaceError(
      "TF_DATASET_INCOMPLETE",
      `${missing} of ${counted(rows, "picture")} that "${source}" lists ${nounFor(missing, "is", "are")} not there`,
    );
  }
  if (faces === 0 && missing === 0 && unknown.size > 0) {
    await workspace.remove();
    const named = [...unknown].slice(0, namedLabels).join(", ");
    const all = unknown.size > namedLabels ? `${named}, ...` : named;
    throw new TensorFaceError(
      "TF_DATASET_LABEL_UNKNOWN",
      `none of the ${counted(rows, "row")} of "${source}" has a label that is known: ${all}`,
    );
  }
}

/** What the labels tell, now that all are known. Labels that contradict each other leave the folder as it was. */
async function settleTasks({ options, source, workspace }: Job, { counts, abandon }: SortedOutputs): Promise<TaskDefinition[]> {
  if (counts.faces === 0) return [];
  const found = Object.fromEntries(Object.entries(counts.byLabel).map(([task, labels]) => [task, Object.keys(labels)]));
  try {
    return defineTasks(source.tasks ?? options.tasks ?? [], found);
  } catch (error) {
    await abandon();
    await workspace.remove();
    throw error;
  }
}

function emptyDataset(rows: number, source: string): TensorFaceError {
  if (rows > 0) return new TensorFaceError("TF_DATASET_EMPTY", `none of the ${counted(rows, "row")} of "${source}" became a face`);
  return new TensorFaceError("TF_DATASET_EMPTY", `"${source}" lists no picture`, {
    hint: "It has the form of its format and nothing in it: add rows or pictures, and run the same command again.",
  });
}

/**
 * What was found out of the faces that stood there before is not true of others. Where no dataset stood, files by these names are somebody else's.
 * @param earlier the manifest of the same import, where it is still there
 */
async function forgetFindings(out: string, earlier: string | undefined, manifestSha256: string): Promise<void> {
  const isSame = earlier !== undefined && (await hashFile(earlier)) === manifestSha256;
  if (isSame || !(await isDataset(out))) return;
  await forgetDuplicates(out);
  await forgetSuspicions(out);
}

// oxlint-disable-next-line max-params -- what was taken, where it goes, and what is known of it
async function finish(job: Job, out: string, request: ImportRequest, earlier: string | undefined): Promise<DatasetInfo> {
  const { importer, options, source, workspace } = job;
  const manifest = options.parquet === true ? "manifest.parquet" : "manifest.jsonl";
  const outputs = await writeSortedOutputs(workspace, out, manifest);
  const { counts, manifestSha256 } = outputs;
  const tasks = await settleTasks(job, outputs);
  const url = importer.url ?? source.about?.url;
  const ownPictures = options.copy === true || source.ownsPixels === true;
  const info: DatasetInfo = {
    schema: "tensorface.dataset/1",
    format: importer.format,
    title: options.title ?? source.about?.title ?? importer.title,
    ...(url === undefined ? {} : { url }),
    licence: options.licence ?? source.about?.licence ?? importer.licence,
    root: ownPictures ? "." : relativePath(out, source.root),
    source: relativePath(out, request.source),
    manifest,
    ...(tasks.length === 0 ? {} : { tasks }),
    manifestSha256,
    command: options.command ?? `import ${request.format} ${request.source}`,
    options: request.options,
    versions: { ...options.versions },
    counts,
  };
  // Whoever stops from here on leaves a manifest that dataset.json does not know yet, and that is this import's all the same.
  await workspace.noteManifest(manifestSha256);
  await forgetFindings(out, earlier, manifestSha256);
  await outputs.commit();
  await rm(join(out, manifest === "manifest.jsonl" ? "manifest.parquet" : "manifest.jsonl"), { force: true });
  await writeInLockedFolder(join(out, "dataset.json"), `${JSON.stringify(info, null, 2)}\n`);
  await workspace.remove();
  if (holdsNothing(counts)) throw emptyDataset(counts.rows, request.source);
  return info;
}

/**
 * Imports a dataset in its published layout into `out`: `dataset.json`, a manifest sorted by id, and `rejections.jsonl`. Every row
 * of the source becomes a face or a rejection with a reason. Rows are streamed, so memory does not grow with their number; an
 * interrupted import goes on where it was when it is run again, and ends in the same bytes. Where the source has changed since, the
 * rows that are other ones now are looked at again, and the copies and rankings that were found among the old ones go; decisions stay.
 *
 * @param source folder or file, by format
 * @param out folder of the dataset; made where it is not there
 * @returns what `dataset.json` says
 * @throws {TF_INVALID_ARGUMENT} when an option is out of its range, or not for this format
 * @throws {TF_INPUT_NOT_FOUND | TF_DATASET_LAYOUT} when the source is not there or is something else
 * @throws {TF_DATASET_INCOMPLETE} when more than a tenth of the pictures is missing, see `allowMissing`
 * @throws {TF_DATASET_LABEL_UNKNOWN | TF_DATASET_EMPTY} when nothing could be used
 * @throws {TF_DATASET_CONFLICT} when `out` holds another dataset or one whose manifest has changed since, or files of somebody else by the
 *   names that the import would write
 * @throws {TF_FOLDER_BUSY} when another process is changing `out`
 * @throws {TF_DATASET_INVALID} when the `dataset.json` that is there is damaged
 * @throws {TF_OUTPUT_FULL | TF_OUTPUT_UNWRITABLE | TF_ABORTED} what was done before is kept
 */
export async function importDataset(format: DatasetFormat, source: string, out: string, options: ImportOptions = {}): Promise<DatasetInfo> {
  checkArguments(format, source, out, options);
  checkShares(options);
  checkFormatOptions(format, options);
  checkTasks(format, options);
  checkMakers(format, options);
  const importer = importers[format];
  const opened = await importer.open(source, options);
  const request: ImportRequest = { format, source: resolve(source), options: decidingOptions(options) };
  await mkdir(out, { recursive: true }).catch((error: unknown) => {
    throw writeFailure(error, out);
  });
  await using _lock = await lockFolder(out);
  const earlier = await checkOutput(out, request, opened.root);
  const workspace = await openWorkspace(out, request);
  const store: PictureStore = {
    root: opened.root,
    out,
    copy: options.copy === true || opened.ownsPixels === true,
    inspect: options.inspect ?? inspectPixels,
    mayReplace: createCopyCheck(earlier, workspace),
    tidied: new Set(),
  };
  const job: Job = { importer, source: opened, store, workspace, options };
  try {
    await takeRows(job);
    await checkRows(job, source);
    return await finish(job, out, request, earlier);
  } finally {
    await workspace.close();
  }
}
