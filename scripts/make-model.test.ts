import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";

const run = (...args: readonly string[]): { readonly status: number | null; readonly stderr: string } =>
  spawnSync(process.execPath, ["scripts/make-model.ts", ...args], { encoding: "utf8" });

test("a model comes from raw data in steps that this command names", () => {
  const { status, stderr } = run("mood", "--dry");
  expect(status).toBe(0);
  const steps = stderr.split("\n").filter((line) => line.startsWith("> node "));
  const expected = [
    "face-trunk.ts --blocks 12 --grey",
    "train recipes/mood.ts --resume",
    "export recipes/mood.ts",
    "--fit-temperature",
    "write-model-cards",
  ];
  expect(expected.filter((part) => !steps.some((step) => step.includes(part)))).toEqual([]);
});

test("an unknown recipe is wrong use and the known ones are named", () => {
  const { status, stderr } = run("height");
  expect(status).toBe(2);
  expect(stderr).toContain("age-gender|mood");
});
