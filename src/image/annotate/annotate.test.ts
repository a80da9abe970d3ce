import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type BoundingBox, intersectionOverUnion } from "../../core/index.ts";
import { filledImage } from "../raster.ts";
import { annotate, type Annotation } from "./annotate.ts";
import { glyphOf } from "./font.ts";
import { connection, crossesAny, type LabelRequest, placeLabels } from "./placement.ts";
import { drawText, measureLine } from "./text.ts";

const lines = ["female 98 %", "age 41 (34–49)", "happy 95 %"].map((text) => ({ text }));

function mark(box: BoundingBox, change: Partial<Annotation> = {}): Annotation {
  return { box, name: "1", lines, ...change };
}

function boxesOf(requests: readonly LabelRequest[], width: number, height: number): BoundingBox[] {
  return placeLabels(requests, width, height).map(({ x, y, size }, index) => {
    const { width: labelWidth, height: labelHeight } = requests[index]!.sizes[size]!;
    return { x, y, width: labelWidth, height: labelHeight };
  });
}

function touches(a: BoundingBox, b: BoundingBox): boolean {
  return intersectionOverUnion(a, b) > 0;
}

describe("font", () => {
  it("has every printable ASCII character and the signs of the labels", () => {
    const ascii = Array.from({ length: 95 }, (_, index) => String.fromCodePoint(32 + index));
    const missing = JSON.stringify(glyphOf("\u{4E00}"));
    expect([...ascii, "±", "–", "—", "°", "·", "×", "…"].filter((character) => JSON.stringify(glyphOf(character)) === missing)).toEqual([]);
  });

  it("keeps all pen lines between the ascender and the descender, and within the glyph's width", () => {
    for (let code = 33; code < 127; code++) {
      const { width, lines: strokes } = glyphOf(String.fromCodePoint(code));
      expect(strokes.length).toBeGreaterThan(0);
      for (const points of strokes) {
        expect(points.length % 2).toBe(0);
        for (const [index, value] of points.entries()) {
          expect(value, `character ${code}`).toBeGreaterThanOrEqual(0);
          expect(value, `character ${code}`).toBeLessThanOrEqual(index % 2 === 0 ? width : 16);
        }
      }
    }
  });

  it("draws every printable character differently", () => {
    const drawings = Array.from({ length: 94 }, (_, index) => JSON.stringify(glyphOf(String.fromCodePoint(33 + index))));
    expect(new Set(drawings).size).toBe(94);
  });

  it("drops accents and boxes what it does not know", () => {
    expect(glyphOf("é")).toEqual(glyphOf("e"));
    expect(glyphOf("漢")).toEqual(glyphOf("字"));
    expect(glyphOf("漢").lines).toHaveLength(1);
  });
});

describe("text", () => {
  it("stays within its mask, is dark inside the pen and grey at its edge", () => {
    const { width, height, coverage } = drawText(["Hg|"], 24, 4);
    expect(coverage).toHaveLength(width * height);
    const border = [...coverage].filter((_, index) => index < width || index >= coverage.length - width || index % width === 0);
    expect(Math.max(...border)).toBe(0);
    expect(Math.max(...coverage)).toBe(1);
    expect([...coverage].some((value) => value > 0.2 && value < 0.8)).toBe(true);
  });

  it("grows with the size", () => {
    expect(measureLine("abc", 24)).toBeCloseTo(2 * measureLine("abc", 12), 6);
  });
});

