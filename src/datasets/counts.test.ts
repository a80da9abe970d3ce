import { expect, test } from "vitest";
import { createTally } from "./counts.ts";

test("what is counted stands by the number that it begins with, and words after numbers", () => {
  const tally = createTally();
  for (const name of ["70+", "10-19", "happy", "3-9", "100-110", "angry", "0-2"]) tally.rejection(name);
  expect(Object.keys(tally.counts().rejectionsByReason)).toEqual(["0-2", "3-9", "10-19", "70+", "100-110", "angry", "happy"]);
});
