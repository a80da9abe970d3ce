import { cholesky, solveLower, solveUpper } from "../../features/index.ts";

/** What a view expects of every face, out of sample, in the unit of the labels: `[faces]`. */
export interface ValueView {
  readonly name: string;
  readonly values: Float64Array;
}

export interface WeighedValues {
  /** What all views together expect, `[faces]`. */
  readonly expected: Float64Array;
  /** The usual distance of right labels from it, `[faces]`: one standard deviation, by what is expected. */
  readonly spread: Float64Array;
  /** How likely the given label is wrong, `[faces]`, 0..1; their sum is how many are. */
  readonly doubts: Float64Array;
  readonly wrongShare: number;
  readonly weights: readonly { readonly name: string; readonly weight: number }[];
}

const rounds = 30;
const firstShare = 0.05;
const leastShare = 0.001;
/** The share of the faces, those of which about the same is expected, that tell the spread of one. */
const window = 0.15;
/** Fewer faces than this that were not found do not tell how far off the views are with such. */
const fewestUnseen = 10;
/** Of the density of wrong labels: bins over the range of the labels, each smoothed with its neighbours. */
const bins = 120;

/**
 * Weighs views that expect a number, for labels that have an order, and says how likely each label is wrong: by its distance from what is
 * expected, measured by the usual distance of such faces. A label that is one group off is no error where people are one group off.
 *
 * Right labels scatter normally about what is expected, wrong ones are drawn from all labels whatever the face; weights, spread and the
 * share of wrong labels are estimated together (expectation-maximisation).
 *
 * Of a face that was not found, so that networks saw something else or the whole picture, the views tell less: how much less is estimated too.
 * @param labels the number of every face: years, or the place of an ordered group
 * @param unseen the faces that were not found. @default all alike
 */
export function weighValues(views: readonly ValueView[], labels: Float64Array, unseen: ReadonlySet<number> = new Set()): WeighedValues {
  const count = labels.length;
  const background = densityOfLabels(labels);
  const floor = floorOf(labels);
  // How much more the views are off with faces that were not found than with others.
  let factor = 1;
  const right = new Float64Array(count).fill(1);
  let weights: Float64Array = new Float64Array(views.length + 1).fill(1 / views.length);
  weights[views.length] = 0;
  let expected: Float64Array = predict(views, weights, count);
  let spread: Float64Array = new Float64Array(count).fill(1);
  let wrongShare = firstShare;
  for (let round = 0; round < rounds; round++) {
    const variances = (): Float64Array => {
      const squares = expected.map((value, face) => (labels[face]! - value) ** 2);
      const plain = squares.map((square, face) => (unseen.has(face) ? square / factor : square));
      const usual = localMean(expected, plain, right).map((square) => Math.max(square, floor));
      // The rounds bring the two together.
      if (unseen.size >= fewestUnseen) factor = meanRatio(unseen, squares, usual, right);
      return usual.map((square, face) => (unseen.has(face) ? square * factor : square));
    };
    const trust = variances().map((square, face) => right[face]! / square);
    weights = fitWeights(views, labels, trust);
    expected = predict(views, weights, count);
    const off = localMean(
      expected,
      expected.map((value, face) => labels[face]! - value),
      right,
    );
    expected = expected.map((value, face) => value + off[face]!);
    spread = variances().map((square) => Math.sqrt(square));
    let sum = 0;
    for (let face = 0; face < count; face++) {
      const distance = (labels[face]! - expected[face]!) / spread[face]!;
      const density = Math.exp(-(distance ** 2) / 2) / (spread[face]! * Math.sqrt(2 * Math.PI));
      const [good, bad] = [(1 - wrongShare) * density, wrongShare * background[face]!];
      right[face] = good / (good + bad);
      sum += 1 - right[face]!;
    }
    wrongShare = Math.max(leastShare, sum / count);
  }
  const doubts = right.map((probability) => 1 - probability);
  return { expected, spread, doubts, wrongShare, weights: views.map(({ name }, view) => ({ name, weight: weights[view]! })) };
}

