import type { TaskSample } from "../sample.ts";
import { type Weights, weightedMean } from "./weights.ts";

/** The labels that a calibrated model keeps of a face; undefined of other models, and where the face was not found. */
function setOf({ task, faces, predicted }: TaskSample, row: number): readonly string[] | undefined {
  return predicted[row]! < 0 ? undefined : faces[row]!.sets?.[task];
}

/** Whether a face has a set. */
export function hasSet(sample: TaskSample, row: number): boolean {
  return setOf(sample, row) !== undefined;
}

/** 1 where the annotated label is in the set; NaN where there is no set. */
export function isInSet(sample: TaskSample, row: number): number {
  const set = setOf(sample, row);
  return set === undefined ? Number.NaN : Number(set.includes(sample.classNames[sample.truth[row]!]!));
}

/** Share of found faces whose annotated label is in the set; the set's level when it is honest. */
export function setCoverage(sample: TaskSample, weights: Weights): number | undefined {
  return weightedMean(weights, (row) => isInSet(sample, row));
}

/** Mean number of labels in a set. */
export function meanSetSize(sample: TaskSample, weights: Weights): number | undefined {
  return weightedMean(weights, (row) => setOf(sample, row)?.length ?? Number.NaN);
}
