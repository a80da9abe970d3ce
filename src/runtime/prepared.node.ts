import { createHash } from "node:crypto";
import { closeSync, openSync, readSync } from "node:fs";
import { chmod, mkdir, mkdtemp, open, readdir, readFile, rm, stat, utimes, writeFile } from "node:fs/promises";
import { arch, cpus, platform } from "node:os";
import { join } from "node:path";
import { isTensorFaceError } from "../core/index.ts";
import { readTextFile } from "../files/files.node.ts";
import { putInPlace } from "../files/put-in-place.node.ts";

/**
 * Networks as the engine has made them ready: optimised for this processor, weights unpacked and laid out for its vectors. To make a network
 * ready takes most of a start; what was made once is mapped into memory by all who use it, in a tenth of the time and without copies.
 *
 * They are kept beside the models, in a folder that may be emptied at any time. What cannot be kept or read is made ready anew, as without it.
 */

/**
 * Another form of what is kept, another name: earlier entries lack what {@link tellSizes} adds, were optimised by a step that is left out now, or have
 * the engine's own group norms.
 */
const form = "5";
/** Larger than what a program needs, and so that models which are made again and again do not pile up. */
const mostKept = 24;
/** What a process that was killed left. */
const abandonedAfter = 3_600_000;
const day = 86_400_000;

const graphFile = "network.onnx";
const weightsFile = "weights.bin";
const sealFile = "seal.json";
/** The folder may be one that others use too, such as `/tmp`: what does not begin so is not ours to remove. */
const entryPrefix = "tensorface-";
const partPrefix = ".tensorface-part-";

/** The settings with which the engine writes what it has made ready, in a folder. */
export interface PreparingSettings {
  readonly optimizedModelFilePath: string;
  readonly extra: Readonly<Record<string, string>>;
}

/** A network that is being made ready. */
export interface Preparation {
  readonly settings: PreparingSettings;
  /** Keeps what the engine wrote; once it is on the disk. */
  keep(): Promise<void>;
  /** Removes what it wrote. */
  drop(): Promise<void>;
}

/** Where networks are kept that were made ready by one engine on one kind of processor. */
export interface PreparedNetworks {
  /** The path of the network with this SHA-256; undefined where it was not made ready yet, or was changed since. */
  find(sha256: string): Promise<string | undefined>;
  /** Undefined where nothing can be written. */
  begin(sha256: string): Promise<Preparation | undefined>;
}

/** The folder that `TENSORFACE_CACHE` names, else the one in the models' folder; undefined for `off`. */
export function cacheFolder(models: string, environment: NodeJS.ProcessEnv = process.env): string | undefined {
  const asked = environment["TENSORFACE_CACHE"];
  if (asked === "off") return undefined;
  return asked !== undefined && asked !== "" ? asked : join(models, "prepared");
}

/**
 * The networks that are kept in the folder `root`.
 * @param engine its name and version: another one lays weights out in another way
 * @param processor what its instructions are; see {@link describeProcessor}
 */
export function openPreparedNetworks(root: string, engine: string, processor: string = describeProcessor()): PreparedNetworks {
  const place = (sha256: string): string =>
    join(root, `${entryPrefix}${createHash("sha256").update([form, engine, processor, sha256].join("\n")).digest("hex").slice(0, 32)}`);
  return {
    find: async (sha256) => {
      const entry = place(sha256);
      if (!(await isSealed(entry))) return undefined;
      await markUsed(entry);
      return join(entry, graphFile);
    },
    begin: async (sha256) => {
      try {
        await mkdir(root, { recursive: true });
        return preparation(await mkdtemp(join(root, partPrefix)), place(sha256));
      } catch {
        return undefined;
      }
    },
  };

  function preparation(part: string, entry: string): Preparation {
    const drop = async (): Promise<void> => rm(part, { recursive: true, force: true }).catch(() => undefined);
    return {
      settings: {
        optimizedModelFilePath: join(part, graphFile),
        extra: {
          optimized_model_external_initializers_file_name: weightsFile,
          // The rest stands in the graph's own file.
          optimized_model_external_initializers_min_size_in_bytes: "1024",
          save_external_prepacked_constant_initializers: "1",
        },
      },
      drop,
      keep: async () => {
        try {
          await tellSizes(join(part, graphFile));
          await seal(part);
          await rm(entry, { recursive: true, force: true });
          await putInPlace(part, entry);
          await removeOld(root);
        } catch {
          // No room, or another process was sooner.
          await drop();
        }
      },
    };
  }
}

