import * as z from "zod/mini";
import english from "zod/v4/locales/en.js";
import { TensorFaceError } from "../core/index.ts";
import { type ModelManifest, modelManifestSchema } from "./manifest.ts";

/**
 * Reads a manifest.
 * @param text JSON
 * @param where names the file in errors
 * @throws {TF_MODEL_INVALID} when it is not JSON, or not a manifest of this version
 */
export function parseManifest(text: string, where: string): ModelManifest {
  return checkManifest(parseJson(text, where), where);
}

/** Checks what was already parsed. @throws {TF_MODEL_INVALID} as {@link parseManifest} */
export function checkManifest(value: unknown, where: string): ModelManifest {
  return checkWith(modelManifestSchema, value, where);
}

/** The file that a website has in place of a folder that can be listed: every manifest with the folder of its network. */
const modelIndexSchema = z.strictObject({
  schema: z.literal("tensorface.models/1"),
  models: z.array(z.strictObject({ folder: z.string(), manifest: modelManifestSchema })),
});

export type ModelIndex = z.infer<typeof modelIndexSchema>;

/** Reads `index.json`. @throws {TF_MODEL_INVALID} as {@link parseManifest} */
export function parseModelIndex(text: string, where: string): ModelIndex {
  return checkWith(modelIndexSchema, parseJson(text, where), where);
}

/** @throws {TF_MODEL_INVALID} when the text is no JSON */
export function parseJson(text: string, where: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new TensorFaceError("TF_MODEL_INVALID", `${where} is not JSON`, { cause: error });
  }
}

/** zod/mini has no words of its own. */
const { localeError } = english();

function checkWith<Value>(schema: z.ZodMiniType<Value>, value: unknown, where: string): Value {
  // A dozen manifests at a start are checked sooner than code for checking them is compiled.
  const result = schema.safeParse(value, { jitless: true, error: localeError });
  if (result.success) return result.data;
  throw new TensorFaceError("TF_MODEL_INVALID", `${where} is not a manifest that this version reads: ${z.prettifyError(result.error)}`);
}
