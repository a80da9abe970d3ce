import { createHash } from "node:crypto";
import { mkdir, symlink } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import {
  type BuiltInTask,
  builtInTasks,
  expectChoice,
  expectOptions,
  expectPath,
  expectSignal,
  expectThat,
  type OptionNames,
  type ProgressListener,
  TensorFaceError,
  throwIfAborted,
} from "../../core/index.ts";
import { pathKind, readRegularFile, writeFailure, writeFileAtomically, writeNewFolder } from "../../files/files.node.ts";
import { decodeLimits, sniffPicture } from "../../image/index.ts";
import { type AboutLabels, writeAbout } from "../about-file.node.ts";
import type { Dataset } from "../dataset.node.ts";
import { relativePath } from "../import/check-output.node.ts";
import { isPictureName } from "../import/layout.node.ts";
import { type FaceRecord, type Split, splits } from "../record.ts";
import { type CleanedRecords, type Cleaning, readCleaned } from "../review/cleaned.node.ts";
import { cocoExporter } from "./coco.node.ts";
import { csvExporter } from "./csv.node.ts";
import {
  type DatasetExporter,
  type ExportedLabels,
  type ExportFormat,
  exportFormats,
  type LabelSheet,
  labelsOf,
  type SideLabel,
  sideLabelsOf,
} from "./export-format.ts";
import { foldersExporter } from "./folders.node.ts";
import { imageFolderExporter } from "./image-folder.node.ts";
import { labelStudioExporter } from "./label-studio.node.ts";
import { createPictureNames } from "./picture-names.ts";
import { recordsExporter } from "./records.node.ts";
import { readTold } from "./told.node.ts";

/** What an export is told beside its format and folder. */
export interface ExportOptions {
  /** One split alone. @default all */
  readonly split?: Split | undefined;
  /** The labels of one task alone, and the faces that have one; `folders` and `coco` need it where the dataset has labels of several. @default all */
  readonly task?: string | undefined;
  /** A file of `analyze --format jsonl`: what it tells stands beside the labels, as predictions; `label-studio` alone. @default none */
  readonly predictions?: string | undefined;
  /** Points at the pictures by symbolic links instead of copying them. @default false */
  readonly link?: boolean | undefined;
  /** What the user typed, kept in the `dataset.json` of `jsonl` and `parquet`. @default that of the import */
  readonly command?: string | undefined;
  readonly onProgress?: ProgressListener | undefined;
  readonly signal?: AbortSignal | undefined;
}
const exportOptionNames: OptionNames<ExportOptions> = {
  split: true,
  task: true,
  predictions: true,
  link: true,
  command: true,
  onProgress: true,
  signal: true,
};

/** What an export wrote. */
export interface ExportSummary {
  readonly faces: number;
  /** Fewer than the faces where several are of one picture. */
  readonly pictures: number;
  /** Faces of other splits, or without a label of the task. */
  readonly leftOut: number;
  readonly bySplit: Readonly<Record<Split, number>>;
  /** Faces that have such a label and lost it, for the layout has no place for it; absent where nothing was lost. */
  readonly lost?: Readonly<Partial<Record<"age_deviation" | "mood_votes", number>>>;
  /** What the applied decisions changed; absent where none are applied. */
  readonly cleaning?: Cleaning;
  /** What follows `tensorface dataset import` to read the export again; absent where it reads no such layout. */
  readonly importArguments?: readonly string[];
}

/** Pictures that are copied at once. */
const concurrency = 16;
const { maxBytes } = decodeLimits({});

/** What there is to write. */
interface Job {
  readonly dataset: Dataset;
  readonly cleaned: CleanedRecords | undefined;
  readonly exporter: DatasetExporter;
  readonly options: ExportOptions;
}

/** Callers without types may give anything: of an unknown layout a dataset without a name would be written. */
// oxlint-disable-next-line max-params -- what, as what, to where, how
function checkArguments(dataset: Dataset, format: unknown, out: unknown, options: ExportOptions): void {
  const isOpened = typeof dataset === "object" && dataset !== null && typeof dataset.records === "function";
  expectThat(isOpened, "dataset must be what openDataset gives", dataset);
  expectThat(format !== undefined, `format must be one of ${exportFormats.join(", ")}`, format);
  expectChoice("format", format, exportFormats);
  expectPath("out", out);
  expectOptions(options, exportOptionNames);
  expectChoice("split", options.split, splits);
  expectSignal(options.signal);
}

