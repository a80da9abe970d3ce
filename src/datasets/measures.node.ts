import { join } from "node:path";
import { z } from "zod";
import { isTensorFaceError, type ProgressListener } from "../core/index.ts";
import { decode } from "../image/decode.node.ts";
import type { PictureSet } from "./dataset.node.ts";
import { completeKept } from "../files/kept-lines.node.ts";
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

function parseLine(line: string): readonly [string, PictureMeasures] {
  const { sha256, thumbnail, ...rest } = lineSchema.parse(JSON.parse(line));
  return [sha256, { ...rest, thumbnail: new Uint8Array(Buffer.from(thumbnail, "base64")) }];
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
  dataset: PictureSet,
  records: readonly FaceRecord[],
  { onProgress, signal }: MeasureOptions = {},
): Promise<ReadonlyMap<string, PictureMeasures>> {
  const kept = { path: join(dataset.directory, cacheFile), parse: parseLine, format: toLine };
  const measure = async (batch: readonly FaceRecord[]): Promise<(PictureMeasures | undefined)[]> =>
    Promise.all(batch.map(async (record) => measureFile(dataset.picturePath(record))));
  return completeKept(kept, records, measure, { stage: "measure", batchSize: batchLength, onProgress, signal });
}
