import { TensorFaceError } from "../core/index.ts";
import type { GraphNode } from "./model.ts";
import {
  integerAttribute,
  integersAttribute,
  invalid,
  type ShapeQuery,
  type ShapeRule,
  textAttribute,
  type ValueType,
} from "./shape-rule.ts";

/** Shapes of what goes over a picture with a window: convolutions and pools, in two dimensions. */

/** Where the windows of a convolution or pool stand; each list is rows, columns. */
export interface Window {
  readonly kernel: readonly number[];
  /** What a window covers, with the gaps between its taps. */
  readonly extent: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  /** Top, left, bottom, right. */
  readonly pads: readonly number[];
  /** How many windows there are. */
  readonly result: readonly number[];
}

/**
 * The windows over a picture of `source` rows and columns.
 * @throws {TF_GRAPH_INVALID} for other than two dimensions, and where no window fits
 */
export function windowOf(node: GraphNode, kernel: readonly number[], source: readonly number[]): Window {
  if (kernel.length !== 2 || source.length !== 2) throw invalid(node, "works on two spatial dimensions here");
  const [strides, dilations] = [integersAttribute(node, "strides", [1, 1]), integersAttribute(node, "dilations", [1, 1])];
  const extent = kernel.map((size, axis) => (size - 1) * dilations[axis]! + 1);
  const pads = padsOf(node, source, extent, strides);
  const result = [0, 1].map((axis) => {
    const span = source[axis]! + pads[axis]! + pads[axis + 2]! - extent[axis]!;
    if (span < 0) return 0;
    if (integerAttribute(node, "ceil_mode", 0) === 0) return Math.floor(span / strides[axis]!) + 1;
    const windows = Math.ceil(span / strides[axis]!) + 1;
    // A last window that would begin behind the picture and what is padded before it is left out.
    return (windows - 1) * strides[axis]! >= source[axis]! + pads[axis]! ? windows - 1 : windows;
  });
  if ([...kernel, ...strides, ...dilations, ...result].every((size) => Number.isSafeInteger(size) && size > 0))
    return { kernel, extent, strides, dilations, pads, result };
  throw invalid(node, `fits no window of ${kernel.join(" x ")} into ${source.join(" x ")}`);
}

function padsOf(node: GraphNode, source: readonly number[], extent: readonly number[], strides: readonly number[]): readonly number[] {
  const auto = textAttribute(node, "auto_pad", "NOTSET");
  if (auto === "NOTSET") return integersAttribute(node, "pads", [0, 0, 0, 0]);
  if (auto === "VALID") return [0, 0, 0, 0];
  if (auto !== "SAME_UPPER" && auto !== "SAME_LOWER") throw invalid(node, `pads by "${auto}"`);
  // ONNX Runtime leaves the gaps out when it pads for a pool, so that the result is smaller than ONNX says.
  if (node.op !== "Conv" && integersAttribute(node, "dilations", []).some((step) => step !== 1))
    throw new TensorFaceError(
      "TF_GRAPH_UNSUPPORTED_OP",
      `node "${node.name}" (${node.op}) has dilations and pads by "${auto}", on which engines differ`,
    );
  const totals = source.map((size, axis) => Math.max(0, (Math.ceil(size / strides[axis]!) - 1) * strides[axis]! + extent[axis]! - size));
  const round = auto === "SAME_UPPER" ? Math.floor : Math.ceil;
  const before = totals.map((total) => round(total / 2));
  return [...before, ...totals.map((total, axis) => total - before[axis]!)];
}

function picture(query: ShapeQuery): ValueType {
  const [value] = query.inputs;
  if (value === undefined) throw invalid(query.node, "lacks its picture");
  return value;
}

export const convolution: ShapeRule = (query) => {
  const { node } = query;
  const { type, shape } = picture(query);
  const weights = query.inputs[1]?.shape ?? [];
  const groups = integerAttribute(node, "group", 1);
  if (shape[1] !== weights[1]! * groups || weights[0]! % groups !== 0)
    throw invalid(node, `has weights [${weights.join()}] in ${groups} groups for an input [${shape.join()}]`);
  const kernel = integersAttribute(node, "kernel_shape", weights.slice(2));
  if (kernel.join() !== weights.slice(2).join()) throw invalid(node, `says a kernel of [${kernel.join()}] for weights [${weights.join()}]`);
  return [{ type, shape: [shape[0]!, weights[0]!, ...windowOf(node, kernel, shape.slice(2)).result] }];
};

export const transposedConvolution: ShapeRule = (query) => {
  const { node } = query;
  const { type, shape } = picture(query);
  const weights = query.inputs[1]?.shape ?? [];
  const kernel = weights.slice(2);
  const source = shape.slice(2);
  if (kernel.length !== 2 || source.length !== 2) throw invalid(node, "works on two spatial dimensions here");
  if (shape[1] !== weights[0]) throw invalid(node, `has weights [${weights.join()}] for an input [${shape.join()}]`);
  const list = (name: string, each: number, count = 2): readonly number[] => integersAttribute(node, name, Array(count).fill(each));
  const [strides, dilations, extra, pads] = [list("strides", 1), list("dilations", 1), list("output_padding", 0), list("pads", 0, 4)];
  const stated = integersAttribute(node, "output_shape", []);
  const auto = textAttribute(node, "auto_pad", "NOTSET");
  if (stated.length === 0 && !["NOTSET", "VALID"].includes(auto)) throw invalid(node, `pads by "${auto}", which has no rule here`);
  const [top, left, bottom, right] = auto === "VALID" ? [0, 0, 0, 0] : pads;
  const cut = [top! + bottom!, left! + right!];
  const spatial = [0, 1].map(
    (axis) => (source[axis]! - 1) * strides[axis]! + extra[axis]! + (kernel[axis]! - 1) * dilations[axis]! + 1 - cut[axis]!,
  );
  const result = stated.length === 0 ? spatial : stated.slice(-2);
  if (result.length !== 2 || result.some((size) => !(size > 0))) throw invalid(node, `gives a picture of ${result.join(" x ")}`);
  return [{ type, shape: [shape[0]!, weights[1]! * integerAttribute(node, "group", 1), ...result] }];
};

export const pool: ShapeRule = (query) => {
  const { type, shape } = picture(query);
  const { result } = windowOf(query.node, integersAttribute(query.node, "kernel_shape", []), shape.slice(2));
  const sizes = [...shape.slice(0, 2), ...result];
  return [
    { type, shape: sizes },
    { type: "int64", shape: sizes },
  ];
};
