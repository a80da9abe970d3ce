import { createRandom, float32Tensor } from "../../src/core/index.ts";
import { createNodeRuntime } from "../../src/runtime/runtime.node.ts";
import { batchNorm, dense } from "../../src/train/layers.ts";
import { createNetwork } from "../../src/train/network.ts";
import { createTrainingStep } from "../../src/train/step.ts";
import { type Spread, spread } from "../statistics.ts";

/** Training a head on frozen features, from the loading of the step to the last one. */
export interface HeadResult {
  readonly rows: number;
  readonly columns: number;
  readonly layers: string;
  readonly epochs: number;
  readonly steps: number;
  readonly batchSize: number;
  /** Seconds. */
  readonly time: Spread;
}

const rows = 20_000;
const columns = 1024;
const batchSize = 256;
const epochs = 20;
const classes = 7;

export async function measureHead(rounds = 3): Promise<HeadResult> {
  const random = createRandom(1);
  const features = Float32Array.from({ length: rows * columns }, () => random.uniform());
  const labels = Uint8Array.from({ length: rows }, () => random.integer(classes));
  const times: number[] = [];
  const steps = Math.floor(rows / batchSize) * epochs;
  for (let round = 0; round < rounds; round++) {
    const start = performance.now();
    await trainHead(features, labels, steps);
    times.push((performance.now() - start) / 1000);
  }
  return { rows, columns, layers: "a norm, 256 hidden units, dropout, 7 classes", epochs, steps, batchSize, time: spread(times) };
}

async function trainHead(features: Float32Array, labels: Uint8Array, steps: number): Promise<void> {
  const backbone = [batchNorm(), dense(256), { layer: "activation", function: "relu" }, { layer: "dropout", rate: 0.3 }] as const;
  const network = createNetwork({
    input: { kind: "features", size: columns },
    backbone,
    heads: [{ name: "mood", layers: [dense(classes)] }],
  });
  const losses = [{ kind: "crossEntropy", name: "mood", head: "mood" }] as const;
  await using step = await createTrainingStep(
    createNodeRuntime(),
    network,
    losses,
    { kind: "adamw" },
    { batchSize, clipNorm: 5, averageDecay: 0.99 },
  );
  const input = float32Tensor([batchSize, columns]);
  const weights = float32Tensor([batchSize], new Float32Array(batchSize).fill(1));
  for (let count = 0; count < steps; count++) {
    const values = float32Tensor([batchSize, classes]);
    for (let index = 0; index < batchSize; index++) {
      const row = (count * batchSize + index) % rows;
      input.data.set(features.subarray(row * columns, (row + 1) * columns), index * columns);
      values.data[index * classes + labels[row]!] = 1;
    }
    await step.run({ input, targets: { mood: { values, weights } } }, { learningRate: 1e-3 });
  }
}
