import { type Float32Tensor, float32Tensor, TensorFaceError } from "../../core/index.ts";
import { attribute, createGraphBuilder, type Graph, type GraphBuilder } from "../../graph/index.ts";
import { differentiate, spellOutNorms } from "../../graph/gradients/index.ts";
import { type LossTerm, lowerLoss, targetShape } from "./losses.ts";
import { checkBatchSize, lowerNetwork, type Network, type NetworkDefinition } from "../network/network.ts";
import { type OptimiserDefinition, optimiserRule } from "./optimisers.ts";
import type { Feature, StatisticRequest } from "../network/lowering.ts";

/** How a step's graph is written. */
export interface StepGraphOptions {
  /** Pictures in a step. */
  readonly batchSize: number;
  /** Largest global norm of a gradient. @default no limit */
  readonly clipNorm?: number | undefined;
  /** Share that the moving averages keep in a step, 0 to below 1. @default there are none */
  readonly averageDecay?: number | undefined;
  /** Batch norms as means, products and sums: see {@link spellOutNorms}. @default false */
  readonly spelledNorms?: boolean | undefined;
  /** Channels that stand together in the engine's blocked layout. @default it has none */
  readonly block?: number | undefined;
}

/** A random input of the graph: 0 with probability `rate`, else `1 / (1 - rate)`. */
export interface DropoutMask {
  readonly input: string;
  readonly shape: readonly number[];
  readonly rate: number;
}

/** One training step as one graph. State `NAME` is read from input `NAME` and written to output `next/NAME`. */
export interface StepGraph {
  readonly graph: Graph;
  readonly state: ReadonlyMap<string, Float32Tensor>;
  readonly masks: readonly DropoutMask[];
}

/** Names of the graph's inputs and outputs that are no state. */
export const stepNames = {
  input: "input",
  learningRate: "learningRate",
  target: (loss: string): string => `target/${loss}`,
  weight: (loss: string): string => `weight/${loss}`,
  next: (state: string): string => `next/${state}`,
  loss: "loss",
  term: (loss: string): string => `loss/${loss}`,
  gradientNorm: "gradientNorm",
  logits: (head: string): string => `logits/${head}`,
} as const;

/** A network that a step changes: layers as data, or a graph that somebody wrote. */
export type StepNetwork = Network | WrittenNetwork;

/** A network that is a graph already, of which some constants are learnt. */
export interface WrittenNetwork extends Pick<Network, "parameters" | "statistics" | "outputs"> {
  /** The forward pass for a batch: the input `input` and, by {@link parameterState}, one for each parameter; logits by the head's name. */
  readonly forward: (batchSize: number) => { readonly graph: Graph; readonly logits: ReadonlyMap<string, string> };
}

/**
 * Builds forward pass, losses, gradients, clipping, optimiser, moving averages and statistics as one graph.
 * @throws {TF_INVALID_ARGUMENT} when a loss names a head that is not there
 * @throws {TF_CONFIG_INVALID} when a batch leaves a batch norm one number a channel
 */
export function buildStepGraph(
  network: StepNetwork,
  losses: readonly LossTerm[],
  optimiser: OptimiserDefinition,
  options: StepGraphOptions,
): StepGraph {
  const forward = buildForward(network, losses, options.batchSize);
  const names = network.parameters.map(({ name }) => parameterState(name));
  const whole = options.spelledNorms === true ? spellOutNorms(forward.graph) : forward.graph;
  const { graph, gradients } = differentiate(whole, stepNames.loss, names, { block: options.block });
  const state = new Map<string, Float32Tensor>();
  const writer: StateWriter = {
    builder: createGraphBuilder("step", graph),
    state,
    write: (name, initial, value) => {
      state.set(name, initial);
      return writer.builder.output(value, initial.shape, { name: stepNames.next(name) });
    },
  };
  writeUpdates(network, { gradients, statistics: forward.statistics }, optimiser, options, writer);
  return { graph: writer.builder.build(), state, masks: forward.masks };
}

/** Parameters and statistics are inputs of the forward graph under the names of their states. */
export const parameterState = (name: string): string => `parameter/${name}`;
const statisticState = (name: string): string => `statistic/${name}`;
const averageState = (name: string): string => `average/${name}`;

interface BatchStatistic {
  readonly request: StatisticRequest;
  readonly value: string;
  readonly pixels: number;
}

