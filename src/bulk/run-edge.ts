import { TensorFaceError } from "../core/index.ts";

/** Begins to listen for the wish to stop, until disposed; `onStopping` is called at the first one. */
export type ListenForStop = (onStopping: () => void) => Disposable & {
  /** Aborted when what is under way shall be finished, and nothing else begun. */
  readonly stopping: AbortSignal;
  /** Aborted when everything shall end at once. */
  readonly now: AbortSignal;
};

/** What was asked for does not fit together. */
export function wrongUse(message: string, hint: string): TensorFaceError {
  return new TensorFaceError("TF_INVALID_ARGUMENT", message, { hint });
}
