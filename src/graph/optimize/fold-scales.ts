import type { Float32Tensor, Tensor } from "../../core/index.ts";
import type { Graph, GraphNode } from "../model.ts";
import { countUses } from "./uses.ts";

/** A convolution or matrix product `y = x w + b` whose output channels were multiplied or shifted afterwards. */
interface Weighted {
  readonly node: GraphNode;
  readonly weights: Float32Tensor;
  readonly bias: Float32Array | undefined;
  readonly channels: number;
}

/**
 * Moves factors and shifts of channels that follow a convolution (or a Gemm) into its weights and bias: what batch normalization
 * becomes in a frozen network. `(x w + b) s + t = x (w s) + (b s + t)`.
 */
export function foldScales(graph: Graph): Graph {
  const uses = countUses(graph);
  const nodes: GraphNode[] = [];
  const initializers = new Map(graph.initializers);
  const weighted = new Map<string, Weighted>();
  for (const node of graph.nodes) {
    const step = channelStep(node, weighted, initializers);
    const before = step && uses.get(step.source) === 1 ? weighted.get(step.source) : undefined;
    const own = before === undefined || step === undefined ? readWeighted(node, initializers) : applyStep(before, step, node.outputs[0]!);
    if (own === undefined) {
      nodes.push(node);
      continue;
    }
    if (before !== undefined) nodes.splice(nodes.lastIndexOf(before.node), 1);
    const written = before === undefined ? own : writeWeighted(own, initializers);
    nodes.push(written.node);
    weighted.set(written.node.outputs[0]!, written);
  }
  return { ...graph, nodes, initializers };
}

function readWeighted(node: GraphNode, constants: ReadonlyMap<string, Tensor>): Weighted | undefined {
  const isGemm = node.op === "Gemm" && node.attributes["alpha"] === undefined && node.attributes["beta"] === undefined;
  if (node.op !== "Conv" && !isGemm) return undefined;
  const weights = constants.get(node.inputs[1] ?? "");
  const biasName = node.inputs[2] ?? "";
  const bias = constants.get(biasName);
  if (weights?.type !== "float32" || (biasName !== "" && bias?.type !== "float32")) return undefined;
  const channels = weights.shape[channelAxis(node)]!;
  const biasData = bias?.type === "float32" ? bias.data : undefined;
  return biasData === undefined || biasData.length === channels ? { node, weights, bias: biasData, channels } : undefined;
}

function channelAxis(node: GraphNode): number {
  if (node.op === "Conv") return 0;
  const transposed = node.attributes["transB"];
  return transposed?.kind === "int" && transposed.value === 1 ? 0 : 1;
}

/** Multiply each channel of `source` by `factors`, then add `shifts`. */
interface ChannelStep {
  readonly source: string;
  readonly factors: ArrayLike<number> | undefined;
  readonly shifts: ArrayLike<number> | undefined;
}

function channelStep(
  node: GraphNode,
  weighted: ReadonlyMap<string, Weighted>,
  constants: ReadonlyMap<string, Tensor>,
): ChannelStep | undefined {
  const [a = "", b = ""] = node.inputs;
  const isSwapped = weighted.has(b) && (node.op === "Add" || node.op === "Mul");
  const source = isSwapped ? b : a;
  const target = weighted.get(source);
  const constant = constants.get(isSwapped ? a : b);
  const values = target && constant && perChannel(constant, target);
  if (values === undefined) return undefined;
  switch (node.op) {
    case "Add":
      return { source, factors: undefined, shifts: values };
    case "Sub":
      return { source, factors: undefined, shifts: values.map((value) => -value) };
    case "Mul":
      return { source, factors: values, shifts: undefined };
    case "Div":
      return { source, factors: values.map((value) => 1 / value), shifts: undefined };
    default:
      return undefined;
  }
}

/** The constant as one number a channel, or undefined where it varies along other axes, or gives the result more axes. */
function perChannel(constant: Tensor, { node, weights, channels }: Weighted): Float64Array | undefined {
  // A convolution's result has as many axes as its weights: `[N, channels]`, and those that it moves along.
  const rank = node.op === "Conv" ? weights.shape.length : 2;
  if (constant.type !== "float32" || constant.shape.length > rank) return undefined;
  if (constant.data.length === 1) return new Float64Array(channels).fill(constant.data[0]!);
  const axis = constant.shape.length - (rank - 1);
  const fits = constant.data.length === channels && constant.shape[axis] === channels;
  return fits ? Float64Array.from(constant.data) : undefined;
}

function applyStep({ node, weights, bias, channels }: Weighted, { factors, shifts }: ChannelStep, output: string): Weighted {
  const axis = channelAxis(node);
  const inner = weights.shape.slice(axis + 1).reduce((product, size) => product * size, 1);
  const data =
    factors === undefined ? weights.data : weights.data.map((value, index) => value * factors[Math.floor(index / inner) % channels]!);
  const folded = Float32Array.from(
    { length: channels },
    (_, channel) => (bias?.[channel] ?? 0) * (factors?.[channel] ?? 1) + (shifts?.[channel] ?? 0),
  );
  const hasBias = bias !== undefined || shifts !== undefined;
  return { node: { ...node, outputs: [output] }, weights: { ...weights, data }, bias: hasBias ? folded : undefined, channels };
}

/** Keeps the folded numbers under new names: other nodes may read the old ones. */
function writeWeighted(own: Weighted, initializers: Map<string, Tensor>): Weighted {
  const stem = own.node.outputs[0]!;
  const names = { weights: `${stem}/folded weights`, bias: `${stem}/folded bias` };
  initializers.set(names.weights, own.weights);
  if (own.bias !== undefined) initializers.set(names.bias, { type: "float32", shape: [own.channels], data: own.bias });
  const [input = ""] = own.node.inputs;
  const inputs = own.bias === undefined ? [input, names.weights] : [input, names.weights, names.bias];
  return { ...own, node: { ...own.node, inputs } };
}
