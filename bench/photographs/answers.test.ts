import { appendFile, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { FoundFace } from "../engines/engine.ts";
import { openAnswers, packageBuild } from "./answers.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "tensorface-answers-"));
});
afterEach(() => rm(folder, { recursive: true }));

const face = (years: number): FoundFace => ({ box: { x: 1, y: 2, width: 3, height: 4 }, years, gender: "female" });

/** What is answered about a picture, where whoever is asked sees the age given. */
async function answered(engine: readonly string[], path: string, seen: number): Promise<number | undefined> {
  const answers = await openAnswers(join(folder, "kept"), engine);
  const [first] = await answers.of({ path }, async () => [face(seen)]);
  return first?.years;
}

test("a picture is asked about once", async () => {
  expect(await answered(["tensorface", "1", "cpu"], "a.jpg", 30)).toBe(30);
  expect(await answered(["tensorface", "1", "cpu"], "a.jpg", 40)).toBe(30);
  expect(await answered(["tensorface", "1", "cpu"], "b.jpg", 40)).toBe(40);
});

test("another build of the package, and one with another network by the same name, is asked again", async () => {
  const [entry, models] = [join(folder, "index.js"), join(folder, "index.json")];
  const build = async (text: string, sha256 = "a"): Promise<string> => {
    await writeFile(entry, text);
    await writeFile(models, JSON.stringify({ id: "blazeface", sha256 }));
    return packageBuild(entry, models);
  };
  const [first, second] = [await build('import "./api-1.js";'), await build('import "./api-2.js";')];
  expect(await answered(["tensorface", "1", first, "cpu"], "a.jpg", 30)).toBe(30);
  expect(await answered(["tensorface", "1", second, "cpu"], "a.jpg", 40)).toBe(40);
  expect(await answered(["tensorface", "1", await build('import "./api-1.js";'), "cpu"], "a.jpg", 50)).toBe(30);
  expect(await answered(["tensorface", "1", await build('import "./api-1.js";', "b"), "cpu"], "a.jpg", 60)).toBe(60);
});

test("setups that differ in the last of many words have answers of their own", async () => {
  const setup = (last: string): string[] => ["tensorface", "1", `cpu, ${"a-long-model-name, ".repeat(8)}${last}`];
  expect(await answered(setup("mood-8"), "a.jpg", 30)).toBe(30);
  expect(await answered(setup("mood-9"), "a.jpg", 40)).toBe(40);
});

test("a line that a killed run left half written is asked for again", async () => {
  await answered(["human", "1", "wasm"], "a.jpg", 30);
  const [name] = await readdir(join(folder, "kept"));
  await appendFile(join(folder, "kept", name!), '{"path":"b.jpg","fac');
  expect(await answered(["human", "1", "wasm"], "b.jpg", 40)).toBe(40);
  expect(await answered(["human", "1", "wasm"], "a.jpg", 50)).toBe(30);
  expect(await answered(["human", "1", "wasm"], "b.jpg", 50)).toBe(40);
});
