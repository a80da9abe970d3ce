import type { AgeEstimate, AnalyzedFace, Attributes } from "../../analyze/index.ts";
import { type AttributeCurves, AttributeSummarizer } from "./attributes.ts";
import { MeanInTime, narrowing, StepMeans } from "./means.ts";

/** What many looks at one person come to. */
export interface TrackAnswers {
  readonly age?: Pick<AgeEstimate, "years" | "interval">;
  readonly gender?: { readonly label: string; readonly confidence: number; readonly probabilities: Readonly<Record<string, number>> };
  /** In how many frames it was asked about. */
  readonly answeredLooks: number;
  /** How many looks that have nothing to do with each other the answers are worth, at least 1. */
  readonly independentLooks: number;
  /** The mood of each second. */
  readonly moods: readonly CurvePoint[];
  /** The age as single looks tell it, of each second: how much they differ, which the answer for all hides. */
  readonly ages: readonly AgePoint[];
  /**
   * What models of one's own tell of the person, by task: the mean of probabilities, which is no surer than single looks; a number with the
   * interval that many looks leave. Absent where none was asked.
   */
  readonly attributes?: Attributes;
  /** The same of each second. */
  readonly attributeCurves?: AttributeCurves;
}

/** What is told of one person in a film. */
export interface TrackSummary extends TrackAnswers {
  readonly id: number;
  /** Seconds of the first and the last frame in which the face was found. */
  readonly from: number;
  readonly to: number;
  /** In how many frames it was found. */
  readonly looks: number;
}

/** Gathers one answer for a whole track, look by look in the order of time; of the looks themselves nothing is kept. */
export class TrackSummarizer {
  readonly #id: number;
  #from = NaN;
  #to = NaN;
  #looks = 0;
  #answered = 0;
  readonly #worth = new MeanInTime();
  readonly #age = { years: new MeanInTime(), below: new MeanInTime(), above: new MeanInTime(), level: 0 };
  readonly #gender = new Map<string, MeanInTime>();
  readonly #moods = new StepMeans();
  readonly #ages = new StepMeans();
  readonly #attributes = new AttributeSummarizer();

  constructor(id: number) {
    this.#id = id;
  }

  add(time: number, { age, gender, mood, attributes }: Pick<AnalyzedFace, "age" | "gender" | "mood" | "attributes">): void {
    if (this.#looks++ === 0) this.#from = time;
    this.#to = time;
    // Where the face was found and not asked about, nothing was learnt.
    if ([age, gender, mood, attributes].every((answer) => answer === undefined)) return;
    this.#answered++;
    this.#worth.add(time, 0);
    if (age !== undefined) {
      const { low, high, level } = age.interval;
      this.#age.years.add(time, age.years);
      this.#age.below.add(time, age.years - low);
      this.#age.above.add(time, high - age.years);
      this.#age.level = level;
      this.#ages.add(time, { years: age.years, low, high });
    }
    for (const [label, probability] of Object.entries(gender?.probabilities ?? {})) {
      const mean = this.#gender.get(label) ?? new MeanInTime();
      this.#gender.set(label, mean);
      // The mean of logarithms: many middling looks make no sure one, since a network's mistake about a person repeats.
      mean.add(time, Math.log(Math.max(least, probability)));
    }
    if (mood !== undefined) this.#moods.add(time, mood.probabilities);
    if (attributes !== undefined) this.#attributes.add(time, attributes);
  }

  /** What the looks so far come to. */
  get summary(): TrackSummary {
    const age = this.#ageSoFar();
    const gender = this.#genderSoFar();
    return {
      id: this.#id,
      from: this.#from,
      to: this.#to,
      looks: this.#looks,
      ...(age === undefined ? {} : { age }),
      ...(gender === undefined ? {} : { gender }),
      answeredLooks: this.#answered,
      independentLooks: Math.max(1, this.#worth.result.looks),
      moods: this.#moods.points.map(({ time, means }) => ({ time, label: mostProbable(means)[0], probabilities: means })),
      ages: this.#ages.points.map(({ time, means: { years, low, high } }) => ({ time, years: years!, low: low!, high: high! })),
      ...this.#attributes.summary,
    };
  }

  #ageSoFar(): TrackAnswers["age"] {
    const { years, below, above, level } = this.#age;
    const { mean, looks } = years.result;
    if (looks === 0) return undefined;
    const factor = narrowing(Math.max(1, looks));
    const interval = { low: Math.max(0, mean - factor * below.result.mean), high: mean + factor * above.result.mean, level };
    return { years: mean, interval };
  }

  #genderSoFar(): TrackAnswers["gender"] {
    if (this.#gender.size === 0) return undefined;
    const weights = [...this.#gender].map(([label, mean]) => [label, Math.exp(mean.result.mean)] as const);
    const sum = weights.reduce((total, [, value]) => total + value, 0);
    const probabilities = Object.fromEntries(weights.map(([label, value]) => [label, value / sum]));
    const [label, confidence] = mostProbable(probabilities);
    return { label, confidence, probabilities };
  }
}

/** Least probability that is reckoned with: one look alone cannot rule anything out. */
const least = 0.01;

/** One point of a curve. */
export interface CurvePoint {
  /** The second that it is about, from the film's beginning. */
  readonly time: number;
  readonly label: string;
  readonly probabilities: Readonly<Record<string, number>>;
}

/** What single looks say of the age in a second: years, and the interval of one look. */
export interface AgePoint {
  readonly time: number;
  readonly years: number;
  readonly low: number;
  readonly high: number;
}

function mostProbable(probabilities: Readonly<Record<string, number>>): [label: string, probability: number] {
  return Object.entries(probabilities).toSorted((a, b) => b[1] - a[1])[0]!;
}
