import { chmod, copyFile, mkdir, mkdtemp, readdir, readFile, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { isAbsolute, join, resolve } from "node:path";
import { Writable } from "node:stream";
import { setTimeout } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { heldBytes } from "../../test/support/garbage.ts";
import { TensorFaceError } from "../core/index.ts";
import { createAnnotatedNames, isMarkedName } from "./annotated-names.ts";
import {
  countBeside,
  countInputs,
  expandInputs,
  type ExpandOptions,
  folderOf,
  type InputItem,
  isGlob,
  isSinglePicture,
  portablePattern,
  preferFiles,
  reachesInto,
  realPathOf,
} from "./inputs.ts";
import { writeFileAtomically } from "../files/files.node.ts";
import { createFileSink, createStreamSink } from "../files/output.node.ts";

let root = "";
const options: ExpandOptions = { read: () => Promise.resolve(new Uint8Array([1, 2, 3])) };

beforeAll(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), "tensorface-inputs-")));
  for (const folder of ["photos/a", "photos/b/deep", "photos/.hidden", "empty", "out"])
    await mkdir(join(root, folder), { recursive: true });
  const files = [
    "photos/a/10.jpg",
    "photos/a/9.JPG",
    "photos/b/deep/x.webp",
    "photos/b/notes.txt",
    "photos/.hidden/h.png",
    "photos/._a.jpg",
    "photos/z.png",
  ];
  for (const file of [...files, "photos/a/9-annotated.jpg", "out/old.png"]) await writeFile(join(root, file), "x");
  await symlink(join(root, "photos"), join(root, "photos/b/loop"), "junction");
  // Windows lets only some make links to files; a file in its place gives the same.
  const link = [join(root, "photos/z.png"), join(root, "photos/link.png")] as const;
  await symlink(...link).catch(() => copyFile(...link));
});
afterAll(() => rm(root, { recursive: true, force: true }));

const collect = (inputs: readonly string[], change: Partial<ExpandOptions> = {}): Promise<InputItem[]> =>
  Array.fromAsync(
    expandInputs(
      inputs.map((input) => (isAbsolute(input) || input === "-" || input.includes(":") ? input : join(root, input))),
      { ...options, ...change },
    ),
  );
const places = (items: readonly InputItem[]): string[] => items.map((item) => ("place" in item ? item.place : item.error.code));

describe("names that look like addresses", () => {
  test("what folders and globs hold are files, whatever they are called", async () => {
    const names = ["data:,x.jpg", "file:x.jpg", "http:127.0.0.1:9?.jpg"];
    const folder = join(root, "odd");
    await mkdir(folder, { recursive: true });
    for (const name of names) await writeFile(join(folder, name), "x");
    const before = process.cwd();
    process.chdir(folder);
    try {
      for (const word of [".", "*.jpg"]) {
        const items = await Array.fromAsync(expandInputs([word], options));
        expect(items).toEqual(names.map((name) => ({ input: { path: name }, source: name, place: name })));
      }
      // As a shell gives them.
      expect(await preferFiles([...names, "http:gone.jpg"])).toEqual([...names.map((name) => `./${name}`), "http:gone.jpg"]);
    } finally {
      process.chdir(before);
      await rm(folder, { recursive: true });
    }
  });
});

