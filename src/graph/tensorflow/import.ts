import { isTensorFaceError, type Tensor, TensorFaceError } from "../../core/index.ts";
import { createGraphBuilder, type GraphBuilder } from "../builder.ts";
import type { Dimension, Graph } from "../model.ts";
import { optimizeGraph } from "../optimize/index.ts";
import type { TensorFlowGraph } from "./graph-model.ts";
import { attributeOf, invalid, nodeOf, parseInput, type TensorFlowNode, unsupported } from "./node.ts";
import { channelsFirstRule, isChannelsFirst, isPictureFirst } from "./channels-first.ts";
import { channelsFirst, constantOf, rowMajor, type Rule, type Target, type Value } from "./operation.ts";
import { elementwiseRules } from "./rules-elementwise.ts";
import { mixingRules } from "./rules-reduce.ts";
import { shapeRules } from "./rules-shape.ts";
import { sliceRules } from "./rules-slice.ts";
import { windowRules } from "./rules-window.ts";

export interface ImportOptions {
  /** Name of the graph. @default "tensorflow" */
  readonly name?: string;
  /**
   * Cuts the graph: this node becomes the input, and what stands before it is left out. Where a picture is decoded inside the graph
   * (`DecodeJpeg`), the cut may stand there or later. @default every Placeholder that the outputs need, and DecodeJpeg
   */
  readonly input?: InputCut;
  /** The outputs: name in the ONNX graph to TensorFlow's node, or its first output (`NODE:0`). @default every node that no other one reads, by its own name */
  readonly outputs?: Readonly<Record<string, string>>;
}

export interface InputCut {
  /** TensorFlow's node. */
  readonly node: string;
  /** Name in the ONNX graph. @default the node's */
  readonly name?: string;
  /** Its shape in TensorFlow's order; text for a size that is free. @default what the node says, or what the nodes before it make */
  readonly shape?: readonly Dimension[];
}

const rules: Readonly<Record<string, Rule>> = { ...windowRules, ...elementwiseRules, ...shapeRules, ...sliceRules, ...mixingRules };

/** The operations that {@link importTensorFlow} reads, constants and inputs aside. */
export const importedOps: readonly string[] = Object.keys(rules);

/**
 * Turns a TensorFlow graph into an ONNX graph. Pictures lie channels first in it: inputs and outputs of rank 4 are
 * `[N, channels, height, width]`. Batch normalizations and chains of limits are folded; a batch that was fixed to one picture
 * becomes free where that is possible. A graph that works channels first itself (`data_format` NCHW) keeps its order.
 *
 * @throws {TF_GRAPH_UNSUPPORTED_OP} for an operation without a rule, which it names with its node, and for an output that is no node's first
 * @throws {TF_GRAPH_INVALID} for missing nodes, circles and unknown shapes
 */
export function importTensorFlow(graph: TensorFlowGraph, options: ImportOptions = {}): Graph {
  const builder = createGraphBuilder(options.name ?? "tensorflow");
  const turned = new Map<string, string>();
  const convert = createConverter(graph, { builder, turned }, options.input);
  for (const [name, node] of Object.entries(options.outputs ?? finalNodes(graph.nodes))) {
    const value = convert(nodeOf(node));
    if (value.kind === "constant") throw new TensorFaceError("TF_GRAPH_INVALID", `output "${node}" does not depend on the input`);
    const isPicture = value.shape.length === 4 && !graph.nodes.some((each) => isChannelsFirst(each));
    const made = isPicture ? channelsFirst({ builder, turned }, value) : rowMajor({ builder, turned }, value);
    builder.output(made, isPicture ? pictureShape(value.shape) : value.shape, { name, type: value.type });
  }
  return optimizeGraph(builder.build());
}

function pictureShape([batch, height, width, channels]: readonly Dimension[]): readonly Dimension[] {
  return [batch!, channels!, height!, width!];
}

/** Where pictures come in by themselves. */
function isInput({ op }: TensorFlowNode): boolean {
  return op === "Placeholder" || op === "DecodeJpeg";
}

function finalNodes(nodes: readonly TensorFlowNode[]): Record<string, string> {
  const read = new Set(nodes.flatMap(({ inputs }) => inputs.map((input) => parseInput(input)?.node)));
  const last = nodes.filter(({ name, op }) => !read.has(name) && op !== "Const" && op !== "NoOp");
  return Object.fromEntries(last.map(({ name }) => [name, name]));
}

