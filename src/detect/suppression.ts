import { type BoundingBox, intersectionOverUnion } from "../core/index.ts";

/** Something that was found somewhere, more or less surely. */
export interface ScoredBox {
  readonly box: BoundingBox;
  readonly score: number;
}

export interface SuppressionOptions {
  /** Boxes whose intersection over union exceeds this are one face, 0..1. */
  readonly overlap: number;
  /**
   * A box of which more than this part lies in a better one is the same face, 0..1: a tile that cuts a face finds only a piece.
   * @default never
   */
  readonly containment?: number | undefined;
}

/**
 * Greedy non-maximum suppression: groups of boxes that show one face, best first, each group led by its best box.
 * The caller takes the leader, or blends the group.
 */
export function groupOverlapping<Box extends ScoredBox>(boxes: readonly Box[], options: SuppressionOptions): Box[][] {
  const sorted = boxes.toSorted((a, b) => b.score - a.score);
  const groups: Box[][] = [];
  for (const box of sorted) {
    const group = groups.find(([leader]) => isSameFace(leader!.box, box.box, options));
    if (group === undefined) groups.push([box]);
    else group.push(box);
  }
  return groups;
}

/** The best box of every face. */
export function suppressNonMaxima<Box extends ScoredBox>(boxes: readonly Box[], options: SuppressionOptions): Box[] {
  return groupOverlapping(boxes, options).map(([leader]) => leader!);
}

function isSameFace(a: BoundingBox, b: BoundingBox, { overlap, containment = Number.POSITIVE_INFINITY }: SuppressionOptions): boolean {
  return intersectionOverUnion(a, b) > overlap || containedPart(a, b) > containment;
}

/** The part of the smaller box that lies in the other one, 0..1. */
export function containedPart(a: BoundingBox, b: BoundingBox): number {
  const width = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x);
  const height = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y);
  const smaller = Math.min(a.width * a.height, b.width * b.height);
  return width <= 0 || height <= 0 || smaller <= 0 ? 0 : (width * height) / smaller;
}
