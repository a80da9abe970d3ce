import { type BoundingBox, clipBox, TensorFaceError } from "../core/index.ts";

/** A picture: 8-bit RGB, rows from the top, no padding. Nobody changes `data` after it was made. */
export interface RasterImage {
  readonly width: number;
  readonly height: number;
  /** `[height, width, 3]`, R G B, 0..255. */
  readonly data: Uint8Array | Uint8ClampedArray;
}

/** An RGB colour, each part 0..255. */
export type Colour = readonly [red: number, green: number, blue: number];

/**
 * A picture around `data`, which is not copied and must not change afterwards.
 * @param data `[height, width, 3]` bytes; black when left out
 * @throws {TF_INVALID_ARGUMENT} when a side is not a positive whole number or the length does not fit
 */
export function createRasterImage(width: number, height: number, data?: Uint8Array | Uint8ClampedArray): RasterImage {
  if (!isSize(width) || !isSize(height)) {
    throw new TensorFaceError("TF_INVALID_ARGUMENT", `a picture needs positive whole sides, got ${width} x ${height}`);
  }
  const pixels = data ?? new Uint8Array(width * height * 3);
  if (pixels.length !== width * height * 3) {
    throw new TensorFaceError(
      "TF_INVALID_ARGUMENT",
      `a ${width} x ${height} RGB picture has ${width * height * 3} bytes, got ${pixels.length}`,
    );
  }
  return { width, height, data: pixels };
}

/** A picture of one colour. */
export function filledImage(width: number, height: number, colour: Colour): RasterImage {
  const data = new Uint8Array(width * height * 3);
  for (let index = 0; index < data.length; index++) data[index] = colour[index % 3]!;
  return createRasterImage(width, height, data);
}

/**
 * The whole pixels that `box` touches, as a picture of its own.
 * @throws {TF_INVALID_ARGUMENT} when the box lies outside the picture
 */
export function crop(image: RasterImage, box: BoundingBox): RasterImage {
  const region = wholePixels(box, image.width, image.height);
  if (region.width === 0 || region.height === 0) {
    throw new TensorFaceError(
      "TF_INVALID_ARGUMENT",
      `box (${box.x}, ${box.y}, ${box.width} x ${box.height}) lies outside the ${image.width} x ${image.height} picture`,
    );
  }
  const data = new Uint8Array(region.width * region.height * 3);
  const rowLength = region.width * 3;
  for (let y = 0; y < region.height; y++) {
    const start = ((region.y + y) * image.width + region.x) * 3;
    data.set(image.data.subarray(start, start + rowLength), y * rowLength);
  }
  return createRasterImage(region.width, region.height, data);
}

/** The smallest box of whole pixels around `box`, clipped to a `width` x `height` picture. */
export function wholePixels(box: BoundingBox, width: number, height: number): BoundingBox {
  const x = Math.floor(box.x);
  const y = Math.floor(box.y);
  return clipBox({ x, y, width: Math.ceil(box.x + box.width) - x, height: Math.ceil(box.y + box.height) - y }, width, height);
}

function isSize(value: number): boolean {
  return Number.isSafeInteger(value) && value > 0;
}
