import { locateFaces } from "../../analyze/pipeline/index.ts";
import { type AffineTransform, type FaceLandmarks, mainFace } from "../../core/index.ts";
import type { FaceDetector } from "../../detect/index.ts";
import { type RasterImage, warpAffine } from "../../image/index.ts";

/**
 * Crops are shown to detectors on a grey canvas, enlarged: a 48 px face that fills its picture is neither as large nor as far
 * from the edges as faces in photographs are.
 */
export const canvasSide = 320;
/** Share of the canvas's side that the crop takes. */
export const cropShare = 0.6;
const grey = [127, 127, 127] as const;

/** A crop with grey around it. */
export interface CropOnCanvas {
  /** `canvasSide` x `canvasSide` pixels. */
  readonly canvas: RasterImage;
  readonly toCrop: AffineTransform;
}

export function showOnCanvas(crop: RasterImage): CropOnCanvas {
  const toCrop = canvasToCrop(crop);
  return { toCrop, canvas: warpAffine(crop, toCrop, canvasSide, canvasSide, { border: grey }) };
}

/** Maps the canvas to the crop; both axes are stretched alike for square crops, which these datasets have. */
function canvasToCrop({ width, height }: RasterImage): AffineTransform {
  const a = width / (cropShare * canvasSide);
  const d = height / (cropShare * canvasSide);
  const offset = ((1 - cropShare) / 2) * canvasSide;
  return { a, b: 0, tx: -offset * a, c: 0, d, ty: -offset * d };
}

/** The landmarks of the face that the crop is about, in pixels of the canvas; undefined where none is found. */
export async function locateOnCanvas(detector: FaceDetector, { canvas }: CropOnCanvas): Promise<FaceLandmarks | undefined> {
  const picture = { image: canvas, scale: 1 };
  const { detections } = await locateFaces(picture, { detector, settings: { minFaceSize: 0.2 * canvasSide, maxFaces: 8 } });
  return mainFace(canvas, detections)?.landmarks;
}
