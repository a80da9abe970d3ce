import { createRandom, shuffled } from "../../core/index.ts";

export interface FoldOptions {
  /** How many folds. @default 5 */
  readonly count?: number;
  /** @default 1 */
  readonly seed?: number;
}

/**
 * Folds that hold the same share of every class, as far as sets of rows that belong together allow it. Where all belong together no border
 * can be drawn around a set: each row stands by itself then.
 * @param rows which rows are dealt out
 * @param setOf rows with one number stay together
 * @param classOf what is to be spread evenly
 * @returns the fold of each of `rows`, 0 to `count - 1`, in their order
 */
export function balancedFolds(
  rows: ArrayLike<number>,
  setOf: (row: number) => number,
  classOf: (row: number) => number,
  { count = 5, seed = 1 }: FoldOptions = {},
): Int32Array {
  const places = Array.from({ length: rows.length }, (_, place) => place);
  const together = [...Map.groupBy(places, (place) => setOf(rows[place]!)).values()];
  const parts = together.length === 1 ? places.map((place) => [place]) : together;
  // Large sets first, while there is room everywhere; chance decides among equals.
  const sets = shuffled(parts, createRandom(seed)).sort((a, b) => b.length - a.length);
  const folds = new Int32Array(rows.length);
  const ofClass = new Map<number, number[]>();
  const total = Array.from({ length: count }, () => 0);
  for (const members of sets) {
    const classes = members.map((place) => classOf(rows[place]!));
    const fold = leastLoaded(classes, ofClass, total);
    for (const [index, place] of members.entries()) {
      folds[place] = fold;
      const counts = ofClass.get(classes[index]!) ?? total.map(() => 0);
      counts[fold]! += 1;
      ofClass.set(classes[index]!, counts);
      total[fold]! += 1;
    }
  }
  return folds;
}

/** How much larger than its share a part may be that is kept apart. */
const largestPart = 1.5;

/**
 * Which of dealt folds is kept apart: the first that is hardly larger than its share, since a large set fills a fold by itself. Where each is
 * larger, the smallest that has rows.
 */
export function foldKeptApart(folds: Int32Array, count: number): number {
  const sizes = Array.from({ length: count }, (_, fold) => folds.reduce((size, dealt) => size + Number(dealt === fold), 0));
  const fitting = sizes.findIndex((size) => size > 0 && size <= (largestPart * folds.length) / count);
  return fitting >= 0 ? fitting : sizes.indexOf(Math.min(...sizes.filter((size) => size > 0)));
}

/** The fold with the fewest rows of these classes, of equals the one with the fewest rows. */
function leastLoaded(classes: readonly number[], ofClass: ReadonlyMap<number, readonly number[]>, total: readonly number[]): number {
  let best = 0;
  let least: readonly [number, number] = [Number.POSITIVE_INFINITY, 0];
  for (const [fold, size] of total.entries()) {
    const load = classes.reduce((sum, name) => sum + (ofClass.get(name)?.[fold] ?? 0), 0);
    if (load < least[0] || (load === least[0] && size < least[1])) [best, least] = [fold, [load, size]];
  }
  return best;
}
