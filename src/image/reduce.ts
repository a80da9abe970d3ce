import { createRasterImage, type RasterImage } from "./raster.ts";

/**
 * Makes pictures smaller, number for number as libvips (8.15 to 8.18) does it: finding asks thresholds, so a level more or less in a copy of the
 * picture is a face more or less. What libvips does, and `resize` does not: blocks of whole pixels are averaged first where the picture
 * becomes four times as small and more; filters stand at the nearest of 64 steps within a pixel; weights have 12 bits; and what comes out of
 * the vertical pass is rounded to 8 bits before the horizontal one.
 */

interface Kernel {
  /** In pixels at 1:1. */
  readonly reach: number;
  readonly weight: (distance: number) => number;
}

const kernels = {
  triangle: { reach: 1, weight: (x) => Math.max(0, 1 - x) },
  cubic: {
    reach: 2,
    // In libvips' own order: weights are cut off, and at three to two they lie on whole numbers.
    weight: (x) => {
      const [square, cube] = [x * x, x * x * x];
      if (x <= 1) return 1.5 * cube - 2.5 * square + 1;
      return x <= 2 ? -0.5 * cube + 2.5 * square - 4 * x + 2 : 0;
    },
  },
} as const satisfies Record<string, Kernel>;

/** Places within a pixel at which a filter may stand. */
const steps = 64;
/** Bits of a weight behind the point. */
const weightBits = 12;
/** Blocks are averaged as long as the filter then still makes the picture this many times as small. */
const leastFiltered = 2;

/**
 * The whole picture at a size of which no side is longer than its own.
 * @throws {TF_INVALID_ARGUMENT} when a side is not a positive whole number
 */
export function reduce(image: RasterImage, width: number, height: number, kernel: keyof typeof kernels): RasterImage {
  // A clamped array cuts off what the filter throws over; nothing is left to round.
  const result = createRasterImage(width, height, new Uint8ClampedArray(width * height * 3));
  const vertical = planAxis(image.height, height, kernels[kernel]);
  const horizontal = planAxis(image.width, width, kernels[kernel]);
  const rows = averageRows(image, vertical.block);
  const row = new Uint8ClampedArray(image.width * 3);
  // Sums stay below 2^24, so that numbers of 32 bits hold them exactly.
  const sums = new Float32Array(row.length);
  for (let y = 0; y < height; y++) {
    filterRows(rows, vertical, y, { sums, row });
    filterColumns(averageColumns(row, horizontal.block), horizontal, result.data.subarray(y * width * 3, (y + 1) * width * 3));
  }
  return result;
}

/** How one axis becomes shorter: in blocks, then by a filter. */
interface AxisPlan {
  /** Pixels of a block. */
  readonly block: number;
  /** Weights of one output; 0 where blocks alone do. */
  readonly taps: number;
  /** The first block that each output reads. */
  readonly starts: Int32Array;
  /** `[outputs, taps]`. */
  readonly weights: Int32Array;
}

function planAxis(inputs: number, outputs: number, kernel: Kernel): AxisPlan {
  const block = Math.max(1, Math.floor(inputs / outputs / leastFiltered));
  const length = Math.ceil(inputs / block);
  // The caller of libvips gives the scale, whose inverse this is again: in double numbers not always the same.
  const whole = 1 / (1 / (inputs / outputs));
  const scale = whole / block;
  if (scale === 1) return { block, taps: 0, starts: new Int32Array(outputs), weights: new Int32Array(0) };
  const half = roundToEven(kernel.reach * scale);
  const taps = Math.min(2 * half + 1, length);
  const masks = Array.from({ length: steps + 1 }, (_, step) => filterMask(kernel, scale, half, step / steps));
  const starts = new Int32Array(outputs);
  const weights = new Int32Array(outputs * taps);
  let position = 0.5 * scale - (outputs * whole - inputs) / block / 2;
  for (let index = 0; index < outputs; index++, position += scale) {
    const first = Math.trunc(position) - half;
    const start = Math.min(Math.max(first, 0), length - taps);
    const step = ((Math.trunc(position * steps * 2) & (steps * 2 - 1)) + 1) >> 1;
    // What looks past the edge sees the last block there.
    for (const [tap, weight] of masks[step]!.entries()) {
      weights[index * taps + Math.min(Math.max(first + tap, 0), length - 1) - start]! += weight;
    }
    starts[index] = start;
  }
  return { block, taps, starts, weights };
}

