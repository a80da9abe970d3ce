import { type FileHandle, open, stat, truncate } from "node:fs/promises";
import { join } from "node:path";
import { type ProgressListener, throwIfAborted } from "../core/index.ts";
import type { Dataset } from "../datasets/dataset.node.ts";
import { waitForLock } from "../files/file-lock.node.ts";
import { openRegularFile, pathKind, readFailure, readLines, writeFailure } from "../files/files.node.ts";
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
  /** Features of some pictures, `[paths, columns]`; a picture that cannot be read gives `NaN`. */
  extract(paths: readonly string[]): Promise<Float32Array>;
}

export interface FeatureOptions {
  readonly onProgress?: ProgressListener | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** The files of a cache: a key in each line, and `[keys, columns]` little-endian float32. */
interface CacheFiles {
  readonly keys: string;
  readonly values: string;
  readonly columns: number;
}

/** What a cache holds, as far as both of its files are whole. */
interface Cache {
  /** By the SHA-256 of the picture, `[columns]`; the last one where a picture stands there twice. */
  readonly rows: Map<string, Float32Array>;
  /** Bytes of the files that are whole. */
  readonly keyBytes: number;
  readonly valueBytes: number;
}

async function readCache({ keys, values, columns }: CacheFiles): Promise<Cache> {
  const rows = new Map<string, Float32Array>();
  if ((await pathKind(keys)) !== "file" || (await pathKind(values)) !== "file") return { rows, keyBytes: 0, valueBytes: 0 };
  const numbers = await readFloats(values);
  let [count, keyBytes] = [0, 0];
  for await (const key of readLines(keys)) {
    // Keys are written before values: a key without its row was being written.
    if ((count + 1) * columns > numbers.length) break;
    const row = numbers.subarray(count * columns, ++count * columns);
    // Earlier versions kept pictures that could not be read.
    if (!Number.isNaN(row[0]!)) rows.set(key, row);
    keyBytes += key.length + 1;
  }
  return { rows, keyBytes, valueBytes: count * columns * 4 };
}

/** Every whole number of a file; it may be larger than one read. */
async function readFloats(path: string): Promise<Float32Array> {
  try {
    await using file = await openRegularFile(path);
    const numbers = new Float32Array(Math.floor(file.size / 4));
    const bytes = new Uint8Array(numbers.buffer);
    let offset = 0;
    while (offset < bytes.length) {
      const { bytesRead } = await file.handle.read(bytes, offset, Math.min(1 << 24, bytes.length - offset), offset);
      if (bytesRead === 0) throw readFailure(new Error("the file ended early"), path);
      offset += bytesRead;
    }
    return numbers;
  } catch (error) {
    throw readFailure(error, path);
  }
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
 * @returns `[records, columns]`, rows in the order of the records; a picture that cannot be read has a row of zeros
 * @throws {TF_OUTPUT_FULL | TF_OUTPUT_UNWRITABLE | TF_ABORTED} what was done before is kept
 * @throws {TF_FOLDER_BUSY} when the other process has stopped going on
 */
export async function cachedFeatures(
  dataset: Dataset,
  records: readonly FaceRecord[],
  extractor: FeatureExtractor,
  options: FeatureOptions = {},
): Promise<FeatureMatrix> {
  const { name, columns } = extractor;
  const stem = join(dataset.directory, `features-${name}`);
  const files = { keys: `${stem}.txt`, values: `${stem}.f32`, columns };
  const { rows } = await readCache(files);
  if (records.every(({ sha256 }) => rows.has(sha256))) return gather(records, rows, columns);
  return gather(records, await completeCache(files, dataset, records, extractor, options), columns);
}

/** Adds what is missing; all rows by the pictures' SHA-256. */
async function completeCache(
  files: CacheFiles,
  dataset: Dataset,
  records: readonly FaceRecord[],
  extractor: FeatureExtractor,
  options: FeatureOptions,
): Promise<ReadonlyMap<string, Float32Array>> {
  await using lock = await waitForLock(`${files.keys.slice(0, -".txt".length)}.lock`, options);
  const { rows, keyBytes, valueBytes } = await readCache(files);
  const missing = [...new Map(records.filter(({ sha256 }) => !rows.has(sha256)).map((record) => [record.sha256, record])).values()];
  try {
    await using values = await openCut(files.values, valueBytes);
    await using keys = await openCut(files.keys, keyBytes);
    for (let start = 0; start < missing.length; start += extractor.batchSize) {
      throwIfAborted(options.signal);
      const batch = missing.slice(start, start + extractor.batchSize);
      const numbers = await extractor.extract(batch.map((record) => dataset.picturePath(record)));
      const read = batch.flatMap(({ sha256 }, index) => {
        const row = numbers.subarray(index * files.columns, (index + 1) * files.columns);
        return Number.isNaN(row[0]!) ? [] : [{ sha256, row }];
      });
      await keys.appendFile(read.map(({ sha256 }) => `${sha256}\n`).join(""));
      await values.appendFile(Buffer.concat(read.map(({ row }) => new Uint8Array(row.buffer, row.byteOffset, row.byteLength))));
      for (const { sha256, row } of read) rows.set(sha256, row);
      await lock.touch();
      options.onProgress?.({ stage: "features", done: start + batch.length, total: missing.length });
    }
  } catch (error) {
    throw writeFailure(error, files.values);
  }
  return rows;
}

function gather(records: readonly FaceRecord[], rows: ReadonlyMap<string, Float32Array>, columns: number): FeatureMatrix {
  const data = new Float32Array(records.length * columns);
  for (const [index, { sha256 }] of records.entries()) {
    const row = rows.get(sha256);
    if (row !== undefined) data.set(row, index * columns);
  }
  return { rows: records.length, columns, data };
}