/** Converts a node and, first, those that it reads; each once. */
function createConverter(graph: TensorFlowGraph, target: Target, cut: InputCut | undefined): (name: string) => Value {
  const { builder } = target;
  const nodes = new Map(graph.nodes.map((node) => [node.name, node]));
  const values = new Map<string, Value>();
  const open = new Set<string>();

  const find = (name: string): TensorFlowNode => {
    const node = nodes.get(name);
    if (node === undefined) throw new TensorFaceError("TF_GRAPH_INVALID", `the graph has no node "${name}"`);
    return node;
  };
  const worksFirst = graph.nodes.some((node) => isChannelsFirst(node));
  const isStart = (node: TensorFlowNode): boolean => node.name === cut?.node || node.op === "Const" || isInput(node);
  const convertNode = (node: TensorFlowNode): Value => {
    if (node.name === cut?.node)
      return declareInput(node, builder, { ...cut, shape: cut.shape ?? declaredShape(node) ?? shapeMade(graph, node), worksFirst });
    if (node.op === "Const") return constantOf(constantTensor(node, graph.weights));
    if (isInput(node)) return declareInput(node, builder, { node: node.name, shape: declaredShape(node), worksFirst });
    return ruleOf(node)({ node, inputs: sourcesOf(node).map((source) => values.get(source)!), ...target });
  };
  // A list of what is still to do: networks have chains that are longer than calls may be deep.
  return (name) => {
    const pending = [name];
    for (let next = pending.at(-1); next !== undefined; next = pending.at(-1)) {
      const node = find(next);
      const missing = values.has(next) || isStart(node) ? [] : sourcesOf(node).filter((source) => !values.has(source));
      if (missing.length > 0) {
        ruleOf(node);
        if (open.has(next)) throw invalid(node, "depends on itself");
        open.add(next);
        pending.push(...missing.toReversed());
        continue;
      }
      if (!values.has(next)) values.set(next, convertNode(node));
      open.delete(next);
      pending.pop();
    }
    return values.get(name)!;
  };
}

/** The shape that a node's value has, which may follow from what stands before it. */
function shapeMade(graph: TensorFlowGraph, node: TensorFlowNode): readonly Dimension[] | undefined {
  try {
    const value = createConverter(graph, { builder: createGraphBuilder("before"), turned: new Map() }, undefined)(node.name);
    return value.kind === "computed" ? withFreeBatch(value.shape) : undefined;
  } catch (error) {
    if (!isTensorFaceError(error)) throw error;
    return undefined;
  }
}

function ruleOf(node: TensorFlowNode): Rule {
  const rule = rules[node.op];
  if (rule === undefined) throw unsupported(node, "the importer has no rule for this operation");
  return isChannelsFirst(node) ? channelsFirstRule(rule) : rule;
}

/** The nodes whose first outputs a node reads, in order. */
function sourcesOf(node: TensorFlowNode): string[] {
  return node.inputs.flatMap((input) => {
    const source = parseInput(input);
    if (source === undefined) return [];
    if (source.output !== 0) throw unsupported(node, `reads "${input}"; only first outputs are read`);
    return [source.node];
  });
}

function constantTensor(node: TensorFlowNode, weights: ReadonlyMap<string, Tensor>): Tensor {
  const tensor = weights.get(node.name) ?? attributeOf(node, "value", "tensor");
  if (tensor !== undefined) return tensor;
  throw invalid(node, `has no value that can be read (${attributeOf(node, "dtype", "type") ?? "unknown type"})`);
}

/** Pictures come in channels first, any number of them, and with 32-bit numbers, whatever the node says; a decoder's are bytes. */
function declareInput(
  node: TensorFlowNode,
  builder: GraphBuilder,
  cut: Omit<InputCut, "shape"> & { readonly shape: readonly Dimension[] | undefined; readonly worksFirst: boolean },
): Value {
  const { shape, worksFirst } = cut;
  if (shape === undefined) throw invalid(node, "does not say its shape; give it with the option `input.shape`");
  const name = cut.name ?? node.name;
  const type = node.op === "DecodeJpeg" ? "uint8" : "float32";
  const isPicture = shape.length === 4 && !(worksFirst && isPictureFirst(shape));
  builder.input(name, isPicture ? pictureShape(shape) : shape, type);
  return { kind: "computed", name, type, shape, layout: isPicture ? "channelsFirst" : "rowMajor" };
}

const axisNames = ["N", "height", "width", "channels"] as const;

function declaredShape(node: TensorFlowNode): readonly Dimension[] | undefined {
  if (node.op === "DecodeJpeg") return ["height", "width", attributeOf(node, "channels", "number") || 3];
  const shape = attributeOf(node, "shape", "shape");
  if (shape === undefined || shape.length === 0) return undefined;
  return withFreeBatch(shape.map((size, axis) => (size > 0 ? size : (axisNames[axis] ?? `axis${axis}`))));
}

/** A graph that was frozen for one picture computes each picture by itself all the same. */
function withFreeBatch(shape: readonly Dimension[]): readonly Dimension[] {
  return shape.length === 4 && shape[0] === 1 ? shape.with(0, axisNames[0]) : shape;
}
