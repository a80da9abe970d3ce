import { packageVersion } from "../files/package.node.ts";

/** The versions that decide what an import writes. */
export function toolVersions(): Record<string, string> {
  return { tensorface: packageVersion(), node: process.versions.node };
}
