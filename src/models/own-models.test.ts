import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type ErrorCode, taskDefinitionProblem } from "../core/index.ts";
import { withMetadata } from "../graph/metadata/index.ts";
import { describeModel, type HeadManifest, makeModelFile, openModelFile, parseManifest, taskOf } from "./index.ts";
import { fetchModels } from "./models.browser.ts";
import { openModelFolders } from "./models.node.ts";
import { nodeSha256 } from "./read-network.node.ts";
import { drawnManifest, drawnModel, drawnNetwork, drawnTasks } from "./testing.ts";
import { userModelFolder, userModelIds } from "./user-models.node.ts";

const [glasses] = drawnTasks;
const failsWith = (code: ErrorCode, message?: RegExp) =>
  expect.objectContaining(message === undefined ? { code } : { code, message: expect.stringMatching(message) });

describe("manifests of own tasks", () => {
  test.each(drawnTasks)("say what $kind are", (task) => {
    const told = taskOf(drawnManifest(task).outputs[0]!);
    expect(told).toEqual({ ...task });
    expect(taskDefinitionProblem(told)).toBeUndefined();
  });

  const change = (outputs: Record<string, unknown>, manifest: Record<string, unknown> = {}): unknown => {
    const base = drawnManifest(glasses);
    return { ...base, ...manifest, outputs: [{ ...base.outputs[0], ...outputs }] };
  };
  const sets = { kind: "classes", level: 0.9, source: "drawn" };
  const ranges = (starts: readonly (number | undefined)[]) => ({
    kind: "number",
    level: 0.8,
    source: "drawn",
    groups: starts.map((from) => ({ from, faces: 9, low: -1, high: 1 })),
  });
  const years = { task: "age", kind: "age", labels: ["20", "40"] };
  const intervalTails = { output: "tails", source: "drawn" };
  const number = { kind: "number", labels: [], activation: "none", interval: { level: 0.8, low: -1, high: 1 } };

  test("are said to know what is unlike their examples where their answers tell it", () => {
    const quantiles = Array.from({ length: 101 }, (_, index) => index);
    const tells = (task: (typeof drawnTasks)[number]): boolean => describeModel(drawnManifest(task, { quantiles })).includes("Novelty");
    expect(drawnTasks.map((task) => [task.kind, tells(task)])).toEqual([
      ["classes", true],
      ["tags", false],
      ["ordered", true],
      ["number", false],
    ]);
  });

  test("count the pictures that they list, where people read them", () => {
    const pictures = { training: "0123abcd 4567ef01 89abcdef", "held out": "00112233" };
    const training = { recipe: "retrain", pictures };
    const provenance = { source: "drawn", licence: "MIT", training };
    const told = describeModel(drawnManifest(glasses, { changes: { provenance } }));
    expect(told).toMatch(/"pictures": \{\s+"training": 3,\s+"held out": 1\s+\}/);
    expect(told).not.toContain("0123abcd");
  });

  test.each<[string, unknown, RegExp]>([
    ["a task without a kind", change({ kind: undefined }), /"kind" must say/],
    ["an unknown kind", change({ kind: "graph" }), /kind/],
    ["a name that is none", change({ task: "a b" }), /cannot name a task/],
    ["another meaning of age", change({ task: "age" }), /built in/],
    ["labels that differ in case", change({ labels: ["A", "a"] }), /case/],
    ["one class", change({ labels: ["a"] }), /two labels/],
    ["a mood that is none", change({ task: "mood", labels: ["happy", "contempt"] }), /mood does not know the labels contempt/],
    ["an age that is no number", change({ task: "age", kind: "age", labels: ["20", "old"] }), /old/],
    ["a scaling of other logits", change({ scaling: { scale: [1], bias: [0] } }), /other logits/],
    ["tags of a softmax", change({ kind: "tags" }), /softmax/],
    ["a number with labels", change({ ...number, labels: ["1", "2"] }), /no labels/],
    ["a number without an interval", change({ ...number, interval: undefined }), /interval/],
    ["an interval that is upside down", change({ ...number, interval: { level: 0.8, low: 1, high: -1 } }), /above/],
    ["sets of another kind", change({ conformal: { ...sets, kind: "ordered", groups: [{ labels: ["glasses", "none"], faces: 9, mass: 0.9 }] } }), /kind "ordered"/],
    ["sets without a label", change({ conformal: { ...sets, groups: [{ labels: ["glasses"], faces: 9, probability: 0.1 }] } }), /each of its labels/],
    ["ranges that do not begin", change({ ...number, conformal: ranges([10]) }), /no "from"/],
    ["ranges that fall", change({ ...number, conformal: ranges([undefined, 5, 5]) }), /do not rise/],
    ["a face without a template", change({}, { template: undefined }), /template/],
    ["a fit of a face", change({}, { fit: "middle" }), /fit/],
    ["moods of whole pictures", change({ task: "mood", labels: ["happy", "sad"] }, { sees: "picture" }), /whole pictures/],
    ["quantiles that fall", change({}, { novelty: { output: "n", quantiles: Array.from({ length: 101 }, (_, index) => 101 - index) } }), /fall/],
    ["too few quantiles", change({}, { novelty: { output: "n", quantiles: [0, 1] } }), /quantiles/],
    ["tails of no age", change({ intervalTails }), /only age/],
    ["tails beside one share for all", change({ ...years, intervalMass: 0.8, intervalTails }), /only one of them/],
    ["tails that are an answer", change({ ...years, intervalTails: { ...intervalTails, output: "glasses" } }), /same output/],
    ["novelty that is an answer", change({}, { novelty: { output: "glasses", quantiles: Array.from({ length: 101 }, () => 0) } }), /same output/],
  ])("%s is refused", (_, manifest, message) => {
    expect(() => parseManifest(JSON.stringify(manifest), "m.json")).toThrow(failsWith("TF_MODEL_INVALID", message));
  });

  test("six moods without disgust, in an order of their own, are a mood head", () => {
    const labels = ["happy", "sad", "neutral", "angry", "surprise", "fear"];
    expect(() => parseManifest(JSON.stringify(change({ task: "mood", kind: undefined, labels })), "m.json")).not.toThrow();
  });
});