/** Tasks of which the dataset has labels: the built-in ones first. */
function labelledTasks({ info: { counts, tasks = [] } }: Dataset): string[] {
  const builtIn = builtInTasks.filter((task) => Object.keys(counts.byLabel[task] ?? {}).length > 0);
  return [...builtIn, ...tasks.map(({ name }) => name)];
}

/** @throws {TF_INVALID_ARGUMENT} when the dataset has no such task */
function checkTask(dataset: Dataset, task: string | undefined): void {
  const known = labelledTasks(dataset);
  if (task === undefined || known.includes(task)) return;
  throw new TensorFaceError("TF_INVALID_ARGUMENT", `the dataset has no labels of "${task}", only of ${known.join(", ") || "nothing"}`);
}

/** Layouts that hold the labels of one task. */
const oneTask: readonly ExportFormat[] = ["folders", "coco"];

/** @throws {TF_INVALID_ARGUMENT} when none is named and the dataset has labels of several */
function theTask(dataset: Dataset, { task }: ExportOptions): string {
  const [only, ...more] = labelledTasks(dataset);
  const chosen = task ?? (more.length === 0 ? only : undefined);
  if (chosen !== undefined) return chosen;
  throw new TensorFaceError(
    "TF_INVALID_ARGUMENT",
    `this layout tells one task, and the dataset has labels of ${labelledTasks(dataset).join(", ")}`,
    {
      hint: "Say which one with --task.",
    },
  );
}

/** What the labels of any face tell beside classes, of the tasks that are told. */
async function toldBeside(dataset: Dataset, told: readonly string[]): Promise<SideLabel[]> {
  const wanted: readonly SideLabel[] = [
    ...(told.includes("age") ? ["age_deviation" as const] : []),
    ...(told.includes("mood") ? ["mood_votes" as const] : []),
  ];
  const found = new Set<SideLabel>();
  for await (const { labels } of dataset.records()) {
    if (wanted.every((name) => found.has(name))) break;
    for (const name of sideLabelsOf(labels)) found.add(name);
  }
  return wanted.filter((name) => found.has(name));
}

async function exportedLabels(dataset: Dataset, task: string | undefined): Promise<ExportedLabels> {
  const { info } = dataset;
  const told = task === undefined ? labelledTasks(dataset) : [task];
  const isBuiltIn = (name: string): name is BuiltInTask => builtInTasks.some((each) => each === name);
  return {
    info,
    builtIn: told.filter(isBuiltIn),
    own: (info.tasks ?? []).filter(({ name }) => told.includes(name)),
    race: task === undefined && Object.keys(info.counts.byLabel.race).length > 0,
    beside: await toldBeside(dataset, told),
  };
}

/** The one name under which the dataset's faces are known. */
async function sourceOf(dataset: Dataset): Promise<string> {
  for await (const { source } of dataset.records()) return source;
  return dataset.info.format;
}

async function chooseExporter(dataset: Dataset, format: ExportFormat, out: string, options: ExportOptions): Promise<DatasetExporter> {
  const { info } = dataset;
  const { task } = options;
  if (options.predictions !== undefined && format !== "label-studio")
    throw new TensorFaceError("TF_INVALID_ARGUMENT", `"${format}" has no place for predictions; label-studio has`);
  const labels = await exportedLabels(dataset, task);
  if (format === "csv") return csvExporter(labels);
  if (format === "folders") return foldersExporter(labels, task!);
  if (format === "coco") return cocoExporter(labels, task!);
  if (format === "label-studio")
    return labelStudioExporter(labels, options.predictions === undefined ? undefined : await readTold(options.predictions, dataset));
  if (format === "imagefolder") return imageFolderExporter(labels);
  const { tasks: _, ...rest } = info;
  const whole = {
    ...rest,
    source: relativePath(out, dataset.directory),
    ...(labels.own.length === 0 ? {} : { tasks: [...labels.own] }),
    command: options.command ?? info.command,
  };
  return recordsExporter(whole, `manifest.${format}`);
}

