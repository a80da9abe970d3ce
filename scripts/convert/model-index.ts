import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type ModelIndex, orderManifests, parseManifest } from "../../src/models/index.ts";
import { writeWhole } from "./convert.ts";

/**
 * Writes `index.json`, by which browsers know what is in folders that they cannot list.
 * @param models the folder that is served
 * @param folders folders in it, "" or with a slash at the end
 */
export function writeModelIndex(models: string, folders: readonly string[]): void {
  const found = folders.flatMap((folder) => manifestsIn(join(models, folder)).map((manifest) => ({ folder, manifest })));
  const order = orderManifests(found.map(({ manifest }) => manifest)).map(({ id }) => id);
  const index: ModelIndex = {
    schema: "tensorface.models/1",
    models: found.toSorted((a, b) => order.indexOf(a.manifest.id) - order.indexOf(b.manifest.id)),
  };
  writeWhole(join(models, "index.json"), `${JSON.stringify(index)}\n`);
}

function manifestsIn(folder: string): ReturnType<typeof parseManifest>[] {
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder).filter((name) => name.endsWith(".json") && name !== "index.json" && name !== "stamp.json");
  return names.toSorted().map((name) => parseManifest(readFileSync(join(folder, name), "utf8"), name));
}
