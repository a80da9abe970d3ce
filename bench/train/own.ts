import { createInterface } from "node:readline";
import { createRandom, float32Tensor } from "../../src/core/index.ts";
import { createNodeRuntime } from "../../src/runtime/runtime.node.ts";
import { createNetwork } from "../../src/train/network/index.ts";
import { createTrainingStep, type TrainingBatch, type TrainingStep } from "../../src/train/step/index.ts";
import { profileOperations } from "./profile.ts";
import { reference } from "./reference.ts";

/**
 * TensorFace's side of the training benchmark, in a process of its own. The first line of standard input is the number of threads;
 * every later line asks for something, and is answered by one line of JSON: `run N`, `memory`, `profile N`.
 */
const { definition, batchSize, classes } = reference;
const network = createNetwork(definition, { seed: 1 });
const batch = drawBatch();

function drawBatch(): TrainingBatch {
  const random = createRandom(1);
  const pixels = Uint8Array.from({ length: batchSize * 3 * 64 * 64 }, () => random.integer(256));
  const values = Float32Array.from({ length: batchSize * classes }, (_, index) =>
    index % classes === Math.floor(index / classes) % classes ? 1 : 0,
  );
  const target = {
    values: float32Tensor([batchSize, classes], values),
    weights: float32Tensor([batchSize], new Float32Array(batchSize).fill(1)),
  };
  return { input: { type: "uint8", shape: [batchSize, 3, 64, 64], data: pixels }, targets: { mood: target } };
}

function createStep(threads: number, profile?: string): Promise<TrainingStep> {
  const losses = [{ kind: "crossEntropy", name: "mood", head: "mood" }] as const;
  const options = { batchSize, clipNorm: 5, averageDecay: 0.998, threads, profile };
  return createTrainingStep(createNodeRuntime(), network, losses, { kind: "adamw" }, options);
}

async function run(step: TrainingStep, count: number): Promise<object> {
  const before = process.cpuUsage();
  const start = performance.now();
  let loss = 0;
  for (let index = 0; index < count; index++) ({ loss } = await step.run(batch, { learningRate: 1e-3 }));
  const { user, system } = process.cpuUsage(before);
  return { seconds: (performance.now() - start) / 1000, cpuSeconds: (user + system) / 1e6, loss };
}

async function profile(threads: number, count: number): Promise<object> {
  const operations = await profileOperations(async (prefix) => {
    await using profiled = await createStep(threads, prefix);
    await run(profiled, count);
  });
  return { operations };
}

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const threads = Number((await lines.next()).value);
const step = await createStep(threads);
console.log(JSON.stringify({ version: `on ONNX Runtime ${createNodeRuntime().version}, Node ${process.versions.node}` }));
for (let line = await lines.next(); line.done !== true; line = await lines.next()) {
  const [name, count] = line.value.split(" ");
  const answer =
    name === "run"
      ? await run(step, Number(count))
      : name === "profile"
        ? await profile(threads, Number(count))
        : { peakBytes: process.resourceUsage().maxRSS * 1024 };
  console.log(JSON.stringify(answer));
}
await step.dispose();
