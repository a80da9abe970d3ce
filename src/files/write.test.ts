import { execFile } from "node:child_process";
import { lstat, mkdir, mkdtemp, open, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, expect, test } from "vitest";
import { diskOf } from "../../test/support/disk.ts";
import {
  createAtomicWriter,
  nameBeside,
  openPart,
  type PartFile,
  type PartOptions,
  requireTarget,
  writeFileAtomically,
  writeInLockedFolder,
} from "./files.node.ts";

let folder = "";
const at = (name: string): string => join(folder, name);
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "tensorface-write-"));
});
afterEach(() => rm(folder, { recursive: true }));

test("a full disk: the old file stays, nothing is left beside it, and the error says so", async () => {
  await writeFile(at("a"), "old");
  await expect(writeFileAtomically(at("a"), "12345", { open: diskOf(3) })).rejects.toMatchObject({ code: "TF_OUTPUT_FULL" });
  expect([await readdir(folder), await readFile(at("a"), "utf8")]).toEqual([["a"], "old"]);
});

test("a part on a full disk is what was written, in sight", async () => {
  const part = await openPart(at("a"), { part: at("a.part"), open: diskOf(8) });
  await part.write("12345");
  await expect(part.write("67890")).rejects.toMatchObject({ code: "TF_OUTPUT_FULL" });
  await part.leave();
  expect(await readFile(at("a.part"), "utf8")).toBe("12345678");
});

test("what cannot take its name is kept, and the hint names it", async () => {
  await mkdir(at("a"));
  const error: unknown = await writeFileAtomically(at("a"), "whole").catch((error: unknown) => error);
  expect(error).toMatchObject({ code: "TF_OUTPUT_UNWRITABLE", hint: expect.stringMatching(/"(.+)"/) });
  const kept = (await readdir(folder)).find((name) => name !== "a");
  expect((error as { hint: string }).hint).toContain(kept);
  expect(await readFile(at(kept!), "utf8")).toBe("whole");
});

test("two writers of one file do not mix", async () => {
  const texts = ["a", "b", "c", "d"].map((letter) => letter.repeat(1 << 20));
  await Promise.all(texts.map((text) => writeFileAtomically(at("x"), text)));
  expect(texts).toContain(await readFile(at("x"), "utf8"));
  expect(await readdir(folder)).toEqual(["x"]);
});

test("what killed processes left of a file goes when it is written; what others write stays, and so does what is somebody else's", async () => {
  const killed = promisify(execFile)(process.execPath, [
    "--input-type=module",
    "--eval",
    `import { openPart } from ${JSON.stringify(new URL("write.node.ts", import.meta.url).href)};
    for (const name of ["x", "y"]) await (await openPart(${JSON.stringify(folder)} + "/" + name)).write("half");
    process.kill(process.pid, "SIGKILL");`,
  ]);
  await expect(killed).rejects.toMatchObject({ signal: "SIGKILL" });
  const left = await readdir(folder);
  expect(left).toHaveLength(2);
  const elsewhere = left[0]!.replace(/^(\.x\.)[^-]+/, "$1abcdefgh");
  for (const name of [elsewhere, ".x.mine.part", ".x.7-0.part"]) await writeFile(at(name), "");
  await using under = disposable(await openPart(at("x")));
  const others = [elsewhere, ".x.mine.part", ".x.7-0.part", left[1]!, basename(under.path)];
  const failing = await openPart(at("x"), { replacesKilled: true });
  await failing.remove();
  expect(await readdir(folder)).toContain(left[0]);
  const part = await openPart(at("x"), { replacesKilled: true });
  await part.commit();
  expect((await readdir(folder)).toSorted()).toEqual([...others, "x"].toSorted());
});

const disposable = (part: PartFile): PartFile & AsyncDisposable => Object.assign(part, { [Symbol.asyncDispose]: () => part.remove() });

test("folders on the way are made, and a writer that a killed process left is written over", async () => {
  await writeFileAtomically(at("new/deep/a"), "1");
  const killed = await createAtomicWriter(at("new/b"));
  await killed.write("half");
  await killed.abandon();
  await writeInLockedFolder(at("new/b"), "whole");
  expect((await readdir(at("new"))).toSorted()).toEqual(["b", "deep"]);
});

test("a name that leaves no room for an ending is written all the same; one that is too long says so", async () => {
  const longest = `${"ü".repeat(125)}.jpg`;
  await writeFileAtomically(at(longest), "1");
  expect(await readdir(folder)).toEqual([longest]);
  expect(Buffer.byteLength(basename(nameBeside(at(longest), ".", ".part")))).toBeLessThanOrEqual(255);
  await expect(writeFileAtomically(at("n".repeat(300)), "1")).rejects.toMatchObject({
    code: "TF_OUTPUT_UNWRITABLE",
    hint: expect.stringMatching(/What was written|shorter/),
  });
});

test("a disk that is full when the file is flushed leaves nothing beside it either", async () => {
  const full: NonNullable<PartOptions["open"]> = async (path, flags) => {
    const file = await open(path, flags);
    return Object.assign(file, { sync: () => Promise.reject(Object.assign(new Error("no space left on device"), { code: "ENOSPC" })) });
  };
  await writeFile(at("a"), "old");
  await expect(writeFileAtomically(at("a"), "new", { open: full })).rejects.toMatchObject({ code: "TF_OUTPUT_FULL" });
  expect([await readdir(folder), await readFile(at("a"), "utf8")]).toEqual([["a"], "old"]);
});

test.skipIf(process.platform === "win32")("a pipe or a device is written into and never replaced", async () => {
  await promisify(execFile)("mkfifo", [at("pipe")]);
  const reading = readFile(at("pipe"), "utf8");
  await writeFileAtomically(at("pipe"), "through it");
  expect(await reading).toBe("through it");
  expect([(await lstat(at("pipe"))).isFIFO(), await readdir(folder)]).toEqual([true, ["pipe"]]);
  await expect(openPart(at("pipe"))).rejects.toMatchObject({ code: "TF_OUTPUT_UNWRITABLE", message: expect.stringContaining("a pipe") });
  await writeFileAtomically("/dev/null", "nowhere");
  expect((await lstat("/dev/null")).isCharacterDevice()).toBe(true);
});

test.skipIf(process.platform === "win32")(
  "what a link leads to is replaced, and the link stays; one that leads nowhere becomes the file",
  async () => {
    await mkdir(at("big"));
    await writeFile(at("big/report.json"), "old");
    await symlink("big/report.json", at("latest"));
    await writeFileAtomically(at("latest"), "new");
    expect([await readFile(at("big/report.json"), "utf8"), (await lstat(at("latest"))).isSymbolicLink()]).toEqual(["new", true]);
    expect(await readdir(at("big"))).toEqual(["report.json"]);
    await symlink("nowhere/at-all", at("lost"));
    await writeFileAtomically(at("lost"), "here");
    expect(await readFile(at("lost"), "utf8")).toBe("here");
  },
);

test("whether a file can be written is known before the work, and nothing is left of the question", async () => {
  await requireTarget(at("new/deep/a"));
  await writeFile(at("file"), "old");
  await requireTarget(at("file"));
  expect([await readdir(folder), await readFile(at("file"), "utf8")]).toEqual([["file"], "old"]);
  await expect(requireTarget(folder)).rejects.toMatchObject({ code: "TF_OUTPUT_UNWRITABLE", message: expect.stringContaining("EISDIR") });
  await expect(requireTarget(at("file/a"))).rejects.toMatchObject({ code: "TF_OUTPUT_UNWRITABLE" });
});
