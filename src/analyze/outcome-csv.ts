import { type AgeGroup, genders, landmarkNames, moods, type BuiltInTask } from "../core/index.ts";
import type { AnalysisOutcome, AnalyzedFace, FaceAnalysis } from "./analysis.ts";

/** Outcomes as a spreadsheet, piece by piece: the one form of the command line and of the web page. */
export interface OutcomeCsv {
  /** The first line, with the names of the columns. */
  readonly header: string;
  /** The lines of one picture. */
  rows(outcome: AnalysisOutcome): string;
}

type Cell = string | number | undefined;

/** A column: its name and what stands in it for a face. */
interface FaceColumn {
  readonly name: string;
  readonly value: (face: AnalyzedFace) => Cell;
}

/** Before the columns of a face: the picture. `face` counts from 1 and is empty where there is no face. */
const pictureColumns = ["source", "width", "height", "faces", "face"] as const;
const errorColumns = ["error_code", "error_message"] as const;

/**
 * One row a face (RFC 4180, lines end in CR LF); one row without a face for a picture that has none, and one with
 * `error_code` for a picture that failed. The columns depend on the heads and age groups alone, never on the pictures.
 */
export function createOutcomeCsv(heads: readonly BuiltInTask[], ageGroups: readonly AgeGroup[]): OutcomeCsv {
  const columns = faceColumns(heads, ageGroups);
  const blank = columns.map(() => undefined);
  return {
    header: row([...pictureColumns, ...columns.map(({ name }) => name), ...errorColumns]),
    rows: (outcome) => {
      if ("error" in outcome) {
        return row([outcome.source, undefined, undefined, undefined, undefined, ...blank, outcome.error.code, outcome.error.message]);
      }
      if (outcome.faces.length === 0) return row([...pictureCells(outcome), undefined, ...blank, undefined, undefined]);
      return outcome.faces
        .map((face, index) => row([...pictureCells(outcome), index + 1, ...columns.map(({ value }) => value(face)), undefined, undefined]))
        .join("");
    },
  };
}

function pictureCells({ source, width, height, faces }: FaceAnalysis): Cell[] {
  return [source, width, height, faces.length];
}

function faceColumns(heads: readonly BuiltInTask[], ageGroups: readonly AgeGroup[]): FaceColumn[] {
  const columns: FaceColumn[] = [
    { name: "x", value: (face) => pixels(face.box.x) },
    { name: "y", value: (face) => pixels(face.box.y) },
    { name: "box_width", value: (face) => pixels(face.box.width) },
    { name: "box_height", value: (face) => pixels(face.box.height) },
    { name: "score", value: (face) => probability(face.score) },
  ];
  for (const name of landmarkNames) {
    const column = snakeCase(name);
    columns.push(
      { name: `${column}_x`, value: (face) => pixels(face.landmarks[name].x) },
      { name: `${column}_y`, value: (face) => pixels(face.landmarks[name].y) },
    );
  }
  if (heads.includes("age")) columns.push(...ageColumns(ageGroups));
  if (heads.includes("gender")) columns.push(...labelColumns("gender", genders));
  if (heads.includes("mood")) columns.push(...labelColumns("mood", moods));
  return columns;
}

function ageColumns(groups: readonly AgeGroup[]): FaceColumn[] {
  return [
    { name: "age_years", value: ({ age }) => age && round(age.years, 2) },
    { name: "age_low", value: ({ age }) => age?.interval.low },
    { name: "age_high", value: ({ age }) => age?.interval.high },
    { name: "age_group", value: ({ age }) => age && `${age.group} years` },
    ...groups.map(({ name }) => ({ name: `age_${name}`, value: ({ age }: AnalyzedFace) => probability(age?.probabilities[name]) })),
  ];
}

function labelColumns(name: "gender" | "mood", labels: readonly string[]): FaceColumn[] {
  const of = (face: AnalyzedFace): { label: string; confidence: number; probabilities: Readonly<Record<string, number>> } | undefined =>
    face[name];
  return [
    { name, value: (face) => of(face)?.label },
    { name: `${name}_confidence`, value: (face) => probability(of(face)?.confidence) },
    ...labels.map((label) => ({ name: `${name}_${label}`, value: (face: AnalyzedFace) => probability(of(face)?.probabilities[label]) })),
  ];
}

const pixels = (value: number): number => round(value, 2);
const probability = (value: number | undefined): number | undefined => (value === undefined ? undefined : round(value, 6));

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}

function snakeCase(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

function row(cells: readonly Cell[]): string {
  return `${cells.map(encodeCell).join(",")}\r\n`;
}

/**
 * Text that a spreadsheet would run as a formula gets a leading apostrophe (OWASP, "CSV Injection"): a file can be named
 * `=HYPERLINK(...).jpg`. Numbers are written as they are.
 */
function encodeCell(cell: Cell): string {
  if (cell === undefined) return "";
  if (typeof cell === "number") return String(cell);
  const safe = /^[=+\-@\t\r\n]/.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
