import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as tf from "@tensorflow/tfjs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { saveLayersModel } from "../../test/support/layers-model.ts";
import { openClassicBackbone, type OpenBackboneOptions } from "./backbone.node.ts";

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "classic-backbone-"));
  await tf.setBackend("cpu");
  // As Keras' applications are with include_top=False: they end in maps.
  const model = tf.sequential({
    layers: [
      tf.layers.conv2d({ filters: 5, kernelSize: 3, activation: "relu", inputShape: [16, 16, 3] }),
      tf.layers.maxPooling2d({ poolSize: 2 }),
    ],
  });
  const { model: saved, weights } = await saveLayersModel(model);
  await mkdir(join(root, "headless"));
  await writeFile(join(root, "headless", "model.json"), JSON.stringify(saved));
  await writeFile(join(root, "headless", "weights.bin"), weights);
});
afterAll(() => rm(root, { recursive: true, force: true }));

function open(more: Partial<OpenBackboneOptions>) {
  return openClassicBackbone({ architecture: "inception_v3", modelDir: root, ...more });
}

describe("networks that look at the pictures", () => {
  test("a network without its top: the means of its maps", async () => {
    const { columns, graph, input, template } = await open({ backbone: join(root, "headless"), inputMean: 127.5, inputStd: 127.5 });
    expect({ columns, template }).toEqual({ columns: 5, template: undefined });
    expect(graph.outputs.map(({ shape }) => shape)).toEqual([["N", 5]]);
    expect(input).toMatchObject({ width: 16, height: 16, mean: [127.5], standardDeviation: [127.5] });
    await expect(open({ backbone: join(root, "headless") })).rejects.toMatchObject({
      code: "TF_INVALID_ARGUMENT",
      hint: expect.stringContaining("127.5 and 127.5 for Keras'"),
    });
  });

  test("one of nsfwjs says what it was trained for, and that its last layers are left out", async () => {
    const { columns, about, licence, key } = await open({ backbone: "nsfwjs/mobilenet_v2", from: import.meta.filename });
    expect({ columns, licence }).toEqual({ columns: 1280, licence: "MIT" });
    expect(about).toMatch(/pornography.*last layers.*left out/);
    expect(key).toMatch(/^nsfwjs-mobilenet-v2-[0-9a-f]{8}$/);
  });

  test("networks of faces stand side by side, and each has a key of its own", async () => {
    const [one, both] = [await open({ backbone: "age-gender" }), await open({ backbone: "age-gender+mood" })];
    expect([one.columns, both.columns]).toEqual([256, 512]);
    expect(one.template).toBeDefined();
    expect(one.key).not.toBe(both.key);
    expect(both.key).toMatch(/^age-gender-\d+\+mood-\d+-[0-9a-f]{8}$/);
  });

  test("where Inception V3 is nowhere, the error says where it could come from", async () => {
    await expect(open({ from: join(root, "package.json") })).rejects.toMatchObject({
      code: "TF_MODEL_NOT_FOUND",
      message: expect.stringContaining("classify_image_graph_def.pb"),
      hint: expect.stringContaining("npm install nsfwjs"),
    });
    await expect(open({ backbone: "no-such-network" })).rejects.toMatchObject({ code: "TF_MODEL_NOT_FOUND" });
  });
});
