import { join } from "node:path";
import { z } from "zod";
import type { ProgressListener } from "../core/index.ts";
import { decodeReadable } from "../image/decode.node.ts";
import type { PictureSet } from "./dataset.node.ts";
import type { DecodedPicture } from "../image/index.ts";
import type { LocalFile } from "../image/input.node.ts";
import { completeKept, type KeptLines } from "../files/kept-lines.node.ts";
import { assessPicture, type PictureQuality } from "./quality.ts";
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

function toLine(sha256: string, qualities: PictureQuality): string {
  const round = (value: number): number => Math.round(value * 1000) / 1000;
  const { brightness, contrast, sharpness, flatShare, hash, thumbnail } = qualities;
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

function parseLine(line: string): readonly [string, PictureQuality] {
  const { sha256, thumbnail, ...rest } = lineSchema.parse(JSON.parse(line));
  return [sha256, { ...rest, thumbnail: new Uint8Array(Buffer.from(thumbnail, "base64")) }];
}

/** What was measured of a dataset's pictures, by SHA-256. */
export function keptQualities(directory: string): KeptLines<PictureQuality> {
  return { path: join(directory, cacheFile), parse: parseLine, format: toLine };
}

export interface MeasureOptions {
  readonly onProgress?: ProgressListener | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Measures a picture; undefined for one that is gone or damaged, which reports say.
 * @param decoded the same picture where it was decoded for something else: a small one is not decoded again
 */
export async function assessFile(file: LocalFile, decoded?: Pick<DecodedPicture, "image" | "scale">): Promise<PictureQuality | undefined> {
  const isSmall = decoded !== undefined && decoded.scale === 1 && Math.max(decoded.image.width, decoded.image.height) <= maxSide;
  const picture = isSmall ? decoded : await decodeReadable(file, { maxSide });
  return picture && assessPicture(picture.image);
}

/**
 * Assesses every picture of a dataset, once: what was measured is kept in `measures.jsonl` by content hash.
 * @returns qualities by SHA-256; pictures that cannot be read are absent
 * @throws {TF_OUTPUT_FULL | TF_OUTPUT_UNWRITABLE | TF_ABORTED}
 * @throws {TF_FOLDER_BUSY} when another process that assesses pictures has stopped going on
 */
export async function assessDataset(
  dataset: PictureSet,
  records: readonly FaceRecord[],
  { onProgress, signal }: MeasureOptions = {},
): Promise<ReadonlyMap<string, PictureQuality>> {
  const measure = async (batch: readonly FaceRecord[]): Promise<(PictureQuality | undefined)[]> =>
    Promise.all(batch.map(async (record) => assessFile({ path: dataset.picturePath(record), sha256: record.sha256 })));
  return completeKept(keptQualities(dataset.directory), records, measure, { stage: "measure", batchSize: batchLength, onProgress, signal });
}
