import { expect, test } from "vitest";
import { createRandom } from "../../core/index.ts";
import { createRasterImage, type RasterImage, resize } from "../../image/index.ts";
import { type ExampleOrigin, likenessOf, setsOfExamples } from "./sets.ts";

/** Soft blotches, no two seeds alike. */
function drawBlotches(seed: number): RasterImage {
  const random = createRandom(seed);
  const data = Uint8Array.from({ length: 12 * 12 * 3 }, () => random.integer(256));
  return resize(createRasterImage(12, 12, data), 160, 160);
}

const picture = (image: RasterImage): ExampleOrigin => ({ kind: "picture", likeness: likenessOf(image) });
const frames = (recording: number, count: number): ExampleOrigin[] => Array.from({ length: count }, () => ({ kind: "frame", recording }));

test("a smaller copy belongs to its picture, another picture does not", async () => {
  const [one, other] = [drawBlotches(1), drawBlotches(2)];
  const { sets, ofCopies } = await setsOfExamples([picture(one), picture(other), picture(resize(one, 120, 120))], [0, 1, 0]);
  expect(sets[0]).toBe(sets[2]);
  expect(sets[0]).not.toBe(sets[1]);
  expect(ofCopies).toEqual([0]);
});

test("recordings stay whole where a class has several, and are cut into parts that follow each other where it has one", async () => {
  const origins = [...frames(1, 10), ...frames(2, 10), ...frames(3, 20)];
  const classes = origins.map((_, row) => (row < 20 ? 0 : 1));
  const { sets, ofOneRecording, ofCopies } = await setsOfExamples(origins, classes);
  expect(new Set(sets.slice(0, 10)).size).toBe(1);
  expect(new Set(sets.slice(10, 20)).size).toBe(1);
  expect(sets[0]).not.toBe(sets[10]);
  const parts = Array.from(sets.subarray(20));
  expect(new Set(parts).size).toBe(5);
  expect(parts).toEqual(parts.toSorted((a, b) => a - b));
  expect(ofOneRecording).toEqual([1]);
  expect(ofCopies).toEqual([]);
});

test("a recording beside a picture is not cut", async () => {
  const { sets, ofOneRecording } = await setsOfExamples([...frames(1, 6), picture(drawBlotches(3))], [0, 0, 0, 0, 0, 0, 0]);
  expect(new Set(sets).size).toBe(2);
  expect(ofOneRecording).toEqual([]);
});
