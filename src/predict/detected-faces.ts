import { join } from "node:path";
import type { FaceAnalysis } from "../analyze/index.ts";
import type { FaceLandmarks } from "../core/index.ts";
import type { Dataset } from "../datasets/dataset.node.ts";
import { type FaceObservation, faceObservationSchema, type FaceRecord } from "../datasets/index.ts";
import { pathKind } from "../files/files.node.ts";
import { type KeptLines, readKept } from "../files/kept-lines.node.ts";
import { findFaces, type FindFacesOptions } from "./find-faces.ts";

const observationsFile = "faces.jsonl";

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

function keptIn(directory: string): KeptLines<FaceObservation> {
  return {
    path: join(directory, observationsFile),
    parse: (line) => {
      const observation = faceObservationSchema.parse(JSON.parse(line));
      return [observation.sha256, observation];
    },
    format: (_sha256, observation) => JSON.stringify(observation),
  };
}

/** What was found before, by SHA-256; undefined where nothing was looked for. */
export async function readObservations(directory: string): Promise<Map<string, FaceObservation> | undefined> {
  const kept = keptIn(directory);
  return (await pathKind(kept.path)) === "file" ? readKept(kept) : undefined;
}

/** How many faces each picture has, by SHA-256; `undefined` when the detector was not run. */
export async function readFaceCounts(directory: string): Promise<ReadonlyMap<string, number> | undefined> {
  const observations = await readObservations(directory);
  return observations === undefined ? undefined : new Map([...observations].map(([key, { faces }]) => [key, faces]));
}

/** Runs the detector over records that it has not seen; what it finds is added to `faces.jsonl`. */
export async function observeFaces(
  dataset: Dataset,
  records: readonly FaceRecord[],
  options: FindFacesOptions = {},
): Promise<ReadonlyMap<string, FaceObservation>> {
  const pictures = records.map((record) => ({ path: dataset.picturePath(record), sha256: record.sha256 }));
  const observe = ({ faces }: FaceAnalysis, sha256: string): FaceObservation => {
    const [largest] = faces;
    const pose = largest === undefined ? undefined : estimatePose(largest.landmarks);
    return { sha256, faces: faces.length, ...(pose === undefined ? {} : { pose }) };
  };
  return findFaces(keptIn(dataset.directory), pictures, observe, options);
}
