/** How well a queue brings planted errors to the front. */
export interface QueueQuality {
  /** Of the planted errors, the share in the first 8 and 10 % of the queue. */
  readonly first8: number;
  readonly first10: number;
  /** Area under precision and recall (average precision: the mean precision at each planted error). */
  readonly area: number;
}

/** @param queue ids, the most doubtful first */
export function measureQueue(queue: readonly string[], planted: ReadonlySet<string>): QueueQuality {
  const within = (share: number): number =>
    queue.slice(0, Math.ceil(queue.length * share)).filter((id) => planted.has(id)).length / planted.size;
  let [found, sum] = [0, 0];
  for (const [place, id] of queue.entries()) if (planted.has(id)) sum += ++found / (place + 1);
  return { first8: within(0.08), first10: within(0.1), area: sum / planted.size };
}

/** Ids in descending order of a number. */
export function sortedBy(ids: readonly string[], values: ArrayLike<number>): string[] {
  const order = ids.map((_, index) => index).toSorted((a, b) => values[b]! - values[a]! || a - b);
  return order.map((index) => ids[index]!);
}
