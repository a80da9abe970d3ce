import {
  discriminantLogits,
  type FeatureMatrix,
  findNeighbours,
  type FoldedFeatures,
  foldFeatures,
  neighbourLogits,
  type Neighbours,
  neighbourValues,
  regressedLogits,
  regressedValues,
} from "../../features/index.ts";
import type { KeptFeatures } from "../../features/feature-cache.node.ts";
import type { FeaturePart } from "../../features/network-features.node.ts";
import type { ClassView } from "./weigh-classes.ts";
import type { ValueView } from "./weigh-values.ts";

/** Features of faces, and which of their columns mean what. */
export interface DescribedFaces {
  readonly features: KeptFeatures;
  /** None where no network made them. */
  readonly parts: readonly FeaturePart[];
}

/** Columns that are looked at by themselves: what one network sees, what it answers, or what needs no network. */
export interface Aspect {
  readonly name: string;
  readonly folded: FoldedFeatures;
  /** Absent for answers: faces with like answers are no neighbours. */
  readonly neighbours: Neighbours | undefined;
  /** For an answer in groups that stand for numbers: what it expects. */
  readonly expected: Float64Array | undefined;
  /** For an answer to the very question: what a head that learnt from other labels says. */
  readonly answer: HeadAnswer | undefined;
}

interface HeadAnswer {
  readonly labels: readonly string[];
  /** Logits, `[faces, labels]`. */
  readonly matrix: FeatureMatrix;
}

/** The aspects of faces for a task, one after the other: those of many faces are large, and one need not wait for the next. */
export type Aspects = Iterable<Aspect> | AsyncIterable<Aspect>;

/**
 * Cuts features into aspects: what each network sees, and each answer of a head for the task. Each is read when it is asked for.
 * @param folds fold of every face: its labels are judged by what the other folds teach
 * @param onAspect called when each of them was judged by, with how many were
 */
export async function* aspectsOf(
  described: readonly DescribedFaces[],
  task: string,
  folds: ArrayLike<number>,
  onAspect?: (done: number, total: number) => void,
): AsyncGenerator<Aspect> {
  const wanted = described.flatMap(({ features, parts }) =>
    (parts.length === 0 ? [wholeOf(features)] : usedParts(parts, task)).map((part) => ({ part, features })),
  );
  for (const [index, { part, features }] of wanted.entries()) {
    yield aspectOf(part, await features.read(part.from, part.columns), folds);
    onAspect?.(index + 1, wanted.length);
  }
}

function aspectOf({ name, isAnswer, places, labels }: UsedPart, matrix: FeatureMatrix, folds: ArrayLike<number>): Aspect {
  const folded = foldFeatures(matrix, folds);
  const answer = labels === undefined ? undefined : { labels, matrix };
  return { name, folded, neighbours: isAnswer ? undefined : findNeighbours(folded), expected: expectedOf(matrix, places), answer };
}

interface UsedPart {
  readonly name: string;
  readonly isAnswer: boolean;
  readonly from: number;
  readonly columns: number;
  /** The numbers that the columns of an answer stand for. */
  readonly places: readonly number[] | undefined;
  /** The classes that the columns of an answer to the very question stand for. */
  readonly labels: readonly string[] | undefined;
}

/** Features that no network made, such as histograms of gradients. */
function wholeOf({ columns }: KeptFeatures): UsedPart {
  return { name: "gradients", isAnswer: false, from: 0, columns, places: undefined, labels: undefined };
}

/** Of a network that shows nothing of what it sees, its answers to other questions are what it sees. */
function usedParts(parts: readonly FeaturePart[], task: string): UsedPart[] {
  return parts.flatMap(({ model, task: told, isWider, from, columns }): UsedPart[] => {
    if (told === undefined) return [{ name: model.id, isAnswer: false, from, columns, places: undefined, labels: undefined }];
    const showsMore = parts.some((part) => part.model === model && part.task === undefined);
    if (told !== task && showsMore) return [];
    const labels = model.outputs.find((output) => output.task === told)?.labels;
    const places = labels?.map(Number);
    const hasPlaces = told === task && places?.length === columns && places.every((place) => Number.isFinite(place));
    return [
      {
        name: `${model.id}'s ${told}${isWider ? ", wider" : ""}`,
        isAnswer: true,
        from,
        columns,
        places: hasPlaces ? places : undefined,
        labels: told === task && labels?.length === columns ? labels : undefined,
      },
    ];
  });
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

/** Classes of faces: of every face one, 0 to `classes - 1`. */
interface ClassLabels {
  readonly labels: ArrayLike<number>;
  readonly classes: number;
  /** What heads may call them. @default no head tells these classes */
  readonly names?: readonly string[] | undefined;
}

/** What each aspect says of the class of every face, out of sample: for each of some kinds of classes, all views. */
export async function classViews(aspects: Aspects, kinds: readonly ClassLabels[]): Promise<ClassView[][]> {
  const views = kinds.map((): ClassView[] => []);
  for await (const { name, folded, neighbours, answer } of aspects) {
    for (const [kind, { labels, classes, names }] of kinds.entries()) {
      const said = names && answer && answeredLogits(answer, names);
      if (said !== undefined) views[kind]!.push({ name: `${name}, as it is`, logits: said });
      views[kind]!.push({ name, logits: discriminantLogits(folded, labels, classes) });
      views[kind]!.push({ name: `${name}, regression`, logits: regressedLogits(folded, labels, classes) });
      if (neighbours === undefined) continue;
      views[kind]!.push({ name: `${name}, neighbours`, logits: neighbourLogits(neighbours, labels, classes) });
    }
  }
  return views;
}

/** What a head says of some classes, `[faces, classes]`; undefined where it does not know all of them. */
function answeredLogits({ labels, matrix: { rows, columns, data } }: HeadAnswer, names: readonly string[]): Float64Array | undefined {
  const places = names.map((name) => labels.indexOf(name));
  if (places.includes(-1)) return undefined;
  const logits = new Float64Array(rows * names.length);
  for (let row = 0; row < rows; row++) {
    for (const [label, place] of places.entries()) logits[row * names.length + label] = data[row * columns + place]!;
  }
  return logits;
}

/** What each aspect expects of every face, out of sample, where labels are numbers. */
export async function valueViews(aspects: Aspects, labels: Float64Array): Promise<ValueView[]> {
  const views: ValueView[] = [];
  for await (const { name, folded, neighbours, expected } of aspects) {
    views.push({ name, values: expected ?? regressedValues(folded, labels) });
    if (neighbours !== undefined) views.push({ name: `${name}, neighbours`, values: neighbourValues(neighbours, labels) });
  }
  return views;
}
