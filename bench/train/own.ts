import { readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { z } from "zod";
import { createRandom, float32Tensor } from "../../src/core/index.ts";
import { createNodeRuntime } from "../../src/runtime/runtime.node.ts";
import { createNetwork, type Network } from "../../src/train/network.ts";
import { createTrainingStep, type TrainingBatch, type TrainingStep } from "../../src/train/step.ts";
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

function createStep(net: Network, threads: number, profile?: string): Promise<TrainingStep> {
  const losses = [{ kind: "crossEntropy", name: "mood", head: "mood" }] as const;
  const options = { batchSize, clipNorm: 5, averageDecay: 0.998, threads, profile };
  return createTrainingStep(createNodeRuntime(), net, losses, { kind: "adamw" }, options);
}

async function run(step: TrainingStep, count: number): Promise<object> {
  const before = process.cpuUsage();
  const start = performance.now();
  let loss = 0;
  for (let index = 0; index < count; index++) ({ loss } = await step.run(batch, { learningRate: 1e-3 }));
  const { user, system } = process.cpuUsage(before);
  return { seconds: (performance.now() - start) / 1000, cpuSeconds: (user + system) / 1e6, loss };
}

const eventsSchema = z.array(
  z.looseObject({
    cat: z.string(),
    name: z.string(),
    dur: z.number().default(0),
    args: z.looseObject({ op_name: z.string().optional() }).default({}),
  }),
);

/** Time of each kind of operation, milliseconds a step, from the engine's own profiler. The first step is left out by weight: it is one of many. */
async function profile(threads: number, count: number): Promise<object> {
  const prefix = join(tmpdir(), `tensorface-profile-${process.pid}`);
  const step = await createStep(network, threads, prefix);
  await run(step, count);
  await step.dispose();
  const files = (await readdir(tmpdir())).filter((name) => name.startsWith(`tensorface-profile-${process.pid}`));
  const operations: Record<string, number> = {};
  for (const file of files) {
    const events = eventsSchema.parse(JSON.parse(await readFile(join(tmpdir(), file), "utf8")));
    for (const { cat, name, dur, args } of events) {
      if (cat !== "Node" || !name.endsWith("_kernel_time") || args.op_name === undefined) continue;
      operations[args.op_name] = (operations[args.op_name] ?? 0) + dur / 1000 / count;
    }
    await rm(join(tmpdir(), file));
  }
  return { operations };
}

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const threads = Number((await lines.next()).value);
const step = await createStep(network, threads);
const { versions } = process;
console.log(
  JSON.stringify({
    version: `${createNodeRuntime().version}, Node ${versions.node}`,
    threads,
    parameters: network.parameterCount,
    multiplyAccumulates: network.multiplyAccumulates,
  }),
);
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
