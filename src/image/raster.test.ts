import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { difference, gradientImage, pipelineOf } from "../../test/fuzz/pictures.ts";
import vectors from "../../test/vectors/image/vectors.json" with { type: "json" };
import { type AffineTransform, identityTransform } from "../core/index.ts";
import { applyOrientation } from "./orient.ts";
import { averageBlocks } from "./blocks.ts";
import { createRasterImage, crop, filledImage, type RasterImage } from "./raster.ts";
import { resizeCubic } from "./resize.node.ts";
import { extentOf, fitWithin, resize } from "./resize.ts";
import { letterboxTransform, regionTransform, type TensorLayout, warpAffine, warpToTensor } from "./warp.ts";

const picture = gradientImage(40, 30);
const source = createRasterImage(vectors.width, vectors.height, Uint8Array.from(vectors.source));
const plain = { colour: "rgb", mean: [0], standardDeviation: [1] } as const;

function noise(width: number, height: number, seed: number): RasterImage {
  const data = Uint8Array.from({ length: width * height * 3 }, (_, index) => Math.imul(index + 1, 0x9e3779b1 ^ seed) >>> 24);
  return createRasterImage(width, height, data);
}

/** One-pixel lines, white and black: the finest pattern that a picture holds along an axis. */
function stripes(side: number): RasterImage {
  const data = Uint8Array.from({ length: side * side * 3 }, (_, index) => ((Math.floor(index / 3) % side) % 2 === 0 ? 255 : 0));
  return createRasterImage(side, side, data);
}

/** One-pixel squares of black and white: what aliases worst. */
function checkerboard(side: number): RasterImage {
  const data = Uint8Array.from({ length: side * side * 3 }, (_, index) => {
    const pixel = Math.floor(index / 3);
    return ((pixel % side) + Math.floor(pixel / side)) % 2 === 0 ? 255 : 0;
  });
  return createRasterImage(side, side, data);
}

function worstError(actual: ArrayLike<number>, expected: readonly number[]): number {
  return Math.max(...expected.map((value, index) => Math.abs(value - actual[index]!)));
}

describe("createRasterImage and crop", () => {
  it("refuses sides and lengths that do not fit", () => {
    for (const [width, height] of [
      [0, 1],
      [1.5, 2],
      [-1, 2],
      [Number.NaN, 1],
    ] as const) {
      expect(() => createRasterImage(width, height)).toThrow("positive whole sides");
    }
    expect(() => createRasterImage(2, 2, new Uint8Array(11))).toThrow("has 12 bytes, got 11");
  });

  it("crops the whole pixels that a box touches, clipped to the picture", () => {
    const part = crop(picture, { x: 2.5, y: 3, width: 4, height: 2 });
    expect([part.width, part.height]).toEqual([5, 2]);
    expect([...part.data.subarray(0, 3)]).toEqual([...picture.data.subarray((3 * 40 + 2) * 3, (3 * 40 + 2) * 3 + 3)]);
    expect(crop(picture, { x: -5, y: -5, width: 100, height: 100 })).toEqual({ ...picture, data: new Uint8Array(picture.data) });
    expect(() => crop(picture, { x: 41, y: 0, width: 3, height: 3 })).toThrow("outside the 40 x 30 picture");
  });
});

