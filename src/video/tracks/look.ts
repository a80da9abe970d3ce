import type { BoundingBox } from "../../core/index.ts";
import type { RasterImage } from "../../image/index.ts";

/**
 * The colours above and below a face: hair and clothing. They tell two people in one film apart and nobody outside of it; of the face itself
 * nothing is kept.
 */
export type Colours = Float32Array;

/** Steps for each of red, green and blue. */
const steps = 4;
const bins = steps ** 3;
/** Pixels in a row of a patch: more tell no more. */
const samples = 12;

/** Where hair and clothing are, in sides of the face's box from its upper left corner. */
const patches = [
  { x: 0.1, y: -0.35, width: 0.8, height: 0.35 },
  { x: -0.3, y: 1.35, width: 1.6, height: 0.9 },
] as const;

/** Of which nothing is known: they are like all others. */
export const unknownColours: Colours = new Float32Array(bins * patches.length);

/** Two histograms, one behind the other, each of sum 1; all zero where a patch lies outside the picture. */
export function coloursAround(image: RasterImage, box: BoundingBox): Colours {
  const colours = new Float32Array(bins * patches.length);
  for (const [index, patch] of patches.entries()) {
    const histogram = colours.subarray(index * bins, (index + 1) * bins);
    let count = 0;
    for (let row = 0; row < samples; row++) {
      const y = Math.floor(box.y + (patch.y + ((row + 0.5) / samples) * patch.height) * box.height);
      for (let column = 0; column < samples; column++) {
        const x = Math.floor(box.x + (patch.x + ((column + 0.5) / samples) * patch.width) * box.width);
        if (x < 0 || y < 0 || x >= image.width || y >= image.height) continue;
        const at = (y * image.width + x) * 3;
        const bin = (stepOf(image.data[at]!) * steps + stepOf(image.data[at + 1]!)) * steps + stepOf(image.data[at + 2]!);
        histogram[bin]!++;
        count++;
      }
    }
    if (count > 0) for (let bin = 0; bin < bins; bin++) histogram[bin]! /= count;
  }
  return colours;
}

function stepOf(value: number): number {
  return Math.floor((value * steps) / 256);
}

/** How unlike two looks are, 0..1 (1 - Bhattacharyya's coefficient); 0.5 where nothing can be compared. */
export function colourDistance(a: Colours, b: Colours): number {
  let sum = 0;
  let compared = 0;
  for (let patch = 0; patch < patches.length; patch++) {
    let shared = 0;
    let [massA, massB] = [0, 0];
    for (let bin = patch * bins; bin < (patch + 1) * bins; bin++) {
      shared += Math.sqrt(a[bin]! * b[bin]!);
      massA += a[bin]!;
      massB += b[bin]!;
    }
    if (massA === 0 || massB === 0) continue;
    // Of one whose clothes were out of the picture for a while less is left, and it is the same.
    sum += 1 - shared / Math.sqrt(massA * massB);
    compared++;
  }
  return compared === 0 ? 0.5 : Math.max(0, sum / compared);
}

/** The look of a track after one more sight: the new one counts a quarter. */
export function blendColours(before: Colours, now: Colours): Colours {
  return before.map((value, index) => value * 0.75 + now[index]! * 0.25);
}
