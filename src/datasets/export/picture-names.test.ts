import { expect, test, vi } from "vitest";
import { createPictureNames } from "./picture-names.ts";

test("no two names are one to any disk, and each search goes on where the one before ended", () => {
  const names = createPictureNames();
  expect(["1.jpg", "1-2.jpg", "1.JPG", "1.jpg", "1-2.jpg"].map((name) => names.next("train", name))).toEqual([
    "train/1.jpg",
    "train/1-2.jpg",
    "train/1-3.JPG",
    "train/1-4.jpg",
    "train/1-2-2.jpg",
  ]);
  expect(names.next("test", "1.jpg")).toBe("test/1.jpg");
});

test("the same name from each of very many folders is looked up about once a picture", () => {
  const lookUps = vi.spyOn(Set.prototype, "has");
  try {
    const names = createPictureNames();
    const given = Array.from({ length: 3000 }, () => names.next("train", "face.jpg"));
    expect([given.at(-1), lookUps.mock.calls.length < 10_000]).toEqual(["train/face-3000.jpg", true]);
  } finally {
    lookUps.mockRestore();
  }
});
