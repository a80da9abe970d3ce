import { expect, test } from "vitest";
import { counted, nounFor } from "./counted.ts";

test("one of a thing is called otherwise than none and several", () => {
  expect([0, 1, 2].map((count) => counted(count, "face"))).toEqual(["0 faces", "1 face", "2 faces"]);
  expect([0, 1, 2].map((count) => counted(count, "person stands", "people stand"))).toEqual([
    "0 people stand",
    "1 person stands",
    "2 people stand",
  ]);
  expect([1, 1000].map((count) => nounFor(count, "class", "classes"))).toEqual(["class", "classes"]);
});
