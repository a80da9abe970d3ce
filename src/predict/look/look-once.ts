import { type ProgressListener, throwIfAborted } from "../../core/index.ts";
import type { Dataset } from "../../datasets/dataset.node.ts";
import type { FaceObservation, FaceRecord, PictureQuality } from "../../datasets/index.ts";
import { keptQualities } from "../../datasets/quality.node.ts";
import { type FeatureStore, type KeptFeatures, knownFeatures, openFeatureStore, readFeatures } from "../../features/feature-cache.node.ts";
import type { FaceDescriber, FeaturePart } from "../../features/network-features.node.ts";
import { type KeptFile, openKept, readKept } from "../../files/kept-lines.node.ts";
import { keptObservations, readObservations } from "../detected-faces.ts";
import { cutOfFound, type FaceCut, planCuts } from "./face-cuts.ts";
import type { PictureLook, PictureTask } from "./looker.ts";
import type { Lookers } from "./lookers.ts";

export interface LookOptions {
  /** Whether faces are looked for. Where they are not, networks are shown those that were found before; where none were looked for, whole pictures. */
  readonly faces: boolean;
  readonly onProgress?: ProgressListener | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What networks said of faces. */
export interface DescribedRecords {
  readonly features: KeptFeatures;
  readonly parts: readonly FeaturePart[];
}

/**
 * Looks at each picture once for all that cleaning needs of it: its largest face, what can be measured, and what networks see of that face. All is
 * kept in the dataset's folder by content, as the single commands keep it, so that a run which was stopped goes on where it was, and what was
 * found before is not looked for again.
 * @returns what each network said of the records, in the order of the lookers' networks
 * @throws {TF_ABORTED | TF_OUTPUT_FULL | TF_OUTPUT_UNWRITABLE | TF_FOLDER_BUSY} what was done before is kept
 */
export async function lookOnce(
  dataset: Dataset,
  records: readonly FaceRecord[],
  lookers: Lookers,
  options: LookOptions,
): Promise<DescribedRecords[]> {
  const { describers } = lookers;
  const unique = [...new Map(records.map((record) => [record.sha256, record])).values()];
  const planned = options.faces ? undefined : await cutsOf(dataset, records);
  await lookAtAll(dataset, await planTasks(dataset, unique, lookers, { finds: options.faces, cutOf: planned }), lookers, options);
  // Where a face that was not found may stand is known when all others are.
  const cutOf = options.faces ? await cutsOf(dataset, records) : planned;
  if (options.faces) await lookAtAll(dataset, await planTasks(dataset, unique, lookers, { finds: false, cutOf }), lookers, options);
  return describers.map((describer) => {
    const shape = shapeOf(describer, cutOf === undefined);
    const keys = records.map(({ sha256 }) => cutOf?.(sha256).key ?? sha256);
    return { features: readFeatures(dataset, shape, keys), parts: describer.parts };
  });
}

type CutOf = (sha256: string) => FaceCut;

/** Undefined where no faces were looked for. */
async function cutsOf(dataset: Dataset, records: readonly FaceRecord[]): Promise<CutOf | undefined> {
  const seen = await readObservations(dataset.directory);
  return seen && planCuts(records, seen);
}

/** How features of faces are kept, and how those of whole pictures. */
function shapeOf({ name, columns }: FaceDescriber, isWhole: boolean): { readonly name: string; readonly columns: number } {
  return { name: `${name}-${isWhole ? "whole" : "face"}`, columns };
}

interface Plan {
  /** Whether faces are looked for. */
  readonly finds: boolean;
  /** Where networks look if none are looked for. @default at whole pictures */
  readonly cutOf: CutOf | undefined;
}

/** The pictures of which something is not known, with all that can be found out of each at once. */
async function planTasks(
  dataset: Dataset,
  unique: readonly FaceRecord[],
  { describers, finder }: Pick<Lookers, "describers" | "finder">,
  { finds, cutOf }: Plan,
): Promise<PictureTask[]> {
  const measured = await readKept(keptQualities(dataset.directory));
  const found = finds ? await readKept(keptObservations(dataset.directory, finder!)) : undefined;
  const known = await knownKeys(dataset, describers, !finds && cutOf === undefined);
  return unique.flatMap((record): PictureTask[] => {
    const { sha256 } = record;
    const quality = !measured.has(sha256);
    const observation = found?.get(sha256);
    const faces = finds && observation === undefined;
    const cut = finds ? observation && cutOfFound(observation) : (cutOf?.(sha256) ?? { key: sha256, landmarks: undefined });
    const networks = faces || cut !== undefined ? missingFrom(known, cut?.key ?? sha256) : [];
    if (!quality && !faces && networks.length === 0) return [];
    return [{ path: dataset.picturePath(record), sha256, faces, quality, networks, cut }];
  });
}

async function knownKeys(dataset: Dataset, describers: readonly FaceDescriber[], isWhole: boolean): Promise<ReadonlySet<string>[]> {
  return Promise.all(describers.map(async (describer) => knownFeatures(dataset, shapeOf(describer, isWhole))));
}

function missingFrom(known: readonly ReadonlySet<string>[], key: string): number[] {
  return known.flatMap((keys, network) => (keys.has(key) ? [] : [network]));
}

/** The files that are added to, each of them where something is added. */
interface LookFiles extends AsyncDisposable {
  readonly observations: KeptFile<FaceObservation> | undefined;
  readonly qualities: KeptFile<PictureQuality> | undefined;
  /** By the place of the network. */
  readonly features: ReadonlyMap<number, FeatureStore>;
}

async function lookAtAll(
  dataset: Dataset,
  tasks: readonly PictureTask[],
  lookers: Lookers,
  { onProgress, signal }: LookOptions,
): Promise<void> {
  throwIfAborted(signal);
  if (tasks.length === 0) return;
  const isWhole = tasks.some(({ cut, sha256 }) => cut?.key === sha256 && cut.landmarks === undefined);
  await using files = await openFiles(dataset, tasks, lookers, { isWhole, onProgress, signal });
  let done = 0;
  await lookers.lookAt(
    tasks,
    async (piece, looks) => {
      await keepLooks(files, piece, looks);
      done += piece.length;
      onProgress?.({ stage: "look at pictures", done, total: tasks.length });
    },
    signal,
  );
}

interface OpenOptions extends Pick<LookOptions, "onProgress" | "signal"> {
  readonly isWhole: boolean;
}

// oxlint-disable-next-line max-params -- the place, what is done there and by whom
async function openFiles(
  dataset: Dataset,
  tasks: readonly PictureTask[],
  { describers, finder }: Pick<Lookers, "describers" | "finder">,
  { isWhole, ...options }: OpenOptions,
): Promise<LookFiles> {
  const opened: AsyncDisposable[] = [];
  const dispose = async (): Promise<void> => {
    for (const file of opened.toReversed()) await file[Symbol.asyncDispose]();
  };
  const keep = <File extends AsyncDisposable>(file: File): File => {
    opened.push(file);
    return file;
  };
  try {
    const { directory } = dataset;
    const finds = tasks.some(({ faces }) => faces);
    const measures = tasks.some(({ quality }) => quality);
    const observations = finds ? keep(await openKept(keptObservations(directory, finder!), options)) : undefined;
    const qualities = measures ? keep(await openKept(keptQualities(directory), options)) : undefined;
    const asked = new Set(tasks.flatMap(({ networks }) => networks));
    const features = new Map<number, FeatureStore>();
    // In one order everywhere: nobody waits for somebody who waits for him.
    const inOrder = [...describers.entries()].toSorted(([, a], [, b]) => (a.name < b.name ? -1 : 1));
    for (const [network, describer] of inOrder) {
      if (asked.has(network)) features.set(network, keep(await openFeatureStore(dataset, shapeOf(describer, isWhole), options)));
    }
    return { observations, qualities, features, [Symbol.asyncDispose]: dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
}

/** Writes what was found. What another process has found meanwhile is not written twice. */
async function keepLooks(
  { observations, qualities, features }: LookFiles,
  tasks: readonly PictureTask[],
  looks: readonly PictureLook[],
): Promise<void> {
  const rows = new Map([...features.keys()].map((network) => [network, [] as { readonly key: string; readonly values: Float32Array }[]]));
  for (const [index, { described }] of looks.entries()) {
    for (const [place, network] of (described === undefined ? [] : tasks[index]!.networks).entries()) {
      const { key, rows: values } = described!;
      if (!features.get(network)!.known.has(key)) rows.get(network)!.push({ key, values: values[place]! });
    }
  }
  // What networks said goes first: a face that is known is not looked for again.
  for (const [network, store] of features) await store.add(rows.get(network)!);
  await qualities?.add(found(looks, ({ quality }) => quality).filter(([sha256]) => !qualities.values.has(sha256)));
  await observations?.add(found(looks, ({ observation }) => observation).filter(([sha256]) => !observations.values.has(sha256)));

  function found<Value>(of: readonly PictureLook[], what: (look: PictureLook) => Value | undefined): (readonly [string, Value])[] {
    return of.flatMap((look, index) => {
      const value = what(look);
      return value === undefined ? [] : [[tasks[index]!.sha256, value] as const];
    });
  }
}
