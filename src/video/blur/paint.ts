import type { BoundingBox } from "../../core/index.ts";
import { type Colour, createRasterImage, type RasterImage } from "../../image/index.ts";

/** Ways to hide a face. */
export const blurEffects = ["pixelate", "blur", "fill"] as const;
/** One of them: blocks, blocks that flow into each other, or dark grey. */
export type BlurEffect = (typeof blurEffects)[number];

/**
 * How many blocks a face is across at most. All that is left of it is one colour for each: what is below cannot be had back, whatever is done
 * with the file, and a blur is made of the same colours and nothing else.
 */
const blocksAcross = 5;
/** Dark grey. */
const fillColour: Colour = [40, 40, 40];

/** An ellipse around a face's box that reaches beyond each of its sides by this share of the side. */
export function hiddenEllipse(box: BoundingBox, margin: number): BoundingBox {
  const [width, height] = [box.width * (1 + 2 * margin), box.height * (1 + 2 * margin)];
  return { x: box.x + (box.width - width) / 2, y: box.y + (box.height - height) / 2, width, height };
}

/** A copy of the picture with each ellipse hidden. */
export function hideEllipses(image: RasterImage, ellipses: readonly BoundingBox[], effect: BlurEffect): RasterImage {
  return withHidden(image, ellipses, { effect, fill: fillColour });
}

/**
 * The same of how opaque a picture is, as a grey one: a face may be drawn by holes alone. What is filled is opaque.
 * @param opacity black where nothing is to be seen
 */
export function hideInOpacity(opacity: RasterImage, ellipses: readonly BoundingBox[], effect: BlurEffect): RasterImage {
  return withHidden(opacity, ellipses, { effect, fill: [255, 255, 255] });
}

interface Hiding {
  readonly effect: BlurEffect;
  readonly fill: Colour;
}

function withHidden(image: RasterImage, ellipses: readonly BoundingBox[], hiding: Hiding): RasterImage {
  const hidden = createRasterImage(image.width, image.height, new Uint8Array(image.data));
  for (const ellipse of ellipses) hide(hidden, ellipse, hiding);
  return hidden;
}

/** Changes the picture in place: it is the copy. */
function hide(image: RasterImage, ellipse: BoundingBox, { effect, fill }: Hiding): void {
  const [left, top] = [Math.max(0, Math.floor(ellipse.x)), Math.max(0, Math.floor(ellipse.y))];
  const right = Math.min(image.width, Math.ceil(ellipse.x + ellipse.width));
  const bottom = Math.min(image.height, Math.ceil(ellipse.y + ellipse.height));
  if (left >= right || top >= bottom) return;
  const blocks = effect === "fill" ? undefined : createBlocks(image, { left, top, right, bottom });
  const [middleX, middleY] = [ellipse.x + ellipse.width / 2, ellipse.y + ellipse.height / 2];
  for (let y = top; y < bottom; y++) {
    for (let x = left; x < right; x++) {
      const across = (x + 0.5 - middleX) / (ellipse.width / 2);
      const down = (y + 0.5 - middleY) / (ellipse.height / 2);
      if (across ** 2 + down ** 2 > 1) continue;
      const at = (y * image.width + x) * 3;
      for (let channel = 0; channel < 3; channel++)
        image.data[at + channel] = blocks === undefined ? fill[channel]! : blocks.colourAt(x, y, channel, effect === "blur");
    }
  }
}

interface Region {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

interface Blocks {
  // eslint-disable-next-line max-params -- a place, one of three colours, and whether to go smoothly from block to block
  colourAt(x: number, y: number, channel: number, isSmooth: boolean): number;
}

function createBlocks(image: RasterImage, { left, top, right, bottom }: Region): Blocks {
  const side = Math.max(2, Math.ceil(Math.max(right - left, bottom - top) / blocksAcross));
  const columns = Math.ceil((right - left) / side);
  const rows = Math.ceil((bottom - top) / side);
  const means = new Float64Array(columns * rows * 3);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const [x0, y0] = [left + column * side, top + row * side];
      const [x1, y1] = [Math.min(right, x0 + side), Math.min(bottom, y0 + side)];
      const sums = [0, 0, 0];
      for (let y = y0; y < y1; y++) {
        for (let x = x0; x < x1; x++)
          for (let channel = 0; channel < 3; channel++) sums[channel]! += image.data[(y * image.width + x) * 3 + channel]!;
      }
      for (let channel = 0; channel < 3; channel++)
        means[(row * columns + column) * 3 + channel] = sums[channel]! / ((x1 - x0) * (y1 - y0));
    }
  }
  const meanOf = (column: number, row: number, channel: number): number => {
    const [inColumn, inRow] = [Math.min(columns - 1, Math.max(0, column)), Math.min(rows - 1, Math.max(0, row))];
    return means[(inRow * columns + inColumn) * 3 + channel]!;
  };
  return {
    colourAt: (x, y, channel, isSmooth) => {
      if (!isSmooth) return Math.round(meanOf(Math.floor((x - left) / side), Math.floor((y - top) / side), channel));
      const [acrossBlocks, downBlocks] = [(x + 0.5 - left) / side - 0.5, (y + 0.5 - top) / side - 0.5];
      const [column, row] = [Math.floor(acrossBlocks), Math.floor(downBlocks)];
      const [shareX, shareY] = [acrossBlocks - column, downBlocks - row];
      const upper = meanOf(column, row, channel) * (1 - shareX) + meanOf(column + 1, row, channel) * shareX;
      const lower = meanOf(column, row + 1, channel) * (1 - shareX) + meanOf(column + 1, row + 1, channel) * shareX;
      return Math.round(upper * (1 - shareY) + lower * shareY);
    },
  };
}
