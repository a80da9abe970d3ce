import type { BoundingBox } from "../../core/index.ts";
import { cellSize } from "./histograms.ts";
import { levelFactor, levelOffset } from "./shrink.ts";

/** A window that looks like a face. */
export interface Window {
  /** In whole pixels of the picture; may reach past its edges. */
  readonly box: BoundingBox;
  /** How far above the filter's threshold, from 0. */
  readonly score: number;
  /** Which of the detector's filters: the frontal one, to the left, to the right, tilted to the left, to the right. */
  readonly filter: number;
}

/** Sides of a filter, in cells. */
const filterSide = 10;
/** Cells in front of a filter's middle one. */
const before = 4;
/** As the detector's own overlap tester has them: more of two boxes' common frame, or of either box, is one face. */
const sameFace = { overlap: 0.33008212188056446, covered: 0.7885714285714286 };

/**
 * The windows of one level that reach their filter's threshold, in no order.
 * @param scores `[filters, rows, columns]`: what the sum in each window is above its filter's threshold
 * @param level how often the picture was shrunk
 * @param least the score from which on a window counts
 */
export function windowsIn(
  scores: Float32Array,
  { rows, columns }: { readonly rows: number; readonly columns: number },
  level: number,
  least: number,
): Window[] {
  const windows: Window[] = [];
  for (const [at, score] of scores.entries()) {
    if (score < least) continue;
    const row = Math.floor(at / columns) % rows;
    windows.push({ box: boxOf(at % columns, row, level), score, filter: Math.floor(at / (rows * columns)) });
  }
  return windows;
}

/** The windows that are left, best first: of those that show one face the best. */
export function suppressWindows<Found extends Pick<Window, "box" | "score">>(windows: readonly Found[]): Found[] {
  const kept: Found[] = [];
  for (const window of windows.toSorted((a, b) => b.score - a.score)) {
    if (!kept.some(({ box }) => isSameFace(box, window.box))) kept.push(window);
  }
  return kept;
}

/** dlib's boxes hold both of their corner pixels. */
function boxOf(column: number, row: number, level: number): BoundingBox {
  const left = pixelOf(column, level);
  const top = pixelOf(row, level);
  return {
    x: left,
    y: top,
    width: pixelOf(column + filterSide - 1, level) - left + 1,
    height: pixelOf(row + filterSide - 1, level) - top + 1,
  };
}

/** The picture's pixel at a cell, as dlib reckons it: the cell's middle, mirrored in front of the picture's edge. */
function pixelOf(cell: number, level: number): number {
  const corner = (cell + 1 - before) * cellSize + 1;
  let pixel = corner + (corner < 0 ? -cellSize / 2 : cellSize / 2);
  for (let step = 0; step < level; step++) pixel = pixel * levelFactor + levelOffset;
  return Math.floor(pixel + 0.5);
}

/** dlib measures an overlap against the frame around both boxes, not against what they cover together. */
function isSameFace(a: BoundingBox, b: BoundingBox): boolean {
  const width = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x);
  const height = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y);
  if (width <= 0 || height <= 0) return false;
  const common = width * height;
  const frameWidth = Math.max(a.x + a.width, b.x + b.width) - Math.min(a.x, b.x);
  const frameHeight = Math.max(a.y + a.height, b.y + b.height) - Math.min(a.y, b.y);
  const smaller = Math.min(a.width * a.height, b.width * b.height);
  return common / (frameWidth * frameHeight) > sameFace.overlap || common / smaller > sameFace.covered;
}