/**
 * Sizes and times of the files as they were written. What is changed or cut off later shows, without reading it all at every start. Whole
 * seconds: archives and the layers of container images keep no more of a time.
 */
async function describeFiles(folder: string): Promise<string> {
  const files = await Promise.all([graphFile, weightsFile].map(async (name) => stat(join(folder, name))));
  return JSON.stringify(files.map(({ size, mtimeMs }) => ({ size, seconds: Math.floor(mtimeMs / 1000) })));
}

/** So that sums are written where they stand. What cannot be read stays as the engine wrote it. */
async function tellSizes(path: string): Promise<void> {
  const { declareSums } = await import("../graph/in-place/index.ts");
  const written = await readFile(path);
  try {
    await writeFile(path, declareSums(written));
  } catch (error) {
    if (!isTensorFaceError(error)) throw error;
  }
}

/** Flushed first: after a power cut a file may have its size, and zeros in it. */
async function seal(folder: string): Promise<void> {
  for (const name of [graphFile, weightsFile]) {
    await using file = await open(join(folder, name), "r+");
    await file.sync();
  }
  await writeFile(join(folder, sealFile), await describeFiles(folder));
  // The folder of a part is for its maker alone.
  await chmod(folder, 0o755);
}

async function isSealed(folder: string): Promise<boolean> {
  try {
    return (await readTextFile(join(folder, sealFile))) === (await describeFiles(folder));
  } catch {
    return false;
  }
}

async function markUsed(entry: string): Promise<void> {
  const path = join(entry, sealFile);
  try {
    const now = Date.now();
    if (now - (await stat(path)).mtimeMs > day) await utimes(path, now / 1000, now / 1000);
  } catch {
    // A cache that may only be read serves as well.
  }
}

/** Keeps those that were used last. */
async function removeOld(root: string): Promise<void> {
  const names = await readdir(root);
  const usedOf = async (prefix: string) =>
    Promise.all(names.filter((name) => name.startsWith(prefix)).map(async (name) => ({ name, usedMs: await lastUse(join(root, name)) })));
  const parts = (await usedOf(partPrefix)).filter(({ usedMs }) => usedMs < Date.now() - abandonedAfter);
  const whole = (await usedOf(entryPrefix)).toSorted((a, b) => b.usedMs - a.usedMs);
  for (const { name } of [...parts, ...whole.slice(mostKept)]) {
    // One that somebody has open, on Windows, must not keep the others.
    await rm(join(root, name), { recursive: true, force: true }).catch(() => undefined);
  }
}

/** 0 of one that another process has just removed. */
async function lastUse(entry: string): Promise<number> {
  const found = await stat(join(entry, sealFile)).catch(async () => stat(entry).catch(() => undefined));
  return found?.mtimeMs ?? 0;
}

/**
 * What weights are laid out for: the processor's name, and its instructions where the system tells them. A folder may be shared by
 * machines that differ.
 */
export function describeProcessor(): string {
  return [platform(), arch(), cpus()[0]?.model ?? "", process.platform === "linux" ? instructions() : ""].join("\n");
}

/** The list of the first core. All cores would be much to read, and say the same. */
function instructions(): string {
  const start = Buffer.alloc(8192);
  let file: number | undefined;
  try {
    file = openSync("/proc/cpuinfo", "r");
    const text = start.toString("latin1", 0, readSync(file, start));
    return /^(?:flags|Features)\s*:(.*)$/m.exec(text)?.[1]?.trim() ?? "";
  } catch {
    return "";
  } finally {
    if (file !== undefined) closeSync(file);
  }
}
