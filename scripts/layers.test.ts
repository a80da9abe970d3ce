import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { findCircles, findViolations } from "./layers.ts";

const messages = (path: string, text: string): string[] => findViolations({ path, text }).map(({ message }) => message);

describe("the layers check", () => {
  test("finds a planted import of a room that must stay unknown", () => {
    expect(messages("src/core/geometry.ts", 'import { decode } from "../image/decode.ts";\n')).toEqual([
      'room "core" may not import room "image" ("../image/decode.ts")',
    ]);
  });

  test("says the line", () => {
    expect(findViolations({ path: "src/detect/a.ts", text: '\n\nexport { b } from "../train/b.ts";' })[0]?.line).toBe(3);
  });

  test("finds multi-line, dynamic, worker and re-exporting imports", () => {
    expect(messages("src/align/a.ts", 'import {\n  a,\n  b,\n} from "../models/x.ts";')).toHaveLength(1);
    expect(messages("src/align/a.ts", 'const m = await import("../models/x.ts");')).toHaveLength(1);
    expect(messages("src/align/a.ts", 'new Worker(new URL("../models/x.ts", import.meta.url))')).toHaveLength(1);
  });

  test("keeps engines and platform modules in their rooms", () => {
    expect(messages("src/detect/a.ts", 'import * as ort from "onnxruntime-node";')).toHaveLength(1);
    expect(messages("src/image/a.ts", 'import { readFile } from "node:fs/promises";')).toHaveLength(1);
    expect(messages("src/image/a.node.ts", 'import { readFile } from "node:fs/promises";\nimport sharp from "sharp";')).toEqual([]);
  });

  test("passes what the table allows", () => {
    expect(messages("src/analyze/a.ts", 'import { x } from "../detect/index.ts";\nimport { y } from "./y.ts";')).toEqual([]);
  });

  test("names a room that nobody entered in the table", () => {
    expect(messages("src/attic/a.ts", "")).toHaveLength(1);
  });
});

describe("doors", () => {
  const doors = ["index.ts", "keras/index.ts", "a.node.ts", "a.browser.ts", "testing.ts", "main.ts"];

  test.each(doors)("%s may be opened from outside", (door) => {
    expect(messages("src/convert/a.ts", `import { x } from "../graph/${door}";`)).toEqual([]);
    expect(messages("scripts/a.ts", `import { x } from "../src/graph/${door}";`)).toEqual([]);
  });

  test.each(["src/train/a.ts", "src/train/step/a.node.ts", "scripts/a.ts", "bench/engines/a.ts", "recipes/a.ts", "web/src/client/a.tsx"])(
    "%s passes none by",
    (path) => {
      const up = "../".repeat(path.split("/").length - 1);
      const message = expect.stringContaining('is no door of room "graph"') as string;
      for (const text of [`import type { A } from "${up}src/graph/model.ts";`, `export { a } from "${up}src/graph/keras/layer.ts";`])
        expect(messages(path, text)).toEqual([message]);
      expect(messages(path, `const { a } = await import("${up}src/graph/model.ts");`)).toEqual([message]);
    },
  );

  test("the package's entries are doors; who tests a room looks behind them", () => {
    expect(messages("bench/a.ts", 'import { createAnalyzer } from "../src/_entries/node.ts";')).toEqual([]);
    expect(messages("src/train/a.test.ts", 'import { x } from "../graph/model.ts";')).toEqual([]);
  });

  test("an index names no platform, but in rooms that are Node's alone", () => {
    expect(messages("src/datasets/index.ts", 'export { openDataset } from "./dataset.node.ts";')).toEqual([
      'an index names no platform: "./dataset.node.ts" is a door of its own',
    ]);
    const late = 'export type { Choice } from "./a.node.ts";\nexport const run = async () => (await import("./a.node.ts")).run();';
    expect(messages("src/retrain/index.ts", late)).toEqual([]);
    expect(messages("src/server/index.ts", 'export { policy } from "./page-policy.node.ts";')).toEqual([]);
  });
});

describe("circles", () => {
  const file = (path: string, ...targets: readonly string[]) => ({
    path,
    text: targets.map((target) => `import type { X } from "./${target}";`).join("\n"),
  });

  test("two files that name each other, if only by types, and longer ways round", () => {
    expect(findCircles([file("src/core/a.ts", "b.ts"), file("src/core/b.ts", "a.ts")])).toEqual([
      ["src/core/a.ts", "src/core/b.ts", "src/core/a.ts"],
    ]);
    const files = [
      file("src/core/index.ts", "a.ts"),
      file("src/core/a.ts", "b.ts"),
      file("src/core/b.ts", "c.ts"),
      file("src/core/c.ts", "a.ts"),
    ];
    expect(findCircles(files)).toEqual([["src/core/a.ts", "src/core/b.ts", "src/core/c.ts", "src/core/a.ts"]]);
  });

  test("two ways to one file are none, nor is what is imported when it is needed", () => {
    const late = { path: "src/core/c.ts", text: 'const { a } = await import("./a.ts");' };
    expect(findCircles([file("src/core/a.ts", "b.ts", "c.ts"), file("src/core/b.ts", "c.ts"), late])).toEqual([]);
  });
});

test("the command line is flags, words and nothing else: at most 3,400 lines", () => {
  const room = join(import.meta.dirname, "../src/cli");
  const files = globSync("**/*.ts", { cwd: room }).filter((path) => !path.endsWith(".test.ts"));
  const lines = files.map((path) => readFileSync(join(room, path), "utf8").split("\n").length - 1);
  const sum = lines.reduce((total, count) => total + count, 0);
  expect(sum).toBeGreaterThan(1000);
  expect(sum).toBeLessThanOrEqual(3400);
});
