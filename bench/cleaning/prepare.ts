import { createRandom, shuffled } from "../../src/core/index.ts";
import { type Dataset, openDataset } from "../../src/datasets/dataset.node.ts";
import { assignFolds, type FaceRecord, type Split } from "../../src/datasets/index.ts";
import { chooseDescribers, describeRecords, readObservations } from "../../src/predict/index.ts";
import { type Aspect, aspectsOf, labelledRecords, unseenFaces } from "../../src/predict/doubt/index.ts";

/** Faces of a dataset, and all that judges their labels, whatever those are. */
export interface PreparedFaces {
  readonly dataset: Dataset;
  readonly records: readonly FaceRecord[];
  readonly folds: readonly number[];
  readonly aspects: readonly Aspect[];
  /** Faces that were not found. */
  readonly unseen: ReadonlySet<number>;
  /** What describes the faces. */
  readonly networks: readonly string[];
}

export interface PrepareOptions {
  readonly task: string;
  /** Faces drawn at random. */
  readonly count: number;
  readonly split: Split | undefined;
  readonly features: string | undefined;
}

/** Draws faces and describes them; what is seen of them is kept in the dataset's folder. */
export async function prepareFaces(directory: string, { task, count, split, features }: PrepareOptions): Promise<PreparedFaces> {
  const dataset = await openDataset(directory);
  const records = shuffled(await labelledRecords(dataset, task, split), createRandom(7)).slice(0, count);
  const chosen = await chooseDescribers({ dataset, records, task }, features);
  const described = await describeRecords(dataset, records, chosen, { faces: true });
  const folds = assignFolds(records, 5);
  const networks = [...chosen.networks, ...(chosen.gradients ? ["gradients"] : [])];
  const unseen = unseenFaces(records, (await readObservations(directory)) ?? new Map());
  return { dataset, records, folds, unseen, aspects: await Array.fromAsync(aspectsOf(described, task, folds)), networks };
}
