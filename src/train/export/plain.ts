import { TensorFaceError } from "../../core/index.ts";
import { decodeModel, encodeModel, plainGraph } from "../../graph/index.ts";
import { readMetadata } from "../../graph/metadata/index.ts";
import { type InferenceRuntime, type ProbeSize, verifyConversion } from "../../runtime/index.ts";

/**
 * The same network in a file that other engines read: opset 13, float32 weights. It is loaded and compared with the given one before
 * it is given. Several times as large as the shipped networks, whose weights are kept as codes.
 * @param size of the pictures that both are compared on
 * @throws {TF_GRAPH_UNSUPPORTED_OP} for an operation that has no form in opset 13; the message names its node
 * @throws {TF_GRAPH_INVALID} when the bytes are no network, or the two answer otherwise
 */
export async function exportPlain(runtime: InferenceRuntime, bytes: Uint8Array, size: ProbeSize): Promise<Uint8Array> {
  const graph = decodeModel(bytes);
  const quantised = graph.nodes.find(({ op }) => op === "QuantizeLinear");
  if (quantised !== undefined) {
    const what = `node "${quantised.name}" computes with 8-bit numbers, which a plain file does not have`;
    throw new TensorFaceError("TF_GRAPH_UNSUPPORTED_OP", what, { hint: "Export the network without 8-bit activations." });
  }
  const after = encodeModel(plainGraph(graph), { metadata: Object.fromEntries(readMetadata(bytes)) });
  await verifyConversion(runtime, { before: bytes, after }, size);
  return after;
}
