import { TensorFaceError } from "../../core/index.ts";
import { expandInputs, isFailedItem } from "../inputs.ts";
import { type Entry } from "./entry.ts";

export interface FindOptions {
  readonly signal?: AbortSignal | undefined;
}

/** What was found out about the words before their pictures are listed. */
export interface FoundInputs {
  readonly entries: AsyncIterable<Entry>;
  /** Folders and archives without which nothing of them is there. */
  readonly roots: readonly string[];
}

export async function findInputs(words: readonly string[], { signal }: FindOptions = {}): Promise<FoundInputs> {
  async function* entries(): AsyncGenerator<Entry> {
    for (const word of words) {
      for await (const item of expandInputs([word], { read: () => Promise.reject(new Error()), signal })) {
        if (isFailedItem(item)) throw new TensorFaceError(item.error.code, item.error.message, { hint: item.error.hint });
        yield item.source;
      }
    }
  }
  return { entries: entries(), roots: words };
}
