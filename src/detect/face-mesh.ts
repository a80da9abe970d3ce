import {
  type AffineTransform,
  type BoundingBox,
  createTensorPool,
  type FaceLandmarks,
  type Float32Tensor,
  landmarksOf,
  type Point,
  type TensorPool,
  throwIfAborted,
  transformPoint,
} from "../core/index.ts";
import { channelCount, type PictureCopies, samplingSource, warpToTensor } from "../image/index.ts";
import type { LandmarkManifest } from "../models/index.ts";
import type { FaceCandidate, Network } from "./detector.ts";
import { outputRow } from "./scan.ts";
import { squareAround, squareToSource, type TurnedSquare } from "./square.ts";

/** What the mesh says of one candidate. */
export interface MeshedFace {
  /** The axis-parallel box around all points of the mesh: hairline to chin, ear to ear. */
  readonly box: BoundingBox;
  readonly landmarks: FaceLandmarks;
  /** How sure the mesh is that it saw a face, 0..1. */
  readonly presence: number;
}

/** Below this the mesh's points are not to be trusted. */
export const trustedPresence = 0.5;

/** Finds the 468 points of MediaPipe's face mesh (Kartynnik et al., 2019) and keeps five, for all candidates of a picture at once. */
export interface FaceMesh {
  locate(copies: PictureCopies, candidates: readonly FaceCandidate[], signal?: AbortSignal): Promise<MeshedFace[]>;
}

/**
 * Indices into the mesh. An eye is the mean of its corners and lids. Left and right as seen, which is the other way round for the
 * person; https://github.com/google-ai-edge/mediapipe has the numbered drawing.
 */
const meshPoints = {
  leftEye: [33, 133, 159, 145],
  rightEye: [362, 263, 386, 374],
  nose: [1],
  leftMouth: [61],
  rightMouth: [291],
} as const satisfies Record<keyof FaceLandmarks, readonly number[]>;

/**
 * Side of the crop against the longer side of the detector's box. The mesh was trained with 1.5; a little more keeps small and
 * badly boxed faces whole: docs/lab/detection.md.
 */
const cropMargin = 1.7;
/** Side of the second look's crop against the longer side of the mesh's own box. */
const secondMargin = 1.35;
/** Side of the mirrored look's crop against the longer side of the mesh's own box. */
const mirrorMargin = 1.6;
/**
 * Between these the mesh is in doubt, and below them where the detector is sure: then it looks at the mirror image. A face is a face
 * there too; what only resembles one loses nearly all of its presence: docs/lab/detection.md.
 */
const doubt = { low: 0.02, high: 0.97, sureDetector: 0.7 };
/** How many faces one run takes: of more, the maps no longer fit a core's cache, and each face takes a quarter longer. */
const batchSize = 8;
/** Where the first look saw nothing like a face, a second one would only look elsewhere. */
const worthLooking = 0.1;
/** A second look pays when the first was tilted by more than this, in radians, or off by this part of its crop. */
const tiltLimit = 0.2;
const shiftLimit = 0.1;
const scaleLimit = 0.2;

/** @param manifest its outputs name `points` (`[N, 1404]`, x y z in pixels of the crop) and `presence` (`[N, 1]`, 0..1) */
export function createFaceMesh(network: Network, manifest: LandmarkManifest): FaceMesh {
  const mesh = { network, manifest, pool: createTensorPool() };
  const look = (copies: PictureCopies, crops: readonly TurnedSquare[], signal?: AbortSignal): Promise<Look[]> =>
    lookInBatches(mesh, copies, crops, signal);
  return {
    async locate(copies, candidates, signal) {
      const crops = candidates.map((candidate) => ({ ...squareAround(candidate.box, cropMargin), angle: candidate.angle }));
      const looks = await look(copies, crops, signal);
      const unsure = looks.flatMap((first, index) => (needsSecondLook(first) ? [index] : []));
      const again = await look(
        copies,
        unsure.map((index) => secondCrop(looks[index]!)),
        signal,
      );
      // The second look counts even where it is less sure: a crop between two faces may please at first sight.
      for (const [order, index] of unsure.entries()) looks[index] = again[order]!;
      const doubtful = looks.flatMap((seen, index) => (isDoubtful(seen, candidates[index]!) ? [index] : []));
      const mirrored = await look(
        copies,
        doubtful.map((index) => mirrorCrop(looks[index]!)),
        signal,
      );
      for (const [order, index] of doubtful.entries()) looks[index] = { ...looks[index]!, presence: mirrored[order]!.presence };
      return looks.map(toFace);
    },
  };
}

/** One look of the network at one crop, points in the picture's pixels. */
interface Look {
  readonly crop: TurnedSquare;
  readonly points: readonly Point[];
  readonly presence: number;
}

interface MeshNetwork {
  readonly network: Network;
  readonly manifest: LandmarkManifest;
  readonly pool: TensorPool;
}

