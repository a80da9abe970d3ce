import { expect, test } from "vitest";
import { defineTasks, reviewClasses } from "./tasks.ts";

/** The labels of groups in the order that an import finds, whatever the order in which they stand in the data. */
function orderOf(...found: readonly string[]): readonly string[] | undefined {
  const [task] = defineTasks([{ name: "size", kind: "ordered" }], { size: found.toReversed() });
  return task!.labels;
}

test("groups that begin with numbers stand in the order of these: negative ones and fractions too", () => {
  for (const labels of [
    ["-2", "-1", "0", "1", "2"],
    ["−10 to −5", "−5 to 0", "0 to 5"],
    ["1", "1.25", "1.5", "1.75", "2"],
    ["0,5", "0,75", "1,5"],
    ["0.25-0.5", "0.5-1", "1-10", "10+"],
    ["0-2", "3-9", "10-19", "70+"],
    ["5-10", "5-20", "38-43"],
    ["1.9.0", "1.10.0"],
    ["2", "10", "large", "small"],
  ]) {
    expect(orderOf(...labels)).toEqual(labels);
  }
});

test("numbers are reviewed from the least on", () => {
  const rating = { name: "rating", kind: "number" } as const;
  expect(reviewClasses("rating", [rating], ["10", "0.75", "-3", "1.5", "0.8", "-12"])).toEqual(["-12", "-3", "0.75", "0.8", "1.5", "10"]);
});
