import { existsSync } from "node:fs";
import { expect, test, vi } from "vitest";
import { benchmarks, runNamed, unknownNames, writers } from "./named.ts";

test("every name stands for a script that is there", () => {
  const files = [...Object.values(benchmarks), ...Object.values(writers)].map(({ file }) => file);
  expect(files.filter((file) => !existsSync(file))).toEqual([]);
});

test("an unknown name, and none, list the names", () => {
  const said = vi.spyOn(console, "error").mockReturnValue();
  expect([runNamed(writers, ["poems"]), runNamed(writers, [])]).toEqual([2, 2]);
  expect(said.mock.calls.map(([text]) => String(text).split("\n")[0])).toEqual(['There is no "poems".', "Which one?"]);
  expect(String(said.mock.calls[0]![0])).toContain("reference");
  said.mockRestore();
});

test("who asks for help gets the names, and nothing is built or run", () => {
  const said = vi.spyOn(console, "log").mockReturnValue();
  expect(runNamed(benchmarks, ["--help"], "analyze")).toBe(0);
  expect(String(said.mock.calls[0]![0])).toContain("films");
  said.mockRestore();
});

test("a page that tells of a name that is not there is found", () => {
  expect(
    unknownNames("`npm run bench -- heads`, `npm run bench -- --quick`, `npm run bench -- lost` and `npm run write -- cards`"),
  ).toEqual(["npm run bench -- lost"]);
});
