import { describe, expect, test } from "vitest";
import { createRandom } from "../../core/index.ts";
import { createRasterImage, filledImage, type RasterImage } from "../../image/index.ts";
import { cellHistograms, orientationCount } from "./histograms.ts";
import { shrink, shrinkingCopies } from "./shrink.ts";
import { suppressWindows, windowsIn } from "./windows.ts";

const sizesOf = (width: number, height: number): string[] =>
  [...shrinkingCopies(filledImage(width, height, [9, 9, 9]))].map((copy) => `${copy.width}x${copy.height}`);

describe("the pyramid", () => {
  test("has five pixels for six, cut off, until a side has fewer than 64", () => {
    expect(sizesOf(100, 120)).toEqual(["100x120", "83x100", "69x83"]);
    expect(sizesOf(64, 64)).toEqual(["64x64"]);
    expect(sizesOf(1, 3)).toEqual(["1x3"]);
  });

  test("keeps the corners where they are", () => {
    const image = noise(97, 80);
    const copy = shrink(image);
    expect([copy.width, copy.height]).toEqual([80, 66]);
    for (const [x, y, toX, toY] of [
      [0, 0, 0, 0],
      [96, 0, 79, 0],
      [0, 79, 0, 65],
      [96, 79, 79, 65],
    ] as const) {
      for (let channel = 0; channel < 3; channel++) {
        // What rounding leaves of the neighbour may be cut off.
        const lost = at(image, x, y, channel) - at(copy, toX, toY, channel);
        expect(lost === 0 || lost === 1).toBe(true);
      }
    }
  });

  test("does not change the picture that it is made of", () => {
    const image = noise(97, 80);
    const before = image.data.slice();
    expect([...shrinkingCopies(image)]).toHaveLength(2);
    expect(image.data).toEqual(before);
  });
});

describe("histograms", () => {
  test("a picture without three cells a side has none, at half a cell it rounds up", () => {
    expect(cellHistograms(filledImage(19, 80, [1, 2, 3]))).toBeUndefined();
    expect(cellHistograms(filledImage(20, 80, [1, 2, 3]))).toMatchObject({ columns: 5, rows: 12 });
  });

  test("an edge from dark to light gives its strength to the cells on both sides, in its direction", () => {
    // Columns 0..15 dark, 16..31 light: the gradients of columns 15 and 16 are 200, at the border between cells 1 and 2.
    const image = drawn(32, 32, (x) => (x < 16 ? 10 : 210));
    const { columns, data } = cellHistograms(image)!;
    const bin = (column: number, orientation: number): number => data[(2 * columns + column) * orientationCount + orientation]!;
    // Of eight rows' worth of both columns a half each; column 15 is a sixteenth nearer to the left cell.
    expect(bin(2, 0)).toBeCloseTo(8 * 200 * (9 / 16 + 7 / 16));
    expect(bin(3, 0)).toBeCloseTo(8 * 200 * (7 / 16 + 9 / 16));
    expect(data.reduce((sum, value) => sum + value, 0)).toBeCloseTo(30 * 2 * 200);
  });

  test.each([
    ["to the right", (x: number) => x, 0],
    ["downwards", (_: number, y: number) => y, 4],
    ["to the left", (x: number) => -x, 9],
    ["upwards", (_: number, y: number) => -y, 13],
    ["to the right and down", (x: number, y: number) => x + y, 2],
  ] as const)("brighter %s", (_, slope, orientation) => {
    const image = drawn(40, 40, (x, y) => 100 + slope(x, y));
    const { data } = cellHistograms(image)!;
    const used = new Set([...data.entries()].filter(([, value]) => value > 0).map(([index]) => index % orientationCount));
    expect(used).toEqual(new Set([orientation]));
  });

  test("the channel with the strongest gradient counts", () => {
    const data = new Uint8Array(40 * 40 * 3);
    for (let y = 0; y < 40; y++) for (let x = 0; x < 40; x++) data.set([x, y * 3, 100 - x * 2], (y * 40 + x) * 3);
    const { data: bins } = cellHistograms(createRasterImage(40, 40, data))!;
    const used = new Set([...bins.entries()].filter(([, value]) => value > 0).map(([index]) => index % orientationCount));
    expect(used).toEqual(new Set([4]));
  });
});

describe("windows", () => {
  const size = { rows: 12, columns: 14 };
  const scoreAt = (filter: number, row: number, column: number, score: number): Float32Array => {
    const scores = new Float32Array(5 * size.rows * size.columns).fill(-1);
    scores[(filter * size.rows + row) * size.columns + column] = score;
    return scores;
  };

  test("stand where dlib puts them: 73 pixels a side at the first level, each further one 6/5 larger", () => {
    const scores = scoreAt(3, 5, 4, 0.25);
    expect(windowsIn(scores, size, 0, 0)).toEqual([{ box: { x: 13, y: 21, width: 73, height: 73 }, score: 0.25, filter: 3 }]);
    expect(windowsIn(scores, size, 2, 0)).toMatchObject([{ box: { x: 19, y: 31, width: 105, height: 105 } }]);
  });

  test("may begin in front of the picture, where dlib puts a cell's middle on its other side", () => {
    expect(windowsIn(scoreAt(0, 0, 0, 1), size, 0, 0)).toMatchObject([{ box: { x: -27, y: -27, width: 81, height: 81 } }]);
  });

  test("count from the least score on", () => {
    expect(windowsIn(scoreAt(0, 1, 1, -0.1), size, 0, 0)).toEqual([]);
    expect(windowsIn(scoreAt(0, 1, 1, -0.1), size, 0, -0.2)).toHaveLength(1);
    expect(windowsIn(scoreAt(0, 1, 1, 0), size, 0, 0)).toHaveLength(1);
  });

  test("that overlap are one face, measured against the frame around both", () => {
    const box = (x: number, y: number): { readonly x: number; readonly y: number; readonly width: number; readonly height: number } => ({
      x,
      y,
      width: 100,
      height: 100,
    });
    const first = { box: box(0, 0), score: 1 };
    // 60 x 60 of 140 x 140 is 0.18 of the frame; intersection over union would be 0.22.
    const corner = { box: box(40, 40), score: 0.5 };
    // 100 x 40 of 100 x 160 is 0.25, 100 x 52 of 100 x 148 is 0.35.
    const apart = { box: box(0, 60), score: 0.4 };
    const beside = { box: box(0, 48), score: 0.3 };
    const inside = { box: { x: 20, y: 20, width: 40, height: 40 }, score: 0.9 };
    expect(suppressWindows([beside, first])).toEqual([first]);
    expect(suppressWindows([apart, first])).toEqual([first, apart]);
    expect(suppressWindows([corner, first])).toEqual([first, corner]);
    expect(suppressWindows([inside, first])).toEqual([first]);
  });
});

function noise(width: number, height: number): RasterImage {
  const random = createRandom(7);
  return createRasterImage(
    width,
    height,
    Uint8Array.from({ length: width * height * 3 }, () => random.integer(256)),
  );
}

function drawn(width: number, height: number, light: (x: number, y: number) => number): RasterImage {
  return createRasterImage(
    width,
    height,
    Uint8Array.from({ length: width * height * 3 }, (_, index) => light(Math.floor(index / 3) % width, Math.floor(index / 3 / width))),
  );
}

function at({ width, data }: RasterImage, x: number, y: number, channel: number): number {
  return data[(y * width + x) * 3 + channel]!;
}
