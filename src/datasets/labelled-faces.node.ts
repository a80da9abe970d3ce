import { join } from "node:path";
import { createRandom, type ProgressListener, shuffled, TensorFaceError, throwIfAborted } from "../core/index.ts";
import { type Dataset, isDataset, openDataset } from "./dataset.node.ts";
import { describeNotes } from "./describe-import.ts";
import { checkFormatOptions } from "./import/format-options.ts";
import { importers } from "./import/importers.node.ts";
import type { DatasetFormat, FormatOptions, PictureSource, SourceFace } from "./import/source-row.ts";
import type { FaceLabels, FaceRecord, Split } from "./record.ts";
import { type CleanedRecords, type Cleaning, readCleaned } from "./review/cleaned.node.ts";
import { takeFace, type TakenFace } from "./import/take-face.node.ts";
import type { Rejection } from "./import/workspace.node.ts";
import { isOwnSplit } from "./splits.ts";
import { createRasterImage, type RasterImage } from "../image/index.ts";
import type { LocalFile } from "../image/input.node.ts";

/** A labelled face and its picture. */
export interface LabelledPicture {
  readonly id: string;
  readonly labels: FaceLabels;
  /** What else shows the same person: draws of intervals keep them together. */
  readonly subjectId: string | undefined;
  readonly fold: number | undefined;
  /** TensorFace's own split. */
  readonly split: Split;
  /** The part in which its makers put it. */
  readonly officialSplit: string | undefined;
  /** The dataset that it comes from: `fairface`, `fer2013`, ... */
  readonly source: string;
  readonly picture: LocalFile | RasterImage;
  /** SHA-256 of the picture's file, or of the one that an import makes of a table's pixels. */
  readonly sha256: string;
}

/** A picture that could not be read. */
export interface FailedPicture {
  readonly id: string;
  readonly message: string;
}

/** The faces of a split. */
export interface FaceSource {
  readonly title: string;
  readonly format: string;
  /** How the format was read: what the import was told, or what was asked for. */
  readonly formatOptions: FormatOptions;
  readonly faces: readonly LabelledPicture[];
  /** Rows of the source that are no usable face, by reason. */
  readonly rejected: Readonly<Record<string, number>>;
  /** Faces of the split whose pictures are not there or cannot be read. */
  readonly failed: readonly FailedPicture[];
  /** What had to be mended or supposed to read a published layout, for people; an import has told it. */
  readonly notes: readonly string[];
  /** What applied decisions changed in the whole dataset; absent for labels as published. */
  readonly cleaning?: Cleaning | undefined;
  /** Of an imported dataset's manifest: by it a model's training facts name the very records that it was trained on. */
  readonly manifestSha256?: string | undefined;
}

export interface OpenFacesOptions {
  readonly format: DatasetFormat | undefined;
  /** `train`, `validation`, `test`, an official name, `fold-0` ... or `all`. */
  readonly split: string;
  /** Labels after the decisions that `tensorface dataset apply` wrote. @default false */
  readonly cleaned?: boolean | undefined;
  /** For a published layout alone: an import has read its own. */
  readonly formatOptions: FormatOptions;
  readonly signal: AbortSignal;
  readonly onProgress: ProgressListener;
}

/** In which parts of the data a face stands. */
interface Membership {
  /** Undefined where only the picture's hash would tell it, and it was not read. */
  readonly split: Split | undefined;
  readonly officialSplit: string | undefined;
  readonly fold: number | undefined;
}

/**
 * Reads which faces a split has: from an imported dataset where `source` is one, else from the published layout.
 * @throws {TF_INPUT_NOT_FOUND | TF_DATASET_LAYOUT | TF_DATASET_INVALID} when `source` is not what it should be
 * @throws {TF_INVALID_ARGUMENT} when the split has no face, the format is neither given nor known, or options of a format are given
 *   for an imported dataset
 */
export async function openFaces(source: string, options: OpenFacesOptions): Promise<FaceSource> {
  const found = (await isDataset(source)) ? await openImported(source, options) : await openPublished(source, options);
  if (found.faces.length > 0) return found;
  const list = (counts: Iterable<readonly [string, number]>): string => [...counts].map(([name, count]) => `${name} (${count})`).join(", ");
  const rejected = list(Object.entries(found.rejected));
  throw new TensorFaceError(
    "TF_INVALID_ARGUMENT",
    `"${source}" has no face in split "${options.split}"; it has ${list(found.parts) || "no faces at all"}${rejected === "" ? "" : `; rejected: ${rejected}`}`,
  );
}

/**
 * Whether a face stands in the part that `name` asks for. `train`, `validation` and `test` are TensorFace's own splits. `fold-0` ... are the
 * folds of the dataset as it is: where `dataset split --folds` drew others, not those of its makers.
 */
