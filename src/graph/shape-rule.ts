import { type ElementType, type Tensor, TensorFaceError } from "../core/index.ts";
import type { GraphNode } from "./model.ts";

/** Element type and sizes of one value. */
export interface ValueType {
  readonly type: ElementType;
  readonly shape: readonly number[];
}

/** What a shape rule may ask about its node. */
export interface ShapeQuery {
  readonly node: GraphNode;
  /** Types of the inputs, in order; an input that is left out is undefined. */
  readonly inputs: readonly (ValueType | undefined)[];
  /** The numbers of a constant integer input, or undefined where the input is left out. @throws {TF_GRAPH_INVALID} when it is not a constant */
  readonly integers: (index: number) => readonly number[] | undefined;
  /** The numbers that the node itself holds or that follow from constants; undefined where they do not. */
  readonly value: () => Tensor | undefined;
}

/** ONNX's codes of element types, as Cast names them. */
export const castTypes: Readonly<Record<number, ElementType>> = {
  1: "float32",
  2: "uint8",
  3: "int8",
  6: "int32",
  7: "int64",
  9: "bool",
};

/** An axis counted from the end as one from the start. */
export function positive(axis: number, rank: number): number {
  return axis < 0 ? axis + rank : axis;
}

/** As {@link positive}. @throws {TF_GRAPH_INVALID} when there is no such axis */
export function axisOf(node: GraphNode, axis: number, rank: number): number {
  if (axis >= -rank && axis < rank) return positive(axis, rank);
  throw invalid(node, `has axis ${axis} for a value with ${rank} axes`);
}

export type ShapeRule = (query: ShapeQuery) => readonly ValueType[];

export function invalid(node: GraphNode, message: string): TensorFaceError {
  return new TensorFaceError("TF_GRAPH_INVALID", `node "${node.name}" (${node.op}) ${message}`);
}

/** Reads attributes with their defaults. */
export function integerAttribute(node: GraphNode, name: string, fallback: number): number {
  const attribute = node.attributes[name];
  return attribute?.kind === "int" ? attribute.value : fallback;
}

export function floatAttribute(node: GraphNode, name: string, fallback: number): number {
  const attribute = node.attributes[name];
  return attribute?.kind === "float" ? attribute.value : fallback;
}

export function integersAttribute(node: GraphNode, name: string, fallback: readonly number[]): readonly number[] {
  const attribute = node.attributes[name];
  return attribute?.kind === "ints" ? attribute.value : fallback;
}

export function textAttribute(node: GraphNode, name: string, fallback: string): string {
  const attribute = node.attributes[name];
  return attribute?.kind === "string" ? attribute.value : fallback;
}

/** The shape that two operands have together (ONNX's and NumPy's broadcasting). */
export function broadcastShapes(node: GraphNode, ...shapes: readonly (readonly number[])[]): number[] {
  const rank = Math.max(...shapes.map((shape) => shape.length));
  return Array.from({ length: rank }, (_, index) => {
    const sizes = shapes.map((shape) => shape[shape.length - rank + index] ?? 1);
    const size = sizes.find((value) => value !== 1) ?? 1;
    if (sizes.some((value) => value !== 1 && value !== size))
      throw invalid(node, `cannot broadcast ${shapes.map((s) => `[${s.join()}]`).join(" with ")}`);
    return size;
  });
}
