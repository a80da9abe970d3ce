import { spreadsheetText } from "../analyze/index.ts";
import { type TaskDefinition, unreachable } from "../core/index.ts";
import type { Targets } from "./head/targets.ts";
import { answerAt, largestIndex } from "./measure.ts";
import type { TestAnswers } from "./head/teach.ts";

/** What one example was told, in words. */
export interface ToldExample {
  /** Its place among the test's rows. */
  readonly place: number;
  readonly row: number;
  readonly label: string;
  readonly answer: string;
  /** Of the answer, 0..1; of a number none. */
  readonly confidence: number | undefined;
  readonly isRight: boolean;
  /** How wrong: the confidence of a wrong answer, the size of an error; 0 where it is right. */
  readonly wrongness: number;
}

/** Examples by label: classes and ordered groups in the order of the task, sets of tags as they come. */
export function groupByLabel({ kind, labels = [] }: TaskDefinition, told: readonly ToldExample[]): [label: string, ToldExample[]][] {
  const groups = [...Map.groupBy(told, ({ label }) => label)];
  return kind === "tags" ? groups : groups.toSorted(([a], [b]) => labels.indexOf(a) - labels.indexOf(b));
}

/** Every answer of the test in words. */
export function tellExamples({ labels = [], unit }: TaskDefinition, targets: Targets, test: TestAnswers): ToldExample[] {
  return [...test.rows].map((row, place): ToldExample => {
    const answer = answerAt(test, place);
    switch (targets.kind) {
      case "classes":
      case "ordered": {
        const told = largestIndex(answer);
        const isRight = told === targets.classes[row];
        const confidence = answer[told]!;
        return {
          place,
          row,
          label: labels[targets.classes[row]!]!,
          answer: labels[told]!,
          confidence,
          isRight,
          wrongness: isRight ? 0 : confidence,
        };
      }
      case "tags": {
        const given = labels.filter((_, tag) => targets.tags[row * targets.labels + tag] === 1);
        const told = labels.filter((_, tag) => answer[tag]! >= 0.5);
        const wrong = labels.map((label, tag) => Math.abs(Number(given.includes(label)) - answer[tag]!));
        const isRight = wrong.every((distance) => distance <= 0.5);
        return {
          place,
          row,
          label: given.join(" + ") || "none",
          answer: told.join(" + ") || "none",
          confidence: undefined,
          isRight,
          wrongness: isRight ? 0 : Math.max(...wrong),
        };
      }
      case "number": {
        const [value, true_] = [answer[0]!, targets.values[row]!];
        const write = (number: number): string => `${Number(number.toPrecision(3))}${unit === undefined ? "" : ` ${unit}`}`;
        return {
          place,
          row,
          label: write(true_),
          answer: write(value),
          confidence: undefined,
          isRight: false,
          wrongness: Math.abs(value - true_),
        };
      }
      default:
        return unreachable(targets);
    }
  });
}

/** A spreadsheet's cell (RFC 4180). */
function cell(value: string | number): string {
  const text = String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Lines that end in CR LF (RFC 4180). */
function csvText(rows: readonly (readonly (string | number)[])[]): string {
  return rows.map((row) => `${row.map(cell).join(",")}\r\n`).join("");
}

/** Every picture that was not learnt from, with the reason, as a spreadsheet. */
export function leftOutCsv(leftOut: readonly { readonly file: string; readonly reason: string }[]): string {
  return csvText([["file", "reason"], ...leftOut.map(({ file, reason }) => [spreadsheetText(file), reason])]);
}

/** Every answer of the test as a spreadsheet: a row a picture, a column a label. */
export function resultsCsv(
  { labels = [] }: TaskDefinition,
  test: TestAnswers,
  told: readonly ToldExample[],
  files: readonly string[],
): string {
  const columns = labels.length === 0 ? [] : labels.map((label) => `p(${label})`);
  // A number was written here, and may be negative; names are other people's.
  const safe = labels.length === 0 ? (text: string): string => text : spreadsheetText;
  const rows = told.map(({ place, row, label, answer, confidence, isRight }) => [
    spreadsheetText(files[row]!),
    safe(label),
    safe(answer),
    confidence === undefined ? "" : round(confidence),
    isRight ? "yes" : "no",
    ...(labels.length === 0 ? [] : [...answerAt(test, place)].map((value) => round(value))),
  ]);
  return csvText([["file", "label", "answer", "confidence", "right", ...columns], ...rows]);
}

function round(value: number): number {
  return Math.round(value * 1e5) / 1e5;
}
