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

export interface TrackAnswers {
  readonly age?: Pick<AgeEstimate, "years" | "interval">;
  readonly gender?: { readonly label: string; readonly confidence: number; readonly probabilities: Readonly<Record<string, number>> };
  /** How many looks that have nothing to do with each other the answers are worth, at least 1. */
  readonly independentLooks: number;
  /** The mood in steps of a second. */
  readonly moods: readonly CurvePoint[];
}

/** Gathers one answer for a whole track, look by look in the order of time; of the looks themselves nothing is kept. */
export class TrackSummarizer {
  readonly #worth = new MeanInTime();
  readonly #age = { years: new MeanInTime(), below: new MeanInTime(), above: new MeanInTime(), level: 0 };
  readonly #gender = new Map<string, MeanInTime>();
  readonly #moods = new MoodCurve();

  add(time: number, { age, gender, mood }: Pick<AnalyzedFace, "age" | "gender" | "mood">): void {
    this.#worth.add(time, 0);
    if (age !== undefined) {
      this.#age.years.add(time, age.years);
      this.#age.below.add(time, age.years - age.interval.low);
      this.#age.above.add(time, age.interval.high - age.years);
      this.#age.level = age.interval.level;
    }
    for (const [label, probability] of Object.entries(gender?.probabilities ?? {})) {
      const mean = this.#gender.get(label) ?? new MeanInTime();
      this.#gender.set(label, mean);
      // The mean of logarithms: many middling looks make no sure one, since a network's mistake about a person repeats.
      mean.add(time, Math.log(Math.max(least, probability)));
    }
    if (mood !== undefined) this.#moods.add(time, mood.probabilities);
  }

  finish(): TrackAnswers {
    const age = this.#ageSoFar();
    const gender = this.#genderSoFar();
    return {
      ...(age === undefined ? {} : { age }),
      ...(gender === undefined ? {} : { gender }),
      independentLooks: Math.max(1, this.#worth.result.looks),
      moods: this.#moods.finish(),
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
  readonly time: number;
  readonly label: string;
  readonly probabilities: Readonly<Record<string, number>>;
}

/** How fast a mood can come and go, in seconds: looks within it are averaged, the nearer the more. */
const moodWidth = 0.5;
/** Looks farther from a second's middle than that say nothing about it. */
const moodReach = 3 * moodWidth;

interface MoodLook {
  readonly time: number;
  readonly probabilities: Readonly<Record<string, number>>;
}

/** The mood in steps of a second, from the looks around each (a Gaussian of {@link moodWidth}); none where nobody looked. */
export class MoodCurve {
  readonly #points: CurvePoint[] = [];
  /** Looks that a second to come may need. */
  #near: MoodLook[] = [];
  #nextSecond: number | undefined;

  add(time: number, probabilities: MoodLook["probabilities"]): void {
    this.#nextSecond ??= Math.floor(time);
    while (this.#nextSecond + 0.5 + moodReach < time) this.#endSecond();
    this.#near.push({ time, probabilities });
  }

  finish(): readonly CurvePoint[] {
    const last = Math.floor(this.#near.at(-1)?.time ?? -Infinity);
    while (this.#nextSecond !== undefined && this.#nextSecond <= last) this.#endSecond();
    return this.#points;
  }

  #endSecond(): void {
    const time = this.#nextSecond!++;
    const middle = time + 0.5;
    const near = this.#near.filter((look) => Math.abs(look.time - middle) <= moodReach);
    this.#near = this.#near.filter((look) => look.time >= middle + 1 - moodReach);
    if (near.length === 0) return;
    const weights = near.map((look) => Math.exp(-0.5 * ((look.time - middle) / moodWidth) ** 2));
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    const meanOf = (label: string): number =>
      near.reduce((sum, look, index) => sum + weights[index]! * (look.probabilities[label] ?? 0), 0) / total;
    const probabilities = Object.fromEntries(Object.keys(near[0]!.probabilities).map((label) => [label, meanOf(label)]));
    this.#points.push({ time, label: mostProbable(probabilities)[0], probabilities });
  }
}

function mostProbable(probabilities: Readonly<Record<string, number>>): [label: string, probability: number] {
  return Object.entries(probabilities).toSorted((a, b) => b[1] - a[1])[0]!;
}
