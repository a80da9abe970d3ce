import { expect, test } from "vitest";
import { createAnalyzer } from "../../_entries/node.ts";
import { createRandom } from "../../core/index.ts";
import { createRasterImage } from "../../image/index.ts";
import { knownPictures, openModelFile } from "../../models/index.ts";
import { openModelFolders } from "../../models/models.node.ts";
import { nodeSha256 } from "../../models/read-network.node.ts";
import { createNodeRuntime } from "../../runtime/runtime.node.ts";
import { openInstalled, usualBackbones } from "../open-backbone.ts";
import { cropLength, writeCrop } from "../crop.ts";
import { createSeer } from "../see.ts";
import { likenessOf } from "./sets.ts";
import { type SeenExample, teachModel, type TeachModelOptions } from "./teach-model.ts";

/** Teaching with pictures that are seen one by one, as the page does it. */
const backbone = await openInstalled(openModelFolders(), usualBackbones.whole);
const labels = ["red", "blue"];
const task = { name: "colour", kind: "classes", labels } as const;

/** Specks of a colour on grey. */
function drawSpecks(label: string, seed: number) {
  const random = createRandom(seed);
  const data = new Uint8Array(32 * 32 * 3).fill(110 + random.integer(40));
  for (let speck = 0; speck < 200; speck++) data[random.integer(32 * 32) * 3 + (label === "red" ? 0 : 2)] = 255;
  return createRasterImage(32, 32, data);
}

async function seeExamples(count: number): Promise<SeenExample[]> {
  await using seer = await createSeer(createNodeRuntime(), backbone);
  const length = cropLength(backbone);
  const examples: SeenExample[] = [];
  for (let index = 0; index < count; index++) {
    const label = labels[index % 2]!;
    const image = drawSpecks(label, index);
    const crop = new Float32Array(length);
    writeCrop(image, undefined, backbone, crop, 0);
    const sha256 = await nodeSha256(new Uint8Array(image.data));
    examples.push({ label, features: await seer.see(crop), origin: { kind: "picture", likeness: likenessOf(image) }, sha256 });
  }
  return examples;
}

const examples = await seeExamples(24);
const options: TeachModelOptions = {
  id: "colours",
  task,
  backbone,
  crop: { kind: "whole" },
  examples,
  version: "0.0.0",
  hash: nodeSha256,
};

test("the model tells them, alone and as a file, and its numbers are of answers that it had not learnt", async () => {
  const { model, measures, told, warnings } = await teachModel(options);
  if (measures.kind !== "classes") throw new TypeError("classes are measured as classes");
  expect(measures.n).toBe(24);
  expect(measures.accuracy.value).toBeGreaterThan(0.9);
  expect(told).toHaveLength(24);
  expect(warnings).toEqual([expect.stringContaining("too few pictures to trust the numbers of red 12, blue 12")]);
  const { manifest } = await openModelFile(model.bytes, "the model");
  expect(manifest).toMatchObject({ id: "colours", sees: "picture", provenance: { training: { recipe: "teach", crop: "whole" } } });
  await using analyzer = await createAnalyzer({ models: [model.bytes], tasks: ["colour"], workers: 0 });
  const { attributes } = await analyzer.analyze(drawSpecks("red", 901));
  expect(attributes!["colour"]).toMatchObject({ label: "red" });
});

test("the model knows the files that it learnt from; a frame of the camera is none", async () => {
  const [first, ...others] = examples;
  const { sha256, ...frame } = first!;
  const { model } = await teachModel({ ...options, examples: [{ ...frame, origin: { kind: "frame", recording: 1 } }, ...others] });
  const { manifest } = await openModelFile(model.bytes, "the model");
  if (manifest.kind !== "head") throw new TypeError("a taught model is a head");
  const known = knownPictures(manifest)!;
  expect(others.map((other) => known(other.sha256!))).toEqual(others.map(() => "training"));
  expect(known(sha256!)).toBeUndefined();
  const unlisted = examples.map((example): SeenExample => ({ ...example, sha256: undefined }));
  expect((await teachModel({ ...options, examples: unlisted })).model.manifest.provenance.training).not.toHaveProperty("pictures");
});

test("frames of one recording each are named, since they flatter", async () => {
  const frames = examples.map((example, index): SeenExample => ({ ...example, origin: { kind: "frame", recording: index % 2 } }));
  const { warnings } = await teachModel({ ...options, examples: frames });
  expect(warnings).toContainEqual(expect.stringContaining("one recording each of red, blue"));
});

test("labels that are none, and classes with too few pictures, are refused in words", async () => {
  const twins = { ...task, labels: ["red", "Red"] };
  await expect(teachModel({ ...options, task: twins })).rejects.toMatchObject({
    code: "TF_INVALID_ARGUMENT",
    message: expect.stringContaining("differ in case"),
  });
  await expect(teachModel({ ...options, task: { ...task, labels: ["red"] } })).rejects.toMatchObject({ code: "TF_INVALID_ARGUMENT" });
  await expect(teachModel({ ...options, examples: examples.slice(0, 3) })).rejects.toMatchObject({ code: "TF_EXAMPLES_FEW" });
  await expect(teachModel({ ...options, signal: AbortSignal.abort() })).rejects.toMatchObject({ code: "TF_ABORTED" });
});
