import { describe, expect, test } from "vitest";
import { openModelFolders } from "../models/models.node.ts";
import { createNodeRuntime } from "../runtime/runtime.node.ts";
import { portrait } from "../../test/support/pictures.ts";
import { openExtractors, originsOf } from "./extractors.ts";

interface Part {
  readonly source: string;
  readonly split: "train" | "validation";
  readonly format?: string;
  readonly officialSplit?: string;
}

async function namesFor(task: "gender" | "mood", parts: readonly Part[], list?: string): Promise<string[]> {
  const origins = parts.flatMap((part) => originsOf([part], part.format ?? part.source));
  await using opened = await openExtractors(openModelFolders(), createNodeRuntime(), task, origins, { list });
  return opened.extractors.flatMap((extractor) => (extractor === opened.networks ? opened.networks.ids : [extractor.name]));
}

describe("which networks describe faces", () => {
  test("all that are installed, but one that was taught the task on the very faces that are judged", async () => {
    const all = ["age-gender-5", "mood-5", "emotion", "faceres"];
    const without = (name: string): string[] => all.filter((id) => id !== name);
    expect(await namesFor("gender", [{ source: "mine", split: "train" }])).toEqual(all);
    expect(await namesFor("gender", [{ source: "fairface", split: "validation" }])).toEqual(all);
    expect(await namesFor("gender", [{ source: "fairface", split: "train" }])).toEqual(without("age-gender-5"));
    // It never learnt what moods these faces have.
    expect(await namesFor("mood", [{ source: "fairface", split: "train" }])).toEqual(all);
    expect(await namesFor("mood", [{ source: "fer2013", split: "validation", officialSplit: "PublicTest" }])).toEqual(all);
    // Faces cut from the training part may be ones that it learnt from.
    expect(await namesFor("mood", [{ source: "fer2013", split: "validation" }])).toEqual(without("mood-5"));
    expect(await namesFor("mood", [{ source: "mine", format: "fer2013", split: "train" }])).toEqual(without("mood-5"));
    expect(
      await namesFor("mood", [
        { source: "fer2013", split: "validation", officialSplit: "PublicTest" },
        { source: "fer2013", split: "train", officialSplit: "Training" },
      ]),
    ).toEqual(without("mood-5"));
  });

  test("what was asked for is taken as it is", async () => {
    expect(await namesFor("gender", [], "mood-5, gradients")).toEqual(["mood-5", "gradients"]);
  });

  test("records tell where they come from, each place once", () => {
    const record = { source: "a", split: "train" } as const;
    const origin = { sources: ["a"], split: "train", officialSplit: undefined };
    expect(originsOf([record, { source: "a", split: "test" }, { ...record }], "csv")).toEqual([origin, { ...origin, split: "test" }]);
    expect(originsOf([record], "fer2013")).toEqual([{ ...origin, sources: ["a", "fer2013"] }]);
  });
});

test("a network of ours gives its logits and what they are read from; a picture that is not there gives none", async () => {
  await using opened = await openExtractors(openModelFolders(), createNodeRuntime(), "gender", [], { list: "age-gender-5" });
  const [extractor] = opened.extractors;
  // 101 ages, 2 genders, 256 features.
  expect(extractor!.columns).toBe(359);
  const rows = await extractor!.extract([portrait, "nowhere.png"]);
  const features = rows.subarray(103, 359);
  expect(features.every((value) => value >= 0)).toBe(true);
  expect(features.filter((value) => value > 0).length).toBeGreaterThan(50);
  expect(rows.subarray(359).every((value) => Number.isNaN(value))).toBe(true);
});
