import { type Tensor, TensorFaceError } from "../../core/index.ts";
import { evaluateNode } from "../evaluate.ts";
import type { Graph, GraphNode } from "../model.ts";
import { defaultOpset } from "../onnx.ts";
import type { ValueType } from "../shape-rule.ts";
import { inferNode } from "../shapes.ts";
import { downgradeRules } from "./downgrade.ts";
import { laterAttributes, laterMeanings, operationVersions } from "./history.ts";
import type { Conversion } from "./rule.ts";
import { upgradeRules } from "./upgrade.ts";

/** The oldest opset that graphs are written in: the newest that OpenCV 4.6 and others of its age read whole. */
export const oldestWrittenOpset = 13;

/**
 * The same network in another version of ONNX's own operators. Where an operation meant something else, it becomes what it was; other
 * domains stay as they are.
 * @param target the opset to write, from {@link oldestWrittenOpset} to `defaultOpset`. @default `defaultOpset`
 * @throws {TF_GRAPH_UNSUPPORTED_OP} for an operation that is not known, or that has no form in that opset; the message names its node
 * @throws {TF_INVALID_ARGUMENT} for a target that is not written
 */
export function convertOpset(graph: Graph, target = defaultOpset): Graph {
  const source = graph.opsets[""] ?? target;
  if (source === target) return graph;
  if (!Number.isInteger(target) || target < oldestWrittenOpset || target > defaultOpset) {
    throw new TensorFaceError(
      "TF_INVALID_ARGUMENT",
      `graphs are written in opsets ${oldestWrittenOpset} to ${defaultOpset}, not ${target}`,
    );
  }
  const known = knownValues(graph);
  const initializers = new Map(graph.initializers);
  const names = usedNames(graph);
  const conversion = createConversion(known, initializers, names);
  const nodes: GraphNode[] = [];
  for (const node of graph.nodes) {
    for (const converted of convertNode(node, { source, target, conversion })) {
      nodes.push(converted);
      known.learn(converted);
    }
  }
  return { ...graph, nodes, initializers, opsets: { ...graph.opsets, "": target } };
}

interface Way {
  readonly source: number;
  readonly target: number;
  readonly conversion: Conversion;
}

function convertNode(node: GraphNode, way: Way): readonly GraphNode[] {
  if (node.domain !== undefined && node.domain !== "") return [node];
  const versions = operationVersions.get(node.op);
  if (versions === undefined) throw unknown(node, way.source, "is not an operation that is known here");
  if (versions[0]! > way.source) throw unknown(node, way.source, `was made in opset ${versions[0]}`);
  return way.source < way.target ? raise(node, way, way.source) : lower(node, way, Math.min(way.source, checkLater(node, way)));
}

/** One change after the other, the oldest first. What a rule makes goes on from that rule's opset. */
function raise(node: GraphNode, way: Way, from: number): readonly GraphNode[] {
  const rules = upgradeRules[node.op] ?? {};
  const next = Object.keys(rules)
    .map(Number)
    .filter((version) => version > from && version <= way.target)
    .toSorted((a, b) => a - b)[0];
  if (next === undefined) return [node];
  return rules[next]!(node, way.conversion).flatMap((made) => raise(made, way, next));
}

/** The newest change first. */
function lower(node: GraphNode, way: Way, from: number): readonly GraphNode[] {
  const rules = downgradeRules[node.op] ?? {};
  const next = Object.keys(rules)
    .map(Number)
    .filter((version) => version > way.target && version <= from)
    .toSorted((a, b) => b - a)[0];
  const first = operationVersions.get(node.op)![0]!;
  if (next !== undefined) return rules[next]!(node, way.conversion).flatMap((made) => lower(made, way, next - 1));
  if (first > way.target) throw unknown(node, way.target, `was made in opset ${first} and is not spelled out`);
  return [node];
}

/** Nothing of what came behind the opset that is known best may be used. */
function checkLater(node: GraphNode, { source }: Way): number {
  const later = source > defaultOpset ? laterAttributes[node.op]?.find((name) => node.attributes[name] !== undefined) : undefined;
  if (later !== undefined) throw unknown(node, source, `has the attribute "${later}", which came behind opset ${defaultOpset}`);
  if (source >= (laterMeanings[node.op] ?? Number.POSITIVE_INFINITY)) throw unknown(node, source, "means something else since then");
  return defaultOpset;
}

