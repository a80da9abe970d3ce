import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as tf from "@tensorflow/tfjs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { saveLayersModel } from "../../test/support/layers-model.ts";
import { importForeignModel } from "../convert/index.ts";
import { float32Tensor } from "../core/index.ts";
import { encodeModel } from "../graph/index.ts";
import { createNodeRuntime } from "../runtime/runtime.node.ts";
import { openModelFolders } from "../models/models.node.ts";
import { openAnyNetwork } from "./foreign-backbone.node.ts";
import { backboneNames, comparedBackbones } from "./look.node.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "foreign-backbone-"));
  await tf.setBackend("cpu");
  const model = tf.sequential({
    layers: [
      tf.layers.conv2d({ filters: 4, kernelSize: 3, activation: "relu", inputShape: [12, 12, 3] }),
      tf.layers.globalAveragePooling2d({}),
      tf.layers.dense({ units: 3, activation: "softmax" }),
    ],
  });
  const saved = await saveLayersModel(model);
  await mkdir(join(folder, "layers"));
  await writeFile(join(folder, "layers", "model.json"), JSON.stringify(saved.model));
  await writeFile(join(folder, "layers", "weights.bin"), saved.weights);
});
/** A network without its last layers, as `include_top=False` leaves it. */
async function writeHeadless(name: string, side: number | null): Promise<string> {
  const inputShape = [side, side, 3] as [number, number, number];
  const model = tf.sequential({ layers: [tf.layers.conv2d({ filters: 5, kernelSize: 3, activation: "relu", inputShape })] });
  const saved = await saveLayersModel(model);
  await mkdir(join(folder, name));
  await writeFile(join(folder, name, "model.json"), JSON.stringify(saved.model));
  await writeFile(join(folder, name, "weights.bin"), saved.weights);
  return join(folder, name);
}
afterAll(() => rm(folder, { recursive: true, force: true }));

test("a network of an npm package looks, by its name, with what its last layers read", async () => {
  const backbone = await openAnyNetwork(openModelFolders(), "nsfwjs/mobilenet_v2");
  expect(backbone).toMatchObject({ id: "nsfwjs-mobilenet-v2", columns: 1280, input: { width: 224, height: 224, colour: "rgb" } });
  expect(backbone.template).toBeUndefined();
});

test("one that does not say how it takes pixels is refused, and the way to say it is told", async () => {
  await expect(openAnyNetwork(openModelFolders(), join(folder, "layers"))).rejects.toMatchObject({
    code: "TF_INVALID_ARGUMENT",
    message: expect.stringContaining("--scale"),
    hint: expect.stringContaining("tensorface models import"),
  });
});

test("one without last layers looks with the means of its maps, once its pixels are told", async () => {
  const store = openModelFolders();
  const headless = await writeHeadless("headless", 12);
  const backbone = await openAnyNetwork(store, headless, { scale: "-1..1" });
  expect(backbone).toMatchObject({ columns: 5, input: { width: 12, height: 12, mean: [127.5, 127.5, 127.5] } });
  await expect(importForeignModel(headless, { labels: ["a", "b"], input: { mean: [0], standardDeviation: [255] } })).rejects.toMatchObject({
    code: "TF_INVALID_ARGUMENT",
    message: expect.stringContaining("has no scores: it ends in maps of [5, 10, 10]"),
    hint: expect.stringContaining("retrain DIR --backbone"),
  });
});

test("one that takes pictures of any size is told theirs", async () => {
  const store = openModelFolders();
  const free = await writeHeadless("free", null);
  await expect(openAnyNetwork(store, free, { scale: "0..1" })).rejects.toMatchObject({ message: expect.stringContaining("--size 224") });
  const backbone = await openAnyNetwork(store, free, { scale: "0..1", size: "20x16" });
  expect(backbone).toMatchObject({ columns: 5, input: { width: 20, height: 16, standardDeviation: [255, 255, 255] } });
  await using session = await createNodeRuntime().load(encodeModel(backbone.graph));
  const picture = float32Tensor([1, 3, 16, 20], new Float32Array(960).fill(0.5));
  const { features } = await session.run({ [backbone.input.name]: picture });
  expect(features!.shape).toEqual([1, 5]);
});

test.each([
  [{ scale: "loud" }, "--scale expects 0..1, -1..1, 0..255, imagenet or MEAN:DEVIATION"],
  [{ scale: "1:0" }, "--scale expects"],
  [{ size: "large" }, "--size expects 224 or 224x192"],
])("words that say nothing of pixels are refused: %j", async (pixels, message) => {
  const opened = openAnyNetwork(openModelFolders(), join(folder, "layers"), pixels);
  await expect(opened).rejects.toMatchObject({ code: "TF_INVALID_ARGUMENT", message: expect.stringContaining(message) });
});

test("once imported it looks by its name, and is compared with the installed ones", async () => {
  const models = join(folder, "models");
  const answers = { id: "small-net", labels: ["a", "b", "c"], input: { mean: [0], standardDeviation: [255] } };
  const { manifest, bytes } = await importForeignModel(join(folder, "layers"), answers);
  await mkdir(join(models, "small-net"), { recursive: true });
  await writeFile(join(models, "small-net", "small-net.json"), JSON.stringify(manifest));
  await writeFile(join(models, "small-net", "small-net.onnx"), bytes);
  expect(await openAnyNetwork(openModelFolders([], models), "small-net")).toMatchObject({ id: "small-net", columns: 4 });
  expect(await backboneNames(models)).toEqual([...comparedBackbones, "small-net"]);
});

test("what is no network at all is refused", async () => {
  await writeFile(join(folder, "a.txt"), "hello");
  await expect(openAnyNetwork(openModelFolders(), join(folder, "a.txt"))).rejects.toMatchObject({ code: "TF_MODEL_NOT_FOUND" });
  await expect(openAnyNetwork(openModelFolders(), join(folder, "nowhere.h5"))).rejects.toMatchObject({ code: "TF_MODEL_NOT_FOUND" });
});
