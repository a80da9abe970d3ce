import { type Float32Tensor, float32Tensor, type Tensor } from "../../core/index.ts";
import { attribute } from "../attributes.ts";
import type { Graph, GraphNode } from "../model.ts";

/** Pictures whose channels fill blocks of this many stay blocked in a pool too. */
const largestBlock = 16;
/** Operations that pass their first input's channels on. */
const keepsChannels: readonly string[] = ["Relu", "Clip", "Add", "MaxPool", "PRelu"];
/** `[batch, channels, height, width]`. */
const pictureRank = 4;
/** Operations whose result has as many sizes as their weights, as their first input, or as the larger one of two. */
const convolutions: readonly string[] = ["Conv", "ConvTranspose"];
const keepsRank: readonly string[] = [
  "Relu",
  "Clip",
  "PRelu",
  "LeakyRelu",
  "Elu",
  "Sigmoid",
  "HardSigmoid",
  "HardSwish",
  "Tanh",
  "Neg",
  "Identity",
  "Dropout",
  "Cast",
  "MaxPool",
  "AveragePool",
  "BatchNormalization",
  "InstanceNormalization",
  "Pad",
  "Resize",
  "Concat",
  "Slice",
  "Transpose",
  "DepthToSpace",
  "SpaceToDepth",
];
const broadcasts: readonly string[] = ["Add", "Sub", "Mul", "Div"];

/**
 * The same function in operations that engines have for blocked pictures. ONNX Runtime keeps what lies between convolutions in blocks of
 * 8 or 16 channels, as long as it meets nothing but Conv, Relu, Clip and sums of such pictures. At anything else it puts the picture back
 * in order, and in a network of residual sums all later sums then stay outside. So these become 1 x 1 convolutions:
 *
 * - `PRelu`, whose own kernel branches at every number: `a x + (1 - a) relu(x)`;
 * - `Pad` that appends empty channels;
 * - and behind a pool of channels that fill no block, one of ones brings the picture back into blocks.
 *
 * Outputs differ by rounding only.
 */
export function blockPictures(graph: Graph): Graph {
  const initializers = new Map(graph.initializers);
  const makers = new Map(graph.nodes.map((node) => [node.outputs[0]!, node] as const));
  const ranks = ranksOf(graph);
  const summed = new Set(graph.nodes.flatMap(({ op, inputs }) => (op === "Add" ? inputs : [])));
  const constant = (name: string, tensor: Tensor): string => {
    initializers.set(name, tensor);
    return name;
  };
  const nodes = graph.nodes.flatMap((node) => {
    const [input = ""] = node.inputs;
    const [output = ""] = node.outputs;
    if (node.op === "PRelu") {
      const slopes = channelSlopes(graph.initializers.get(node.inputs[1] ?? ""), ranks.get(input), () =>
        channelsOf(input, makers, graph.initializers),
      );
      return slopes === undefined ? [node] : rectify(node, slopes, constant);
    }
    const channels = channelsOf(input, makers, graph.initializers);
    if (channels === undefined) return [node];
    const added = node.op === "Pad" ? appendedChannels(node, graph.initializers) : 0;
    if (added > 0) return [convolve(input, constant(`${output}/weights`, wideningWeights(channels, added)), output, 1)];
    if (node.op !== "MaxPool" || channels % largestBlock === 0 || !summed.has(output)) return [node];
    const pooled = `${output}/pooled`;
    const ones = constant(`${output}/weights`, perChannel(new Float32Array(channels).fill(1)));
    return [{ ...node, outputs: [pooled] }, convolve(pooled, ones, output, channels)];
  });
  return { ...graph, nodes, initializers };
}

/** `a x + (1 - a) relu(x)`: the second product is fused with the sum. */
function rectify(node: GraphNode, slopes: Float32Array, constant: (name: string, tensor: Tensor) => string): GraphNode[] {
  const [input = ""] = node.inputs;
  const [output = ""] = node.outputs;
  const [positive, sloped, rest] = [`${output}/positive`, `${output}/sloped`, `${output}/rest`];
  const slope = constant(`${output}/slope`, perChannel(slopes));
  const complement = constant(`${output}/complement`, perChannel(slopes.map((a) => 1 - a)));
  return [
    { name: positive, op: "Relu", inputs: [input], outputs: [positive], attributes: {} },
    convolve(input, slope, sloped, slopes.length),
    convolve(positive, complement, rest, slopes.length),
    { name: node.name, op: "Add", inputs: [sloped, rest], outputs: [output], attributes: {} },
  ];
}

