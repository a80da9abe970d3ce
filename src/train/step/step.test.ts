import { describe, expect, test } from "vitest";
import { createRandom, float32Tensor, type Float32Tensor } from "../../core/index.ts";
import { createNodeRuntime } from "../../runtime/runtime.node.ts";
import { exportNetwork, exportQuantizedNetwork } from "../export/export.ts";
import { parseTrainingConfig } from "../config.ts";
import { batchNorm, dense, flatten } from "../network/layers.ts";
import { createOnnxEngine, normalizePictures } from "./onnx-engine.ts";
import type { LossTerm } from "./losses.ts";
import { createNetwork, type Network, type PixelInput } from "../network/network.ts";
import { residualNetwork } from "../network/networks.ts";
import type { OptimiserDefinition } from "./optimisers.ts";
import { createTrainingStep, type TrainingBatch, type TrainingStep } from "./step.ts";

const runtime = createNodeRuntime();
const size = 12;
const batchSize = 16;
const input: PixelInput = { kind: "picture", channels: 1, height: size, width: size, mean: [128], standardDeviation: [64] };
const losses: readonly LossTerm[] = [{ kind: "crossEntropy", name: "stripes", head: "stripes" }];

/** Horizontal or vertical stripes, under noise. */
function stripes(seed: number): TrainingBatch {
  const random = createRandom(seed);
  const pictures = new Uint8Array(batchSize * size * size);
  const values = new Float32Array(batchSize * 2);
  for (let n = 0; n < batchSize; n++) {
    const label = random.integer(2);
    const phase = random.integer(2);
    values[n * 2 + label] = 1;
    for (let pixel = 0; pixel < size * size; pixel++) {
      const line = label === 0 ? Math.floor(pixel / size) : pixel % size;
      pictures[n * size * size + pixel] = ((line + phase) % 2) * 120 + random.integer(120);
    }
  }
  const target = { values: float32Tensor([batchSize, 2], values), weights: ones(batchSize) };
  return { input: { type: "uint8", shape: [batchSize, 1, size, size], data: pictures }, targets: { stripes: target } };
}

function ones(count: number): Float32Tensor {
  return float32Tensor([count], new Float32Array(count).fill(1));
}

function smallNetwork(dropout = 0): Network {
  return createNetwork(residualNetwork({ input, heads: { stripes: 2 }, widths: [8, 16], squeezeExcite: 0.25, dropout }), { seed: 1 });
}

async function create(network: Network, optimiser: OptimiserDefinition, options = {}): Promise<TrainingStep> {
  return createTrainingStep(runtime, network, losses, optimiser, { batchSize, ...options });
}

async function train(step: TrainingStep, from: number, to: number, learningRate: number): Promise<number[]> {
  const curve: number[] = [];
  for (let index = from; index < to; index++) curve.push((await step.run(stripes(index), { learningRate })).loss);
  return curve;
}

