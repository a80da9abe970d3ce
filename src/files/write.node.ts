import { createHash } from "node:crypto";
import { type FileHandle, lstat, mkdir, open, readdir, realpath, rm, stat, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { TensorFaceError } from "../core/index.ts";
import { writeFailure } from "./failures.node.ts";
import { makeFolder } from "./make-folder.node.ts";
import { isRunning, ownMark } from "./process.node.ts";
import { putInPlace } from "./put-in-place.node.ts";
import { kindOf } from "./read.node.ts";

/**
 * One rule for writing: beside the target, flushed to the disk, then renamed. Whoever reads the target sees the old content or the whole
 * new one, and what was finished when something fails is kept and named.
 */

/** A file that is written beside its target and takes its name when it is whole. */
export interface PartFile {
  /** Where it is written. */
  readonly path: string;
  /** Resolves when the system has it: a killed process loses none of it. */
  write(data: string | Uint8Array): Promise<void>;
  /** The same at a place, in bytes from the file's beginning; what lies between is zero until it is written. */
  writeAt(data: Uint8Array, position: number): Promise<void>;
  /** Flushes to the disk: what is committed then takes its name at once. */
  flush(): Promise<void>;
  /**
   * Flushes to the disk and puts the file in place of an old one. Where that fails it stays, and the error's hint names it.
   * @param name another name in the same folder. @default the one that it was begun for
   */
  commit(name?: string): Promise<void>;
  /** Closes the file and leaves it where it is. */
  leave(): Promise<void>;
  /** Closes and removes it. */
  remove(): Promise<void>;
}

export interface PartOptions {
  /** Where to write meanwhile, in the same folder. @default a hidden name that no other process and no other call has */
  readonly part?: string | undefined;
  /** Goes on at the end of what stands there. @default false: begins anew */
  readonly append?: boolean | undefined;
  /** Flushes to the disk before the file takes its name. Without it a power cut, but no killed process, may lose it. @default true */
  readonly sync?: boolean | undefined;
  /**
   * When it has taken its name, removes what processes of this machine that were killed have left of the same file. For large files: it looks
   * through the folder. @default false
   */
  readonly replacesKilled?: boolean | undefined;
  /** Opens a file, as `node:fs/promises` does; tests give a disk that fills up. */
  readonly open?: ((path: string, flags: string) => Promise<FileHandle>) | undefined;
}

/** Most disks take names of so many bytes. */
const longestName = 255;
let count = 0;
/** Asked of the system once: some runs write a hundred thousand files. */
let owner: Promise<string> | undefined;

/** A name beside `path` that ends in `ending`, whole also where the target's own name leaves no room for it. */
export function nameBeside(path: string, prefix: string, ending: string): string {
  const whole = `${prefix}${basename(path)}${ending}`;
  if (Buffer.byteLength(whole) <= longestName) return join(dirname(path), whole);
  const short = createHash("sha256").update(basename(path)).digest("hex").slice(0, 16);
  return join(dirname(path), `${prefix}${short}${ending}`);
}

/** The machine's name, shortened, and the process: whoever finds a part knows by it whether somebody is writing it. */
function partOwner(): Promise<string> {
  owner ??= ownMark().then(({ host, pid, began }) => `${createHash("sha256").update(host).digest("hex").slice(0, 8)}-${pid}-${began}`);
  return owner;
}

/** A hidden name beside `path` that no other process and no other call has. */
export async function hiddenPart(path: string): Promise<string> {
  return nameBeside(path, ".", `.${await partOwner()}-${count++}.part`);
}

const partName = /^(.+\.)([\da-f]{8})-(\d+)-(\d*)-\d+\.part$/;

/** Removes the hidden parts of a file that processes of this machine were writing when they were killed. What cannot be removed stays. */
export async function removeKilledParts(path: string): Promise<void> {
  const [, own] = partName.exec(basename(await hiddenPart(path))) ?? [];
  await removeKilledPartsIn(dirname(path), (beginning) => beginning === own);
}

/** The same of all files in a folder. @param isMeant tells by what the name begins with whether a part may go */
export async function removeKilledPartsIn(folder: string, isMeant: (beginning: string) => boolean = () => true): Promise<void> {
  const [host] = (await partOwner()).split("-");
  for (const name of await readdir(folder).catch(() => [])) {
    const [, beginning, machine, pid, began] = partName.exec(name) ?? [];
    if (beginning === undefined || machine !== host || !isMeant(beginning) || (await isRunning(Number(pid), began))) continue;
    await rm(join(folder, name), { force: true }).catch(() => undefined);
  }
}

/**
 * Begins a file that will take the name `path`, in a folder that is made where there is none. A pipe or a device is never replaced.
 * @throws {TF_OUTPUT_FULL | TF_OUTPUT_UNWRITABLE} as all of its functions do
 */
export async function openPart(path: string, options: PartOptions = {}): Promise<PartFile> {
  const { part = await hiddenPart(path), append = false, sync = true, replacesKilled = false, open: openFile = open } = options;
  const guarded = async <Result>(work: () => Promise<Result>): Promise<Result> => {
    try {
      return await work();
    } catch (error) {
      throw writeFailure(error, path);
    }
  };
  const file = await guarded(async () => {
    const special = await specialKind(path);
    if (special !== undefined) throw new TensorFaceError("TF_OUTPUT_UNWRITABLE", `"${path}" is ${special}, no file`);
    await mkdir(dirname(part), { recursive: true });
    return openFile(part, append ? "a" : "w");
  });
  const close = (): Promise<void> => file.close().catch(() => undefined);
  let isFlushed = !sync;
  const flush = async (): Promise<void> => {
    if (!isFlushed) await guarded(() => file.sync());
    isFlushed = true;
  };
  return {
    path: part,
    async write(data) {
      isFlushed = !sync;
      await guarded(() => file.appendFile(data));
    },
    async writeAt(data, position) {
      isFlushed = !sync;
      await guarded(() => writeWhole(file, data, position));
    },
    flush,
    async commit(name = path) {
      try {
        await flush();
      } finally {
        await close();
      }
      await place(part, name);
      if (replacesKilled) await removeKilledParts(name);
    },
    leave: close,
    async remove() {
      await close();
      await rm(part, { force: true });
    },
  };
}

/**
 * Writes a whole file at once, all or nothing. Of a link it is the file that it leads to; a pipe or a device is written into as it is.
 * @throws {TF_OUTPUT_FULL | TF_OUTPUT_UNWRITABLE}
 */
export async function writeFileAtomically(path: string, data: string | Uint8Array, options?: PartOptions): Promise<void> {
  if ((await specialKind(path)) !== undefined) {
    await writeFile(path, data).catch((error: unknown) => Promise.reject(writeFailure(error, path)));
    return;
  }
  // Who says where it is written meanwhile has a folder of one's own, in which nothing leads elsewhere.
  const isLink = options?.part === undefined && (await lstat(path).catch(() => undefined))?.isSymbolicLink() === true;
  const target = isLink ? await realpath(path).catch(() => path) : path;
  const part = await openPart(target, options);
  try {
    await part.write(data);
    await part.flush();
  } catch (error) {
    await part.remove();
    throw error;
  }
  await part.commit();
}

/**
 * Whether {@link writeFileAtomically} can write a file, asked before the work of which it is the result.
 * @throws {TF_OUTPUT_FULL | TF_OUTPUT_UNWRITABLE}
 */
export async function requireTarget(path: string): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isDirectory() === true) throw writeFailure(Object.assign(new Error("a folder"), { code: "EISDIR" }), path);
  if ((await specialKind(path)) !== undefined) return;
  const made = await makeFolder(dirname(path));
  try {
    await (await openPart(path)).remove();
  } finally {
    await made.undo();
  }
}

