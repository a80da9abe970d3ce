import type { AttributeEstimate, Attributes } from "../../analyze/index.ts";
import { MeanInTime, narrowing, StepMeans, type StepPoint } from "./means.ts";

/** What models of one's own tell through time, by the task's name. */

/** What is told of a second: the mean of the looks around it; of a number with the interval of a single look. */
export type AttributePoint = AttributeEstimate & {
  /** The second that it is about, from the film's beginning. */
  readonly time: number;
};

/** What is told of each second, by the task's name. */
export type AttributeCurves = Readonly<Record<string, readonly AttributePoint[]>>;

interface AttributeSummary {
  readonly attributes?: Attributes;
  readonly attributeCurves?: AttributeCurves;
}

/** Gathers the answers of all tasks, look by look in the order of time. */
export class AttributeSummarizer {
  readonly #tasks = new Map<string, TaskSummarizer>();

  add(time: number, attributes: Attributes): void {
    for (const [task, estimate] of Object.entries(attributes)) {
      const summarizer = this.#tasks.get(task) ?? new TaskSummarizer();
      this.#tasks.set(task, summarizer);
      summarizer.add(time, estimate);
    }
  }

  /** What the looks so far come to; empty where nothing was told. */
  get summary(): AttributeSummary {
    if (this.#tasks.size === 0) return {};
    const of = <Value>(read: (task: TaskSummarizer) => Value): Record<string, Value> =>
      Object.fromEntries([...this.#tasks].map(([name, task]) => [name, read(task)]));
    return { attributes: of((task) => task.answer), attributeCurves: of((task) => task.curve) };
  }
}

type Values = Readonly<Record<string, number>>;

/** Means of some values, over all looks and by second. */
class Means {
  readonly #whole = new Map<string, MeanInTime>();
  readonly #seconds = new StepMeans();

  add(time: number, values: Values): void {
    for (const [name, value] of Object.entries(values)) {
      const mean = this.#whole.get(name) ?? new MeanInTime();
      this.#whole.set(name, mean);
      mean.add(time, value);
    }
    this.#seconds.add(time, values);
  }

  /** Undefined where there was no look. */
  get whole(): Values | undefined {
    if (this.#whole.size === 0) return undefined;
    return Object.fromEntries([...this.#whole].map(([name, mean]) => [name, mean.result.mean]));
  }

  get looks(): number {
    return this.#whole.values().next().value?.result.looks ?? 0;
  }

  get seconds(): readonly StepPoint[] {
    return this.#seconds.points;
  }
}

/** One task: a face that is unlike all examples of a model says nothing about its classes, and does not count for them. */
class TaskSummarizer {
  /** Tells what kind of answer it is. */
  #last: AttributeEstimate | undefined;
  readonly #all = new Means();
  readonly #told = new Means();
  readonly #unlike = new Means();

  add(time: number, estimate: AttributeEstimate): void {
    this.#last = estimate;
    const values = valuesOf(estimate);
    this.#all.add(time, values);
    if (!("label" in estimate)) return;
    if (estimate.label !== null) this.#told.add(time, values);
    const { novelty } = estimate;
    this.#unlike.add(time, { share: estimate.label === null ? 1 : 0, ...(novelty === undefined ? {} : { novelty }) });
  }

  get answer(): AttributeEstimate {
    const all = this.#all.whole!;
    return readEstimate(this.#last!, this.#told.whole ?? all, this.#unlike.whole, narrowing(Math.max(1, this.#all.looks)));
  }

  get curve(): AttributePoint[] {
    const [told, unlike] = [this.#told, this.#unlike].map(({ seconds }) => new Map(seconds.map(({ time, means }) => [time, means])));
    return this.#all.seconds.map(({ time, means }) => ({
      time,
      ...readEstimate(this.#last!, told!.get(time) ?? means, unlike!.get(time), 1),
    }));
  }
}

function valuesOf(estimate: AttributeEstimate): Values {
  if (!("value" in estimate)) return estimate.probabilities;
  const { value, interval } = estimate;
  return { value, low: interval.low, high: interval.high };
}

/**
 * Means as an answer of the same kind. Sets of labels are left out: what they promise is promised of single looks.
 * @param unlike in what share of looks the face was unlike all examples
 * @param factor by how much an interval is narrower than that of one look
 */
// eslint-disable-next-line max-params -- of what kind, from which means
function readEstimate(like: AttributeEstimate, means: Values, unlike: Values | undefined, factor: number): AttributeEstimate {
  if ("value" in like) {
    const [value, low, high] = [means["value"]!, means["low"]!, means["high"]!];
    return { value, interval: { low: value - factor * (value - low), high: value + factor * (high - value), level: like.interval.level } };
  }
  if ("labels" in like) return { labels: Object.keys(means).filter((label) => means[label]! >= 0.5), probabilities: means };
  const [label, confidence] = Object.entries(means).toSorted((a, b) => b[1] - a[1])[0]!;
  const novelty = unlike?.["novelty"];
  return {
    label: (unlike?.["share"] ?? 0) >= 0.5 ? null : label,
    confidence,
    probabilities: means,
    ...(novelty === undefined ? {} : { novelty }),
  };
}