export function isInSplit(membership: Membership, name: string): boolean {
  if (name === "all" || isOwnSplit(name)) return name === "all" || membership.split === name;
  return partNames(membership).some((part) => part.toLowerCase() === name.toLowerCase());
}

/** What is asked for with these names has the face. */
function partNames({ split, officialSplit, fold }: Membership): string[] {
  const isOtherFold = fold !== undefined && officialSplit !== undefined && /^fold-\d+$/i.test(officialSplit);
  const names = [split, isOtherFold ? undefined : officialSplit, fold === undefined ? undefined : `fold-${fold}`];
  return [...new Set(names.filter((name) => name !== undefined))];
}

/** Faces of the wanted split, and how many faces every split has for the message when there are none. */
interface Gathered extends FaceSource {
  readonly parts: ReadonlyMap<string, number>;
}

function createParts() {
  const parts = new Map<string, number>();
  const add = (membership: Membership): void => {
    const names = partNames(membership);
    for (const name of names.length > 0 ? names : ["all"]) parts.set(name, (parts.get(name) ?? 0) + 1);
  };
  return { parts, add };
}

async function openImported(directory: string, { split, signal, cleaned, formatOptions }: OpenFacesOptions): Promise<Gathered> {
  const dataset = await openDataset(directory);
  const { info } = dataset;
  refuseOptions(directory, formatOptions);
  const cleaning = cleaned === true ? await requireCleaned(dataset) : undefined;
  const { parts, add } = createParts();
  const faces: LabelledPicture[] = [];
  for await (const record of cleaning?.records ?? dataset.records()) {
    throwIfAborted(signal);
    const membership = { split: record.split, officialSplit: record.officialSplit, fold: record.fold };
    add(membership);
    if (isInSplit(membership, split)) faces.push(fromRecord(record, { path: dataset.picturePath(record), sha256: record.sha256 }));
  }
  const rejected = info.counts.rejectionsByReason;
  return {
    title: info.title,
    format: info.format,
    formatOptions: info.options,
    faces,
    rejected,
    failed: [],
    notes: [],
    parts,
    cleaning,
    manifestSha256: info.manifestSha256,
  };
}

function refuseOptions(directory: string, options: FormatOptions): void {
  const [given] = Object.entries(options).find(([, value]) => value !== undefined) ?? [];
  if (given === undefined) return;
  throw new TensorFaceError("TF_INVALID_ARGUMENT", `"${directory}" is an imported dataset, so --${given} does nothing`, {
    hint: `\`tensorface dataset import\` takes --${given}; import the dataset again with it, or evaluate the published layout with --format.`,
  });
}

async function requireCleaned(dataset: Dataset): Promise<CleanedRecords> {
  const cleaned = await readCleaned(dataset);
  if (cleaned !== undefined) return cleaned;
  throw new TensorFaceError("TF_INVALID_ARGUMENT", `no decisions are applied to "${dataset.directory}", so it has no cleaned labels`, {
    hint: "`tensorface dataset review` makes decisions and `tensorface dataset apply` applies them.",
  });
}

function fromRecord(record: FaceRecord, picture: LabelledPicture["picture"]): LabelledPicture {
  const { id, labels, subjectId, group, fold, split, officialSplit, source, sha256 } = record;
  return { id, labels, subjectId: subjectId ?? group, fold, split, officialSplit, source, picture, sha256 };
}

/** Rows whose pictures are read at once. */
const readAtOnce = 32;

/** The faces that an import of the published layout would give, read by the import's own steps; nothing is written. */
async function openPublished(source: string, options: OpenFacesOptions): Promise<Gathered> {
  const { format, split, formatOptions, signal, onProgress } = options;
  if (options.cleaned === true)
    throw new TensorFaceError("TF_INVALID_ARGUMENT", `"${source}" is no imported dataset, so it has no cleaned labels`);
  if (format === undefined) {
    throw new TensorFaceError("TF_INVALID_ARGUMENT", `"${source}" is no imported dataset, so --format must say what it is`, {
      hint: "For example --format folder for a folder of class folders, or --format csv for a table. With --model of your own, both are recognised.",
    });
  }
  checkFormatOptions(format, formatOptions);
  const importer = importers[format];
  const { root, rows, total, about } = await importer.open(source, formatOptions);
  const gathered = createGathering(split);
  // A damaged picture is found when it is decoded, and is named as such.
  const store = { root, out: undefined, copy: false, inspect: () => Promise.resolve({ width: 1, height: 1 }) };
  const takeBatch = async (batch: readonly SourceFace[]): Promise<void> => {
    throwIfAborted(signal);
    const outcomes = await Promise.all(batch.map((row) => takeFace(row, { format, store, name: about?.name })));
    for (const [index, outcome] of outcomes.entries()) {
      if ("rejection" in outcome) gathered.miss(batch[index]!, outcome.rejection);
      else gathered.take(outcome, () => pictureOf(batch[index]!.picture, root));
    }
  };
  let batch: SourceFace[] = [];
  let done = 0;
  for await (const row of rows) {
    throwIfAborted(signal);
    onProgress({ stage: "list", done: ++done, ...(total === undefined ? {} : { total }) });
    if (row.kind === "rejection") gathered.reject(row.reason);
    else if (holdsPicture(row.picture)) throw pictureHeld(source, format, row.picture);
    else if (isElsewhere(row, split)) gathered.pass(row);
    else batch.push(row);
    if (batch.length < readAtOnce) continue;
    await takeBatch(batch);
    batch = [];
  }
  await takeBatch(batch);
  const { faces, rejected, failed, noted, parts } = gathered;
  const notes = describeNotes(noted, format);
  return { title: about?.title ?? importer.title, format, formatOptions, faces, rejected, failed, notes, parts };
}

