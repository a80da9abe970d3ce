import type { ElementType, Tensor } from "../core/index.ts";

/**
 * An ONNX graph as data: what ONNX's protobuf says, in the words of this project. Every function here and beside takes a
 * graph and gives a new one; none changes its argument.
 */

/** A size, or the name of one that is free ("N"). */
export type Dimension = number | string;

export interface ValueInfo {
  readonly name: string;
  readonly type: ElementType | "float16" | "float64";
  readonly shape: readonly Dimension[];
  /** The file says nothing of the shape, not even how many sizes it has; `shape` is empty then. @default false */
  readonly isShapeUnknown?: boolean;
}

/** The version of each operator set that a graph's nodes speak, by domain; `""` is ONNX's own. */
export type Opsets = Readonly<Record<string, number>>;

/**
 * An operation. Attributes carry their ONNX kind, since 1 and 1.0 are the same number here.
 */
export type Attribute =
  | { readonly kind: "int"; readonly value: number }
  | { readonly kind: "float"; readonly value: number }
  | { readonly kind: "string"; readonly value: string }
  | { readonly kind: "ints"; readonly value: readonly number[] }
  | { readonly kind: "floats"; readonly value: readonly number[] }
  | { readonly kind: "strings"; readonly value: readonly string[] }
  | { readonly kind: "tensor"; readonly value: Tensor };

export interface GraphNode {
  readonly name: string;
  readonly op: string;
  /** ONNX domain. @default "" (ai.onnx) */
  readonly domain?: string;
  /** Names of values; "" for an optional input that is left out. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, Attribute>>;
}

export interface Graph {
  readonly name: string;
  readonly inputs: readonly ValueInfo[];
  readonly outputs: readonly ValueInfo[];
  /** In an order in which every value is made before it is used. */
  readonly nodes: readonly GraphNode[];
  /** Constants by name. */
  readonly initializers: ReadonlyMap<string, Tensor>;
  /**
   * What the nodes mean: one operation may do other things in another version. Rules for shapes and gradients know
   * `defaultOpset`; `convertOpset` brings a graph there.
   */
  readonly opsets: Opsets;
}