/** The weights of a filter that stands `offset` of a pixel behind the start of its middle one; cut to their bits, not rounded. */
function filterMask({ weight }: Kernel, scale: number, half: number, offset: number): Int32Array {
  const values = Array.from({ length: 2 * half + 1 }, (_, tap) => weight(Math.abs((tap - half + 0.5 - offset) / scale)));
  const sum = values.reduce((total, value) => total + value, 0);
  return Int32Array.from(values, (value) => (value / sum) * (1 << weightBits));
}

function roundToEven(value: number): number {
  const floor = Math.floor(value);
  return value - floor === 0.5 ? floor + (floor % 2) : Math.round(value);
}

/** Means of `block` rows; those past the edge are the last one again. */
function averageRows(image: RasterImage, block: number): RasterImage {
  if (block === 1) return image;
  const { width, height, data } = image;
  const length = width * 3;
  const result = createRasterImage(width, Math.ceil(height / block));
  const sums = new Uint32Array(length);
  for (let y = 0; y < result.height; y++) {
    sums.fill(0);
    for (let row = y * block; row < (y + 1) * block; row++) {
      const start = Math.min(row, height - 1) * length;
      for (let index = 0; index < length; index++) sums[index]! += data[start + index]!;
    }
    writeMeans(sums, block, result.data.subarray(y * length, (y + 1) * length));
  }
  return result;
}

/** Likewise for the pixels of a row, `[width, 3]`. */
function averageColumns(row: Uint8ClampedArray, block: number): Uint8ClampedArray {
  if (block === 1) return row;
  const width = row.length / 3;
  const sums = new Uint32Array(Math.ceil(width / block) * 3);
  for (let to = 0; to < sums.length; to++) {
    const channel = to % 3;
    const first = ((to - channel) / 3) * block;
    for (let x = first; x < first + block; x++) sums[to]! += row[Math.min(x, width - 1) * 3 + channel]!;
  }
  const means = new Uint8ClampedArray(sums.length);
  writeMeans(sums, block, means);
  return means;
}

/** Division by a product with 24 bits behind the point, which cuts off a little more than it should. */
function writeMeans(sums: Uint32Array, count: number, target: Uint8Array | Uint8ClampedArray): void {
  const factor = Math.floor(2 ** 24 / count) / 2 ** 24;
  const half = count >> 1;
  for (let index = 0; index < sums.length; index++) target[index] = Math.floor((sums[index]! + half) * factor);
}

interface RowBuffers {
  readonly sums: Float32Array;
  /** `[width, 3]`, where the row is written. */
  readonly row: Uint8ClampedArray;
}

function filterRows({ data }: RasterImage, { taps, starts, weights }: AxisPlan, y: number, { sums, row }: RowBuffers): void {
  const { length } = row;
  if (taps === 0) {
    row.set(data.subarray(y * length, (y + 1) * length));
    return;
  }
  sums.fill(1 << (weightBits - 1));
  let tap = 0;
  // Four rows at a time: sums are read and written a quarter as often.
  for (; tap + 4 <= taps; tap += 4) {
    const at = y * taps + tap;
    const [a, b, c, d] = [weights[at]!, weights[at + 1]!, weights[at + 2]!, weights[at + 3]!];
    const first = (starts[y]! + tap) * length;
    const [second, third, fourth] = [first + length, first + 2 * length, first + 3 * length];
    for (let index = 0; index < length; index++) {
      sums[index]! += a * data[first + index]! + b * data[second + index]! + c * data[third + index]! + d * data[fourth + index]!;
    }
  }
  for (; tap < taps; tap++) {
    const weight = weights[y * taps + tap]!;
    if (weight === 0) continue;
    const start = (starts[y]! + tap) * length;
    for (let index = 0; index < length; index++) sums[index]! += weight * data[start + index]!;
  }
  for (let index = 0; index < length; index++) row[index] = sums[index]! >> weightBits;
}

function filterColumns(row: Uint8ClampedArray, { taps, starts, weights }: AxisPlan, target: Uint8Array | Uint8ClampedArray): void {
  if (taps === 0) {
    target.set(row);
    return;
  }
  for (let x = 0, at = 0; x < starts.length; x++) {
    let red = 1 << (weightBits - 1);
    let green = red;
    let blue = red;
    for (let tap = 0, from = starts[x]! * 3; tap < taps; tap++, at++, from += 3) {
      const weight = weights[at]!;
      red += weight * row[from]!;
      green += weight * row[from + 1]!;
      blue += weight * row[from + 2]!;
    }
    target[x * 3] = red >> weightBits;
    target[x * 3 + 1] = green >> weightBits;
    target[x * 3 + 2] = blue >> weightBits;
  }
}
