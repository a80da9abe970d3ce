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

/** Pictures that are opened ahead of the one that is looked at. */
const ahead = 16;
/** Archives that are open at a time: more than those of the pictures that are being read, and a plan may have ten thousand. */
const mostArchives = 4 * ahead;

export function openSources({ base, maxBytes, remote: remoteOptions }: SourcesOptions): Sources {
  const limits = decodeLimits({ maxBytes });
  const remote = openRemote(remoteOptions);
  // The one that was asked last stands last.
  const archives = new Map<string, Promise<FileHandle>>();
  const close = async (opening: Promise<FileHandle> | undefined): Promise<void> =>
    opening?.then((file) => file.close()).catch(() => undefined);
  const openArchive = async (path: string): Promise<FileHandle> => {
    const opening = archives.get(path) ?? open(path);
    // Until it is waited for a rejection is not an unhandled one.
    opening.catch(() => undefined);
    archives.delete(path);
    archives.set(path, opening);
    const [oldest] = archives.keys();
    if (archives.size > mostArchives) await forget(oldest!);
    return opening;
  };
  const forget = async (path: string): Promise<void> => {
    const opening = archives.get(path);
    archives.delete(path);
    await close(opening);
  };
  const readMember = async ({ tar, at, bytes }: ArchiveEntry, source: string): Promise<Uint8Array> => {
    const path = resolve(base, tar);
    checkBytes(bytes, limits, source);
    try {
      const handle = await openArchive(path);
      const { bytesRead, buffer } = await handle.read(Buffer.allocUnsafe(bytes), 0, bytes, at);
      return buffer.subarray(0, bytesRead);
    } catch (error) {
      await forget(path);
      throw readFailure(error, source);
    }
  };
  const bytesOf = async (entry: Entry, source: string, signal: AbortSignal): Promise<Uint8Array> => {
    const check = (bytes: number): void => checkBytes(bytes, limits, source);
    if (typeof entry === "string") return remote.read(entry, { checkBytes: check, signal });
    return isRemote(entry.tar) ? remote.read(entry.tar, { range: entry, checkBytes: check, signal }) : readMember(entry, source);
  };
  return {
    ahead,
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
      for (const path of archives.keys()) await forget(path);
    },
  };
}
