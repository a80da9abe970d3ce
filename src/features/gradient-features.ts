import { type LumaImage, shrinkLuma } from "../datasets/index.ts";

const side = 64;
const cell = 8;
const cells = side / cell;
const orientations = 9;

/** How many numbers {@link gradientFeatures} gives. */
export const gradientFeatureCount: number = (cells - 1) * (cells - 1) * 4 * orientations;

/** Gradient energy by cell and orientation, each gradient shared between the two nearest orientations: `[8, 8, 9]`. */
function orientationHistograms(pixels: Float32Array): Float32Array {
  const histograms = new Float32Array(cells * cells * orientations);
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      const dx = pixels[y * side + Math.min(x + 1, side - 1)]! - pixels[y * side + Math.max(x - 1, 0)]!;
      const dy = pixels[Math.min(y + 1, side - 1) * side + x]! - pixels[Math.max(y - 1, 0) * side + x]!;
      const energy = Math.sqrt(dx * dx + dy * dy);
      // Unsigned: a gradient and its opposite are one orientation.
      const position = (((Math.atan2(dy, dx) + Math.PI) % Math.PI) / Math.PI) * orientations;
      const lower = Math.floor(position) % orientations;
      const share = position - Math.floor(position);
      const offset = (Math.floor(y / cell) * cells + Math.floor(x / cell)) * orientations;
      histograms[offset + lower]! += energy * (1 - share);
      histograms[offset + ((lower + 1) % orientations)]! += energy * share;
    }
  }
  return histograms;
}

/**
 * Histograms of oriented gradients (Dalal and Triggs, CVPR 2005): 64 x 64 pixels, cells of 8, blocks of 2 x 2 cells, 9
 * orientations, blocks clipped at 0.2 and normalised twice. They need no network, and tell enough of a face to find labels that
 * do not fit.
 * @returns `[1764]`
 */
export function gradientFeatures(luma: LumaImage): Float32Array {
  const histograms = orientationHistograms(shrinkLuma(luma, side));
  const result = new Float32Array(gradientFeatureCount);
  let offset = 0;
  for (let row = 0; row + 1 < cells; row++) {
    for (let column = 0; column + 1 < cells; column++) {
      const block = result.subarray(offset, offset + 4 * orientations);
      for (const [index, [down, right]] of [
        [0, 0],
        [0, 1],
        [1, 0],
        [1, 1],
      ].entries()) {
        const from = ((row + down!) * cells + column + right!) * orientations;
        block.set(histograms.subarray(from, from + orientations), index * orientations);
      }
      scaleToLength(block);
      for (let index = 0; index < block.length; index++) block[index] = Math.min(block[index]!, 0.2);
      scaleToLength(block);
      offset += block.length;
    }
  }
  return result;
}

function scaleToLength(values: Float32Array): void {
  let squares = 1e-6;
  for (const value of values) squares += value * value;
  const scale = 1 / Math.sqrt(squares);
  for (let index = 0; index < values.length; index++) values[index]! *= scale;
}
