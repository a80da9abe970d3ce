import { createRandom, float32Tensor } from "../../src/core/index.ts";
import type { InferenceRuntime } from "../../src/runtime/runtime.ts";
import type { LossTerm } from "../../src/train/step/losses.ts";
import { createNetwork, type PixelInput } from "../../src/train/network/network.ts";
import { residualNetwork } from "../../src/train/network/networks.ts";
import { createTrainingStep, type TrainingBatch } from "../../src/train/step/step.ts";

/** What a few training steps left, in a form that crosses from a page to a test. */
export interface StepsAnswer {
  readonly losses: readonly number[];
  readonly gradientNorms: readonly number[];
  /** The first gradient of each parameter, times a constant: what AdamW's first moment holds after one step. */
  readonly gradients: Readonly<Record<string, readonly number[]>>;
  /** Weights for inference after the last step, by name. */
  readonly weights: Readonly<Record<string, readonly number[]>>;
}

const batchSize = 8;
const side = 12;
const classes = 5;
const input: PixelInput = {
  kind: "picture",
  channels: 3,
  height: side,
  width: side,
  mean: [120, 120, 120],
  standardDeviation: [60, 60, 60],
};
const losses: readonly LossTerm[] = [
  { kind: "crossEntropy", name: "votes", head: "mood", labelSmoothing: 0.1 },
  { kind: "mass", name: "group", head: "mood", scale: 0.5 },
];

/** Four steps of a small residual network with squeeze and excitation, dropout, clipping and a moving average. */
export async function takeSteps(runtime: InferenceRuntime, device: string): Promise<StepsAnswer> {
  const definition = residualNetwork({
    input,
    heads: { mood: classes },
    widths: [8, 16],
    squeezeExcite: 0.25,
    activation: "silu",
    dropout: 0.2,
  });
  const network = createNetwork(definition, { seed: 4 });
  const options = { batchSize, clipNorm: 2, averageDecay: 0.9, seed: 6, device };
  await using step = await createTrainingStep(runtime, network, losses, { kind: "adamw" }, options);
  const results: { readonly loss: number; readonly gradientNorm: number }[] = [];
  results.push(await step.run(drawBatch(0), { learningRate: 0.01 }));
  const gradients = [...step.state()].filter(([name]) => name.startsWith("optimiser/first/"));
  for (let count = 1; count < 4; count++) results.push(await step.run(drawBatch(count), { learningRate: 0.01 }));
  return {
    losses: results.map(({ loss }) => loss),
    gradientNorms: results.map(({ gradientNorm }) => gradientNorm),
    gradients: Object.fromEntries(gradients.map(([name, { data }]) => [name, [...data]])),
    weights: Object.fromEntries([...step.weights()].map(([name, { data }]) => [name, [...data]])),
  };
}

function drawBatch(seed: number): TrainingBatch {
  const random = createRandom(seed);
  const pixels = Uint8Array.from({ length: batchSize * 3 * side * side }, () => random.integer(256));
  const votes = Float32Array.from({ length: batchSize * classes }, (_, index) =>
    index % classes === (seed + Math.floor(index / classes)) % classes ? 1 : 0,
  );
  const group = votes.map((vote, index) => Math.max(vote, votes[(index + 1) % votes.length]!));
  // A label that is missing has weight 0.
  const weights = float32Tensor(
    [batchSize],
    Float32Array.from({ length: batchSize }, (_, index) => (index === 2 ? 0 : 1)),
  );
  return {
    input: { type: "uint8", shape: [batchSize, 3, side, side], data: pixels },
    targets: {
      votes: { values: float32Tensor([batchSize, classes], votes), weights },
      group: { values: float32Tensor([batchSize, classes], group), weights },
    },
  };
}
