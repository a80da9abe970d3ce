import { readFileSync } from "node:fs";
import { findPackageJSON } from "node:module";
import { z } from "zod";

/** The versions that decide what an import writes. */
export function toolVersions(): Record<string, string> {
  const path = findPackageJSON(".", import.meta.url);
  const own = path === undefined ? undefined : z.looseObject({ version: z.string() }).parse(JSON.parse(readFileSync(path, "utf8")));
  return { tensorface: own?.version ?? "unknown", node: process.versions.node };
}
