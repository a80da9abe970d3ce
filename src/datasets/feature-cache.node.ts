import { type FileHandle, open } from "node:fs/promises";
import { join } from "node:path";
import { type ProgressListener, throwIfAborted } from "../core/index.ts";
import type { Dataset } from "./dataset.node.ts";
import { pathKind, readFailure, readLines, writeFailure } from "./files.node.ts";
import type { FeatureMatrix } from "./logistic-regression.ts";
import type { FaceRecord } from "./record.ts";

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

/** Which pictures the cache holds, in the order of its rows. */
async function readKeys(path: string, rows: number): Promise<string[]> {
  if ((await pathKind(path)) !== "file") return [];
  const keys: string[] = [];
  for await (const line of readLines(path)) keys.push(line);
  return keys.slice(0, rows);
}

async function readAll(file: FileHandle, length: number): Promise<Float32Array> {
  const values = new Float32Array(length);
  const bytes = new Uint8Array(values.buffer);
  let offset = 0;
  while (offset < bytes.length) {
    const { bytesRead } = await file.read(bytes, offset, Math.min(1 << 24, bytes.length - offset), offset);
    if (bytesRead === 0) throw readFailure(new Error("the file ended early"), "the cache of features");
    offset += bytesRead;
  }
  return values;
}

/** Opens a file for reading and appending, cut to what is whole. */
async function openCut(path: string, length: (size: number) => number): Promise<FileHandle> {
  try {
    const file = await open(path, "a+");
    const { size } = await file.stat();
    const wanted = length(size);
    if (wanted < size) await file.truncate(wanted);
    return file;
  } catch (error) {
    throw writeFailure(error, path);
  }
}

/**
 * Features of every record, computed once: they are kept below the dataset's folder by the content of the pictures, so that an
 * interrupted run goes on where it was.
 * @returns `[records, columns]`, rows in the order of the records; a picture that cannot be read has a row of zeros
 */
export async function cachedFeatures(
  dataset: Dataset,
  records: readonly FaceRecord[],
  extractor: FeatureExtractor,
  { onProgress, signal }: FeatureOptions = {},
): Promise<FeatureMatrix> {
  const { columns } = extractor;
  const rowBytes = columns * 4;
  const stem = join(dataset.directory, `features-${extractor.name}`);
  const values = await openCut(`${stem}.f32`, (size) => size - (size % rowBytes));
  const known = await readKeys(`${stem}.txt`, (await values.stat()).size / rowBytes);
  const keys = await openCut(`${stem}.txt`, () => known.reduce((sum, key) => sum + key.length + 1, 0));
  try {
    // Keys are written before values, so there may be more rows than keys only when the files were mixed up.
    await values.truncate(known.length * rowBytes);
    const have = new Set(known);
    const missing = [...new Map(records.filter(({ sha256 }) => !have.has(sha256)).map((record) => [record.sha256, record])).values()];
    for (let start = 0; start < missing.length; start += extractor.batchSize) {
      throwIfAborted(signal);
      const batch = missing.slice(start, start + extractor.batchSize);
      const rows = await extractor.extract(batch.map((record) => dataset.picturePath(record)));
      await keys.appendFile(batch.map(({ sha256 }) => `${sha256}\n`).join(""));
      await values.appendFile(new Uint8Array(rows.buffer, rows.byteOffset, rows.byteLength));
      known.push(...batch.map(({ sha256 }) => sha256));
      onProgress?.({ stage: "features", done: start + batch.length, total: missing.length });
    }
    return gather(records, known, await readAll(values, known.length * columns), columns);
  } catch (error) {
    throw writeFailure(error, stem);
  } finally {
    await values.close();
    await keys.close();
  }
}

function gather(records: readonly FaceRecord[], keys: readonly string[], all: Float32Array, columns: number): FeatureMatrix {
  const rowOf = new Map(keys.map((key, row) => [key, row]));
  const data = new Float32Array(records.length * columns);
  for (const [index, { sha256 }] of records.entries()) {
    const row = rowOf.get(sha256)!;
    const values = all.subarray(row * columns, (row + 1) * columns);
    if (!Number.isNaN(values[0]!)) data.set(values, index * columns);
  }
  return { rows: records.length, columns, data };
}
