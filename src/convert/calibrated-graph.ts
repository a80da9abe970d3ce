import type { Float32Tensor } from "../core/index.ts";
import { attribute, createGraphBuilder, embedGraph, type Graph, type GraphBuilder, removeUnused } from "../graph/index.ts";
import type { HeadManifest, HeadOutput } from "../models/index.ts";

/** Names in the graph, as transformers.js wants them. */
export const pictureInput = "pixel_values";
export const logitsOutput = "logits";

/** Weights of red, green and blue in grey (ITU-R BT.601). */
const luma = [0.299, 0.587, 0.114] as const;
/** As the probabilities' floor in `classify`: keeps logarithms finite. */
const smallest = 1e-12;

/** An output of a head, and how many numbers the network gives of it: two classes may stand in one. */
export interface CalibratedOutput {
  readonly output: HeadOutput;
  readonly columns: number;
}

/**
 * A head's network as others take it: pictures in red, green and blue, `[N, 3, height, width]`, each channel as `(pixel - mean) /
 * standardDeviation` of the manifest ({@link scalingOf}), and logits `[N, labels]` whose softmax is the head's calibrated answer. What the
 * manifest asks for beside the network is in it: order of channels, activation, temperature, scaling, the mean over the mirror image.
 * @param output of classes, ordered groups or years
 */
export function calibratedGraph(network: Graph, manifest: HeadManifest, { output, columns }: CalibratedOutput): Graph {
  const { width, height, colour } = manifest.input;
  const empty = { name: "", inputs: [], outputs: [], nodes: [], initializers: new Map() };
  const builder = createGraphBuilder(manifest.id, { ...empty, opsets: network.opsets });
  const picture = builder.input(pictureInput, ["N", 3, height, width]);
  builder.unique(logitsOutput);
  const coloured = asColour(builder, picture, colour);
  const isAveraged = manifest.flipAveraging === true;
  const seen = isAveraged ? builder.op("Concat", [coloured, mirrored(builder, coloured)], { axis: attribute.int(0) }) : coloured;
  const raw = embedGraph(builder, network, seen)[network.outputs.findIndex(({ name }) => name === output.output)]!;
  const rows = builder.op("Reshape", [raw, builder.integers([-1, columns])]);
  const isPair = columns < output.labels.length;
  const logits = isPair
    ? calibratedLogits(builder, asPair(builder, rows, output), { ...output, activation: "softmax" })
    : calibratedLogits(builder, rows, output);
  const answer = isAveraged ? averagedLogits(builder, logits, output.labels.length) : logits;
  builder.output(answer, ["N", output.labels.length], { name: logitsOutput });
  return removeUnused(builder.build());
}

/** What is taken from each channel, and what it is divided by: red, green, blue, in units of 0..255. */
export function scalingOf({ colour, mean, standardDeviation }: HeadManifest["input"]): {
  readonly mean: number[];
  readonly standardDeviation: number[];
} {
  const each = (values: readonly number[]): number[] => {
    const channels = [0, 1, 2].map((channel) => values[channel] ?? values[0]!);
    return colour === "bgr" ? channels.toReversed() : channels;
  };
  return { mean: each(mean), standardDeviation: each(standardDeviation) };
}

function asColour(builder: GraphBuilder, picture: string, colour: HeadManifest["input"]["colour"]): string {
  if (colour === "rgb") return picture;
  if (colour === "bgr") return builder.op("Gather", [picture, builder.integers([2, 1, 0])], { axis: attribute.int(1) });
  return builder.op("Conv", [picture, builder.constant(tensor([1, 3, 1, 1], luma), "luma")]);
}

function mirrored(builder: GraphBuilder, picture: string): string {
  const [last, beforeFirst, columns, back] = [[-1], [-(2 ** 31)], [3], [-1]].map((list) => builder.integers(list));
  return builder.op("Slice", [picture, last!, beforeFirst!, columns!, back!]);
}

/** The calibration of the manifest, in the graph: the logarithms of what `classify` makes of the numbers, but for what all have in common. */
function calibratedLogits(builder: GraphBuilder, raw: string, output: HeadOutput): string {
  const { temperature, scaling } = output;
  if (scaling === undefined) return plainLogits(builder, raw, output, temperature);
  // With a factor for each class, what is added to all logits would matter: they are made logarithms of probabilities first.
  const logarithms = builder.op("LogSoftmax", [plainLogits(builder, raw, output, 1)], { axis: attribute.int(1) });
  const floored = builder.op("Max", [logarithms, builder.scalar(Math.log(smallest))]);
  const [scale, bias] = [scaling.scale, scaling.bias].map((values) => builder.constant(tensor([1, values.length], values), "scaling"));
  return divided(builder, builder.op("Add", [builder.op("Mul", [floored, scale!]), bias!]), temperature);
}

/** Numbers whose softmax is the answer without vector scaling. */
function plainLogits(builder: GraphBuilder, raw: string, { activation }: HeadOutput, temperature: number): string {
  if (activation === "softmax") return divided(builder, raw, temperature);
  if (activation === "none") return divided(builder, logarithm(builder, raw), temperature);
  return logarithm(builder, builder.op("Sigmoid", [divided(builder, raw, temperature)]));
}

/** One column tells the last of two labels: both as logits. */
function asPair(builder: GraphBuilder, raw: string, { activation }: HeadOutput): string {
  const rest = (): string => logarithm(builder, builder.op("Sub", [builder.scalar(1), raw]));
  const logit = activation === "none" ? builder.op("Sub", [logarithm(builder, raw), rest()]) : raw;
  return builder.op("Concat", [builder.op("Mul", [logit, builder.scalar(0)]), logit], { axis: attribute.int(1) });
}

function averagedLogits(builder: GraphBuilder, logits: string, columns: number): string {
  const probabilities = builder.op("Softmax", [logits], { axis: attribute.int(1) });
  const pairs = builder.op("Reshape", [probabilities, builder.integers([2, -1, columns])]);
  return logarithm(builder, builder.op("ReduceMean", [pairs, builder.integers([0])], { keepdims: attribute.int(0) }));
}

function logarithm(builder: GraphBuilder, value: string): string {
  return builder.op("Log", [builder.op("Max", [value, builder.scalar(smallest)])]);
}

function divided(builder: GraphBuilder, value: string, divisor: number): string {
  return divisor === 1 ? value : builder.op("Div", [value, builder.scalar(divisor)]);
}

function tensor(shape: readonly number[], data: ArrayLike<number>): Float32Tensor {
  return { type: "float32", shape, data: Float32Array.from(data) };
}
