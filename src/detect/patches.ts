import { type AffineTransform, composeTransforms, identityTransform } from "../core/index.ts";
import type { RasterImage } from "../image/index.ts";

/** What a detector sees in one run: the whole of it or a tile, at some scale, perhaps turned. */
export interface Patch {
  /** Maps pixels of the network's input to pixels of the picture. */
  readonly toSource: AffineTransform;
  /** Size of the network's input for this patch, in pixels: multiples of {@link inputGrid}. */
  readonly width: number;
  readonly height: number;
  /** How far the picture was turned for this patch, in radians; an upright face in the patch has this angle in the picture. */
  readonly angle: number;
  /** Which sides of the patch lie inside the picture and so may cut a face. */
  readonly cuts: { readonly left: boolean; readonly top: boolean; readonly right: boolean; readonly bottom: boolean };
  /** Whether the picture is looked at at a finer scale too, which shows small faces larger. */
  readonly isCoarse: boolean;
}

/** A patch, and the copy of the picture that it is cut from. */
export interface PlannedPatch extends Patch {
  /** The size of the picture at this scale, in whole pixels. */
  readonly copy: Size;
  /** Maps pixels of the network's input to pixels of the copy: whole steps, so that an upright patch is a cut. */
  readonly toCopy: AffineTransform;
}

/** A patch, and the picture, or a copy of it, that it is cut from. */
export interface ScaledPatch extends Patch, Pick<PlannedPatch, "toCopy"> {
  readonly image: RasterImage;
}

/** What a detector can see in its input. */
export interface DetectorReach {
  /** Longer side of the input that shows the whole picture, in pixels: the size that the network was trained with. */
  readonly inputSize: number;
  /** Side of the smallest face that it finds reliably, in pixels of its input. */
  readonly smallestFace: number;
}

export interface PatchOptions {
  /** Side of the smallest face to look for, in pixels of the picture. */
  readonly minFaceSize: number;
  /** Also turned by 90, 180 and 270 degrees. */
  readonly anyRotation: boolean;
}

export interface Size {
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
/** Longest side of a patch: activations grow with its area, so larger ones are cut into tiles. */
const largestTile = 1024;

/**
 * The patches that together show every face from `minFaceSize` up whole and large enough: the whole picture at growing
 * scales, in overlapping tiles where it gets too large for one look.
 */
export function planPatches(picture: Size, reach: DetectorReach, options: PatchOptions): PlannedPatch[] {
  const turns = options.anyRotation ? [0, 1, 2, 3] : [0];
  return pyramidScales(picture, reach, options.minFaceSize).flatMap((scale, index, scales) => {
    const isCoarse = index < scales.length - 1;
    const copy = copySize(picture, scale);
    const toPicture = { ...identityTransform, a: picture.width / copy.width, d: picture.height / copy.height };
    return turns.flatMap((turn) => {
      const turned = turn % 2 === 0 ? copy : { width: copy.height, height: copy.width };
      return tiles(turned, reach).map(({ x, y, width, height, cuts }) => {
        const toCopy = composeTransforms(quarterTurn(turn, copy), { ...identityTransform, tx: x, ty: y });
        const toSource = composeTransforms(toPicture, toCopy);
        return { width, height, cuts, isCoarse, copy, toCopy, toSource, angle: (turn * Math.PI) / 2 };
      });
    });
  });
}

function copySize({ width, height }: Size, scale: number): Size {
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
}

/**
 * The scales of the pyramid, smallest first: as few as it takes from the one that shows the smallest face large enough down to one that
 * shows the whole picture at the size that the network was trained with, or smaller: what is large there is seen at the next scale.
 */
export function pyramidScales(picture: Size, reach: DetectorReach, minFaceSize: number): number[] {
  const whole = reach.inputSize / Math.max(picture.width, picture.height);
  const finest = Math.min(largestScale, reach.smallestFace / minFaceSize);
  // A last scale that is hardly finer than the one before would find nothing new.
  if (finest <= whole * 1.15) return [whole];
  const steps = Math.ceil(Math.log(finest / whole) / Math.log(pyramidStep) - 1e-9);
  return Array.from({ length: steps + 1 }, (_, step) => finest / pyramidStep ** (steps - step));
}

/** A patch without its place in the picture. */
interface Tile extends Size, Pick<Patch, "cuts"> {
  readonly x: number;
  readonly y: number;
}

/** One tile for the whole copy where it is small enough, else as many as it takes. */
function tiles(copy: Size, reach: DetectorReach): Tile[] {
  const overlap = reach.smallestFace * pyramidStep * context;
  const width = tileSide(copy.width);
  const height = tileSide(copy.height);
  return tileStarts(copy.height, height, overlap).flatMap((y) =>
    tileStarts(copy.width, width, overlap).map((x) => ({
      x,
      y,
      width,
      height,
      cuts: { left: x > 0, top: y > 0, right: x + width < copy.width, bottom: y + height < copy.height },
    })),
  );
}

function tileSide(length: number): number {
  return Math.min(largestTile, Math.ceil(length / inputGrid) * inputGrid);
}

/** Where tiles of `side` begin, in whole pixels, so that they cover `length` evenly and overlap by at least `overlap`. */
export function tileStarts(length: number, side: number, overlap: number): number[] {
  if (length <= side) return [Math.floor((length - side) / 2)];
  const count = Math.max(2, Math.ceil((length - overlap) / (side - overlap)));
  return Array.from({ length: count }, (_, index) => Math.floor(((length - side) * index) / (count - 1)));
}

/** Maps the picture turned counter-clockwise by `turn` quarters back to the picture: a face lying at that angle stands upright in it. */
export function quarterTurn(turn: number, picture: Size): AffineTransform {
  const { width, height } = picture;
  if (turn === 1) return { a: 0, b: -1, tx: width, c: 1, d: 0, ty: 0 };
  if (turn === 2) return { a: -1, b: 0, tx: width, c: 0, d: -1, ty: height };
  if (turn === 3) return { a: 0, b: 1, tx: 0, c: -1, d: 0, ty: height };
  return identityTransform;
}
