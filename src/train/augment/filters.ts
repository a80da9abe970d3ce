import { createRandom } from "../../core/index.ts";
import type { PicturePlan } from "./plan.ts";

/**
 * Filters over planar float pictures `[channels, side, side]`, values 0..255. They change their argument: they run once
 * for every training picture, and an allocation each would cost more than the arithmetic.
 */
export interface PlanarPicture {
  readonly data: Float32Array;
  readonly channels: number;
  readonly side: number;
}

/** Working memory that is as large as one picture; its content means nothing between calls. */
export type Scratch = Float32Array;

/** ITU-R BT.601 luma. */
const luma = [0.299, 0.587, 0.114] as const;

/** Brightness, contrast, saturation and the balance of the channels, in one pass over the pixels. */
export function adjustColour(picture: PlanarPicture, plan: PicturePlan): void {
  const { brightness, contrast, saturation, tint } = plan;
  if (brightness === 0 && contrast === 1 && saturation === 1 && tint.every((factor) => factor === 1)) return;
  const offset = 127.5 * (1 - contrast) + 255 * brightness;
  if (picture.channels === 1) scaleGrey(picture.data, picture.side ** 2, contrast, offset);
  else scaleColour(picture, plan, offset);
}

function scaleGrey(data: Float32Array, area: number, factor: number, offset: number): void {
  for (let index = 0; index < area; index++) data[index] = data[index]! * factor + offset;
}

function scaleColour({ data, side }: PlanarPicture, { contrast, saturation, tint }: PicturePlan, offset: number): void {
  const area = side * side;
  const [redFactor, greenFactor, blueFactor] = [tint[0] * contrast, tint[1] * contrast, tint[2] * contrast];
  for (let index = 0; index < area; index++) {
    const red = data[index]!;
    const green = data[index + area]!;
    const blue = data[index + 2 * area]!;
    const grey = (luma[0] * red + luma[1] * green + luma[2] * blue) * (1 - saturation);
    data[index] = (grey + saturation * red) * redFactor + offset;
    data[index + area] = (grey + saturation * green) * greenFactor + offset;
    data[index + 2 * area] = (grey + saturation * blue) * blueFactor + offset;
  }
}

/** Weights of a Gaussian at 0, 1, ... pixels from its middle, sum over both sides 1. */
function gaussianWeights(sigma: number): Float32Array {
  const radius = Math.max(1, Math.ceil(2.5 * sigma));
  const weights = Float32Array.from({ length: radius + 1 }, (_, distance) => Math.exp((-distance * distance) / (2 * sigma * sigma)));
  const sum = weights.reduce((total, weight, distance) => total + (distance === 0 ? weight : 2 * weight), 0);
  return weights.map((weight) => weight / sum);
}

/** Gaussian blur with edges repeated, rows and then columns. */
export function blurPicture({ data, channels, side }: PlanarPicture, sigma: number, scratch: Scratch): void {
  const weights = gaussianWeights(sigma);
  for (let channel = 0; channel < channels; channel++) {
    const plane = channel * side * side;
    for (let line = 0; line < side; line++) blurLine(data, scratch, { start: plane + line * side, step: 1, side }, weights);
    for (let line = 0; line < side; line++) blurLine(scratch, data, { start: plane + line, step: side, side }, weights);
  }
}

interface Line {
  readonly start: number;
  readonly step: number;
  readonly side: number;
}

function blurLine(from: Float32Array, to: Float32Array, { start, step, side }: Line, weights: Float32Array): void {
  for (let position = 0; position < side; position++) {
    let sum = weights[0]! * from[start + position * step]!;
    for (let distance = 1; distance < weights.length; distance++) {
      const before = position < distance ? 0 : position - distance;
      const after = position + distance >= side ? side - 1 : position + distance;
      sum += weights[distance]! * (from[start + before * step]! + from[start + after * step]!);
    }
    to[start + position * step] = sum;
  }
}

/** Loss of resolution: averages over squares of `1 / share` pixels, then linear interpolation back to the full side. */
export function reduceResolution({ data, channels, side }: PlanarPicture, share: number, scratch: Scratch): void {
  const small = Math.max(4, Math.round(side * share));
  if (small >= side) return;
  for (let channel = 0; channel < channels; channel++) {
    const plane = data.subarray(channel * side * side, (channel + 1) * side * side);
    averageDown(plane, side, scratch, small);
    interpolateUp(scratch, small, plane, side);
  }
}

function averageDown(from: Float32Array, side: number, to: Float32Array, small: number): void {
  for (let row = 0; row < small; row++) {
    const top = Math.floor((row * side) / small);
    const bottom = Math.ceil(((row + 1) * side) / small);
    for (let column = 0; column < small; column++) {
      const left = Math.floor((column * side) / small);
      const right = Math.ceil(((column + 1) * side) / small);
      let sum = 0;
      for (let y = top; y < bottom; y++) for (let x = left; x < right; x++) sum += from[y * side + x]!;
      to[row * small + column] = sum / ((bottom - top) * (right - left));
    }
  }
}

function interpolateUp(from: Float32Array, small: number, to: Float32Array, side: number): void {
  const ratio = small / side;
  for (let row = 0; row < side; row++) {
    const y = Math.min(Math.max((row + 0.5) * ratio - 0.5, 0), small - 1);
    const top = Math.min(Math.floor(y), small - 2);
    for (let column = 0; column < side; column++) {
      const x = Math.min(Math.max((column + 0.5) * ratio - 0.5, 0), small - 1);
      const left = Math.min(Math.floor(x), small - 2);
      const at = top * small + left;
      const upper = from[at]! + (from[at + 1]! - from[at]!) * (x - left);
      const lower = from[at + small]! + (from[at + small + 1]! - from[at + small]!) * (x - left);
      to[row * side + column] = upper + (lower - upper) * (y - top);
    }
  }
}

const noiseLength = 0x10000;
let noiseTable: Float32Array | undefined;

/** Standard normal numbers that every picture reads from another place: drawing them anew would cost more than the warp. */
function standardNoise(): Float32Array {
  if (noiseTable === undefined) {
    const random = createRandom(0x5eed);
    noiseTable = Float32Array.from({ length: noiseLength }, () => random.normal());
  }
  return noiseTable;
}

/** Adds Gaussian noise of the given deviation, read from a fixed table at `offset`. */
export function addNoise({ data, channels, side }: PlanarPicture, deviation: number, offset: number): void {
  const noise = standardNoise();
  const length = channels * side * side;
  for (let index = 0; index < length; index++) {
    data[index] = data[index]! + deviation * noise[(offset + index) % noiseLength]!;
  }
}

/** Random erasing: the plan's rectangle becomes noise around middle grey, of the deviation that photographs have. */
export function erasePart({ data, channels, side }: PlanarPicture, plan: PicturePlan): void {
  const box = plan.erase;
  if (box === undefined) return;
  const noise = standardNoise();
  const [left, top] = [Math.round(box.x * side), Math.round(box.y * side)];
  const [right, bottom] = [Math.round((box.x + box.width) * side), Math.round((box.y + box.height) * side)];
  for (let channel = 0; channel < channels; channel++) {
    for (let y = top; y < bottom; y++) {
      for (let x = left; x < right; x++) {
        const index = (channel * side + y) * side + x;
        data[index] = 127.5 + 64 * noise[(plan.noiseOffset + index) % noiseLength]!;
      }
    }
  }
}
