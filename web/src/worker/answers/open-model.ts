import { TensorFaceError } from "tensorface/browser";
import { checkNetwork } from "../../../../src/classify/index.ts";
import {
  checkManifest,
  expectHead,
  makeModelFile,
  openModelFile,
  type OpenedModel,
  parseJson,
  taskOf,
  verifyModel,
  webSha256,
} from "../../../../src/models/index.ts";
import { createBrowserRuntime } from "../../../../src/runtime/runtime.browser.ts";
import type { OpenModelAsk, OwnModelFile } from "../../shared/questions.ts";

/**
 * Opens a one-file model, or a network with its manifest, which become one file. It is tried before it is taken: a lying one must not
 * fail with the first picture.
 * @throws {TF_MODEL_INVALID | TF_MODEL_CORRUPT | TF_INVALID_ARGUMENT}
 */
export async function openOwnModel({ files }: OpenModelAsk): Promise<OwnModelFile> {
  const bytes = await oneFile(files);
  const opened = await openModelFile(bytes, nameOf(files));
  const described = describeOwnModel(opened, bytes);
  const runtime = await createBrowserRuntime();
  await using session = await runtime.load(bytes);
  checkNetwork(expectHead(opened), session);
  return described;
}

/** What the page shows of a model. @throws {TF_INVALID_ARGUMENT} when it is a detector or the like */
export function describeOwnModel(opened: Pick<OpenedModel, "manifest">, bytes: Uint8Array): OwnModelFile {
  const { id, title, outputs, sees = "face" } = expectHead(opened);
  return { id, title, tasks: outputs.map(taskOf), sees, file: new Blob([new Uint8Array(bytes)]) };
}

function nameOf(files: readonly File[]): string {
  return files.map(({ name }) => `"${name}"`).join(" and ");
}

async function oneFile(files: readonly File[]): Promise<Uint8Array> {
  const networks = files.filter(({ name }) => /\.onnx$/i.test(name));
  const [network, other] = networks;
  if (network === undefined || other !== undefined) {
    throw new TensorFaceError("TF_MODEL_INVALID", `${nameOf(files)}: ${networks.length} networks (.onnx), expected one`, {
      hint: "Choose one file that Teach or `retrain` made, or a network together with its manifest (.json).",
    });
  }
  const bytes = new Uint8Array(await network.arrayBuffer());
  const manifests = await Promise.all(files.filter(({ name }) => /\.json$/i.test(name)).map(readManifest));
  const manifest = manifests.find((found) => found !== undefined);
  if (manifest?.kind !== "head") return bytes;
  await verifyModel(manifest, bytes, webSha256);
  return makeModelFile(bytes, manifest);
}

/** A model's folder holds other JSON files as well, such as its settings. */
async function readManifest(file: File): Promise<ReturnType<typeof checkManifest> | undefined> {
  const value = parseJson(await file.text(), `"${file.name}"`);
  const isManifest =
    typeof value === "object" && value !== null && "schema" in value && String(value.schema).startsWith("tensorface.model/");
  return isManifest ? checkManifest(value, `"${file.name}"`) : undefined;
}
