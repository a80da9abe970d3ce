import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { importDataset } from "../../datasets/import/import.node.ts";
import { encode } from "../../image/encode.node.ts";
import { filledImage } from "../../image/index.ts";
import { dispatch } from "../dispatch.ts";
import { datasetCommand } from "./dataset.ts";

let folder = "";
const at = (name: string): string => join(folder, name);
const said: string[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "dataset-export-"));
  await mkdir(at("table"));
  for (const name of ["a", "b"]) await writeFile(at(`table/${name}.png`), await encode(filledImage(4, 4, [9, 0, 0]), { format: "png" }));
  await writeFile(at("table/labels.csv"), "file,age,age_deviation,mood,mood_votes\na.png,30,4,happy,0;0;0;1;0;0;0\nb.png,40,,sad,\n");
  await importDataset("csv", at("table/labels.csv"), at("data"), {});
  said.length = 0;
  vi.spyOn(process.stdout, "write").mockImplementation((text) => said.push(String(text)) > 0);
});
afterEach(async () => {
  vi.restoreAllMocks();
  await rm(folder, { recursive: true });
});

async function exported(...words: readonly string[]): Promise<string> {
  const code = await dispatch(["dataset", "export", at("data"), "--out", at("out"), ...words], {
    commands: { dataset: { summary: "", load: () => Promise.resolve(datasetCommand) } },
    version: "",
    print: (text) => said.push(text),
    report: (text) => said.push(text),
  });
  expect(code ?? 0).toBe(0);
  return said.join("");
}

test("what class folders have no place for is told, and how much of it", async () => {
  expect(await exported("--format", "folders", "--task", "mood")).toMatch(/^lost, for this layout has no place for it: .*\b1\b/m);
});

test("of a layout that keeps all nothing is told to be lost", async () => {
  expect(await exported("--format", "csv")).not.toContain("lost");
});
