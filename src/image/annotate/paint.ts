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

/** Fills a box, edges anti-aliased where they fall inside a pixel. */
export function blendRectangle(canvas: Canvas, box: BoundingBox, paint: { readonly colour: Colour; readonly opacity: number }): void {
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
