import { isTensorFaceError, TensorFaceError } from "../core/index.ts";
import { holdsGroupNorm } from "./load.ts";

/**
 * A network whose group norms are right: others stand in the place of the engine's own. A file at a path is opened as it is.
 * @throws {TF_MODEL_INVALID} for a network with group norms that cannot be read here
 */
export async function withRightNorms(model: Uint8Array | string): Promise<Uint8Array | string> {
  if (typeof model === "string" || !holdsGroupNorm(model)) return model;
  const { withRightGroupNorms } = await import("../graph/group-norms/index.ts");
  try {
    return withRightGroupNorms(model);
  } catch (error) {
    if (!isTensorFaceError(error)) throw error;
    throw new TensorFaceError(
      "TF_MODEL_INVALID",
      `the network has group norms, and cannot be read to compute them rightly: ${error.message}`,
      {
        cause: error,
        hint: "Export it in an opset below 18, which writes a group norm as other operations.",
      },
    );
  }
}
