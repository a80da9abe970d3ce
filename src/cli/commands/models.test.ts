import { afterEach, describe, expect, test } from "vitest";
import { TensorFaceError } from "../../core/index.ts";
import type { ModelManifest, ModelStore } from "../../models/index.ts";
import { createNodeRuntime } from "../../runtime/runtime.node.ts";
import { fixedStore } from "../../models/testing.ts";
import { dispatch } from "../dispatch.ts";
import { createModelsCommand } from "./models.ts";

const point = { x: 0.5, y: 0.5 };
const head: ModelManifest = {
  schema: "tensorface.model/1",
  kind: "head",
  id: "gender-v1",
  title: "Apparent gender",
  file: "gender-v1.onnx",
  bytes: 2_345_678,
  sha256: "a".repeat(64),
  preference: 0,
  input: { name: "input", width: 96, height: 96, colour: "rgb", mean: [127.5], standardDeviation: [127.5] },
  provenance: { source: "drawn for a test", licence: "MIT", training: { rows: 12, seed: 7 } },
  template: { landmarks: { leftEye: point, rightEye: point, nose: point, leftMouth: point, rightMouth: point }, source: "a test" },
  outputs: [{ task: "gender", output: "gender", activation: "softmax", labels: ["female", "male"], temperature: 1 }],
};
const other: ModelManifest = { ...head, id: "gender-v0", title: "An older one", provenance: { source: "drawn", licence: "Apache-2.0" } };

async function models(
  words: readonly string[],
  read: ModelStore["read"] = () => Promise.resolve(new Uint8Array()),
  manifests: readonly ModelManifest[] = [head, other],
  width?: number,
) {
  const out: string[] = [];
  const err: string[] = [];
  const store = fixedStore(manifests, read);
  const command = createModelsCommand(() =>
    Promise.resolve({ store, userFolder: "nowhere", runtime: createNodeRuntime, width, print: (text) => out.push(text) }),
  );
  const code = await dispatch(["models", ...words], {
    commands: { models: { summary: "", load: () => Promise.resolve(command) } },
    version: "",
    print: (text) => out.push(text),
    report: (text) => err.push(text),
  });
  return { out: out.join(""), err: err.join(""), code: code ?? Number(process.exitCode ?? 0) };
}

afterEach(() => {
  process.exitCode = undefined;
});

describe("tensorface models", () => {
  test("lists, also without a word", async () => {
    const { out, code } = await models([]);
    expect(`\n${out}`).toMatchInlineSnapshot(`
      "
      Used by default:
        gender-v1  gender  2.3 MB  Apparent gender

      Used where --model or --detector names them:
        gender-v0  gender  2.3 MB  An older one

      \`tensorface models show ID\` tells of labels, licence and training.
      "
    `);
    expect(code).toBe(0);
    expect((await models(["list"])).out).toBe(out);
    expect(JSON.parse((await models(["--format", "json"])).out)).toEqual([head, other]);
  });

  test("keeps to the terminal's width: titles go on below themselves", async () => {
    const long: ModelManifest = { ...other, title: "An older one, which was drawn for a test of terminals that are narrow" };
    const { out } = await models([], undefined, [head, long], 60);
    expect(`\n${out}`).toMatchInlineSnapshot(`
      "
      Used by default:
        gender-v1  gender  2.3 MB  Apparent gender

      Used where --model or --detector names them:
        gender-v0  gender  2.3 MB  An older one, which was drawn
                                   for a test of terminals that
                                   are narrow

      \`tensorface models show ID\` tells of labels, licence and training.
      "
    `);
    for (const line of out.split("\n")) expect(line.length).toBeLessThanOrEqual(80);
  });

  test("a small network has kilobytes, and not 0.0 MB", async () => {
    expect((await models([], undefined, [{ ...head, bytes: 20_900 }])).out).toContain("gender-v1  gender  21 kB  Apparent gender");
  });

  test("shows one, for people and for programs", async () => {
    expect(`\n${(await models(["show", "gender-v1"])).out}`).toMatchInlineSnapshot(`
      "
      gender-v1: Apparent gender

        For       gender
        File      gender-v1.onnx, 2.3 MB
        SHA-256   aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
        Input     96 x 96 rgb, mean 127.5, deviation 127.5
        Labels    gender: female, male
        Template  a test
        Source    drawn for a test
        Licence   MIT
        Training  {
                    "rows": 12,
                    "seed": 7
                  }
      "
    `);
    expect(JSON.parse((await models(["show", "gender-v1", "--format", "json"])).out)).toEqual(head);
  });

  test("shows what its age range takes and that it looks twice, where its manifest says so", async () => {
    const years = Array.from({ length: 101 }, (_, year) => String(year));
    const age = { task: "age", output: "age", activation: "softmax", labels: years, temperature: 1, intervalMass: 0.762 } as const;
    const manifest: ModelManifest = { ...head, id: "age-v1", flipAveraging: true, outputs: [age] };
    const { out } = await models(["show", "age-v1"], undefined, [manifest]);
    expect(out).toContain("  Interval  the middle 76.2 % of an age's distribution, fitted to hold 80 % of true ages\n");
    expect(out).toContain("  Averaging over the face and its mirror image\n");
    expect((await models(["show", "gender-v1"])).out).not.toMatch(/Interval|Averaging/);
    const told = { ...age, intervalMass: undefined, intervalTails: { output: "tails", source: "940 crops" } };
    expect((await models(["show", "age-v1"], undefined, [{ ...manifest, outputs: [told] }])).out).toContain(
      "  Interval  as wide as the network tells of each face, fitted to hold 80 % of true ages on 940 crops\n",
    );
  });

  test("names what is installed when the ID is not: exit 1; without an ID: exit 2", async () => {
    expect(await models(["show", "age-v9"])).toMatchObject({ code: 1, err: expect.stringContaining("gender-v1, gender-v0") });
    expect(await models(["show"])).toMatchObject({ code: 2, err: expect.stringContaining("needs an ID") });
  });

  test("verifies all of them, also after one that is broken: exit 1", async () => {
    expect(await models(["verify"])).toMatchObject({ code: 0, out: "gender-v1  ok  2.3 MB\ngender-v0  ok  2.3 MB\n" });
    const broken = await models(["verify"], (manifest) =>
      manifest.id === "gender-v1" ? Promise.reject(new TensorFaceError("TF_MODEL_CORRUPT", "differs")) : Promise.resolve(new Uint8Array()),
    );
    expect(broken).toMatchObject({ code: 1, out: "gender-v1  failed: differs [TF_MODEL_CORRUPT]\ngender-v0  ok  2.3 MB\n" });
  });
});
