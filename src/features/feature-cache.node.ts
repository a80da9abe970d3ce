import { type FileHandle, open, stat, truncate } from "node:fs/promises";
import { join } from "node:path";
import { type ProgressListener, throwIfAborted } from "../core/index.ts";
import type { Dataset } from "../datasets/dataset.node.ts";
import { waitForLock } from "../files/file-lock.node.ts";
import { openRegularFile, pathKind, readFailure, readLines, writeFailure } from "../files/files.node.ts";
import type { LocalFile } from "../image/input.node.ts";
import type { FeatureMatrix } from "./feature-matrix.ts";
import type { FaceRecord } from "../datasets/index.ts";

/** Something that turns pictures into numbers. */
export interface FeatureExtractor {
  /** Names the file of the cache: lower case, digits, dashes. Other features need another name. */
  readonly name: string;
  /** Numbers for a picture. */
  readonly columns: number;
  /** Pictures that are taken together. */
  readonly batchSize: number;
  /** Features of some pictures, `[pictures, columns]`; a picture that cannot be read gives `NaN`. */
  extract(pictures: readonly LocalFile[]): Promise<Float32Array>;
}

export interface FeatureOptions {
  readonly onProgress?: ProgressListener | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Features of records, kept in a file: some columns of all of them are read at a time, so that memory holds no more. */
export interface KeptFeatures {
  readonly rows: number;
  readonly columns: number;
  /** Columns `from` to `from + columns`, rows in the order of the records; a picture that cannot be read has a row of zeros. */
  read(from: number, columns: number): Promise<FeatureMatrix>;
}

/** The files of a cache: a key in each line, and `[keys, columns]` little-endian float32. */
interface CacheFiles {
  readonly keys: string;
  readonly values: string;
  readonly columns: number;
}

/** Some rows of a cache, `[keys, columns]`. */
interface CacheChunk {
  readonly keys: readonly string[];
  readonly values: Float32Array;
}

/** What a cache holds, as far as both of its files are whole. */
interface CacheContents {
  /** Mostly the SHA-256 of pictures. */
  readonly keys: ReadonlySet<string>;
  /** Bytes of the files that are whole. */
  readonly keyBytes: number;
  readonly valueBytes: number;
}

/** Numbers of a cache that are in memory at a time. */
const chunkNumbers = 1 << 20;

/** All rows of a cache that are whole, in the order in which they were written. */
async function* readChunks({ keys, values, columns }: CacheFiles): AsyncGenerator<CacheChunk> {
  if ((await pathKind(keys)) !== "file" || (await pathKind(values)) !== "file") return;
  await using file = await openRegularFile(values);
  const whole = Math.floor(file.size / (4 * columns));
  const length = Math.max(1, Math.floor(chunkNumbers / columns));
  let done = 0;
  let waiting: string[] = [];
  const next = async (): Promise<CacheChunk> => {
    const chunk = { keys: waiting, values: await readFloats(file.handle, values, done * columns, waiting.length * columns) };
    done += waiting.length;
    waiting = [];
    return chunk;
  };
  for await (const key of readLines(keys)) {
    // Keys are written before values: a key without its row was being written.
    if (done + waiting.length >= whole) break;
    waiting.push(key);
    if (waiting.length === length) yield await next();
  }
  if (waiting.length > 0) yield await next();
}

/** `count` numbers of a file, from the one at `start` on. */
async function readFloats(handle: FileHandle, path: string, start: number, count: number): Promise<Float32Array> {
  const numbers = new Float32Array(count);
  const bytes = new Uint8Array(numbers.buffer);
  try {
    let offset = 0;
    while (offset < bytes.length) {
      const { bytesRead } = await handle.read(bytes, offset, bytes.length - offset, 4 * start + offset);
      if (bytesRead === 0) throw new Error("the file ended early");
      offset += bytesRead;
    }
    return numbers;
  } catch (error) {
    throw readFailure(error, path);
  }
}

async function readContents(files: CacheFiles): Promise<CacheContents> {
  const known = new Set<string>();
  let [count, keyBytes] = [0, 0];
  for await (const { keys, values } of readChunks(files)) {
    for (const [index, key] of keys.entries()) {
      // Earlier versions kept pictures that could not be read.
      if (!Number.isNaN(values[index * files.columns]!)) known.add(key);
      keyBytes += key.length + 1;
    }
    count += keys.length;
  }
  return { keys: known, keyBytes, valueBytes: 4 * count * files.columns };
}

/** Opens a file for appending, cut to what is whole. */
async function openCut(path: string, length: number): Promise<FileHandle> {
  // By its path: Windows cuts no file that is open for appending.
  const size = (await stat(path).catch(() => undefined))?.size ?? 0;
  if (size > length) await truncate(path, length);
  return open(path, "a");
}

/**
 * Features of every record, computed once: they are kept below the dataset's folder by the content of the pictures, so that an
 * interrupted run goes on where it was. A picture that cannot be read is not kept: it is looked for again by the next run. Where another
 * process is adding to the same file, its turn is waited for.
 * @throws {TF_OUTPUT_FULL | TF_OUTPUT_UNWRITABLE | TF_ABORTED} what was done before is kept
 * @throws {TF_FOLDER_BUSY} when the other process has stopped going on
 */
export async function keepFeatures(
  dataset: Dataset,
  records: readonly FaceRecord[],
  extractor: FeatureExtractor,
  options: FeatureOptions = {},
): Promise<KeptFeatures> {
  const known = await knownFeatures(dataset, extractor);
  if (!records.every(({ sha256 }) => known.has(sha256))) await completeCache(dataset, records, extractor, options);
  return readFeatures(
    dataset,
    extractor,
    records.map(({ sha256 }) => sha256),
  );
}

/** All columns of {@link keepFeatures} at once, `[records, columns]`. @throws as {@link keepFeatures} */
export async function cachedFeatures(
  dataset: Dataset,
  records: readonly FaceRecord[],
  extractor: FeatureExtractor,
  options: FeatureOptions = {},
): Promise<FeatureMatrix> {
  return (await keepFeatures(dataset, records, extractor, options)).read(0, extractor.columns);
}

/** What features are kept as: the name of their file, and how many there are of a picture. */
export type FeatureShape = Pick<FeatureExtractor, "name" | "columns">;

function filesOf({ directory }: Pick<Dataset, "directory">, { name, columns }: FeatureShape): CacheFiles {
  const stem = join(directory, `features-${name}`);
  return { keys: `${stem}.txt`, values: `${stem}.f32`, columns };
}

/** The keys of all features that are kept. */
export async function knownFeatures(dataset: Pick<Dataset, "directory">, shape: FeatureShape): Promise<ReadonlySet<string>> {
  return (await readContents(filesOf(dataset, shape))).keys;
}

/** Features that are kept, a row for each key, whether or not there is something under it. */
export function readFeatures(dataset: Pick<Dataset, "directory">, shape: FeatureShape, keys: readonly string[]): KeptFeatures {
  const { columns } = shape;
  const files = filesOf(dataset, shape);
  const places = Map.groupBy(keys.keys(), (index) => keys[index]!);
  return {
    rows: keys.length,
    columns,
    async read(from, count) {
      const data = new Float32Array(keys.length * count);
      for await (const chunk of readChunks(files)) {
        for (const [index, key] of chunk.keys.entries()) {
          const row = index * columns;
          if (Number.isNaN(chunk.values[row]!)) continue;
          for (const place of places.get(key) ?? []) data.set(chunk.values.subarray(row + from, row + from + count), place * count);
        }
      }
      return { rows: keys.length, columns: count, data };
    },
  };
}

/** A cache that this process alone adds to. */
export interface FeatureStore extends AsyncDisposable {
  readonly known: ReadonlySet<string>;
  /** @throws {TF_OUTPUT_FULL | TF_OUTPUT_UNWRITABLE} */
  add(rows: readonly { readonly key: string; readonly values: Float32Array }[]): Promise<void>;
}

/**
 * Opens a cache to add to it, as soon as no other process does.
 * @throws {TF_OUTPUT_FULL | TF_OUTPUT_UNWRITABLE | TF_ABORTED}
 * @throws {TF_FOLDER_BUSY} when another process that adds has stopped going on
 */
export async function openFeatureStore(
  dataset: Pick<Dataset, "directory">,
  shape: FeatureShape,
  options: FeatureOptions = {},
): Promise<FeatureStore> {
  const files = filesOf(dataset, shape);
  const lock = await waitForLock(`${files.keys.slice(0, -".txt".length)}.lock`, options);
  const opened: FileHandle[] = [];
  const close = async (): Promise<void> => {
    try {
      for (const file of opened) await file.close();
    } finally {
      await lock[Symbol.asyncDispose]();
    }
  };
  try {
    const { keys: known, keyBytes, valueBytes } = await readContents(files);
    // One by one: where the second cannot be opened, the first is closed.
    opened.push(await openCut(files.values, valueBytes));
    opened.push(await openCut(files.keys, keyBytes));
    const [values, keys] = opened;
    return {
      known,
      async add(rows) {
        try {
          await keys!.appendFile(rows.map(({ key }) => `${key}\n`).join(""));
          await values!.appendFile(
            Buffer.concat(rows.map(({ values: row }) => new Uint8Array(row.buffer, row.byteOffset, row.byteLength))),
          );
        } catch (error) {
          throw writeFailure(error, files.values);
        }
        await lock.touch();
      },
      [Symbol.asyncDispose]: close,
    };
  } catch (error) {
    await close();
    throw writeFailure(error, files.values);
  }
}

/** Adds what is missing. */
async function completeCache(
  dataset: Dataset,
  records: readonly FaceRecord[],
  extractor: FeatureExtractor,
  options: FeatureOptions,
): Promise<void> {
  const { columns, batchSize } = extractor;
  await using store = await openFeatureStore(dataset, extractor, options);
  const missing = [...new Map(records.filter(({ sha256 }) => !store.known.has(sha256)).map((record) => [record.sha256, record])).values()];
  for (let start = 0; start < missing.length; start += batchSize) {
    throwIfAborted(options.signal);
    const batch = missing.slice(start, start + batchSize);
    const numbers = await extractor.extract(batch.map((record) => ({ path: dataset.picturePath(record), sha256: record.sha256 })));
    const rows = batch.map(({ sha256 }, index) => ({ key: sha256, values: numbers.subarray(index * columns, (index + 1) * columns) }));
    await store.add(rows.filter(({ values }) => !Number.isNaN(values[0]!)));
    options.onProgress?.({ stage: "features", done: start + batch.length, total: missing.length });
  }
}
