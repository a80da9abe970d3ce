import { readdirSync, readFileSync } from "node:fs";
import { chmod, mkdir, mkdtemp, readdir, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ownMark } from "../../files/process.node.ts";
import { bulkFolder } from "../plan/plan-file.ts";
import { type Attempts, openAttempts } from "./attempts.ts";

let path = "";
let attempts: Attempts;
beforeEach(async () => {
  path = await mkdtemp(join(tmpdir(), "tensorface-attempts-"));
  attempts = await openAttempts(bulkFolder(path));
});
afterEach(() => rm(path, { recursive: true }));

/** An attempt that somebody left, last heard of so many seconds ago. */
async function leave(
  shard: string,
  mark: { readonly host: string; readonly pid: number; readonly began?: string },
  secondsAgo = 0,
): Promise<void> {
  const { working } = bulkFolder(path);
  await mkdir(working, { recursive: true });
  const name = join(working, `${shard}.${crypto.randomUUID()}.json`);
  await writeFile(name, JSON.stringify({ began: "", pictures: 30, seconds: 10, ...mark }));
  const then = Date.now() / 1000 - secondsAgo;
  await utimes(name, then, then);
}

test("one at a shard at a time, and again when it is done", async () => {
  const other = await openAttempts(bulkFolder(path));
  const first = (await attempts.begin(7))!;
  expect(await other.begin(7)).toBeUndefined();
  expect(await other.underWay()).toMatchObject([{ shard: 7, worker: attempts.worker }]);
  await first[Symbol.asyncDispose]();
  await using again = await other.begin(7);
  expect(again).toMatchObject({ killed: 0 });
  expect(await attempts.begin(8)).toBeDefined();
});

test("a killed worker of this machine is noticed at once, also where its number has been given to another", async () => {
  const { host } = await ownMark();
  await leave("00007", { host, pid: 2 ** 22 + 1 });
  await leave("00007", { host, pid: process.pid, began: "1" });
  const attempt = (await attempts.begin(7))!;
  expect(attempt.killed).toBe(2);
  await attempt.forget();
  await attempt[Symbol.asyncDispose]();
  expect(await readdir(bulkFolder(path).working)).toEqual([]);
});

test("a worker of another machine lives as long as it is heard of, by the disk's clock", async () => {
  await leave("00001", { host: "elsewhere", pid: 1 }, 30);
  // Its machine believes that it is tomorrow.
  await leave("00002", { host: "elsewhere", pid: 1 }, -86_400);
  await leave("00003", { host: "elsewhere", pid: 1 }, 120);
  expect(await attempts.begin(1)).toBeUndefined();
  expect(await attempts.begin(2)).toBeUndefined();
  await using third = await attempts.begin(3);
  expect(third).toMatchObject({ killed: 1 });
  expect((await attempts.underWay()).map(({ shard }) => shard).toSorted((a, b) => a - b)).toEqual([1, 2, 3]);
});

test("workers of many other machines are told of at once", async () => {
  const count = 40;
  for (let shard = 0; shard < count; shard++) await leave(String(shard).padStart(5, "0"), { host: `node-${shard}`, pid: 1 });
  for (let look = 0; look < 10; look++) expect(await attempts.underWay()).toHaveLength(count);
  expect((await readdir(bulkFolder(path).working)).filter((name) => name.startsWith("."))).toEqual([]);
});

test.skipIf(process.geteuid?.() !== 0)("who may only look is told of others by the clock of its own machine", async () => {
  await leave("00001", { host: "elsewhere", pid: 1 }, 30);
  await leave("00002", { host: "elsewhere", pid: 1 }, 120);
  const { working } = bulkFolder(path);
  await chmod(path, 0o755);
  await chmod(working, 0o555);
  process.seteuid!(65_534);
  try {
    expect((await attempts.underWay()).map(({ shard }) => shard)).toEqual([1]);
  } finally {
    process.seteuid!(0);
  }
});

test("a mark is whole whenever it is looked at: a worker that is killed while it writes its own is known by its number", async () => {
  const { working } = bulkFolder(path);
  await mkdir(working);
  const seen: string[] = [];
  const look = (): void => {
    for (const name of readdirSync(working).filter((each) => each.endsWith(".json"))) {
      try {
        seen.push(readFileSync(join(working, name), "utf8"));
      } catch {
        // It ended meanwhile.
      }
    }
    next = setImmediate(look);
  };
  let next = setImmediate(look);
  try {
    for (let shard = 0; shard < 20; shard++) {
      await using attempt = (await attempts.begin(shard))!;
      for (let pictures = 1; pictures < 10; pictures++) await attempt.report({ pictures, seconds: pictures });
    }
  } finally {
    clearImmediate(next);
  }
  expect(seen.length).toBeGreaterThan(100);
  expect(seen.filter((text) => !/^\{"host":.*\}\n$/.test(text))).toEqual([]);
});

test("a report that is on its way when an attempt ends leaves no mark of it", async () => {
  const attempt = (await attempts.begin(1))!;
  const report = attempt.report({ pictures: 1, seconds: 1 });
  await attempt[Symbol.asyncDispose]();
  await report;
  expect(await readdir(bulkFolder(path).working)).toEqual([]);
});