describe("inputs", () => {
  test("a folder gives its pictures in a fixed order; hidden files, other files and links to folders are left out", async () => {
    expect(places(await collect(["photos"]))).toEqual(["a/9-annotated.jpg", "a/9.JPG", "a/10.jpg", "b/deep/x.webp", "link.png", "z.png"]);
    expect(await countInputs([join(root, "photos")], options)).toBe(6);
  });

  test("one folder of several keeps its name in the place of its pictures", async () => {
    expect(places(await collect(["photos/a", "photos/b"]))).toEqual(["a/9-annotated.jpg", "a/9.JPG", "a/10.jpg", "b/deep/x.webp"]);
  });

  test("a glob gives pictures below its fixed part", async () => {
    // A link to a folder is entered, once: b/loop leads back to photos and does not turn for ever.
    const found = places(await collect(["photos/**/*"]));
    expect(found.filter((place) => !place.startsWith("b/loop/"))).toEqual([
      "a/9-annotated.jpg",
      "a/9.JPG",
      "a/10.jpg",
      "b/deep/x.webp",
      "link.png",
      "z.png",
    ]);
    expect(places(await collect(["photos/a/?.JPG"]))).toEqual(["9.JPG"]);
  });

  test("a file is taken whatever its name, also one that does not exist", async () => {
    expect(places(await collect(["photos/b/notes.txt", "nowhere.jpg"]))).toEqual(["notes.txt", "nowhere.jpg"]);
  });

  test("a file whose name looks like a glob is a file", async () => {
    await writeFile(join(root, "a[1].jpg"), "x");
    expect(places(await collect(["a[1].jpg"]))).toEqual(["a[1].jpg"]);
  });

  test("a folder whose name looks like a glob is a folder, also before a glob", async () => {
    await mkdir(join(root, "old (2) [x]", "deep"), { recursive: true });
    for (const name of ["a.jpg", "deep/b.jpg"]) await writeFile(join(root, "old (2) [x]", name), "x");
    expect(places(await collect(["old (2) [x]/*.jpg"]))).toEqual(["a.jpg"]);
    expect(places(await collect(["old (2) [x]/**/*.jpg"]))).toEqual(["a.jpg", "deep/b.jpg"]);
    expect(places(await collect(["photos/{a,b/deep}/?.{JPG,webp}"]))).toEqual(["a/9.JPG", "b/deep/x.webp"]);
    expect(await reachesInto(join(root, "old (2) [x]/deep"), join(root, "old (2) [x]/*/*.jpg"))).toBe(true);
    expect(await reachesInto(join(root, "old (2) [x]/deep"), join(root, "old (2) [x]/*.jpg"))).toBe(false);
    await rm(join(root, "old (2) [x]"), { recursive: true });
  });

  test.each([
    [String.raw`photos\*.jpg`, true],
    [String.raw`photos\{a,b}\?.png`, true],
    [String.raw`C:\photos\**\*.jpg`, true],
    [String.raw`\\server\share\*.jpg`, true],
    [String.raw`C:\photos\a.jpg`, false],
  ])("Windows parts folders with a backslash: whether %s is a glob: %s", (word, isOne) => {
    expect(isGlob(word, "\\")).toBe(isOne);
    expect(portablePattern(word, "\\")).not.toContain("\\");
  });

  test("elsewhere a backslash makes the next letter an ordinary one", () => {
    expect(isGlob(String.raw`photos/\*.jpg`, "/")).toBe(false);
    expect(portablePattern(String.raw`photos/\*.jpg`, "/")).toBe(String.raw`photos/\*.jpg`);
  });

  test.each([
    ["C:/*.jpg", 1, "C:/"],
    ["C:/a/*.jpg", 2, "C:/a"],
    ["//server/share/*.jpg", 4, "//server/share"],
    ["/*.jpg", 1, "/"],
    ["*.jpg", 0, "."],
  ])("the folder of %s after %i parts is %s", (pattern, count, folder) => {
    expect(folderOf(pattern.split("/"), count)).toBe(folder);
  });

  test("standard input and addresses", async () => {
    const items = await collect(["-", "https://example.org/pictures/..%2Fa%20b.jpg?size=2"]);
    expect(items).toMatchObject([
      { source: "-", place: "stdin", input: new Uint8Array([1, 2, 3]) },
      { source: "https://example.org/pictures/..%2Fa%20b.jpg?size=2", place: "_2Fa_20b.jpg" },
    ]);
  });

  test("a data URL is no name: neither of a result nor of a copy", async () => {
    const url = `data:image/png;base64,${"A".repeat(400)}/B`;
    const failing = (): Promise<never> => Promise.reject(new TensorFaceError("TF_INPUT_EMPTY", "nothing"));
    expect(await collect([url])).toMatchObject([{ source: "the data URL", place: "picture" }]);
    expect(await collect([url], { readsUrls: true })).toMatchObject([{ source: "the data URL", place: "picture" }]);
    expect(await collect([url], { readsUrls: true, read: failing })).toMatchObject([
      { source: "the data URL", error: { code: "TF_INPUT_EMPTY" } },
    ]);
  });

  test.each(["empty", "photos/*.psd"])("%s holds no picture: one failed item that says so", async (input) => {
    const [item, ...others] = await collect([input]);
    expect(others).toEqual([]);
    expect(item).toMatchObject({ error: { code: "TF_INPUT_NOT_FOUND", message: expect.stringContaining("holds no picture") } });
  });

  test.skipIf(process.getuid?.() === 0 || process.platform === "win32")("a folder that may not be opened is a failed item", async () => {
    await mkdir(join(root, "locked"), { mode: 0o000 });
    expect(await collect(["locked"])).toMatchObject([{ error: { code: "TF_INPUT_UNREADABLE" } }]);
    await chmod(join(root, "locked"), 0o700);
  });

  test.each([
    ["out", "photos", false],
    ["out", "", true],
    ["new/deep", "", true],
    [".hidden", "", false],
    ["photos", "photos/a", true],
    ["photos", "photos/a/10.jpg", true],
    ["photos", "out/old.png", false],
    ["photos/a", "photos/b/loop", true],
    ["out", "*", false],
    ["out", "*/*.png", true],
    ["out/deep", "*/*.png", false],
    ["out/deep", "**/*.png", true],
    ["out", "photos/**", false],
    ["photos", "photos/a/*.jpg", true],
    ["out", "-", false],
    ["out", "https://example.org/out/a.png", false],
  ])("whether %s can hold pictures of %j: %s", async (folder, input, isReached) => {
    const given = input === "-" || input.includes(":") ? input : join(root, input);
    expect(await reachesInto(join(root, folder), given)).toBe(isReached);
  });

  test("a file: address is a file", async () => {
    expect(await reachesInto(join(root, "out"), pathToFileURL(join(root, "out/old.png")).href)).toBe(true);
    expect(await reachesInto(join(root, "out"), pathToFileURL(root).href)).toBe(false);
  });

  test("marked names are passed over", async () => {
    expect(places(await collect(["photos/a"], { skipName: isMarkedName }))).toEqual(["9.JPG", "10.jpg"]);
  });

  test("one file, one address and standard input are a single picture", async () => {
    const single = (...inputs: string[]): Promise<boolean> => isSinglePicture(inputs);
    expect(await single(join(root, "photos/z.png"))).toBe(true);
    expect(await single("-")).toBe(true);
    expect(await single("https://example.org/a.jpg")).toBe(true);
    expect(await single(join(root, "photos"))).toBe(false);
    expect(await single(join(root, "photos/*.png"))).toBe(false);
    expect(await single("a.jpg", "b.jpg")).toBe(false);
  });

  test("10,000 files come one after the other", async () => {
    const many = join(root, "many");
    await mkdir(many);
    await Promise.all(Array.from({ length: 10_000 }, (_, index) => writeFile(join(many, `${index}.jpg`), "")));
    expect(await countInputs([many], options)).toBe(10_000);
    await rm(many, { recursive: true });
  });

  test("a count that runs beside the work ends with it, and tells no half of it", async () => {
    const many = join(root, "many");
    for (let index = 0; index < 100; index++) await writeFileAtomically(join(many, `${index}`, "a.jpg"), "", { sync: false });
    let seen = 0;
    const skipName = (): boolean => {
      if (++seen === 3) counted[Symbol.dispose]();
      return false;
    };
    const counted = countBeside([many], { ...options, skipName });
    await expect.poll(() => seen).toBe(3);
    await setTimeout(200);
    expect(counted.total()).toBeUndefined();
    expect(seen).toBe(3);
    using whole = countBeside([many], options);
    await expect.poll(() => whole.total()).toBe(100);
    await rm(many, { recursive: true });
  });
});