/** What stands at a path where it is neither a file nor a folder: a device, `/dev/stdout` into a pipe. */
async function specialKind(path: string): Promise<string | undefined> {
  const found = await stat(path).catch(() => undefined);
  return found === undefined || found.isFile() || found.isDirectory() ? undefined : kindOf(found);
}

/**
 * Writes a whole file into a folder that the caller has locked: what a killed process leaves beside it is written over by the next one.
 * @throws {TF_OUTPUT_FULL | TF_OUTPUT_UNWRITABLE}
 */
export function writeInLockedFolder(path: string, data: string | Uint8Array): Promise<void> {
  return writeFileAtomically(path, data, { part: partialPath(path) });
}

/** @throws {TF_OUTPUT_FULL | TF_OUTPUT_UNWRITABLE} what was written stays, and the hint says where */
async function place(part: string, path: string): Promise<void> {
  await putInPlace(part, path).catch((cause: unknown) => {
    const { code, message } = writeFailure(cause, path);
    throw new TensorFaceError(code, message, { cause, hint: `What was written is in "${part}".` });
  });
}

/** Flushes what somebody else has written to `part`, and puts it in place. @throws the system's own error, or what {@link place} throws */
export async function commitPart(part: string, path: string): Promise<void> {
  const file = await open(part, "r+");
  try {
    await file.sync();
  } finally {
    await file.close();
  }
  await place(part, path);
}

