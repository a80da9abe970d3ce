import {
  discriminantLogits,
  type FeatureMatrix,
  findNeighbours,
  type FoldedFeatures,
  foldFeatures,
  neighbourLogits,
  type Neighbours,
  neighbourValues,
  regressedValues,
} from "../../features/index.ts";
import type { FeaturePart } from "../../features/network-features.node.ts";
import type { ClassView } from "./weigh-classes.ts";
import type { ValueView } from "./weigh-values.ts";

/** Features of faces, and which of their columns mean what. */
export interface DescribedFaces {
  readonly features: FeatureMatrix;
  /** None where no network made them. */
  readonly parts: readonly FeaturePart[];
}

/** Columns that are looked at by themselves: what one network sees, what it answers, or what needs no network. */
interface Aspect {
  readonly name: string;
  readonly folded: FoldedFeatures;
  /** Absent for answers: faces with like answers are no neighbours. */
  readonly neighbours: Neighbours | undefined;
  /** For an answer in groups that stand for numbers: what it expects. */
  readonly expected: Float64Array | undefined;
}

/** The aspects of faces for a task, prepared once for all labels that they are judged with. */
export interface Aspects {
  readonly all: readonly Aspect[];
}

/**
 * Cuts features into aspects: what each network sees, and each answer of a head for the task.
 * @param folds fold of every face: its labels are judged by what the other folds teach
 * @param onAspect called after each of them, with how many are done
 */
export function prepareAspects(
  described: readonly DescribedFaces[],
  task: string,
  folds: ArrayLike<number>,
  onAspect?: (done: number, total: number) => void,
): Aspects {
  const wanted = described.flatMap(({ features, parts }) =>
    (parts.length === 0 ? [wholeOf(features)] : usedParts(parts, task)).map((part) => ({ part, matrix: columnsOf(features, part) })),
  );
  const all = wanted.map(({ part: { name, isAnswer, places }, matrix }, index): Aspect => {
    const folded = foldFeatures(matrix, folds);
    const aspect = { name, folded, neighbours: isAnswer ? undefined : findNeighbours(folded), expected: expectedOf(matrix, places) };
    onAspect?.(index + 1, wanted.length);
    return aspect;
  });
  return { all };
}

interface UsedPart {
  readonly name: string;
  readonly isAnswer: boolean;
  readonly from: number;
  readonly columns: number;
  /** The numbers that the columns of an answer stand for. */
  readonly places: readonly number[] | undefined;
}

/** Features that no network made, such as histograms of gradients. */
function wholeOf({ columns }: FeatureMatrix): UsedPart {
  return { name: "gradients", isAnswer: false, from: 0, columns, places: undefined };
}

/** Of a network that shows nothing of what it sees, its answers to other questions are what it sees. */
function usedParts(parts: readonly FeaturePart[], task: string): UsedPart[] {
  return parts.flatMap(({ model, task: told, from, columns }): UsedPart[] => {
    if (told === undefined) return [{ name: model.id, isAnswer: false, from, columns, places: undefined }];
    const showsMore = parts.some((part) => part.model === model && part.task === undefined);
    if (told !== task && showsMore) return [];
    const places = model.outputs.find((output) => output.task === told)?.labels?.map(Number);
    const hasPlaces = told === task && places?.length === columns && places.every((place) => Number.isFinite(place));
    return [{ name: `${model.id}'s ${told}`, isAnswer: true, from, columns, places: hasPlaces ? places : undefined }];
  });
}

function columnsOf({ rows, columns, data }: FeatureMatrix, part: { readonly from: number; readonly columns: number }): FeatureMatrix {
  if (part.from === 0 && part.columns === columns) return { rows, columns, data };
  const taken = new Float32Array(rows * part.columns);
  for (let row = 0; row < rows; row++) {
    const from = row * columns + part.from;
    taken.set(data.subarray(from, from + part.columns), row * part.columns);
  }
  return { rows, columns: part.columns, data: taken };
}

/** The mean of the numbers that an answer's columns stand for, by their softmax. */
function expectedOf({ rows, columns, data }: FeatureMatrix, places: readonly number[] | undefined): Float64Array | undefined {
  if (places === undefined) return undefined;
  return Float64Array.from({ length: rows }, (_, row) => {
    const logits = data.subarray(row * columns, (row + 1) * columns);
    const largest = logits.reduce((most, logit) => Math.max(most, logit), Number.NEGATIVE_INFINITY);
    let [sum, total] = [0, 0];
    for (const [column, logit] of logits.entries()) {
      const mass = Math.exp(logit - largest);
      sum += mass * places[column]!;
      total += mass;
    }
    return sum / total;
  });
}

/** What each aspect says of the class of every face, out of sample. */
export function classViews({ all }: Aspects, labels: ArrayLike<number>, classes: number): ClassView[] {
  return all.flatMap(({ name, folded, neighbours }): ClassView[] => [
    { name, logits: discriminantLogits(folded, labels, classes) },
    ...(neighbours === undefined ? [] : [{ name: `${name}, neighbours`, logits: neighbourLogits(neighbours, labels, classes) }]),
  ]);
}

/** What each aspect expects of every face, out of sample, where labels are numbers. */
export function valueViews({ all }: Aspects, labels: Float64Array): ValueView[] {
  return all.flatMap(({ name, folded, neighbours, expected }): ValueView[] => [
    { name, values: expected ?? regressedValues(folded, labels) },
    ...(neighbours === undefined ? [] : [{ name: `${name}, neighbours`, values: neighbourValues(neighbours, labels) }]),
  ]);
}
