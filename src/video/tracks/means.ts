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

/** How fast a mood can come and go, in seconds: looks within it are averaged, the nearer the more. */
const smoothness = 0.5;
/** Looks farther from a second's middle than that say nothing about it. */
const farthest = 3 * smoothness;

export interface StepPoint {
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
