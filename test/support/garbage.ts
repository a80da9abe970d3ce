import { setImmediate } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

setFlagsFromString("--expose-gc");
// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the flag above puts it into new contexts
const collectGarbage = runInNewContext("gc") as () => void;

/** How many of the objects somebody still holds. */
export async function countHeld(references: readonly WeakRef<object>[]): Promise<number> {
  // A WeakRef that was made or read keeps its object until the turn ends.
  await setImmediate();
  collectGarbage();
  return references.filter((reference) => reference.deref() !== undefined).length;
}

/** Bytes of JavaScript's heap that somebody still holds. */
export function heldBytes(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed;
}
