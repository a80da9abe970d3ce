import { expect, test } from "vitest";
import type { DatasetInfo } from "./dataset-info.ts";
import { describeImport } from "./describe-import.ts";

function told(kind: "classes" | "number", byClass: Readonly<Record<string, number>>): string {
  const counts = {
    rows: 6,
    faces: 6,
    rejections: 0,
    rejectionsByReason: {},
    bySplit: { train: 6, validation: 0, test: 0 },
    byLabel: { age: {}, gender: {}, mood: {}, race: {}, size: byClass },
    notes: {},
  };
  const info: DatasetInfo = {
    schema: "tensorface.dataset/1",
    format: "csv",
    title: "a table",
    licence: "not stated",
    root: "..",
    manifest: "manifest.jsonl",
    manifestSha256: "",
    ...(kind === "number" ? { tasks: [{ name: "size", kind }] } : { tasks: [{ name: "size", kind, labels: Object.keys(byClass) }] }),
    command: "import",
    options: {},
    versions: {},
    counts,
  };
  return /^size: (.*)$/m.exec(describeImport(info, "out"))![1]!;
}

test("numbers are listed in their order, and many are told by their range", () => {
  expect(told("number", { "10": 1, "2": 3, "-1": 1, "0.5": 1 })).toBe("-1 1, 0.5 1, 2 3, 10 1");
  const many = Object.fromEntries(Array.from({ length: 1000 }, (_, index) => [String(index / 10), index === 999 ? 2 : 1]));
  expect(told("number", many)).toBe("1001 numbers, about 0 to 99.9, half of them up to 50");
});

test("classes are listed one by one, however many", () => {
  const many = Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`c${index}`, 1]));
  expect(told("classes", many)).toContain("c9 1, c10 1");
});
