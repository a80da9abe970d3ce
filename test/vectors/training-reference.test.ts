import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { z } from "zod";
import { elementCount, float32Tensor, type Float32Tensor } from "../../src/core/index.ts";
import { createNodeRuntime } from "../../src/runtime/runtime.node.ts";
import {
  activation,
  batchNorm,
  conv,
  dense,
  globalPool,
  maxPool,
  residual,
  squeezeExcite,
} from "../../src/train/network/layers.ts";
import type { LossTerm } from "../../src/train/step/losses.ts";
import { createNetwork, type Network, type NetworkDefinition } from "../../src/train/network/network.ts";
import type { OptimiserDefinition } from "../../src/train/step/optimisers.ts";
import { createTrainingStep, type LossTarget, type TrainingBatch, type TrainingState } from "../../src/train/step/step.ts";

/** Three steps of a network that holds most layers and all losses, against PyTorch: `training-reference.py` wrote the numbers. */
const runSchema = z.object({
  steps: z.array(z.object({ loss: z.number(), losses: z.record(z.string(), z.number()), gradientNorm: z.number() })),
  parameters: z.array(z.array(z.number())),
  averages: z.array(z.array(z.number())),
  statistics: z.array(z.array(z.number())),
});
const reference = z
  .object({ sgd: runSchema, adamw: runSchema })
  .parse(JSON.parse(await readFile(new URL("training-reference.json", import.meta.url), "utf8")));

const [batchSize, size, classes] = [4, 8, 11];

const definition: NetworkDefinition = {
  input: { kind: "picture", channels: 3, height: size, width: size, mean: [120, 120, 120], standardDeviation: [60, 60, 60] },
  backbone: [
    conv(8),
    batchNorm(),
    activation("prelu"),
    residual([conv(16, { stride: 2 }), batchNorm(), activation("relu"), conv(16), batchNorm(), squeezeExcite(4)], {
      shortcut: [conv(16, { kernel: 1, stride: 2 }), batchNorm()],
      activation: "relu",
    }),
    conv(16, { groups: "depthwise" }),
    batchNorm(),
    activation("hardSwish"),
    maxPool(),
    conv(24, { kernel: 1, bias: true }),
    activation("silu"),
    globalPool(),
  ],
  heads: [
    { name: "age", layers: [dense(classes)] },
    { name: "gender", layers: [dense(1)] },
  ],
};

const losses: readonly LossTerm[] = [
  {
    kind: "crossEntropy",
    name: "age",
    head: "age",
    labelSmoothing: 0.1,
    classWeights: Array.from({ length: classes }, (_, k) => 0.5 + 0.1 * k),
  },
  { kind: "mass", name: "group", head: "age", scale: 0.5 },
  { kind: "expectation", name: "years", head: "age", scale: 0.1 },
  { kind: "crossEntropy", name: "teacher", head: "age", temperature: 2, scale: 0.25 },
  { kind: "binary", name: "gender", head: "gender" },
];

/** The numbers that both sides start from. */
function startingState(network: Network, state: TrainingState): TrainingState {
  const start = new Map(state);
  for (const [index, { name, initial }] of network.parameters.entries()) {
    const kind = name.split(".").at(-1)!;
    const values = Float32Array.from(initial.data, (_, i) => {
      const wave = Math.sin(0.7 * i + index);
      return { weight: 0.3 * wave, scale: 1 + 0.1 * wave, bias: 0.1 * wave, slope: 0.25 + 0.1 * wave }[kind]!;
    });
    for (const role of ["parameter", "average"]) start.set(`${role}/${name}`, float32Tensor(initial.shape, values));
  }
  return start;
}

function table(shape: readonly number[], value: (n: number, k: number) => number): Float32Tensor {
  const columns = shape[1] ?? 1;
  return float32Tensor(shape, Float32Array.from({ length: elementCount(shape) }, (_, i) => value(Math.floor(i / columns), i % columns)));
}

function batch(step: number): TrainingBatch {
  const data = Uint8Array.from({ length: batchSize * 3 * size * size }, (_, i) => (i * i * 7 + i * 31 + step * 101) % 256);
  const vote = (n: number, k: number): number => 1 + Math.sin(n + 2 * k + step);
  const votes = Array.from({ length: batchSize }, (_, n) => Array.from({ length: classes }, (_, k) => vote(n, k)).reduce((a, b) => a + b));
  const soft = table([batchSize, classes], (n, k) => vote(n, k) / votes[n]!);
  const low = (n: number): number => (3 * n + step) % 7;
  const target = (values: Float32Tensor, weights: readonly number[]): LossTarget => ({
    values,
    weights: float32Tensor([batchSize], Float32Array.from(weights)),
  });
  return {
    input: { type: "uint8", shape: [batchSize, 3, size, size], data },
    targets: {
      age: target(soft, [1, 0.5, 1, 0]),
      group: target(table([batchSize, classes], (n, k) => Number(k >= low(n) && k <= low(n) + 3)), [0, 1, 1, 2]),
      years: target(table([batchSize], (n) => (2.5 * n + step) % 10), [1, 1, 0, 1]),
      teacher: target(soft, [1, 1, 1, 1]),
      gender: target(table([batchSize, 1], (n) => (n + step) % 2), [1, 0, 1, 1]),
    },
  };
}

function expectClose(actual: Float32Array, expected: readonly number[], name: string): void {
  const worst = Math.max(...expected.map((value, index) => Math.abs(value - actual[index]!)));
  expect([name, actual.length]).toEqual([name, expected.length]);
  expect([name, worst < 2e-4 ? "close" : worst]).toEqual([name, "close"]);
}

test.each<[keyof typeof reference, OptimiserDefinition]>([
  ["sgd", { kind: "sgd", momentum: 0.9, weightDecay: 0.01 }],
  ["adamw", { kind: "adamw", weightDecay: 0.05 }],
])("three steps with %s equal PyTorch's", async (name, optimiser) => {
  const network = createNetwork(definition);
  await using step = await createTrainingStep(createNodeRuntime(), network, losses, optimiser, {
    batchSize,
    clipNorm: 1.5,
    averageDecay: 0.9,
  });
  step.restore(startingState(network, step.state()));
  for (const [index, expected] of reference[name].steps.entries()) {
    const result = await step.run(batch(index), { learningRate: 0.02 });
    expect(result.loss).toBeCloseTo(expected.loss, 3);
    expect(result.gradientNorm / expected.gradientNorm).toBeCloseTo(1, 3);
    const close = Object.entries(expected.losses).map(([loss, value]) => [loss, expect.closeTo(value, 3)] as const);
    expect(result.losses).toMatchObject(Object.fromEntries(close));
  }
  const state = step.state();
  for (const [index, parameter] of network.parameters.entries()) {
    expectClose(state.get(`parameter/${parameter.name}`)!.data, reference[name].parameters[index]!, parameter.name);
    expectClose(state.get(`average/${parameter.name}`)!.data, reference[name].averages[index]!, `average of ${parameter.name}`);
  }
  for (const [index, statistic] of network.statistics.entries()) {
    expectClose(state.get(`statistic/${statistic.name}`)!.data, reference[name].statistics[index]!, statistic.name);
  }
});
