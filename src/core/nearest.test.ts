import { describe, expect, test } from "vitest";
import { editDistance, nearest } from "./nearest.ts";

describe("words that were probably meant", () => {
  test.each([
    ["analyse", "analyze", 1],
    ["anlayze", "analyze", 1],
    ["", "abc", 3],
    ["kitten", "sitting", 3],
    ["same", "same", 0],
  ])("from %s to %s are %i edits", (a, b, edits) => {
    expect(editDistance(a, b)).toBe(edits);
    expect(editDistance(b, a)).toBe(edits);
  });

  test("name what was probably meant, and nothing where nothing is near", () => {
    expect(nearest("eval", ["evaluate", "train"])).toBe("evaluate");
    expect(nearest("trian", ["evaluate", "train"])).toBe("train");
    expect(nearest("zebra", ["evaluate", "train"])).toBeUndefined();
  });

  test("are near in whatever letters they are written", () => {
    expect(nearest("minface", ["maxFaces", "minFaceSize"])).toBe("minFaceSize");
    expect(nearest("MAXFACE", ["maxFaces", "minFaceSize"])).toBe("maxFaces");
  });
});
