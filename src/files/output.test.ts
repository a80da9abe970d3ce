import { existsSync } from "node:fs";
import { mkdtemp, open, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { PartOptions } from "./files.node.ts";
import { writeNewFile } from "./output.node.ts";

let folder = "";
const at = (name: string): string => join(folder, name);
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "tensorface-output-"));
});
afterEach(() => rm(folder, { recursive: true }));

/** The disk's, but for what happens when a file is flushed to it. */
function flushing(sync: () => Promise<void>): NonNullable<PartOptions["open"]> {
  return async (path, flags) => Object.assign(await open(path, flags), { sync });
}
const names = (): (() => string) => {
  let count = 0;
  return () => at(`${++count}.png`);
};
const never = (): Promise<boolean> => Promise.resolve(false);

test("the first name that is free is taken, and what has a name stays", async () => {
  await writeFile(at("1.png"), "mine");
  await writeNewFile(names(), Buffer.from("new"), never);
  expect([await readFile(at("1.png"), "utf8"), await readFile(at("2.png"), "utf8")]).toEqual(["mine", "new"]);
});

test("whoever is killed while the disk takes a file leaves none of its name", async () => {
  let wasThere: boolean | undefined;
  const open = flushing(async () => void (wasThere = existsSync(at("1.png"))));
  await writeNewFile(names(), Buffer.from("new"), never, { open });
  expect(wasThere).toBe(false);
  expect(await readdir(folder)).toEqual(["1.png"]);
});

test("a disk that is full in the end keeps nothing, and no empty file of the name", async () => {
  const open = flushing(() => Promise.reject(Object.assign(new Error("no space left on device"), { code: "ENOSPC" })));
  await expect(writeNewFile(names(), Buffer.from("new"), never, { open })).rejects.toMatchObject({ code: "TF_OUTPUT_FULL" });
  expect(await readdir(folder)).toEqual([]);
});
