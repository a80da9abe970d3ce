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

export interface TimedLook {
  /** Seconds. */
  readonly time: number;
  readonly face: AnalyzedFace;
}

/** The mean of values in time, each weighted by what it adds to those before it, and how many independent ones it is worth. */
export interface TimedMean {
  readonly mean: number;
  readonly looks: number;
}

/**
 * The best mean of values whose accidents fade like e^(-t / memory): generalized least squares for a first-order process, in one pass.
 * @param values in the order of time
 */
export function meanInTime(values: readonly { readonly time: number; readonly value: number }[], memory: number = lookMemory): TimedMean {
  let [sum, looks] = [0, 0];
  let before: { readonly time: number; readonly value: number } | undefined;
  for (const now of values) {
    const kept = before === undefined ? 0 : Math.exp(-(now.time - before.time) / memory);
    const weight = before === undefined ? 1 : 1 / (1 + kept);
    sum += weight * (now.value - kept * (before?.value ?? 0));
    looks += weight * (1 - kept);
    before = now;
  }
  return { mean: sum / looks, looks };
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
}

/** One answer for a whole track. */
export function summarizeLooks(looks: readonly TimedLook[]): TrackAnswers {
  const worth = meanInTime(looks.map(({ time }) => ({ time, value: 0 }))).looks;
  const age = summarizeAge(looks);
  const gender = summarizeLabels(looks.flatMap(({ time, face }) => (face.gender === undefined ? [] : [{ time, estimate: face.gender }])));
  return { ...(age === undefined ? {} : { age }), ...(gender === undefined ? {} : { gender }), independentLooks: Math.max(1, worth) };
}

function summarizeAge(looks: readonly TimedLook[]): TrackAnswers["age"] {
  const ages = looks.flatMap(({ time, face }) => (face.age === undefined ? [] : [{ time, age: face.age }]));
  if (ages.length === 0) return undefined;
  const { mean: years, looks: worth } = meanInTime(ages.map(({ time, age }) => ({ time, value: age.years })));
  const below = meanInTime(ages.map(({ time, age }) => ({ time, value: age.years - age.interval.low }))).mean;
  const above = meanInTime(ages.map(({ time, age }) => ({ time, value: age.interval.high - age.years }))).mean;
  const factor = narrowing(Math.max(1, worth));
  const { level } = ages[0]!.age.interval;
  return { years, interval: { low: Math.max(0, years - factor * below), high: years + factor * above, level } };
}

/** Least probability that is reckoned with: one look alone cannot rule anything out. */
const least = 0.01;

interface TimedLabels {
  readonly time: number;
  readonly estimate: { readonly probabilities: Readonly<Record<string, number>> };
}

/** The mean of logarithms: many middling looks make no sure one, since a network's mistake about a person repeats. */
function summarizeLabels(looks: readonly TimedLabels[]): TrackAnswers["gender"] {
  if (looks.length === 0) return undefined;
  const labels = Object.keys(looks[0]!.estimate.probabilities);
  const logs = labels.map((label) => {
    const values = looks.map(({ time, estimate }) => ({ time, value: Math.log(Math.max(least, estimate.probabilities[label] ?? 0)) }));
    return Math.exp(meanInTime(values).mean);
  });
  const sum = logs.reduce((total, value) => total + value, 0);
  const probabilities = Object.fromEntries(labels.map((label, index) => [label, logs[index]! / sum]));
  const [label, confidence] = Object.entries(probabilities).toSorted((a, b) => b[1] - a[1])[0]!;
  return { label, confidence, probabilities };
}

/** One point of a curve. */
export interface CurvePoint {
  readonly time: number;
  readonly label: string;
  readonly probabilities: Readonly<Record<string, number>>;
}

/** How fast a mood can come and go, in seconds: looks within it are averaged, the nearer the more. */
const moodWidth = 0.5;

/** The mood in steps of a second, from the looks around each (a Gaussian of {@link moodWidth}); none where nobody looked. */
export function moodCurve(looks: readonly TimedLook[], step = 1): CurvePoint[] {
  const moods = looks.flatMap(({ time, face }): TimedLabels[] => (face.mood === undefined ? [] : [{ time, estimate: face.mood }]));
  const labels = Object.keys(moods[0]?.estimate.probabilities ?? {});
  const values = moods.map(({ time, estimate }) => ({ time, values: labels.map((label) => estimate.probabilities[label]!) }));
  return meansInSteps(values, step).map(({ time, values: means }) => {
    const probabilities = Object.fromEntries(labels.map((label, place) => [label, means[place]!]));
    return { time, label: Object.entries(probabilities).toSorted((a, b) => b[1] - a[1])[0]![0], probabilities };
  });
}

/** What single looks say of the age around a time: years, and the interval of one look. */
export interface AgePoint {
  readonly time: number;
  readonly years: number;
  readonly low: number;
  readonly high: number;
}

/** The age as it was told in steps of a second, by the same means as the mood: how much looks differ, which the answer for a track hides. */
export function ageCurve(looks: readonly TimedLook[], step = 1): AgePoint[] {
  const ages = looks.flatMap(({ time, face: { age } }) =>
    age === undefined ? [] : [{ time, values: [age.years, age.interval.low, age.interval.high] }],
  );
  return meansInSteps(ages, step).map(({ time, values: [years, low, high] }) => ({ time, years: years!, low: low!, high: high! }));
}

interface TimedValues {
  readonly time: number;
  readonly values: readonly number[];
}

/** Means around the middle of each step, where there is anything near it. */
function meansInSteps(looks: readonly TimedValues[], step: number): TimedValues[] {
  if (looks.length === 0) return [];
  const first = Math.floor(looks[0]!.time / step);
  const last = Math.floor(looks.at(-1)!.time / step);
  const points: TimedValues[] = [];
  let from = 0;
  for (let index = first; index <= last; index++) {
    const middle = (index + 0.5) * step;
    while (from < looks.length && looks[from]!.time < middle - 3 * moodWidth) from++;
    const sums = looks[0]!.values.map(() => 0);
    let total = 0;
    for (let at = from; at < looks.length && looks[at]!.time <= middle + 3 * moodWidth; at++) {
      const weight = Math.exp(-0.5 * ((looks[at]!.time - middle) / moodWidth) ** 2);
      for (const [place, value] of looks[at]!.values.entries()) sums[place]! += weight * value;
      total += weight;
    }
    if (total > 0) points.push({ time: index * step, values: sums.map((sum) => sum / total) });
  }
  return points;
}