/** The least variance of right labels: nobody tells better than to a hundredth of the labels' range. */
function floorOf(labels: Float64Array): number {
  const { least, greatest } = rangeOf(labels);
  return Math.max(1e-9, ((greatest - least) / 100) ** 2);
}

function rangeOf(labels: Float64Array): { readonly least: number; readonly greatest: number } {
  let [least, greatest] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const label of labels) [least, greatest] = [Math.min(least, label), Math.max(greatest, label)];
  return { least, greatest };
}

/** How dense labels lie about the label of each face. */
function densityOfLabels(labels: Float64Array): Float64Array {
  const { least, greatest } = rangeOf(labels);
  const width = Math.max((greatest - least) / bins, 1e-9);
  const binOf = (label: number): number => Math.min(bins - 1, Math.floor((label - least) / width));
  const counts = new Float64Array(bins).fill(1 / bins);
  for (const label of labels) counts[binOf(label)]!++;
  const reach = Math.ceil(bins / 24);
  const smoothed = counts.map((_, bin) => {
    const near = counts.slice(Math.max(0, bin - reach), bin + reach + 1);
    return near.reduce((sum, count) => sum + count, 0) / near.length;
  });
  const total = smoothed.reduce((sum, count) => sum + count, 0);
  return labels.map((label) => smoothed[binOf(label)]! / (total * width));
}

function predict(views: readonly ValueView[], weights: Float64Array, count: number): Float64Array {
  return Float64Array.from({ length: count }, (_, face) =>
    views.reduce((sum, { values }, view) => sum + weights[view]! * values[face]!, weights[views.length]!),
  );
}

/** Weighted least squares: one weight for each view, then what is added. */
function fitWeights(views: readonly ValueView[], labels: Float64Array, trust: Float64Array): Float64Array {
  const size = views.length + 1;
  const at = (column: number, face: number): number => (column < views.length ? views[column]!.values[face]! : 1);
  const matrix = new Float64Array(size * size);
  const weights = new Float64Array(size);
  let total = 0;
  for (let face = 0; face < labels.length; face++) {
    total += trust[face]!;
    for (let i = 0; i < size; i++) {
      const value = trust[face]! * at(i, face);
      weights[i]! += value * labels[face]!;
      for (let j = 0; j <= i; j++) matrix[i * size + j]! += value * at(j, face);
    }
  }
  // Views that say the same share their weight; where no label is trusted at all, as of two faces that contradict each other, none counts.
  for (let index = 0; index < size; index++) matrix[index * size + index]! += 1e-9 + 1e-6 * Math.max(total, matrix[index * size + index]!);
  const lower = cholesky(matrix, size);
  solveLower(lower, size, weights);
  solveUpper(lower, size, weights);
  return weights;
}

/** How much larger squares are than usual, in the mean of some faces; 1 at least. */
// oxlint-disable-next-line max-params -- columns of one table
function meanRatio(faces: ReadonlySet<number>, squares: Float64Array, usual: Float64Array, weights: Float64Array): number {
  let [sum, total] = [0, 0];
  for (const face of faces) {
    sum += (weights[face]! * squares[face]!) / usual[face]!;
    total += weights[face]!;
  }
  return Math.max(1, sum / Math.max(total, 1e-9));
}

/** The weighted mean of `values` over the faces of which about the same is expected. */
function localMean(expected: Float64Array, values: Float64Array, weights: Float64Array): Float64Array {
  const count = expected.length;
  const order = Array.from({ length: count }, (_, face) => face).sort((a, b) => expected[a]! - expected[b]!);
  const sums = new Float64Array(count + 1);
  const totals = new Float64Array(count + 1);
  for (const [place, face] of order.entries()) {
    sums[place + 1] = sums[place]! + weights[face]! * values[face]!;
    totals[place + 1] = totals[place]! + weights[face]!;
  }
  const reach = Math.max(10, Math.round((count * window) / 2));
  const result = new Float64Array(count);
  for (const [place, face] of order.entries()) {
    const [from, to] = [Math.max(0, place - reach), Math.min(count, place + reach + 1)];
    result[face] = (sums[to]! - sums[from]!) / Math.max(totals[to]! - totals[from]!, 1e-9);
  }
  return result;
}
