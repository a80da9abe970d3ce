import { expect, test } from "vitest";
import type { TaskDefinition } from "../core/index.ts";
import { groupByLabel, leftOutCsv, resultsCsv, type ToldExample } from "./results.ts";

const told = (label: string, answer: string): ToldExample => {
  return { place: 0, row: 0, label, answer, confidence: 0.75, isRight: false, wrongness: 0.75 };
};
const answers = { kind: "held out", rows: Int32Array.of(0), answers: Float64Array.of(0.75, 0.25) } as const;

test("names of files and classes are no formulas for a spreadsheet, and numbers stay numbers", () => {
  const classes: TaskDefinition = { name: "task", kind: "classes", labels: ["=1+1", "b"] };
  const [header, row] = resultsCsv(classes, answers, [told("b", "=1+1")], ['=HYPERLINK("x").jpg']).split("\r\n");
  expect(header).toBe("file,label,answer,confidence,right,p(=1+1),p(b)");
  expect(row).toMatch(/^"'=HYPERLINK\(""x""\)\.jpg",b,'=1\+1,0\.75,no,/);
  const number: TaskDefinition = { name: "task", kind: "number", unit: "°C" };
  expect(resultsCsv(number, answers, [told("-3 °C", "-2.5 °C")], ["a.jpg"])).toContain("a.jpg,-3 °C,-2.5 °C,");
  expect(leftOutCsv([{ file: "+a.jpg", reason: "unreadable picture" }])).toBe("file,reason\r\n'+a.jpg,unreadable picture\r\n");
});

test("the report shows groups in their order, whatever the order of their pictures", () => {
  const asked = ["15-20", "4-6", "15-20", "0-2"].map((label) => told(label, "0-2"));
  const ages: TaskDefinition = { name: "age", kind: "ordered", labels: ["0-2", "4-6", "15-20"] };
  expect(groupByLabel(ages, asked).map(([label, members]) => [label, members.length])).toEqual([
    ["0-2", 1],
    ["4-6", 1],
    ["15-20", 2],
  ]);
  const tags: TaskDefinition = { name: "wears", kind: "tags", labels: ["helmet", "vest"] };
  const sets = ["vest", "helmet + vest", "helmet"].map((label) => told(label, "none"));
  expect(groupByLabel(tags, sets).map(([label]) => label)).toEqual(["vest", "helmet + vest", "helmet"]);
});
