import { describe, expect, test } from "vitest";
import * as inBrowser from "../src/_entries/browser.ts";
import * as inNode from "../src/_entries/node.ts";

/** What users may rely on. A name that goes is a breaking change, and one that comes is a promise: both are made on purpose. */
describe("the public names", () => {
  const names = [
    "TensorFaceError",
    "adienceAgeGroups",
    "annotateFaces",
    "createAnalyzer",
    "decode",
    "encode",
    "fairFaceAgeGroups",
    "genders",
    "intersectionOverUnion",
    "isTensorFaceError",
    "moods",
    "tasks",
  ];

  test.each([
    ["tensorface", inNode, names],
    ["tensorface/browser", inBrowser, [...names, "fetchModels"].toSorted()],
  ])("%s", (_, entry, expected) => {
    expect(Object.keys(entry).toSorted()).toEqual(expected);
  });
});
