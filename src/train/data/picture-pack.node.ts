import { closeSync, mkdirSync, openSync, readSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { join } from "node:path";
import { mapConcurrently, type ProgressListener, throwIfAborted } from "../../core/index.ts";
import { waitForLock } from "../../files/file-lock.node.ts";
import { readFailure, writeFailure, writeWhole } from "../../files/files.node.ts";
import { type RasterImage, resize } from "../../image/index.ts";
import type { PictureStore } from "../augment/picture.ts";

/**
 * Decoded pictures on disk, so that a picture is decoded once and not once an epoch.
 *
 * A pack is a folder with two files that only grow: `pixels.bin`, `[n, side, side, channels]` uint8, and `keys.txt`, one SHA-256
 * of a picture file in each line. Pixels are written before their keys, and what has no key counts as not there: a killed
 * process loses at most the batch it was writing. The same picture in two datasets is stored once. One process adds at a time, under
 * the pack's lock; what is there can be read without it.
 */
export interface PackFormat {
  readonly side: number;
  readonly channels: 1 | 3;
}

/** A picture to have in the pack. */
export interface PackItem {
  /** SHA-256 of the file's bytes, 64 hexadecimal digits. */
  readonly sha256: string;
  readonly path: string;
}

export interface PackOptions {
  /** Reads a picture, and refuses one of another hash; passed in so that tests and other sources need no files. */
  readonly decode: (item: PackItem) => Promise<RasterImage>;
  /** Pictures decoded at the same time. @default 8 */
  readonly concurrency?: number | undefined;
  readonly onProgress?: ProgressListener | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A line of `keys.txt`: the digits and a line break. */
const keyBytes = 65;
/** Pictures between two writes: a few megabytes. */
const batchSize = 256;
const readBytes = 32 * 1024 * 1024;

/**
 * The pictures of `items`, in their order, in shared memory. Those that the pack in `folder` lacks are decoded and added.
 * @throws what `decode` throws for a picture that cannot be read
 * Where another process is adding to the pack, its turn is waited for.
 * @throws {TF_OUTPUT_FULL | TF_OUTPUT_UNWRITABLE} when the pack cannot be written
 * @throws {TF_ABORTED} when the signal fires; what is done by then is kept
 * @throws {TF_FOLDER_BUSY} when the other process has stopped going on
 */
export async function loadPictures(
  folder: string,
  items: readonly PackItem[],
  format: PackFormat,
  options: PackOptions,
): Promise<PictureStore> {
  const pack = join(folder, `${format.side}x${format.side}x${format.channels}`);
  await guarded(pack, async () => void mkdirSync(pack, { recursive: true }));
  const known = await readPack(pack, pictureSize(format));
  const rows = items.every(({ sha256 }) => known.has(sha256)) ? known : await completePack(pack, items, format, options);
  return { ...format, pixels: readRows(join(pack, "pixels.bin"), items, rows, pictureSize(format)) };
}

function pictureSize({ side, channels }: PackFormat): number {
  return side * side * channels;
}

/** Adds what is missing; where each key's picture stands in the file. */
async function completePack(
  pack: string,
  items: readonly PackItem[],
  format: PackFormat,
  options: PackOptions,
): Promise<ReadonlyMap<string, number>> {
  await using lock = await waitForLock(join(pack, "lock"), options);
  await using pixels = await guarded(pack, () => openAppendable(join(pack, "pixels.bin")));
  await using keys = await guarded(pack, () => openAppendable(join(pack, "keys.txt")));
  const known = await readKeys(pixels, keys, pictureSize(format));
  await guarded(pack, async () => {
    // What a killed process left half written.
    await pixels.truncate(known.size * pictureSize(format));
    await keys.truncate(known.size * keyBytes);
  });
  const missing = [...new Map(items.filter(({ sha256 }) => !known.has(sha256)).map((item) => [item.sha256, item])).values()];
  const present = items.length - missing.length;
  for (let start = 0; start < missing.length; start += batchSize) {
    throwIfAborted(options.signal);
    const batch = missing.slice(start, start + batchSize);
    const decoded = await mapConcurrently(batch, options.concurrency ?? 8, async (item) => packPicture(await options.decode(item), format));
    await guarded(pack, () => appendBatch(pixels, keys, known, batch, decoded));
    await lock.touch();
    options.onProgress?.({ stage: "decode pictures", done: present + start + batch.length, total: items.length });
  }
  return known;
}

/** Opened for reading and writing at any place, made where there is none. */
async function openAppendable(path: string): Promise<FileHandle> {
  closeSync(openSync(path, "a"));
  return open(path, "r+");
}

/** Where each whole picture of a pack stands, as far as it has been written. */
async function readPack(pack: string, size: number): Promise<ReadonlyMap<string, number>> {
  try {
    await using pixels = await open(join(pack, "pixels.bin"));
    await using keys = await open(join(pack, "keys.txt"));
    return await readKeys(pixels, keys, size);
  } catch {
    // Nothing yet; what cannot be opened is told when it is written to.
    return new Map();
  }
}

/** Keys of pictures that are wholly there. */
async function readKeys(pixels: FileHandle, keys: FileHandle, size: number): Promise<Map<string, number>> {
  const count = Math.min(Math.floor((await pixels.stat()).size / size), Math.floor((await keys.stat()).size / keyBytes));
  const text = (await keys.readFile("latin1")).slice(0, count * keyBytes);
  return new Map(Array.from({ length: count }, (_, row) => [text.slice(row * keyBytes, row * keyBytes + keyBytes - 1), row]));
}

// eslint-disable-next-line max-params -- both files and the index of the same pack change together, here alone
async function appendBatch(
  pixels: FileHandle,
  keys: FileHandle,
  known: Map<string, number>,
  batch: readonly PackItem[],
  decoded: readonly Uint8Array[],
): Promise<void> {
  const first = known.size;
  const size = decoded[0]!.length;
  await writeWhole(pixels, Buffer.concat(decoded), first * size);
  await pixels.datasync();
  await writeWhole(keys, Buffer.from(batch.map(({ sha256 }) => `${sha256}\n`).join(""), "latin1"), first * keyBytes);
  for (const [index, { sha256 }] of batch.entries()) known.set(sha256, first + index);
}

/** Gives failures of writing their codes. @throws {TF_OUTPUT_FULL | TF_OUTPUT_UNWRITABLE} */
async function guarded<Result>(path: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    throw writeFailure(error, path);
  }
}

/** A picture at the pack's size: `[side, side, channels]`; grey is ITU-R BT.601 luma. */
export function packPicture(image: RasterImage, { side, channels }: PackFormat): Uint8Array {
  const sized = image.width === side && image.height === side ? image : resize(image, side, side);
  if (channels === 3) return Uint8Array.from(sized.data);
  const { data } = sized;
  return Uint8Array.from({ length: side * side }, (_, pixel) =>
    Math.round(0.299 * data[pixel * 3]! + 0.587 * data[pixel * 3 + 1]! + 0.114 * data[pixel * 3 + 2]!),
  );
}

/** The wanted pictures out of the whole file, read once from front to back in large pieces. */
function readRows(path: string, items: readonly PackItem[], rows: ReadonlyMap<string, number>, size: number): Uint8Array {
  const pixels = new Uint8Array(new SharedArrayBuffer(items.length * size));
  const wanted = items.map(({ sha256 }, index) => ({ row: rows.get(sha256)!, index })).sort((a, b) => a.row - b.row);
  const rowsAtOnce = Math.max(1, Math.floor(readBytes / size));
  const piece = Buffer.alloc(rowsAtOnce * size);
  const file = openSync(path, "r");
  try {
    let first = -1;
    let read = 0;
    for (const { row, index } of wanted) {
      if (first < 0 || row >= first + rowsAtOnce) {
        first = row;
        read = readSync(file, piece, 0, piece.length, row * size);
      }
      if ((row - first + 1) * size > read) throw readFailure(new Error("the file ended early"), path);
      pixels.set(piece.subarray((row - first) * size, (row - first + 1) * size), index * size);
    }
  } finally {
    closeSync(file);
  }
  return pixels;
}
