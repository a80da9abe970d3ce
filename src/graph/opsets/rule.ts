import { type Tensor, TensorFaceError } from "../../core/index.ts";
import type { GraphNode } from "../model.ts";

/** What a rule may ask about the graph around its node, and add to it. */
export interface Conversion {
  /** The numbers of a constant, or undefined when it is none. */
  readonly constantOf: (value: string) => Tensor | undefined;
  /** How many sizes a value has, where that can be seen without its numbers. */
  readonly rankOf: (value: string) => number | undefined;
  /** Adds a constant; its name is `wish` or like it. */
  readonly constant: (tensor: Tensor, wish: string) => string;
  /** Adds an int64 list. */
  readonly integers: (values: readonly number[], wish: string) => string;
  /** A name for a value that nobody has yet: `wish`, or like it. */
  readonly fresh: (wish: string) => string;
  /** Whether anybody reads the value. */
  readonly isUsed: (value: string) => boolean;
}

/**
 * What a node of one version of its operation is in the version before or after: nodes that together make its outputs.
 * @throws {TF_GRAPH_UNSUPPORTED_OP} where that version cannot say it
 */
export type ConversionRule = (node: GraphNode, conversion: Conversion) => readonly GraphNode[];

/** Rules by operation and the version that the rule leads to or away from. */
export type ConversionRules = Readonly<Record<string, Readonly<Record<number, ConversionRule>>>>;

/** Why a rule gives up. */
export function unconvertible(node: GraphNode, what: string): TensorFaceError {
  return new TensorFaceError(
    "TF_GRAPH_UNSUPPORTED_OP",
    `node "${node.name}" (${node.op}) ${what}, which has no form in another opset here`,
  );
}

export function withoutAttributes(node: GraphNode, ...names: readonly string[]): GraphNode {
  const kept = Object.entries(node.attributes).filter(([name]) => !names.includes(name));
  return { ...node, attributes: Object.fromEntries(kept) };
}

/** The inputs with `value` in place `index`; what is missing before it is left out. */
export function inputsWith(node: GraphNode, index: number, value: string): readonly string[] {
  const inputs = Array.from({ length: Math.max(node.inputs.length, index + 1) }, (_, place) => node.inputs[place] ?? "");
  return inputs.with(index, value);
}
