import { createRandom, float32Tensor, type Float32Tensor, shuffled } from "../core/index.ts";
import type { LinearParameters, PreparedExamples } from "../features/index.ts";
import type { InferenceRuntime } from "../runtime/index.ts";
import { createNetwork, type Layer, type Weights } from "../train/network/index.ts";
import { createTrainingStep, type TrainingState, type TrainingStep } from "../train/step/index.ts";
import type { HiddenLayerFitter, HiddenProblem } from "./head/hidden.ts";
import { outputCount, type Targets } from "./head/targets.ts";
import { batchTarget, headName, lossFor, numberScale, type NumberScale } from "./loss-targets.ts";

const units = 64;
const stops = [60, 150, 400] as const;
const batchSize = 128;
const learningRate = 5e-3;
/** Half of the units are missing in each step, so that none leans on one other; weights are an average over the last steps. */
const settings = { dropout: 0.5, weightDecay: 0.1, averageDecay: 0.97, clipNorm: 5 } as const;

interface Started {
  readonly step: TrainingStep;
  /** To which every fit goes back: all begin alike. */
  readonly beginning: TrainingState;
}

/** A {@link HiddenLayerFitter} on the training engine: one step graph for each width, used by all fits. */
export function createHiddenLayerFitter(
  runtime: InferenceRuntime,
  { seed }: { readonly seed: number },
): HiddenLayerFitter & AsyncDisposable {
  const started = new Map<string, Promise<Started>>();
  const stepFor = ({ width }: PreparedExamples, targets: Targets): Promise<Started> => {
    const key = `${width} ${targets.kind} ${outputCount(targets)}`;
    const known = started.get(key) ?? startStep(runtime, width, targets, seed);
    started.set(key, known);
    return known;
  };
  return {
    units,
    stops,
    async fit(problem, rows, steps) {
      const { step, beginning } = await stepFor(problem.examples, problem.targets);
      step.restore(beginning);
      const scale = numberScale(problem.targets, rows);
      const heads: LinearParameters[] = [];
      for (const batch of batches(rows, seed)) {
        await runStep(step, problem, batch, scale);
        if (stops.some((stop) => stop === step.count)) heads.push(readHead(step.weights(), outputCount(problem.targets), scale));
        if (step.count === steps) break;
      }
      return heads;
    },
    async [Symbol.asyncDispose]() {
      // One that could not be started has told so.
      for (const known of started.values()) await (await known.catch(() => undefined))?.step.dispose();
    },
  };
}

async function startStep(runtime: InferenceRuntime, width: number, targets: Targets, seed: number): Promise<Started> {
  const layers: readonly Layer[] = [
    { layer: "dense", features: units },
    { layer: "activation", function: "relu" },
    { layer: "dropout", rate: settings.dropout },
    { layer: "dense", features: outputCount(targets) },
  ];
  const network = createNetwork({ input: { kind: "features", size: width }, backbone: [], heads: [{ name: headName, layers }] }, { seed });
  const { weightDecay, clipNorm, averageDecay } = settings;
  const options = { batchSize, clipNorm, averageDecay, seed };
  const step = await createTrainingStep(runtime, network, [lossFor(targets)], { kind: "adamw", weightDecay }, options);
  return { step, beginning: step.state() };
}

/** Batches without end: all rows by chance, and again. */
function* batches(rows: Int32Array, seed: number): Generator<Int32Array> {
  for (let epoch = 1; ; epoch++) {
    const order = shuffled(Array.from(rows), createRandom(seed).fork(epoch));
    for (let start = 0; start < order.length; start += batchSize) yield Int32Array.from(order.slice(start, start + batchSize));
  }
}

async function runStep(step: TrainingStep, { examples, targets }: HiddenProblem, rows: Int32Array, scale: NumberScale): Promise<void> {
  const { width, coordinates } = examples;
  const input = float32Tensor([batchSize, width]);
  for (const [place, row] of rows.entries()) input.data.set(coordinates.subarray(row * width, (row + 1) * width), place * width);
  await step.run({ input, targets: { [headName]: batchTarget(targets, rows, batchSize, scale) } }, { learningRate });
}

function readHead(weights: Weights, outputs: number, { mean, deviation }: NumberScale): LinearParameters {
  const read = (name: string): Float32Tensor => weights.get(`head.${headName}.${name}`)!;
  const scaled = (name: string, added: number): Float64Array => Float64Array.from(read(name).data, (value) => value * deviation + added);
  return {
    outputs,
    weights: scaled("3.weight", 0),
    bias: scaled("3.bias", mean),
    hidden: { units, weights: Float64Array.from(read("0.weight").data), bias: Float64Array.from(read("0.bias").data) },
  };
}
