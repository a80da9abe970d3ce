import { type AnalysisOutcome, outcomeColumns, type CsvTask, roundOutcome } from "../../analyze/index.ts";
import type { AgeGroup } from "../../core/index.ts";
import { type Entry, keyOf } from "../sources/entry.ts";
import type { ParquetColumn, ParquetList, ParquetRow, ParquetRowOfCells } from "./parquet.ts";

/** The columns of a picture that come before and behind what is told of it. */
const before = [
  { name: "picture", type: "long" },
  { name: "source", type: "text" },
  { name: "key", type: "text" },
  { name: "width", type: "whole" },
  { name: "height", type: "whole" },
  { name: "face_count", type: "whole" },
] as const satisfies readonly ParquetColumn[];
const behind = [
  { name: "error_code", type: "text" },
  { name: "error_message", type: "text" },
] as const satisfies readonly ParquetColumn[];
/** Counts the faces of a picture from 1, the largest first. */
const faceNumber: ParquetColumn = { name: "face", type: "whole" };
export const facesColumn = "faces";

/** Outcomes as rows of a table with types: a row a picture, its faces in a list. */
export interface OutcomeTable {
  readonly columns: readonly (ParquetColumn | ParquetList)[];
  /** @param picture its number in the plan, from 0 */
  row(picture: number, entry: Entry, outcome: AnalysisOutcome): ParquetRow;
}

/** The columns depend on tasks and age groups alone, and are called as in CSV. */
export function createOutcomeTable(tasks: readonly CsvTask[], ageGroups: readonly AgeGroup[]): OutcomeTable {
  const taken = [...before, ...behind, faceNumber].map(({ name }) => name);
  const { ofFace, ofPicture } = outcomeColumns(tasks, ageGroups, [...taken, facesColumn]);
  const typed = ({ name, isText }: { readonly name: string; readonly isText?: boolean }): ParquetColumn => ({
    name,
    type: isText === true ? "text" : "number",
  });
  return {
    columns: [...before, ...ofPicture.map(typed), { name: facesColumn, rows: [faceNumber, ...ofFace.map(typed)] }, ...behind],
    row: (picture, entry, exact) => {
      const outcome = roundOutcome(exact);
      const named = { picture: BigInt(picture), source: outcome.source, key: keyOf(entry) ?? null };
      if ("error" in outcome) return { ...named, error_code: outcome.error.code, error_message: outcome.error.message };
      const { width, height, faces } = outcome;
      return {
        ...named,
        width,
        height,
        face_count: faces.length,
        ...Object.fromEntries(ofPicture.map(({ name, value }) => [name, value(outcome) ?? null])),
        [facesColumn]: faces.map((face, index): ParquetRowOfCells =>
          Object.fromEntries([[faceNumber.name, index + 1], ...ofFace.map(({ name, value }) => [name, value(face) ?? null] as const)]),
        ),
      };
    },
  };
}
