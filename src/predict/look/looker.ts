import { analyzePicture, createSight, decodeOptions, loadNetworks, nameFinders, type Sight } from "../../analyze/pipeline/index.ts";
import { createNodePlatform } from "../../analyze/platform.node.ts";
import { throwIfAborted } from "../../core/index.ts";
import type { FaceObservation, PictureQuality } from "../../datasets/index.ts";
import { assessFile } from "../../datasets/quality.node.ts";
import { type FaceBatch, type FaceDescriber, openDescriber } from "../../features/network-features.node.ts";
import { decodeReadable } from "../../image/decode.node.ts";
import type { DecodedPicture } from "../../image/index.ts";
import { observationOf } from "../detected-faces.ts";
import { cutOfFound, type FaceCut, faceTransform } from "./face-cuts.ts";

/** What is to be found out of a picture. */
export interface PictureTask {
  readonly path: string;
  readonly sha256: string;
  /** Look for faces. */
  readonly faces: boolean;
  /** Measure the picture. */
  readonly quality: boolean;
  /** Networks that describe the face, by their place in the list of all. */
  readonly networks: readonly number[];
  /** Where they look. @default where a face is found, if one is looked for */
  readonly cut?: FaceCut | undefined;
}

/** What was found out; absent where it was not asked for, or could not be. */
export interface PictureLook {
  readonly observation?: FaceObservation | undefined;
  readonly quality?: PictureQuality | undefined;
  /** Of the face that networks were shown, and what each of those that were asked said. */
  readonly described?: { readonly key: string; readonly rows: readonly Float32Array[] } | undefined;
}

/** Looks at pictures: each is decoded once for all that is asked of it. */
export interface Looker extends AsyncDisposable {
  /** In the order of the tasks. A picture that cannot be read has nothing. @throws {TF_ABORTED} */
  look(tasks: readonly PictureTask[], signal?: AbortSignal): Promise<PictureLook[]>;
}

export interface LookerOptions {
  /** Ids or paths of the networks that describe faces. */
  readonly networks: readonly string[];
  /** Whether it must find faces. */
  readonly faces: boolean;
  /** Of the engine. @default all cores */
  readonly threads?: number | undefined;
}

/** A looker in this thread, whose networks the thread that shares the work out needs too: they tell how features are kept. */
export interface LocalLooker extends Looker {
  readonly describers: readonly FaceDescriber[];
  /** What finds faces; undefined where none are looked for. */
  readonly finder: string | undefined;
}

/** Pictures that are decoded while one is looked at. */
const ahead = 3;

/** Loads the networks. @throws the codes of `loadNetworks` and `openDescriber` */
export async function openLooker({ networks, faces, threads }: LookerOptions): Promise<LocalLooker> {
  const platform = createNodePlatform();
  const finder = faces ? await loadNetworks(platform, { tasks: [], threads }) : undefined;
  const describers: FaceDescriber[] = [];
  const dispose = async (): Promise<void> => {
    await finder?.dispose();
    for (const describer of describers) await describer[Symbol.asyncDispose]();
  };
  try {
    for (const id of networks) describers.push(await openDescriber(platform.models, platform.runtime, id, { threads }));
  } catch (error) {
    await dispose();
    throw error;
  }
  const found = finder && { sight: createSight(finder, { search: "main" }), by: nameFinders(finder.manifests) };
  let last: Promise<unknown> = Promise.resolve();
  return {
    describers,
    finder: found?.by,
    // One after the other: the networks have room for the faces of one call.
    look(tasks, signal) {
      const next = last.catch(() => undefined).then(async () => lookAtAll(tasks, describers, found, signal));
      last = next;
      return next;
    },
    async [Symbol.asyncDispose]() {
      await last.catch(() => undefined);
      await dispose();
    },
  };
}

/** What finds faces, and its name. */
interface Finder {
  readonly sight: Sight;
  readonly by: string;
}

/** Faces that wait for one network. */
interface Waiting {
  readonly batch: FaceBatch;
  /** Whose they are: places in the list of tasks. */
  readonly tasks: number[];
}

// oxlint-disable-next-line max-params -- what is looked at, and with what
async function lookAtAll(
  tasks: readonly PictureTask[],
  describers: readonly FaceDescriber[],
  finder: Finder | undefined,
  signal: AbortSignal | undefined,
): Promise<PictureLook[]> {
  const waiting = describers.map((describer): Waiting => ({ batch: describer.createBatch(tasks.length), tasks: [] }));
  const seen: Omit<PictureLook, "described">[] = [];
  const keys: (string | undefined)[] = [];
  for await (const [index, read] of readAhead(tasks)) {
    throwIfAborted(signal);
    const task = tasks[index]!;
    const observation = task.faces && read.picture !== undefined ? await findFace(read.picture, task, finder!, signal) : undefined;
    const cut = task.cut ?? (observation && cutOfFound(observation));
    seen.push({ observation, quality: read.quality });
    keys.push(read.picture === undefined ? undefined : cut?.key);
    if (cut === undefined || read.picture === undefined) continue;
    const { image } = read.picture;
    for (const network of task.networks) {
      const { batch, tasks: owners } = waiting[network]!;
      batch.write(owners.length, image, faceTransform(image, cut.landmarks, describers[network]!.manifest));
      owners.push(index);
    }
  }
  const rows = tasks.map((): Float32Array[] => []);
  for (const { batch, tasks: owners } of waiting) {
    throwIfAborted(signal);
    if (owners.length === 0) continue;
    const described = await batch.describe(owners.length);
    const columns = described.length / owners.length;
    for (const [place, index] of owners.entries()) rows[index]!.push(described.slice(place * columns, (place + 1) * columns));
  }
  return seen.map((found, index) => {
    const key = keys[index];
    return Object.assign(found, key !== undefined && { described: { key, rows: rows[index]! } });
  });
}

/** One after the other, no heads: what finds faces is not asked anything else about them. */
const straight = {
  run: async <Result>(work: () => Promise<Result>): Promise<Result> => work(),
  ask: async () => Promise.resolve({ answers: [], milliseconds: 0 }),
};

async function findFace(picture: DecodedPicture, { sha256 }: PictureTask, { sight, by }: Finder, signal: AbortSignal | undefined) {
  return observationOf(await analyzePicture(async () => Promise.resolve(picture), sight, straight, { signal }), { sha256, by });
}

interface ReadPicture {
  readonly picture: DecodedPicture | undefined;
  readonly quality: PictureQuality | undefined;
}

/** The pictures of tasks in their order, some of them read while the one before is looked at. */
async function* readAhead(tasks: readonly PictureTask[]): AsyncGenerator<readonly [index: number, read: ReadPicture]> {
  const reading = new Map<number, Promise<ReadPicture>>();
  for (const index of tasks.keys()) {
    for (let next = index; next <= Math.min(index + ahead, tasks.length - 1); next++) {
      if (reading.has(next)) continue;
      const read = readPicture(tasks[next]!);
      // Who breaks off does not wait for it.
      read.catch(() => undefined);
      reading.set(next, read);
    }
    yield [index, await reading.get(index)!];
    // Its place stays taken, its pixels do not.
    reading.set(index, Promise.resolve({ picture: undefined, quality: undefined }));
  }
}

async function readPicture({ path, sha256, faces, quality, networks }: PictureTask): Promise<ReadPicture> {
  // What is found out of it is kept by its hash.
  const file = { path, sha256 };
  const picture = faces || networks.length > 0 ? await decodeReadable(file, decodeOptions()) : undefined;
  return { picture, quality: quality ? await assessFile(file, picture) : undefined };
}
