import { expect, test } from "vitest";
import { createWorkLog } from "./describe.ts";
import type { WorkEvent, WorkState } from "./work.ts";

const state: WorkState = {
  shards: { done: 3, all: 5 },
  pictures: { done: 30_000, all: 50_000 },
  faces: 41_000,
  failed: { TF_INPUT_NOT_FOUND: 2, TF_IMAGE_CORRUPT: 7 },
  own: { pictures: 10_000, shards: 1, seconds: 300 },
  since: 12_000,
};
const said =
  "30,000 of 50,000 pictures, 40.0 a second, 8 min 20 s left, 9 failed (TF_IMAGE_CORRUPT 7, TF_INPUT_NOT_FOUND 2), 41,000 faces, shard 3 of 5";

function logOf(events: readonly WorkEvent[], { isTerminal }: { readonly isTerminal: boolean }) {
  const line: string[] = [];
  const log: string[] = [];
  let minutes = 0;
  const progress = { update: () => undefined, show: (text: string) => void line.push(text), clear: () => undefined };
  const hear = createWorkLog(progress, (text) => void log.push(text), { isTerminal, now: () => 40_000 * minutes++ });
  for (const event of events) hear(event);
  return { line, log };
}

test("a terminal's line and a log's say how far all workers are, how fast, how long still, and what failed by code", () => {
  const progress: WorkEvent = { kind: "progress", state };
  expect(logOf([progress], { isTerminal: true })).toEqual({ line: [said], log: [] });
  // Elsewhere a line a minute: events come every 40 seconds.
  expect(logOf([progress, progress, progress], { isTerminal: false })).toEqual({ line: [], log: [`${said}\n`] });
});

test("no line names a picture", () => {
  const events: WorkEvent[] = [
    { kind: "killed", shard: 7, times: 2 },
    { kind: "culprit", shard: 7, source: "patients/anna.jpg" },
    { kind: "given-up", shard: 8, why: "its process ends, and no single picture is the reason" },
    { kind: "trouble", what: '"photos" is not there; looking again in 5.0 s' },
  ];
  expect(logOf(events, { isTerminal: false }).log).toEqual([
    "shard 7: its process ended in the middle (2 of 3)\n",
    "shard 7: one picture ends its process and is passed over; set-aside holds its name\n",
    "shard 8 is given up: its process ends, and no single picture is the reason\n",
    '"photos" is not there; looking again in 5.0 s\n',
  ]);
});
