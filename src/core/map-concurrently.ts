/**
 * `map` over all values, at most `concurrency` at a time; results in order. After the first failure nothing is begun, and it is thrown when what
 * was begun has ended: nothing goes on behind the caller's back.
 */
export async function mapConcurrently<Value, Result>(
  values: readonly Value[],
  concurrency: number,
  map: (value: Value, index: number) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  const queue = values.entries();
  let failure: { readonly error: unknown } | undefined;
  const work = async (): Promise<void> => {
    for (const [index, value] of queue) {
      if (failure !== undefined) return;
      try {
        results[index] = await map(value, index);
      } catch (error) {
        failure ??= { error };
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(concurrency, values.length) }, work));
  if (failure !== undefined) throw failure.error;
  return results;
}
