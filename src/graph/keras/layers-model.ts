import { z } from "zod";
import { TensorFaceError } from "../../core/index.ts";
import { readWeights, weightsManifestSchema } from "../tensorflow/weights.ts";
import { type LoweredModel, lowerLayers } from "./lower.ts";
import { readTopology } from "./topology.ts";
import { majorVersion } from "./version.ts";

const layersModelSchema = z.object({ modelTopology: z.unknown(), weightsManifest: weightsManifestSchema });
/** TensorFlow.js writes its own name where a converted file has Keras's version. */
const savedSchema = z.object({ keras_version: z.string() });

/**
 * Reads a TensorFlow.js layers model (`tf.loadLayersModel`): what Teachable Machine exports, and what tensorflowjs_converter makes of
 * a Keras model.
 * @param model the parsed `model.json`
 * @param weights its weight files, joined in the order of the manifest
 * @throws {TF_GRAPH_INVALID} when either is not what it should be
 * @throws {TF_GRAPH_UNSUPPORTED_OP} for a layer or a setting without a rule, which it names
 */
export function readLayersModel(model: unknown, weights: Uint8Array): LoweredModel {
  const parsed = layersModelSchema.safeParse(model);
  if (!parsed.success) throw new TensorFaceError("TF_GRAPH_INVALID", `not a TensorFlow.js layers model: ${z.prettifyError(parsed.error)}`);
  const { modelTopology, weightsManifest } = parsed.data;
  const version = savedSchema.safeParse(modelTopology).data?.keras_version;
  return lowerLayers(readTopology(modelTopology), readWeights(weightsManifest, weights), {
    kerasVersion: majorVersion(version),
    savedByTensorFlowJs: version?.startsWith("tfjs-layers") ?? false,
  });
}
