import { type Point, sigmoid } from "../core/index.ts";
import type { ViewFace } from "./candidate.ts";

/** Numbers of one anchor: box centre offset, box size, six points of two numbers. */
const stride = 16;
/** The points follow the box: the subject's right eye, which is left as seen, then the left one, nose, mouth and ears. */
const pointOffset = 4;

/** Distance of the cells of BlazeFace's two grids, in pixels of its input, and how many anchors each cell has. */
export const blazeFaceGrids = { fine: { step: 16, count: 2 }, coarse: { step: 32, count: 6 } } as const;

/**
 * The centres of a grid's anchors (Bazarevsky et al., 2019), `[count, 2]` in pixels of the input: row-major cells, the anchors of a
 * cell together. All are of unit size, so only their centres count.
 */
export function blazeFaceAnchors(
  width: number,
  height: number,
  { step, count }: { readonly step: number; readonly count: number },
): Float32Array {
  const centres: number[] = [];
  for (let y = step / 2; y < height; y += step) {
    for (let x = step / 2; x < width; x += step) {
      for (let anchor = 0; anchor < count; anchor++) centres.push(x, y);
    }
  }
  return Float32Array.from(centres);
}

/**
 * The faces of one picture of the batch, in pixels of the network's input, before suppression.
 * @param logits `[anchors]`, one score each
 * @param boxes `[anchors, 16]`: offsets from the anchor's centre, sizes and points in pixels of the input
 */
export function decodeBlazeFace(logits: Float32Array, boxes: Float32Array, anchors: Float32Array, scoreThreshold: number): ViewFace[] {
  const faces: ViewFace[] = [];
  // Comparing logits spares an exponential for each of the many anchors that see nothing.
  const logitThreshold = Math.log(scoreThreshold / (1 - scoreThreshold));
  for (let anchor = 0; anchor < logits.length; anchor++) {
    if (logits[anchor]! < logitThreshold) continue;
    const at = anchor * stride;
    const x = anchors[anchor * 2]!;
    const y = anchors[anchor * 2 + 1]!;
    const width = boxes[at + 2]!;
    const height = boxes[at + 3]!;
    const point = (index: number): Point => ({
      x: x + boxes[at + pointOffset + 2 * index]!,
      y: y + boxes[at + pointOffset + 2 * index + 1]!,
    });
    faces.push({
      box: { x: x + boxes[at]! - width / 2, y: y + boxes[at + 1]! - height / 2, width, height },
      score: sigmoid(logits[anchor]!),
      keypoints: { leftEye: point(0), rightEye: point(1), nose: point(2), mouth: point(3) },
    });
  }
  return faces;
}
