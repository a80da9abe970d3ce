import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createRandom, float32Tensor, type Float32Tensor, type Tensor } from "../../core/index.ts";
import { importDataset } from "../../datasets/import/import.node.ts";
import { attribute, createGraphBuilder, decodeModel, encodeModel, type Graph, type GraphBuilder } from "../../graph/index.ts";
import { createNodeRuntime } from "../../runtime/runtime.node.ts";
import { parseTrainingConfig, type TrainingConfig } from "../config.ts";
import { createManifest, describeInput } from "../export/export.ts";
import { exportModel } from "../export/model-export.node.ts";
import { networkDefinition } from "../definition.ts";
import { readWeights } from "../run/checkpoint.node.ts";
import { train } from "../run/train.node.ts";
import { createOnnxEngine } from "../step/onnx-engine.ts";
import { drawHalves } from "../testing.node.ts";
import { frozenNetwork } from "./frozen-network.ts";
import { createNetwork, inferenceGraph } from "./network.ts";
import { verifyConversion } from "../../runtime/verify-conversion.ts";

const side = 8;
const runtime = createNodeRuntime();
const point = { x: 0.5, y: 0.5 };
const landmarks = { leftEye: point, rightEye: point, nose: point, leftMouth: point, rightMouth: point };

/** A network as others write it, in an opset before this project's: `[N, 1, 8, 8]` to `features` and two logits. */
function write(opset: number, features: (builder: GraphBuilder, maps: string) => string, width: number): Uint8Array {
  const random = createRandom(4);
  const weights = (...shape: number[]): Float32Tensor =>
    float32Tensor(
      shape,
      Float32Array.from({ length: shape.reduce((a, b) => a * b) }, () => random.normal()),
    );
  const empty: Graph = { name: "made elsewhere", inputs: [], outputs: [], nodes: [], initializers: new Map(), opsets: { "": opset } };
  const b = createGraphBuilder(empty.name, empty);
  const maps = b.op("Conv", [b.input("input", ["N", 1, side, side]), b.constant(weights(6, 1, 3, 3))], { strides: attribute.ints([4, 4]) });
  const logits = b.op("Gemm", [b.op("Identity", [features(b, maps)], {}, { name: "features" }), b.constant(weights(width, 2))]);
  b.output(logits, ["N", 2], { name: "gender" });
  return encodeModel(b.build());
}

/** A softmax over channels, rows and columns at once: what axis 1 meant before 13. */
const softmaxOf11 = write(11, (b, maps) => b.op("Flatten", [b.op("Softmax", [b.op("Mul", [maps, b.scalar(0.3)])])]), 24);
/** As PyTorch writes `x.mean(2).flatten(1)` in opset 13. */
const meanOf13 = write(
  13,
  (b, maps) => b.op("Flatten", [b.op("ReduceMean", [b.op("Relu", [maps])], { axes: attribute.ints([2]), keepdims: attribute.int(0) })]),
  12,
);

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "old-backbone-"));
  await drawHalves(join(folder, "pictures"), side);
  await importDataset("folder", join(folder, "pictures"), join(folder, "dataset"));
});
afterAll(() => rm(folder, { recursive: true }));

async function configure(id: string, bytes: Uint8Array): Promise<TrainingConfig> {
  const input = describeInput({ kind: "picture", channels: 1, height: side, width: side, mean: [127.5], standardDeviation: [64] });
  const manifest = await createManifest(input, bytes, {
    id,
    title: id,
    template: { landmarks, source: "test" },
    provenance: { source: "drawn by a test", licence: "none needed" },
    outputs: [{ task: "gender", output: "gender", labels: ["female", "male"] }],
  });
  await writeFile(join(folder, `${id}.onnx`), bytes);
  await writeFile(join(folder, `${id}.json`), JSON.stringify(manifest));
  return parseTrainingConfig(
    {
      name: id,
      data: [{ path: join(folder, "dataset") }],
      features: { model: join(folder, `${id}.json`) },
      network: { backbone: [{ layer: "batchNorm" }], heads: [{ task: "mood", layers: [{ layer: "dense", features: 7 }] }] },
      losses: [{ kind: "crossEntropy", head: "mood", target: { kind: "mood" } }],
      schedule: { kind: "cosine", peak: 0.05 },
      batchSize: 16,
      epochs: 12,
      averageDecay: 0.9,
      validation: { select: ["mood.accuracy"] },
    },
    "test",
  );
}

async function run(model: Uint8Array, input: Tensor): Promise<number[]> {
  await using session = await runtime.load(model, { device: "cpu" });
  return Array.from(Object.values(await session.run({ input }))[0]!.data, Number);
}

describe("a network of an older opset", () => {
  test.each([
    ["softmax", softmaxOf11, 24],
    ["mean", meanOf13, 12],
  ])("%s: is cut, trained on and exported with the numbers that its file means", async (id, bytes, width) => {
    const random = createRandom(9);
    const picture = float32Tensor(
      [2, 1, side, side],
      Float32Array.from({ length: 2 * side ** 2 }, () => random.normal()),
    );
    const file = decodeModel(bytes);
    const own = encodeModel({ ...file, outputs: [{ name: "features", type: "float32", shape: ["N", width] }] });
    const expected = await run(own, picture);
    const frozen = frozenNetwork(bytes);
    expect(frozen).toMatchObject({ size: width, value: "features" });
    const features = await run(encodeModel(frozen.graph), picture);
    for (const [index, value] of expected.entries()) expect(features[index]).toBeCloseTo(value, 5);

    const config = await configure(id, bytes);
    const out = join(folder, `${id}-run`);
    const { state } = await train({ config, out, engine: createOnnxEngine(runtime), runtime });
    expect(state.best!.score).toBeGreaterThan(0.8);
    const exported = await exportModel(runtime, {
      config,
      id,
      title: id,
      weights: join(out, "best.safetensors"),
      templateOf: async ({ backbone }) => backbone!,
      cache: join(folder, "cache"),
    });
    expect(decodeModel(exported.bytes).opsets).toEqual({ "": 20 });
    // The trained head by itself, on the features that the file means.
    const network = createNetwork(networkDefinition(config, width), { seed: config.seed });
    const head = encodeModel(inferenceGraph(network, await readWeights(join(out, "best.safetensors"))));
    const logits = await run(head, float32Tensor([2, width], Float32Array.from(expected)));
    const whole = await run(exported.bytes, picture);
    expect(whole).toHaveLength(14);
    for (const [index, value] of logits.entries()) expect(whole[index]).toBeCloseTo(value, 4);
  });

  test("is refused where the engine finds that its conversion means something else", async () => {
    const file = decodeModel(softmaxOf11);
    const wrong = encodeModel({ ...file, opsets: { "": 13 } });
    const conversion = { before: softmaxOf11, after: wrong };
    await expect(verifyConversion(runtime, conversion, { width: side, height: side })).rejects.toMatchObject({
      code: "TF_GRAPH_INVALID",
      message: expect.stringContaining("another after its conversion"),
    });
    const right = frozenNetwork(softmaxOf11).conversion!;
    await expect(verifyConversion(runtime, right, { width: side, height: side })).resolves.toBeUndefined();
  });
});