describe("placeLabels", () => {
  const size = { width: 90, height: 50 };

  it("prefers above, then below, then right, then left", () => {
    const place = (box: BoundingBox, width: number, height: number): BoundingBox => boxesOf([{ box, sizes: [size] }], width, height)[0]!;
    expect(place({ x: 200, y: 200, width: 100, height: 100 }, 500, 500)).toMatchObject({ x: 200, y: 150 });
    expect(place({ x: 200, y: 10, width: 100, height: 100 }, 500, 500)).toMatchObject({ x: 200, y: 110 });
    expect(place({ x: 200, y: 5, width: 100, height: 100 }, 500, 110)).toMatchObject({ x: 300, y: 5 });
    expect(place({ x: 200, y: 5, width: 100, height: 100 }, 310, 110)).toMatchObject({ x: 110, y: 5 });
    expect(place({ x: 0, y: 0, width: 100, height: 100 }, 100, 100)).toMatchObject({ x: 0, y: 0 });
  });

  it("takes a smaller size before it covers its own face", () => {
    const request = { box: { x: 0, y: 30, width: 100, height: 70 }, sizes: [size, { width: 50, height: 28 }] };
    expect(placeLabels([request], 100, 100)[0]).toMatchObject({ size: 1, x: 0, y: 2, stands: "beside" });
  });

  it("goes away from a face that is hemmed in, and says so", () => {
    const faces = [0, 1, 2].flatMap((row) =>
      [0, 1, 2].map((column) => ({ x: 100 + column * 60, y: 100 + row * 60, width: 58, height: 58 })),
    );
    const requests = faces.map((box) => ({ box, sizes: [{ width: 80, height: 40 }] }));
    const places = placeLabels(requests, 600, 600);
    expect(places[4]!.stands).toBe("away");
    for (const label of boxesOf(requests, 600, 600)) expect(faces.some((box) => touches(label, box))).toBe(false);
  });

  it("never covers a face or a label while there is a free grid cell, and never leaves the picture", () => {
    const cell = fc.integer({ min: 0, max: 63 });
    const anyCells = fc.uniqueArray(cell, { minLength: 1, maxLength: 28 });
    const property = fc.property(anyCells, (cells) => {
      // A board of 8 x 8 fields of 100 pixels: at most 28 faces and 28 labels of one field leave room for every label.
      const faces = cells.map((index) => ({ x: (index % 8) * 100 + 5, y: Math.floor(index / 8) * 100 + 5, width: 90, height: 90 }));
      const labels = boxesOf(
        faces.map((box) => ({ box, sizes: [{ width: 60, height: 45 }] })),
        800,
        800,
      );
      for (const [index, label] of labels.entries()) {
        expect(label.x >= 0 && label.y >= 0 && label.x + 60 <= 800 && label.y + 45 <= 800).toBe(true);
        const others = [...faces, ...labels.slice(0, index)];
        expect(others.some((box) => touches(label, box))).toBe(false);
      }
    });
    fc.assert(property, { numRuns: 60 });
  });

  it("stays in the picture and covers no other face when there is no room", () => {
    const faces = [0, 1].flatMap((row) => [0, 1].map((column) => ({ x: column * 100, y: row * 100, width: 100, height: 100 })));
    const labels = boxesOf(
      faces.map((box) => ({ box, sizes: [size, { width: 60, height: 30 }] })),
      200,
      200,
    );
    for (const [index, label] of labels.entries()) {
      expect([label.width, label.height]).toEqual([60, 30]);
      expect(faces.filter((box, other) => other !== index && touches(label, box))).toEqual([]);
    }
  });
});

describe("names", () => {
  const size = { width: 20, height: 16 };
  const place = (boxes: readonly BoundingBox[]) =>
    placeLabels(
      boxes.map((box) => ({ box, sizes: [size] })),
      500,
      500,
      "name",
    );

  it("stand above the left corner, in it where others are in the way, and never away from their box", () => {
    const [first] = place([{ x: 100, y: 100, width: 90, height: 90 }]);
    expect(first).toMatchObject({ x: 100, y: 84 });
    const [, below] = place([
      { x: 100, y: 100, width: 90, height: 90 },
      { x: 100, y: 191, width: 90, height: 90 },
    ]);
    expect(below).toMatchObject({ x: 100, y: 191, stands: "beside" });
    const crowd = [0, 1, 2].flatMap((row) =>
      [0, 1, 2].map((column) => ({ x: 100 + column * 31, y: 100 + row * 31, width: 30, height: 30 })),
    );
    for (const { stands } of place(crowd)) expect(stands).not.toBe("away");
  });
});

describe("lines", () => {
  const box = { x: 10, y: 10, width: 20, height: 20 };

  it("lead from a label to the nearest point of its box", () => {
    expect(connection({ x: 60, y: 0, width: 20, height: 10 }, box)).toEqual([
      { x: 70, y: 5 },
      { x: 30, y: 10 },
    ]);
  });

  it.each([
    [{ x: 0, y: 0 }, { x: 40, y: 40 }, true],
    [{ x: 0, y: 20 }, { x: 15, y: 20 }, true],
    [{ x: 0, y: 0 }, { x: 0, y: 40 }, false],
    [{ x: 0, y: 0 }, { x: 40, y: 5 }, false],
    [{ x: 0, y: 30 }, { x: 40, y: 30 }, false],
  ])("from %o to %o: crosses the box %s", (from, to, crosses) => {
    expect(crossesAny([from, to], [box])).toBe(crosses);
    expect(crossesAny([to, from], [box])).toBe(crosses);
  });
});