describe("a one-file model", () => {
  test("holds its manifest, and says itself what its file is", async () => {
    const bytes = await drawnModel(glasses);
    const { manifest, read } = await openModelFile(bytes, "m.onnx");
    expect(manifest).toEqual({ ...drawnManifest(glasses), bytes: bytes.length, sha256: await nodeSha256(bytes) });
    expect(await read()).toBe(bytes);
  });

  test("can be made of one that is one", async () => {
    const bytes = await drawnModel(glasses);
    const again = await makeModelFile(bytes, drawnManifest(glasses, { id: "other" }));
    expect((await openModelFile(again, "m.onnx")).manifest.id).toBe("other");
    expect(await makeModelFile(again, drawnManifest(glasses))).toEqual(bytes);
  });

  test("that is damaged, plain or something else is refused", async () => {
    const bytes = await drawnModel(glasses);
    const plain = drawnNetwork(drawnManifest(glasses));
    // A byte inside the weights: nothing but the checksum can tell.
    const place = plain.findIndex((_, index) => new DataView(plain.buffer, plain.byteOffset).getUint32(Math.min(index, plain.length - 4), true) === 0x41000000);
    expect(place).toBeGreaterThan(0);
    await expect(openModelFile(bytes.with(place, 7), "m.onnx")).rejects.toThrow(failsWith("TF_MODEL_CORRUPT", /m\.onnx is damaged/));
    for (const cut of [10, 200, bytes.length - 1]) await expect(openModelFile(bytes.subarray(0, cut), "m.onnx")).rejects.toThrow(failsWith("TF_MODEL_INVALID"));
    await expect(openModelFile(plain, "m.onnx")).rejects.toThrow(failsWith("TF_MODEL_INVALID", /without a manifest/));
    await expect(openModelFile(new Uint8Array(), "m.onnx")).rejects.toThrow(failsWith("TF_MODEL_INVALID", /no ONNX file/));
    await expect(openModelFile(new TextEncoder().encode("<html>"), "m.onnx")).rejects.toThrow(failsWith("TF_MODEL_INVALID", /no ONNX file/));
    for (const text of ["no JSON", "[]", '"text"', "{}"])
      await expect(openModelFile(withMetadata(plain, { tensorface: text }), "m.onnx")).rejects.toThrow(failsWith("TF_MODEL_INVALID"));
  });
});

