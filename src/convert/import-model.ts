import { createHash } from "node:crypto";
import { encodeModel } from "../graph/index.ts";
import { type HeadManifest, headManifestSchema } from "../models/index.ts";
import { TensorFaceError } from "../core/index.ts";
import { describeForeignModel, type ForeignModelAnswers } from "./describe-model.ts";
import type { ComparedFile, ForeignNetwork } from "./foreign-network.ts";
import { openForeignNetwork, type OpenForeignOptions } from "./open.ts";

/** A network of somebody else's as a model of ours: what stands in a folder of the user's models. */
export interface ImportedModel {
  readonly manifest: HeadManifest;
  /** The ONNX file. */
  readonly bytes: Uint8Array;
  /** Of an ONNX file of another opset: what the engine has to compare before the model is believed. */
  readonly conversion: ComparedFile | undefined;
}

/**
 * Makes a model of a network that was made elsewhere.
 * @param path as {@link openForeignNetwork} takes it
 * @throws as {@link openForeignNetwork} and {@link describeForeignModel}
 */
export async function importForeignModel(
  path: string,
  answers: ForeignModelAnswers = {},
  options: OpenForeignOptions = {},
): Promise<ImportedModel> {
  const network = await openForeignNetwork(path, options);
  if (options.outputNode === undefined) expectOneOutput(network);
  const { graph, manifest } = describeForeignModel(network, answers);
  const bytes = encodeModel(graph);
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  const whole = headManifestSchema.parse({ ...manifest, file: `${manifest.id}.onnx`, bytes: bytes.length, sha256 });
  return { manifest: whole, bytes, conversion: network.conversion };
}

/** Of several outputs the scores must be told, unless they are called what everybody calls them. */
function expectOneOutput({ format, name, graph, output }: ForeignNetwork): void {
  if (graph.outputs.length === 1 || output === "logits") return;
  const names = graph.outputs.map((each) => each.name).join(", ");
  throw new TensorFaceError("TF_INVALID_ARGUMENT", `the ${format} "${name}" has ${graph.outputs.length} outputs: ${names}`, {
    hint: "Say which one gives the scores: --output-node NAME.",
  });
}
