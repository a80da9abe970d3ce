import { exitCodes } from "./command.ts";

/** Ctrl-C as two wishes: finish what is under way, then stop at once. */
export interface Interrupt extends Disposable {
  /** Aborted at the first Ctrl-C (or SIGTERM). */
  readonly stopping: AbortSignal;
  /** Aborted at the second. */
  readonly now: AbortSignal;
}

/** Why work was aborted, where it has been said what becomes of it: the error that has it as its cause is not told as well. */
export class ToldInterruption extends Error {}

/**
 * Listens for Ctrl-C until disposed. The first one asks for a clean stop, the second for an immediate one, and the
 * third ends the process, whatever hangs.
 * @param sentence said on stderr at the first one; without it the error that ends the work is shown
 */
export function listenForInterrupt(onStopping: () => void, sentence?: string): Interrupt {
  const stopping = new AbortController();
  const now = new AbortController();
  const reason = (text: string): Error => (sentence === undefined ? new Error(text) : new ToldInterruption(text));
  const listener = (): void => {
    if (now.signal.aborted) process.kill(process.pid, "SIGKILL");
    else if (stopping.signal.aborted) now.abort(reason("Ctrl-C twice"));
    else {
      process.exitCode = exitCodes.interrupted;
      stopping.abort(reason("Ctrl-C"));
      onStopping();
      if (sentence !== undefined) process.stderr.write(`${sentence}\n`);
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
