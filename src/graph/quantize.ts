import { type Float32Tensor, type Tensor, TensorFaceError } from "../core/index.ts";
import { attribute } from "./attributes.ts";
import { createGraphBuilder, type GraphBuilder } from "./builder.ts";
import type { Graph, GraphNode } from "./model.ts";

/**
 * Post-training quantisation of convolutional networks to 8 bits (Jacob et al., CVPR 2018; Krishnamoorthi, 2018): pictures between
 * layers as uint8 with one scale each, weights as int8 with a scale an output channel, biases as int32. Written as pairs of
 * QuantizeLinear and DequantizeLinear, which engines fuse into integer convolutions.
 */

/** Smallest and largest value that calibration saw. */
export interface ValueRange {
  readonly low: number;
  readonly high: number;
}

/** What an 8-bit number stands for: `scale (number - zeroPoint)`. */
interface Quantization {
  readonly scale: number;
  readonly zeroPoint: number;
}

/**
 * 7 bits: older processors add two products of 8 by 8 bits in 16, which overflows with all 8 (ONNX Runtime calls it reduce_range).
 */
const largestWeight = 63;
const largestActivation = 255;
/** Leaves half of 32 bits' range for the sum of products that the bias is added to. */
const largestBias = 2 ** 30;

/** The values that are quantised: whatever goes into a convolution or a residual sum, or comes out of one. */
export function quantizedValues(graph: Graph): string[] {
  const consumers = Map.groupBy(
    graph.nodes.flatMap((node) => node.inputs.map((input) => ({ input, node }))),
    ({ input }) => input,
  );
  const found = new Set<string>();
  for (const node of graph.nodes.filter(isQuantized)) {
    for (const input of activations(node, graph)) found.add(input);
    const [output] = node.outputs;
    const readers = consumers.get(output!)?.map((use) => use.node) ?? [];
    // A Relu right behind is part of the sum's or convolution's rounding: numbers below 0 have no code.
    const isFused = readers.length === 1 && readers[0]!.op === "Relu";
    found.add(isFused ? readers[0]!.outputs[0]! : output!);
  }
  return [...found];
}

function isQuantized(node: GraphNode): boolean {
  return node.op === "Conv" || node.op === "Add";
}

/** The inputs of a node that are no constants. */
function activations(node: GraphNode, { initializers }: Graph): readonly string[] {
  return node.inputs.filter((input) => input !== "" && !initializers.has(input));
}

/**
 * The same network with 8-bit convolutions and residual sums.
 * @param ranges of every one of {@link quantizedValues}
 * @throws {TF_GRAPH_INVALID} when a range is missing
 */
export function quantizeGraph(graph: Graph, ranges: ReadonlyMap<string, ValueRange>): Graph {
  const builder = createGraphBuilder(graph.name, { ...graph, inputs: [], outputs: [], nodes: [], initializers: new Map() });
  const codes = new Map(quantizedValues(graph).map((value) => [value, activationCode(value, ranges)] as const));
  /** What a value is called in the new graph: what its code says, where it has one. */
  const current = new Map<string, string>();
  const pass = (value: string): void => {
    const code = codes.get(value);
    if (code !== undefined) current.set(value, roundToCode(value, code, builder));
  };
  for (const { name, shape, type } of graph.inputs) pass(builder.input(name, shape, type));
  const converted = convolutionConstants(graph);
  for (const [name, tensor] of graph.initializers) if (!converted.has(name)) builder.constant(tensor, name);
  for (const node of graph.nodes) {
    const inputs = node.inputs.map((input) => current.get(input) ?? input);
    const isConvolution = node.op === "Conv" && converted.has(node.inputs[1]!);
    const constants = isConvolution ? quantizedConstants(node, graph, codes.get(node.inputs[0]!)!, builder) : inputs.slice(1);
    builder.node({ ...withoutGaps(node), inputs: isConvolution ? [inputs[0]!, ...constants] : inputs });
    for (const output of node.outputs) pass(output);
  }
  for (const { name, shape, type } of graph.outputs) builder.output(name, shape, type === "float32" ? {} : { type });
  return builder.build();
}

/**
 * ONNX Runtime makes a QLinearAveragePool of a pool between 8-bit values and hands it all attributes, of which that one does not know
 * `dilations`: the session is refused. Gaps of 1 are what is meant without it.
 */
