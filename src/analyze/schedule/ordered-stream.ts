/** Runs `work` on the values of `inputs`, several at once, and yields the results in the order of the inputs. */
export interface OrderedStreamOptions<Value, Result> {
  readonly inputs: Iterable<Value> | AsyncIterable<Value>;
  /** Must not reject for failures that the stream survives: give a result that says so. */
  readonly work: (value: Value, index: number) => Promise<Result>;
  /** How many values are read ahead of the result that is waited for. */
  readonly concurrency: number;
  /** Rejects when the stream must stop at once. */
  readonly stop: Promise<never>;
}

type Pull<Value> =
  | { readonly kind: "pulled"; readonly result: IteratorResult<Value> }
  | { readonly kind: "failed"; readonly error: unknown };
type Done<Result> = { readonly kind: "done"; readonly result: Result };

/**
 * Reading and working go on at the same time; neither waits for the other, and never more than `concurrency` values are in
 * memory. The first rejection of `work` or `stop` ends the stream; the inputs are closed. An error of the inputs comes after the results of
 * what they gave before it.
 */
export async function* orderedStream<Value, Result>(options: OrderedStreamOptions<Value, Result>): AsyncGenerator<Result, void, undefined> {
  const iterator = iteratorOf(options.inputs);
  const results: Promise<Result>[] = [];
  let pull: Promise<Pull<Value>> | undefined;
  let index = 0;
  let isOpen = true;
  let failure: { readonly error: unknown } | undefined;
  const firstOf = untilStopped(options.stop);
  try {
    while (isOpen || results.length > 0) {
      if (isOpen && results.length < options.concurrency) pull ??= pullNext(iterator);
      const head = results[0] && markHandled(results[0].then((result): Done<Result> => ({ kind: "done", result })));
      const event = await firstOf<Done<Result> | Pull<Value>>([
        ...(head === undefined ? [] : [head]),
        ...(pull === undefined ? [] : [pull]),
      ]);
      if (event.kind === "done") {
        void results.shift();
        yield event.result;
        continue;
      }
      pull = undefined;
      if (event.kind === "failed") failure = event;
      isOpen = event.kind === "pulled" && event.result.done !== true;
      if (event.kind === "pulled" && event.result.done !== true) results.push(markHandled(options.work(event.result.value, index++)));
    }
    if (failure !== undefined) throw failure.error;
  } finally {
    // A reader that waits for its next value would make `return` wait too; what it brings is dropped.
    if (isOpen) void Promise.resolve(iterator.return?.()).catch(() => undefined);
  }
}

/**
 * `Promise.race` with `stop` as a further runner. `Promise.race` itself leaves a reaction on each of its promises for as long as that is
 * pending: on one that outlives the stream, everything that ever won would stay in memory. Here `stop` gets one reaction for all races.
 */
function untilStopped(stop: Promise<never>): <Value>(promises: readonly Promise<Value>[]) => Promise<Value> {
  let stopped: { readonly reason: unknown } | undefined;
  let endRace: ((reason: unknown) => void) | undefined;
  stop.catch((reason: unknown) => {
    stopped = { reason };
    endRace?.(reason);
  });
  return async <Value>(promises: readonly Promise<Value>[]): Promise<Value> => {
    if (stopped !== undefined) throw stopped.reason;
    const { promise, resolve, reject } = Promise.withResolvers<Value>();
    endRace = reject;
    for (const runner of promises) runner.then(resolve, reject);
    try {
      return await promise;
    } finally {
      endRace = undefined;
    }
  };
}

async function pullNext<Value>(iterator: Iterator<Value> | AsyncIterator<Value>): Promise<Pull<Value>> {
  try {
    return { kind: "pulled", result: await iterator.next() };
  } catch (error) {
    return { kind: "failed", error };
  }
}

/** A rejection is seen when its turn comes, and after a stop not at all; it must not count as unhandled. */
function markHandled<Result>(promise: Promise<Result>): Promise<Result> {
  promise.catch(() => undefined);
  return promise;
}

function iteratorOf<Value>(inputs: Iterable<Value> | AsyncIterable<Value>): Iterator<Value> | AsyncIterator<Value> {
  return Symbol.asyncIterator in inputs ? inputs[Symbol.asyncIterator]() : inputs[Symbol.iterator]();
}
