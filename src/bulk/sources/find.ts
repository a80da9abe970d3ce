import { isAbsolute, relative, resolve } from "node:path";
import { TensorFaceError } from "../../core/index.ts";
import { expandInputs, isFailedItem } from "../inputs.ts";
import type { Entry } from "./entry.ts";

export interface FindOptions {
  /** Where relative paths begin. @default where the process is */
  readonly base?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What was found out about the words before their pictures are listed. */
export interface FoundInputs {
  readonly entries: AsyncIterable<Entry>;
  /** Folders and archives without which nothing of them is there. */
  readonly roots: readonly string[];
}

/**
 * The pictures behind the words of the command line, in their order. Nothing is read ahead: a list of a hundred million is never in memory.
 * @throws {TF_INPUT_NOT_FOUND | TF_INPUT_UNREADABLE} while the entries are read
 */
export async function findInputs(words: readonly string[], { base = process.cwd(), signal }: FindOptions = {}): Promise<FoundInputs> {
  const named = (path: string, word: string): string => (isAbsolute(word) ? path : relative(base, path));
  async function* entries(): AsyncGenerator<Entry, void, undefined> {
    for (const word of words) {
      for await (const item of expandInputs([resolve(base, word)], { read: () => Promise.reject(new TypeError("no address")), signal })) {
        if (isFailedItem(item)) throw new TensorFaceError(item.error.code, item.error.message, { hint: item.error.hint });
        yield named(item.source, word);
      }
    }
  }
  return { entries: entries(), roots: words };
}
