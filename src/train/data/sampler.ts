import { type Random, shuffled } from "../../core/index.ts";

/**
 * The order in which an epoch shows the samples: indices into `weights`, `length` of them.
 *
 * A sample stands in it `length * weight / sum` times, rounded up or down at random so that this is the mean (systematic
 * resampling: Carpenter, Clifford, Fearnhead, 1999). Equal weights and `length = weights.length` show every sample exactly once.
 */
export function epochOrder(weights: ArrayLike<number>, length: number, random: Random): Int32Array {
  let sum = 0;
  for (let index = 0; index < weights.length; index++) sum += weights[index]!;
  const order = new Int32Array(length);
  const offset = random.uniform();
  let reached = 0;
  let filled = 0;
  for (let index = 0; index < weights.length && filled < length; index++) {
    reached += (weights[index]! / sum) * length;
    while (filled < length && filled + offset < reached) order[filled++] = index;
  }
  // Rounding of the running sum may leave the last place open.
  order.fill(weights.length - 1, filled);
  return Int32Array.from(shuffled([...order], random));
}

/** What a sample counts for: its dataset, and the class that is to be balanced. */
export interface SampleClass {
  readonly dataset: number;
  /** Undefined: not in the balance; it keeps the mean weight of its dataset. */
  readonly label: string | undefined;
}

export interface SampleWeightOptions {
  /** Share of the epoch that each dataset gets, in any unit. @default as many as it has samples */
  readonly datasetWeights?: readonly number[] | undefined;
  /** 0: classes as they come; 1: all equally often; between them, frequency to the power `1 - balance`. @default 0 */
  readonly balance?: number | undefined;
}

/**
 * Weights for {@link epochOrder}: rare classes more often, inside each dataset, and datasets as asked for.
 * The weights of a dataset sum to its weight whatever the balance.
 */
export function sampleWeights(samples: readonly SampleClass[], options: SampleWeightOptions = {}): Float64Array {
  const { balance = 0, datasetWeights } = options;
  const counts = countBy(samples, classKey);
  const weights = Float64Array.from(samples, (sample) =>
    sample.label === undefined ? Number.NaN : counts.get(classKey(sample))! ** -balance,
  );
  const sums = datasetSums(samples, weights);
  return weights.map((weight, index) => {
    const { dataset } = samples[index]!;
    const { size, labelled, sum } = sums.get(dataset)!;
    const relative = Number.isNaN(weight) ? 1 : (weight * labelled) / sum;
    return (relative / size) * (datasetWeights?.[dataset] ?? size);
  });
}

function classKey(sample: SampleClass): string {
  return `${sample.dataset} ${sample.label}`;
}

function countBy<T>(values: readonly T[], key: (value: T) => string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(key(value), (counts.get(key(value)) ?? 0) + 1);
  return counts;
}

interface DatasetSum {
  size: number;
  labelled: number;
  sum: number;
}

function datasetSums(samples: readonly SampleClass[], weights: Float64Array): Map<number, DatasetSum> {
  const sums = new Map<number, DatasetSum>();
  for (const [index, { dataset, label }] of samples.entries()) {
    const sum = sums.get(dataset) ?? { size: 0, labelled: 0, sum: 0 };
    sums.set(dataset, sum);
    sum.size++;
    if (label === undefined) continue;
    sum.labelled++;
    sum.sum += weights[index]!;
  }
  return sums;
}
