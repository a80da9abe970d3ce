import { type AffineTransform, composeTransforms, identityTransform } from "../core/index.ts";

/** One look of a detector at the picture: the whole of it or a tile, at some scale, perhaps turned. */
export interface View {
  /** Maps pixels of the network's input to pixels of the picture. */
  readonly toSource: AffineTransform;
  /** Size of the network's input for this view, in pixels: multiples of {@link inputGrid}. */
  readonly width: number;
  readonly height: number;
  /** How far the picture was turned for this view, in radians; an upright face in the view has this angle in the picture. */
  readonly angle: number;
  /** Which sides of the view lie inside the picture and so may cut a face. */
  readonly cuts: { readonly left: boolean; readonly top: boolean; readonly right: boolean; readonly bottom: boolean };
}

/** What a detector can see in its input. */
export interface DetectorReach {
  /** Longer side of the input that shows the whole picture, in pixels: the size that the network was trained with. */
  readonly inputSize: number;
  /** Side of the smallest face that it finds reliably, in pixels of its input. */
  readonly smallestFace: number;
}

export interface ViewOptions {
  /** Side of the smallest face to look for, in pixels of the picture. */
  readonly minFaceSize: number;
  /** Also turned by 90, 180 and 270 degrees. */
  readonly anyRotation: boolean;
}

interface Size {
  readonly width: number;
  readonly height: number;
}

/** Sides of inputs are multiples of this many pixels, the coarsest step of the detectors' grids that matters for small faces. */
export const inputGrid = 32;
/** From one scale of the pyramid to the next: each finds the faces that are too small for the one before. */
const pyramidStep = 4;
/** Tiles show the largest face of their scale whole, with this much around it. */
const context = 1.3;
/** Enlarging shows the network nothing new beyond this. */
const largestScale = 2;
/** Longest side of a view: activations grow with its area, so larger ones are cut into tiles. */
const largestTile = 1024;

/**
 * The views that together show every face from `minFaceSize` up whole and large enough: the whole picture at growing
 * scales, in overlapping tiles where it gets too large for one look.
 */
export function planViews(picture: Size, reach: DetectorReach, options: ViewOptions): View[] {
  const turns = options.anyRotation ? [0, 1, 2, 3] : [0];
  return turns.flatMap((turn) => {
    const turned = turn % 2 === 0 ? picture : { width: picture.height, height: picture.width };
    const toPicture = quarterTurn(turn, picture);
    const angle = (turn * Math.PI) / 2;
    return planUpright(turned, reach, options.minFaceSize).map(({ toSource, width, height, cuts }) => ({
      toSource: composeTransforms(toPicture, toSource),
      width,
      height,
      cuts,
      angle,
    }));
  });
}

/** The scales of the pyramid, smallest first; the first one shows the whole picture. */
export function pyramidScales(picture: Size, reach: DetectorReach, minFaceSize: number): number[] {
  const whole = reach.inputSize / Math.max(picture.width, picture.height);
  const finest = Math.min(largestScale, reach.smallestFace / minFaceSize);
  // A last scale that is hardly finer than the one before would find nothing new.
  if (finest <= whole * 1.15) return [whole];
  const steps = Math.ceil(Math.log(finest / whole) / Math.log(pyramidStep) - 1e-9);
  return Array.from({ length: steps + 1 }, (_, step) => whole * (finest / whole) ** (step / steps));
}

function planUpright(picture: Size, reach: DetectorReach, minFaceSize: number): View[] {
  return pyramidScales(picture, reach, minFaceSize).flatMap((scale) => tiles(picture, reach, scale));
}

/** One view of the whole picture at this scale where it fits into a tile, else as many tiles as it takes. */
function tiles(picture: Size, reach: DetectorReach, scale: number): View[] {
  const overlap = (reach.smallestFace * pyramidStep * context) / scale;
  const width = tileSide(picture.width * scale);
  const height = tileSide(picture.height * scale);
  const columns = tileStarts(picture.width, width / scale, overlap);
  const rows = tileStarts(picture.height, height / scale, overlap);
  return rows.flatMap((ty) =>
    columns.map((tx) => ({
      toSource: { ...scaling(1 / scale), tx, ty },
      width,
      height,
      angle: 0,
      cuts: { left: tx > 0, top: ty > 0, right: tx + width / scale < picture.width, bottom: ty + height / scale < picture.height },
    })),
  );
}

function tileSide(length: number): number {
  // A rounding error must not cost a row of cells.
  return Math.min(largestTile, Math.max(1, Math.ceil(length / inputGrid - 1e-6)) * inputGrid);
}

/** Where tiles of `side` begin so that they cover `length` evenly and overlap by at least `overlap`. */
export function tileStarts(length: number, side: number, overlap: number): number[] {
  // Sizes come from divisions: a rounding error must not cost a second tile.
  if (length <= side * (1 + 1e-9)) return [(length - side) / 2];
  const count = Math.max(2, Math.ceil((length - overlap) / (side - overlap) - 1e-9));
  return Array.from({ length: count }, (_, index) => ((length - side) * index) / (count - 1));
}

function scaling(scale: number): AffineTransform {
  return { ...identityTransform, a: scale, d: scale };
}

/** Maps the picture turned counter-clockwise by `turn` quarters back to the picture: a face lying at that angle stands upright in it. */
function quarterTurn(turn: number, picture: Size): AffineTransform {
  const { width, height } = picture;
  if (turn === 1) return { a: 0, b: -1, tx: width, c: 1, d: 0, ty: 0 };
  if (turn === 2) return { a: -1, b: 0, tx: width, c: 0, d: -1, ty: height };
  if (turn === 3) return { a: 0, b: 1, tx: 0, c: -1, d: 0, ty: height };
  return identityTransform;
}
