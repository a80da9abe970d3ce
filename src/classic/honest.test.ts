import { expect, test } from "vitest";
import { measureHonestly } from "./honest.ts";
import type { ImageList } from "./image-lists.ts";

test("each test picture counts once, the largest class is that of the test pictures, and copies are taken out apart", () => {
  const list = (label: string): ImageList => ({ label, training: [], testing: [], validation: [] });
  const told = [0, 0, 0, 1, 1].map((label, index) => ({
    picture: { path: `${index}.jpg`, folder: "pictures", file: `${index}.jpg` },
    label,
    told: index === 0 ? 1 : label,
  }));
  const measures = measureHonestly(told, [list("none"), list("glasses")], new Set(["0.jpg", "4.jpg"]));
  expect(measures).toMatchObject({ n: 5, accuracy: 0.8, copies: 2, withoutCopies: 1, largest: { label: "none", share: 0.6 } });
  expect(measures.balancedAccuracy).toBeCloseTo((2 / 3 + 1) / 2, 9);
  expect(measures.interval.low).toBeLessThan(0.8);
});
