import { expect, test } from "vitest";
import type { SourceFace } from "./source-row.ts";
import { rowKey } from "./workspace.node.ts";

const face = (attributes: Record<string, string>, picture: SourceFace["picture"]): SourceFace => ({
  kind: "face",
  id: "a",
  row: "faces.csv row 1",
  picture,
  labels: { attributes },
});

test("a row is another one when any label or its picture changes, whatever a task is called", () => {
  const pixels = (grey: number) => ({ file: "a.png", pixels: { width: 1, height: 1, grey: new Uint8Array([grey]) } });
  const bytes = (value: number) => ({ file: "a.png", bytes: new Uint8Array([value]) });
  const rows = [
    ...["grey", "bytes", "pixels"].flatMap((task) => ["yes", "no"].map((label) => face({ [task]: label }, { file: "a.png" }))),
    face({}, { file: "a.png" }),
    face({}, pixels(1)),
    face({}, pixels(2)),
    face({}, bytes(3)),
    face({}, bytes(4)),
  ];
  expect(new Set(rows.map((row) => rowKey(row))).size).toBe(rows.length);
  expect(rowKey(face({}, pixels(1)))).toBe(rowKey(face({}, pixels(1))));
});