describe("annotate", () => {
  const luminance = (data: ArrayLike<number>, pixel: number): number =>
    0.299 * data[pixel * 3]! + 0.587 * data[pixel * 3 + 1]! + 0.114 * data[pixel * 3 + 2]!;

  it("leaves its argument as it was, and the picture outside the marks too", () => {
    const image = filledImage(600, 400, [10, 120, 200]);
    const before = new Uint8Array(image.data);
    const result = annotate(image, [mark({ x: 200, y: 150, width: 120, height: 140 })]);
    expect(image.data).toEqual(before);
    expect([result.width, result.height]).toEqual([600, 400]);
    expect([...result.data.subarray(0, 3)]).toEqual([10, 120, 200]);
    const centre = (220 * 600 + 260) * 3;
    expect([...result.data.subarray(centre, centre + 3)], "the face stays uncovered").toEqual([10, 120, 200]);
  });

  it.each([
    ["black", [0, 0, 0]],
    ["white", [255, 255, 255]],
    ["yellow like the box", [255, 209, 26]],
    ["grey", [128, 128, 128]],
  ] as const)("shows box and text on %s", (_, colour) => {
    const { data, width } = annotate(filledImage(600, 400, colour), [mark({ x: 200, y: 150, width: 120, height: 140 })]);
    // Across the box's left edge, half way down: the dark and the light line stand side by side.
    const edge = Array.from({ length: 12 }, (_, index) => luminance(data, 220 * width + 194 + index));
    expect(Math.max(...edge) - Math.min(...edge)).toBeGreaterThan(120);
    // The label stands above: white letters on a dark plate.
    const label = Array.from({ length: 90 }, (_, index) => luminance(data, 110 * width + 216 + index));
    expect(Math.max(...label)).toBeGreaterThan(200);
    expect(Math.min(...label)).toBeLessThan(60);
  });

  it("keeps a small picture as large as it is, so that boxes of the analysis fit, and tells what has no room beside it", () => {
    const small = filledImage(448, 300, [90, 90, 90]);
    expect(annotate(small, [mark({ x: 100, y: 100, width: 90, height: 90 })])).toMatchObject({ width: 448, height: 300 });
    const tiny = filledImage(32, 20, [90, 90, 90]);
    const { width, height, data } = annotate(tiny, [mark({ x: 16, y: 8, width: 10, height: 10 })]);
    expect(width).toBeGreaterThan(200);
    expect(height).toBeGreaterThan(20);
    // The picture stands in the upper left corner: its lower right pixels are outside name and box.
    expect([...data.subarray((19 * width + 30) * 3, (19 * width + 31) * 3)]).toEqual([90, 90, 90]);
    expect(annotate(tiny, [mark({ x: 8, y: 4, width: 10, height: 12 })], { minimumSide: 480 })).toMatchObject({ width: 480, height: 300 });
  });

  const crowd = (count: number): Annotation[] =>
    Array.from({ length: count }, (_, index) =>
      mark({ x: 20 + (index % 6) * 125, y: 40 + Math.floor(index / 6) * 150, width: 70, height: 80 }, { name: String(index + 1) }),
    );

  it.each([
    [1000, 800],
    [800, 1000],
  ])("from twelve faces on, tells what is told in a legend outside a picture of %i x %i", (width, height) => {
    const image = filledImage(width, height, [200, 60, 60]);
    expect(annotate(image, crowd(11))).toMatchObject({ width, height });
    const { width: wide, height: high, data } = annotate(image, crowd(12));
    expect([wide > width, high > height]).toEqual([height > width, width > height]);
    // Names and boxes hide less than an eighth of the picture.
    let hidden = 0;
    for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) if (data[(y * wide + x) * 3] !== 200) hidden++;
    expect(hidden / (width * height)).toBeLessThan(0.125);
  });

  it("hides no face of a crowd, whatever stands in it", () => {
    const faces = crowd(29);
    const image = filledImage(1000, 800, [200, 60, 60]);
    const { width, data } = annotate(image, faces);
    for (const { box } of faces) {
      const middle = (Math.round(box.y + box.height / 2) * width + Math.round(box.x + box.width / 2)) * 3;
      expect(data[middle]).toBe(200);
    }
  });

  it("uses the legend for few faces too, where a label would hide one", () => {
    const image = filledImage(300, 300, [90, 90, 90]);
    const faces = [0, 1].map((column) => mark({ x: column * 150 + 2, y: 2, width: 146, height: 296 }));
    expect(annotate(image, faces).height).toBeGreaterThan(300);
  });

  it("dashes the box of an unsure face", () => {
    const box = { x: 200, y: 150, width: 120, height: 140 };
    const yellow = (isUnsure: boolean): number => {
      const { data, width } = annotate(filledImage(600, 400, [90, 90, 90]), [mark(box, { isUnsure, lines: [] })]);
      let count = 0;
      for (let y = 160; y < 280; y++) if (data[(y * width + 319) * 3]! > 200) count++;
      return count;
    };
    expect(yellow(false)).toBe(120);
    expect(yellow(true)).toBeGreaterThan(45);
    expect(yellow(true)).toBeLessThan(75);
  });

  it("takes boxes beyond the picture, none at all, and labels without lines", () => {
    const image = filledImage(500, 300, [90, 90, 90]);
    expect(annotate(image, []).data).toEqual(new Uint8ClampedArray(image.data));
    const odd = [
      mark({ x: -50, y: -50, width: 600, height: 400 }),
      mark({ x: 490, y: 290, width: 50, height: 50 }, { lines: [] }),
      mark({ x: 900, y: 900, width: 50, height: 50 }, { lines: [{ text: "far" }] }),
    ];
    const { width, height } = annotate(image, odd);
    expect([width, height > 300]).toEqual([500, true]);
  });
});
