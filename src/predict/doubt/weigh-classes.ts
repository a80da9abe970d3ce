import { softmax } from "../../core/index.ts";

/** What a view says of every face, out of sample: logits, `[faces, classes]`. */
export interface ClassView {
  readonly name: string;
  readonly logits: Float64Array;
}

export interface WeighedClasses {
  /** All views together, `[faces, classes]`, sum 1. */
  readonly probabilities: Float64Array;
  /** How likely the given label is wrong, `[faces]`, 0..1; their sum is how many are. */
  readonly doubts: Float64Array;
  /** Of every face the class that it likeliest is if its label is wrong, `[faces]`; -1 where there is one class. */
  readonly others: Int32Array;
  /** The share of labels that are wrong: the mean of the doubts. */
  readonly wrongShare: number;
  /** How much each view counts in the log-linear pool; a view that tells nothing which the others do not has 0. */
  readonly weights: readonly { readonly name: string; readonly weight: number }[];
}

/** Steps of Adam: a few numbers are fitted, one for each view and class. */
const steps = 200;
const rate = 0.05;
/** Where the share of wrong labels begins; it is estimated anew every so many steps. From below, they do not suffice to reach a share of a fifth. */
const firstShare = 0.2;
const estimateEvery = 10;
/** A share below this would let no label be wrong. */
const leastShare = 0.001;
/** Rounds in which it is learnt which classes are taken for which, and those in which the shares of a linear pool are. */
const mistakeRounds = 60;
const shareRounds = 50;
/**
 * What part the linear pool has in the geometric mean. With a half the queue is as good, but of many wrong labels fewer are foretold
 * (docs/lab/cleaning.md).
 */
const linearPart = 1 / 3;

/**
 * Weighs views of faces against each other by how well they foretell the labels together, and says how likely each label is wrong.
 *
 * The views are pooled log-linearly. A label is taken to be right with the pooled probability of its class, or, with a share that is
 * estimated with the weights (expectation-maximisation), to be drawn from the other classes whatever the face: so wrong labels do not pull the
 * weights, and no line has to be drawn by hand. One view that is very sure decides such a pool against all others; so it is brought together, as the
 * geometric mean, with a linear pool, in which a view counts no more than its share. Which classes are taken for which is learnt afterwards.
 * @param labels given class of every face, 0 to `classes - 1`
 */
export function weighClasses(views: readonly ClassView[], labels: ArrayLike<number>, classes: number): WeighedClasses {
  const count = labels.length;
  const logs = views.map(({ logits }) => logProbabilities(logits, classes));
  // One number for each view, then one for each class.
  const parameters = Float64Array.from({ length: views.length + classes }, (_, index) => (index < views.length ? 1 / views.length : 0));
  const optimiser = createAscent(parameters, views.length);
  const probabilities = new Float64Array(count * classes);
  const gradient = new Float64Array(parameters.length);
  let wrongShare = firstShare;
  for (let step = 1; step <= steps; step++) {
    gradient.fill(0);
    let wrong = 0;
    for (let face = 0; face < count; face++) {
      const row = pool(logs, parameters, face, classes);
      const doubt = doubtOf(row[labels[face]!]!, wrongShare, classes);
      wrong += doubt;
      for (let label = 0; label < classes; label++) {
        const error = ((Number(label === labels[face]) - row[label]!) * (1 - doubt)) / count;
        for (let view = 0; view < logs.length; view++) gradient[view]! += error * logs[view]![face * classes + label]!;
        gradient[logs.length + label]! += error;
      }
    }
    if (step % estimateEvery === 0) wrongShare = Math.max(leastShare, wrong / count);
    optimiser(gradient, rate * (1 - step / (steps + 1)));
  }
  const shares = linearShares(logs, labels, classes, wrongShare);
  for (let face = 0; face < count; face++) {
    const linear = poolLinearly(logs, shares, face, classes);
    const together = pool(logs, parameters, face, classes).map(
      (probability, label) => (1 - linearPart) * Math.log(probability) + linearPart * Math.log(linear[label]!),
    );
    probabilities.set(softmax(together), face * classes);
  }
  // The mixture takes mistakes that are made often for faces that are hard to tell, and counts too few; the other counts those too, and too many.
  const expectedShare = (wrongShare + confidentlyOther(probabilities, labels, classes)) / 2;
  const { doubts, others } = judgeByMistakes(probabilities, labels, classes, expectedShare);
  const sum = doubts.reduce((total, doubt) => total + doubt, 0);
  return {
    probabilities,
    doubts,
    others,
    wrongShare: sum / Math.max(1, count),
    weights: views.map(({ name }, view) => ({ name, weight: parameters[view]! })),
  };
}

