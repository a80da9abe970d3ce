#!/usr/bin/env bash
# p-queue and bottleneck with concurrency 1 run three tasks at once, as soon as a time limit for tasks is set and passed.
#
# npm p-queue 9.3.5, bottleneck 2.19.5, Node 24. Both take a time limit (`timeout`, `expiration`), after which a task fails. A task that is a promise cannot be stopped from
# outside, and goes on. A guess: it keeps its place until it ends, since the limit of concurrency is what the queue is for (one session, one GPU, one
# connection). Seen: its place is given away at once. So where tasks are late because there is too much to do, more and more of them run side by side, each slower.
# Seen, three tasks of 300 ms that ask for no signal, how many run at once at most (and how many failed):
#   without a time limit: 1 (0) and 1 (0)        with a limit of 50 ms: p-queue 3 (3), bottleneck 3 (3)
# Way out: end the task itself, by an AbortSignal made in it (AbortSignal.timeout), and let the queue wait for it: 1 (3).
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y > /dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error p-queue@9.3.5 bottleneck@2.19.5 > /dev/null
cat > run.mjs <<'JS'
import { setTimeout as sleep } from "node:timers/promises";
import Bottleneck from "bottleneck";
import PQueue from "p-queue";
const atMost = async (add, signalOf) => {
  let running = 0;
  let most = 0;
  const task = async () => {
    most = Math.max(most, ++running);
    try {
      await sleep(300, undefined, { signal: signalOf?.() });
    } finally {
      running--;
    }
  };
  const settled = await Promise.allSettled([1, 2, 3].map(() => add(task)));
  return `${most} (${settled.filter(({ status }) => status === "rejected").length})`;
};
const queue = (options) => {
  const made = new PQueue({ concurrency: 1, ...options });
  return (task) => made.add(task);
};
const limiter = (options) => {
  const made = new Bottleneck({ maxConcurrent: 1 });
  return (task) => made.schedule(options, task);
};
const seen = {
  unlimited: [await atMost(queue({})), await atMost(limiter({}))],
  limited: [await atMost(queue({ timeout: 50 })), await atMost(limiter({ expiration: 50 }))],
  ownSignal: await atMost(queue({}), () => AbortSignal.timeout(50)),
};
console.log(seen);
const expected = { unlimited: ["1 (0)", "1 (0)"], limited: ["3 (3)", "3 (3)"], ownSignal: "1 (3)" };
if (JSON.stringify(seen) !== JSON.stringify(expected)) throw new Error("this has changed");
JS
node run.mjs
