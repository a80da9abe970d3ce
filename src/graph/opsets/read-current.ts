import { readModel } from "../decode.ts";
import { encodeModel } from "../encode.ts";
import type { Graph } from "../model.ts";
import { convertOpset } from "./convert-opset.ts";
import { spellOutGroupNorms } from "../group-norms/spell-group-norms.ts";

/** One network as it came, but in single precision and with its group norms spelled out, and in the current opset: the two must answer the same. */
export interface ConvertedFile {
  readonly before: Uint8Array;
  readonly after: Uint8Array;
}

/**
 * Reads an ONNX file of any opset that has rules, in the current one; group norms are spelled out ({@link spellOutGroupNorms}).
 * @returns the graph, and both files where its opset was another: whoever runs it lets the engine compare them first
 * (`verifyConversion`)
 * @throws {TF_GRAPH_INVALID} when the bytes are damaged or hold no graph
 * @throws {TF_GRAPH_UNSUPPORTED_OP} for an operation that has no form in the current opset; the message names its node
 */
export function readCurrent(bytes: Uint8Array): { readonly graph: Graph; readonly conversion: ConvertedFile | undefined } {
  const { graph: stored, hasHalfs } = readModel(bytes);
  const written = spellOutGroupNorms(stored);
  const graph = convertOpset(written);
  if (graph === written) return { graph, conversion: undefined };
  // Halfs would be rounded otherwise, and Node cannot give them to a network at all; of group norms the engine itself may be wrong.
  return { graph, conversion: { before: hasHalfs || written !== stored ? encodeModel(written) : bytes, after: encodeModel(graph) } };
}
