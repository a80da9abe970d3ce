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
  return Number(isOwn(b)) - Number(isOwn(a)) || b.preference - a.preference || newerFirst(a, b);
}

function newerFirst(a: ModelManifest, b: ModelManifest): number {
  return b.id.localeCompare(a.id, "en", { numeric: true });
}

function isOwn({ provenance }: ModelManifest): boolean {
  return provenance.training !== undefined;
}

/**
 * The model that a name stands for: the one of this id, or the newest whose id is the name and a number: `mood` is `mood-9` where that and `mood-8` are there.
 * Undefined where there is none.
 */
export function findNamed<Manifest extends ModelManifest>(manifests: readonly Manifest[], name: string): Manifest | undefined {
  return manifests.find(({ id }) => id === name) ?? newestOf(manifests, name);
}

function newestOf<Manifest extends ModelManifest>(manifests: readonly Manifest[], stem: string): Manifest | undefined {
  const versions = manifests.filter(({ id }) => id.startsWith(`${stem}-`) && /^\d+$/.test(id.slice(stem.length + 1)));
  return versions.toSorted(newerFirst)[0];
}

/** Why there is no model of a name among some; of one that another version took the place of, which that is. */
export function modelNotFound(name: string, manifests: readonly ModelManifest[], message: string): TensorFaceError {
  const stem = name.replace(/-\d+$/, "");
  const successor = stem === name ? undefined : newestOf(manifests, stem);
  const installed = manifests.map(({ id }) => id).join(", ") || "none";
  const options =
    successor === undefined ? {} : { hint: `It is another version of ${successor.id}, which is installed; \`${stem}\` names whichever is.` };
  return new TensorFaceError("TF_MODEL_NOT_FOUND", `${message} installed are: ${installed}`, options);
}

/** The model that a name stands for; see {@link findNamed}. @throws {TF_MODEL_NOT_FOUND} with the ids that there are */
export function findModel(manifests: readonly ModelManifest[], name: string): ModelManifest {
  const found = findNamed(manifests, name);
  if (found !== undefined) return found;
  throw modelNotFound(name, manifests, `no model "${name}" is installed;`);
}

/** The head that tells `task` where none is asked for: the first in order. @throws {TF_MODEL_NOT_FOUND} when none does */
export function defaultHead(manifests: readonly ModelManifest[], task: BuiltInTask): HeadManifest {
  const found = orderManifests(manifests.filter(({ kind }) => kind === "head")).find(
    (manifest): manifest is HeadManifest => manifest.kind === "head" && manifest.outputs.some((output) => output.task === task),
  );
  if (found !== undefined) return found;
  throw new TensorFaceError("TF_MODEL_NOT_FOUND", `no head for ${task} is installed`);
}
