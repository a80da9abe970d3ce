/** Some of the items, and what was loaded for them. */
export interface LoadedBatch<Item, Loaded> {
  readonly batch: readonly Item[];
  /** The place of its first item. */
  readonly start: number;
  readonly loaded: Loaded;
}

/**
 * Loads items a batch at a time: while one is worked on, the next one is loaded already. What loading throws comes in its batch's turn.
 * @param size items of a batch, 1 or more
 */
export async function* loadAhead<Item, Loaded>(
  items: readonly Item[],
  size: number,
  load: (batch: readonly Item[]) => Promise<Loaded>,
): AsyncGenerator<LoadedBatch<Item, Loaded>, void, undefined> {
  const begin = (start: number): { readonly batch: readonly Item[]; readonly start: number; readonly loading: Promise<Loaded> } => {
    const batch = items.slice(start, start + size);
    const loading = load(batch);
    // Until its turn a rejection is not an unhandled one.
    loading.catch(() => undefined);
    return { batch, start, loading };
  };
  let next = items.length > 0 ? begin(0) : undefined;
  while (next !== undefined) {
    const { batch, start, loading } = next;
    const loaded = await loading;
    next = start + size < items.length ? begin(start + size) : undefined;
    yield { batch, start, loaded };
  }
}
