import { expect, test } from "vitest";
import type { FaceRecord } from "../record.ts";
import type { Suspicion } from "../suspicion.ts";
import { createReviewSession, type ReviewSession } from "./session.ts";

const mood = (index: number): "happy" | "sad" => (index < 8 ? "happy" : "sad");
const records = Array.from({ length: 10 }, (_, index): FaceRecord => ({
  id: `f${index}`,
  file: `${index}.png`,
  sha256: `${index}`,
  width: 1,
  height: 1,
  labels: { mood: mood(index) },
  source: "drawn",
  split: "train",
  ...(index < 3 ? { subjectId: "ann" } : {}),
  ...(index === 0 || index === 9 ? { group: "copies" } : {}),
}));
const suspicions = records.map(({ id }, index): Suspicion => ({
  id,
  task: "mood",
  given: mood(index),
  suggested: "neutral",
  flags: index % 4 === 0 ? ["dark"] : [],
  doubt: 0.5,
}));

const tick = (): (() => Date) => {
  let clock = 0;
  return () => new Date(Date.UTC(2026, 10, 29, 0, 0, clock++));
};

function open(now = tick()): ReviewSession {
  return createReviewSession({
    dataset: "d",
    task: "mood",
    reviewer: "ada",
    records,
    suspicions,
    decisions: [{ id: "f7", task: "mood", reviewer: "grace", at: "2026-11-28T00:00:00.000Z", action: "keep" }],
    append: async () => {},
    now,
  });
}

const happy = { label: "happy", offset: 0, limit: 4 } as const;

test("what is likely left is corrected by what was found", async () => {
  const session = open();
  // Half of the open ones, less since the one that grace looked at was right: (1 + 0) / (1 + 0.5).
  const before = session.queue(happy);
  expect([before.wrongHere, before.wrongBehind]).toEqual([(4 * 0.5) / 1.5, (3 * 0.5) / 1.5]);
  await session.decide(["f0", "f1"].map((id) => ({ id, action: "relabel", label: "sad" })));
  // Two more, both wrong: (1 + 2) / (1 + 1.5).
  expect(session.queue(happy).wrongHere).toBeCloseTo(2 * 0.5 * (3 / 2.5), 9);
  await session.decide([{ id: "f2", action: "drop" }]);
  await session.decide([{ id: "f3", action: "drop" }]);
  expect(session.queue(happy).wrongHere).toBe(0);
});

test("a reason shows only faces that have it, and all reasons are counted", () => {
  const session = open();
  expect(session.state().reasons).toEqual([{ reason: "dark", count: 3 }]);
  expect(session.queue({ ...happy, reason: "dark" })).toMatchObject({ total: 2, entries: [{ id: "f0" }, { id: "f4" }] });
  expect(session.queue({ ...happy, reason: "blurred" })).toMatchObject({ total: 0, entries: [] });
});

test("a reviewer's own words stand in their order; of a sheet with a wrong request none is written", async () => {
  const session = open();
  expect(session.history()).toEqual([]);
  await session.decide(["f5", "f2"].map((id) => ({ id, action: "keep" })));
  await session.decide([{ id: "f9", action: "drop" }]);
  await session.decide([{ id: "f2", action: "undo" }]);
  expect(session.history()).toEqual(["f5", "f9"]);
  const requests = [
    { id: "f1", action: "keep" },
    { id: "f4", action: "relabel", label: "bored" },
  ] as const;
  await expect(session.decide(requests)).rejects.toMatchObject({ code: "TF_INVALID_ARGUMENT" });
  expect(session.history()).toEqual(["f5", "f9"]);
});

test("a subject's other pictures and a photograph's copies are named", () => {
  const session = open();
  expect(session.related("f0")).toEqual([
    { id: "f1", picture: "/picture/1", label: "happy" },
    { id: "f2", picture: "/picture/2", label: "happy" },
    { id: "f9", picture: "/picture/9", label: "sad" },
  ]);
  expect(session.related("f5")).toEqual([]);
  expect(() => session.related("f99")).toThrow(/not in this review/);
});

test("what is said last counts, though another reviewer said something at the same moment", async () => {
  const session = open(() => new Date("2026-11-28T00:00:00.000Z"));
  await session.decide([{ id: "f7", action: "drop" }]);
  expect(session.queue({ ...happy, offset: 7 }).entries).toMatchObject([{ id: "f7", decision: { action: "drop" } }]);
});

test("a face that becomes of a class that is called like a decision is neither kept nor dropped", async () => {
  const keep = { name: "fate", kind: "classes", labels: ["keep", "drop"] } as const;
  const session = createReviewSession({
    dataset: "d",
    task: "fate",
    tasks: [keep],
    reviewer: "ada",
    records: records.map((record) => Object.assign({}, record, { labels: { attributes: { fate: "drop" } } })),
    suspicions: suspicions.map((suspicion) => Object.assign({}, suspicion, { task: "fate", given: "drop", suggested: "keep" })),
    decisions: [],
    append: async () => {},
    now: tick(),
  });
  const { classes } = await session.decide([
    { id: "f0", action: "keep" },
    { id: "f1", action: "relabel", label: "keep" },
    { id: "f2", action: "drop" },
  ]);
  expect(session.queue({ label: "drop", offset: 0, limit: 3 }).entries.map(({ decision }) => decision)).toEqual([
    { action: "keep" },
    { action: "relabel", label: "keep" },
    { action: "drop" },
  ]);
  expect(classes.map(({ label, after }) => [label, after])).toEqual([
    ["keep", 1],
    ["drop", 8],
  ]);
});
