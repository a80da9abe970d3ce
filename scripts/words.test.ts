import { spawnSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { anyNumber, anyText, buildFirst, choice, flag, neededText, numberList, parseWords, someOf, usageOf, wholeNumber } from "./words.ts";

const known = {
  rounds: wholeNumber(5),
  threads: wholeNumber(),
  share: anyNumber(0.5),
  shares: numberList([0.05]),
  parts: someOf(["load", "memory"]),
  kind: choice(["crop", "photo"], "crop"),
  split: choice(["train", "test"]),
  out: anyText(),
  write: flag,
};

describe("the words of a script", () => {
  test("have their defaults where nothing is said, and their types where something is", () => {
    expect(parseWords([], known).values).toEqual({
      rounds: 5,
      threads: undefined,
      share: 0.5,
      shares: [0.05],
      parts: ["load", "memory"],
      kind: "crop",
      split: undefined,
      out: undefined,
      write: false,
    });
    const said = "--rounds 7 --share 0 --shares 0,0.2 --parts memory --kind photo --out a --write".split(" ");
    expect(parseWords(said, known).values).toMatchObject({
      rounds: 7,
      share: 0,
      shares: [0, 0.2],
      parts: ["memory"],
      kind: "photo",
      out: "a",
      write: true,
    });
  });

  test.each([
    ["--rounds abc", '--rounds: "abc" is not a whole number from 1 on'],
    ["--rounds 0", '--rounds: "0" is not a whole number from 1 on'],
    ["--rounds 2.5", '--rounds: "2.5" is not a whole number from 1 on'],
    ["--share -1", "Option '--share' argument is ambiguous"],
    ["--share=-1", '--share: "-1" is not a number from 0 on'],
    ["--shares 0.1,", '--shares: "" is not a number from 0 on'],
    ["--parts load,memroy", '--parts: "memroy" is none of load, memory'],
    ["--kind crops", '--kind: "crops" is none of crop, photo'],
    ["--split tests", '--split: "tests" is none of train, test'],
    ["--round 3", "Unknown option '--round'"],
    ["more", '"more" is one word too many'],
  ])("%s is refused: %s", (said, problem) => {
    expect(() => parseWords(said.split(" "), known)).toThrow(problem);
  });

  test("that are needed are asked for by name, and others may follow", () => {
    const options = { operands: ["DIR"], more: "FILE" };
    const words = { task: neededText("NAME"), write: flag };
    expect(() => parseWords(["--task", "age"], words, options)).toThrow("DIR is missing");
    expect(() => parseWords(["a"], words, options)).toThrow("--task is missing");
    expect(parseWords(["a", "b", "--task", "age"], words, options)).toEqual({
      values: { task: "age", write: false },
      operands: ["a", "b"],
    });
    expect(usageOf("npm run bench -- clean", words, options)).toBe("usage: npm run bench -- clean DIR [FILE ...] --task NAME [--write]");
  });
});

test("a script that is called wrongly says how it is called, without a trace, and ends with 2", () => {
  const run = (...words: string[]) => spawnSync(process.execPath, ["bench/import.ts", ...words], { encoding: "utf8" });
  const { status, stderr } = run("--rounds", "many");
  expect({ status, stderr }).toEqual({
    status: 2,
    stderr: expect.stringMatching(
      /^--rounds: "many" is not a whole number from 1 on\nusage: npm run bench -- import \[FILE \.\.\.\] \[--rounds N\]\n$/,
    ),
  });
  const help = run("--help");
  expect([help.status, help.stdout]).toEqual([0, expect.stringContaining("usage: npm run bench -- import")]);
});

describe("a script that has read its words", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "tensorface-words-"));
    await writeFile(join(folder, "build.mjs"), 'console.log("built");');
  });
  afterAll(async () => rm(folder, { recursive: true }));

  async function run(ending: string, words: readonly string[], env: Readonly<Record<string, string>> = {}) {
    const file = join(folder, "script.mjs");
    const imports = [`import { flag, readWords } from ${JSON.stringify(resolve("scripts/words.ts"))};`].concat(
      `import { TensorFaceError } from ${JSON.stringify(resolve("src/core/index.ts"))};`,
    );
    await writeFile(file, [...imports, 'readWords("script", { write: flag });', ending].join("\n"));
    const { status, stdout, stderr } = spawnSync(process.execPath, [file, ...words], { encoding: "utf8", env: { ...process.env, ...env } });
    return { status, stdout, stderr };
  }

  test("says what is wrong by its code, without a trace; a bug keeps its trace", async () => {
    const told = await run('await null; throw new TensorFaceError("TF_DATASET_EMPTY", "no face", { hint: "Take another." });', []);
    expect(told).toEqual({ status: 1, stdout: "", stderr: "TF_DATASET_EMPTY: no face\nTake another.\n" });
    const bug = await run('await null; throw new TypeError("no face");', []);
    expect(bug).toEqual({ status: 1, stdout: "", stderr: expect.stringMatching(/TypeError: no face\n +at .*script\.mjs/) });
  });

  test("builds what it measures before it begins, and nothing where its words are wrong or help is all that is asked for", async () => {
    const env = { [buildFirst]: join(folder, "build.mjs") };
    const begin = `console.log("begun", process.env.${buildFirst});`;
    expect(await run(begin, [], env)).toEqual({ status: 0, stdout: "built\nbegun undefined\n", stderr: "" });
    expect(await run(begin, ["--wrong"], env)).toMatchObject({ status: 2, stdout: "" });
    expect(await run(begin, ["--help"], env)).toMatchObject({ status: 0, stdout: expect.not.stringContaining("built") });
    await writeFile(join(folder, "build.mjs"), "process.exitCode = 3;");
    expect(await run(begin, [], env)).toMatchObject({ status: 3, stdout: "" });
  });
});
