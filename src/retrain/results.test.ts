import { expect, test } from "vitest";
import type { TaskDefinition } from "../core/index.ts";
import { leftOutCsv, resultsCsv, type ToldExample } from "./results.ts";

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
