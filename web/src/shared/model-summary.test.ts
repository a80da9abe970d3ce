import { describe, expect, it } from "vitest";
import { summarizeMeasures } from "./model-summary.ts";
import type { GroupMeasure, Measure } from "./measures.ts";

const group = (by: string, value: string, n: number, share: number): GroupMeasure => ({ by, value, n, accuracy: { value: share } });

function measure(name: string, share: number, changes: Partial<Measure> = {}, path: "photo" | "crop" = "photo"): Measure {
  return {
    sha256: "0",
    task: "gender",
    data: { name, split: "validation", path },
    role: "selection",
    level: 0.95,
    n: 1000,
    accuracy: { value: share },
    baseline: { label: "female", accuracy: 0.5 },
    groups: [],
    ...changes,
  };
}

const only = (...measures: readonly Measure[]) => summarizeMeasures(measures)[0]!;

describe("a network's measures in short", () => {
  it("has one of each data set: whole photographs, or cut-out faces where there is nothing else", () => {
    const { main, cutOut, accuracy } = only(
      measure("one", 0.9),
      measure("one", 0.95, {}, "crop"),
      measure("two", 0.8, { data: { name: "two", split: "test", path: "crop" } }),
    );
    expect(main.map(({ data }) => `${data.name} ${data.path}`)).toEqual(["one photo", "two crop"]);
    expect(cutOut.map(({ data }) => data.path)).toEqual(["crop"]);
    expect(accuracy).toEqual({ low: 0.8, high: 0.9 });
  });

  it("keeps tasks apart, and tells years of sets with exact ages alone", () => {
    const age = (name: string, years?: number): Measure =>
      measure(name, 0.5, { task: "age", ...(years !== undefined && { meanAbsoluteError: { value: years } }) });
    const [gender, ages] = summarizeMeasures([measure("one", 0.9), age("one", 5.4), age("two", 4), age("three")]);
    expect(gender!.years).toBeUndefined();
    expect(ages!.years).toEqual({ low: 4, high: 5.4 });
  });

  it("names groups that are clearly worse, the worst first, at most two of a kind", () => {
    const groups = [
      group("ageGroup", "0-2", 200, 0.6),
      group("ageGroup", "3-9", 200, 0.5),
      group("ageGroup", "10-19", 200, 0.7),
      group("race", "Latino_Hispanic", 300, 0.8),
      group("sharpness", "< 72.8", 250, 0.75),
      group("sharpness", "72.8–147", 250, 0.1),
      group("brightness", "≥ 130", 250, 0.9),
    ];
    const { weak, arePicturesAlike } = only(measure("one", 0.9, { groups }));
    expect(weak.map(({ of, what, accuracy }) => `${of}: ${what} ${accuracy}`)).toEqual([
      "people: ages 3–9 0.5",
      "people: ages 0–2 0.6",
      "pictures: the least sharp quarter 0.75",
      "people: the race label “Latino Hispanic” 0.8",
    ]);
    expect(arePicturesAlike).toBe(false);
  });

  it("names none that is small, or little worse than chance allows", () => {
    const groups = [group("ageGroup", "70+", 99, 0.1), group("gender", "male", 120, 0.86), group("faceSize", "64–128", 900, 0.885)];
    const summary = only(measure("one", 0.9, { groups }));
    expect(summary.weak).toEqual([]);
    expect(summary.arePicturesAlike).toBe(true);
    expect(only(measure("one", 0.9)).arePicturesAlike).toBe(false);
  });

  it("weighs a group against its own sets: where all is hard, it is not the group that is weak", () => {
    const hard = measure("hard", 0.5, { groups: [group("brightness", "< 94.7", 400, 0.5)] });
    const easy = measure("easy", 0.9, { groups: [group("brightness", "< 76", 100, 0.9), group("brightness", "≥ 117", 100, 0.6)] });
    expect(only(hard, easy).weak).toEqual([{ of: "pictures", what: "the brightest quarter", accuracy: 0.6 }]);
  });

  it("takes labels from what is taken for what", () => {
    const counts = [
      [60, 140],
      [10, 790],
    ];
    const { weak } = only(measure("one", 0.85, { task: "mood", confusion: { labels: ["fear", "happy"], counts } }));
    expect(weak).toEqual([{ of: "people", what: "“fear”", accuracy: 0.3 }]);
  });
});
