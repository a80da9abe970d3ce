/**
 * The share of held-out examples that were nearer to what a head learned from than a face is, 0..1: 0.99 says that one held-out example
 * in a hundred was as far away.
 * @param distance of the face, in the head's own measure
 * @param quantiles `[101]`, the distances of held-out examples at shares of 0, 0.01, ... 1, not falling
 */
export function noveltyOf(distance: number, quantiles: readonly number[]): number {
  const last = quantiles.length - 1;
  // What is no number is like no example.
  if (!(distance <= quantiles[last]!)) return 1;
  const above = quantiles.findIndex((quantile) => quantile > distance);
  if (above === 0) return 0;
  if (above < 0) return 1;
  const low = quantiles[above - 1]!;
  return (above - 1 + (distance - low) / (quantiles[above]! - low)) / last;
}

/** From this novelty on a face is said to be none of a head's classes: of faces like its examples, one in a hundred is. */
export const noneOfThese = 0.99;
