import { expect, test } from "vitest";
import { describeImport } from "../describe-import.ts";
import type { DatasetInfo } from "../dataset-info.ts";
import type { AttributeLabel, FaceRecord } from "../record.ts";
import { presentClasses, renderCounts, renderCrossTables, renderImbalance } from "./sections.ts";

function records(...labels: readonly Readonly<Record<string, AttributeLabel>>[]): FaceRecord[] {
  return labels.map((attributes, n) => {
    const id = String(n);
    return { id, file: id, sha256: id, width: 1, height: 1, labels: { attributes }, source: "drawn", split: "train" };
  });
}

test("a class of which a review left nothing has no ratio", () => {
  const tasks = [{ name: "cap", kind: "classes", labels: ["yes", "no"] }] as const;
  const imported = records({ cap: "yes" }, { cap: "yes" }, { cap: "no" });
  const page = renderImbalance({ imported, cleaned: imported.slice(0, 2), tasks });
  expect(page).toContain("1.0 of 1");
  expect(page).not.toContain("Infinity");
});

test("a class that only a review gives has its place in the charts and tables", async () => {
  const tasks = [
    { name: "cap", kind: "classes", labels: ["yes", "no"] },
    { name: "wears", kind: "tags", labels: ["hat", "scarf"] },
  ] as const;
  const imported = records({ cap: "yes", wears: ["hat"] }, { cap: "yes", wears: ["scarf"] });
  const cleaned = records({ cap: "no", wears: ["hat", "scarf"] }, { cap: "yes", wears: ["scarf"] });
  expect(presentClasses({ imported, cleaned, tasks }, "cap")).toEqual(["yes", "no"]);
  expect(presentClasses({ imported, cleaned, tasks }, "wears")).toEqual(["hat", "hat + scarf", "scarf"]);
  const page = await renderCounts({ imported, cleaned, tasks });
  expect(page).toContain("n = 2 imported, n = 2 after review");
  expect(page).not.toContain("n = 1 after review");
});

test("labels with a stroke are counted apart", () => {
  const tasks = [
    { name: "left", kind: "classes", labels: ["a", "a|b"] },
    { name: "right", kind: "classes", labels: ["b|c", "c"] },
  ] as const;
  const imported = records({ left: "a", right: "b|c" }, { left: "a|b", right: "c" }, { left: "a", right: "c" });
  const rows = [...renderCrossTables({ imported, cleaned: undefined, tasks }).matchAll(/<tr>(.*?)<\/tr>/g)].map(([, row]) =>
    [...row!.matchAll(/<t[dh][^>]*>(.*?)<\/t[dh]>/g)].map(([, cell]) => cell),
  );
  expect(rows).toContainEqual(["a", "1 (50 %)", "1 (50 %)", "2"]);
  expect(rows).toContainEqual(["a|b", "0 (0 %)", "1 (100 %)", "1"]);
});

test("an import tells numbers from the least on", () => {
  const info: DatasetInfo = {
    schema: "tensorface.dataset/1",
    format: "csv",
    title: "a table",
    licence: "not stated",
    root: ".",
    manifest: "manifest.jsonl",
    manifestSha256: "",
    command: "",
    options: {},
    versions: {},
    counts: {
      rows: 6,
      faces: 6,
      rejections: 0,
      rejectionsByReason: {},
      notes: {},
      bySplit: { train: 6, validation: 0, test: 0 },
      byLabel: { age: { "0-2": 1, "10-19": 2, "3-9": 1 }, gender: {}, mood: {}, race: {}, rating: { "1.5": 1, "10": 2, "-3": 1, "2": 2 } },
    },
  };
  expect(describeImport(info, "out")).toContain("age: 0-2 1, 3-9 1, 10-19 2\nrating: -3 1, 1.5 1, 2 2, 10 2\n");
});
