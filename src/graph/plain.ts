import { float32Tensor, type Float32Tensor, type Tensor } from "../core/index.ts";
import { attribute } from "./attributes.ts";
import { createGraphBuilder, type GraphBuilder } from "./builder.ts";
import type { Graph, GraphNode } from "./model.ts";
import { convertOpset, oldestWrittenOpset } from "./opsets/convert-opset.ts";
import { expandConstants } from "./optimize/expand-constants.ts";
import { floatAttribute, integerAttribute, integersAttribute } from "./shape-rule.ts";

/**
 * The same network for other engines: opset 13, every weight a float32 constant of its own, and nothing that older importers misread.
 * OpenCV 4.6 takes the matrix of a `Gemm` for a transposed one whatever the node says, does not look at its factors, reads a `Clip`
 * only as opset 6 wrote it, wants every kernel's size stated and leaves padding out of every mean; the file says the same in a way that
 * it reads.
 * @throws {TF_GRAPH_UNSUPPORTED_OP} for an operation that has no form in opset 13
 */
export function plainGraph(graph: Graph): Graph {
  const source = convertOpset(expandConstants(graph), oldestWrittenOpset);
  const builder = createGraphBuilder(source.name, { ...source, nodes: [], outputs: [] });
  // What is added must not take the names of what still comes.
  for (const name of source.nodes.flatMap((node) => [node.name, ...node.outputs])) builder.unique(name);
  for (const node of source.nodes) for (const plain of plainNodes(node, { source, builder })) builder.node(plain);
  const written = builder.build();
  const used = new Set(written.nodes.flatMap(({ inputs }) => inputs));
  const initializers = new Map(
    [...written.initializers].filter(([name]) => used.has(name) || source.outputs.some((out) => out.name === name)),
  );
  return { ...written, outputs: source.outputs, initializers };
}

interface Place {
  readonly source: Graph;
  readonly builder: GraphBuilder;
}

function plainNodes(node: GraphNode, place: Place): readonly GraphNode[] {
  if ((node.domain ?? "") !== "") return [node];
  if (node.op === "Gemm") return [transposedGemm(node, place)];
  if (node.op === "Conv") return [statedKernel(node, place)];
  if (node.op === "AveragePool") return paddedAverage(node, place);
  return node.op === "Clip" ? spelledClip(node, place) : [node];
}

/** The kernel's size may be left to the weights, but not every engine looks there. */
function statedKernel(node: GraphNode, { source }: Place): GraphNode {
  const kernel = source.initializers.get(node.inputs[1] ?? "")?.shape.slice(2);
  if (kernel === undefined || node.attributes["kernel_shape"] !== undefined) return node;
  return { ...node, attributes: { ...node.attributes, kernel_shape: attribute.ints(kernel) } };
}

/** Zeros that count are put around the picture first. */
function paddedAverage(node: GraphNode, { builder }: Place): readonly GraphNode[] {
  const pads = integersAttribute(node, "pads", []);
  const isPlain = integerAttribute(node, "count_include_pad", 0) === 0 || pads.every((size) => size === 0);
  if (isPlain || integerAttribute(node, "ceil_mode", 0) === 1) return [node];
  const rank = pads.length / 2;
  const [x = ""] = node.inputs;
  const around = builder.integers([0, 0, ...pads.slice(0, rank), 0, 0, ...pads.slice(rank)]);
  const padded = builder.unique(`${node.name}/padded`);
  const { pads: _pads, count_include_pad: _counted, ...attributes } = node.attributes;
  return [
    { name: padded, op: "Pad", inputs: [x, around, builder.scalar(0)], outputs: [padded], attributes: {} },
    { ...node, inputs: [padded], attributes },
  ];
}

/** `x B'^T + c`, the factors in the constants; a matrix that is computed stays as it is. */
function transposedGemm(node: GraphNode, { source, builder }: Place): GraphNode {
  const [x = "", matrixName = "", biasName = ""] = node.inputs;
  const [matrix, bias] = [source.initializers.get(matrixName), source.initializers.get(biasName)];
  const [alpha, beta] = [floatAttribute(node, "alpha", 1), floatAttribute(node, "beta", 1)];
  const isTransposed = integerAttribute(node, "transB", 0) === 1;
  const isPlain = isTransposed && alpha === 1 && (beta === 1 || biasName === "");
  const isFoldable = matrix?.type === "float32" && (biasName === "" || bias?.type === "float32");
  if (isPlain || !isFoldable || integerAttribute(node, "transA", 0) === 1) return node;
  const constant = (tensor: Tensor, name: string): string => builder.constant(tensor, name);
  const turned = constant(scaled(isTransposed ? matrix : transposed(matrix), alpha), `${matrixName}/plain`);
  const added = bias?.type === "float32" ? [beta === 1 ? biasName : constant(scaled(bias, beta), `${biasName}/plain`)] : [];
  return { ...node, inputs: [x, turned, ...added], attributes: { transB: attribute.int(1) } };
}

function scaled({ shape, data }: Float32Tensor, factor: number): Float32Tensor {
  return float32Tensor(shape, factor === 1 ? data : data.map((value) => value * factor));
}

function transposed({ shape: [rows = 0, columns = 0], data }: Float32Tensor): Float32Tensor {
  const result = new Float32Array(data.length);
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++) result[column * rows + row] = data[row * columns + column]!;
  return float32Tensor([columns, rows], result);
}

/** As no limit files write the outermost numbers that float32 has, or infinities; sums with those would swallow all others. */
const outermost = (2 - 2 ** -23) * 2 ** 127;

/** `low + relu(x - low) - relu(x - high)`, as far as there are limits that are constants. */
function spelledClip(node: GraphNode, { source, builder }: Place): readonly GraphNode[] {
  const [x = "", ...names] = node.inputs;
  const constants = names.map((name) => source.initializers.get(name));
  const isConstant = constants.every((limit, index) => names[index] === "" || (limit?.type === "float32" && limit.data.length === 1));
  if (!isConstant) return [node];
  const [low, high] = constants.map((limit) => {
    const value = Number(limit?.data[0]);
    return Math.abs(value) < outermost ? value : undefined;
  });
  const nodes: GraphNode[] = [];
  const op = (name: string, inputs: readonly string[]): string => {
    const output = builder.unique(`${node.name}/${name}`);
    nodes.push({ name: output, op: name, inputs, outputs: [output], attributes: {} });
    return output;
  };
  const above = (limit: number): string => op("Relu", [limit === 0 ? x : op("Sub", [x, builder.scalar(limit)])]);
  const raised = low === undefined ? x : above(low);
  const based = low === undefined || low === 0 ? raised : op("Add", [raised, builder.scalar(low)]);
  if (high !== undefined) op("Sub", [based, above(high)]);
  // The last one makes the output.
  const last = nodes.pop() ?? { op: "Identity", inputs: [x], attributes: {} };
  return [...nodes, { ...last, name: node.name, outputs: node.outputs }];
}
