import { type ProgressListener, TensorFaceError, throwIfAborted } from "../../core/index.ts";
import { assignFolds, classOf, type FaceRecord, rankSuspicions, type Split, type Suspicion } from "../../datasets/index.ts";
import type { Dataset } from "../../datasets/dataset.node.ts";
import { readDuplicates } from "../../datasets/duplicates.node.ts";
import { outlierDistances, projectRows } from "../../features/index.ts";
import { assessDataset } from "../../datasets/quality.node.ts";
import { readObservations } from "../detected-faces.ts";
import { chooseDescribers, describeRecords, type MissedPictures, missedPictures } from "../look/index.ts";
import { type Judgement, judgeLabels, unseenFaces, withContradictions } from "./judge.ts";
import { findFlags } from "./quality-flags.ts";
import { aspectsOf, type DescribedFaces } from "./views.ts";

/** Folds of the cross-validation: every label is judged by a classifier that learnt from four fifths of the others. */
const foldCount = 5;
/** Of fewer faces nobody knows what is usual. */
const fewest = 100;
/** Columns that are in memory at a time. */
const columnsAtOnce = 512;

export interface RankOptions {
  readonly task: string;
  /** Networks to describe faces with, with commas between. @default the installed ones that did not learn the task from these faces */
  readonly networks?: string | undefined;
  /** Told the names of what describes the faces. */
  readonly onNetworks?: ((names: readonly string[]) => void) | undefined;
  readonly onProgress?: ProgressListener | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * The records that have a label of a task.
 * @param split of this split alone. @default all
 * @throws {TF_DATASET_EMPTY} when there is none
 */
export async function labelledRecords(dataset: Dataset, task: string, split?: Split): Promise<FaceRecord[]> {
  const all = await Array.fromAsync(dataset.records());
  const records = all.filter((record) => (split ?? record.split) === record.split && classOf(record.labels, task) !== undefined);
  if (records.length > 0) return records;
  const where = split === undefined ? "" : ` in its ${split} part`;
  throw new TensorFaceError("TF_DATASET_EMPTY", `"${dataset.directory}" has no face with a label for ${task}${where}`, {
    hint: "Choose a task and a split that the dataset has; `tensorface dataset report` shows them.",
  });
}

/** The labels of a task in the order of their doubt, and what is known of all of them together. */
export interface RankedLabels extends Pick<Judgement, "wrongShare" | "weights"> {
  /** The most doubtful first. */
  readonly suspicions: readonly Suspicion[];
  /** Pictures of which nothing is known: their labels are not judged. */
  readonly missed: MissedPictures;
}

/**
 * The labels of a task, ranked by how likely they are wrong; what is to be seen of the pictures stands beside it. Networks look at the faces
 * that `dataset faces` found, as they were taught to see them; where it was not run, at whole pictures.
 */
export async function rankByDoubt(dataset: Dataset, asked: readonly FaceRecord[], options: RankOptions): Promise<RankedLabels> {
  const { task, onProgress, signal } = options;
  const own = dataset.info.tasks;
  const observations = await readObservations(dataset.directory);
  const chosen = await chooseDescribers({ dataset, records: asked, task }, options.networks);
  options.onNetworks?.([...chosen.networks, ...(chosen.gradients ? ["gradients"] : [])]);
  const all = await describeRecords(dataset, asked, chosen, { faces: false, onProgress, signal });
  const qualities = await assessDataset(dataset, asked, { onProgress, signal });
  throwIfAborted(signal);
  const records = asked.filter(({ sha256 }) => qualities.has(sha256));
  if (records.length === 0)
    throw new TensorFaceError("TF_DATASET_EMPTY", `no picture of "${dataset.directory}" can be read as it was imported`);
  // What is kept of the others is read once more; of those that cannot be read features would be zeros, and would be judged as if somebody looked so.
  const isWhole = records.length === asked.length;
  const described = isWhole ? all : await describeRecords(dataset, records, chosen, { faces: false, onProgress, signal });
  const duplicates = (await readDuplicates(dataset.directory)) ?? [];
  const distances = records.length < fewest ? undefined : await unlikeness(described);
  const faceCounts = observations && new Map([...observations].map(([key, { faces }]) => [key, faces]));
  const flags = findFlags(records, { task, qualities, distances, duplicates, faceCounts });
  const aspects = aspectsOf(described, task, assignFolds(records, foldCount), (done, total) => {
    throwIfAborted(signal);
    onProgress?.({ stage: "judge labels", done, total });
  });
  const judgement = await judgeLabels(records, task, aspects, {
    own,
    unseen: observations && unseenFaces(records, observations),
  });
  const { wrongShare, weights } = judgement;
  const judged = withContradictions(records, task, judgement, duplicates, own);
  const faces = records.map((record, index) =>
    Object.assign({ id: record.id, given: classOf(record.labels, task)!, flags: flags[index]! }, judged[index]),
  );
  const missed = await missedPictures(dataset, asked, qualities);
  return { suspicions: rankSuspicions(task, faces), missed, wrongShare, weights };
}

/** How far each face is from those that are most like it, by all that describes it. */
async function unlikeness(described: readonly DescribedFaces[]): Promise<Float32Array> {
  const projected = projectRows(described[0]?.features.rows ?? 0);
  for (const { features } of described) {
    for (let from = 0; from < features.columns; from += columnsAtOnce) {
      projected.add(await features.read(from, Math.min(columnsAtOnce, features.columns - from)));
    }
  }
  return outlierDistances(projected);
}
