import { mkdtemp, open, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import type { FaceRecord } from "../record.ts";
import type { Suspicion } from "../suspicion.ts";
import type { Decision } from "./decisions.ts";
import { openDecisionLog, readDecisions } from "./decisions.node.ts";
import { createReviewSession } from "./session.ts";

const decision = (id: string): Decision => ({ id, task: "mood", reviewer: "ada", at: "2026-11-28T10:00:00.000Z", action: "keep" });

test("a decision that a full disk cut off does not spoil the next one", async () => {
  const folder = await mkdtemp(join(tmpdir(), "tensorface-decisions-"));
  const path = join(folder, "decisions.jsonl");
  await using log = await openDecisionLog(path);
  await log.append(decision("a"));
  const handle = await open(path);
  const prototype: { appendFile: (text: string) => Promise<void> } = Object.getPrototypeOf(handle);
  await handle.close();
  const full = vi.spyOn(prototype, "appendFile").mockImplementationOnce(async function writeHalf(this: typeof handle, text: string) {
    await this.write(text.slice(0, 20));
    throw Object.assign(new Error("no space left on device"), { code: "ENOSPC" });
  });
  await expect(log.append(decision("b"))).rejects.toMatchObject({ code: "TF_OUTPUT_FULL" });
  full.mockRestore();
  await log.append(decision("b"));
  await log.append(decision("c"));
  expect((await readDecisions(path)).map(({ id }) => id)).toEqual(["a", "b", "c"]);
  expect(await readFile(path, "utf8")).toMatch(/\n$/);
  await rm(folder, { recursive: true });
});

test.each([
  ["it can be cut off at once", true, ["keep"]],
  ["only the next decision can cut it off", false, ["keep", "undo"]],
])("a decision that the disk does not confirm stands once when it is given again: %s", async (_, cuts, meanwhile) => {
  const folder = await mkdtemp(join(tmpdir(), "tensorface-decisions-"));
  const path = join(folder, "decisions.jsonl");
  const log = await openDecisionLog(path);
  await log.append(decision("a"));
  const handle = await open(path);
  const prototype: { sync: () => Promise<void>; truncate: (length: number) => Promise<void> } = Object.getPrototypeOf(handle);
  await handle.close();
  const fail = (): Promise<never> => Promise.reject(Object.assign(new Error("input/output error"), { code: "EIO" }));
  const failing = vi.spyOn(prototype, "sync").mockImplementationOnce(fail);
  const uncut = vi.spyOn(prototype, "truncate");
  if (!cuts) uncut.mockImplementationOnce(fail);
  const undo: Decision = { ...decision("a"), at: "2026-11-28T10:00:00.001Z", action: "undo" };
  await expect(log.append(undo)).rejects.toMatchObject({ code: "TF_OUTPUT_UNWRITABLE" });
  // What was said not to be written is not there for whoever opens the file next.
  expect((await readDecisions(path)).map(({ action }) => action)).toEqual(meanwhile);
  failing.mockRestore();
  uncut.mockRestore();
  await log.append({ ...undo, at: "2026-11-28T10:00:00.002Z" });
  await log[Symbol.asyncDispose]();
  expect((await readDecisions(path)).map(({ action }) => action)).toEqual(["keep", "undo"]);
  await rm(folder, { recursive: true });
});

test("a decision that was cut off in the middle of a letter costs none before it", async () => {
  const folder = await mkdtemp(join(tmpdir(), "tensorface-decisions-"));
  const path = join(folder, "decisions.jsonl");
  const whole = Buffer.from(`${JSON.stringify(decision("a"))}\n`);
  const torn = Buffer.from(JSON.stringify(decision("лица/аня 🙂.jpg")));
  for (let length = 1; length < torn.length; length++) {
    await writeFile(path, Buffer.concat([whole, torn.subarray(0, length)]));
    await using log = await openDecisionLog(path);
    await log.append(decision("b"));
    expect((await readDecisions(path)).map(({ id }) => id)).toEqual(["a", "b"]);
  }
  await rm(folder, { recursive: true });
});

test("a whole line that is no decision is named wherever it stands; half of one at the end is passed over", async () => {
  const folder = await mkdtemp(join(tmpdir(), "tensorface-decisions-"));
  const path = join(folder, "decisions.jsonl");
  const [good, wrong] = [`${JSON.stringify(decision("a"))}\n`, JSON.stringify({ ...decision("b"), action: "kepe" })];
  for (const [text, line] of [
    [`${good}${wrong}\n`, 2],
    [`${wrong}\n${good}`, 1],
    ['{"schema":"tensorface.report/1"}\n', 1],
  ] as const) {
    await writeFile(path, text);
    const refusal = { code: "TF_DATASET_INVALID", message: expect.stringContaining(`line ${line} `) };
    await expect(readDecisions(path)).rejects.toMatchObject(refusal);
    await expect(openDecisionLog(path)).rejects.toMatchObject(refusal);
    expect(await readFile(path, "utf8")).toBe(text);
  }
  await writeFile(path, good + wrong.slice(0, 30));
  expect((await readDecisions(path)).map(({ id }) => id)).toEqual(["a"]);
  await rm(folder, { recursive: true });
});

test("a file of decisions has one writer at a time", async () => {
  const folder = await mkdtemp(join(tmpdir(), "tensorface-decisions-"));
  const path = join(folder, "decisions.jsonl");
  {
    await using log = await openDecisionLog(path);
    await log.append(decision("a"));
    await expect(openDecisionLog(path)).rejects.toMatchObject({
      code: "TF_FOLDER_BUSY",
      message: expect.stringContaining(String(process.pid)),
    });
    // Another reviewer's file beside it is another matter.
    await using _other = await openDecisionLog(join(folder, "grace.jsonl"));
  }
  await using again = await openDecisionLog(path);
  expect(again.decisions.map(({ id }) => id)).toEqual(["a"]);
  await again[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

test("the last word counts, also after a clock was put back or where another reviewer's is ahead", async () => {
  const record = { id: "a", labels: { mood: "happy" } } as unknown as FaceRecord;
  const suspicion: Suspicion = {
    id: "a",
    task: "mood",
    given: "happy",
    suggested: "sad",
    flags: [],
    doubt: 1,
  };
  const written: Decision[] = [];
  let now = new Date("2026-11-28T12:00:00.000Z");
  const session = createReviewSession({
    dataset: "d",
    task: "mood",
    reviewer: "ada",
    records: [record],
    suspicions: [suspicion],
    decisions: [{ id: "a", task: "mood", reviewer: "grace", at: "2026-11-28T12:30:00.000Z", action: "drop" }],
    append: async (line) => void written.push(line),
    now: () => now,
  });
  const word = () => session.queue({ label: "happy", offset: 0, limit: 1 }).entries[0]!.decision;
  await session.decide([{ id: "a", action: "relabel", label: "sad" }]);
  expect(word()).toEqual({ action: "relabel", label: "sad" });
  now = new Date("2026-11-28T11:00:00.000Z");
  await session.decide([{ id: "a", action: "keep" }]);
  expect(word()).toEqual({ action: "keep" });
  await session.decide([{ id: "a", action: "undo" }]);
  expect(word()).toEqual({ action: "relabel", label: "sad" });
  expect(written.map(({ at }) => at)).toEqual(["2026-11-28T12:30:00.001Z", "2026-11-28T12:30:00.002Z", "2026-11-28T12:30:00.003Z"]);
});
