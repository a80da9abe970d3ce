import type { ProgressListener } from "../../core/index.ts";

/** What lies ahead, by the rate at which some of the pictures were looked at. */
export interface CleaningCost {
  /** Pictures that are still to be looked at. */
  readonly pictures: number;
  readonly seconds: number;
}

/** Pictures after which all threads have loaded their networks, mostly, and the number after them whose time tells how long all take. */
const warming = 64;
const timed = 64;

/**
 * Listens to the way through the pictures, with all threads at work, and tells once how long the rest of it takes. What one thread alone takes tells
 * less: where others use the machine too, a second thread does not halve it.
 * @param now milliseconds
 */
export function tellCost(onCost: (cost: CleaningCost) => void, now: () => number = () => performance.now()): ProgressListener {
  let since: { readonly done: number; readonly at: number } | undefined;
  let isTold = false;
  return ({ done, total }) => {
    if (isTold || done < warming || total === undefined || total < 2 * (warming + timed)) return;
    since ??= { done, at: now() };
    if (done - since.done < timed) return;
    isTold = true;
    const secondsEach = (now() - since.at) / 1000 / (done - since.done);
    onCost({ pictures: total - done, seconds: secondsEach * (total - done) });
  };
}
