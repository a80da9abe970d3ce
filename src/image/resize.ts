import { reduce } from "./reduce.ts";
import { createRasterImage, type RasterImage } from "./raster.ts";

/** How far a filter reaches, in pixels at 1:1, and what a pixel at a distance weighs. */
interface Kernel {
  readonly reach: number;
  readonly weight: (distance: number) => number;
}

/**
 * `triangle`: bilinear where the picture grows; Pillow's BILINEAR. `cubic`: Catmull and Rom's (1974), sharper, which small faces need;
 * Pillow's BICUBIC and libvips' "cubic".
 */
const kernels = {
  triangle: { reach: 1, weight: (distance) => Math.max(0, 1 - distance) },
  cubic: {
    reach: 2,
    weight: (x) => (x < 1 ? (1.5 * x - 2.5) * x * x + 1 : x < 2 ? ((-0.5 * x + 2.5) * x - 4) * x + 2 : 0),
  },
} as const satisfies Record<string, Kernel>;

interface ResizeOptions {
  /** The filter. @default "triangle" */
  readonly kernel?: keyof typeof kernels | undefined;
}

/**
 * The whole picture at another size. The filter grows with the reduction, so that fine patterns turn grey instead of aliasing. Each axis
 * by itself, in float, not fixed point.
 * @throws {TF_INVALID_ARGUMENT} when a side is not a positive whole number
 */
export function resize(image: RasterImage, width: number, height: number, options: ResizeOptions = {}): RasterImage {
  const result = createRasterImage(width, height, new Uint8ClampedArray(width * height * 3));
  const kernel = kernels[options.kernel ?? "triangle"];
  const columns = filterTaps(image.width, width, kernel);
  const rows = filterTaps(image.height, height, kernel);
  const sums = new Float32Array(image.width * 3);
  for (let y = 0; y < height; y++) {
    // Rows first: it reads the source in memory order and leaves one row of numbers.
    blendRows(image, rows, y, sums);
    blendColumns(sums, columns, result.data.subarray(y * width * 3, (y + 1) * width * 3));
  }
  return result;
}

interface Size {
  readonly width: number;
  readonly height: number;
}

/** How large a picture may be at most, in pixels; what is absent or infinite does not matter. */
export interface SizeLimit {
  /** Of the longer side. */
  readonly maxSide?: number | undefined;
  /** Of the {@link extentOf extent}. */
  readonly maxExtent?: number | undefined;
}

/** The usual shape of a photograph, and the most oblong one that cameras give. */
const shapes = { usual: 4 / 3, longest: 16 / 9 };

/**
 * How large a picture is, as a length: its longer side; of a panorama or strip, longer than 16:9, the longer side of the photograph (4:3) that has
 * its area. Between the two it grows with the shorter side, so that no pixel more makes a step.
 */
export function extentOf({ width, height }: Size): number {
  const byArea = Math.sqrt(width * height * shapes.usual);
  return Math.min(Math.max(width, height), Math.max(byArea, Math.min(width, height) * shapes.longest));
}

/** The picture scaled down to the limit, proportions kept; the same object where it keeps to it. */
export function fitWithin(image: RasterImage, limit: SizeLimit): RasterImage {
  const { width, height } = fittedSize(image, limit);
  return width === image.width && height === image.height ? image : reduce(image, width, height, "triangle");
}

/** The sides of a picture after {@link fitWithin}. */
export function fittedSize(size: Size, { maxSide = Infinity, maxExtent = Infinity }: SizeLimit): Size {
  const { width, height } = size;
  const ratio = Math.min(1, maxSide / Math.max(width, height), maxExtent / extentOf(size));
  return { width: Math.max(1, Math.round(width * ratio)), height: Math.max(1, Math.round(height * ratio)) };
}

/** For each output position, which inputs it reads and with what weight (sum 1). */
interface FilterTaps {
  readonly starts: Int32Array;
  readonly counts: Int32Array;
  /** `[outputs, stride]`. */
  readonly weights: Float32Array;
  readonly stride: number;
}

function filterTaps(inputs: number, outputs: number, { reach, weight }: Kernel): FilterTaps {
  const scale = inputs / outputs;
  const unit = Math.max(scale, 1);
  const radius = unit * reach;
  const stride = Math.ceil(radius) * 2 + 1;
  const taps = { starts: new Int32Array(outputs), counts: new Int32Array(outputs), weights: new Float32Array(outputs * stride), stride };
  for (let index = 0; index < outputs; index++) {
    const centre = (index + 0.5) * scale;
    const start = Math.max(0, Math.floor(centre - radius + 0.5));
    const end = Math.min(inputs, Math.floor(centre + radius + 0.5));
    const values = Array.from({ length: end - start }, (_, tap) => weight(Math.abs(start + tap + 0.5 - centre) / unit));
    const sum = values.reduce((total, value) => total + value, 0);
    taps.starts[index] = start;
    taps.counts[index] = end - start;
    for (const [tap, value] of values.entries()) taps.weights[index * stride + tap] = value / sum;
  }
  return taps;
}

function blendRows(image: RasterImage, taps: FilterTaps, y: number, sums: Float32Array): void {
  const { data } = image;
  const length = sums.length;
  sums.fill(0);
  for (let tap = 0; tap < taps.counts[y]!; tap++) {
    const weight = taps.weights[y * taps.stride + tap]!;
    const start = (taps.starts[y]! + tap) * length;
    for (let index = 0; index < length; index++) sums[index]! += weight * data[start + index]!;
  }
}

function blendColumns(sums: Float32Array, taps: FilterTaps, target: Uint8Array | Uint8ClampedArray): void {
  for (let x = 0; x < taps.starts.length; x++) {
    let red = 0;
    let green = 0;
    let blue = 0;
    for (let tap = 0, from = taps.starts[x]! * 3; tap < taps.counts[x]!; tap++, from += 3) {
      const weight = taps.weights[x * taps.stride + tap]!;
      red += weight * sums[from]!;
      green += weight * sums[from + 1]!;
      blue += weight * sums[from + 2]!;
    }
    target[x * 3] = red;
    target[x * 3 + 1] = green;
    target[x * 3 + 2] = blue;
  }
}
