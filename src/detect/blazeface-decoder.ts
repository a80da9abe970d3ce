import { type Point, sigmoid } from "../core/index.ts";
import type { ViewFace } from "./candidate.ts";

/** Numbers of one anchor: box centre offset, box size, six points of two numbers. */
const stride = 16;
/** The points follow the box: the subject's right eye, which is left as seen, then the left one, nose, mouth and ears. */
const pointOffset = 4;

/** A grid of cells over the network's input, with some anchors in the middle of each. */
interface AnchorGrid {
  /** Distance of the cells, in pixels of the input. */
  readonly step: number;
  /** Anchors of one cell. */
  readonly count: number;
}

/** BlazeFace's two grids. */
export const blazeFaceGrids = { fine: { step: 16, count: 2 }, coarse: { step: 32, count: 6 } } as const satisfies Record<
  string,
  AnchorGrid
>;

/**
 * The centre of a grid's anchor in pixels of an input `width` pixels wide (Bazarevsky et al., 2019): row-major cells, the anchors of a
 * cell together. All are of unit size, so only their centres count.
 */
export function anchorCentre(anchor: number, width: number, { step, count }: AnchorGrid): Point {
  const cell = Math.floor(anchor / count);
  const columns = Math.ceil((width - step / 2) / step);
  return { x: ((cell % columns) + 0.5) * step, y: (Math.floor(cell / columns) + 0.5) * step };
}

/** What the numbers of one grid mean. */
export interface BlazeFaceLayout {
  /** Of the network's input, in pixels. */
  readonly width: number;
  readonly grid: AnchorGrid;
  /** Faces of a lower score, 0..1, are left out. */
  readonly scoreThreshold: number;
}

/**
 * The faces of one picture of the batch, in pixels of the network's input, before suppression.
 * @param logits `[anchors]`, one score each
 * @param boxes `[anchors, 16]`: offsets from the anchor's centre, sizes and points in pixels of the input
 */
export function decodeBlazeFace(
  logits: Float32Array,
  boxes: Float32Array,
  { width: inputWidth, grid, scoreThreshold }: BlazeFaceLayout,
): ViewFace[] {
  const faces: ViewFace[] = [];
  // Comparing logits spares an exponential for each of the many anchors that see nothing.
  const logitThreshold = Math.log(scoreThreshold / (1 - scoreThreshold));
  for (let anchor = 0; anchor < logits.length; anchor++) {
    if (logits[anchor]! < logitThreshold) continue;
    const at = anchor * stride;
    const { x, y } = anchorCentre(anchor, inputWidth, grid);
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
