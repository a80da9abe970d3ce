import { rename } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";

/** What Windows answers while somebody has one of the two files open. */
const busyCodes: readonly unknown[] = ["EACCES", "EBUSY", "EPERM"];
/** The first pause and the last, ms; each is twice the one before: 2.5 s in all. */
const pauses = { first: 10, last: 1280 } as const;

/** What {@link putInPlace} needs of the system; tests give their own. */
export interface RenamingSystem {
  readonly platform: NodeJS.Platform;
  readonly rename: (from: string, to: string) => Promise<void>;
  readonly sleep: (ms: number) => Promise<unknown>;
}

/**
 * Gives a finished file its name, in place of an old one. Windows refuses while a virus scanner, an indexer or a reader has either of
 * them open, mostly for some milliseconds: there it is tried again for a while.
 * @throws the system's own error
 */
export async function putInPlace(
  partial: string,
  path: string,
  system: RenamingSystem = { platform: process.platform, rename, sleep },
): Promise<void> {
  for (let pause: number = pauses.first; ; pause *= 2) {
    try {
      return await system.rename(partial, path);
    } catch (error) {
      const isBusy = error instanceof Error && "code" in error && busyCodes.includes(error.code);
      if (system.platform !== "win32" || !isBusy || pause > pauses.last) throw error;
      await system.sleep(pause);
    }
  }
}
