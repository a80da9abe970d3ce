import { expect, test } from "vitest";
import { createPictureNames } from "./picture-names.ts";

test("no two names are one to any disk, and each search goes on where the one before ended", () => {
  const { next } = createPictureNames();
  expect(["1.jpg", "1-2.jpg", "1.JPG", "1.jpg", "1-2.jpg"].map((name) => next("train", name))).toEqual([
    "train/1.jpg",
    "train/1-2.jpg",
    "train/1-3.JPG",
    "train/1-4.jpg",
    "train/1-2-2.jpg",
  ]);
  expect(next("test", "1.jpg")).toBe("test/1.jpg");
});

test("the same name from each of very many folders is looked up about once a picture", () => {
  const lookUps = { count: 0 };
  const has = Set.prototype.has;
  Set.prototype.has = function counted(this: Set<unknown>, value: unknown) {
    lookUps.count++;
    return has.call(this, value);
  };
  try {
    const { next } = createPictureNames();
    const names = Array.from({ length: 3000 }, () => next("train", "face.jpg"));
    expect(names.at(-1)).toBe("train/face-3000.jpg");
  } finally {
    Set.prototype.has = has;
  }
  expect(lookUps.count).toBeLessThan(10_000);
});
