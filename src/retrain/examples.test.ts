import { expect, test } from "vitest";
import { encodeTargets, warnOfOneSet } from "./examples.ts";

const task = { name: "wears", kind: "classes", labels: ["hat", "none"] } as const;
const targets = encodeTargets(task, ["hat", "hat", "none", "none"]);

test("a class of one person is said to be unmeasured, and one of two people is not", () => {
  expect(warnOfOneSet(task, targets, [0, 1, 2, 2])).toEqual([expect.stringContaining("all pictures of none are of one person")]);
  expect(warnOfOneSet(task, targets, [0, 1, 2, 3])).toEqual([]);
});
