import type { Float32Tensor, Tensor } from "../../core/index.ts";
import type { Graph, GraphNode } from "../model.ts";
import { integerAttribute, positive } from "../shape-rule.ts";
import { removeUnused } from "./remove.ts";

/**
 * Writes out, as float32, quantised constants that ONNX Runtime would read otherwise than the file says. Between 8-bit values it makes
 * integer operations of `MatMul`, `Gemm` and `Conv`, which know a scale a column or an output channel and a bias in steps of the product of
 * both scales. It does not look whether the weights' scales lie along that axis, nor at the scale and zero point of a `Gemm`'s bias.
 */
export function expandMisreadConstants(graph: Graph): Graph {
  const initializers = new Map(graph.initializers);
  const makers = new Map(graph.nodes.flatMap((node) => node.outputs.map((output) => [output, node] as const)));
  const uses = Map.groupBy(
    graph.nodes.flatMap((node) => node.inputs.map((input, position) => ({ input, node, position }))),
    ({ input }) => input,
  );
  const nodes = graph.nodes.filter((node) => {
    const [output = ""] = node.outputs;
    const constant = quantizedConstant(node, graph);
    if (constant === undefined || !uses.get(output)?.some((use) => isMisread(constant, use, { graph, makers }))) return true;
    initializers.set(output, written(constant));
    return false;
  });
  return nodes.length === graph.nodes.length ? graph : removeUnused({ ...graph, nodes, initializers });
}

/** Whole numbers, and for each index of `axis`, or for all, the step and the number that stands for 0. */
interface QuantizedConstant {
  readonly codes: Tensor;
  readonly scales: Float32Tensor;
  readonly zeros: Tensor | undefined;
  readonly axis: number;
}

interface Use {
  readonly node: GraphNode;
  readonly position: number;
}

interface Place {
  readonly graph: Graph;
  readonly makers: ReadonlyMap<string, GraphNode>;
}

/** What a `DequantizeLinear` makes of constants; undefined where something is computed, and for scales of blocks. */
function quantizedConstant(node: GraphNode, { initializers }: Graph): QuantizedConstant | undefined {
  if (node.op !== "DequantizeLinear" || (node.domain ?? "") !== "" || integerAttribute(node, "block_size", 0) !== 0) return undefined;
  const [codesName = "", scalesName = "", zerosName = ""] = node.inputs;
  const [codes, scales, zeros] = [initializers.get(codesName), initializers.get(scalesName), initializers.get(zerosName)];
  if (codes === undefined || scales?.type !== "float32" || (zerosName !== "" && zeros === undefined)) return undefined;
  return { codes, scales, zeros, axis: positive(integerAttribute(node, "axis", 1), codes.shape.length) };
}

function isMisread(constant: QuantizedConstant, { node, position }: Use, place: Place): boolean {
  if ((node.domain ?? "") !== "") return false;
  if (node.op === "Gemm" && position === 2) return !isInSteps(constant, node, place);
  if (constant.scales.data.length === 1) return false;
  // The engine carries these past the constant's scales.
  if (node.op === "Transpose" || node.op === "Reshape" || node.op === "Unsqueeze" || node.op === "Squeeze") return true;
  if (position !== 1) return node.op === "MatMul" || (node.op === "Gemm" && position === 0);
  const { axis } = constant;
  if (node.op === "Conv") return axis !== 0;
  if (node.op === "MatMul") return axis !== constant.codes.shape.length - 1;
  return node.op === "Gemm" && axis !== 1 - integerAttribute(node, "transB", 0);
}

/** Whether a bias is in steps of what one step of the input times one of the weights is worth, with 0 for 0. */
function isInSteps({ scales, zeros }: QuantizedConstant, { inputs }: GraphNode, { graph, makers }: Place): boolean {
  const [input, weight] = inputs.slice(0, 2).map((name) => {
    const steps = graph.initializers.get(makers.get(name)?.inputs[1] ?? "");
    return makers.get(name)?.op === "DequantizeLinear" && steps?.type === "float32" ? steps.data : undefined;
  });
  if (input === undefined || weight === undefined || zeros?.data.some((zero) => Number(zero) !== 0)) return false;
  const at = (steps: Float32Array, index: number): number => steps[steps.length === 1 ? 0 : index] ?? Number.NaN;
  const count = Math.max(scales.data.length, weight.length);
  return Array.from({ length: count }, (_, index) => at(scales.data, index) / (at(input, 0) * at(weight, index))).every(
    (ratio) => Math.abs(ratio - 1) < 1e-3,
  );
}

function written({ codes: { shape, data }, scales, zeros, axis }: QuantizedConstant): Float32Tensor {
  const inner = shape.slice(axis + 1).reduce((product, size) => product * size, 1);
  const count = scales.data.length;
  const values = Float32Array.from(data, Number).map((code, place) => {
    const index = count === 1 ? 0 : Math.floor(place / inner) % count;
    return (code - Number(zeros?.data[index] ?? 0)) * scales.data[index]!;
  });
  return { type: "float32", shape, data: values };
}