function withoutGaps(node: GraphNode): GraphNode {
  const { dilations, ...attributes } = node.attributes;
  const isPlain = dilations?.kind === "ints" && dilations.value.every((gap) => gap === 1);
  return node.op === "AveragePool" && isPlain ? { ...node, attributes } : node;
}

function activationCode(value: string, ranges: ReadonlyMap<string, ValueRange>): Quantization {
  const range = ranges.get(value);
  if (range === undefined) throw new TensorFaceError("TF_GRAPH_INVALID", `calibration has no range of "${value}"`);
  // 0 has a code of its own, or the zeros that convolutions pad with would not be zero.
  const [low, high] = [Math.min(0, range.low), Math.max(0, range.high)];
  const scale = Math.fround((high - low) / largestActivation) || 1;
  return { scale, zeroPoint: Math.round(-low / scale) };
}

function roundToCode(value: string, { scale, zeroPoint }: Quantization, builder: GraphBuilder): string {
  const constants = [
    builder.constant({ type: "float32", shape: [], data: Float32Array.of(scale) }, `${value}.scale`),
    builder.constant({ type: "uint8", shape: [], data: Uint8Array.of(zeroPoint) }, `${value}.zero`),
  ];
  const code = builder.op("QuantizeLinear", [value, ...constants], {}, { name: `${value}.code` });
  return builder.op("DequantizeLinear", [code, ...constants], {}, { name: `${value}.rounded` });
}

/** The weights and biases of convolutions, which are stored as integers. */
function convolutionConstants({ nodes, initializers }: Graph): ReadonlySet<string> {
  const names = nodes.filter(({ op }) => op === "Conv").flatMap(({ inputs }) => inputs.slice(1));
  return new Set(names.filter((name) => initializers.get(name)?.type === "float32"));
}

function quantizedConstants(node: GraphNode, graph: Graph, input: Quantization, builder: GraphBuilder): string[] {
  const [, weightName, biasName] = node.inputs;
  const weight = floats(graph, weightName!);
  const bias = biasName === undefined ? undefined : floats(graph, biasName).data;
  const channels = weight.shape[0]!;
  const size = weight.data.length / channels;
  const scales = Float32Array.from({ length: channels }, (_, channel) => {
    const row = weight.data.subarray(channel * size, (channel + 1) * size);
    const scale = row.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0) / largestWeight;
    // Weights that decayed to nothing leave their bias, which must have a code.
    return Math.max(scale, Math.abs(bias?.[channel] ?? 0) / (input.scale * largestBias)) || 1;
  });
  const codes = Int8Array.from(weight.data, (value, index) => Math.round(value / scales[Math.floor(index / size)]!));
  const weights = integers(weightName!, { type: "int8", shape: weight.shape, data: codes }, scales, builder);
  if (biasName === undefined || bias === undefined) return [weights];
  const biasScales = scales.map((scale) => scale * input.scale);
  const biasCodes = Int32Array.from(bias, (value, channel) => Math.round(value / biasScales[channel]!));
  return [weights, integers(biasName, { type: "int32", shape: [channels], data: biasCodes }, biasScales, builder)];
}

/** A constant that is `scale` times integers, one scale for each index of its first axis. */
function integers(name: string, tensor: Extract<Tensor, { type: "int8" | "int32" }>, scales: Float32Array, builder: GraphBuilder): string {
  const shape = [scales.length];
  const zeros: Tensor =
    tensor.type === "int8"
      ? { type: "int8", shape, data: new Int8Array(scales.length) }
      : { type: "int32", shape, data: new Int32Array(scales.length) };
  const inputs = [
    builder.constant(tensor, `${name}.codes`),
    builder.constant({ type: "float32", shape, data: scales }, `${name}.scales`),
    builder.constant(zeros, `${name}.zeros`),
  ];
  return builder.op("DequantizeLinear", inputs, { axis: attribute.int(0) }, { name });
}

function floats({ initializers }: Graph, name: string): Float32Tensor {
  const tensor = initializers.get(name);
  if (tensor?.type === "float32") return tensor;
  throw new TensorFaceError("TF_GRAPH_INVALID", `"${name}" is no float32 constant`);
}