describe("names of annotated pictures", () => {
  const folder = resolve("/target");
  const below = (...paths: string[]): string[] => paths.map((path) => resolve(folder, path));

  test("mirror subfolders, keep the format where faces can be drawn without loss of it", () => {
    const names = createAnnotatedNames({ folder, marked: false });
    expect(["a/b.jpg", "c.JPEG", "d.webp", "e.gif", "f"].map((place) => names.next(place))).toEqual(
      below("a/b.jpg", "c.jpeg", "d.webp", "e.png", "f.png"),
    );
  });

  test("never meet each other", () => {
    const names = createAnnotatedNames({ folder, marked: false });
    expect(["a.png", "a.gif", "A.tif", "A.tif"].map((place) => names.next(place))).toEqual(below("a.png", "a-2.png", "A-3.png", "A-4.png"));
  });

  test("are marked beside sources", () => {
    const names = createAnnotatedNames({ folder, marked: true });
    const given = ["a.png", "a.gif"].map((place) => names.next(place));
    expect(given).toEqual(below("a-annotated.png", "a-annotated-2.png"));
    expect(given.every(isMarkedName)).toBe(true);
  });

  test("never leave the folder", () => {
    const names = createAnnotatedNames({ folder, marked: false });
    expect([names.next("../../etc/x.png")]).toEqual(below("etc/x.png"));
  });
});