/** How likely a label is wrong of which the views give the probability: wrong ones are any of the other classes. */
function doubtOf(probability: number, wrongShare: number, classes: number): number {
  const wrong = (wrongShare * (1 - probability)) / Math.max(1, classes - 1);
  const right = (1 - wrongShare) * probability;
  return wrong + right === 0 ? 0 : wrong / (wrong + right);
}

/**
 * The share of labels whose face is of another class at least as surely as the faces of that class are of it on average: what stands off the diagonal of the
 * confident joint (Northcutt, Jiang and Chuang, Confident learning, JAIR 2021).
 */
function confidentlyOther(probabilities: Float64Array, labels: ArrayLike<number>, classes: number): number {
  const sums = new Float64Array(classes);
  const counts = new Float64Array(classes);
  for (let face = 0; face < labels.length; face++) {
    const label = labels[face]!;
    sums[label]! += probabilities[face * classes + label]!;
    counts[label]!++;
  }
  let others = 0;
  for (let face = 0; face < labels.length; face++) {
    const row = probabilities.subarray(face * classes, (face + 1) * classes);
    let best = -1;
    for (const [label, probability] of row.entries()) {
      if (probability >= sums[label]! / counts[label]! && (best < 0 || probability > row[best]!)) best = label;
    }
    if (best >= 0 && best !== labels[face]) others++;
  }
  return others / Math.max(1, labels.length);
}

/**
 * How likely each label is wrong, when some classes are taken for each other more than others: fear for surprise. How often each is taken for each is
 * learnt from the labels themselves (expectation-maximisation; Dawid and Skene, 1979, with the views as what is known of the truth); one
 * mistake of each kind is added to what is counted (Laplace), so that few faces teach little.
 * @param wrongShare of all labels, for the faces of every class
 */
function judgeByMistakes(
  probabilities: Float64Array,
  labels: ArrayLike<number>,
  classes: number,
  wrongShare: number,
): Pick<WeighedClasses, "doubts" | "others"> {
  const doubts = new Float64Array(labels.length);
  const others = new Int32Array(labels.length).fill(-1);
  if (classes < 2) return { doubts, others };
  const shares = new Float64Array(classes);
  // Of the mistakes that are made with faces of a class, how many give them each other one: [true, given].
  let mistakes = new Float64Array(classes * classes).fill(1 / (classes - 1));
  for (let round = 0; round <= mistakeRounds; round++) {
    const counts = new Float64Array(classes * classes).fill(1);
    for (let face = 0; face < labels.length; face++) {
      const given = labels[face]!;
      const row = probabilities.subarray(face * classes, (face + 1) * classes);
      for (let other = 0; other < classes; other++) shares[other] = wrongShare * row[other]! * mistakes[other * classes + given]!;
      shares[given] = 0;
      const wrong = shares.reduce((sum, share) => sum + share, 0);
      const either = wrong + (1 - wrongShare) * row[given]!;
      doubts[face] = either === 0 ? 0 : wrong / either;
      others[face] = likeliestOther(shares, given);
      for (let other = 0; other < classes; other++) counts[other * classes + given]! += either === 0 ? 0 : shares[other]! / either;
    }
    mistakes = sharesOfMistakes(counts, classes);
  }
  return { doubts, others };
}

