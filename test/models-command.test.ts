import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "csv-parse/sync";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { FaceAnalysis } from "../src/analyze/analysis.ts";
import { drawnManifest, drawnModel, drawnNetwork, drawnTasks } from "../src/models/testing.ts";
import { makeModelFile } from "../src/models/index.ts";
import { nodeSha256 } from "../src/models/read-network.node.ts";
import { run } from "./support/command.ts";
import { portrait } from "./support/pictures.ts";

/** Models of the user's own on the command line, from a file to an answer by name. */
let folder: string;
const [glasses, wears] = drawnTasks;
const user = () => join(folder, "user");
const tensorface = (...words: string[]) => run(words, { cwd: folder, env: { TENSORFACE_MODELS: user() } });

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "models-command-"));
  await writeFile(join(folder, "one.onnx"), await drawnModel(glasses, { id: "photos-model" }));
  const network = drawnNetwork(drawnManifest(wears));
  const manifest = { ...drawnManifest(wears, { id: "worn" }), bytes: network.length, sha256: await nodeSha256(network) };
  await mkdir(join(folder, "worn-model"));
  await writeFile(join(folder, "worn-model", "worn.json"), JSON.stringify(manifest));
  await writeFile(join(folder, "worn-model", "worn.onnx"), network);
  await writeFile(join(folder, "worn-model", "card.md"), "# worn");
  await writeFile(join(folder, "worn-model", "report.html"), "pictures");
});
afterAll(() => rm(folder, { recursive: true }));

describe("a model of the user's own", () => {
  test("is used by its path at once", async () => {
    const { stdout, code } = await tensorface("analyze", portrait, "--model", "one.onnx", "--model", "worn-model", "--format", "jsonl");
    expect(code).toBe(0);
    const { faces }: FaceAnalysis = JSON.parse(stdout);
    expect(Object.keys(faces[0]!.attributes!)).toEqual(["glasses", "wears"]);
    expect(faces[0]!.age).toBeDefined();
  });

  test("is added, listed, shown, verified, used by its name, and removed", async () => {
    const added = await tensorface("models", "add", "one.onnx");
    expect(added).toMatchObject({ code: 0, stdout: expect.stringContaining("--model photos-model") });
    expect(await tensorface("models", "add", "worn-model", "--name", "clothes")).toMatchObject({ code: 0 });
    expect((await readdir(join(user(), "clothes"))).toSorted()).toEqual(["card.md", "clothes.json", "clothes.onnx"]);
    expect((await readdir(user())).toSorted()).toEqual(["clothes", "photos-model"]);

    const { stdout: list } = await tensorface("models");
    expect(list).toMatch(/Yours, used where --model names them; in .*user:\n {2}clothes +wears .*\n {2}photos-model +glasses/);
    expect((await tensorface("models", "show", "clothes")).stdout).toContain("wears: any of hat, scarf, a mask, perhaps");
    expect((await tensorface("models", "verify")).stdout).toMatch(/photos-model +ok/);

    const csv = await tensorface("analyze", portrait, "--model", "photos-model", "--tasks", "glasses", "--format", "csv");
    const rows: Record<string, string>[] = parse(csv.stdout, { columns: true });
    expect(rows[0]).toMatchObject({ glasses: expect.stringMatching(/glasses|none/) });
    expect(Object.keys(rows[0]!)).not.toContain("gender");
    const plain: FaceAnalysis = JSON.parse((await tensorface("analyze", portrait, "--format", "jsonl")).stdout);
    expect(plain.faces[0]!.attributes).toBeUndefined();

    expect(await tensorface("models", "remove", "photos-model")).toMatchObject({ code: 0 });
    expect(await tensorface("analyze", portrait, "--model", "photos-model")).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("TF_MODEL_NOT_FOUND"),
    });
  });

  test("does not take the place of another unasked", async () => {
    await tensorface("models", "add", "one.onnx", "--name", "twice");
    expect(await tensorface("models", "add", "one.onnx", "--name", "twice")).toMatchObject({
      stderr: expect.stringContaining("TF_MODEL_EXISTS"),
    });
    await writeFile(join(user(), "twice", "twice.onnx"), "damaged");
    expect((await tensorface("models", "verify")).stdout).toMatch(/twice +failed.*TF_MODEL_CORRUPT/);
    await writeFile(join(user(), "twice", "twice.json"), "{ tensorface.model/ broken");
    expect((await tensorface("models")).stdout).toMatch(/twice +damaged .*\[TF_MODEL_INVALID\]/);
    expect(await tensorface("models", "add", "one.onnx", "--name", "twice", "--replace")).toMatchObject({ code: 0 });
    expect(JSON.parse(await readFile(join(user(), "twice", "twice.json"), "utf8"))).toMatchObject({ id: "twice" });
    expect((await tensorface("analyze", portrait, "--model", "twice", "--tasks", "glasses", "--format", "json")).code).toBe(0);
    expect(await tensorface("models", "add", "one.onnx", "--name", "mood")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("installed model"),
    });
  });

  test("that two processes add at the same time is there once and whole", async () => {
    const results = await Promise.all(Array.from({ length: 4 }, () => tensorface("models", "add", "one.onnx", "--name", "raced")));
    expect(results.filter(({ code }) => code === 0)).toHaveLength(1);
    expect(results.filter(({ stderr }) => stderr.includes("TF_MODEL_EXISTS"))).toHaveLength(3);
    expect((await tensorface("models", "verify")).stdout).toMatch(/raced +ok/);
  });

  test("that is none, or lies, is refused and nothing of it is kept", async () => {
    await writeFile(join(folder, "text.onnx"), "no model");
    const lying = drawnManifest(glasses, { changes: { input: { ...drawnManifest(glasses).input, width: 16 } } });
    await writeFile(join(folder, "lying.onnx"), await makeModelFile(drawnNetwork(drawnManifest(glasses)), lying));
    for (const [path, code] of [
      ["text.onnx", "TF_MODEL_INVALID"],
      ["lying.onnx", "TF_MODEL_INVALID"],
      ["nowhere.onnx", "TF_MODEL_NOT_FOUND"],
      ["blazeface", "tells nothing of a face"],
    ] as const) {
      expect(await tensorface("models", "add", path)).toMatchObject({ stderr: expect.stringContaining(code) });
    }
    expect((await readdir(user())).filter((name) => name.startsWith("."))).toEqual([]);
    expect(await tensorface("models", "remove", "mood")).toMatchObject({ stderr: expect.stringContaining("TF_MODEL_NOT_FOUND") });
    expect(await tensorface("models", "remove", "../user")).toMatchObject({ stderr: expect.stringContaining("TF_MODEL_NOT_FOUND") });
  });
});
