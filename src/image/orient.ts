import type { Orientation } from "./formats/exif.ts";
import { createRasterImage, type RasterImage } from "./raster.ts";

/**
 * For each orientation, where the upright pixel (x, y) stands in the stored picture: whether its column comes from y, and
 * which stored axes run backwards.
 */
const rules: Readonly<Record<Orientation, { readonly swap: boolean; readonly flipX: boolean; readonly flipY: boolean }>> = {
  1: { swap: false, flipX: false, flipY: false },
  2: { swap: false, flipX: true, flipY: false },
  3: { swap: false, flipX: true, flipY: true },
  4: { swap: false, flipX: false, flipY: true },
  5: { swap: true, flipX: false, flipY: false },
  6: { swap: true, flipX: false, flipY: true },
  7: { swap: true, flipX: true, flipY: true },
  8: { swap: true, flipX: true, flipY: false },
};

/** Whether the upright picture is as wide as the stored one is high. */
export function swapsSides(orientation: Orientation): boolean {
  return rules[orientation].swap;
}

/** The upright picture of one that was stored with this EXIF orientation; the same object for 1. */
export function applyOrientation(image: RasterImage, orientation: Orientation): RasterImage {
  if (orientation === 1) return image;
  const { swap, flipX, flipY } = rules[orientation];
  const width = swap ? image.height : image.width;
  const height = swap ? image.width : image.height;
  // Byte steps through the stored picture for one step to the right and one step down in the upright one.
  const stepX = flipX ? -3 : 3;
  const stepY = (flipY ? -3 : 3) * image.width;
  const start = (flipX ? image.width - 1 : 0) * 3 + (flipY ? image.height - 1 : 0) * image.width * 3;
  const right = swap ? stepY : stepX;
  const down = swap ? stepX : stepY;
  const data = new Uint8Array(image.data.length);
  for (let y = 0, to = 0; y < height; y++) {
    for (let x = 0, from = start + y * down; x < width; x++, from += right, to += 3) {
      data[to] = image.data[from]!;
      data[to + 1] = image.data[from + 1]!;
      data[to + 2] = image.data[from + 2]!;
    }
  }
  return createRasterImage(width, height, data);
}