function likeliestOther(shares: Float64Array, given: number): number {
  let best = given === 0 ? 1 : 0;
  for (const [label, share] of shares.entries()) if (label !== given && share > shares[best]!) best = label;
  return best;
}

/** Each row without its diagonal, to sum 1. @param counts `[true, given]` */
function sharesOfMistakes(counts: Float64Array<ArrayBuffer>, classes: number): Float64Array<ArrayBuffer> {
  return counts.map((count, index) => {
    const [row, given] = [Math.floor(index / classes), index % classes];
    if (row === given) return 0;
    const of = counts.subarray(row * classes, (row + 1) * classes);
    return count / (of.reduce((sum, each) => sum + each, 0) - of[row]!);
  });
}

function logProbabilities(logits: Float64Array, classes: number): Float64Array {
  const logs = new Float64Array(logits.length);
  for (let from = 0; from < logits.length; from += classes) {
    for (const [label, probability] of softmax(logits.subarray(from, from + classes)).entries()) {
      logs[from + label] = Math.log(Math.max(probability, 1e-9));
    }
  }
  return logs;
}

function pool(logs: readonly Float64Array[], parameters: Float64Array, face: number, classes: number): Float64Array {
  const sums = parameters.slice(logs.length);
  for (let view = 0; view < logs.length; view++) {
    for (let label = 0; label < classes; label++) sums[label]! += parameters[view]! * logs[view]![face * classes + label]!;
  }
  return softmax(sums);
}

/**
 * The shares of views in a linear pool that foretell the labels best (expectation-maximisation), where labels count as far as the pool holds them for
 * right: sum 1.
 */
function linearShares(logs: readonly Float64Array[], labels: ArrayLike<number>, classes: number, wrongShare: number): Float64Array {
  const foretold = logs.map((view) => Float64Array.from(labels, (label, face) => Math.exp(view[face * classes + label]!)));
  let shares = new Float64Array(logs.length).fill(1 / logs.length);
  for (let round = 0; round < shareRounds; round++) {
    const sums = new Float64Array(logs.length);
    for (let face = 0; face < labels.length; face++) {
      const probability = foretold.reduce((sum, view, index) => sum + shares[index]! * view[face]!, 0);
      const trust = 1 - doubtOf(probability, wrongShare, classes);
      for (let view = 0; view < logs.length; view++) sums[view]! += (trust * shares[view]! * foretold[view]![face]!) / probability;
    }
    const total = sums.reduce((sum, each) => sum + each, 0);
    if (total === 0) return shares;
    shares = sums.map((sum) => sum / total);
  }
  return shares;
}

function poolLinearly(logs: readonly Float64Array[], shares: Float64Array, face: number, classes: number): Float64Array {
  const sums = new Float64Array(classes).fill(logs.length === 0 ? 1 / classes : 0);
  for (let view = 0; view < logs.length; view++) {
    for (let label = 0; label < classes; label++) sums[label]! += shares[view]! * Math.exp(logs[view]![face * classes + label]!);
  }
  return sums;
}

/** Adam, upwards (Kingma and Ba, ICLR 2015); the first `positive` parameters stay at 0 at least. */
function createAscent(parameters: Float64Array, positive: number): (gradient: Float64Array, rate: number) => void {
  const first = new Float64Array(parameters.length);
  const second = new Float64Array(parameters.length);
  let step = 0;
  return (gradient, pace) => {
    step++;
    for (let index = 0; index < parameters.length; index++) {
      const slope = gradient[index]!;
      first[index] = 0.9 * first[index]! + 0.1 * slope;
      second[index] = 0.99 * second[index]! + 0.01 * slope * slope;
      const change = (pace * (first[index]! / (1 - 0.9 ** step))) / (Math.sqrt(second[index]! / (1 - 0.99 ** step)) + 1e-8);
      const moved = parameters[index]! + change;
      parameters[index] = index < positive ? Math.max(0, moved) : moved;
    }
  };
}