/** Whether an import writes the picture of a row into the dataset's folder as a file of its own. */
function holdsPicture({ part, bytes, from }: PictureSource): boolean {
  return part !== undefined || bytes !== undefined || from !== undefined;
}

// oxlint-disable-next-line max-params -- of which source, and what it holds
function pictureHeld(source: string, format: DatasetFormat, { part }: PictureSource): TensorFaceError {
  const what =
    part === undefined
      ? "holds pictures itself, and only an import takes them out"
      : "has boxes in pictures, and only an import cuts them out";
  return new TensorFaceError("TF_INVALID_ARGUMENT", `"${source}" ${what}`, {
    hint: `Run \`tensorface dataset import ${format} ${source} --out DIR\`, and give DIR.`,
  });
}

/** Whether a row says by itself that it is not in the wanted split, so that its picture need not be read. */
function isElsewhere({ official, fold }: SourceFace, wanted: string): boolean {
  if (wanted === "all" || official === undefined) return false;
  const isOpen = official.carveValidation && official.split === "train";
  const split = isOpen ? undefined : official.split;
  return !(isOpen && isOwnSplit(wanted)) && !isInSplit({ split, officialSplit: official.name, fold }, wanted);
}

/** Collects the faces of a split, one for each id: predictions are found by it. */
function createGathering(split: string) {
  const { parts, add } = createParts();
  const faces: LabelledPicture[] = [];
  const rejected: Record<string, number> = {};
  const noted: Record<string, number> = {};
  const failed: FailedPicture[] = [];
  const ids = new Set<string>();
  const reject = (reason: string): void => {
    rejected[reason] = (rejected[reason] ?? 0) + 1;
  };
  const isNew = (id: string): boolean => {
    if (ids.has(id)) reject("duplicate-id");
    return !ids.has(id) && ids.add(id).has(id);
  };
  const take = ({ face: record, notes }: TakenFace, picture: () => LabelledPicture["picture"]): void => {
    const membership = { split: record.split, officialSplit: record.officialSplit, fold: record.fold };
    if (!isNew(record.id)) return;
    add(membership);
    if (!isInSplit(membership, split)) return;
    faces.push(fromRecord(record, picture()));
    for (const note of notes) noted[note] = (noted[note] ?? 0) + 1;
  };
  /** A picture that should be there is a failure where its row says that it is of the split; else, as in an import, a rejection. */
  const miss = ({ id, official, fold }: SourceFace, { reason, detail, file }: Rejection): void => {
    const isOwn = reason !== "malformed-row" && isInSplit({ split: undefined, officialSplit: official?.name, fold }, split);
    if (isOwn && isNew(id)) failed.push({ id, message: `"${file}" cannot be read: ${detail}` });
    else if (!isOwn) reject(reason);
  };
  const pass = ({ id, official, fold }: SourceFace): void => {
    if (isNew(id)) add({ split: undefined, officialSplit: official?.name, fold });
  };
  return { parts, faces, rejected, failed, noted, reject, take, miss, pass };
}

function pictureOf({ file, pixels }: PictureSource, root: string): LocalFile | RasterImage {
  if (pixels === undefined) return { path: join(root, file) };
  const { width, height, grey } = pixels;
  const data = new Uint8Array(grey.length * 3);
  for (const [index, value] of grey.entries()) data.fill(value, index * 3, index * 3 + 3);
  return createRasterImage(width, height, data);
}

/** `limit` faces drawn without replacement, in the order of their ids; all of them where there are no more. */
export function drawFaces<Face extends { readonly id: string }>(faces: readonly Face[], limit: number | undefined, seed: number): Face[] {
  const drawn = limit === undefined || limit >= faces.length ? [...faces] : shuffled(faces, createRandom(seed)).slice(0, limit);
  return drawn.sort((a, b) => (a.id < b.id ? -1 : Number(a.id > b.id)));
}
