import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { encodeModel } from "../../src/graph/index.ts";
import { checkManifest, type ModelManifest } from "../../src/models/index.ts";
import { manifestFacts } from "./manifests.ts";
import { type NetworkId, type NetworkSource, networkSources, packageFolder } from "./sources.ts";

/** What the package uses or offers, in the order of their table. */
const offeredIds: readonly NetworkId[] = ["blazeface", "emotion", "facemesh", "faceres", "ssd-mobilenet-v1"];

/** What is only measured against: not published, not offered to browsers, never a default. */
const rivalIds: readonly NetworkId[] = ["face-api-age-gender", "face-api-expression"];

/** Every network id. */
export const networkIds: readonly NetworkId[] = [...offeredIds, ...rivalIds];

/** The folder under `models/` that a network is converted into. */
export function networkFolder(id: NetworkId): "converted" | "rivals" {
  return rivalIds.includes(id) ? "rivals" : "converted";
}

/** Converts one network into `folder`: the ONNX file, and its manifest beside it. */
export function convertNetwork(id: NetworkId, folder: string): ModelManifest {
  const source: NetworkSource = networkSources[id];
  const from = packageFolder(source.package);
  if (from === undefined) throw new Error(`${source.package} is not installed`);
  const bytes = encodeModel(source.convert(from), { compact: true });
  const manifest = checkManifest(
    { schema: "tensorface.model/1", id, file: `${id}.onnx`, bytes: bytes.length, sha256: sha256(bytes), ...manifestFacts[id] },
    id,
  );
  mkdirSync(folder, { recursive: true });
  writeWhole(join(folder, manifest.file), bytes);
  writeWhole(join(folder, `${id}.json`), `${JSON.stringify(manifest, undefined, 2)}\n`);
  return manifest;
}

/** A stopped conversion leaves the old file or the new one, never half of one. */
export function writeWhole(path: string, content: Uint8Array | string): void {
  const partial = `${path}.partial-${process.pid}`;
  writeFileSync(partial, content);
  renameSync(partial, path);
}

/** The packages that the networks come from, or the names of those that are missing. */
export function missingPackages(): string[] {
  const names = new Set(networkIds.map((id) => networkSources[id].package));
  return [...names].filter((name) => packageFolder(name) === undefined);
}

/** The hash of everything that the result depends on: weights and converter. */
export function inputHash(converterFiles: readonly string[]): string {
  const hash = createHash("sha256");
  for (const id of networkIds) {
    const source: NetworkSource = networkSources[id];
    for (const file of source.files) hash.update(readFileSync(join(packageFolder(source.package)!, file)));
  }
  for (const file of converterFiles) hash.update(readFileSync(file));
  return hash.digest("hex");
}

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
