import { type BuiltInTask, TensorFaceError } from "../core/index.ts";
import type { HeadManifest, ModelManifest } from "./manifest.ts";

/**
 * The same manifests, the preferred ones first: the project's own (they tell how they were trained) before networks of others,
 * then by `preference`, then the newer version (`age-v10` before `age-v9`).
 * @throws {TF_MODEL_INVALID} when two have the same id
 */
export function orderManifests<Manifest extends ModelManifest>(manifests: readonly Manifest[]): Manifest[] {
  const ordered = manifests.toSorted(compare);
  const twin = ordered.find((manifest, index) => ordered.findIndex(({ id }) => id === manifest.id) !== index);
  if (twin !== undefined) throw new TensorFaceError("TF_MODEL_INVALID", `two installed models are called "${twin.id}"`);
  return ordered;
}

function compare(a: ModelManifest, b: ModelManifest): number {
  return Number(isOwn(b)) - Number(isOwn(a)) || b.preference - a.preference || b.id.localeCompare(a.id, "en", { numeric: true });
}

function isOwn({ provenance }: ModelManifest): boolean {
  return provenance.training !== undefined;
}

/** The model with this id. @throws {TF_MODEL_NOT_FOUND} with the ids that there are */
export function findModel(manifests: readonly ModelManifest[], id: string): ModelManifest {
  const found = manifests.find((manifest) => manifest.id === id);
  if (found !== undefined) return found;
  throw new TensorFaceError("TF_MODEL_NOT_FOUND", `no model "${id}" is installed; installed are: ${manifests.map(({ id }) => id).join(", ") || "none"}`);
}

/** The head that tells `task` where none is asked for: the first in order. @throws {TF_MODEL_NOT_FOUND} when none does */
export function defaultHead(manifests: readonly ModelManifest[], task: BuiltInTask): HeadManifest {
  const found = orderManifests(manifests.filter(({ kind }) => kind === "head")).find(
    (manifest): manifest is HeadManifest => manifest.kind === "head" && manifest.outputs.some((output) => output.task === task),
  );
  if (found !== undefined) return found;
  throw new TensorFaceError("TF_MODEL_NOT_FOUND", `no head for ${task} is installed`);
}
