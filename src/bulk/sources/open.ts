import { type FileHandle, open } from "node:fs/promises";
import { resolve } from "node:path";
import { isTensorFaceError } from "../../core/index.ts";
import { readFailure } from "../../files/files.node.ts";
import { checkBytes, decodeLimits } from "../../image/index.ts";
import type { InputItem } from "../inputs.ts";
import { type ArchiveEntry, type Entry, isRemote, sourceOf } from "./entry.ts";
import { openRemote, type RemoteOptions } from "./remote.ts";

/** Opens the pictures of a plan where they lie: on disks, in archives, on servers. */
export interface Sources extends AsyncDisposable {
  /** How many to open ahead of the one that is looked at: what is fetched is waited for together. */
  readonly ahead: number;
  open(entry: Entry, signal: AbortSignal): Promise<InputItem>;
}

export interface SourcesOptions {
  /** Where relative paths begin. */
  readonly base: string;
  /** Largest file, in bytes. @default the decoder's */
  readonly maxBytes?: number | undefined;
  readonly remote?: RemoteOptions | undefined;
}

export function openSources({ base, maxBytes, remote: remoteOptions }: SourcesOptions): Sources {
  const limits = decodeLimits({ maxBytes });
  const remote = openRemote(remoteOptions);
  const archives = new Map<string, Promise<FileHandle>>();
  const readMember = async ({ tar, at, bytes }: ArchiveEntry, source: string): Promise<Uint8Array> => {
    const path = resolve(base, tar);
    checkBytes(bytes, limits, source);
    if (!archives.has(path)) archives.set(path, open(path));
    try {
      const handle = await archives.get(path)!;
      const { bytesRead, buffer } = await handle.read(Buffer.allocUnsafe(bytes), 0, bytes, at);
      return buffer.subarray(0, bytesRead);
    } catch (error) {
      archives.delete(path);
      throw readFailure(error, source);
    }
  };
  const bytesOf = async (entry: Entry, source: string, signal: AbortSignal): Promise<Uint8Array> => {
    const check = (bytes: number): void => checkBytes(bytes, limits, source);
    if (typeof entry === "string") return remote.read(entry, { checkBytes: check, signal });
    return isRemote(entry.tar) ? remote.read(entry.tar, { range: entry, checkBytes: check, signal }) : readMember(entry, source);
  };
  return {
    ahead: 16,
    open: async (entry, signal) => {
      const source = sourceOf(entry);
      if (typeof entry === "string" && !isRemote(entry)) return { input: { path: resolve(base, entry) }, source, place: "" };
      try {
        return { input: await bytesOf(entry, source, signal), source, place: "" };
      } catch (error) {
        if (isTensorFaceError(error) && error.code !== "TF_ABORTED") return { source, error: error.toJSON() };
        throw error;
      }
    },
    async [Symbol.asyncDispose]() {
      remote[Symbol.dispose]();
      for (const handle of archives.values()) await handle.then((file) => file.close()).catch(() => undefined);
    },
  };
}
