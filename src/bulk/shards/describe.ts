import { nounFor } from "../../core/index.ts";
import { describeDuration, describeRate, type ProgressLine } from "../../report/progress.node.ts";
import type { BulkPlan } from "../plan/plan-file.ts";
import type { MergeResult } from "./merge.ts";
import type { ShardProgress } from "./messages.ts";
import type { SetAside } from "./set-aside.ts";
import type { BulkStatus } from "./status.ts";
import type { VerifyResult } from "./verify.ts";
import type { WorkEvent, WorkResult, WorkState } from "./work.ts";

const whole = new Intl.NumberFormat("en");
const grouped = (count: number, one: string): string => `${whole.format(count)} ${nounFor(count, one)}`;

/** `20,000 pictures in 2 shards of 10,000`. */
export function describePlan({ pictures, shards, shardSize }: BulkPlan): string {
  return `${grouped(pictures, "picture")} in ${grouped(shards, "shard")} of ${whole.format(shardSize)}`;
}

/** `3 failed (TF_IMAGE_CORRUPT 2, TF_INPUT_NOT_FOUND 1)`. */
function describeFailed({ failed }: Pick<ShardProgress, "failed">): string {
  const codes = Object.entries(failed).toSorted(([, a], [, b]) => b - a);
  const sum = codes.reduce((all, [, count]) => all + count, 0);
  return sum === 0
    ? "none failed"
    : `${whole.format(sum)} failed (${codes.map(([code, count]) => `${code} ${whole.format(count)}`).join(", ")})`;
}

/** How fast all workers are, since this one began, and how long the rest takes; undefined while nothing is known of it. */
export function paceOf({ pictures, own, since }: WorkState): { readonly perSecond: number; readonly secondsLeft: number | undefined } {
  const perSecond = own.seconds > 0 ? since / own.seconds : 0;
  return { perSecond, secondsLeft: perSecond > 0 ? (pictures.all - pictures.done) / perSecond : undefined };
}

/** What matters first: a narrow terminal cuts off the end. */
function describeState(state: WorkState): string {
  const { shards, pictures, faces, failed } = state;
  const { perSecond, secondsLeft = 0 } = paceOf(state);
  return [
    `${whole.format(pictures.done)} of ${grouped(pictures.all, "picture")}`,
    ...(perSecond > 0 ? [describeRate(perSecond)] : []),
    ...(secondsLeft > 0 ? [`${describeDuration(secondsLeft)} left`] : []),
    describeFailed({ failed }),
    grouped(faces, "face"),
    `shard ${whole.format(shards.done)} of ${whole.format(shards.all)}`,
  ].join(", ");
}

/** The last words of a worker. */
export function describeWork({ state, givenUp }: WorkResult, wasStopped: boolean): string {
  const own = `this worker: ${grouped(state.own.shards, "shard")}, ${grouped(state.own.pictures, "picture")} in ${describeDuration(state.own.seconds)}`;
  const lost =
    givenUp.length === 0 ? "" : `, ${grouped(givenUp.length, "shard")} given up: ${givenUp.join(", ")} (\`bulk status\` says why)`;
  const { shards, pictures, faces, failed } = state;
  const all = `${whole.format(shards.done)} of ${grouped(shards.all, "shard")} done, ${whole.format(pictures.done)} of ${grouped(pictures.all, "picture")}`;
  return `${wasStopped ? "stopped: " : ""}${all}, ${grouped(faces, "face")}, ${describeFailed({ failed })}${lost}; ${own}\n`;
}

/** Between two lines of a log, ms. */
const logEvery = 60_000;

/**
 * Shows a worker's events: on a terminal a line that changes, elsewhere one line a minute. No name of a picture is ever written: logs travel
 * farther than results.
 */
export function createWorkLog(
  progress: ProgressLine,
  write: (text: string) => void,
  { isTerminal, now = () => performance.now() }: { readonly isTerminal: boolean; readonly now?: () => number },
): (event: WorkEvent) => void {
  let loggedAt = now();
  return (event) => {
    if (event.kind === "progress") {
      const { state } = event;
      if (isTerminal) progress.show(describeState(state));
      else if (now() - loggedAt >= logEvery) {
        loggedAt = now();
        write(`${describeState(state)}\n`);
      }
      return;
    }
    progress.clear();
    write(`${describeTrouble(event)}\n`);
  };
}

function describeTrouble(event: Exclude<WorkEvent, { kind: "progress" }>): string {
  if (event.kind === "trouble") return event.what;
  if (event.kind === "killed") return `shard ${event.shard}: its process ended in the middle (${event.times} of 3)`;
  if (event.kind === "culprit") return `shard ${event.shard}: one picture ends its process and is passed over; set-aside holds its name`;
  return `shard ${event.shard} is given up: ${event.why}`;
}

/** For people: how far a plan is. */
export function describeStatus({ plan, done, workers, setAside, rate, secondsLeft }: BulkStatus): string {
  const percent = ((100 * done.pictures) / plan.pictures).toFixed(1);
  const speed =
    rate === undefined ? "" : `, ${describeRate(rate)}${secondsLeft === undefined ? "" : `, ${describeDuration(secondsLeft)} left`}`;
  return [
    `${whole.format(done.shards)} of ${grouped(plan.shards, "shard")} done, ${whole.format(done.pictures)} of ${grouped(plan.pictures, "picture")} (${percent} %)`,
    `${grouped(done.faces, "face")}, ${describeFailed(done)}`,
    `${grouped(workers.length, "worker")} at work${speed}`,
    ...setAside.flatMap(describeSetAside),
    "",
  ].join("\n");
}

function describeSetAside({ shard, culprits, givenUp }: SetAside): string[] {
  return [
    ...culprits.map(({ index, source }) => `shard ${shard}: picture ${index} ends the process that looks at it: ${source}`),
    ...(givenUp === undefined ? [] : [`shard ${shard} is given up: ${givenUp}`]),
  ];
}

export function describeVerified({ shards, damaged, foreign, unfinished }: VerifyResult, { drop = false } = {}): string {
  const missing = shards.missing === 0 ? "" : `, ${grouped(shards.missing, "shard")} not done yet`;
  return [
    ...damaged.map(({ file, why }) => `damaged: ${file}: ${why}`),
    ...foreign.map((file) => `of no shard of this plan: ${file}`),
    ...(unfinished.length === 0
      ? []
      : [`${grouped(unfinished.length, "file")} that killed workers had begun${drop ? ": removed" : "; --drop removes them"}`]),
    `${whole.format(shards.whole)} of ${grouped(shards.all, "shard")} whole${missing}, ${whole.format(damaged.length)} damaged`,
    "",
  ].join("\n");
}

/** `16 rows of 1 shard, written to faces.parquet`. */
export function describeMerged({ rows, shards }: MergeResult, out: string): string {
  return `${grouped(rows, "row")} of ${grouped(shards, "shard")}, written to ${out}\n`;
}
