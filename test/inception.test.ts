import { createRequire } from "node:module";
import type * as TensorFlow from "@tensorflow/tfjs";
import { beforeAll, describe, expect, test } from "vitest";
import { type NsfwjsName, readNsfwjs } from "../src/convert/index.ts";
import { float32Tensor, type Float32Tensor } from "../src/core/index.ts";
import { createGraphBuilder, encodeModel, type Graph } from "../src/graph/index.ts";
import { decode } from "../src/image/decode.node.ts";
import { crop, type RasterImage, resize } from "../src/image/index.ts";
import { createNodeRuntime } from "../src/runtime/runtime.node.ts";
import { startTensorFlow } from "./networks/reference.ts";

/**
 * Real networks of other makers, converted and compared with TensorFlow.js on real pictures: at the features, which is where they
 * are used, and at the output.
 */

const require = createRequire(import.meta.url);
let tf: typeof TensorFlow;
let portrait: RasterImage;

beforeAll(async () => {
  tf = await startTensorFlow();
  ({ image: portrait } = await decode("examples/astronaut.png"));
});

/** The whole portrait and the face in it, 0..1, channels first. */
function pictures(size: number): Float32Tensor {
  const views = [portrait, crop(portrait, { x: 160, y: 40, width: 140, height: 150 })].map((view) => resize(view, size, size));
  const batch = float32Tensor([views.length, 3, size, size]);
  for (const [index, { data }] of views.entries())
    for (let channel = 0; channel < 3; channel++)
      for (let pixel = 0; pixel < size * size; pixel++)
        batch.data[(index * 3 + channel) * size * size + pixel] = data[pixel * 3 + channel]! / 255;
  return batch;
}

/** The graph's output and, beside it, an inner value. */
async function run(graph: Graph, features: string, width: number, input: Float32Tensor): Promise<Float32Array[]> {
  const builder = createGraphBuilder("probe", graph);
  builder.output(features, ["N", width], { name: "features" });
  await using session = await createNodeRuntime().load(encodeModel(builder.build()));
  const outputs = await session.run({ [graph.inputs[0]!.name]: input });
  return [outputs["features"]!, outputs[graph.outputs[0]!.name]!].map(({ data }) => Float32Array.from(data, Number));
}

interface Original {
  readonly json: TensorFlow.io.ModelJSON;
  readonly weights: ArrayBuffer;
}

/** The package's files as TensorFlow.js takes them. */
function readOriginal(name: NsfwjsName): Original {
  const load = (file: string): unknown => require(`../node_modules/nsfwjs/dist/models/${name}/${file}.min.js`);
  const json = load("model") as TensorFlow.io.ModelJSON;
  const shards = json.weightsManifest.flatMap(({ paths }) => paths).map((path) => Buffer.from(load(path) as string, "base64"));
  return { json, weights: new Uint8Array(Buffer.concat(shards)).buffer };
}

/** The layer before the first dense one, and the last. */
async function runLayersModel({ json, weights }: Original, input: Float32Tensor): Promise<Float32Array[]> {
  const weightSpecs = json.weightsManifest.flatMap((group) => group.weights);
  const model = await tf.loadLayersModel(tf.io.fromMemory({ modelTopology: json.modelTopology, weightSpecs, weightData: weights }));
  const both = tf.model({
    inputs: model.inputs,
    outputs: [model.getLayer("flatten_1").output as TensorFlow.SymbolicTensor, model.outputs[0]!],
  });
  const results = both.predict(channelsLast(input)) as TensorFlow.Tensor[];
  return Promise.all(results.map(async (result) => Float32Array.from(await result.data())));
}

function channelsLast({ data, shape }: Float32Tensor): TensorFlow.Tensor {
  return tf.transpose(tf.tensor(data, [...shape]), [0, 2, 3, 1]);
}

function furthest(a: Float32Array, b: Float32Array): number {
  expect(a.length).toBe(b.length);
  return a.reduce((most, value, index) => Math.max(most, Math.abs(value - b[index]!)), 0);
}

describe("networks of nsfwjs", () => {
  test.each([
    ["inception_v3", 299, 2048],
    ["mobilenet_v2", 224, 1280],
  ] as const)("%s sees and says what it does in TensorFlow.js", { timeout: 240_000 }, async (name, size, width) => {
    const input = pictures(size);
    const network = readNsfwjs(name, import.meta.filename);
    expect(network).toMatchObject({ activation: "none", input: { width: size, height: size }, licence: "MIT" });
    const [features, scores] = await run(network.graph, network.features!, width, input);
    const [expectedFeatures, expectedScores] = await runLayersModel(readOriginal(name), input);
    expect(features).toHaveLength(2 * width);
    expect(furthest(features!, expectedFeatures!)).toBeLessThan(1e-4);
    expect(furthest(scores!, expectedScores!)).toBeLessThan(1e-4);
  });

  test("a graph model among them is read too, with the vector before its last layer", () => {
    const { graph, features, input } = readNsfwjs("mobilenet_v2_mid", import.meta.filename);
    expect(graph.nodes.filter(({ op }) => op === "Gemm")).toHaveLength(1);
    expect(graph.nodes.find(({ op }) => op === "Gemm")!.inputs[0]).toBe(features);
    expect(input).toMatchObject({ width: 224, height: 224 });
  });

  test("where the package is not installed, the error says what to install", () => {
    expect(() => readNsfwjs("inception_v3", "/package.json")).toThrow(
      expect.objectContaining({ code: "TF_MODEL_NOT_FOUND", hint: "npm install nsfwjs" }),
    );
  });
});
