import { expect, test } from "vitest";
import { halfToNumber, toExactHalfs, widenHalfs } from "./half.ts";

test.each([
  [0x0000, 0],
  [0x8000, -0],
  [0x3c00, 1],
  [0x3555, 0.333251953125],
  [0x7bff, 65504],
  [0x0001, 2 ** -24],
  [0x03ff, 1023 * 2 ** -24],
  [0x7c00, Number.POSITIVE_INFINITY],
  [0xfc00, Number.NEGATIVE_INFINITY],
  [0x7e00, Number.NaN],
])("half precision %i is %d", (bits, value) => {
  expect(halfToNumber(bits)).toBe(value);
});

test("every finite half goes to a number and back", () => {
  const halfs = Uint16Array.from({ length: 0x10000 }, (_, bits) => bits).filter((bits) => Number.isFinite(halfToNumber(bits)));
  expect(toExactHalfs(Float32Array.from(halfs, halfToNumber))).toEqual(halfs);
});

test("a whole tensor of halfs becomes the same numbers", () => {
  const halfs = Uint16Array.from({ length: 0x10000 }, (_, bits) => bits);
  expect(widenHalfs(halfs)).toEqual(Float32Array.from(halfs, halfToNumber));
});

test.each([65536, 1.0001, 2 ** -25, 3e-8, Number.POSITIVE_INFINITY])("%d is no half", (value) => {
  expect(toExactHalfs(Float32Array.of(1, value))).toBeUndefined();
});
