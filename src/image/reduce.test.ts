import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { gradientImage } from "../../test/fuzz/pictures.ts";
import { inMemory } from "./in-memory.node.ts";
import { createRasterImage, filledImage, type RasterImage } from "./raster.ts";
import { reduce } from "./reduce.ts";
import { scaleCopy } from "./scale-copy.ts";
import { resizeCubic } from "./resize.node.ts";

/** Noise has every level beside every other. */
function noise(width: number, height: number): RasterImage {
  let state = width * 7919 + height;
  const next = (): number => (state = (state * 48_271) % 2_147_483_647);
  return createRasterImage(
    width,
    height,
    Uint8Array.from({ length: width * height * 3 }, () => next() & 255),
  );
}

async function byLibvips(image: RasterImage, width: number, height: number, kernel: "linear" | "cubic"): Promise<Uint8Array> {
  return (await inMemory(image)).resize(width, height, { fit: "fill", kernel }).raw().toBuffer();
}

describe("reduce", () => {
  it.each([
    [320, 240, 160, 120],
    [320, 240, 102, 77],
    [320, 240, 40, 30],
    [320, 240, 25, 19],
    [333, 111, 49, 16],
    [49, 49, 1, 1],
    [500, 3, 156, 1],
    [64, 64, 64, 17],
    // At three to two a weight lies on a whole number: the formula's order decides on which side.
    [57, 60, 38, 40],
  ])("%i x %i to %i x %i is what libvips gives, to the last number", async (width, height, toWidth, toHeight) => {
    for (const image of [noise(width, height), gradientImage(width, height)]) {
      expect([...reduce(image, toWidth, toHeight, "cubic").data]).toEqual([...(await byLibvips(image, toWidth, toHeight, "cubic"))]);
      expect([...reduce(image, toWidth, toHeight, "triangle").data]).toEqual([...(await byLibvips(image, toWidth, toHeight, "linear"))]);
    }
  });

  it("is so for all sizes", async () => {
    const side = fc.integer({ min: 1, max: 150 });
    const property = fc.asyncProperty(side, side, fc.double({ min: 0.005, max: 1, noNaN: true }), async (width, height, scale) => {
      const [toWidth, toHeight] = [Math.max(1, Math.round(width * scale)), Math.max(1, Math.round(height * scale))];
      const image = noise(width, height);
      const theirs = await byLibvips(image, toWidth, toHeight, "cubic");
      expect(Buffer.compare(Buffer.from(reduce(image, toWidth, toHeight, "cubic").data), theirs)).toBe(0);
    });
    await fc.assert(property, { numRuns: 150 });
  });

  it("leaves one colour as it is", () => {
    expect([...reduce(filledImage(90, 70, [13, 200, 77]), 31, 11, "cubic").data]).toEqual([...filledImage(31, 11, [13, 200, 77]).data]);
  });
});

describe("copies for detection", () => {
  it.each([
    [100, 75],
    [320, 240],
    [640, 480],
  ])("are the same in Node and in browsers at %i x %i", async (width, height) => {
    const image = noise(320, 240);
    const [here, there] = [await resizeCubic(image, width, height), scaleCopy(image, width, height)];
    expect(Buffer.compare(Buffer.from(here.data), Buffer.from(there.data))).toBe(0);
  });

  it.each([40, 90, 120, 137, 180])("show a blob in the middle of 60 pixels in the middle of %i", async (side) => {
    const copy = await resizeCubic(blob(60), side, side);
    let [sum, right, below] = [0, 0, 0];
    for (let at = 0; at < side * side; at++) {
      const light = copy.data[at * 3]!;
      sum += light;
      right += light * ((at % side) + 0.5 - side / 2);
      below += light * (Math.floor(at / side) + 0.5 - side / 2);
    }
    // What libvips enlarges stands half a pixel farther right and below.
    expect(Math.abs(right / sum)).toBeLessThan(0.05);
    expect(Math.abs(below / sum)).toBeLessThan(0.05);
  });
});

/** Light in the middle, dark at the edges. */
function blob(side: number): RasterImage {
  const place = (index: number): number => (index + 0.5) / side - 0.5;
  const light = (at: number): number => 200 * Math.exp(-(place(at % side) ** 2 + place(Math.floor(at / side)) ** 2) / 2 / 0.12 ** 2);
  return createRasterImage(
    side,
    side,
    Uint8Array.from({ length: side * side * 3 }, (_, index) => Math.round(light(Math.floor(index / 3)))),
  );
}
