import { exitCodes } from "./command.ts";

/** Ctrl-C as two wishes: finish what is under way, then stop at once. */
export interface Interrupt extends Disposable {
  /** Aborted at the first Ctrl-C (or SIGTERM). */
  readonly stopping: AbortSignal;
  /** Aborted at the second. */
  readonly now: AbortSignal;
}

/**
 * Listens for Ctrl-C until disposed. The first one asks for a clean stop, the second for an immediate one, and the
 * third ends the process, whatever hangs.
 */
export function listenForInterrupt(onStopping: () => void): Interrupt {
  const stopping = new AbortController();
  const now = new AbortController();
  const listener = (): void => {
    if (now.signal.aborted) process.kill(process.pid, "SIGKILL");
    else if (stopping.signal.aborted) now.abort(new Error("Ctrl-C twice"));
    else {
      process.exitCode = exitCodes.interrupted;
      stopping.abort(new Error("Ctrl-C"));
      onStopping();
    }
  };
  process.on("SIGINT", listener);
  process.on("SIGTERM", listener);
  return {
    stopping: stopping.signal,
    now: now.signal,
    [Symbol.dispose]: () => {
      process.off("SIGINT", listener);
      process.off("SIGTERM", listener);
    },
  };
}