interface Forward {
  readonly graph: Graph;
  readonly statistics: readonly BatchStatistic[];
  readonly masks: readonly DropoutMask[];
}

/** Fills of scratch constants go down from here; no other constant of a network is such a number. */
const firstScratch = -1000;

function buildForward(network: StepNetwork, losses: readonly LossTerm[], batchSize: number): Forward {
  const written = "forward" in network ? readForward(network, batchSize) : lowerForward(network, batchSize);
  const { outputs } = written;
  const builder = createGraphBuilder("forward", written.graph);
  for (const [name, { value, shape }] of outputs) builder.output(value, [batchSize, ...shape], { name: stepNames.logits(name) });
  const terms = losses.map((term) => {
    const logits = outputs.get(term.head);
    if (logits === undefined) {
      throw new TensorFaceError(
        "TF_INVALID_ARGUMENT",
        `loss "${term.name}" reads head "${term.head}"; the heads are ${[...outputs.keys()].join(", ")}`,
      );
    }
    return lowerTerm(term, { logits: logits.value, classes: logits.shape[0]!, batchSize }, builder);
  });
  if (terms.length === 0) throw new TensorFaceError("TF_INVALID_ARGUMENT", "training needs one loss or more");
  builder.output(
    terms.reduce((left, right) => builder.op("Add", [left, right])),
    [],
    { name: stepNames.loss },
  );
  return { ...written, graph: builder.build() };
}

/** A forward pass without outputs, and where its logits stand. */
interface Written extends Forward {
  readonly outputs: ReadonlyMap<string, Feature>;
}

function readForward({ forward, outputs }: WrittenNetwork, batchSize: number): Written {
  const { graph, logits } = forward(batchSize);
  const features = [...logits].map(([name, value]) => [name, { value, shape: [outputs[name]!] }] as const);
  return { graph: { ...graph, outputs: [] }, outputs: new Map(features), statistics: [], masks: [] };
}

function lowerForward(network: Network, batchSize: number): Written {
  checkBatchSize(network, batchSize);
  const builder = createGraphBuilder("forward");
  const statistics: BatchStatistic[] = [];
  const masks: DropoutMask[] = [];
  let scratches = 0;
  const outputs = lowerNetwork(network.definition, lowerInput(network.definition, batchSize, builder), {
    builder,
    parameter: ({ name, shape }) => builder.input(parameterState(name), shape),
    mode: {
      kind: "training",
      statistic: (request, value, pixels) => statistics.push({ request, value, pixels: pixels * batchSize }),
      mask: (name, shape, rate) => {
        const mask = { input: `mask/${name}`, shape: [batchSize, ...shape], rate };
        masks.push(mask);
        return builder.input(mask.input, mask.shape);
      },
      scratch: (channels) => builder.constant(float32Tensor([channels], new Float32Array(channels).fill(firstScratch - scratches++))),
    },
    count: () => undefined,
  });
  return { graph: builder.build(), outputs, statistics, masks };
}

/** Pictures come as bytes, a quarter of the memory; the graph makes them numbers around 0. */
function lowerInput({ input }: NetworkDefinition, batchSize: number, builder: GraphBuilder): string {
  if (input.kind === "features") return builder.input(stepNames.input, [batchSize, input.size]);
  const { channels, height, width, mean, standardDeviation } = input;
  const bytes = builder.input(stepNames.input, [batchSize, channels, height, width], "uint8");
  const perChannel = (values: readonly number[]): string =>
    builder.constant({ type: "float32", shape: [1, channels, 1, 1], data: Float32Array.from(values) }, "normalisation");
  const pixels = builder.op("Cast", [bytes], { to: attribute.int(1) });
  return builder.op("Mul", [builder.op("Sub", [pixels, perChannel(mean)]), perChannel(standardDeviation.map((value) => 1 / value))]);
}

/** Writes a term with its weights; gives its share of the objective and puts out its mean over the weights. */
function lowerTerm(
  term: LossTerm,
  { logits, classes, batchSize }: { readonly logits: string; readonly classes: number; readonly batchSize: number },
  builder: GraphBuilder,
): string {
  const { op, scalar, integers } = builder;
  const target = builder.input(stepNames.target(term.name), targetShape(term, batchSize, classes));
  const weights = builder.input(stepNames.weight(term.name), [batchSize]);
  const total = (value: string): string => op("ReduceSum", [value, integers([0])], { keepdims: attribute.int(0) });
  const sum = total(op("Mul", [lowerLoss(term, { logits, target, classes }, builder), weights]));
  builder.output(op("Div", [sum, total(weights)]), [], { name: stepNames.term(term.name) });
  return op("Mul", [sum, scalar((term.scale ?? 1) / batchSize)]);
}

