import { spawnSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { anyNumber, anyText, choice, flag, neededText, numberList, parseWords, someOf, usageOf, wholeNumber } from "./words.ts";

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
