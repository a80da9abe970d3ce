import { open } from "node:fs/promises";
import { join } from "node:path";
import { createAnalyzer } from "../analyze/create-analyzer.node.ts";
import type { FaceAnalyzer } from "../analyze/face-analyzer.ts";
import { type FaceLandmarks, isTensorFaceError, type ProgressListener, throwIfAborted } from "../core/index.ts";
import type { Dataset } from "../datasets/dataset.node.ts";
import { type FaceObservation, faceObservationSchema } from "../datasets/face-observation.ts";
import { waitForFileLock } from "../files/file-lock.node.ts";
import { endTornLine, pathKind, readLines, writeFailure } from "../files/files.node.ts";
import type { FaceRecord } from "../datasets/record.ts";
import type { PictureInput } from "../image/decode.node.ts";

const observationsFile = "faces.jsonl";
const batchLength = 32;

/**
 * How far the nose stands out, as a share of the distance between the eyes: with it the nose's way from the middle of the eyes
 * tells the turn of the head. A coarse figure, for how poses are distributed and not for the pose of one face.
 */
const noseDepth = 0.6;

/** Turn and tilt of a head from five points, in degrees. */
export function estimatePose({ leftEye, rightEye, nose }: FaceLandmarks): { readonly yaw: number; readonly roll: number } {
  const across = { x: rightEye.x - leftEye.x, y: rightEye.y - leftEye.y };
  const distance = Math.hypot(across.x, across.y) || 1;
  const middle = { x: (leftEye.x + rightEye.x) / 2, y: (leftEye.y + rightEye.y) / 2 };
  const along = ((nose.x - middle.x) * across.x + (nose.y - middle.y) * across.y) / distance ** 2;
  const degrees = 180 / Math.PI;
  const round = (value: number): number => Math.round(value * 10) / 10;
  return { yaw: round(Math.atan(along / noseDepth) * degrees), roll: round(Math.atan2(across.y, across.x) * degrees) };
}

/** What was found before, by SHA-256. A half-written last line is passed over. */
export async function readObservations(directory: string): Promise<Map<string, FaceObservation> | undefined> {
  const path = join(directory, observationsFile);
  if ((await pathKind(path)) !== "file") return undefined;
  const found = new Map<string, FaceObservation>();
  for await (const line of readLines(path)) {
    try {
      const observation = faceObservationSchema.parse(JSON.parse(line));
      found.set(observation.sha256, observation);
    } catch {
      // Cut off by a killed process: that picture is looked at again.
    }
  }
  return found;
}

/** How many faces each picture has, by SHA-256; `undefined` when the detector was not run. */
export async function readFaceCounts(directory: string): Promise<ReadonlyMap<string, number> | undefined> {
  const observations = await readObservations(directory);
  return observations === undefined ? undefined : new Map([...observations].map(([key, { faces }]) => [key, faces]));
}

async function observe(analyzer: FaceAnalyzer<PictureInput>, dataset: Dataset, record: FaceRecord): Promise<FaceObservation | undefined> {
  try {
    const { faces } = await analyzer.analyze({ path: dataset.picturePath(record) });
    const [largest] = faces;
    const pose = largest === undefined ? undefined : estimatePose(largest.landmarks);
    return { sha256: record.sha256, faces: faces.length, ...(pose === undefined ? {} : { pose }) };
  } catch (error) {
    if (isTensorFaceError(error) && /^TF_(IMAGE|INPUT)_/.test(error.code)) return undefined;
    throw error;
  }
}

export interface ObserveOptions {
  readonly onProgress?: ProgressListener | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Runs the detector over records that it has not seen; what it finds is added to `faces.jsonl`. */
export async function observeFaces(
  dataset: Dataset,
  records: readonly FaceRecord[],
  { onProgress, signal }: ObserveOptions = {},
): Promise<ReadonlyMap<string, FaceObservation>> {
  const path = join(dataset.directory, observationsFile);
  await using lock = await waitForFileLock(path, { onProgress, signal });
  const found = (await readObservations(dataset.directory)) ?? new Map<string, FaceObservation>();
  const missing = [...new Map(records.filter(({ sha256 }) => !found.has(sha256)).map((record) => [record.sha256, record])).values()];
  if (missing.length === 0) return found;
  await using analyzer = await createAnalyzer({ heads: [] });
  await using file = await open(path, "a+").catch((error: unknown) => {
    throw writeFailure(error, path);
  });
  await endTornLine(file);
  for (let start = 0; start < missing.length; start += batchLength) {
    throwIfAborted(signal);
    const batch = await Promise.all(missing.slice(start, start + batchLength).map((record) => observe(analyzer, dataset, record)));
    const known = batch.filter((observation) => observation !== undefined);
    await file.appendFile(known.map((observation) => `${JSON.stringify(observation)}\n`).join("")).catch((error: unknown) => {
      throw writeFailure(error, path);
    });
    await lock.touch();
    for (const observation of known) found.set(observation.sha256, observation);
    onProgress?.({ stage: "find faces", done: Math.min(start + batchLength, missing.length), total: missing.length });
  }
  return found;
}