describe("output", () => {
  test("a file has its old content until the new one is whole", async () => {
    const folder = join(root, "results");
    const path = join(folder, "r.jsonl");
    await writeFileAtomically(path, "old");
    const sink = await createFileSink(path);
    await sink.write("new ".repeat(50_000));
    expect(await readFile(path, "utf8")).toBe("old");
    await sink.finish();
    expect(await readFile(path, "utf8")).toBe("new ".repeat(50_000));
    const empty = await createFileSink(path);
    expect(await empty.leave()).toBeUndefined();
    expect(await readdir(folder)).toEqual(["r.jsonl"]);
  });

  test("what was written before a run ends early is kept, and named", async () => {
    const path = join(root, "early.jsonl");
    const sink = await createFileSink(path);
    await sink.write("half");
    expect(await sink.leave()).toBe(`${path}.part`);
    expect(await readFile(`${path}.part`, "utf8")).toBe("half");
  });

  test("a folder that cannot be made is a coded error", async () => {
    await writeFile(join(root, "file"), "");
    await expect(createFileSink(join(root, "file", "x.csv"))).rejects.toMatchObject({ code: "TF_OUTPUT_UNWRITABLE" });
    await expect(writeFileAtomically(join(root, "file", "x.csv"), "")).rejects.toMatchObject({ code: "TF_OUTPUT_UNWRITABLE" });
  });

  test("a target that became a folder is a coded error that names the file with the results", async () => {
    const path = join(root, "late.csv");
    const sink = await createFileSink(path);
    await sink.write("results");
    await mkdir(path);
    await expect(sink.finish()).rejects.toMatchObject({
      code: "TF_OUTPUT_UNWRITABLE",
      hint: expect.stringContaining(`"${path}.part"`),
    });
    expect(await readFile((await sink.leave())!, "utf8")).toBe("results");
  });

  test("a stream that fails is a coded error of the write, and one that nobody reads any more is none", async () => {
    const failing = (code: string): Writable =>
      new Writable({ write: (_chunk, _encoding, done) => done(Object.assign(new Error(`${code}: it failed`), { code })) });
    await expect(createStreamSink(failing("ENOSPC")).write("x")).rejects.toMatchObject({ code: "TF_OUTPUT_FULL" });
    await expect(createStreamSink(failing("EIO")).write("x")).rejects.toMatchObject({ code: "TF_OUTPUT_UNWRITABLE" });
    const abandoned = failing("EPIPE");
    abandoned.on("error", () => {});
    await expect(createStreamSink(abandoned).write("x")).resolves.toBeUndefined();
  });

  test("a slow reader holds the writer back", async () => {
    let release: (() => void) | undefined;
    const slow = new Writable({ write: (_chunk, _encoding, done) => (release = done) });
    let isWritten = false;
    const write = createStreamSink(slow)
      .write("x".repeat(100_000))
      .then(() => (isWritten = true));
    await setTimeout(20);
    expect(isWritten).toBe(false);
    release!();
    await write;
  });

  test("a file of results holds no text that is written", async () => {
    const sink = await createFileSink(join(root, "many.txt"));
    const before = heldBytes();
    for (let index = 0; index < 200; index++) await sink.write(`${index}`.padEnd(100_000, "x"));
    // Of the 20 MB that were written.
    expect(heldBytes() - before).toBeLessThan(5e6);
    await sink.finish();
  });

  test("the real path of what does not exist yet goes through links", async () => {
    expect(await realPathOf(join(root, "photos/b/loop/new/x.png"))).toBe(join(root, "photos/new/x.png"));
  });
});
