/** One report of long work: `done` of `total` units; `total` is absent while it is unknown. */
export interface ProgressUpdate {
  /** What is being done, in a few words: "decode", "epoch 3 of 20". */
  readonly stage: string;
  readonly done: number;
  readonly total?: number;
}

/** Receives progress. It must not throw and must return at once. */
export type ProgressListener = (update: ProgressUpdate) => void;

/** Units a second and seconds left, from the work done so far. */
export function estimateRemaining(
  update: ProgressUpdate,
  elapsedSeconds: number,
): { readonly rate: number; readonly secondsLeft?: number } {
  const rate = elapsedSeconds > 0 ? update.done / elapsedSeconds : 0;
  if (update.total === undefined || rate === 0) return { rate };
  return { rate, secondsLeft: Math.max(0, (update.total - update.done) / rate) };
}
