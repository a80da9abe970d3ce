/**
 * Finds the one picture that ends a process, among some that together do.
 * @param from the first, `to` the one behind the last
 * @param ends whether a process that looks at these ends by it
 * @returns undefined where none does it by itself, twice
 */
// oxlint-disable-next-line max-params -- a range, and what is asked of it
export async function findCulprit(
  from: number,
  to: number,
  ends: (from: number, to: number) => Promise<boolean>,
): Promise<number | undefined> {
  let [low, high] = [from, to];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (await ends(low, middle)) high = middle;
    else low = middle;
  }
  // Once may be somebody else's doing: a kill from outside, a machine without memory.
  return high > low && (await ends(low, high)) && (await ends(low, high)) ? low : undefined;
}
