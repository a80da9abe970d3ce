import { createHash } from "node:crypto";
import { cropTransform, estimateTemplate } from "../../align/index.ts";
import { type AffineTransform, type FaceLandmarks, invertTransform, landmarkNames, mapLandmarks } from "../../core/index.ts";
import type { FaceObservation, FaceRecord } from "../../datasets/index.ts";
import { wholePicture } from "../../features/network-features.node.ts";
import type { RasterImage } from "../../image/index.ts";
import { type HeadManifest, seesFaces } from "../../models/index.ts";

/**
 * In pictures that are crops, the points of half of them lie within this of their median, as a share of the side; in published crops they
 * lie within 0.01 to 0.05 (`recipes/templates`). There a face that the detector misses stands where the others do.
 */
const alignedSpread = 0.06;
/** Faces that tell where the others stand. */
const leastFaces = 12;
/** Shares of the side that a common place is rounded to: a few more pictures must not make every feature another one. */
const placeStep = 0.02;

/** Where networks look in a picture. */
export interface FaceCut {
  /** Names the picture and the place, for what is kept of it. */
  readonly key: string;
  /** In shares of the picture's sides; absent where the whole picture is taken for a crop of a face. */
  readonly landmarks: FaceLandmarks | undefined;
}

/** Of a picture whose face was found, what is kept stands under the picture's SHA-256. */
export function cutOfFound({ sha256, place }: FaceObservation): FaceCut | undefined {
  return place === undefined ? undefined : { key: sha256, landmarks: place.landmarks };
}

/**
 * Where networks look in the pictures of a dataset: at the largest face of each. In a picture without a found face they look where the faces of
 * the others stand, if all stand in one place, and else at the whole of it.
 * @param seen by SHA-256
 */
export function planCuts(
  records: readonly Pick<FaceRecord, "sha256">[],
  seen: ReadonlyMap<string, FaceObservation>,
): (sha256: string) => FaceCut {
  const found = records.flatMap(({ sha256 }) => seen.get(sha256)?.place?.landmarks ?? []);
  const common = commonPlace(found, records.length);
  const name = createHash("sha256")
    .update(JSON.stringify(common ?? null))
    .digest("hex")
    .slice(0, 6);
  return (sha256) => cutOfFound(seen.get(sha256) ?? { sha256, faces: 0 }) ?? { key: `${sha256}-${name}`, landmarks: common };
}

/** From pixels of a network's input to those of a picture: the face as the network was taught to see it. */
export function faceTransform(image: RasterImage, landmarks: FaceLandmarks | undefined, manifest: HeadManifest): AffineTransform {
  if (landmarks === undefined || !seesFaces(manifest)) return wholePicture(image, manifest);
  const inPixels = mapLandmarks(landmarks, ({ x, y }) => ({ x: x * image.width, y: y * image.height }));
  return invertTransform(cropTransform(inPixels, manifest.template, manifest.input));
}

/** Where the faces of aligned crops stand, in shares of the sides; undefined where pictures differ. */
function commonPlace(found: readonly FaceLandmarks[], pictures: number): FaceLandmarks | undefined {
  if (found.length < leastFaces || found.length * 2 < pictures) return undefined;
  const middle = estimateTemplate(found.map((landmarks) => ({ landmarks, size: { width: 1, height: 1 } })));
  const deviations = found.map((landmarks) =>
    Math.max(
      ...landmarkNames.map((name) => Math.max(Math.abs(landmarks[name].x - middle[name].x), Math.abs(landmarks[name].y - middle[name].y))),
    ),
  );
  const median = deviations.toSorted((a, b) => a - b)[deviations.length >> 1]!;
  if (median > alignedSpread) return undefined;
  const round = (value: number): number => Math.round(value / placeStep) * placeStep;
  return mapLandmarks(middle, ({ x, y }) => ({ x: round(x), y: round(y) }));
}
