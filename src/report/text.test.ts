import { expect, test } from "vitest";
import { heading, numberTable } from "./blocks.ts";
import { displayWidth } from "./columns.ts";
import { renderBlocksAsText } from "./text.ts";

test("columns stand below each other whatever script a label is in", () => {
  const rows = [
    ["\u65e5\u672c\u8a9e", "1"],
    ["Cafe\u0301", "20"],
    ["plain", "300"],
  ];
  const lines = renderBlocksAsText([numberTable("Classes", ["", "n"], rows)])
    .trimEnd()
    .split("\n");
  expect(lines.slice(2).map((line) => displayWidth(line))).toEqual([13, 13, 13]);
  const [title, rule] = renderBlocksAsText([heading(1, "\u65e5\u672c")]).split("\n");
  expect(displayWidth(rule!)).toBe(displayWidth(title!));
});

test("a label cannot steer the terminal or break its table", () => {
  const text = renderBlocksAsText([numberTable("Classes", ["", "n"], [["red\u001b[31m\nrow", "1"]])]);
  expect(text).not.toContain("\u001b");
  expect(text.trimEnd().split("\n")).toHaveLength(3);
});
