import type { AgeEstimate, AnalyzedFace } from "../../analyze/index.ts";

/**
 * What is told of a person from many looks at the face. Looks close in time are nearly the same look, and some of a network's mistake about a
 * person is in every one of them: neither makes the answer surer.
 */

/** Looks so many seconds apart share 1/e of what is accidental in them: a turn of the head, a blink, a shadow. */
export const lookMemory = 1;
/**
 * Share of the error's variance that is the same in all looks at one person, and that no number of looks takes away: an interval never becomes
 * narrower than 84 % of one look's. Assumed, and on the careful side; it was not measured.
 */
export const personShare = 0.7;

/** The mean of values in time, and how many independent ones it is worth. */
export interface TimedMean {
  readonly mean: number;
  readonly looks: number;
}

/**
 * The best mean of values whose accidents fade like e^(-t / memory), each weighted by what it adds to those before it: generalized least
 * squares for a first-order process, value by value in the order of time.
 */
export class MeanInTime {
  readonly #memory: number;
  #sum = 0;
  #looks = 0;
  #before: { readonly time: number; readonly value: number } | undefined;

  constructor(memory: number = lookMemory) {
    this.#memory = memory;
  }

  add(time: number, value: number): void {
    const { time: last = -Infinity, value: previous = 0 } = this.#before ?? {};
    const kept = Math.exp(-(time - last) / this.#memory);
    const weight = 1 / (1 + kept);
    this.#sum += weight * (value - kept * previous);
    this.#looks += weight * (1 - kept);
    this.#before = { time, value };
  }

  /** Of no values, not a number. */
  get result(): TimedMean {
    return { mean: this.#sum / this.#looks, looks: this.#looks };
  }
}

/** By how much an interval of one look narrows with `looks` independent ones, 0..1. */
export function narrowing(looks: number): number {
  return Math.sqrt(personShare + (1 - personShare) / looks);
}

/** What many looks at one person come to. */
export interface TrackAnswers {
  readonly age?: Pick<AgeEstimate, "years" | "interval">;
  readonly gender?: { readonly label: string; readonly confidence: number; readonly probabilities: Readonly<Record<string, number>> };
  /** How many looks that have nothing to do with each other the answers are worth, at least 1. */
  readonly independentLooks: number;
  /** The mood of each second. */
  readonly moods: readonly CurvePoint[];
  /** The age as single looks tell it, of each second: how much they differ, which the answer for all hides. */
  readonly ages: readonly AgePoint[];
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
  readonly #worth = new MeanInTime();
  readonly #age = { years: new MeanInTime(), below: new MeanInTime(), above: new MeanInTime(), level: 0 };
  readonly #gender = new Map<string, MeanInTime>();
  readonly #moods = new StepMeans();
  readonly #ages = new StepMeans();

  constructor(id: number) {
    this.#id = id;
  }

  add(time: number, { age, gender, mood }: Pick<AnalyzedFace, "age" | "gender" | "mood">): void {
    if (this.#looks++ === 0) this.#from = time;
    this.#to = time;
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
      independentLooks: Math.max(1, this.#worth.result.looks),
      moods: this.#moods.points.map(({ time, means }) => ({ time, label: mostProbable(means)[0], probabilities: means })),
      ages: this.#ages.points.map(({ time, means: { years, low, high } }) => ({ time, years: years!, low: low!, high: high! })),
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

/** How fast a mood can come and go, in seconds: looks within it are averaged, the nearer the more. */
const smoothness = 0.5;
/** Looks farther from a second's middle than that say nothing about it. */
const farthest = 3 * smoothness;

interface StepPoint {
  readonly time: number;
  readonly means: Readonly<Record<string, number>>;
}

interface StepLook {
  readonly time: number;
  readonly values: Readonly<Record<string, number>>;
}

/** Means in steps of a second, of the looks around the middle of each (a Gaussian of {@link smoothness}); none where nobody looked. */
export class StepMeans {
  readonly #points: StepPoint[] = [];
  /** Looks that a second which is not over may need. */
  #near: StepLook[] = [];
  #nextSecond: number | undefined;

  add(time: number, values: StepLook["values"]): void {
    this.#nextSecond ??= Math.floor(time);
    for (; this.#nextSecond + 0.5 + farthest < time; this.#nextSecond++) {
      const second = this.#nextSecond;
      this.#points.push(...meansOf(second, this.#near));
      this.#near = this.#near.filter((look) => look.time >= second + 1.5 - farthest);
    }
    this.#near.push({ time, values });
  }

  get points(): readonly StepPoint[] {
    const points = [...this.#points];
    const last = Math.floor(this.#near.at(-1)?.time ?? -Infinity);
    for (let second = this.#nextSecond ?? Infinity; second <= last; second++) points.push(...meansOf(second, this.#near));
    return points;
  }
}

/** One point, or none. */
function meansOf(second: number, looks: readonly StepLook[]): StepPoint[] {
  const middle = second + 0.5;
  const near = looks.filter(({ time }) => Math.abs(time - middle) <= farthest);
  if (near.length === 0) return [];
  const weights = near.map(({ time }) => Math.exp(-0.5 * ((time - middle) / smoothness) ** 2));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const meanOf = (name: string): number => near.reduce((sum, { values }, index) => sum + weights[index]! * (values[name] ?? 0), 0) / total;
  return [{ time: second, means: Object.fromEntries(Object.keys(near[0]!.values).map((name) => [name, meanOf(name)])) }];
}

function mostProbable(probabilities: Readonly<Record<string, number>>): [label: string, probability: number] {
  return Object.entries(probabilities).toSorted((a, b) => b[1] - a[1])[0]!;
}
