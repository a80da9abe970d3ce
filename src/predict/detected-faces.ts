import { join } from "node:path";
import type { AnalyzedFace, FaceAnalysis } from "../analyze/index.ts";
import { type FaceLandmarks, mapLandmarks, type Point } from "../core/index.ts";
import { type FaceObservation, faceObservationSchema, type FacePlace, isComplete } from "../datasets/index.ts";
import { pathKind } from "../files/files.node.ts";
import { type KeptLines, readKept } from "../files/kept-lines.node.ts";

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

/** @param accept what a line must have, that its picture is not looked at again */
function keptIn(directory: string, accept: (observation: FaceObservation) => boolean = () => true): KeptLines<FaceObservation> {
  return {
    path: join(directory, observationsFile),
    parse: (line) => {
      const observation = faceObservationSchema.parse(JSON.parse(line));
      if (!accept(observation)) throw new RangeError("an earlier version wrote less, or another detector found it");
      return [observation.sha256, observation];
    },
    format: (_sha256, observation) => JSON.stringify(observation),
  };
}

/** What was found before by the detector that was used last, by SHA-256; undefined where nothing was looked for. */
export async function readObservations(directory: string): Promise<Map<string, FaceObservation> | undefined> {
  let by: string | undefined;
  const kept = keptIn(directory, (observation) => {
    ({ by } = observation);
    return true;
  });
  if ((await pathKind(kept.path)) !== "file") return undefined;
  // What the last one found, and nothing that another said of other pictures.
  return new Map([...(await readKept(kept))].filter(([, observation]) => observation.by === by));
}

/** The largest face of a picture, in shares of the picture's sides. */
function placeOf({ box, landmarks }: AnalyzedFace, { width, height }: FaceAnalysis): FacePlace {
  const round = (value: number): number => Math.round(value * 10_000) / 10_000;
  const share = ({ x, y }: Point): Point => ({ x: round(x / width), y: round(y / height) });
  return {
    box: { ...share(box), width: round(box.width / width), height: round(box.height / height) },
    landmarks: mapLandmarks(landmarks, share),
  };
}

/** What is kept of the faces of a picture. */
export function observationOf(analysis: FaceAnalysis, { sha256, by }: Pick<FaceObservation, "sha256" | "by">): FaceObservation {
  const { faces } = analysis;
  const [largest] = faces;
  if (largest === undefined) return { sha256, by, faces: 0 };
  return { sha256, by, faces: faces.length, pose: estimatePose(largest.landmarks), place: placeOf(largest, analysis) };
}

/**
 * What was found of a dataset's pictures, as far as all is known that is told of a picture today.
 * @param by what finds faces now: what another found is looked for again
 */
export function keptObservations(directory: string, by: string): KeptLines<FaceObservation> {
  return keptIn(directory, (observation) => isComplete(observation) && observation.by === by);
}
