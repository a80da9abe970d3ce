import { TensorFaceError } from "../../core/index.ts";
import { type ConvertedFile, truncateGraph, type Graph, readCurrent } from "../../graph/index.ts";

/** A network up to its features: input as its manifest says, one output `[N, size]`. */
export interface FrozenNetwork {
  readonly graph: Graph;
  readonly size: number;
  /** Which value of the whole network the features are. */
  readonly value: string;
  /** The whole network as it came and in the current opset, where that is another: who runs it compares the two first. */
  readonly conversion: ConvertedFile | undefined;
}

/** The name that converted networks give to what they know of a face before their last layers. */
const usualName = "features";
const layersWithWeights: ReadonlySet<string> = new Set(["Gemm", "MatMul", "Conv"]);

/**
 * Cuts a network where its features are.
 * @param value a value of its graph. @default its value `features`; where it has none, what its last layer with weights reads
 * @throws {TF_GRAPH_INVALID} when there is no such value, or it is no vector and no maps
 * @throws {TF_GRAPH_UNSUPPORTED_OP} for an operation of another opset that has no form in the current one
 */
export function frozenNetwork(bytes: Uint8Array, value?: string): FrozenNetwork {
  const { graph: whole, conversion } = readCurrent(bytes);
  const chosen = value ?? usualValue(whole) ?? inputOfLastLayer(whole);
  return { ...truncateGraph(whole, chosen, usualName), value: chosen, conversion };
}

function usualValue({ nodes }: Graph): string | undefined {
  return nodes.some(({ outputs }) => outputs.includes(usualName)) ? usualName : undefined;
}

/** Goes back from the first output, along the first inputs, to what multiplies by weights. */
function inputOfLastLayer({ nodes, outputs }: Graph): string {
  const makers = new Map(nodes.flatMap((node) => node.outputs.map((output) => [output, node] as const)));
  for (let node = makers.get(outputs[0]?.name ?? ""); node !== undefined; node = makers.get(node.inputs[0]!)) {
    if (layersWithWeights.has(node.op)) return node.inputs[0]!;
  }
  throw new TensorFaceError("TF_GRAPH_INVALID", "the network has no last layer with weights; name the value to read");
}
