import { existsSync } from "node:fs";
import { mkdtemp, open, readFile, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { pathKind } from "./files.node.ts";
import { takeLock, tryLock, waitForLock } from "./file-lock.node.ts";

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "lock-"));
  path = join(folder, "lock");
});
afterEach(() => rm(folder, { recursive: true }));

test("one holder at a time, also within a process; let go it is gone", async () => {
  const first = await takeLock(path);
  expect(await tryLock(path)).toEqual({ holder: process.pid });
  await expect(takeLock(path)).rejects.toMatchObject({
    code: "TF_FOLDER_BUSY",
    message: expect.stringContaining(String(process.pid)),
  });
  await first[Symbol.asyncDispose]();
  expect(await pathKind(path)).toBe("none");
});

test("a disk that is full when a lock is taken keeps no lock of nobody", async () => {
  const handle = await open(join(folder, "other"), "w");
  const prototype: { writeFile: (text: string) => Promise<void> } = Object.getPrototypeOf(handle);
  await handle.close();
  const full = vi
    .spyOn(prototype, "writeFile")
    .mockRejectedValueOnce(Object.assign(new Error("no space left on device"), { code: "ENOSPC" }));
  await expect(takeLock(path)).rejects.toMatchObject({ code: "TF_OUTPUT_FULL" });
  full.mockRestore();
  await using _lock = await takeLock(path);
});

test("of many that wait each has its turn", async () => {
  let holders = 0;
  const most: number[] = [];
  const work = async (): Promise<void> => {
    await using _lock = await waitForLock(path);
    most.push(++holders);
    await new Promise((resolve) => setTimeout(resolve, 2));
    holders--;
  };
  await Promise.all(Array.from({ length: 6 }, work));
  expect(most).toEqual([1, 1, 1, 1, 1, 1]);
});

test.each([
  ["a process that died", "999999999"],
  ["an earlier process with this one's number, as in a container", `${process.pid} another`],
  ...(existsSync("/proc/self/stat") ? [["a process that died, whose number another has now", `${process.ppid} another 1`]] : []),
])("a lock of %s is taken over by one alone", async (_, text) => {
  await writeFile(path, text);
  const outcomes = await Promise.all([tryLock(path), tryLock(path), tryLock(path)]);
  // Those who come while it is taken over may have to ask again.
  const taken = outcomes.filter((outcome) => "lock" in outcome);
  expect(taken).toHaveLength(1);
  expect(await readFile(path, "utf8")).toMatch(new RegExp(`^${process.pid} `));
  await taken[0]!.lock[Symbol.asyncDispose]();
});

test("a lock that its maker died writing is taken over after a while", async () => {
  await writeFile(path, "");
  expect(await tryLock(path)).toMatchObject({ holder: undefined });
  const before = new Date(Date.now() - 60_000);
  await utimes(path, before, before);
  expect(await tryLock(path)).toHaveProperty("lock");
});

test("waiting ends with an abort, and with an error where the holder does nothing", async () => {
  // A process that lives: this one's parent.
  await writeFile(path, String(process.ppid));
  const controller = new AbortController();
  const stages: string[] = [];
  const waiting = waitForLock(path, {
    signal: controller.signal,
    onProgress: ({ stage }) => {
      stages.push(stage);
      controller.abort();
    },
  });
  await expect(waiting).rejects.toMatchObject({ code: "TF_ABORTED" });
  expect(stages[0]).toContain(String(process.ppid));
  const before = new Date(Date.now() - 3_600_000);
  await utimes(path, before, before);
  await expect(waitForLock(path)).rejects.toMatchObject({
    code: "TF_FOLDER_BUSY",
    message: expect.stringContaining(String(process.ppid)),
    hint: expect.stringContaining("remove"),
  });
});
