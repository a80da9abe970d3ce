import { describe, expect, test } from "vitest";
import { createRandom, type Float32Tensor, float32Tensor, type Tensor } from "../../core/index.ts";
import { encodeModel } from "../../graph/index.ts";
import { createNodeRuntime } from "../../runtime/runtime.node.ts";
import { adaptNorms, startFrom } from "./initial.ts";
import { batchNorm, dense, flatten, type Layer } from "./layers.ts";
import { createNetwork, inferenceGraph, initialWeights, type Network, type NetworkDefinition } from "./network.ts";
import { faceTrunk } from "./networks.ts";
import { normalizePictures } from "../step/onnx-engine.ts";
import { createTrainingStep } from "../step/step.ts";

const runtime = createNodeRuntime();
const side = 32;

const definition: NetworkDefinition = {
  input: { kind: "picture", channels: 1, height: side, width: side, mean: [128], standardDeviation: [64] },
  backbone: faceTrunk({ blocks: 4 }),
  heads: [{ name: "mood", layers: [dense(7)] }],
};

/** The network with norms that know other pictures than those that come: what weights from elsewhere look like. */
function foreignNetwork(): Network {
  const network = createNetwork(definition, { seed: 2 });
  const random = createRandom(5);
  const drawn = new Map<string, Float32Tensor>();
  for (const [name, tensor] of initialWeights(network)) {
    const isPositive = name.endsWith(".variance") || name.endsWith(".scale");
    const isNorm = isPositive || name.endsWith(".mean") || name.endsWith(".bias");
    const data = isNorm ? tensor.data.map(() => (isPositive ? 0.5 + random.uniform() : random.normal() * 0.3)) : tensor.data;
    drawn.set(name, float32Tensor(tensor.shape, data));
  }
  return startFrom(network, drawn);
}

function pictures(count: number, seed: number): Tensor {
  const random = createRandom(seed);
  return {
    type: "uint8",
    shape: [count, 1, side, side],
    data: Uint8Array.from({ length: count * side * side }, () => random.integer(256)),
  };
}

const normalised = (input: Tensor): Float32Tensor => normalizePictures(input, definition);

async function* batches(...all: Tensor[]): AsyncGenerator<Float32Tensor> {
  yield* all.map(normalised);
}

async function logits(network: Network, input: Tensor): Promise<number[]> {
  await using session = await runtime.load(encodeModel(inferenceGraph(network, initialWeights(network))));
  return [...(await session.run({ input: normalised(input) }))["mood"]!.data].map(Number);
}

describe("adapting norms", () => {
  test.each<[string, readonly Layer[]]>([
    ["of vectors too", [flatten(), batchNorm(), dense(6), batchNorm()]],
    ["where there are none", [flatten(), dense(6)]],
  ])("%s leaves what the network computes as it is", async (_, backbone) => {
    const network = createNetwork({ ...definition, backbone }, { seed: 2 });
    const [input, learnt] = [pictures(8, 1), pictures(16, 2)];
    const adapted = await adaptNorms(runtime, network, batches(learnt));
    const [before, after] = [await logits(network, input), await logits(adapted, input)];
    expect(Math.max(...before.map((value, index) => Math.abs(value - after[index]!)))).toBeLessThan(1e-3);
    const means = initialWeights(adapted).get("backbone.1.mean")?.data;
    const pixels = normalised(learnt).data;
    const area = side * side;
    const first = Array.from({ length: 16 }, (_picture, row) => pixels[row * area]!).reduce((sum, value) => sum + value / 16, 0);
    expect(means?.[0] ?? first).toBeCloseTo(first, 4);
  });

  test("leaves what the network computes as it is", async () => {
    const network = foreignNetwork();
    const input = pictures(8, 1);
    const adapted = await adaptNorms(runtime, network, batches(pictures(16, 2), pictures(5, 3)));
    const [before, after] = [await logits(network, input), await logits(adapted, input)];
    expect(Math.max(...before.map(Math.abs))).toBeGreaterThan(0.1);
    for (const [index, value] of after.entries()) expect(value).toBeCloseTo(before[index]!, 3);
  });

  test("makes the first training step, which normalises with its batch, the same network", async () => {
    const network = foreignNetwork();
    const input = pictures(16, 2);
    const firstLogits = async (begun: Network): Promise<number[]> => {
      const loss = { kind: "crossEntropy", name: "mood", head: "mood" } as const;
      await using step = await createTrainingStep(runtime, begun, [loss], { kind: "sgd" }, { batchSize: 16 });
      const target = { values: float32Tensor([16, 7]), weights: float32Tensor([16]) };
      return [...(await step.run({ input, targets: { mood: target } }, { learningRate: 0 })).logits["mood"]!.data];
    };
    const expected = await logits(network, input);
    const distance = (values: readonly number[]): number => Math.max(...values.map((value, index) => Math.abs(value - expected[index]!)));
    expect(distance(await firstLogits(await adaptNorms(runtime, network, batches(input))))).toBeLessThan(1e-3);
    expect(distance(await firstLogits(network))).toBeGreaterThan(0.05);
  });
});

describe("starting from weights", () => {
  const network = createNetwork(definition, { seed: 1 });
  const backbone = new Map([...initialWeights(createNetwork(definition, { seed: 9 }))].filter(([name]) => name.startsWith("backbone.")));

  test("takes the backbone over and leaves new heads alone", () => {
    const begun = initialWeights(startFrom(network, backbone));
    expect(begun.get("backbone.0.weight")).toEqual(backbone.get("backbone.0.weight"));
    expect(begun.get("head.mood.0.weight")).toEqual(initialWeights(network).get("head.mood.0.weight"));
  });

  test.each<[string, (weights: Map<string, Float32Tensor>) => unknown, RegExp]>([
    [
      "a weight without a place",
      (weights) => weights.set("backbone.99.weight", float32Tensor([1])),
      /"backbone\.99\.weight" is \[1\] there and nothing/,
    ],
    [
      "another shape",
      (weights) => weights.set("backbone.0.weight", float32Tensor([32, 3, 7, 7])),
      /is \[32,3,7,7\] there and \[32,1,7,7\]/,
    ],
    ["half a backbone", (weights) => weights.delete("backbone.4.body.0.weight"), /lack "backbone\.4\.body\.0\.weight"/],
  ])("refuses %s", (_, change, message) => {
    const weights = new Map(backbone);
    change(weights);
    expect(() => startFrom(network, weights)).toThrow(message);
  });
});
