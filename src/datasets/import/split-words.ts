import type { Split } from "../record.ts";

/** Words that mean a part of the data. */
const splitWords: Readonly<Record<string, Split>> = {
  train: "train",
  training: "train",
  val: "validation",
  valid: "validation",
  validation: "validation",
  test: "test",
  testing: "test",
};

/** The split that a folder's or a cell's word stands for. */
export function parseSplit(word: string): Split | undefined {
  const key = word.trim().toLowerCase();
  return Object.hasOwn(splitWords, key) ? splitWords[key] : undefined;
}