/** A disk that fills up takes a part of a write, and says so only by how much it took. @throws the system's own error */
export async function writeWhole(file: FileHandle, data: Uint8Array, position: number): Promise<void> {
  let done = 0;
  while (done < data.length) {
    const { bytesWritten } = await file.write(data, done, data.length - done, position + done);
    done += bytesWritten;
  }
}

/** Ends a last line that a killed process left half written, so that the next one stands by itself. */
export async function endTornLine(file: FileHandle): Promise<void> {
  const { size } = await file.stat();
  if (size === 0) return;
  const last = Buffer.alloc(1);
  await file.read(last, 0, 1, size - 1);
  if (last[0] !== 10) await file.appendFile("\n");
}

/** Bytes of a file's end that are looked at together. */
const tailLength = 1 << 16;

/** Cuts off a last line that a killed process left half written, where a line must be whole to be read. For a file that the caller has locked. */
export async function cutTornLine(path: string): Promise<void> {
  // Not open for appending: Windows would not cut it.
  await using file = await open(path, "r+");
  const { size } = await file.stat();
  const tail = Buffer.alloc(tailLength);
  let end = size;
  for (let from = size; end === from && from > 0;) {
    from = Math.max(0, end - tailLength);
    await file.read(tail, 0, end - from, from);
    // Up to the last line's end; the whole piece where it holds none.
    end = from + tail.subarray(0, end - from).lastIndexOf(10) + 1;
  }
  if (end < size) await file.truncate(end);
}

/** A file that is written in large pieces, and appears under its name only when it is whole. */
export interface AtomicWriter {
  write(text: string): Promise<void>;
  /** Writes what is held back: all of it stands beside the target. */
  flush(): Promise<void>;
  /** Flushes to the disk and puts the file in place of an old one. */
  commit(): Promise<void>;
  /** Removes what was written. */
  abandon(): Promise<void>;
}

const flushLength = 1 << 18;

/**
 * Writes `path` by way of `path.partial`, so that a killed process never leaves half a file under the real name. For a file in a folder
 * that is locked: its name is always the same, so that what a killed process leaves is written over.
 * @throws {TF_OUTPUT_FULL | TF_OUTPUT_UNWRITABLE}
 */
export async function createAtomicWriter(path: string): Promise<AtomicWriter> {
  const part = await openPart(path, { part: partialPath(path) });
  let pending: string[] = [];
  let length = 0;
  const flush = async (): Promise<void> => {
    const text = pending.join("");
    pending = [];
    length = 0;
    try {
      if (text !== "") await part.write(text);
    } catch (error) {
      await part.leave();
      throw error;
    }
  };
  return {
    write: (text) => {
      pending.push(text);
      length += text.length;
      return length < flushLength ? Promise.resolve() : flush();
    },
    flush,
    async commit() {
      await flush();
      await part.commit();
    },
    abandon: () => part.remove(),
  };
}

/** Where a file in a locked folder is written until it is whole. */
export function partialPath(path: string): string {
  return nameBeside(path, "", ".partial");
}
