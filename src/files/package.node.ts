import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const packageName = "tensorface";

/**
 * The folder of the package that is running: the same from the sources and from the build, which lie at different depths. Looked for by
 * name, so that it is not taken for the package of a program that this one was bundled into.
 * @returns `undefined` where the code was moved away from its package, as bundlers do
 */
export function packageFolder(): string | undefined {
  return findPackage()?.folder;
}

/** The version of the package that is running; "unknown" where the code was moved away from it. */
export function packageVersion(): string {
  return findPackage()?.version ?? "unknown";
}

// By hand: Node's own `findPackageJSON` is missing in other runtimes that run this code.
function findPackage(): { readonly folder: string; readonly version: string } | undefined {
  // A bundle in CommonJS has no address.
  const here: string | undefined = import.meta.url;
  if (here === undefined || !here.startsWith("file:")) return undefined;
  for (let folder = dirname(fileURLToPath(here)); ; folder = dirname(folder)) {
    const manifest = readManifest(join(folder, "package.json"));
    if (manifest?.name === packageName) return { folder, version: manifest.version };
    if (folder === dirname(folder)) return undefined;
  }
}

// Not by zod, which takes longer to load than this to do: the command asks for its version before anything else.
function readManifest(path: string): { readonly name: unknown; readonly version: string } | undefined {
  try {
    const value: unknown = JSON.parse(readFileSync(path, "utf8"));
    if (typeof value !== "object" || value === null || !("name" in value)) return undefined;
    return { name: value.name, version: "version" in value ? String(value.version) : "unknown" };
  } catch {
    return undefined;
  }
}
