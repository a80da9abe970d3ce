import { describe, expect, test } from "vitest";
import { findViolations } from "./layers.ts";

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
    expect(messages("src/analyze/a.ts", 'import { x } from "../detect/x.ts";\nimport { y } from "./y.ts";')).toEqual([]);
  });

  test("names a room that nobody entered in the table", () => {
    expect(messages("src/attic/a.ts", "")).toHaveLength(1);
  });
});
