import { type FileHandle, open } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { isTensorFaceError, type ProgressListener, throwIfAborted } from "../core/index.ts";
import { decode } from "../image/decode.node.ts";
import type { Dataset } from "./dataset.node.ts";
import { waitForFileLock } from "../files/file-lock.node.ts";
import { endTornLine, pathKind, readLines, writeFailure } from "../files/files.node.ts";
import { measurePicture, type PictureMeasures } from "./measure.ts";
import type { FaceRecord } from "./record.ts";

const cacheFile = "measures.jsonl";
/** Pictures are measured at no more than this side: sharpness of a large and a small picture then compare. */
const maxSide = 128;
const batchLength = 64;

const lineSchema = z.object({
  sha256: z.string(),
  brightness: z.number(),
  contrast: z.number(),
  sharpness: z.number(),
  flatShare: z.number(),
  hash: z.string().length(16),
  thumbnail: z.base64(),
});

function toLine(sha256: string, measures: PictureMeasures): string {
  const round = (value: number): number => Math.round(value * 1000) / 1000;
  const { brightness, contrast, sharpness, flatShare, hash, thumbnail } = measures;
  return JSON.stringify({
    sha256,
    brightness: round(brightness),
    contrast: round(contrast),
    sharpness: round(sharpness),
    flatShare: round(flatShare),
    hash,
    thumbnail: Buffer.from(thumbnail).toString("base64"),
  });
}

function parseLine(line: string): readonly [string, PictureMeasures] | undefined {
  try {
    const { sha256, thumbnail, ...rest } = lineSchema.parse(JSON.parse(line));
    return [sha256, { ...rest, thumbnail: new Uint8Array(Buffer.from(thumbnail, "base64")) }];
  } catch {
    // A line that a killed process left half written; its picture is measured again.
    return undefined;
  }
}

async function readCache(path: string): Promise<Map<string, PictureMeasures>> {
  const cache = new Map<string, PictureMeasures>();
  if ((await pathKind(path)) !== "file") return cache;
  for await (const line of readLines(path)) {
    const entry = parseLine(line);
    if (entry !== undefined) cache.set(...entry);
  }
  return cache;
}

export interface MeasureOptions {
  readonly onProgress?: ProgressListener | undefined;
  readonly signal?: AbortSignal | undefined;
}

async function measureFile(path: string): Promise<PictureMeasures | undefined> {
  try {
    return measurePicture((await decode({ path }, { maxSide })).image);
  } catch (error) {
    // Gone or damaged since the import: it has no measures, which reports say.
    if (isTensorFaceError(error) && /^TF_(IMAGE|INPUT)_/.test(error.code)) return undefined;
    throw error;
  }
}

/**
 * Measures every picture of a dataset, once: what was measured is kept in `measures.jsonl` by content hash.
 * @returns measures by SHA-256; pictures that cannot be read are absent
 * @throws {TF_OUTPUT_FULL | TF_OUTPUT_UNWRITABLE | TF_ABORTED}
 * @throws {TF_FOLDER_BUSY} when another process that measures has stopped going on
 */
export async function measureDataset(
  dataset: Dataset,
  records: readonly FaceRecord[],
  { onProgress, signal }: MeasureOptions = {},
): Promise<ReadonlyMap<string, PictureMeasures>> {
  const path = join(dataset.directory, cacheFile);
  const known = await readCache(path);
  return records.every(({ sha256 }) => known.has(sha256)) ? known : completeCache(path, dataset, records, { onProgress, signal });
}

/** Adds what is missing, one process at a time: the next one finds it done. */
async function completeCache(
  path: string,
  dataset: Dataset,
  records: readonly FaceRecord[],
  { onProgress, signal }: MeasureOptions,
): Promise<ReadonlyMap<string, PictureMeasures>> {
  await using lock = await waitForFileLock(path, { onProgress, signal });
  const measures = await readCache(path);
  const missing = [...new Map(records.filter(({ sha256 }) => !measures.has(sha256)).map((record) => [record.sha256, record])).values()];
  if (missing.length === 0) return measures;
  const file: FileHandle = await open(path, "a+").catch((error: unknown) => {
    throw writeFailure(error, path);
  });
  try {
    await endTornLine(file);
    for (let start = 0; start < missing.length; start += batchLength) {
      throwIfAborted(signal);
      const batch = missing.slice(start, start + batchLength);
      const results = await Promise.all(batch.map((record) => measureFile(dataset.picturePath(record))));
      const lines: string[] = [];
      for (const [index, result] of results.entries()) {
        if (result === undefined) continue;
        measures.set(batch[index]!.sha256, result);
        lines.push(`${toLine(batch[index]!.sha256, result)}\n`);
      }
      await file.appendFile(lines.join(""));
      await lock.touch();
      onProgress?.({ stage: "measure", done: Math.min(start + batchLength, missing.length), total: missing.length });
    }
  } catch (error) {
    throw writeFailure(error, path);
  } finally {
    await file.close();
  }
  return measures;
}