/** The faces that are asked for, with the labels that are asked for. */
async function* wantedRecords({ dataset, cleaned, options: { split, task } }: Job): AsyncGenerator<FaceRecord | undefined> {
  for await (const record of cleaned?.records ?? dataset.records()) {
    const labels = labelsOf(record.labels, task);
    yield labels === undefined || (split !== undefined && record.split !== split) ? undefined : { ...record, labels };
  }
}

/** A name by which a picture is known as one, also where the dataset's table left the ending out. */
async function pictureName(path: string): Promise<string> {
  const name = basename(path);
  if (isPictureName(name)) return name;
  const { format } = sniffPicture(await readRegularFile(path, { maxBytes }), path);
  return `${name}.${format}`;
}

/** @throws {TF_INPUT_CHANGED} when the picture is another one than the import saw */
async function copyPicture(from: string, to: string, sha256: string): Promise<void> {
  const bytes = await readRegularFile(from, { maxBytes });
  if (createHash("sha256").update(bytes).digest("hex") !== sha256)
    throw new TensorFaceError("TF_INPUT_CHANGED", `"${from}" has changed since its import`);
  // Not flushed one by one, which would take longer than all the rest: a copy can be made again.
  await writeFileAtomically(to, bytes, { sync: false });
}

async function linkPicture(from: string, to: string): Promise<void> {
  if ((await pathKind(from)) !== "file") throw new TensorFaceError("TF_INPUT_NOT_FOUND", `"${from}" does not exist`);
  try {
    await mkdir(dirname(to), { recursive: true });
    await symlink(resolve(from), to);
  } catch (error) {
    throw writeFailure(error, to);
  }
}

/** Gives pictures their names in the order of the faces, and puts them there. */
function createPictureStore(
  { dataset, exporter, options }: Job,
  folder: string,
): {
  readonly count: () => number;
  /** The record with its picture's place in the export; the promise within resolves when it is there. */
  place(record: FaceRecord): Promise<{ readonly record: FaceRecord; readonly isThere: Promise<void> }>;
} {
  const names = createPictureNames();
  const shared = new Map<string, string>();
  let count = 0;
  return {
    count: () => count,
    async place(record) {
      const known = shared.get(record.file);
      if (known !== undefined) return { record: { ...record, file: known }, isThere: Promise.resolve() };
      const from = dataset.picturePath(record);
      const file = names.next(exporter.folderOf(record), await pictureName(from));
      if (exporter.sharesPictures) shared.set(record.file, file);
      count++;
      const to = join(folder, file);
      return { record: { ...record, file }, isThere: options.link === true ? linkPicture(from, to) : copyPicture(from, to, record.sha256) };
    },
  };
}

type Written = Omit<ExportSummary, "cleaning" | "importArguments">;

async function writeExport(job: Job, folder: string): Promise<Written> {
  const { dataset, exporter } = job;
  const sheet = await exporter.open(folder);
  try {
    const written = await writeFaces(job, folder, sheet);
    await sheet.commit();
    if (exporter.importing !== undefined) await writeAbout(folder, await describe(dataset, exporter.importing));
    return written;
  } catch (error) {
    await sheet.abandon();
    throw error;
  }
}

async function describe(dataset: Dataset, { tasks, columns = {} }: NonNullable<DatasetExporter["importing"]>): Promise<AboutLabels> {
  const { title, url, licence } = dataset.info;
  return {
    name: await sourceOf(dataset),
    title,
    ...(url === undefined ? {} : { url }),
    licence,
    tasks: [...tasks],
    ...(Object.keys(columns).length === 0 ? {} : { columns }),
  };
}

