import { spawnSync } from "node:child_process";
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { openDataset } from "../src/datasets/dataset.node.ts";
import { importDataset } from "../src/datasets/import/import.node.ts";
import type { FaceRecord } from "../src/datasets/index.ts";
import { decode } from "../src/image/decode.node.ts";
import { encode } from "../src/image/encode.node.ts";
import { resizeCubic } from "../src/image/resize.node.ts";
import { portrait } from "../test/support/pictures.ts";

test("every face has a picture of its own and keeps its labels, whatever it is called; cut otherwise it is another one", async () => {
  const folder = await mkdtemp(join(tmpdir(), "tensorface-cut-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  // Two that become one name, with a comma in it.
  for (const path of ["female/a/b,c.png", "female/a-b,c.png"]) {
    await mkdir(join(folder, "pictures", path, ".."), { recursive: true });
    await copyFile(portrait, join(folder, "pictures", path));
  }
  await importDataset("folder", join(folder, "pictures"), join(folder, "data"));
  const cutAt = async (side: number): Promise<FaceRecord[]> => {
    const words = ["scripts/cut-faces.ts", join(folder, "data"), "--out", join(folder, "cut"), "--side", String(side)];
    expect(spawnSync(process.execPath, words).status).toBe(0);
    await importDataset("csv", join(folder, "cut", "labels.csv"), join(folder, `cut-${side}`), { name: "mine" });
    return Array.fromAsync((await openDataset(join(folder, `cut-${side}`))).records());
  };
  const female = { labels: { gender: "female" }, width: 48 };
  const small = await cutAt(48);
  expect(small.map(({ labels, width }) => ({ labels, width }))).toEqual([female, female]);
  expect(new Set(small.map(({ file }) => file)).size).toBe(2);
  const log = await readFile(join(folder, "cut", "landmarks.jsonl"), "utf8");
  expect(await cutAt(48)).toEqual(small);
  expect(await readFile(join(folder, "cut", "landmarks.jsonl"), "utf8")).toBe(log);
  expect((await cutAt(64)).map(({ width }) => width)).toEqual([64, 64]);
}, 120_000);

test("a name that was another face's holds the face that has it now", async () => {
  const folder = await mkdtemp(join(tmpdir(), "tensorface-cut-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const at = (...steps: readonly string[]): string => join(folder, ...steps);
  await mkdir(at("pictures/female/a"), { recursive: true });
  await copyFile(portrait, at("pictures/female/a/b.png"));
  // Half as large, so that its crop differs.
  const { image } = await decode({ path: portrait });
  await writeFile(at("pictures/female/a-b.png"), await encode(await resizeCubic(image, 256, 256), { format: "png" }));
  const cut = async (data: string, out: string): Promise<Buffer> => {
    await importDataset("folder", at("pictures"), at(data));
    expect(spawnSync(process.execPath, ["scripts/cut-faces.ts", at(data), "--out", at(out), "--side", "32"]).status).toBe(0);
    return readFile(at(out, "faces/female-a-b.png.png"));
  };
  const both = await cut("both", "cut");
  await rm(at("pictures/female/a-b.png"));
  const fresh = await cut("left", "fresh");
  expect(both.equals(fresh)).toBe(false);
  expect((await cut("left again", "cut")).equals(fresh)).toBe(true);
}, 120_000);

test("a face that left the dataset leaves its picture behind nowhere, also where faces are cut otherwise; other files stay", async () => {
  const folder = await mkdtemp(join(tmpdir(), "tensorface-cut-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const at = (...steps: readonly string[]): string => join(folder, ...steps);
  await mkdir(at("pictures/female"), { recursive: true });
  for (const name of ["a.png", "b.png", "c.png"]) await copyFile(portrait, at("pictures/female", name));
  const cut = async (data: string, side: number): Promise<string[]> => {
    await importDataset("folder", at("pictures"), at(data));
    expect(spawnSync(process.execPath, ["scripts/cut-faces.ts", at(data), "--out", at("cut"), "--side", String(side)]).status).toBe(0);
    return (await readdir(at("cut/faces"))).toSorted();
  };
  expect(await cut("all", 32)).toEqual(["female-a.png.png", "female-b.png.png", "female-c.png.png"]);
  await writeFile(at("cut/faces/mine.png"), "");
  await rm(at("pictures/female/b.png"));
  expect(await cut("two", 32)).toEqual(["female-a.png.png", "female-c.png.png", "mine.png"]);
  await rm(at("pictures/female/c.png"));
  expect(await cut("one", 40)).toEqual(["female-a.png.png", "mine.png"]);
}, 120_000);