interface StateWriter {
  readonly builder: GraphBuilder;
  readonly state: ReadonlyMap<string, Float32Tensor>;
  /** Puts out the next value of a state that starts as `initial`; gives the output's name, to be read on without a copy. */
  write(name: string, initial: Float32Tensor, value: string): string;
}

function writeUpdates(
  network: StepNetwork,
  { gradients, statistics }: { readonly gradients: ReadonlyMap<string, string>; readonly statistics: readonly BatchStatistic[] },
  optimiser: OptimiserDefinition,
  options: StepGraphOptions,
  writer: StateWriter,
): void {
  const { builder } = writer;
  const learningRate = builder.input(stepNames.learningRate, []);
  const before = builder.input("step", []);
  const step = builder.op("Add", [before, builder.scalar(1)]);
  writer.write("step", float32Tensor([]), step);
  const clip = clipFactor([...gradients.values()], options.clipNorm, builder);
  const rule = optimiserRule(optimiser, { learningRate, step, clip }, builder);
  const average = createAverage(options.averageDecay, before, writer);

  for (const { name, initial, decayed } of network.parameters) {
    const parameter = parameterState(name);
    const slotNames = rule.slots.map((slot) => `optimiser/${slot}/${name}`);
    const next = rule.update({
      parameter,
      gradient: gradients.get(parameter)!,
      slots: slotNames.map((slot) => builder.input(slot, initial.shape)),
      decayed,
    });
    const written = writer.write(parameter, initial, next.parameter);
    for (const [index, slot] of slotNames.entries()) writer.write(slot, float32Tensor(initial.shape), next.slots[index]!);
    average(name, initial, written);
  }
  for (const { request, value, pixels } of statistics) {
    const { name, initial } = network.statistics.find((statistic) => statistic.name === request.name)!;
    const next = runningStatistic(request, value, pixels, builder);
    average(name, initial, writer.write(statisticState(name), initial, next));
  }
}

/** `m running + (1 - m) batch`; the variance is the unbiased one. */
function runningStatistic(
  { name, kind, channels, momentum }: StatisticRequest,
  value: string,
  pixels: number,
  builder: GraphBuilder,
): string {
  const { op, scalar } = builder;
  const running = builder.input(statisticState(name), [channels]);
  const unbiased = kind === "variance" ? pixels / Math.max(1, pixels - 1) : 1;
  return op("Add", [op("Mul", [running, scalar(momentum)]), op("Mul", [value, scalar((1 - momentum) * unbiased)])]);
}

/** Puts out the global norm of the gradients; gives the factor that clips it, or undefined without a limit. */
function clipFactor(gradients: readonly string[], limit: number | undefined, builder: GraphBuilder): string | undefined {
  const { op, scalar } = builder;
  const squares = gradients.map((gradient) => op("ReduceSumSquare", [gradient], { keepdims: attribute.int(0) }));
  const norm = op("Sqrt", [op("Sum", squares)]);
  builder.output(norm, [], { name: stepNames.gradientNorm });
  if (limit === undefined) return undefined;
  // The small number keeps a gradient of zeros from dividing by zero.
  return op("Min", [scalar(1), op("Div", [scalar(limit), op("Add", [norm, scalar(1e-12)])])]);
}

type Average = (name: string, initial: Float32Tensor, next: string) => void;

/** Moving averages of parameters and statistics; early steps forget faster, so that the start is forgotten too. */
function createAverage(decay: number | undefined, before: string, writer: StateWriter): Average {
  if (decay === undefined) return () => undefined;
  const { op, scalar, input } = writer.builder;
  const early = op("Div", [op("Add", [before, scalar(1)]), op("Add", [before, scalar(10)])]);
  const share = op("Sub", [scalar(1), op("Min", [scalar(decay), early])]);
  return (name, initial, next) => {
    const average = input(averageState(name), initial.shape);
    const moved = op("Add", [average, op("Mul", [op("Sub", [next, average]), share])]);
    writer.write(averageState(name), initial, moved);
  };
}