describe("resize", () => {
  it.each(vectors.resizes)("agrees with NumPy at $width x $height", ({ width, height, data }) => {
    expect(worstError(resize(source, width, height).data, data)).toBeLessThanOrEqual(0.501);
  });

  it.each([
    [20, 15],
    [13, 7],
    [27, 30],
  ])("agrees with libvips' triangle filter at %i x %i", async (width, height) => {
    const other = await pipelineOf(picture).resize(width, height, { fit: "fill", kernel: "linear" }).raw().toBuffer();
    expect(difference(resize(picture, width, height), { width, height, data: other }).mean).toBeLessThan(1);
  });

  it.each([
    [20, 15],
    [13, 7],
    [27, 30],
  ])("with the cubic filter is what resizeCubic gives at %i x %i", async (width, height) => {
    const other = await resizeCubic(picture, width, height);
    expect(difference(resize(picture, width, height, { kernel: "cubic" }), other).mean).toBeLessThan(1);
  });

  it("is sharper with the cubic filter: an edge rises faster", () => {
    const edge = createRasterImage(
      80,
      1,
      Uint8Array.from({ length: 240 }, (_, index) => (index < 120 ? 40 : 200)),
    );
    const rise = (kernel: "triangle" | "cubic"): number => {
      const { data } = resize(edge, 40, 1, { kernel });
      return data[20 * 3]! - data[19 * 3]!;
    };
    expect(rise("cubic")).toBeGreaterThan(rise("triangle") * 1.1);
  });

  it("keeps the picture at its own size, and one colour at any", () => {
    expect(difference(resize(picture, 40, 30), picture).largest).toBe(0);
    const size = fc.integer({ min: 1, max: 40 });
    fc.assert(
      fc.property(size, size, size, size, (width, height, toWidth, toHeight) => {
        const colour = [13, 200, 77] as const;
        return (
          difference(resize(filledImage(width, height, colour), toWidth, toHeight), filledImage(toWidth, toHeight, colour)).largest === 0
        );
      }),
    );
  });

  it("turns a checkerboard into even grey", () => {
    const { data } = resize(checkerboard(64), 23, 23);
    expect(Math.max(...data) - Math.min(...data)).toBeLessThan(14);
  });

  it("fits within a side, and leaves small pictures alone", () => {
    expect(fitWithin(picture, { maxSide: 40 })).toBe(picture);
    expect(fitWithin(picture, { maxSide: 20 })).toMatchObject({ width: 20, height: 15 });
    expect(fitWithin(gradientImage(1000, 1), { maxSide: 10 })).toMatchObject({ width: 10, height: 1 });
    expect(fitWithin(gradientImage(400, 100), { maxExtent: 100 })).toMatchObject({ width: 173, height: 43 });
  });
});

describe("the extent of a picture", () => {
  it.each([
    [4000, 3000, 4000],
    [2250, 4000, 4000],
    [3000, 3000, 3000],
    [9000, 2500, Math.sqrt((9000 * 2500 * 4) / 3)],
    [1000, 16_000, Math.sqrt((1000 * 16_000 * 4) / 3)],
  ])("of %i x %i is %d", (width, height, extent) => {
    expect(extentOf({ width, height })).toBeCloseTo(extent, 9);
  });

  it("never shrinks as a picture grows, by little for a pixel", () => {
    for (let width = 1000; width < 4000; width++) {
      const step = extentOf({ width: width + 1, height: 1000 }) - extentOf({ width, height: 1000 });
      expect(step).toBeGreaterThanOrEqual(0);
      expect(step).toBeLessThanOrEqual(1);
    }
  });
});

describe("averageBlocks", () => {
  it("gives the mean of every block, whatever the alignment of rows and region", () => {
    const small = fc.integer({ min: 1, max: 9 });
    const property = fc.property(
      fc.integer({ min: 10, max: 30 }),
      fc.nat(9),
      fc.nat(9),
      small,
      small,
      (width, x, y, blockWidth, blockHeight) => {
        const image = noise(width, 21, width);
        const region = { x, y, width: width - x, height: 21 - y };
        const result = averageBlocks(image, region, { width: blockWidth, height: blockHeight });
        expect([result.width, result.height]).toEqual([Math.ceil(region.width / blockWidth), Math.ceil(region.height / blockHeight)]);
        for (const [index, value] of result.data.entries()) {
          const left = x + (Math.floor(index / 3) % result.width) * blockWidth;
          const top = y + Math.floor(index / 3 / result.width) * blockHeight;
          const block = crop(image, { x: left, y: top, width: blockWidth, height: blockHeight });
          const channel = [...block.data].filter((_, at) => at % 3 === index % 3);
          expect(Math.abs(value - channel.reduce((sum, each) => sum + each, 0) / channel.length)).toBeLessThanOrEqual(0.5001);
        }
      },
    );
    fc.assert(property, { numRuns: 60 });
  });

  it("does not overflow in blocks of more rows than fit its lanes", () => {
    const white = filledImage(4, 600, [255, 255, 255]);
    for (const height of [257, 258, 600]) {
      const { data } = averageBlocks(white, { x: 0, y: 0, width: 4, height: 600 }, { width: 2, height });
      expect(Math.min(...data)).toBe(255);
    }
  });
});

