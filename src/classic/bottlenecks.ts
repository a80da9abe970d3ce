import { appendFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { isTensorFaceError, type ProgressListener, TensorFaceError, throwIfAborted } from "../core/index.ts";
import { hashFile, pathKind, readLines, readTextFile, writeFailure, writeFileAtomically } from "../files/files.node.ts";
import { formatBottleneck, parseBottleneck } from "./bottleneck-file.ts";
import type { Eye } from "./eye.ts";
import type { ClassicPicture } from "./image-lists.ts";
import type { Generation } from "./options.ts";

/** The network that both generations of the script had; the first one's file names name no other. */
const firstNetwork = "inception_v3";

export interface BottleneckOptions {
  readonly folder: string;
  /** Of the network. */
  readonly key: string;
  readonly generation: Generation;
  readonly eye: Eye;
  readonly onLine?: ((line: string) => void) | undefined;
  readonly onWarning?: ((warning: string) => void) | undefined;
  readonly onProgress?: ProgressListener | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What a network sees of pictures. */
export interface Bottlenecks {
  /** By the picture's path, `[columns]`; a picture that cannot be read is absent. */
  readonly features: ReadonlyMap<string, Float32Array>;
  /** SHA-256 of each picture that could be read, by its path. */
  readonly hashes: ReadonlyMap<string, string>;
}

/**
 * Beside the script's files: of which picture each was made. The script goes by folder and name alone, so that another picture of that
 * name was taken for this one.
 */
const originsFile = "tensorface-pictures.jsonl";
const originSchema = z.object({ bottleneck: z.string(), sha256: z.string() });
/** Pictures between two lines that say how far it is. */
const lineEvery = 100;

/** The names, below the folder, under which a picture's features may stand; new ones are written under the first. */
export function bottleneckNames({ folder, file }: ClassicPicture, key: string, generation: Generation): readonly string[] {
  const named = `${folder}/${file}_${key}.txt`;
  if (key !== firstNetwork) return [named];
  const plain = `${folder}/${file}.txt`;
  return generation === "2016" ? [plain, named] : [named, plain];
}

/**
 * Features of every picture: read where they are kept, else computed and kept. A file that cannot be used is computed again once.
 * @throws {TF_DATASET_INVALID} when such a file's picture cannot be read either
 * @throws {TF_OUTPUT_FULL | TF_OUTPUT_UNWRITABLE | TF_ABORTED} what was computed before is kept
 */
export async function loadBottlenecks(pictures: readonly ClassicPicture[], options: BottleneckOptions): Promise<Bottlenecks> {
  const { folder, onLine, onProgress, signal } = options;
  const origins = await readOrigins(join(folder, originsFile));
  const features = new Map<string, Float32Array>();
  const hashes = new Map<string, string>();
  for (let start = 0; start < pictures.length; start += lineEvery) {
    throwIfAborted(signal);
    const piece = pictures.slice(start, start + lineEvery);
    for (const [path, hash] of await hashAll(piece)) hashes.set(path, hash);
    const kept = await Promise.all(piece.map((picture) => readKept(picture, origins, hashes.get(picture.path), options)));
    for (const [index, found] of kept.entries()) if (found.kind === "good") features.set(piece[index]!.path, found.values);
    const missing = piece.flatMap((picture, index) => (kept[index]!.kind === "good" ? [] : [{ picture, before: kept[index]! }]));
    await computeAll(missing, { features, hashes, done: start, total: pictures.length }, options);
    onProgress?.({ stage: "bottlenecks", done: start + piece.length, total: pictures.length });
    if (piece.length === lineEvery) onLine?.(`${start + lineEvery} bottleneck files created.`);
  }
  return { features, hashes };
}

/** What stands on the disk: features, nothing, something that cannot be used, or those of another picture. */
type Kept =
  | { readonly kind: "good"; readonly values: Float32Array }
  | { readonly kind: "none" }
  | { readonly kind: "other"; readonly path: string }
  | { readonly kind: "bad"; readonly error: TensorFaceError };

async function readKept(
  picture: ClassicPicture,
  origins: ReadonlyMap<string, string>,
  hash: string | undefined,
  { folder, key, generation, eye }: BottleneckOptions,
): Promise<Kept> {
  for (const name of bottleneckNames(picture, key, generation)) {
    const path = join(folder, name);
    if ((await pathKind(path)) !== "file") continue;
    const origin = origins.get(name);
    if (origin !== undefined && hash !== undefined && origin !== hash) return { kind: "other", path };
    try {
      return { kind: "good", values: parseBottleneck(await readTextFile(path), eye.columns, path) };
    } catch (error) {
      if (isTensorFaceError(error, "TF_DATASET_INVALID")) return { kind: "bad", error };
      throw error;
    }
  }
  return { kind: "none" };
}

async function hashAll(pictures: readonly ClassicPicture[]): Promise<[string, string][]> {
  const found = pictures.map(async ({ path }): Promise<[string, string][]> => {
    const hash = await hashFile(path).catch(() => undefined);
    return hash === undefined ? [] : [[path, hash]];
  });
  return (await Promise.all(found)).flat();
}

interface Missing {
  readonly picture: ClassicPicture;
  readonly before: Exclude<Kept, { readonly kind: "good" }>;
}

interface Place {
  readonly features: Map<string, Float32Array>;
  readonly hashes: Map<string, string>;
  readonly done: number;
  readonly total: number;
}

/** Pictures between two writes: a run that is stopped loses no more. */
const keptAtOnce = 16;

async function computeAll(
  missing: readonly Missing[],
  { features, hashes, done, total }: Place,
  options: BottleneckOptions,
): Promise<void> {
  const { folder, key, generation, eye, onWarning, onProgress, signal } = options;
  for (const { before } of missing) {
    if (before.kind === "bad") onWarning?.(`${before.error.message}; it is computed again`);
    if (before.kind === "other") onWarning?.(`"${before.path}" was made of another picture; it is computed again`);
  }
  for (let start = 0; start < missing.length; start += keptAtOnce) {
    const piece = missing.slice(start, start + keptAtOnce);
    const seen = await eye.see(
      piece.map(({ picture: { path } }) => ({ path })),
      signal,
    );
    const origins: string[] = [];
    for (const [index, { picture, before }] of piece.entries()) {
      const values = seen[index];
      const hash = hashes.get(picture.path);
      if (values === undefined) {
        if (before.kind === "bad") throw withoutPicture(before.error, picture.path);
        onWarning?.(`"${picture.path}" cannot be read, or shows no face to look at; it is left out`);
        continue;
      }
      features.set(picture.path, values);
      const [name] = bottleneckNames(picture, key, generation);
      await writeFileAtomically(join(folder, name!), formatBottleneck(values), { sync: false });
      if (hash !== undefined) origins.push(`${JSON.stringify({ bottleneck: name, sha256: hash })}\n`);
    }
    await appendOrigins(join(folder, originsFile), origins);
    onProgress?.({ stage: "bottlenecks", done: done + start + piece.length, total });
  }
}

function withoutPicture(error: TensorFaceError, path: string): TensorFaceError {
  return new TensorFaceError(error.code, `${error.message}, and its picture "${path}" cannot be read`, {
    hint: "Put the picture back, or remove both.",
    cause: error,
  });
}

async function appendOrigins(path: string, lines: readonly string[]): Promise<void> {
  if (lines.length === 0) return;
  await appendFile(path, lines.join("")).catch((error: unknown) => {
    throw writeFailure(error, path);
  });
}

async function readOrigins(path: string): Promise<ReadonlyMap<string, string>> {
  const origins = new Map<string, string>();
  if ((await pathKind(path)) !== "file") return origins;
  for await (const line of readLines(path)) {
    const origin = parseOrigin(line);
    if (origin !== undefined) origins.set(origin.bottleneck, origin.sha256);
  }
  return origins;
}

function parseOrigin(line: string): z.infer<typeof originSchema> | undefined {
  try {
    return originSchema.parse(JSON.parse(line));
  } catch {
    // Cut off by a killed process: that file is taken as it is.
    return undefined;
  }
}
