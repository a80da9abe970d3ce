import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { dispatch } from "../dispatch.ts";
import { exportCommand } from "./export.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "export-"));
});
afterAll(() => rm(folder, { recursive: true }));

async function runExport(...words: readonly string[]): Promise<string> {
  const err: string[] = [];
  await dispatch(["export", "recipes/fer2013-small.ts", "--out", folder, ...words], {
    commands: { export: { summary: "", load: () => Promise.resolve(exportCommand) } },
    version: "",
    print: () => {},
    report: (text) => err.push(text),
  });
  process.exitCode = undefined;
  return err.join("");
}

test("--scaling takes a report with a scaling, and says so of anything else", async () => {
  expect(await runExport("--scaling", join(folder, "missing.json"))).toContain("TF_INPUT_NOT_FOUND");
  const file = join(folder, "other.json");
  await writeFile(file, `{ "schema": "something else" }`);
  expect(await runExport("--scaling", file)).toMatch(/--scaling expects a report of .*has no scaling/);
  await writeFile(file, "no JSON");
  expect(await runExport("--scaling", file)).toContain("has no scaling");
});

test("--interval-mass is a share that an interval can take", async () => {
  expect(await runExport("--interval-mass", "0.3")).toMatch(/--interval-mass/);
  expect(await runExport("--interval-mass", "most")).toMatch(/--interval-mass/);
});

test("--crop-of is a published dataset", async () => {
  expect(await runExport("--crop-of", "celeba")).toContain("--crop-of expects one of fairface, utkface, appareal, allagefaces, fer2013");
});

test("--plain has float32 weights: not with 8 bits", async () => {
  for (const flag of ["--int8", "--int8-weights"]) expect(await runExport("--plain", flag)).toContain("--plain has float32 weights");
});

test("--calibration is what --int8 is calibrated on: alone it does nothing", async () => {
  expect(await runExport("--calibration", "64")).toContain("--calibration is for --int8 and --int8-weights");
  expect(await runExport("--int8", "--int8-weights")).toContain("--int8 and --int8-weights");
});