describe("warpAffine", () => {
  it.each(vectors.warps)("agrees with NumPy ($matrix)", ({ matrix, width, height, data }) => {
    const [a, b, tx, c, d, ty] = matrix as [number, number, number, number, number, number];
    const transform = { a, b, tx, c, d, ty };
    expect(worstError(warpAffine(source, transform, width, height).data, data)).toBeLessThanOrEqual(0.501);
    const tensor = new Float32Array(width * height * 3);
    warpToTensor(source, transform, { ...plain, width, height }, tensor);
    const interleaved = Array.from(data, (_, index) => tensor[(index % 3) * width * height + Math.floor(index / 3)]!);
    expect(worstError(interleaved, data)).toBeLessThan(1e-3);
  });

  it("is the picture itself under the identity", () => {
    expect(difference(warpAffine(picture, identityTransform, 40, 30), picture).largest).toBe(0);
  });

  it("is exact for whole shifts, mirrors and quarter turns", () => {
    const cases: readonly [AffineTransform, RasterImage][] = [
      [{ a: -1, b: 0, tx: 40, c: 0, d: 1, ty: 0 }, applyOrientation(picture, 2)],
      [{ a: -1, b: 0, tx: 40, c: 0, d: -1, ty: 30 }, applyOrientation(picture, 3)],
      [{ a: 0, b: 1, tx: 0, c: -1, d: 0, ty: 30 }, applyOrientation(picture, 6)],
      [{ a: 0, b: -1, tx: 40, c: 1, d: 0, ty: 0 }, applyOrientation(picture, 8)],
      [{ a: 1, b: 0, tx: 7, c: 0, d: 1, ty: 5 }, crop(picture, { x: 7, y: 5, width: 33, height: 25 })],
    ];
    for (const [transform, expected] of cases) {
      expect(difference(warpAffine(picture, transform, expected.width, expected.height), expected).largest).toBe(0);
    }
  });

  it("returns to the picture after a turn of 360 degrees in steps of 90", () => {
    const wholeTurn = fc.property(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 20 }), fc.nat(), (width, height, seed) => {
      let image = noise(width, height, seed);
      for (let turn = 0; turn < 4; turn++) {
        image = warpAffine(image, { a: 0, b: 1, tx: 0, c: -1, d: 0, ty: image.height }, image.height, image.width);
      }
      return difference(image, noise(width, height, seed)).largest === 0;
    });
    expect(fc.check(wholeTurn).failed).toBe(false);
  });

  // Levels that one-pixel stripes may leave. Single samples leave all 255; an exact area average over 1.5 x 1.5 pixels leaves 85
  // along the axes and about 117 at 45 degrees, over 3 x 3 pixels 85.
  it.each([
    [1.5, 120],
    [2, 80],
    [2.6, 60],
    [3.3, 50],
    [5.36, 30],
    [9, 30],
  ])("does not alias when the picture shrinks by %d at any angle", (scale, levels) => {
    for (const degrees of [0, 17, 45]) {
      const a = scale * Math.cos((degrees * Math.PI) / 180);
      const c = scale * Math.sin((degrees * Math.PI) / 180);
      const transform = { a, b: -c, tx: 300 - 15 * (a - c), c, d: a, ty: 300 - 15 * (a + c) };
      const { data } = warpAffine(stripes(600), transform, 30, 30);
      expect(Math.max(...data) - Math.min(...data), `${degrees} degrees`).toBeLessThan(levels);
    }
  });

  it("keeps edges in place when it shrinks", () => {
    const ramp = gradientImage(640, 480);
    for (const scale of [2, 4, 5, 8]) {
      const small = warpAffine(
        ramp,
        regionTransform({ x: 0, y: 0, width: 640, height: 480 }, 640 / scale, 480 / scale),
        640 / scale,
        480 / scale,
      );
      expect(difference(small, resize(ramp, 640 / scale, 480 / scale)).largest).toBeLessThanOrEqual(2);
    }
  });

  it("shows the border's colour, or the nearest pixel, outside the picture", () => {
    const shift = { ...identityTransform, tx: -4 };
    const onRed = warpAffine(picture, shift, 8, 1, { border: [255, 0, 0] });
    expect([...onRed.data.subarray(9, 12)]).toEqual([255, 0, 0]);
    expect([...onRed.data.subarray(12, 15)]).toEqual([...picture.data.subarray(0, 3)]);
    const onEdge = warpAffine(picture, shift, 8, 1);
    expect([...onEdge.data.subarray(9, 12)]).toEqual([...picture.data.subarray(0, 3)]);
  });

  it("looks wholly outside without failing", () => {
    for (const scale of [1, 7]) {
      for (const far of [-5000, 5000]) {
        const transform = { a: scale, b: 0, tx: far, c: 0, d: scale, ty: far };
        expect([...warpAffine(picture, transform, 2, 2, { border: [9, 8, 7] }).data.subarray(0, 3)]).toEqual([9, 8, 7]);
        const corner = far < 0 ? picture.data.subarray(0, 3) : picture.data.subarray(-3);
        expect(worstError(warpAffine(picture, transform, 2, 2).data, [...corner])).toBeLessThanOrEqual(12);
      }
    }
  });

  it("letterboxes: proportions kept, all seen, centred", () => {
    const white = filledImage(400, 100, [255, 255, 255]);
    const boxed = warpAffine(white, letterboxTransform({ x: 0, y: 0, width: 400, height: 100 }, 40, 40), 40, 40, { border: [0, 0, 0] });
    const rows = Array.from({ length: 40 }, (_, y) => boxed.data[y * 40 * 3]);
    expect(rows).toEqual(Array.from({ length: 40 }, (_, y) => (y >= 15 && y < 25 ? 255 : 0)));
  });
});

