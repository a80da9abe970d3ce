/**
 * Opens items in their order, some of them ahead of the one that is waited for. What opening throws comes in its item's turn.
 * @param ahead how many, 1 or more
 */
export async function* readAhead<Item, Opened>(
  items: readonly Item[],
  open: (item: Item, index: number) => Promise<Opened>,
  ahead: number,
): AsyncGenerator<Opened, void, undefined> {
  const opening: Promise<Opened>[] = [];
  let next = 0;
  const begin = (): void => {
    const promise = open(items[next]!, next);
    next++;
    // Until its turn a rejection is not an unhandled one.
    promise.catch(() => undefined);
    opening.push(promise);
  };
  while (next < items.length || opening.length > 0) {
    while (opening.length < ahead && next < items.length) begin();
    yield await opening.shift()!;
  }
}
