import { describe, expect, test } from "vitest";
import type { Dataset } from "../../datasets/dataset.node.ts";
import type { FaceRecord } from "../../datasets/index.ts";
import { chooseDescribers, originsOf } from "./describers.ts";

interface Part {
  readonly source: string;
  readonly split: "train" | "validation";
  readonly format?: string;
  readonly officialSplit?: string;
}

/** Of a dataset whose parts are of one format, or say which. */
async function namesFor(task: "gender" | "mood", parts: readonly Part[], list?: string): Promise<string[]> {
  const dataset = { info: { format: parts[0]?.format ?? parts[0]?.source ?? "csv" } as Dataset["info"] };
  const records = parts.map((part, index) => ({ id: `${index}`, ...part }) as unknown as FaceRecord);
  const { networks, gradients } = await chooseDescribers({ dataset, records, task }, list);
  return [...networks, ...(gradients ? ["gradients"] : [])];
}

describe("which networks describe faces", () => {
  test("all that are installed, but one that was taught the task on the very faces that are judged", async () => {
    const all = ["age-gender-10", "mood-9", "emotion", "faceres"];
    const without = (name: string): string[] => all.filter((id) => id !== name);
    expect(await namesFor("gender", [{ source: "mine", split: "train" }])).toEqual(all);
    expect(await namesFor("gender", [{ source: "fairface", split: "validation" }])).toEqual(all);
    expect(await namesFor("gender", [{ source: "fairface", split: "train" }])).toEqual(without("age-gender-10"));
    // It never learnt what moods these faces have.
    expect(await namesFor("mood", [{ source: "fairface", split: "train" }])).toEqual(all);
    expect(await namesFor("mood", [{ source: "fer2013", split: "validation", officialSplit: "PublicTest" }])).toEqual(all);
    // Faces cut from the training part may be ones that it learnt from.
    expect(await namesFor("mood", [{ source: "fer2013", split: "validation" }])).toEqual(without("mood-9"));
    expect(await namesFor("mood", [{ source: "mine", format: "fer2013", split: "train" }])).toEqual(without("mood-9"));
    expect(
      await namesFor("mood", [
        { source: "fer2013", split: "validation", officialSplit: "PublicTest" },
        { source: "fer2013", split: "train", officialSplit: "Training" },
      ]),
    ).toEqual(without("mood-9"));
  });

  test("what was asked for is taken as it is", async () => {
    expect(await namesFor("gender", [], "mood-9, gradients")).toEqual(["mood-9", "gradients"]);
  });

  test("records tell where they come from, each place once", () => {
    const record = { source: "a", split: "train" } as const;
    const origin = { sources: ["a"], split: "train", officialSplit: undefined };
    expect(originsOf([record, { source: "a", split: "test" }, { ...record }], "csv")).toEqual([origin, { ...origin, split: "test" }]);
    expect(originsOf([record], "fer2013")).toEqual([{ ...origin, sources: ["a", "fer2013"] }]);
  });
});
