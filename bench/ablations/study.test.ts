import { describe, expect, test } from "vitest";
import { parseTrainingConfig } from "../../src/train/config.ts";
import { ageGenderStudy } from "./age-gender.ts";
import { moodStudy } from "./mood.ts";
import { oneTrunkStudy } from "./one-trunk.ts";
import { type AblationRow, describeRecipe } from "./study.ts";

describe.each([moodStudy, ageGenderStudy, oneTrunkStudy])("the study of $id", (study) => {
  const { rows } = study;
  const trainingOf = ({ training }: AblationRow): unknown =>
    "of" in training ? trainingOf(rows.find(({ id }) => id === training.of)!) : parseTrainingConfig(training, "row");

  test.each(rows.filter(({ against }) => against !== undefined))("$id differs from the other row in one thing", (row) => {
    const [here, there] = [row, rows.find(({ id }) => id === row.against)!].map((each) =>
      Object.entries({ ...(trainingOf(each) as object), flip: each.flip ?? false }).map(([key, value]) => [key, JSON.stringify(value)]),
    );
    const other = new Map(there as [string, string][]);
    const keys = new Set([...here!.map(([key]) => key), ...other.keys()]);
    const mine = new Map(here as [string, string][]);
    expect([...keys].filter((key) => mine.get(key!) !== other.get(key!))).toHaveLength(row.fields ?? 1);
  });
});

test("what is kept of a row that uses another's training is not of an earlier one", () => {
  const { rows } = moodStudy;
  const mirror = rows.find(({ id }) => id === "mirror")!;
  const later = rows.map((row) => (row.id === "whole" ? { ...row, training: { ...row.training, epochs: 99 } } : row));
  expect(describeRecipe({ rows: later }, mirror)).not.toBe(describeRecipe({ rows }, mirror));
  const seed = rows.find(({ id }) => id === "seed")!;
  expect(describeRecipe({ rows: later }, seed)).toBe(describeRecipe({ rows }, seed));
});
