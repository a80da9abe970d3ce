import { readModel } from "../decode.ts";
import { encodeModel } from "../encode.ts";
import { spellOutGroupNorms } from "./spell-group-norms.ts";

/**
 * An ONNX file with its group norms spelled out ({@link spellOutGroupNorms}), in the opset that it has and in single precision; a file without
 * any is given back as it is.
 * @throws {TF_GRAPH_INVALID | TF_GRAPH_UNSUPPORTED_OP} when it cannot be read
 */
export function withRightGroupNorms(bytes: Uint8Array): Uint8Array {
  const { graph } = readModel(bytes);
  const spelled = spellOutGroupNorms(graph);
  return spelled === graph ? bytes : encodeModel(spelled);
}
