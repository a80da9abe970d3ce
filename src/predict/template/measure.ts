import { estimateTemplate } from "../../align/index.ts";
import { detectorOf, loadNetworks } from "../../analyze/pipeline/index.ts";
import type { DetectorChoice } from "../../analyze/index.ts";
import { type FaceLandmarks, landmarkNames, mapLandmarks, type Point, type ProgressListener, throwIfAborted } from "../../core/index.ts";
import type { FaceDetector } from "../../detect/index.ts";
import { decodeReadable } from "../../image/decode.node.ts";
import type { RasterImage } from "../../image/index.ts";
import type { LocalFile } from "../../image/input.node.ts";
import { resizeCubic } from "../../image/resize.node.ts";
import { openModelFolders } from "../../models/models.node.ts";
import type { InferenceRuntime } from "../../runtime/index.ts";
import { locateOnCanvas, showOnCanvas } from "./canvas.ts";

/** Where the detector finds the five landmarks in a dataset's pictures: the template of a head that was trained on them. */
export interface TemplateMeasurement {
  /** Pictures that were looked at: those that can be read. */
  readonly count: number;
  /** Pictures in which a face was found. */
  readonly found: number;
  /** Ids of the networks that looked. */
  readonly detector: readonly string[];
  /** Medians as fractions of width and height, symmetric about the middle; undefined where no face was found. */
  readonly landmarks: FaceLandmarks | undefined;
  /** Median absolute deviation of each coordinate, as fractions too: how far the landmarks of a picture are from the template. */
  readonly medianAbsoluteDeviation: Readonly<Record<string, Point>>;
}

export interface MeasureTemplateOptions {
  readonly runtime: InferenceRuntime;
  /** @default the analyzer's */
  readonly detector?: DetectorChoice | undefined;
  readonly onProgress?: ProgressListener | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Larger pictures are scaled down to this side at least: the canvas shows no more of them. */
const decodedSide = 512;

/**
 * Looks for the face in each picture, with the installed detector, and takes the medians. A picture that cannot be read is passed over: who
 * learns from it says so.
 * @param pictures each shows one face, in its middle
 * @throws {TF_MODEL_NOT_FOUND} when no such detector is installed
 * @throws {TF_ABORTED}
 */
export async function measureTemplate(
  pictures: readonly (LocalFile | RasterImage)[],
  { runtime, detector, onProgress, signal }: MeasureTemplateOptions,
): Promise<TemplateMeasurement> {
  const networks = await loadNetworks({ runtime, models: openModelFolders(), resize: resizeCubic }, { detector, tasks: [] });
  const found: FaceLandmarks[] = [];
  let count = 0;
  try {
    for (const [index, picture] of pictures.entries()) {
      throwIfAborted(signal);
      const decoded = await decodeReadable(picture, { maxSide: decodedSide });
      const landmarks = decoded && (await locate(detectorOf(networks), decoded.image));
      if (decoded !== undefined) count++;
      if (landmarks !== undefined) found.push(landmarks);
      onProgress?.({ stage: "locate", done: index + 1, total: pictures.length });
    }
  } finally {
    await networks.dispose();
  }
  return {
    count,
    found: found.length,
    detector: networks.ids,
    landmarks: found.length === 0 ? undefined : medianLandmarks(found),
    medianAbsoluteDeviation: found.length === 0 ? {} : spreadAround(found),
  };
}

/** The landmarks of the face that a picture is about, as fractions of its sides. */
async function locate(detector: FaceDetector, image: RasterImage): Promise<FaceLandmarks | undefined> {
  const shown = showOnCanvas(image);
  const { toCrop } = shown;
  const landmarks = await locateOnCanvas(detector, shown);
  if (landmarks === undefined) return undefined;
  return mapLandmarks(landmarks, ({ x, y }) => ({
    x: (toCrop.a * x + toCrop.tx) / image.width,
    y: (toCrop.d * y + toCrop.ty) / image.height,
  }));
}

function medianLandmarks(found: readonly FaceLandmarks[]): FaceLandmarks {
  const template = estimateTemplate(found.map((landmarks) => ({ landmarks, size: { width: 1, height: 1 } })));
  return mapLandmarks(template, ({ x, y }) => ({ x: round(x), y: round(y) }));
}

function spreadAround(found: readonly FaceLandmarks[]): Record<string, Point> {
  const deviation = (numbers: readonly number[]): number => {
    const middle = median(numbers);
    return round(median(numbers.map((value) => Math.abs(value - middle))));
  };
  return Object.fromEntries(
    landmarkNames.map((name) => [
      name,
      { x: deviation(found.map((landmarks) => landmarks[name].x)), y: deviation(found.map((landmarks) => landmarks[name].y)) },
    ]),
  );
}

function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  return sorted[sorted.length >> 1]!;
}

function round(value: number): number {
  return Math.round(value * 1e4) / 1e4;
}
