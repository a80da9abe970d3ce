import { createHash } from "node:crypto";
import { join } from "node:path";
import { createRandom, type ProgressListener, shuffled, TensorFaceError, throwIfAborted } from "../core/index.ts";
import { type Dataset, isDataset, openDataset } from "../datasets/dataset.node.ts";
import { hashFile, pathInside } from "../files/files.node.ts";
import { importers } from "../datasets/import/importers.node.ts";
import { encodeGreyPng } from "../datasets/import/png.node.ts";
import type { DatasetFormat, FormatOptions, PictureSource, SourceFace } from "../datasets/import/source-row.ts";
import type { FaceLabels, FaceRecord, Split } from "../datasets/record.ts";
import { type CleanedRecords, type Cleaning, readCleaned } from "../datasets/review/cleaned.node.ts";
import { importSplitKey, isOwnSplit, splitOfKey } from "../datasets/splits.ts";
import { createRasterImage, type RasterImage } from "../image/index.ts";
import { isLocalFile, type LocalFile } from "../image/input.node.ts";

/** A labelled face and its picture. */
export interface LabelledPicture {
  readonly id: string;
  readonly labels: FaceLabels;
  /** What else shows the same person: draws of intervals keep them together. */
  readonly subjectId: string | undefined;
  readonly fold: number | undefined;
  /** TensorFace's own split; undefined where only the picture's hash tells it and nothing has needed that yet. */
  readonly split: Split | undefined;
  /** The part in which its makers put it. */
  readonly officialSplit: string | undefined;
  /** The dataset that it comes from: `fairface`, `fer2013`, ... */
  readonly source: string;
  readonly picture: LocalFile | RasterImage;
  /** SHA-256 of the picture's file, or of the one that an import makes of a table's pixels; undefined where nothing has needed it yet. */
  readonly sha256: string | undefined;
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
  /** Undefined where only the picture's hash would tell it. */
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
  const parts = [...found.parts].map(([name, count]) => `${name} (${count})`).join(", ");
  throw new TensorFaceError(
    "TF_INVALID_ARGUMENT",
    `"${source}" has no face in split "${options.split}"; it has ${parts || "no faces at all"}`,
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
    if (isInSplit(membership, split)) faces.push(fromRecord(record, dataset.picturePath(record)));
  }
  const rejected = info.counts.rejectionsByReason;
  return {
    title: info.title,
    format: info.format,
    formatOptions: info.options,
    faces,
    rejected,
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

function fromRecord(record: FaceRecord, path: string): LabelledPicture {
  const { id, labels, subjectId, group, fold, split, officialSplit, source, sha256 } = record;
  return { id, labels, subjectId: subjectId ?? group, fold, split, officialSplit, source, picture: { path }, sha256 };
}

async function openPublished(source: string, options: OpenFacesOptions): Promise<Gathered> {
  const { format, split, formatOptions, signal, onProgress } = options;
  if (options.cleaned === true)
    throw new TensorFaceError("TF_INVALID_ARGUMENT", `"${source}" is no imported dataset, so it has no cleaned labels`);
  if (format === undefined) {
    throw new TensorFaceError("TF_INVALID_ARGUMENT", `"${source}" is no imported dataset, so --format must say what it is`);
  }
  const importer = importers[format];
  const { root, rows, total } = await importer.open(source, formatOptions);
  const { parts, add } = createParts();
  const faces: LabelledPicture[] = [];
  const rejected: Record<string, number> = {};
  const reject = (reason: string): void => {
    rejected[reason] = (rejected[reason] ?? 0) + 1;
  };
  const ids = new Set<string>();
  let done = 0;
  for await (const row of rows) {
    throwIfAborted(signal);
    onProgress({ stage: "list", done: ++done, ...(total === undefined ? {} : { total }) });
    if (row.kind === "rejection") {
      reject(row.reason);
      continue;
    }
    if (pathInside(root, row.picture.file) === undefined) {
      reject("malformed-row");
      continue;
    }
    const membership = await membershipOf(row, root, format, split);
    if (membership === undefined) {
      reject("missing-picture");
      continue;
    }
    // Predictions are found by the id: two faces of one id would both get the last one's.
    if (ids.has(row.id)) {
      reject("duplicate-id");
      continue;
    }
    ids.add(row.id);
    add(membership);
    if (isInSplit(membership, split)) faces.push(fromRow(row, membership.split, { root, source: format }));
  }
  return { title: importer.title, format, formatOptions, faces, rejected, parts };
}

function fromRow(row: SourceFace, split: Split | undefined, { root, source }: { root: string; source: string }): LabelledPicture {
  const { id, labels, subjectId, fold, official, picture } = row;
  return {
    id,
    labels,
    subjectId,
    fold,
    split,
    officialSplit: official?.name,
    source,
    picture: pictureOf(picture, root),
    sha256: undefined,
  };
}

function pictureOf({ file, pixels }: PictureSource, root: string): LocalFile | RasterImage {
  if (pixels === undefined) return { path: join(root, file) };
  const { width, height, grey } = pixels;
  const data = new Uint8Array(grey.length * 3);
  for (const [index, value] of grey.entries()) data.fill(value, index * 3, index * 3 + 3);
  return createRasterImage(width, height, data);
}

/**
 * Where a face of a published layout stands, as an import would say. Only where TensorFace's own splits are asked for and
 * the makers cut none is the picture read for it; undefined when it is not there.
 */
async function membershipOf(face: SourceFace, root: string, source: string, wanted: string): Promise<Membership | undefined> {
  const { official, fold, subjectId } = face;
  const rest = { officialSplit: official?.name, fold };
  if (official !== undefined && !(official.carveValidation && official.split === "train")) return { split: official.split, ...rest };
  if (subjectId === undefined && !isOwnSplit(wanted)) return { split: undefined, ...rest };
  const sha256 = subjectId === undefined ? await hashPicture(face.picture, root) : "";
  return sha256 === undefined ? undefined : { split: splitOfKey(importSplitKey({ subjectId, sha256, source })), ...rest };
}

async function hashPicture({ file, pixels }: PictureSource, root: string): Promise<string | undefined> {
  return pixels === undefined ? hashIfReadable(join(root, file)) : hashGrey(pixels.grey, pixels);
}

/** As an import would hash it, so that predictions of a table are predictions of what was imported from it, and the other way round. */
function hashGrey(grey: Uint8Array, { width, height }: { readonly width: number; readonly height: number }): string {
  return createHash("sha256")
    .update(encodeGreyPng(grey, width, height))
    .digest("hex");
}

function hashIfReadable(path: string): Promise<string | undefined> {
  return hashFile(path).catch(() => undefined);
}

/** Pictures that are read for their hashes at once. */
const hashedAtOnce = 32;

export interface IdentifyOptions {
  /** For every face the hash; else only for those whose split depends on it. */
  readonly hashes: boolean;
  readonly signal: AbortSignal;
  readonly onProgress: ProgressListener;
}

/** The faces with their splits and, where asked for, hashes; one whose picture cannot be read stays as it is. @throws {TF_ABORTED} */
export async function identifyFaces(
  faces: readonly LabelledPicture[],
  { hashes, signal, onProgress }: IdentifyOptions,
): Promise<LabelledPicture[]> {
  const isNeeded = (face: LabelledPicture): boolean => face.split === undefined || (hashes && face.sha256 === undefined);
  if (!faces.some(isNeeded)) return [...faces];
  const identified: LabelledPicture[] = [];
  for (let start = 0; start < faces.length; start += hashedAtOnce) {
    throwIfAborted(signal);
    const batch = faces.slice(start, start + hashedAtOnce);
    identified.push(...(await Promise.all(batch.map(async (face) => (isNeeded(face) ? identifyFace(face) : face)))));
    onProgress({ stage: "identify", done: identified.length, total: faces.length });
  }
  return identified;
}

async function identifyFace(face: LabelledPicture): Promise<LabelledPicture> {
  const sha256 = face.sha256 ?? (await hashOf(face.picture));
  if (sha256 === undefined) return face;
  return { ...face, sha256, split: face.split ?? splitOfKey(importSplitKey({ subjectId: face.subjectId, sha256, source: face.source })) };
}

async function hashOf(picture: LabelledPicture["picture"]): Promise<string | undefined> {
  if (isLocalFile(picture)) return hashIfReadable(picture.path);
  // Pictures in memory are those of tables, whose three channels are one.
  return hashGrey(
    Uint8Array.from({ length: picture.width * picture.height }, (_, pixel) => picture.data[pixel * 3]!),
    picture,
  );
}

/** `limit` faces drawn without replacement, in the order of their ids; all of them where there are no more. */
export function drawFaces<Face extends { readonly id: string }>(faces: readonly Face[], limit: number | undefined, seed: number): Face[] {
  const drawn = limit === undefined || limit >= faces.length ? [...faces] : shuffled(faces, createRandom(seed)).slice(0, limit);
  return drawn.sort((a, b) => (a.id < b.id ? -1 : Number(a.id > b.id)));
}
