import { expect, test } from "vitest";
import { parseTrainingConfig } from "../../src/train/config.ts";
import { type AblationRow, ablationRows } from "./rows.ts";

const rows = ablationRows({ trunkWeights: "trunk.safetensors", teacher: { predictions: "teacher.jsonl", model: "teacher" } });

const trainingOf = ({ training }: AblationRow): unknown =>
  "of" in training ? trainingOf(rows.find(({ id }) => id === training.of)!) : parseTrainingConfig(training, "row");

test.each(rows.filter(({ against }) => against !== undefined))("$id differs from the other row in one field", (row) => {
  const [here, there] = [row, rows.find(({ id }) => id === row.against)!].map((each) =>
    Object.entries({ ...(trainingOf(each) as object), flip: each.flip ?? false }).map(([key, value]) => [key, JSON.stringify(value)]),
  );
  const other = new Map(there as [string, string][]);
  const keys = new Set([...here!.map(([key]) => key), ...other.keys()]);
  const mine = new Map(here as [string, string][]);
  expect([...keys].filter((key) => mine.get(key!) !== other.get(key!))).toHaveLength(1);
});
