/** What confident learning says of one sample. */
export interface LabelVerdict {
  /** The class that its features speak for most. */
  readonly suggested: number;
  /** Probability of the given class, 0..1: the paper's self-confidence. */
  readonly selfConfidence: number;
  /** Probability of the given class minus that of the best other one, -1..1; low is doubtful. */
  readonly margin: number;
  /** Whether it stands off the diagonal of the confident joint: it is counted among the label errors. */
  readonly isConfidentError: boolean;
}

export interface ConfidentLearning {
  readonly verdicts: readonly LabelVerdict[];
  /** `[given, true]`: samples counted with confidence, before calibration. */
  readonly confidentJoint: readonly (readonly number[])[];
  /** `[given, true]`: the estimated joint distribution of given and true labels, sum 1. */
  readonly joint: readonly (readonly number[])[];
  /** Mean self-confidence of each class; `NaN` for classes without samples. */
  readonly thresholds: readonly number[];
}

/** The mean probability that the samples of a class give to it: what counts as confident in it. */
function classThresholds(probabilities: Float64Array, labels: ArrayLike<number>, classes: number): number[] {
  const sums = new Float64Array(classes);
  const counts = new Float64Array(classes);
  for (let row = 0; row < labels.length; row++) {
    sums[labels[row]!]! += probabilities[row * classes + labels[row]!]!;
    counts[labels[row]!]!++;
  }
  return Array.from(sums, (sum, label) => sum / counts[label]!);
}

/** The most probable of the classes in which a sample is confident; -1 where there is none. */
function confidentClass(row: Float64Array, thresholds: readonly number[]): number {
  let best = -1;
  for (const [label, probability] of row.entries()) {
    if (probability >= thresholds[label]! && (best < 0 || probability > row[best]!)) best = label;
  }
  return best;
}

/** Scales each row to the number of samples that carry its label, and the whole to sum 1 (equation 3 of the paper). */
function calibrate(confidentJoint: readonly (readonly number[])[], labels: ArrayLike<number>): number[][] {
  const counts = confidentJoint.map(() => 0);
  for (let row = 0; row < labels.length; row++) counts[labels[row]!]!++;
  return confidentJoint.map((row, given) => {
    const sum = row.reduce((total, count) => total + count, 0);
    return row.map((count, label) => {
      const share = sum === 0 ? Number(label === given) : count / sum;
      return (share * counts[given]!) / labels.length;
    });
  });
}

function judge(row: Float64Array, given: number, confident: number): LabelVerdict {
  let other = -1;
  for (let label = 0; label < row.length; label++) {
    if (label !== given && (other < 0 || row[label]! > row[other]!)) other = label;
  }
  const margin = row[given]! - row[other]!;
  return {
    suggested: margin < 0 ? other : given,
    selfConfidence: row[given]!,
    margin,
    isConfidentError: confident >= 0 && confident !== given,
  };
}

/**
 * Confident learning (Northcutt, Jiang, Chuang, JAIR 2021): which labels the data itself contradicts.
 *
 * A sample is confident in a class when it gives it at least the probability that the samples of that class give it on
 * average. Samples that are confident in another class than their own are counted as label errors.
 * @param probabilities out-of-sample, `[n, classes]`
 * @param labels given class of every sample, 0 to `classes - 1`
 */
export function confidentLearning(probabilities: Float64Array, labels: ArrayLike<number>, classes: number): ConfidentLearning {
  const thresholds = classThresholds(probabilities, labels, classes);
  const confidentJoint = Array.from({ length: classes }, () => Array.from({ length: classes }, () => 0));
  const verdicts: LabelVerdict[] = [];
  for (let index = 0; index < labels.length; index++) {
    const row = probabilities.subarray(index * classes, (index + 1) * classes);
    const given = labels[index]!;
    const confident = confidentClass(row, thresholds);
    if (confident >= 0) confidentJoint[given]![confident]!++;
    verdicts.push(judge(row, given, confident));
  }
  return { verdicts, confidentJoint, joint: calibrate(confidentJoint, labels), thresholds };
}
