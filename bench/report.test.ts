import { expect, test } from "vitest";
import { type BenchReport, isComparable } from "./report.ts";

const machine: BenchReport["machine"] = { processor: "EPYC", cores: 2, memoryGiB: 24, system: "Linux 6.18", node: "24.21.0" };
const engines: BenchReport["engines"] = [{ engine: "tensorface", name: "TensorFace", version: "1", setup: "cpu, mood-8" }];

test("rows of another machine, and of an engine that was another one, do not stand under the name of these", () => {
  const kept = { machine, engines };
  expect(isComparable(kept, JSON.parse(JSON.stringify(kept)))).toBe(true);
  expect(isComparable(kept, { machine: { ...machine, processor: "Xeon" }, engines })).toBe(false);
  expect(isComparable(kept, { machine, engines: [{ ...engines[0]!, setup: "cpu, mood-9" }] })).toBe(false);
});
