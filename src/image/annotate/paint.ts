import type { BoundingBox, Point } from "../../core/index.ts";
import type { Colour } from "../raster.ts";
import type { TextMask } from "./text.ts";

/** A picture under the brush: the one place where pixels change, and never those of a caller. */
export interface Canvas {
  readonly width: number;
  readonly height: number;
  /** `[height, width, 3]`. */
  readonly data: Uint8ClampedArray;
}

/** Behind letters, and around lines: dark enough for both on any picture. */
export const plateColour: Colour = [18, 20, 24];

interface Paint {
  readonly colour: Colour;
  readonly opacity: number;
}

/** Four sides of the given thickness, centred on the box's edge. */
export function drawFrame(canvas: Canvas, box: BoundingBox, thickness: number, paint: Paint): void {
  for (const side of frameSides(box, thickness)) blendRectangle(canvas, side, paint);
}

/** The same in dashes of four times the thickness, with gaps of the same length. */
export function drawDashedFrame(canvas: Canvas, box: BoundingBox, thickness: number, paint: Paint): void {
  const dash = thickness * 4;
  for (const side of frameSides(box, thickness)) {
    const isFlat = side.width > side.height;
    const length = Math.max(side.width, side.height);
    for (let start = 0; start < length; start += 2 * dash) {
      const part = Math.min(dash, length - start);
      const piece = isFlat ? { ...side, x: side.x + start, width: part } : { ...side, y: side.y + start, height: part };
      blendRectangle(canvas, piece, paint);
    }
  }
}

function frameSides(box: BoundingBox, thickness: number): BoundingBox[] {
  const half = thickness / 2;
  const outer = { x: box.x - half, y: box.y - half, width: box.width + thickness, height: box.height + thickness };
  const inner = Math.max(0, outer.height - 2 * thickness);
  return [
    { ...outer, height: thickness },
    { ...outer, y: outer.y + outer.height - thickness, height: thickness },
    { x: outer.x, y: outer.y + thickness, width: thickness, height: inner },
    { x: outer.x + outer.width - thickness, y: outer.y + thickness, width: thickness, height: inner },
  ];
}

/** Fills a box, edges anti-aliased where they fall inside a pixel. */
export function blendRectangle(canvas: Canvas, box: BoundingBox, paint: Paint): void {
  const right = Math.min(canvas.width, Math.ceil(box.x + box.width));
  const bottom = Math.min(canvas.height, Math.ceil(box.y + box.height));
  for (let y = Math.max(0, Math.floor(box.y)); y < bottom; y++) {
    const vertical = covered(y, box.y, box.height) * paint.opacity;
    for (let x = Math.max(0, Math.floor(box.x)); x < right; x++) {
      blendPixel(canvas, x, y, paint.colour, vertical * covered(x, box.x, box.width));
    }
  }
}

/** Paints `colour` through a mask whose upper left corner stands at (left, top). */
export function blendMask(canvas: Canvas, mask: TextMask, left: number, top: number, colour: Colour): void {
  for (let y = 0; y < mask.height; y++) {
    if (y + top < 0 || y + top >= canvas.height) continue;
    for (let x = 0; x < mask.width; x++) {
      const coverage = mask.coverage[y * mask.width + x]!;
      if (coverage > 0 && x + left >= 0 && x + left < canvas.width) blendPixel(canvas, x + left, y + top, colour, coverage);
    }
  }
}

/** A straight line with round ends, anti-aliased. */
export function drawLine(canvas: Canvas, [from, to]: readonly [Point, Point], thickness: number, colour: Colour): void {
  const reach = thickness / 2 + 1;
  const dx = to.x - from.x;
  const dy = to.y - from.y;
  const squaredLength = Math.max(dx * dx + dy * dy, Number.MIN_VALUE);
  const bottom = Math.min(canvas.height - 1, Math.ceil(Math.max(from.y, to.y) + reach));
  const right = Math.min(canvas.width - 1, Math.ceil(Math.max(from.x, to.x) + reach));
  for (let y = Math.max(0, Math.floor(Math.min(from.y, to.y) - reach)); y <= bottom; y++) {
    for (let x = Math.max(0, Math.floor(Math.min(from.x, to.x) - reach)); x <= right; x++) {
      const px = x + 0.5 - from.x;
      const py = y + 0.5 - from.y;
      const along = Math.min(1, Math.max(0, (px * dx + py * dy) / squaredLength));
      const distance = Math.hypot(px - along * dx, py - along * dy);
      blendPixel(canvas, x, y, colour, Math.min(1, Math.max(0, thickness / 2 + 0.5 - distance)));
    }
  }
}

/** How much of pixel `index` a span covers, 0..1. */
function covered(index: number, start: number, length: number): number {
  return Math.max(0, Math.min(index + 1, start + length) - Math.max(index, start));
}

function blendPixel(canvas: Canvas, x: number, y: number, colour: Colour, opacity: number): void {
  const index = (y * canvas.width + x) * 3;
  for (let channel = 0; channel < 3; channel++) {
    const before = canvas.data[index + channel]!;
    canvas.data[index + channel] = before + (colour[channel]! - before) * opacity;
  }
}
