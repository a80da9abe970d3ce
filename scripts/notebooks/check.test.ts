import { glob, readFile } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import { findProblems, isPlain, parseNotebook } from "./check.ts";

const ran = {
  cell_type: "code",
  source: "await show(1)\nmore",
  execution_count: 1,
  metadata: {},
  outputs: [{ output_type: "display_data" }],
};
const notebook = (...cells: object[]) => parseNotebook(JSON.stringify({ cells, nbformat: 4 }));

describe("a notebook that was run", () => {
  test("is good where every cell shows something, or says that it shows nothing", () => {
    const silent = { ...ran, metadata: { tags: ["shows-nothing"] }, outputs: [] };
    expect(findProblems(notebook(ran, silent, { cell_type: "markdown", source: ["# title"] }))).toEqual([]);
  });

  test.each([
    ["lost its output", { ...ran, outputs: [] }, "cell 1 (await show(1)) shows nothing"],
    ["did not run", { ...ran, execution_count: null }, "cell 1 (await show(1)) did not run"],
    ["failed", { ...ran, outputs: [{ output_type: "error" }] }, "cell 1 (await show(1)) ended in an error"],
  ])("is bad where a cell %s", (_, cell, problem) => {
    expect(findProblems(notebook(cell, ran))).toEqual([problem]);
  });

  test("something else is no notebook", () => {
    expect(() => parseNotebook('{"cells": 1}')).toThrow("cells");
  });
});

test("notebooks are kept without what a run has left: no pictures of people, no numbers of a day", async () => {
  const paths = await Array.fromAsync(glob("notebooks/*.ipynb"));
  expect(paths).toHaveLength(5);
  const run = await Promise.all(paths.map(async (path) => (isPlain(parseNotebook(await readFile(path, "utf8"))) ? [] : [path])));
  expect(run.flat()).toEqual([]);
});
