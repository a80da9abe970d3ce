import {
  type AffineTransform,
  type FaceLandmarks,
  invertTransform,
  landmarkNames,
  landmarksOf,
  mapLandmarks,
  type Point,
  scaleLandmarks,
} from "../core/index.ts";
import { estimateSimilarity } from "./similarity.ts";

/** Where the five landmarks stand in a crop, as fractions of its width and height; the form that head manifests keep. */
export interface LandmarkTemplate {
  readonly landmarks: FaceLandmarks;
}

/** Width and height of a crop, in pixels. */
export interface CropSize {
  readonly width: number;
  readonly height: number;
}

/** The five points in the order of `landmarkNames`. */
export function landmarkPoints(landmarks: FaceLandmarks): Point[] {
  return landmarkNames.map((name) => landmarks[name]);
}

/**
 * The similarity transform from pixels of the source picture to pixels of the crop: the one that brings the face's
 * landmarks closest to the template's.
 */
export function cropTransform(landmarks: FaceLandmarks, template: LandmarkTemplate, size: CropSize): AffineTransform {
  const target = landmarkPoints(template.landmarks).map(({ x, y }) => ({ x: x * size.width, y: y * size.height }));
  return estimateSimilarity(landmarkPoints(landmarks), target);
}

/** From pixels of a crop to pixels of the picture that it is cut from: the other way than {@link cropTransform}, for sampling. */
export function cropToSource(landmarks: FaceLandmarks, template: LandmarkTemplate, size: CropSize): AffineTransform {
  return invertTransform(cropTransform(landmarks, template, size));
}

/** The same template seen in a mirror: what a mirrored face, with left and right named as seen, fits. */
export function mirrorLandmarks(landmarks: FaceLandmarks, width: number): FaceLandmarks {
  const { leftEye, rightEye, nose, leftMouth, rightMouth } = mapLandmarks(landmarks, ({ x, y }) => ({ x: width - x, y }));
  return { leftEye: rightEye, rightEye: leftEye, nose, leftMouth: rightMouth, rightMouth: leftMouth };
}

/**
 * Estimates a template from the landmarks of many training crops: the median position of each point, made symmetric
 * about the vertical middle, since training mirrors its crops.
 *
 * @param crops landmarks in pixels of their crop, and the crop's size
 * @throws {RangeError} for an empty list
 */
export function estimateTemplate(crops: readonly { readonly landmarks: FaceLandmarks; readonly size: CropSize }[]): FaceLandmarks {
  if (crops.length === 0) throw new RangeError("a template needs at least one crop");
  const fractions = crops.flatMap(({ landmarks, size }) => {
    const scaled = scaleLandmarks(landmarks, 1 / size.width, 1 / size.height);
    return [scaled, mirrorLandmarks(scaled, 1)];
  });
  return landmarksOf((name) => ({
    x: median(fractions.map((landmarks) => landmarks[name].x)),
    y: median(fractions.map((landmarks) => landmarks[name].y)),
  }));
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
