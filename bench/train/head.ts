import { createInterface } from "node:readline";
import { createRandom, type Float32Tensor, float32Tensor } from "../../src/core/index.ts";
import { createNodeRuntime } from "../../src/runtime/runtime.node.ts";
import { createNetwork } from "../../src/train/network/index.ts";
import { createTrainingStep, type TrainingStep } from "../../src/train/step/index.ts";
import { profileOperations } from "./profile.ts";
import { headWork } from "./reference.ts";

/**
 * Trains a head on features in memory, in a process of its own. The first line of standard input is the number of threads; every
 * later line asks for something, and is answered by one line of JSON: `train` (the step built, all epochs run), `memory`, `profile N`.
 */
const { rows, columns, classes, batchSize, epochs, definition } = headWork;
const stepsPerEpoch = Math.floor(rows / batchSize);

interface Samples {
  readonly features: Float32Array;
  readonly labels: Uint8Array;
}

/** Uniform numbers; the class is the largest of as many random projections, so that there is something to learn. */
function drawSamples(): Samples {
  const random = createRandom(1);
  const features = Float32Array.from({ length: rows * columns }, () => random.uniform());
  const directions = Array.from({ length: classes }, () => Float32Array.from({ length: columns }, () => random.normal()));
  const labels = Uint8Array.from({ length: rows }, (_, row) => {
    const scores = directions.map((direction) =>
      direction.reduce((sum, weight, column) => sum + weight * (features[row * columns + column]! - 0.5), 0),
    );
    return scores.indexOf(Math.max(...scores));
  });
  return { features, labels };
}

function createStep(threads: number, profile?: string): Promise<TrainingStep> {
  const network = createNetwork(definition, { seed: 1 });
  const losses = [{ kind: "crossEntropy", name: "mood", head: "mood" }] as const;
  const options = { batchSize, clipNorm: 5, averageDecay: 0.99, threads, profile };
  return createTrainingStep(createNodeRuntime(), network, losses, { kind: "adamw" }, options);
}

/** Gathers a batch as the training loop does, and takes a step. Returns the mean loss of the last `stepsPerEpoch` steps, or of all. */
async function takeSteps(step: TrainingStep, { features, labels }: Samples, count: number): Promise<number> {
  const weights = float32Tensor([batchSize], new Float32Array(batchSize).fill(1));
  const losses: number[] = [];
  for (let index = 0; index < count; index++) {
    const first = (index % stepsPerEpoch) * batchSize;
    const input = float32Tensor([batchSize, columns], features.slice(first * columns, (first + batchSize) * columns));
    const values = oneHot(labels.subarray(first, first + batchSize));
    const { loss } = await step.run({ input, targets: { mood: { values, weights } } }, { learningRate: 1e-3 });
    losses.push(loss);
  }
  const last = losses.slice(-stepsPerEpoch);
  return last.reduce((sum, loss) => sum + loss, 0) / last.length;
}

function oneHot(labels: Uint8Array): Float32Tensor {
  const tensor = float32Tensor([labels.length, classes]);
  for (const [index, label] of labels.entries()) tensor.data[index * classes + label] = 1;
  return tensor;
}

const samples = drawSamples();

async function trainHead(threads: number): Promise<object> {
  const start = performance.now();
  const before = process.cpuUsage();
  await using step = await createStep(threads);
  const loss = await takeSteps(step, samples, stepsPerEpoch * epochs);
  const { user, system } = process.cpuUsage(before);
  return { seconds: (performance.now() - start) / 1000, cpuSeconds: (user + system) / 1e6, loss };
}

async function profile(threads: number, count: number): Promise<object> {
  const operations = await profileOperations(async (prefix) => {
    await using step = await createStep(threads, prefix);
    await takeSteps(step, samples, count);
  });
  return { operations };
}

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const threads = Number((await lines.next()).value);
for (let line = await lines.next(); line.done !== true; line = await lines.next()) {
  const [name, count] = line.value.split(" ");
  const answer =
    name === "train"
      ? await trainHead(threads)
      : name === "profile"
        ? await profile(threads, Number(count))
        : { peakBytes: process.resourceUsage().maxRSS * 1024 };
  console.log(JSON.stringify(answer));
}