describe("a model that is asked for", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "tensorface-own-"));
  });
  afterEach(async () => {
    vi.unstubAllGlobals();
    await rm(folder, { recursive: true });
  });

  const store = () => openModelFolders([join(folder, "installed")], join(folder, "user"));
  const idOf = async (reference: Parameters<ReturnType<typeof store>["open"]>[0]): Promise<string> => (await store().open(reference)).manifest.id;
  const writeFolder = async (path: string, id: string): Promise<HeadManifest> => {
    const bytes = drawnNetwork(drawnManifest(glasses));
    const manifest = { ...drawnManifest(glasses, { id }), bytes: bytes.length, sha256: await nodeSha256(bytes) };
    await mkdir(path, { recursive: true });
    await writeFile(join(path, `${id}.json`), JSON.stringify(manifest));
    await writeFile(join(path, manifest.file), bytes);
    return manifest;
  };

  test("is found by its folder, its manifest, its file, an address of a file, and in memory", async () => {
    const manifest = await writeFolder(join(folder, "my"), "own");
    await writeFile(join(folder, "my", "settings.json"), '{"schema":"tensorface.retrain/1"}');
    await writeFile(join(folder, "my", "results.json"), "[1]");
    const file = await drawnModel(glasses, { id: "one" });
    await writeFile(join(folder, "one.onnx"), file);
    expect(await idOf(join(folder, "my"))).toBe("own");
    expect(await idOf(join(folder, "my", "own.json"))).toBe("own");
    expect(await idOf(join(folder, "my", "own.onnx"))).toBe("own");
    expect(await idOf(join(folder, "one.onnx"))).toBe("one");
    expect(await idOf(pathToFileURL(join(folder, "one.onnx")))).toBe("one");
    expect(await idOf(pathToFileURL(join(folder, "one.onnx")).href)).toBe("one");
    expect(await idOf(file)).toBe("one");
    expect(await idOf(new Blob([new Uint8Array(file)]))).toBe("one");
    const opened = await store().open(join(folder, "my"));
    expect((await opened.read()).length).toBe(manifest.bytes);
  });

  test("is found by its name in the user's folder, before an installed one, and is never listed", async () => {
    await writeFolder(join(folder, "installed"), "shared");
    await writeFolder(join(folder, "user", "own"), "own");
    expect(await idOf("own")).toBe("own");
    expect(await idOf("shared")).toBe("shared");
    expect((await store().manifests()).map(({ id }) => id)).toEqual(["shared"]);
    expect(await userModelIds(join(folder, "user"))).toEqual(["own"]);
    expect(await userModelIds(join(folder, "nowhere"))).toEqual([]);
  });

  test("is not a folder that is only called so", async () => {
    // The repository has a folder of this name, and tests run in its root.
    await writeFolder(join(folder, "installed"), "docs");
    expect(await idOf("docs")).toBe("docs");
  });

  test("that is missing, ambiguous, damaged or far away has its code", async () => {
    await writeFolder(join(folder, "two"), "a");
    await writeFolder(join(folder, "two"), "b");
    await writeFolder(join(folder, "damaged"), "damaged");
    await writeFile(join(folder, "damaged", "damaged.onnx"), "other bytes");
    await writeFolder(join(folder, "lies"), "lies");
    await writeFile(join(folder, "lies", "lies.json"), '{"schema":"tensorface.model/2"}');
    await mkdir(join(folder, "empty"));
    await expect(idOf("nobody")).rejects.toThrow(failsWith("TF_MODEL_NOT_FOUND", /no such path, none of that name in .*user/));
    await expect(idOf(join(folder, "no.onnx"))).rejects.toThrow(failsWith("TF_MODEL_NOT_FOUND"));
    await expect(idOf(join(folder, "empty"))).rejects.toThrow(failsWith("TF_MODEL_NOT_FOUND", /holds no model/));
    await expect(idOf(join(folder, "two"))).rejects.toThrow(failsWith("TF_INVALID_ARGUMENT", /several models: a\.json, b\.json/));
    await expect(idOf(join(folder, "lies"))).rejects.toThrow(failsWith("TF_MODEL_INVALID"));
    await expect(store().open(join(folder, "damaged")).then(async ({ read }) => read())).rejects.toThrow(failsWith("TF_MODEL_CORRUPT"));
    await expect(idOf("https://example.org/a.onnx")).rejects.toThrow(failsWith("TF_INVALID_ARGUMENT"));
  });

  test("lies where the platform keeps programs' data, or where a variable says", () => {
    expect(userModelFolder({ TENSORFACE_MODELS: "/a" }, "linux")).toBe("/a");
    expect(userModelFolder({ XDG_DATA_HOME: "/x" }, "linux")).toBe("/x/tensorface/models");
    expect(userModelFolder({ XDG_DATA_HOME: "relative", TENSORFACE_MODELS: "" }, "linux")).toMatch(/\.local\/share\/tensorface\/models$/);
    expect(userModelFolder({}, "darwin")).toMatch(/Library\/Application Support\/tensorface\/models$/);
    expect(userModelFolder({ LOCALAPPDATA: "/l" }, "win32")).toBe("/l/tensorface/models");
  });

  test("is opened in a browser by address, file and bytes", async () => {
    const file = await drawnModel(glasses, { id: "one" });
    const manifest = await writeFolder(join(folder, "my"), "own");
    const network = drawnNetwork(drawnManifest(glasses));
    const answers = new Map<string, BodyInit>([
      ["https://example.test/one.onnx", new Uint8Array(file)],
      ["https://example.test/my/own.json", JSON.stringify(manifest)],
      [`https://example.test/my/own.onnx?sha256=${manifest.sha256}`, new Uint8Array(network)],
    ]);
    vi.stubGlobal("fetch", async (url: URL) => new Response(answers.get(url.href) ?? "", { status: answers.has(url.href) ? 200 : 404 }));
    const { open } = fetchModels("https://example.test/models", { cache: false });
    expect((await open("https://example.test/one.onnx")).manifest.id).toBe("one");
    expect((await open(new URL("https://example.test/one.onnx"))).manifest.id).toBe("one");
    const own = await open("https://example.test/my/own.json");
    expect((await own.read()).length).toBe(network.length);
    expect((await open(file)).manifest.id).toBe("one");
    expect((await open(new File([new Uint8Array(file)], "x.onnx"))).manifest.id).toBe("one");
    await expect(open("https://example.test/no.onnx")).rejects.toThrow(failsWith("TF_MODEL_NOT_FOUND"));
    await expect(open(new Blob(["<html>"]))).rejects.toThrow(failsWith("TF_MODEL_INVALID"));
  });
});
