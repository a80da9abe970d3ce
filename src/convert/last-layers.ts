import type { Graph, GraphNode } from "../graph/index.ts";

/** What stands between the features of a picture and the classes: layers that mix the numbers of one vector. */
const decidingOps = new Set(["Add", "Clip", "Gemm", "Identity", "MatMul", "Relu", "Sigmoid", "Softmax", "Tanh", "Elu"]);
/** What only writes down scores otherwise. */
const shapingOps = new Set(["Flatten", "Identity", "Reshape", "Squeeze"]);
/** What makes scores of maps of them: a convolution may be what decides, as in SqueezeNet and Keras' first MobileNet. */
const poolingOps = new Set(["GlobalAveragePool", "ReduceMean"]);
/** What makes probabilities, the engine's own operations on 8 bits among them. */
const probabilityOps = new Set(["QLinearSigmoid", "QLinearSoftmax", "Sigmoid", "Softmax"]);

/** ONNX's code of float32. Networks in half precision have casts at their ends, which are such here. */
const float32Code = 1;

/** The same numbers in another type, or nearly the same. */
function isRetyping({ op, attributes }: GraphNode): boolean {
  if (op === "QuantizeLinear" || op === "DequantizeLinear") return true;
  return op === "Cast" && attributes["to"]?.kind === "int" && attributes["to"].value === float32Code;
}

function isShaping(node: GraphNode): boolean {
  return shapingOps.has(node.op) || isRetyping(node);
}

/**
 * The value that the fully connected layers at a graph's end read, or the convolution whose maps become probabilities: the features that
 * the rest of the network makes of a picture. Undefined where the output does not come from such layers.
 */
export function featuresBefore(graph: Graph, output: string): string | undefined {
  return beforeConnected(graph, output) ?? beforeConvolution(graph, output);
}

/** Only where probabilities are made: a network without last layers may end in a convolution and a mean as well. */
function beforeConvolution(graph: Graph, output: string): string | undefined {
  const makers = makersOf(graph);
  const isPassed = (node: GraphNode): boolean => poolingOps.has(node.op) || probabilityOps.has(node.op) || isShaping(node);
  let isDeciding = false;
  let node = makers.get(output);
  for (; node !== undefined && isPassed(node); node = makers.get(node.inputs[0]!)) isDeciding ||= probabilityOps.has(node.op);
  return isDeciding && node?.op === "Conv" ? node.inputs[0] : undefined;
}

function beforeConnected(graph: Graph, output: string): string | undefined {
  const makers = makersOf(graph);
  let value = output;
  let features: string | undefined;
  const isPassed = (node: GraphNode): boolean =>
    decidingOps.has(node.op) || isRetyping(node) || (features === undefined && isShaping(node));
  for (let node = makers.get(value); node !== undefined && isPassed(node); node = makers.get(value)) {
    const next = node.inputs.find((input) => !isConstant(graph, makers, input));
    if (next === undefined) return features;
    value = next;
    if (node.op === "Gemm" || node.op === "MatMul") features = value;
  }
  return features;
}

/** What still has to be done to an output before it is probabilities: nothing behind a Softmax or a Sigmoid, in whatever shape it is written. */
export function activationOf(graph: Graph, output: string): "none" | "softmax" {
  const makers = makersOf(graph);
  let node = makers.get(output);
  while (node !== undefined && isShaping(node)) node = makers.get(node.inputs[0]!);
  return node !== undefined && probabilityOps.has(node.op) ? "none" : "softmax";
}

function makersOf(graph: Graph): ReadonlyMap<string, GraphNode> {
  return new Map(graph.nodes.flatMap((node) => node.outputs.map((output) => [output, node] as const)));
}

/** Known before a picture is: an initializer, or what is unpacked from one. */
function isConstant(graph: Graph, makers: ReadonlyMap<string, GraphNode>, value: string): boolean {
  if (value === "" || graph.initializers.has(value)) return true;
  const maker = makers.get(value);
  return maker !== undefined && maker.inputs.every((input) => isConstant(graph, makers, input));
}
