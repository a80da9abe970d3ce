import { type Tensor, TensorFaceError } from "../../core/index.ts";

/** The kinds of attributes that are read. Data types are their names (`DT_FLOAT`), shapes have -1 for free sizes. */
interface AttributeKinds {
  readonly string: string;
  readonly number: number;
  readonly boolean: boolean;
  readonly type: string;
  readonly shape: readonly number[];
  readonly tensor: Tensor;
  readonly numbers: readonly number[];
  readonly strings: readonly string[];
}

/** A value of a TensorFlow attribute. */
export type AttributeValue = {
  readonly [Kind in keyof AttributeKinds]: { readonly kind: Kind; readonly value: AttributeKinds[Kind] };
}[keyof AttributeKinds];

/** A node of a TensorFlow graph, whichever file it came from. */
export interface TensorFlowNode {
  readonly name: string;
  readonly op: string;
  /** `name`, `name:1` for another output than the first, `^name` for an order without data. */
  readonly inputs: readonly string[];
  readonly attributes: ReadonlyMap<string, AttributeValue>;
}

/** The value of an attribute of one kind, or undefined where the node has none of that kind under that name. */
export function attributeOf<Kind extends keyof AttributeKinds>(
  node: TensorFlowNode,
  name: string,
  kind: Kind,
): AttributeKinds[Kind] | undefined {
  const attribute = node.attributes.get(name);
  return attribute !== undefined && isKind(attribute, kind) ? attribute.value : undefined;
}

function isKind<Kind extends keyof AttributeKinds>(
  attribute: AttributeValue,
  kind: Kind,
): attribute is AttributeValue & { readonly kind: Kind; readonly value: AttributeKinds[Kind] } {
  return attribute.kind === kind;
}

/** The node that an input names, and which of its outputs. Inputs that only order work are none. */
export function parseInput(input: string): { readonly node: string; readonly output: number } | undefined {
  if (input.startsWith("^")) return undefined;
  const match = /^(.*):(\d+)$/.exec(input);
  return match === null ? { node: input, output: 0 } : { node: match[1]!, output: Number(match[2]) };
}

/**
 * The node of an output that somebody names: `name`, or as TensorFlow names tensors `name:0`.
 * @throws {TF_GRAPH_UNSUPPORTED_OP} for others than first outputs
 */
export function nodeOf(name: string): string {
  const named = parseInput(name);
  if (named?.output === 0) return named.node;
  throw new TensorFaceError("TF_GRAPH_UNSUPPORTED_OP", `"${name}" is asked for; only first outputs of nodes are read`, {
    hint: "Name the node alone, without a number, or another node.",
  });
}

/** An error about one node, which it names with its operation. */
export function unsupported(node: TensorFlowNode, reason: string): TensorFaceError {
  return new TensorFaceError("TF_GRAPH_UNSUPPORTED_OP", `node "${node.name}" (${node.op}): ${reason}`);
}

/** A contradiction at one node. */
export function invalid(node: TensorFlowNode, reason: string): TensorFaceError {
  return new TensorFaceError("TF_GRAPH_INVALID", `node "${node.name}" (${node.op}): ${reason}`);
}