async function writeFaces(job: Job, folder: string, sheet: LabelSheet): Promise<Written> {
  const { dataset, cleaned, exporter, options } = job;
  const store = createPictureStore(job, folder);
  const bySplit = { train: 0, validation: 0, test: 0 };
  const lost: Partial<Record<SideLabel, number>> = {};
  const total = cleaned?.records.length ?? dataset.info.counts.faces;
  let batch: FaceRecord[] = [];
  let [done, faces] = [0, 0];
  const flush = async (): Promise<void> => {
    throwIfAborted(options.signal);
    const copies: Promise<void>[] = [];
    try {
      for (const each of batch) {
        const { record, isThere } = await store.place(each);
        isThere.catch(() => undefined);
        copies.push(isThere);
        await sheet.write(record);
        bySplit[record.split]++;
        for (const name of sideLabelsOf(record.labels)) if (exporter.lacks.includes(name)) lost[name] = (lost[name] ?? 0) + 1;
        faces++;
      }
    } finally {
      // All have ended before the folder may be removed.
      await Promise.allSettled(copies);
    }
    await Promise.all(copies);
    batch = [];
    options.onProgress?.({ stage: "write pictures", done, total });
  };
  for await (const record of wantedRecords(job)) {
    done++;
    if (record !== undefined) batch.push(record);
    if (batch.length === concurrency) await flush();
  }
  await flush();
  if (faces === 0)
    throw new TensorFaceError("TF_DATASET_EMPTY", "no face is left to export", { hint: "Ask for another --split or --task." });
  return { faces, pictures: store.count(), leftOut: done - faces, bySplit, ...(Object.keys(lost).length === 0 ? {} : { lost }) };
}

/**
 * Writes a dataset in another layout, pictures and labels, as the applied decisions left it. The folder appears when it is whole: it is
 * written beside, and nothing of it is left when the work fails or is aborted.
 *
 * `csv`: `labels.csv` beside `pictures/`. `folders`: `train/happy/1.jpg`, of one task. `jsonl`, `parquet`: a dataset that stands by itself,
 * every field kept; {@link openDataset} opens it. `imagefolder`: Hugging Face's, a folder for each split with `metadata.jsonl`. `coco`:
 * `train/` and `annotations/instances_train.json`, of one task, each face's box its whole picture. `label-studio`: `tasks.json` with the
 * labels as annotations, `labels.xml` with the interface, and `pictures/`.
 *
 * @param out a folder that is not there or empty
 * @returns how many faces and pictures were written, and how to import them again
 * @throws {TF_DATASET_CONFLICT} when `out` holds something
 * @throws {TF_DATASET_EMPTY} when no face is left
 * @throws {TF_INPUT_CHANGED} when a picture has changed since the import
 * @throws {TF_DATASET_INVALID} when the manifest has changed since the decisions were applied
 * @throws {TF_INVALID_ARGUMENT} when an option is out of its range, the dataset has no such task, or a label cannot be written in this layout
 * @throws {TF_INPUT_NOT_FOUND | TF_INPUT_UNREADABLE} when a picture is gone
 * @throws {TF_FOLDER_BUSY} when another process writes there
 * @throws {TF_OUTPUT_FULL | TF_OUTPUT_UNWRITABLE | TF_ABORTED}
 */
export async function exportDataset(
  dataset: Dataset,
  format: ExportFormat,
  out: string,
  options: ExportOptions = {},
): Promise<ExportSummary> {
  checkArguments(dataset, format, out, options);
  checkTask(dataset, options.task);
  const target = resolve(out);
  const chosen = { ...options, task: oneTask.includes(format) ? theTask(dataset, options) : options.task };
  const exporter = await chooseExporter(dataset, format, target, chosen);
  const cleaned = await readCleaned(dataset);
  const job = { dataset, cleaned, exporter, options: chosen };
  const written = await writeNewFolder(target, (folder) => writeExport(job, folder), "TF_DATASET_CONFLICT");
  const { importing } = exporter;
  const importArguments = importing && [importing.format, importing.file === undefined ? out : join(out, importing.file)];
  return {
    ...written,
    ...(cleaned === undefined ? {} : { cleaning: { dropped: cleaned.dropped, relabelled: cleaned.relabelled } }),
    ...(importArguments === undefined ? {} : { importArguments }),
  };
}