function unknown(node: GraphNode, opset: number, what: string): TensorFaceError {
  return new TensorFaceError("TF_GRAPH_UNSUPPORTED_OP", `node "${node.name}" (${node.op}, opset ${opset}) ${what}`);
}

interface KnownValues {
  readonly constants: ReadonlyMap<string, Tensor>;
  readonly ranks: ReadonlyMap<string, number>;
  readonly used: ReadonlySet<string>;
  readonly learn: (node: GraphNode) => void;
}

/**
 * What can be said of values while nodes are converted. Free sizes count as 1, so that only how many sizes there are is taken from
 * the types, and numbers only where they follow from constants.
 */
function knownValues(graph: Graph): KnownValues {
  const constants = new Map(graph.initializers);
  const types = new Map<string, ValueType>();
  const shaped = new Map(graph.initializers);
  const ranks = new Map<string, number>();
  const learnType = (name: string, type: ValueType): void => {
    types.set(name, type);
    ranks.set(name, type.shape.length);
  };
  for (const [name, tensor] of graph.initializers) learnType(name, tensor);
  for (const { name, type, shape, isShapeUnknown } of graph.inputs) {
    if (isShapeUnknown === true || type === "float16" || type === "float64") continue;
    learnType(name, { type, shape: shape.map((size) => (typeof size === "number" ? size : 1)) });
  }
  const used = new Set([...graph.nodes.flatMap(({ inputs }) => inputs), ...graph.outputs.map(({ name }) => name)]);
  return {
    constants,
    ranks,
    used,
    learn: (node) => {
      const [output = ""] = node.outputs;
      const value = evaluateNode(node, constants);
      if (value !== undefined) constants.set(output, value);
      const sized = evaluateNode(node, shaped, types);
      if (sized !== undefined) shaped.set(output, sized);
      for (const [index, type] of typesOf(node, types, shaped).entries()) if (node.outputs[index]) learnType(node.outputs[index], type);
    },
  };
}

/** None where they cannot be told. */
function typesOf(node: GraphNode, types: ReadonlyMap<string, ValueType>, constants: ReadonlyMap<string, Tensor>): readonly ValueType[] {
  try {
    return inferNode(node, types, constants);
  } catch (error) {
    if (error instanceof TensorFaceError) return [];
    throw error;
  }
}

function usedNames({ nodes, inputs, outputs, initializers }: Graph): Set<string> {
  const made = nodes.flatMap((node) => [node.name, ...node.outputs]);
  return new Set([...made, ...[...inputs, ...outputs].map(({ name }) => name), ...initializers.keys()]);
}

function createConversion(known: KnownValues, initializers: Map<string, Tensor>, names: Set<string>): Conversion {
  const counts = new Map<string, number>();
  const fresh = (wish: string): string => {
    let name = wish;
    while (names.has(name)) {
      const count = (counts.get(wish) ?? 0) + 1;
      counts.set(wish, count);
      name = `${wish} ${count}`;
    }
    names.add(name);
    return name;
  };
  const constant = (tensor: Tensor, wish: string): string => {
    const name = fresh(wish);
    initializers.set(name, tensor);
    known.learn({ name, op: "Constant", inputs: [], outputs: [name], attributes: { value: { kind: "tensor", value: tensor } } });
    return name;
  };
  return {
    constantOf: (value) => known.constants.get(value),
    rankOf: (value) => known.ranks.get(value),
    constant,
    integers: (values, wish) => constant({ type: "int64", shape: [values.length], data: toIntegers(values) }, wish),
    fresh,
    isUsed: (value) => value !== "" && known.used.has(value),
  };
}

/** Files that say "to the end" name the largest 64-bit integer, which no double is. */
export function toIntegers(values: readonly number[]): BigInt64Array {
  return BigInt64Array.from(values, (value) => (value >= 2 ** 63 ? 2n ** 63n - 1n : BigInt(value)));
}
