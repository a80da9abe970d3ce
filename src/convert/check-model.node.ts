import { checkNetwork } from "../classify/index.ts";
import type { HeadManifest } from "../models/index.ts";
import { type InferenceRuntime, verifyConversion } from "../runtime/index.ts";
import type { ImportedModel } from "./import-model.ts";

/**
 * A file of an older opset must mean after its conversion what it meant, and the model must run.
 * @throws {TF_MODEL_INVALID} when it does not
 */
export async function checkImport({ manifest, bytes, conversion }: ImportedModel, runtime: InferenceRuntime): Promise<void> {
  if (conversion !== undefined) await verifyConversion(runtime, conversion, manifest.input);
  await checkRuns(manifest, bytes, runtime);
}

/** @throws {TF_MODEL_INVALID} when the network cannot be loaded, or is not what the manifest says */
export async function checkRuns(manifest: HeadManifest, bytes: Uint8Array, runtime: InferenceRuntime): Promise<void> {
  await using session = await runtime.load(bytes);
  checkNetwork(manifest, session);
}
