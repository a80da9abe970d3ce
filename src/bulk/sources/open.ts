import { resolve } from "node:path";
import type { InputItem } from "../inputs.ts";
import { type Entry, sourceOf } from "./entry.ts";

/** Opens the pictures of a plan where they lie. */
export interface Sources extends AsyncDisposable {
  /** How many to open ahead of the one that is looked at. */
  readonly ahead: number;
  open(entry: Entry, signal: AbortSignal): Promise<InputItem>;
}

/** @param base where relative paths begin */
export function openSources(base: string): Sources {
  return {
    ahead: 1,
    open: async (entry) => {
      const source = sourceOf(entry);
      return { input: { path: resolve(base, source) }, source, place: "" };
    },
    [Symbol.asyncDispose]: async () => {},
  };
}