async function lookInBatches(
  mesh: MeshNetwork,
  copies: PictureCopies,
  crops: readonly TurnedSquare[],
  signal: AbortSignal | undefined,
): Promise<Look[]> {
  const looks: Look[] = [];
  for (let start = 0; start < crops.length; start += batchSize) {
    throwIfAborted(signal);
    looks.push(...(await lookOnce(mesh, copies, crops.slice(start, start + batchSize))));
  }
  return looks;
}

async function lookOnce({ network, manifest, pool }: MeshNetwork, copies: PictureCopies, crops: readonly TurnedSquare[]): Promise<Look[]> {
  const { input, outputs } = manifest;
  const transforms = crops.map((crop) => squareToSource(crop, input.width));
  const result = await pool.lend([crops.length, channelCount(input), input.height, input.width], async (batch) => {
    writeCrops(copies, transforms, input, batch);
    return network.run({ [input.name]: batch }, [outputs["points"]!, outputs["presence"]!]);
  });
  return crops.map((crop, index) => ({
    crop,
    points: pointsInPicture(outputRow(manifest, result, "points", index), transforms[index]!),
    presence: outputRow(manifest, result, "presence", index)[0]!,
  }));
}

/** @param values `[points, 3]`: x and y in pixels of the crop, and a depth that nobody here needs */
function pointsInPicture(values: Float32Array, toPicture: AffineTransform): Point[] {
  const points: Point[] = [];
  for (let at = 0; at < values.length; at += 3) points.push(transformPoint(toPicture, { x: values[at]!, y: values[at + 1]! }));
  return points;
}

/** @param transforms map pixels of each crop to pixels of the picture */
function writeCrops(
  copies: PictureCopies,
  transforms: readonly AffineTransform[],
  input: LandmarkManifest["input"],
  batch: Float32Tensor,
): void {
  const size = channelCount(input) * input.height * input.width;
  for (const [index, transform] of transforms.entries()) {
    const reduced = samplingSource(copies, transform, input.width, input.height);
    warpToTensor(reduced.image, reduced.toSource, { ...input, border: [0, 0, 0], antialias: false }, batch.data, index * size);
  }
}

function needsSecondLook(look: Look): boolean {
  const better = secondCrop(look);
  const tilt = Math.abs(Math.atan2(Math.sin(better.angle - look.crop.angle), Math.cos(better.angle - look.crop.angle)));
  const shift = Math.hypot(better.centre.x - look.crop.centre.x, better.centre.y - look.crop.centre.y) / look.crop.side;
  const scale = Math.abs(Math.log(better.side / look.crop.side));
  return look.presence >= worthLooking && (tilt > tiltLimit || shift > shiftLimit || scale > scaleLimit);
}

function isDoubtful({ presence }: Look, { score }: FaceCandidate): boolean {
  return presence < doubt.high && (presence >= doubt.low || score >= doubt.sureDetector);
}

function mirrorCrop(look: Look): TurnedSquare {
  return { ...secondCrop(look, mirrorMargin), isMirrored: true };
}

/** The crop that the mesh itself asks for: centred, upright, and as large as it was trained with. */
function secondCrop(look: Look, margin = secondMargin): TurnedSquare {
  const landmarks = fivePoints(look.points);
  const angle = Math.atan2(landmarks.rightEye.y - landmarks.leftEye.y, landmarks.rightEye.x - landmarks.leftEye.x);
  const upright = boundingBox(look.points, -angle);
  const centre = turn({ x: upright.x + upright.width / 2, y: upright.y + upright.height / 2 }, angle);
  return { centre, side: Math.max(upright.width, upright.height) * margin, angle };
}

function toFace({ points, presence }: Look): MeshedFace {
  return { box: boundingBox(points), landmarks: fivePoints(points), presence };
}

function fivePoints(points: readonly Point[]): FaceLandmarks {
  const mean = (indices: readonly number[]): Point => ({
    x: indices.reduce((sum, index) => sum + points[index]!.x, 0) / indices.length,
    y: indices.reduce((sum, index) => sum + points[index]!.y, 0) / indices.length,
  });
  return landmarksOf((name) => mean(meshPoints[name]));
}

function turn({ x, y }: Point, angle: number): Point {
  return { x: x * Math.cos(angle) - y * Math.sin(angle), y: x * Math.sin(angle) + y * Math.cos(angle) };
}

/** Of the points, turned by `angle` radians around the origin. */
function boundingBox(points: readonly Point[], angle = 0): BoundingBox {
  const cosine = Math.cos(angle);
  const sine = Math.sin(angle);
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const point of points) {
    const x = point.x * cosine - point.y * sine;
    const y = point.x * sine + point.y * cosine;
    left = Math.min(left, x);
    top = Math.min(top, y);
    right = Math.max(right, x);
    bottom = Math.max(bottom, y);
  }
  return { x: left, y: top, width: right - left, height: bottom - top };
}