describe("a training step", () => {
  test.each<[OptimiserDefinition, number]>([
    [{ kind: "sgd" }, 0.05],
    [{ kind: "adamw" }, 0.01],
  ])("learns stripes with %o", async (optimiser, learningRate) => {
    await using step = await create(smallNetwork(), optimiser, { clipNorm: 5, averageDecay: 0.9 });
    const curve = await train(step, 0, 40, learningRate);
    expect(curve[0]).toBeGreaterThan(0.4);
    expect(Math.max(...curve.slice(-5))).toBeLessThan(0.15);
    expect(step.count).toBe(40);
  });

  test("a batch norm that would get one number a channel is refused, for it would make every picture the same", async () => {
    const heads = [{ name: "stripes", layers: [dense(4), batchNorm(), dense(2)] }];
    const onVectors = createNetwork({ input, backbone: [flatten()], heads });
    const config = parseTrainingConfig(
      {
        name: "single",
        data: [{ path: "faces" }],
        picture: { side: size, colour: "grey" },
        network: { backbone: [flatten()], heads: [{ task: "mood", layers: [dense(4), batchNorm(), dense(7)] }] },
        losses: [{ kind: "crossEntropy", head: "mood", target: { kind: "mood" } }],
        optimiser: { kind: "sgd" },
        schedule: { kind: "constant", peak: 0.1 },
        batchSize: 1,
        epochs: 1,
        validation: { select: ["mood.accuracy"] },
      },
      "test",
    );
    const named = (norm: string): object => ({
      code: "TF_CONFIG_INVALID",
      message: expect.stringContaining(`"batchSize": the batch norm ${norm} `),
    });
    await expect(create(onVectors, { kind: "sgd" }, { batchSize: 1 })).rejects.toMatchObject(named("head.stripes.1"));
    expect(() => createOnnxEngine(runtime).buildNetwork(config)).toThrow(expect.objectContaining(named("head.mood.1")));
    // Two vectors have a variance, and so has one picture of more than a pixel.
    createOnnxEngine(runtime).buildNetwork({ ...config, batchSize: 2 });
    await using onVectorPairs = await create(onVectors, { kind: "sgd" }, { batchSize: 2 });
    const onPictures = createNetwork({ input, backbone: [batchNorm(), flatten()], heads: [{ name: "stripes", layers: [dense(2)] }] });
    await using onOnePicture = await create(onPictures, { kind: "sgd" }, { batchSize: 1 });
    expect([onVectorPairs.batchSize, onOnePicture.batchSize]).toEqual([2, 1]);
  });

  test("continues from a state bit for bit, dropout too", async () => {
    const network = smallNetwork(0.3);
    await using first = await create(network, { kind: "adamw" }, { averageDecay: 0.99, seed: 3 });
    await train(first, 0, 3, 0.01);
    const state = first.state();
    const curve = await train(first, 3, 6, 0.01);
    await using second = await create(network, { kind: "adamw" }, { averageDecay: 0.99, seed: 3 });
    second.restore(state);
    expect(await train(second, 3, 6, 0.01)).toEqual(curve);
    expect([...second.state()]).toEqual([...first.state()]);
  });

  // The engine makes one of equal constants of up to 8 numbers, and norms write into theirs.
  test.each([4, 8, 16])(
    "knows the statistics of each of three norms of %i channels, and the gradient in front of them",
    async (channels) => {
      const network = createNetwork(residualNetwork({ input, heads: { stripes: 2 }, widths: [channels] }), { seed: 1 });
      await using step = await create(network, { kind: "sgd", momentum: 0 });
      const begin = step.state();
      const scale = "parameter/backbone.1.scale";
      const lossWith = async (change: number): Promise<number> => {
        const moved = begin.get(scale)!.data.map((value, channel) => value + (channel === 1 ? change : 0));
        step.restore(new Map(begin).set(scale, float32Tensor([channels], moved)));
        return (await train(step, 0, 1, 0))[0]!;
      };
      const [above, below] = [await lossWith(0.02), await lossWith(-0.02)];
      await lossWith(0);
      const state = step.state();
      expect(state.get("optimiser/momentum/backbone.1.scale")!.data[1]).toBeCloseTo((above - below) / 0.04, 3);
      const means = ["backbone.1", "backbone.3.body.1", "backbone.3.body.4"].map((norm) =>
        state.get(`statistic/${norm}.mean`)!.data.join(),
      );
      expect(new Set(means).size).toBe(3);
    },
  );
});

describe("export", () => {
  test("folds batch norms and still gives the same logits", async () => {
    const network = smallNetwork();
    await using step = await create(network, { kind: "sgd" });
    await train(step, 0, 60, 0.05);
    const { bytes, largestDifference } = await exportNetwork(runtime, network, step.weights());
    expect(largestDifference).toBeLessThan(1e-5);
    expect(new TextDecoder("latin1").decode(bytes)).not.toContain("BatchNormalization");

    await using session = await runtime.load(bytes);
    const batch = stripes(1000);
    const normalised = normalizePictures(batch.input, network.definition);
    const logits = (await session.run({ input: normalised }))["stripes"]!.data;
    const labels = batch.targets["stripes"]!.values.data;
    const correct = Array.from({ length: batchSize }, (_, n) =>
      logits[2 * n]! > logits[2 * n + 1]! ? labels[2 * n]! > 0.5 : labels[2 * n]! <= 0.5,
    );
    expect(correct.filter(Boolean).length).toBeGreaterThanOrEqual(15);
  });

  test("with 8 bits names the same classes in a fraction of the bytes, or refuses", async () => {
    const network = smallNetwork();
    await using step = await create(network, { kind: "sgd" });
    await train(step, 0, 60, 0.05);
    const calibration = [1, 2, 3, 4].map((seed) => normalizePictures(stripes(2000 + seed).input, network.definition));
    const weights = step.weights();
    const { bytes, agreement } = await exportQuantizedNetwork(runtime, network, weights, { calibration });
    expect(agreement["stripes"]).toBeGreaterThanOrEqual(0.9);
    expect(new TextDecoder("latin1").decode(bytes)).toContain("QuantizeLinear");
    await expect(exportQuantizedNetwork(runtime, network, weights, { calibration, agreement: 1.01 })).rejects.toMatchObject({
      code: "TF_GRAPH_INVALID",
    });
  });
});
