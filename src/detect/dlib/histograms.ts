import type { RasterImage } from "../../image/index.ts";

/** Sides of a cell, in pixels. */
export const cellSize = 8;
/** Directions that a gradient may have, 20 degrees apart; the later half are the earlier ones turned about. */
export const orientationCount = 18;

/** How strong the gradients of each direction are in each cell. */
export interface CellHistograms {
  /** Cells, with a border of one all around that takes what pixels at the edge would give to cells outside. */
  readonly rows: number;
  readonly columns: number;
  /** `[rows, columns, 18]`. */
  readonly data: Float32Array;
}

/** Half of the directions, as dlib writes them: four digits, so that ties between two are its own. */
const directions = [
  [1, 0],
  [0.9397, 0.342],
  [0.766, 0.6428],
  [0.5, 0.866],
  [0.1736, 0.9848],
  [-0.1736, 0.9848],
  [-0.5, 0.866],
  [-0.766, 0.6428],
  [-0.9397, 0.342],
] as const;

/** Where the first pixel's middle lies among the middles of cells, counted from the border. */
const firstPlace = 0.5 / cellSize + 0.5;
/** Differences of two bytes, -255..255. */
const mostDifference = 255;
const differences = 2 * mostDifference + 1;
/** The table's entry for none. */
const noGradient = mostDifference * differences + mostDifference;

/** The direction of every gradient that bytes can have: `[y + 255, x + 255]`. */
let orientations: Uint8Array | undefined;

/**
 * The histograms of Felzenszwalb et al. (2010) as dlib computes them (`extract_fhog_features`): of each pixel the gradient of the channel where it
 * is strongest, given to the nearest of 18 directions, and shared among the four nearest cells by distance. The outermost pixels have none.
 * @returns undefined for pictures too small for a feature: of fewer than three cells a side
 */
export function cellHistograms(image: RasterImage): CellHistograms | undefined {
  const rows = Math.floor(image.height / cellSize + 0.5);
  const columns = Math.floor(image.width / cellSize + 0.5);
  if (rows < 3 || columns < 3) return undefined;
  orientations ??= tabulateOrientations();
  const sums = new Float64Array((rows + 2) * (columns + 2) * orientationCount);
  const bottom = Math.min(rows * cellSize, image.height) - 1;
  const width = Math.min(columns * cellSize, image.width) - 1;
  const rowLength = (columns + 2) * orientationCount;
  for (let y = 1; y < bottom; y++) {
    const place = y / cellSize + firstPlace;
    const cell = Math.floor(place);
    addRow(image, y, { sums, start: cell * rowLength, rowLength, width, below: place - cell, orientations });
  }
  return { rows: rows + 2, columns: columns + 2, data: new Float32Array(sums) };
}

interface RowTarget {
  readonly sums: Float64Array;
  /** Where the upper of the two rows of cells begins. */
  readonly start: number;
  readonly rowLength: number;
  /** Pixels in front of this column count. */
  readonly width: number;
  /** What the lower row gets, 0..1. */
  readonly below: number;
  readonly orientations: Uint8Array;
}

/** Written out for three channels: this is where most of a detector's time goes. */
function addRow(image: RasterImage, y: number, { sums, start, rowLength, width, below, orientations }: RowTarget): void {
  const pixels = image.data;
  const above = 1 - below;
  const { imul, sqrt } = Math;
  let at = y * image.width * 3;
  let over = at - image.width * 3 + 3;
  let under = at + image.width * 3 + 3;
  // The pixels to the left of this one, this one, and the ones to the right of it.
  let leftRed = pixels[at]!;
  let leftGreen = pixels[at + 1]!;
  let leftBlue = pixels[at + 2]!;
  let red = pixels[at + 3]!;
  let green = pixels[at + 4]!;
  let blue = pixels[at + 5]!;
  at += 6;
  for (let x = 1; x < width; x++, at += 3, over += 3, under += 3) {
    const rightRed = pixels[at]!;
    const rightGreen = pixels[at + 1]!;
    const rightBlue = pixels[at + 2]!;
    const redX = (rightRed - leftRed) | 0;
    const redY = (pixels[under]! - pixels[over]!) | 0;
    const greenX = (rightGreen - leftGreen) | 0;
    const greenY = (pixels[under + 1]! - pixels[over + 1]!) | 0;
    const blueX = (rightBlue - leftBlue) | 0;
    const blueY = (pixels[under + 2]! - pixels[over + 2]!) | 0;
    leftRed = red;
    leftGreen = green;
    leftBlue = blue;
    red = rightRed;
    green = rightGreen;
    blue = rightBlue;
    let squared = (imul(redX, redX) + imul(redY, redY)) | 0;
    let gradient = (imul(redY, differences) + redX) | 0;
    const moreGreen = (imul(greenX, greenX) + imul(greenY, greenY) - squared) | 0;
    const isGreen = ~(moreGreen >> 31);
    squared = (squared + (moreGreen & isGreen)) | 0;
    gradient = (gradient + ((imul(greenY, differences) + greenX - gradient) & isGreen)) | 0;
    const moreBlue = (imul(blueX, blueX) + imul(blueY, blueY) - squared) | 0;
    const isBlue = ~(moreBlue >> 31);
    squared = (squared + (moreBlue & isBlue)) | 0;
    gradient = (gradient + ((imul(blueY, differences) + blueX - gradient) & isBlue)) | 0;
    if (squared === 0) continue;
    const strength = sqrt(squared);
    const place = x / cellSize + firstPlace;
    const cell = place | 0;
    const right = (place - cell) * strength;
    const left = strength - right;
    const bin = start + imul(cell, orientationCount) + orientations[gradient + noGradient]!;
    sums[bin]! += above * left;
    sums[bin + orientationCount]! += above * right;
    sums[bin + rowLength]! += below * left;
    sums[bin + rowLength + orientationCount]! += below * right;
  }
}

function tabulateOrientations(): Uint8Array {
  const table = new Uint8Array(differences * differences);
  for (let index = 0; index < table.length; index++) {
    table[index] = orientationOf((index % differences) - mostDifference, Math.floor(index / differences) - mostDifference);
  }
  return table;
}

/** The direction that lies nearest, the first of equals. */
function orientationOf(x: number, y: number): number {
  let best = 0;
  let bestProduct = 0;
  for (const [index, [directionX, directionY]] of directions.entries()) {
    const product = x * directionX + y * directionY;
    if (Math.abs(product) <= bestProduct) continue;
    bestProduct = Math.abs(product);
    best = product > 0 ? index : index + directions.length;
  }
  return best;
}
