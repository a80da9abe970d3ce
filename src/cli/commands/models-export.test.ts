import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { decodeModel } from "../../graph/index.ts";
import { readMetadata } from "../../graph/metadata/index.ts";
import { openModelFolders } from "../../models/models.node.ts";
import { createNodeRuntime } from "../../runtime/runtime.node.ts";
import { createModelsCommand } from "./models.ts";
import { dispatch } from "../dispatch.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "models-export-"));
});
afterAll(() => rm(folder, { recursive: true }));
afterEach(() => {
  process.exitCode = undefined;
});

const store = openModelFolders();

async function runExport(...words: readonly string[]): Promise<{ readonly out: string; readonly err: string; readonly code: number }> {
  const out: string[] = [];
  const err: string[] = [];
  const command = createModelsCommand(() =>
    Promise.resolve({ store, userFolder: "nowhere", runtime: createNodeRuntime, print: (text) => out.push(text) }),
  );
  const code = await dispatch(["models", "export", ...words], {
    commands: { models: { summary: "", load: () => Promise.resolve(command) } },
    version: "",
    print: (text) => out.push(text),
    report: (text) => err.push(text),
  });
  return { out: out.join(""), err: err.join(""), code: code ?? Number(process.exitCode ?? 0) };
}

describe("tensorface models export", () => {
  test("writes a network as it is", async () => {
    const file = join(folder, "as-it-is.onnx");
    const { out, code } = await runExport("mood", "--out", file);
    expect(code).toBe(0);
    const { manifest, read } = await store.open("mood");
    expect(JSON.parse(out)).toEqual({ schema: "tensorface.export/1", id: manifest.id, file, bytes: manifest.bytes, plain: false });
    expect(Buffer.compare(await readFile(file), await read())).toBe(0);
  });

  test("writes a plain one: opset 13, its weights written out, what else it says kept", async () => {
    const file = join(folder, "plain.onnx");
    expect(await runExport("mood", "--plain", "--out", file)).toMatchObject({ code: 0, err: "" });
    const bytes = await readFile(file);
    const original = await (await store.open("mood")).read();
    expect(decodeModel(bytes).opsets).toEqual({ "": 13 });
    expect(bytes.length).toBeGreaterThan(3 * original.length);
    expect(readMetadata(bytes)).toEqual(readMetadata(original));
  });

  test("writes folders for transformers.js, one for each task", async () => {
    const both = join(folder, "both");
    const { out, code } = await runExport("age-gender", "--format", "transformers", "--out", both);
    expect(code).toBe(0);
    const lines: { readonly folder: string; readonly task: string }[] = out
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(lines.map((line) => line.task)).toEqual(["age", "gender"]);
    for (const { folder: written } of lines) {
      expect((await readdir(written)).toSorted()).toEqual(["README.md", "config.json", "labels.txt", "onnx", "preprocessor_config.json"]);
    }
    const one = join(folder, "one");
    expect((await runExport("age-gender", "-f", "transformers", "--task", "gender", "--out", one)).code).toBe(0);
    expect(await readdir(one)).toContain("config.json");
  });

  test("replaces no folder, and takes each flag for its format", async () => {
    await writeFile(join(folder, "mine.txt"), "mine");
    expect(await runExport("mood", "-f", "transformers", "--out", folder)).toMatchObject({
      code: 1,
      err: expect.stringContaining("TF_MODEL_EXISTS"),
    });
    expect(await runExport("blazeface", "-f", "transformers", "--out", join(folder, "b"))).toMatchObject({
      code: 2,
      err: expect.stringContaining("tells nothing of a face"),
    });
    expect((await runExport("mood", "-f", "transformers", "--plain", "--out", "x")).code).toBe(2);
    expect((await runExport("mood", "--task", "mood", "--out", "x")).code).toBe(2);
    expect(await readdir(folder)).not.toContain("b");
  });

  test("a model is not written over itself", async () => {
    const { manifest, read } = await store.open("mood");
    const bytes = await read();
    const model = join(folder, "model");
    await mkdir(model);
    await writeFile(join(model, manifest.file), bytes);
    await writeFile(join(model, "mood.json"), JSON.stringify(manifest));
    const file = join(model, manifest.file);
    for (const name of [model, join(model, "mood.json")])
      expect(await runExport(name, "--plain", "--out", file)).toMatchObject({
        code: 2,
        err: expect.stringContaining("is the model itself"),
      });
    expect(Buffer.compare(await readFile(file), bytes)).toBe(0);
  });

  test("without an ID or a file is wrong use: exit 2; another ID is not there: exit 1", async () => {
    expect(await runExport("--out", "x.onnx")).toMatchObject({ code: 2, err: expect.stringContaining("needs an ID") });
    expect(await runExport("mood")).toMatchObject({ code: 2, err: expect.stringContaining("needs --out PATH") });
    expect(await runExport("mood-0", "--out", join(folder, "x.onnx"))).toMatchObject({
      code: 1,
      err: expect.stringMatching(/another version of mood-\d+/),
    });
  });
});
