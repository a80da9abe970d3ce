import { execFile } from "node:child_process";
import { appendFileSync, truncateSync } from "node:fs";
import { mkdir, mkdtemp, rename, rm, symlink, truncate, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { TensorFaceError } from "../core/index.ts";
import { hashFile, openRegularFile, pathInside, readLines, readNumberedLines, readRegularFile, readTextFile } from "./files.node.ts";

let folder = "";
const at = (name: string): string => join(folder, name);
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "tensorface-read-"));
});
afterEach(() => rm(folder, { recursive: true }));

describe("what was found is looked at before it is opened", () => {
  test.skipIf(process.platform === "win32").each(["pipe", "socket", "device", "folder"] as const)("a link to a %s", async (kind) => {
    const server = createServer();
    if (kind === "pipe") await promisify(execFile)("mkfifo", [at("target")]);
    if (kind === "socket") await new Promise<void>((done) => server.listen(at("target"), done));
    if (kind === "folder") await mkdir(at("target"));
    await symlink(kind === "device" ? "/dev/zero" : at("target"), at("link"));
    const expected = { code: "TF_INPUT_UNREADABLE", message: expect.stringContaining(`a ${kind}`), hint: expect.stringMatching(/regular/) };
    try {
      await expect(readRegularFile(at("link"), { maxBytes: 9 })).rejects.toMatchObject(expected);
      await expect(readTextFile(at("link"))).rejects.toMatchObject(expected);
      await expect(Array.fromAsync(readLines(at("link")))).rejects.toMatchObject(expected);
      await expect(hashFile(at("link"))).rejects.toMatchObject(expected);
    } finally {
      server.close();
    }
  });

  test("what is not there, leads nowhere or has too long a name", async () => {
    await symlink("loop", at("loop"));
    await symlink("gone", at("nowhere"));
    for (const name of ["gone", "nowhere", "file/below"]) {
      await writeFile(at("file"), "");
      await expect(readTextFile(at(name))).rejects.toMatchObject({ code: "TF_INPUT_NOT_FOUND", message: expect.stringContaining(name) });
    }
    await expect(readTextFile(at("loop"))).rejects.toMatchObject({ code: "TF_INPUT_UNREADABLE" });
    await expect(readTextFile(at("n".repeat(300)))).rejects.toMatchObject({ hint: expect.stringMatching(/shorter/) });
  });
});

describe("never more than the limit", () => {
  test("of a file that is too large nothing is read", async () => {
    await writeFile(at("sparse"), "");
    await truncate(at("sparse"), 2 ** 36);
    await expect(readTextFile(at("sparse"))).rejects.toMatchObject({
      code: "TF_INPUT_TOO_LARGE",
      message: expect.stringContaining(String(2 ** 36)),
    });
  });

  test("a file that grows while it is read is read to its new end, or refused", async () => {
    const looks: number[] = [];
    const read = async (maxBytes: number): Promise<string> => {
      await writeFile(at("growing"), "a".repeat(10));
      looks.length = 0;
      const bytes = await readRegularFile(at("growing"), {
        maxBytes,
        checkBytes: (size) => {
          if (looks.push(size) === 1) appendFileSync(at("growing"), "b".repeat(90));
          if (size > maxBytes) throw new TensorFaceError("TF_IMAGE_TOO_LARGE", "");
        },
      });
      return bytes.toString();
    };
    expect(await read(1000)).toBe("a".repeat(10) + "b".repeat(90));
    await expect(read(39)).rejects.toMatchObject({ code: "TF_IMAGE_TOO_LARGE" });
    expect(Math.max(...looks)).toBeLessThanOrEqual(40);
  });

  test("a file that shrinks while it is read ends where it ends", async () => {
    await writeFile(at("shrinking"), "a".repeat(100));
    const shrink = (): void => truncateSync(at("shrinking"), 7);
    expect(await readRegularFile(at("shrinking"), { maxBytes: 1000, checkBytes: shrink })).toHaveLength(7);
  });

  test("a file of the size of the limit is read, also an empty one", async () => {
    await writeFile(at("a"), "12345");
    await writeFile(at("b"), "");
    expect((await readRegularFile(at("a"), { maxBytes: 5 })).toString()).toBe("12345");
    expect(await readRegularFile(at("b"), { maxBytes: 0 })).toHaveLength(0);
    await expect(readRegularFile(at("a"), { maxBytes: 4 })).rejects.toMatchObject({ code: "TF_INPUT_TOO_LARGE" });
  });

  test("a mark of byte order, as editors of Windows write it, is none of the text", async () => {
    await writeFile(at("marked"), "\uFEFFfirst\r\nsecond \uFEFF\n");
    expect(await readTextFile(at("marked"))).toBe("first\r\nsecond \uFEFF\n");
    expect(await Array.fromAsync(readLines(at("marked")))).toEqual(["first", "second \uFEFF"]);
    await writeFile(at("marked"), "\uFEFF");
    expect(await Array.fromAsync(readLines(at("marked")))).toEqual([]);
    await writeFile(at("marked"), "first\r\nlast\r");
    expect(await Array.fromAsync(readLines(at("marked")))).toEqual(["first", "last"]);
  });

  test("a line has the number by which an editor knows it, though empty ones are left out", async () => {
    await writeFile(at("lines"), "first\n\n\r\nfourth\n\nsixth");
    expect(await Array.fromAsync(readNumberedLines(at("lines")))).toEqual([
      { number: 1, text: "first" },
      { number: 4, text: "fourth" },
      { number: 6, text: "sixth" },
    ]);
    expect(await Array.fromAsync(readLines(at("lines")))).toEqual(["first", "fourth", "sixth"]);
  });

  test("a line that does not end", async () => {
    await writeFile(at("endless"), "");
    await truncate(at("endless"), 2 ** 34);
    await expect(Array.fromAsync(readLines(at("endless")))).rejects.toMatchObject({ code: "TF_INPUT_TOO_LARGE" });
  });
});

test("a file that is replaced after it was opened is the one that was opened", async () => {
  await writeFile(at("a"), "first");
  await mkdir(at("folder"));
  await using file = await openRegularFile(at("a"));
  await rename(at("a"), at("b"));
  await rename(at("folder"), at("a"));
  expect((await file.handle.readFile()).toString()).toBe("first");
});

test("a path has one spelling below its folder, and none outside of it", () => {
  const inside = ["f/1.jpg", "./f/1.jpg", "f//1.jpg", "f/g/../1.jpg", "/data/f/1.jpg", "../data/f/1.jpg"];
  for (const path of inside) expect(pathInside("/data", path)).toBe("f/1.jpg");
  for (const path of ["..", ".", "", "../1.jpg", "/etc/passwd", "f/../../1.jpg", "/data"])
    expect(pathInside("/data", path)).toBeUndefined();
  expect(pathInside("/data", "..f/1.jpg")).toBe("..f/1.jpg");
  expect(pathInside("/", "f/1.jpg")).toBe("f/1.jpg");
});
