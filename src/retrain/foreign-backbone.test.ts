import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as tf from "@tensorflow/tfjs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { saveLayersModel } from "../../test/support/layers-model.ts";
import { importForeignModel } from "../convert/index.ts";
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
