import type { Dirent, Stats } from "node:fs";
import { lstat, readdir, realpath, stat } from "node:fs/promises";
import { basename, dirname, extname, isAbsolute, join, relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { glob, isDynamicPattern } from "tinyglobby";
import { type ErrorReport, isTensorFaceError, TensorFaceError } from "../core/index.ts";
import { nameOfInput } from "../image/index.ts";
import type { LocalFile } from "../image/input.node.ts";

/** A picture to analyse: what to open, what to call it, and where its annotated copy stands below the target folder. */
export interface PictureItem {
  readonly input: string | URL | Uint8Array | LocalFile;
  readonly source: string;
  /** Relative path with `/` between folders. */
  readonly place: string;
}

/** An INPUT, or a part of one, that gives no picture. */
export interface FailedItem {
  readonly source: string;
  readonly error: ErrorReport;
}

export type InputItem = PictureItem | FailedItem;

export interface ExpandOptions {
  /** The bytes of standard input, for `-`, and of URLs where {@link readsUrls} is set. */
  readonly read: (location: string, signal?: AbortSignal) => Promise<Uint8Array>;
  /** Ends the reading. */
  readonly signal?: AbortSignal | undefined;
  /** Read URLs here, so that a picture that is used twice is downloaded once. @default false */
  readonly readsUrls?: boolean | undefined;
  /** Names that walks and globs pass over. */
  readonly skipName?: ((name: string) => boolean) | undefined;
  /** A folder (a real path) that walks and globs pass over, with all below it. */
  readonly skipFolder?: string | undefined;
}

/** What folders and globs take; a file that is named by itself is tried whatever its name. */
export const pictureExtensions: readonly string[] = [
  ".avif",
  ".gif",
  ".heic",
  ".heif",
  ".jfif",
  ".jpeg",
  ".jpg",
  ".png",
  ".tif",
  ".tiff",
  ".webp",
];

/** Numbers in names count as numbers, and the order is the same on every machine. */
export const byName: (a: string, b: string) => number = new Intl.Collator("en", { numeric: true }).compare;

export function isFailedItem(item: InputItem): item is FailedItem {
  return "error" in item;
}

/** The words of the command line, where the name of a file that is there is never taken for an address: `./http:a.jpg`. */
export async function preferFiles(words: readonly string[]): Promise<string[]> {
  const isThere = (word: string): Promise<boolean> =>
    lstat(word).then(
      () => true,
      () => false,
    );
  return Promise.all(words.map(async (word) => (isUrl(word) && (await isThere(word)) ? `./${word}` : word)));
}

/** Whether the inputs can give one picture only: one file, one URL or standard input. */
export async function isSinglePicture(inputs: readonly string[]): Promise<boolean> {
  const [only] = inputs;
  if (only === undefined || inputs.length > 1) return false;
  if (only === "-" || isUrl(only)) return true;
  const found = await stat(only).catch(() => undefined);
  return found === undefined ? !isGlob(only) : !found.isDirectory();
}

/**
 * The pictures behind the words of the command line, one after the other and in a fixed order: files, folders
 * (recursive, hidden ones left out, links to folders not followed), globs, URLs and `-`. Nothing is read ahead. What folders and globs
 * hold are files, whatever they are called; only a word itself can be an address.
 */
export async function* expandInputs(inputs: readonly string[], options: ExpandOptions): AsyncGenerator<InputItem, void, undefined> {
  for (const input of inputs) yield* expandInput(input, inputs.length > 1, options);
}

/** How many pictures the inputs hold; undefined where the signal ends the counting. */
export async function countInputs(inputs: readonly string[], options: ExpandOptions): Promise<number | undefined> {
  let count = 0;
  for await (const _ of expandInputs(inputs, { ...options, read: () => Promise.resolve(new Uint8Array()) })) {
    if (options.signal?.aborted === true) return undefined;
    count++;
  }
  return count;
}

/** How many pictures there are, once it is known: counted beside the work on them, and no longer than it. */
export interface InputCount extends Disposable {
  readonly total: () => number | undefined;
}

/** Begins to count; what cannot be counted stays unknown. */
export function countBeside(inputs: readonly string[], options: ExpandOptions): InputCount {
  const over = new AbortController();
  let total: number | undefined;
  void countInputs(inputs, { ...options, signal: over.signal }).then(
    (count) => (total = count),
    () => {},
  );
  return { total: () => total, [Symbol.dispose]: () => over.abort() };
}

async function* expandInput(input: string, isOneOfMany: boolean, options: ExpandOptions): AsyncGenerator<InputItem, void, undefined> {
  if (input === "-") {
    yield opened("-", { source: "-", place: "stdin" }, options);
    return;
  }
  if (isUrl(input)) {
    const { protocol, pathname } = new URL(input);
    // A data URL is the picture itself: as a name it would fill screens, and be too long for a file.
    const place = (protocol === "data:" ? "" : safeName(basename(pathname))) || "picture";
    const source = nameOfInput(input) ?? input;
    yield options.readsUrls === true ? opened(input, { source, place }, options) : { input: new URL(input), source, place };
    return;
  }
  const found = await stat(input).catch(() => undefined);
  if (found?.isDirectory()) yield* nonEmpty(input, "the folder", walk(input, isOneOfMany ? basename(resolve(input)) : "", options));
  else if (found === undefined && isGlob(input)) yield* nonEmpty(input, "the glob", matches(input, options));
  else yield { input, source: input, place: basename(input) };
}

async function opened(location: string, named: Pick<PictureItem, "source" | "place">, options: ExpandOptions): Promise<InputItem> {
  try {
    return { input: await options.read(location, options.signal), ...named };
  } catch (error) {
    if (isTensorFaceError(error)) return { source: named.source, error: error.toJSON() };
    throw error;
  }
}

/** Passes the items on; an input without any is a failed one. */
async function* nonEmpty(source: string, what: string, items: AsyncIterable<InputItem>): AsyncGenerator<InputItem, void, undefined> {
  let count = 0;
  for await (const item of items) {
    count++;
    yield item;
  }
  if (count > 0) return;
  const message = `${what} "${source}" holds no picture (looked for ${pictureExtensions.join(" ")})`;
  yield { source, error: new TensorFaceError("TF_INPUT_NOT_FOUND", message).toJSON() };
}

async function* walk(folder: string, place: string, options: ExpandOptions): AsyncGenerator<InputItem, void, undefined> {
  let entries: Dirent[];
  try {
    entries = await readdir(folder, { withFileTypes: true });
  } catch (cause) {
    yield { source: folder, error: new TensorFaceError("TF_INPUT_UNREADABLE", `cannot open the folder "${folder}"`, { cause }).toJSON() };
    return;
  }
  entries.sort((a, b) => byName(a.name, b.name));
  for (const entry of entries) {
    const path = join(folder, entry.name);
    const entryPlace = place === "" ? entry.name : `${place}/${entry.name}`;
    if (entry.name.startsWith(".")) continue;
    if (entry.isDirectory()) {
      if (!(await isSkipped(path, options))) yield* walk(path, entryPlace, options);
    } else if (isPictureName(entry.name, options)) yield { input: { path }, source: path, place: entryPlace };
  }
}

async function* matches(word: string, options: ExpandOptions): AsyncGenerator<InputItem, void, undefined> {
  const { base, pattern } = await splitGlob(word);
  // Windows shells know one name in any case: *.jpg is also what a camera calls A.JPG.
  const found = await glob(pattern, { cwd: base, expandDirectories: false, caseSensitiveMatch: sep === "/" });
  const isLinked = createLinkCheck(await realPathOf(base), base);
  for (const place of found.sort(byName)) {
    const path = join(base, place);
    if (!isPictureName(basename(path), options) || (await isLinked(dirname(path))) || (await isSkipped(dirname(path), options))) continue;
    yield { input: { path }, source: path, place: relative(base, path).split(sep).join("/") };
  }
}

async function isSkipped(folder: string, { skipFolder }: ExpandOptions): Promise<boolean> {
  return skipFolder !== undefined && foldersDown(skipFolder, await realPathOf(folder)) !== undefined;
}

/** Whether the way from `base` (and its real path) down to a folder leads through a link. The glob itself cannot tell links to folders from links to files. */
function createLinkCheck(realBase: string, base: string): (folder: string) => Promise<boolean> {
  const known = new Map<string, boolean>();
  return async (folder) => {
    const isLinked = known.get(folder) ?? relative(realBase, await realPathOf(folder)) !== relative(base, folder);
    known.set(folder, isLinked);
    return isLinked;
  };
}

/** A glob as the folder that it begins in and the pattern below it. */
interface Glob {
  readonly base: string;
  /** `/` between folders. */
  readonly pattern: string;
}

/** A glob as every system takes it: on Windows `\` parts folders, elsewhere it makes the next letter an ordinary one. */
export function portablePattern(word: string, separator: string = sep): string {
  return separator === "\\" ? word.replaceAll("\\", "/") : word;
}

/** Whether a word, where no file has its name, is a glob. */
export function isGlob(word: string, separator: string = sep): boolean {
  return isDynamicPattern(portablePattern(word, separator));
}

/** `photos/2024` and `**\/*.jpg` of `photos/2024/**\/*.jpg`. A folder that is there is a folder, also where its name has brackets. */
async function splitGlob(word: string): Promise<Glob> {
  const parts = portablePattern(word).split("/");
  let count = 0;
  while (count < parts.length - 1 && (isPlainName(parts[count]!) || (await isFolder(folderOf(parts, count + 1))))) count++;
  return { base: folderOf(parts, count), pattern: parts.slice(count).join("/") };
}

/** Whether a part means one name: brackets may also hold a `/`, and begin or end in another part. */
function isPlainName(part: string): boolean {
  return !isDynamicPattern(part) && !/[\\(){}]/.test(part);
}

/** The first folders of a path. */
export function folderOf(parts: readonly string[], count: number): string {
  const path = parts.slice(0, count).join("/");
  if (path === "") return count === 0 ? "." : "/";
  // `C:` alone would be where one stands on that drive.
  return /^[a-z]:$/i.test(path) ? `${path}/` : path;
}

async function isFolder(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isDirectory() === true;
}

/** Whether an input can give a picture that lies in `folder` (a real path), whatever is there now. */
export async function reachesInto(folder: string, input: string): Promise<boolean> {
  const begin = await beginOf(input);
  if (begin === undefined) return false;
  const { found, split, top } = begin;
  if (foldersDown(folder, top) !== undefined) return true;
  const down = foldersDown(top, folder);
  if (down === undefined) return false;
  if (split !== undefined) return deepestMatch(split.pattern) > down.length;
  return found?.isDirectory() === true && !isUrl(input) && !down.some((name) => name.startsWith("."));
}

/** Whether an input is a folder or a glob that begins in `folder` (a real path) or below it. */
export async function beginsIn(folder: string, input: string): Promise<boolean> {
  const begin = await beginOf(input);
  if (begin === undefined || (begin.split === undefined && begin.found?.isDirectory() !== true)) return false;
  return foldersDown(folder, begin.top) !== undefined;
}

/** Where on this machine an input begins: its real path, of a glob that of its base. */
interface InputBegin {
  readonly top: string;
  readonly found: Stats | undefined;
  readonly split: Glob | undefined;
}

async function beginOf(input: string): Promise<InputBegin | undefined> {
  const path = localPathOf(input);
  if (path === undefined) return undefined;
  const found = await stat(path).catch(() => undefined);
  const split = found === undefined && !isUrl(input) && isGlob(path) ? await splitGlob(path) : undefined;
  return { top: await realPathOf(split?.base ?? path), found, split };
}

/** How many folders and files below its base a glob reaches at most. */
function deepestMatch(pattern: string): number {
  return pattern.includes("**") ? Number.POSITIVE_INFINITY : pattern.split("/").length;
}

/** The folders on the way from `top` down to `path`; `undefined` where it does not lie at or below it. */
function foldersDown(top: string, path: string): readonly string[] | undefined {
  const way = relative(top, path);
  const names = way.split(sep).filter((name) => name !== "");
  return isAbsolute(way) || names[0] === ".." ? undefined : names;
}

/** The path of an input on this machine; `undefined` for `-` and for what is fetched. */
export function localPathOf(input: string): string | undefined {
  if (input === "-") return undefined;
  if (!isUrl(input)) return input;
  try {
    return fileURLToPath(input);
  } catch {
    return undefined;
  }
}

function isPictureName(name: string, { skipName }: ExpandOptions): boolean {
  return pictureExtensions.includes(extname(name).toLowerCase()) && !name.startsWith(".") && skipName?.(name) !== true;
}

export function isUrl(input: string): boolean {
  return /^(https?|data|file):/i.test(input) && URL.canParse(input);
}

/** A name that a URL gave, as a file's name: nothing in it leads to another folder. */
function safeName(name: string): string {
  return name.replaceAll(/[^\w.-]+/g, "_").replace(/^\.+/, "");
}

/** The real path of something that may not exist yet: the nearest folder that does, and the rest. */
export async function realPathOf(path: string): Promise<string> {
  const absolute = resolve(path);
  const exists = await lstat(absolute).catch(() => undefined);
  if (exists !== undefined) return realpath(absolute).catch(() => absolute);
  const parent = dirname(absolute);
  return parent === absolute ? absolute : join(await realPathOf(parent), basename(absolute));
}
