import type { PlanarPicture } from "./filters.ts";

/**
 * JPEG's loss without JPEG's bytes: 8 x 8 cosine transform, quantisation with the example tables of ITU-T T.81 (Annex K)
 * scaled as libjpeg scales them, and back. What it leaves out: subsampled chroma and rounding to 8 bits in between.
 */

// ITU-T T.81, tables K.1 and K.2, rows from the top.
const lumaTable = [
  16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55, 14, 13, 16, 24, 40, 57, 69, 56, 14, 17, 22, 29, 51, 87, 80, 62, 18, 22,
  37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113, 92, 49, 64, 78, 87, 103, 121, 120, 101, 72, 92, 95, 98, 112, 100, 103, 99,
];
const chromaTable = [
  17, 18, 24, 47, 99, 99, 99, 99, 18, 21, 26, 66, 99, 99, 99, 99, 24, 26, 56, 99, 99, 99, 99, 99, 47, 66, 99, 99, 99, 99, 99, 99, 99, 99,
  99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99,
];

const block = 8;

/** `cosines[frequency * 8 + position]`: the orthonormal type II cosine transform. */
const cosines = Float32Array.from({ length: block * block }, (_, index) => {
  const frequency = Math.floor(index / block);
  const norm = frequency === 0 ? Math.sqrt(1 / block) : Math.sqrt(2 / block);
  return norm * Math.cos(((2 * (index % block) + 1) * frequency * Math.PI) / (2 * block));
});

/** A quantisation table for a quality of 1 to 100, as libjpeg derives it. */
export function quantisationTable(kind: "luma" | "chroma", quality: number): Float32Array {
  const scale = quality < 50 ? 5000 / quality : 200 - 2 * quality;
  const table = kind === "luma" ? lumaTable : chromaTable;
  return Float32Array.from(table, (step) => Math.min(255, Math.max(1, Math.floor((step * scale + 50) / 100))));
}

const values = new Float32Array(block * block);
const turned = new Float32Array(block * block);

/** Changes the picture as JPEG of that quality would, nearly. */
export function simulateJpeg(picture: PlanarPicture, quality: number): void {
  if (picture.channels === 3) toLumaChroma(picture);
  for (let channel = 0; channel < picture.channels; channel++) {
    const table = quantisationTable(channel === 0 ? "luma" : "chroma", quality);
    quantisePlane(picture, channel, table);
  }
  if (picture.channels === 3) fromLumaChroma(picture);
}

function quantisePlane({ data, side }: PlanarPicture, channel: number, table: Float32Array): void {
  const plane = data.subarray(channel * side * side, (channel + 1) * side * side);
  for (let top = 0; top < side; top += block) {
    for (let left = 0; left < side; left += block) {
      readBlock(plane, side, top, left);
      transformBlock(values, turned);
      transformBlock(turned, values);
      for (let index = 0; index < values.length; index++) values[index] = Math.round(values[index]! / table[index]!) * table[index]!;
      restoreBlock(values, turned);
      restoreBlock(turned, values);
      writeBlock(plane, side, top, left);
    }
  }
}

/** A block around 0; beyond the picture's end the last pixel is repeated. */
function readBlock(plane: Float32Array, side: number, top: number, left: number): void {
  for (let y = 0; y < block; y++) {
    const row = Math.min(top + y, side - 1) * side;
    for (let x = 0; x < block; x++) values[y * block + x] = plane[row + Math.min(left + x, side - 1)]! - 128;
  }
}

function writeBlock(plane: Float32Array, side: number, top: number, left: number): void {
  const bottom = Math.min(block, side - top);
  const right = Math.min(block, side - left);
  for (let y = 0; y < bottom; y++) for (let x = 0; x < right; x++) plane[(top + y) * side + left + x] = values[y * block + x]! + 128;
}

/** Transforms the rows and transposes; done twice, it is the transform of the block. */
function transformBlock(from: Float32Array, to: Float32Array): void {
  for (let row = 0; row < block; row++) {
    for (let frequency = 0; frequency < block; frequency++) {
      let sum = 0;
      for (let x = 0; x < block; x++) sum += cosines[frequency * block + x]! * from[row * block + x]!;
      to[frequency * block + row] = sum;
    }
  }
}

function restoreBlock(from: Float32Array, to: Float32Array): void {
  for (let row = 0; row < block; row++) {
    for (let x = 0; x < block; x++) {
      let sum = 0;
      for (let frequency = 0; frequency < block; frequency++) sum += cosines[frequency * block + x]! * from[row * block + frequency]!;
      to[x * block + row] = sum;
    }
  }
}

/** RGB to YCbCr as JFIF defines it (ITU-T T.871), in place. */
function toLumaChroma({ data, side }: PlanarPicture): void {
  const area = side * side;
  for (let index = 0; index < area; index++) {
    const red = data[index]!;
    const green = data[index + area]!;
    const blue = data[index + 2 * area]!;
    data[index] = 0.299 * red + 0.587 * green + 0.114 * blue;
    data[index + area] = 128 - 0.168736 * red - 0.331264 * green + 0.5 * blue;
    data[index + 2 * area] = 128 + 0.5 * red - 0.418688 * green - 0.081312 * blue;
  }
}

function fromLumaChroma({ data, side }: PlanarPicture): void {
  const area = side * side;
  for (let index = 0; index < area; index++) {
    const luma = data[index]!;
    const blueness = data[index + area]! - 128;
    const redness = data[index + 2 * area]! - 128;
    data[index] = luma + 1.402 * redness;
    data[index + area] = luma - 0.344136 * blueness - 0.714136 * redness;
    data[index + 2 * area] = luma + 1.772 * blueness;
  }
}
