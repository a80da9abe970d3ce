import { readSource } from "./load.ts";
import type { NetworkSource } from "./runtime.ts";

/** The name that a made-up network consists of. */
export async function namedBy(source: NetworkSource): Promise<string> {
  const bytes = await readSource(source);
  return typeof bytes === "string" ? bytes : new TextDecoder().decode(bytes);
}
