import { expect, test } from "vitest";
import type { FaceLabels, FaceRecord } from "../../src/datasets/index.ts";
import { contradictingCopies } from "./copies.ts";

const record = (id: string, labels: FaceLabels): FaceRecord => {
  return { id, file: id, sha256: id, width: 1, height: 1, labels, source: "drawn", split: "train" };
};
const records = [
  record("a", { gender: "female", age: { low: 30, high: 39 } }),
  record("b", { gender: "male", age: { low: 40, high: 49 } }),
  record("c", { gender: "male", age: { low: 52, high: 52 } }),
  record("d", { gender: "male" }),
];
const pair = (first: string, second: string, kind: "exact" | "near") => ({ first, second, kind, similarity: 1 });
const pairs = [pair("a", "b", "near"), pair("a", "c", "exact"), pair("b", "d", "exact"), pair("a", "gone", "exact")];

test("copies with another class contradict each other, equal files first", () => {
  expect(contradictingCopies(records, "gender", pairs)).toEqual([
    { first: "a", second: "c", reason: "equal files; another gender" },
    { first: "a", second: "b", reason: "one photograph; another gender" },
  ]);
});

test("ages contradict each other from five years between their ranges on; a missing label says nothing", () => {
  expect(contradictingCopies(records, "age", pairs)).toEqual([{ first: "a", second: "c", reason: "equal files; ages 13 years apart" }]);
  expect(contradictingCopies(records, "mood", pairs)).toEqual([]);
});
