import type { RasterImage } from "../image/index.ts";
import { perceptualHash } from "./perceptual-hash.ts";

/** One channel of brightness. */
export interface LumaImage {
  readonly width: number;
  readonly height: number;
  /** `[height, width]`, 0..255. */
  readonly data: Float32Array;
}

/** What can be said of a picture without knowing what is on it. */
export interface PictureQuality {
  /** Mean brightness, 0..255. */
  readonly brightness: number;
  /** Standard deviation of the brightness, 0..127. */
  readonly contrast: number;
  /** Variance of the Laplacian (Pech-Pacheco et al., ICPR 2000), at no more than 128 pixels a side; low is blurred. */
  readonly sharpness: number;
  /** Share of the middle's 8 x 8 blocks that hold no texture at all, 0..1: covered, blank or cut-off faces have many. */
  readonly flatShare: number;
  /** 64-bit perceptual hash, 16 hexadecimal digits. */
  readonly hash: string;
  /** Brightness at 16 x 16 pixels, 0..255, `[16, 16]`: tells look-alikes from duplicates, where hashes are too coarse. */
  readonly thumbnail: Uint8Array;
}

/** The side of {@link PictureQuality.thumbnail}. */
export const thumbnailSide = 16;

/** ITU-R BT.601 brightness. */
export function toLuma({ width, height, data }: RasterImage): LumaImage {
  const luma = new Float32Array(width * height);
  for (let pixel = 0; pixel < luma.length; pixel++) {
    luma[pixel] = 0.299 * data[pixel * 3]! + 0.587 * data[pixel * 3 + 1]! + 0.114 * data[pixel * 3 + 2]!;
  }
  return { width, height, data: luma };
}

/** Mean over the part of `[start, end)` that each source pixel covers: weights along one axis for area averaging. */
function coverage(from: number, to: number): readonly (readonly [index: number, weight: number][])[] {
  return Array.from({ length: to }, (_, target) => {
    const start = (target * from) / to;
    const end = ((target + 1) * from) / to;
    const weights: [number, number][] = [];
    for (let index = Math.floor(start); index < Math.min(from, Math.ceil(end)); index++) {
      weights.push([index, (Math.min(end, index + 1) - Math.max(start, index)) / (end - start)]);
    }
    return weights;
  });
}

/** Area average down (or up) to `side` x `side`; each result is the exact mean of what it covers. */
export function shrinkLuma(image: LumaImage, side: number): Float32Array {
  const columns = coverage(image.width, side);
  const rows = coverage(image.height, side);
  const narrow = new Float32Array(image.height * side); // [height, side]
  for (let y = 0; y < image.height; y++) {
    for (let x = 0; x < side; x++) {
      let sum = 0;
      for (const [index, weight] of columns[x]!) sum += weight * image.data[y * image.width + index]!;
      narrow[y * side + x] = sum;
    }
  }
  const result = new Float32Array(side * side);
  for (let y = 0; y < side; y++) {
    for (const [index, weight] of rows[y]!) {
      for (let x = 0; x < side; x++) result[y * side + x]! += weight * narrow[index * side + x]!;
    }
  }
  return result;
}

/** Mean and standard deviation. */
export function meanAndDeviation(values: ArrayLike<number>): { readonly mean: number; readonly deviation: number } {
  let sum = 0;
  for (let index = 0; index < values.length; index++) sum += values[index]!;
  const mean = sum / values.length;
  let squares = 0;
  for (let index = 0; index < values.length; index++) squares += (values[index]! - mean) ** 2;
  return { mean, deviation: Math.sqrt(squares / values.length) };
}

/** Variance of the 4-neighbour Laplacian over the inner pixels; 0 for pictures without any. */
export function laplacianVariance({ width, height, data }: LumaImage): number {
  if (width < 3 || height < 3) return 0;
  const responses = new Float32Array((width - 2) * (height - 2));
  let count = 0;
  for (let y = 1; y < height - 1; y++) {
    for (let x = 1; x < width - 1; x++) {
      const at = y * width + x;
      responses[count++] = data[at - width]! + data[at + width]! + data[at - 1]! + data[at + 1]! - 4 * data[at]!;
    }
  }
  return meanAndDeviation(responses).deviation ** 2;
}

/** Blocks along each side of the middle half, and the deviation below which one counts as flat. */
const flatBlocks = 8;
const flatDeviation = 2;

/** Share of flat blocks in the middle half of the picture, where the face is. */
export function flatShare({ width, height, data }: LumaImage): number {
  let flat = 0;
  for (let block = 0; block < flatBlocks * flatBlocks; block++) {
    const left = Math.floor(width * (0.25 + ((block % flatBlocks) / flatBlocks) * 0.5));
    const top = Math.floor(height * (0.25 + (Math.floor(block / flatBlocks) / flatBlocks) * 0.5));
    const right = Math.max(left + 1, Math.floor(left + (width * 0.5) / flatBlocks));
    const bottom = Math.max(top + 1, Math.floor(top + (height * 0.5) / flatBlocks));
    const values: number[] = [];
    for (let y = top; y < bottom; y++) for (let x = left; x < right; x++) values.push(data[y * width + x]!);
    if (meanAndDeviation(values).deviation < flatDeviation) flat++;
  }
  return flat / (flatBlocks * flatBlocks);
}

/** Measures one picture. */
export function assessPicture(image: RasterImage): PictureQuality {
  const luma = toLuma(image);
  const { mean, deviation } = meanAndDeviation(luma.data);
  return {
    brightness: mean,
    contrast: deviation,
    sharpness: laplacianVariance(luma),
    flatShare: flatShare(luma),
    hash: perceptualHash(shrinkLuma(luma, 32)),
    thumbnail: Uint8Array.from(shrinkLuma(luma, thumbnailSide), Math.round),
  };
}
