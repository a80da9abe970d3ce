import { type BoundingBox, type Point, transformPoint } from "../core/index.ts";
import type { FaceCandidate, FaceKeypoints } from "./detector.ts";
import { groupOverlapping, suppressNonMaxima } from "./suppression.ts";
import type { Patch } from "./patches.ts";

/** A face in pixels of a patch: what a decoder reads from a network's output. */
export interface ViewFace {
  readonly box: BoundingBox;
  readonly score: number;
  /** Where the network gives them; the roll of the face is read off its eyes. */
  readonly keypoints?: FaceKeypoints;
}

/** Boxes of one patch that overlap more than this are one face. */
const samePatchOverlap = 0.3;
/**
 * Only small faces are faint: above this size, in pixels of the network's input, 99 % of the faces have at least this score, and the
 * mesh is spared shadows and textures. What is small in a coarse patch is large in the finer one, which is asked about it: here it counts only
 * where it is sure. docs/lab/detection.md.
 */
const faint = { size: 20, score: 0.3, coarseScore: 0.55 };
/** Two patches see one face a little differently; a tile may see a piece of it. */
const acrossPatches = { overlap: 0.3, containment: 0.6 };
/** How near to a cut side a box may end, as a fraction of its side, before it counts as cut. */
const cutMargin = 0.08;

/**
 * The faces of one patch as candidates in the picture: near-duplicates blended by their scores (Bazarevsky et al., BlazeFace,
 * 2019, section 4), faces that the patch cuts left to the neighbour that sees them whole.
 */
export function toCandidates(faces: readonly ViewFace[], patch: Patch): FaceCandidate[] {
  return groupOverlapping(faces, { overlap: samePatchOverlap })
    .map(blend)
    .filter((face) => isWorthLooking(face, patch) && !isCut(face.box, patch))
    .map((face) => toCandidate(face, patch));
}

function isWorthLooking({ box, score }: ViewFace, { isCoarse }: Patch): boolean {
  if (box.width >= faint.size) return score >= faint.score;
  return !isCoarse || score >= faint.coarseScore;
}

function toCandidate({ box, score, keypoints }: ViewFace, patch: Patch): FaceCandidate {
  const candidate = { box: boxToSource(box, patch), score };
  if (keypoints === undefined) return { ...candidate, angle: patch.angle };
  const { leftEye, rightEye } = keypoints;
  const angle = patch.angle + Math.atan2(rightEye.y - leftEye.y, rightEye.x - leftEye.x);
  return { ...candidate, angle, keypoints: mapKeypoints((name) => transformPoint(patch.toSource, keypoints[name])) };
}

/** One candidate for each face, however many patches saw it. */
export function mergePatches(candidates: readonly FaceCandidate[]): FaceCandidate[] {
  return suppressNonMaxima(candidates, acrossPatches);
}

/** The mean of a group, weighted by score; it keeps the best score. */
function blend(group: readonly ViewFace[]): ViewFace {
  const [best] = group;
  if (group.length === 1) return best!;
  const total = group.reduce((sum, face) => sum + face.score, 0);
  const mean = (read: (face: ViewFace) => number): number => group.reduce((sum, face) => sum + face.score * read(face), 0) / total;
  const box = {
    x: mean(({ box }) => box.x),
    y: mean(({ box }) => box.y),
    width: mean(({ box }) => box.width),
    height: mean(({ box }) => box.height),
  };
  if (best!.keypoints === undefined) return { box, score: best!.score };
  const keypoints = mapKeypoints((name) => ({
    x: mean((face) => face.keypoints![name].x),
    y: mean((face) => face.keypoints![name].y),
  }));
  return { box, score: best!.score, keypoints };
}

function mapKeypoints(point: (name: keyof FaceKeypoints) => Point): FaceKeypoints {
  return { leftEye: point("leftEye"), rightEye: point("rightEye"), nose: point("nose"), mouth: point("mouth") };
}

function isCut(box: BoundingBox, { cuts, width, height }: Patch): boolean {
  const margin = cutMargin * Math.max(box.width, box.height);
  return (
    (cuts.left && box.x < margin) ||
    (cuts.top && box.y < margin) ||
    (cuts.right && box.x + box.width > width - margin) ||
    (cuts.bottom && box.y + box.height > height - margin)
  );
}

/** Patches are turned by quarters alone, so that a box stays parallel to the axes. */
export function boxToSource(box: BoundingBox, { toSource }: Pick<Patch, "toSource">): BoundingBox {
  const a = transformPoint(toSource, box);
  const b = transformPoint(toSource, { x: box.x + box.width, y: box.y + box.height });
  return { x: Math.min(a.x, b.x), y: Math.min(a.y, b.y), width: Math.abs(b.x - a.x), height: Math.abs(b.y - a.y) };
}