describe("warpToTensor", () => {
  const size = { width: 40, height: 30 };
  const pixel = (channel: number): number => picture.data[(3 * 40 + 5) * 3 + channel]!;

  it("writes channels in order, normalised, at the offset", () => {
    const layout: TensorLayout = { ...size, colour: "bgr", mean: [104, 117, 123], standardDeviation: [2, 4, 8] };
    const tensor = new Float32Array(7 + 3600).fill(-1);
    warpToTensor(picture, identityTransform, layout, tensor, 7);
    expect(tensor[6]).toBe(-1);
    const at = (channel: number): number => tensor[7 + channel * 1200 + 3 * 40 + 5]!;
    expect(at(0)).toBeCloseTo((pixel(2) - 104) / 2, 4);
    expect(at(1)).toBeCloseTo((pixel(1) - 117) / 4, 4);
    expect(at(2)).toBeCloseTo((pixel(0) - 123) / 8, 4);
  });

  it.each([
    [-3, -2],
    [5, 4],
    [33, 28],
    [-90, 3],
    [0, 200],
  ])("cuts at whole pixels (%i, %i) what sampling gives there", (tx, ty) => {
    const layout: TensorLayout = { ...size, colour: "bgr", mean: [104, 117, 123], standardDeviation: [2, 4, 8], border: [9, 80, 200] };
    const cut = new Float32Array(7 + 3600).fill(-1);
    warpToTensor(picture, { ...identityTransform, tx, ty }, layout, cut, 7);
    const sampled = new Float32Array(7 + 3600).fill(-1);
    warpToTensor(picture, { ...identityTransform, b: 1e-12, tx, ty }, layout, sampled, 7);
    expect(worstError(cut, [...sampled])).toBeLessThan(1e-4);
  });

  it("writes BT.601 luma for grey", () => {
    const tensor = new Float32Array(1200);
    warpToTensor(picture, identityTransform, { ...size, colour: "grey", mean: [100], standardDeviation: [50] }, tensor);
    const luma = 0.299 * pixel(0) + 0.587 * pixel(1) + 0.114 * pixel(2);
    expect(tensor[3 * 40 + 5]).toBeCloseTo((luma - 100) / 50, 4);
  });

  it("refuses a tensor that is too short", () => {
    const layout = { ...plain, ...size };
    expect(() => warpToTensor(picture, identityTransform, layout, new Float32Array(3599))).toThrow("needs 3600 numbers");
    expect(() => warpToTensor(picture, identityTransform, layout, new Float32Array(3600), 1)).toThrow("needs 3600 numbers from 1");
  });
});
