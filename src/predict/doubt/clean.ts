import { createRandom, type ProgressListener, shuffled } from "../../core/index.ts";
import { classOf, type FaceObservation, type FaceRecord, reviewableTasks } from "../../datasets/index.ts";
import { type Dataset, openDataset } from "../../datasets/dataset.node.ts";
import { markDuplicates, readDuplicates } from "../../datasets/duplicates.node.ts";
import { writeSuspicions } from "../../datasets/suspicion.node.ts";
import { readObservations } from "../detected-faces.ts";
import { chooseDescribers, lookOnce, type MissedPictures, missedPictures, openLookers } from "../look/index.ts";
import { type CleaningCost, tellCost } from "./cost.ts";
import { labelledRecords, rankByDoubt, type RankedLabels } from "./rank.ts";

export interface CleanOptions {
  /** Tasks whose labels are judged. @default all of which the dataset has labels */
  readonly tasks?: readonly string[] | undefined;
  /** See `RankOptions`. */
  readonly networks?: string | undefined;
  /** Told how long it is about to take, once some pictures were looked at. */
  readonly onCost?: ((cost: CleaningCost) => void) | undefined;
  readonly onProgress?: ProgressListener | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What was found. */
export interface CleaningQueue {
  readonly pictures: number;
  readonly withoutFace: number;
  readonly withSeveral: number;
  /** Pictures in which no face could be looked for. */
  readonly missed: MissedPictures;
  /** Pairs of copies; and faces that were moved so that copies stand in one split, if they were looked for now. */
  readonly copies: number;
  readonly moved: number;
  /** By task, in the order of the dataset's. */
  readonly ranked: readonly (RankedLabels & { readonly task: string })[];
}

/** The tasks of a dataset whose labels can be judged. */
export function judgedTasks({ info }: Pick<Dataset, "info">): string[] {
  return reviewableTasks(info.tasks).filter((task) => Object.keys(info.counts.byLabel[task] ?? {}).length > 1);
}

/**
 * From an imported dataset to a queue of its labels, the likeliest wrong ones first: finds faces, copies, what networks see, and what is
 * doubtful, in the order in which each helps the next. Each picture is decoded once for all of that. All of it is kept, so that a run that was stopped goes on from there, and copies that
 * were looked for before are not looked for again.
 * @throws {TF_ABORTED | TF_OUTPUT_FULL | TF_OUTPUT_UNWRITABLE | TF_DATASET_EMPTY} what was done before is kept
 */
export async function cleanDataset(dataset: Dataset, options: CleanOptions = {}): Promise<CleaningQueue> {
  const { networks, onProgress, signal } = options;
  const tasks = options.tasks ?? judgedTasks(dataset);
  const all = await Array.fromAsync(dataset.records());
  const records = all.filter(({ labels }) => tasks.some((task) => classOf(labels, task) !== undefined));
  await lookAtFaces(dataset, records, tasks, options);
  const seen = (await readObservations(dataset.directory)) ?? new Map<string, FaceObservation>();
  const known = await readDuplicates(dataset.directory);
  const found = known === undefined ? await markDuplicates(dataset, { onProgress, signal }) : { pairs: known, moved: 0 };
  // Copies have changed the manifest.
  const marked = await openDataset(dataset.directory);
  const ranked: (RankedLabels & { readonly task: string })[] = [];
  for (const task of tasks) {
    const labelled = await labelledRecords(marked, task);
    const result = await rankByDoubt(marked, labelled, { task, networks, onProgress, signal });
    await writeSuspicions(marked.directory, task, result.suspicions);
    ranked.push({ task, ...result });
  }
  const counts = records.flatMap(({ sha256 }) => seen.get(sha256)?.faces ?? []);
  return {
    pictures: records.length,
    withoutFace: counts.filter((count) => count === 0).length,
    withSeveral: counts.filter((count) => count > 1).length,
    missed: await missedPictures(dataset, records, seen),
    copies: found.pairs.length,
    moved: found.moved,
    ranked,
  };
}

/** Finds faces, measures pictures and asks the networks of all tasks, on one way through the pictures. */
async function lookAtFaces(
  dataset: Dataset,
  records: readonly FaceRecord[],
  tasks: readonly string[],
  { networks: list, onCost, onProgress, signal }: CleanOptions,
): Promise<void> {
  const asked = new Set<string>();
  for (const task of tasks) {
    const judged = records.filter(({ labels }) => classOf(labels, task) !== undefined);
    for (const network of (await chooseDescribers({ dataset, records: judged, task }, list)).networks) asked.add(network);
  }
  await using lookers = await openLookers({ networks: [...asked], faces: true });
  const listenForCost = onCost && tellCost(onCost);
  const listen: ProgressListener = (progress) => {
    listenForCost?.(progress);
    onProgress?.(progress);
  };
  // Those that are looked at first tell how long all take.
  await lookOnce(dataset, shuffled(records, createRandom(1)), lookers, { faces: true, onProgress: listen, signal });
}