/**
 * One slope a channel of a picture, `[channels, 1, 1]`; else undefined. Of volumes these sizes are those of another axis, and a single slope,
 * as PyTorch's PReLU has by default, is one for each of the channels, as far as they can be counted.
 */
function channelSlopes(slope: Tensor | undefined, rank: number | undefined, channels: () => number | undefined): Float32Array | undefined {
  if (slope?.type !== "float32" || rank !== pictureRank) return undefined;
  const { shape, data } = slope;
  if (data.length === 1) {
    const count = channels();
    return count === undefined ? undefined : new Float32Array(count).fill(data[0]!);
  }
  const [height, width] = shape.slice(-2);
  return shape.length >= 3 && height === 1 && width === 1 && shape.at(-3) === data.length ? data : undefined;
}

/** How many sizes values have, as far as that can be told without knowing the sizes. */
function ranksOf({ inputs, initializers, nodes }: Graph): ReadonlyMap<string, number> {
  const ranks = new Map([...initializers].map(([name, { shape }]) => [name, shape.length]));
  for (const { name, shape, isShapeUnknown } of inputs) if (isShapeUnknown !== true) ranks.set(name, shape.length);
  for (const { op, inputs: from, outputs } of nodes) {
    const [first, second] = from.map((name) => ranks.get(name));
    const rank = convolutions.includes(op)
      ? second
      : keepsRank.includes(op)
        ? first
        : broadcasts.includes(op)
          ? greater(first, second)
          : undefined;
    if (rank !== undefined) ranks.set(outputs[0]!, rank);
  }
  return ranks;
}

function greater(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? undefined : Math.max(a, b);
}

function convolve(input: string, weights: string, output: string, group: number): GraphNode {
  const attributes = { kernel_shape: attribute.ints([1, 1]), group: attribute.int(group) };
  return { name: `${output}/convolution`, op: "Conv", inputs: [input, weights], outputs: [output], attributes };
}

function perChannel(values: Float32Array): Float32Tensor {
  return float32Tensor([values.length, 1, 1, 1], values);
}

/** Passes every channel on and appends `added` that are 0. */
function wideningWeights(channels: number, added: number): Float32Tensor {
  const data = new Float32Array((channels + added) * channels);
  for (let channel = 0; channel < channels; channel++) data[channel * channels + channel] = 1;
  return float32Tensor([channels + added, channels, 1, 1], data);
}

/** Weights of a convolution that appends more would be larger than what they save. */
const mostAppended = 1024;

/** How many channels of zeros a Pad appends where it does nothing else; else 0. */
function appendedChannels(node: GraphNode, constants: ReadonlyMap<string, Tensor>): number {
  const mode = node.attributes["mode"];
  const pads = Array.from(constants.get(node.inputs[1] ?? "")?.data ?? [], Number);
  const fill = constants.get(node.inputs[2] ?? "");
  const isZero = (node.inputs[2] ?? "") === "" || Number(fill?.data[0]) === 0;
  const isPlain = (mode === undefined || (mode.kind === "string" && mode.value === "constant")) && node.inputs.length <= 3;
  // ONNX lists where each axis begins, then where it ends: [batch, channels, height, width].
  const onlyAppends = pads.length === 8 && pads.every((pad, index) => pad === 0 || index === 5);
  return isPlain && isZero && onlyAppends && pads[5]! <= mostAppended ? pads[5]! : 0;
}

/** The channels of a picture that comes from a convolution, undefined where that cannot be seen. */
function channelsOf(value: string, makers: ReadonlyMap<string, GraphNode>, constants: ReadonlyMap<string, Tensor>): number | undefined {
  let node = makers.get(value);
  while (node !== undefined && keepsChannels.includes(node.op)) node = makers.get(node.inputs[0]!);
  const weights = node?.op === "Conv" ? constants.get(node.inputs[1]!) : undefined;
  return weights?.shape.length === pictureRank ? weights.shape[0] : undefined;
}
