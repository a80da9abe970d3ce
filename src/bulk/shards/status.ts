import { openPlan, type BulkPlan } from "../plan/plan-file.ts";
import { openAttempts, type RunningAttempt } from "./attempts.ts";
import { openLedger } from "./ledger.ts";
import type { ShardProgress } from "./messages.ts";
import { listSetAside, type SetAside } from "./set-aside.ts";

/** How far a plan is, as its folder tells it. */
export interface BulkStatus {
  readonly plan: BulkPlan;
  readonly done: ShardProgress & { readonly shards: number };
  /** Workers that are at it now. */
  readonly workers: readonly RunningAttempt[];
  /** Shards that killed their workers. */
  readonly setAside: readonly SetAside[];
  /** Pictures a second of all workers, by their own clocks; undefined where nobody is at it. */
  readonly rate: number | undefined;
  readonly secondsLeft: number | undefined;
}

/** @throws {TF_INPUT_NOT_FOUND | TF_BULK_DAMAGED | TF_INPUT_UNREADABLE} */
export async function readStatus(path: string): Promise<BulkStatus> {
  const opened = await openPlan(path);
  const ledger = await openLedger(opened);
  const attempts = await openAttempts(opened.folder);
  const workers = await attempts.underWay();
  const sum = workers.reduce((all, { pictures, seconds }) => all + (seconds > 0 ? pictures / seconds : 0), 0);
  const rate = sum > 0 ? sum : undefined;
  const done = ledger.total();
  return {
    plan: opened.plan,
    done: { ...done, shards: ledger.done.size },
    workers,
    setAside: await listSetAside(opened.folder),
    rate,
    secondsLeft: rate === undefined ? undefined : (opened.plan.pictures - done.pictures) / rate,
  };
}
