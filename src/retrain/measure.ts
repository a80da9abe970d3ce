import { createRandom, unreachable } from "../core/index.ts";
import { percentileInterval, shareInterval } from "../evaluate/index.ts";
import type { Targets } from "./head/targets.ts";
import type { TestAnswers } from "./head/teach.ts";

/** A share with its 95 % interval. */
export interface MeasuredShare {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** One class of the test. */
export interface ClassMeasure {
  /** Rows that are labelled so. */
  readonly n: number;
  /** Share of those that were told right; undefined without any. */
  readonly recall: number | undefined;
  /** Share of right ones among those that were told to be so; undefined where none was. */
  readonly precision: number | undefined;
}

/** Rows of one range of confidence. */
export interface ConfidenceBin {
  readonly n: number;
  readonly confidence: number;
  readonly accuracy: number;
}

/** How good answers of one label each were. */
export interface LabelMeasures {
  readonly n: number;
  readonly accuracy: MeasuredShare;
  /** Mean of the classes' recalls. */
  readonly balancedAccuracy: number;
  /** Always the class that most of these rows have. */
  readonly baseline: { readonly label: number; readonly accuracy: number };
  /** `[labelled][told]`, rows. */
  readonly confusions: readonly (readonly number[])[];
  readonly classes: readonly ClassMeasure[];
  readonly reliability: readonly ConfidenceBin[];
  readonly expectedCalibrationError: number;
  /** Mean negative logarithm of the labelled class's probability, nats. */
  readonly logLoss: number;
}

/** How good answers were that chose nothing. */
export type TestMeasures =
  | (LabelMeasures & { readonly kind: "classes"; readonly oneOffAccuracy?: undefined })
  | (LabelMeasures & {
      readonly kind: "ordered";
      /** Told right or one beside it. */
      readonly oneOffAccuracy: number;
    })
  | {
      readonly kind: "tags";
      readonly n: number;
      /** Share of tags that were told right, over all rows and tags. */
      readonly accuracy: MeasuredShare;
      /** For each tag always what most rows have. */
      readonly baseline: { readonly accuracy: number };
      readonly tags: readonly {
        readonly n: number;
        readonly accuracy: number;
        readonly baseline: number;
        readonly recall: number | undefined;
        readonly precision: number | undefined;
      }[];
    }
  | {
      readonly kind: "number";
      readonly n: number;
      readonly meanAbsoluteError: MeasuredShare;
      /** Always the median. */
      readonly baseline: { readonly value: number; readonly meanAbsoluteError: number };
      /** Share of true numbers within the interval. */
      readonly coverage: number;
    };

const replicates = 1000;
const binCount = 10;

/** The place of the largest. */
export function largestIndex(values: ArrayLike<number>): number {
  let best = 0;
  for (let index = 1; index < values.length; index++) if (values[index]! > values[best]!) best = index;
  return best;
}

/** What one row was told: its numbers. */
export function answerAt({ answers, rows }: TestAnswers, place: number): Float64Array {
  const outputs = answers.length / rows.length;
  return answers.subarray(place * outputs, (place + 1) * outputs);
}

/**
 * Measures the test's answers.
 * @param sets rows of one number are not independent: intervals are drawn over sets
 * @param interval of a number's answers
 */
export function measureTest(
  targets: Targets,
  test: TestAnswers,
  sets: ArrayLike<number>,
  interval: { readonly low: number; readonly high: number } | undefined,
): TestMeasures {
  switch (targets.kind) {
    case "classes":
    case "ordered":
      return measureClasses(targets, test, sets);
    case "tags":
      return measureTags(targets, test, sets);
    case "number":
      return measureNumber(targets, test, sets, interval ?? { low: 0, high: 0 });
    default:
      return unreachable(targets);
  }
}

type OfKind<Kind extends string> = Extract<Targets, { readonly kind: Kind }>;
type MeasuresOf<Kind extends string> = Extract<TestMeasures, { readonly kind: Kind }>;

function measureClasses(
  { kind, labels, classes }: OfKind<"classes" | "ordered">,
  test: TestAnswers,
  sets: ArrayLike<number>,
): MeasuresOf<"classes" | "ordered"> {
  const places = [...test.rows.keys()];
  const truth = places.map((place) => classes[test.rows[place]!]!);
  const told = places.map((place) => largestIndex(answerAt(test, place)));
  const confusions = Array.from({ length: labels }, () => Array.from({ length: labels }, () => 0));
  for (const place of places) confusions[truth[place]!]![told[place]!]! += 1;
  const perClass = confusions.map((row, label): ClassMeasure => {
    const n = sum(row);
    const named = sum(confusions.map((other) => other[label]!));
    return { n, recall: n === 0 ? undefined : row[label]! / n, precision: named === 0 ? undefined : row[label]! / named };
  });
  const recalls = perClass.flatMap(({ recall }) => recall ?? []);
  const largest = largestIndex(perClass.map(({ n }) => n));
  const confidences = places.map((place) => answerAt(test, place)[told[place]!]!);
  const reliability = binConfidences(
    confidences,
    places.map((place) => told[place] === truth[place]),
  );
  const measures: LabelMeasures = {
    n: places.length,
    accuracy: measuredMean(
      places.map((place) => Number(told[place] === truth[place])),
      test.rows,
      sets,
    ),
    balancedAccuracy: mean(recalls),
    baseline: { label: largest, accuracy: perClass[largest]!.n / places.length },
    confusions,
    classes: perClass,
    reliability,
    expectedCalibrationError: sum(reliability.map(({ n, confidence, accuracy }) => (n / places.length) * Math.abs(confidence - accuracy))),
    logLoss: mean(places.map((place) => -Math.log(Math.max(1e-12, answerAt(test, place)[truth[place]!]!)))),
  };
  if (kind === "classes") return { kind, ...measures };
  return { kind, ...measures, oneOffAccuracy: mean(places.map((place) => Number(Math.abs(told[place]! - truth[place]!) <= 1))) };
}

function measureTags({ labels, tags }: OfKind<"tags">, test: TestAnswers, sets: ArrayLike<number>): MeasuresOf<"tags"> {
  const places = [...test.rows.keys()];
  const isTrue = (place: number, tag: number): boolean => tags[test.rows[place]! * labels + tag] === 1;
  const isTold = (place: number, tag: number): boolean => answerAt(test, place)[tag]! >= 0.5;
  const perTag = Array.from({ length: labels }, (_, tag) => {
    const n = places.filter((place) => isTrue(place, tag)).length;
    const named = places.filter((place) => isTold(place, tag));
    const hits = named.filter((place) => isTrue(place, tag)).length;
    return {
      n,
      accuracy: mean(places.map((place) => Number(isTrue(place, tag) === isTold(place, tag)))),
      baseline: Math.max(n, places.length - n) / places.length,
      recall: n === 0 ? undefined : hits / n,
      precision: named.length === 0 ? undefined : hits / named.length,
    };
  });
  const rightShare = places.map((place) => mean(perTag.map((_, tag) => Number(isTrue(place, tag) === isTold(place, tag)))));
  return {
    kind: "tags",
    n: places.length,
    accuracy: measuredMean(rightShare, test.rows, sets),
    baseline: { accuracy: mean(perTag.map(({ baseline }) => baseline)) },
    tags: perTag,
  };
}

function measureNumber(
  { values }: OfKind<"number">,
  test: TestAnswers,
  sets: ArrayLike<number>,
  interval: { readonly low: number; readonly high: number },
): MeasuresOf<"number"> {
  const truth = [...test.rows].map((row) => values[row]!);
  const errors = truth.map((value, place) => answerAt(test, place)[0]! - value);
  const median = truth.toSorted((a, b) => a - b)[truth.length >> 1]!;
  return {
    kind: "number",
    n: truth.length,
    meanAbsoluteError: measuredMean(
      errors.map((error) => Math.abs(error)),
      test.rows,
      sets,
    ),
    baseline: { value: median, meanAbsoluteError: mean(truth.map((value) => Math.abs(value - median))) },
    coverage: mean(
      errors.map((error, place) => {
        const { low, high } = test.intervals?.[place] ?? interval;
        return Number(-error >= low && -error <= high);
      }),
    ),
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : sum(values) / values.length;
}

/**
 * A mean over rows, its interval over sets: of what is right or wrong as that of a share, of other numbers drawn anew a thousand times. One set
 * alone says nothing of how sets differ, and would give an interval without width: its rows are drawn.
 */
function measuredMean(values: readonly number[], rows: Int32Array, sets: ArrayLike<number>): MeasuredShare {
  const value = mean(values);
  const setOf = Int32Array.from(rows, (row) => sets[row]!);
  if (values.every((one) => one === 0 || one === 1)) {
    const hits = values.map((one) => one === 1);
    return { value, ...shareInterval(hits, setOf)! };
  }
  const together = [...Map.groupBy(values.keys(), (place) => setOf[place]!).values()];
  const members = together.length === 1 ? Array.from(values.keys(), (place) => [place]) : together;
  const totals = members.map((places) => ({ n: places.length, sum: sum(places.map((place) => values[place]!)) }));
  const random = createRandom(1);
  const means = Array.from({ length: replicates }, () => {
    let [count, total] = [0, 0];
    for (let draw = 0; draw < totals.length; draw++) {
      const drawn = totals[random.integer(totals.length)]!;
      count += drawn.n;
      total += drawn.sum;
    }
    return total / count;
  });
  return { value, ...percentileInterval(means)! };
}

function binConfidences(confidences: readonly number[], isRight: readonly boolean[]): ConfidenceBin[] {
  const bins = Map.groupBy(confidences.keys(), (place) => Math.min(binCount - 1, Math.floor(confidences[place]! * binCount)));
  return [...bins]
    .toSorted(([a], [b]) => a - b)
    .map(([, places]) => ({
      n: places.length,
      confidence: mean(places.map((place) => confidences[place]!)),
      accuracy: mean(places.map((place) => Number(isRight[place]))),
    }));
}
