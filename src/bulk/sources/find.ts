import { createReadStream } from "node:fs";
import { isAbsolute, relative, resolve } from "node:path";
import type { Readable } from "node:stream";
import { glob } from "tinyglobby";
import { TensorFaceError } from "../../core/index.ts";
import { pathKind } from "../../files/files.node.ts";
import { byName, expandInputs, isFailedItem, isGlob, portablePattern } from "../inputs.ts";
import { type Entry, isRemote } from "./entry.ts";
import { isList, readList } from "./list.ts";
import { spellRanges } from "./number-ranges.ts";
import { openRemote, type Remote, type RemoteOptions } from "./remote.ts";
import { archiveEntries, isArchive } from "./tar.ts";

export interface FindOptions {
  /** Where relative paths begin. @default where the process is */
  readonly base?: string | undefined;
  /** The column of lists that holds paths or addresses. @default the first of the usual names */
  readonly column?: string | undefined;
  /** How servers are asked. */
  readonly remote?: RemoteOptions | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What was found out about the words before their pictures are listed. */
export interface FoundInputs {
  readonly entries: AsyncIterable<Entry>;
  /** Folders and archives without which nothing of them is there. */
  readonly roots: readonly string[];
}

/** What a word names. */
type Place =
  | { readonly kind: "list" | "archive" | "address" | "bucket"; readonly location: string }
  /** Folders, globs and files, as `analyze` takes them. */
  | { readonly kind: "files"; readonly location: string; readonly root: string | undefined };

/**
 * The pictures behind the words of the command line, in their order: folders, globs, lists, archives, addresses, and all below
 * `s3://bucket/prefix/`. Nothing is read ahead: a list of a hundred million is never in memory.
 * @throws {TF_INPUT_NOT_FOUND} when nothing is where a word says
 * @throws {TF_INPUT_NOT_FOUND | TF_INPUT_UNREADABLE | TF_INPUT_AWAY | TF_INVALID_ARGUMENT} while the entries are read
 */
export async function findInputs(words: readonly string[], options: FindOptions = {}): Promise<FoundInputs> {
  const { base = process.cwd(), column, remote: remoteOptions, signal } = options;
  const places = (await Promise.all(words.map((word) => placesOf(word, base)))).flat();
  async function* entries(): AsyncGenerator<Entry, void, undefined> {
    using remote = openRemote(remoteOptions);
    for (const place of places) {
      const { kind, location } = place;
      if (kind === "address") yield location;
      else if (kind === "bucket") yield* remote.list(location, signal);
      else if (kind === "archive") yield* archiveEntries(location, await openArchive(location, { base, remote, signal }), signal);
      else if (kind === "list") yield* readList(resolve(base, location), column);
      else yield* filesOf(location, base, signal);
    }
  }
  const roots = places.flatMap((place) => (place.kind === "archive" ? place.location : place.kind === "files" ? (place.root ?? []) : []));
  return { entries: entries(), roots };
}

async function placesOf(word: string, base: string): Promise<Place[]> {
  const kind = isRemote(word) ? "none" : await pathKind(resolve(base, word));
  // A file that is called so is meant itself.
  const words = kind === "none" ? spellRanges(word) : [word];
  if (words[0] !== word) return (await Promise.all(words.map((each) => placesOf(each, base)))).flat();
  if (isRemote(word)) return [{ kind: isArchive(word) ? "archive" : /^s3:.*\/$/i.test(word) ? "bucket" : "address", location: word }];
  if (kind === "none" && isGlob(word) && isArchive(word)) return archivesOf(word, base);
  if (kind === "file" && isArchive(word)) return [{ kind: "archive", location: word }];
  if (kind === "file" && isList(word)) return [{ kind: "list", location: word }];
  // A picture that is not there is a row of the results; a word that was mistyped would be the only one.
  if (kind === "none" && !isGlob(word)) throw new TensorFaceError("TF_INPUT_NOT_FOUND", `"${word}" does not exist`);
  return [{ kind: "files", location: word, root: kind === "none" ? undefined : word }];
}

/** Archives have numbers in their names, which count as numbers. */
async function archivesOf(word: string, base: string): Promise<Place[]> {
  const found = await glob(portablePattern(word), { cwd: base, expandDirectories: false, absolute: isAbsolute(word) });
  if (found.length === 0) throw new TensorFaceError("TF_INPUT_NOT_FOUND", `the glob "${word}" matches no archive`);
  return found.sort(byName).map((location) => ({ kind: "archive", location }));
}

interface OpenArchiveOptions {
  readonly base: string;
  readonly remote: Remote;
  readonly signal: AbortSignal | undefined;
}

async function openArchive(location: string, { base, remote, signal }: OpenArchiveOptions): Promise<Readable> {
  return isRemote(location) ? remote.stream(location, signal) : createReadStream(resolve(base, location), { highWaterMark: 1 << 20 });
}

async function* filesOf(word: string, base: string, signal: AbortSignal | undefined): AsyncGenerator<Entry, void, undefined> {
  for await (const item of expandInputs([resolve(base, word)], { read: () => Promise.reject(new TypeError("no address")), signal })) {
    if (isFailedItem(item)) throw new TensorFaceError(item.error.code, item.error.message, { hint: item.error.hint });
    yield isAbsolute(word) ? item.source : relative(base, item.source);
  }
}
