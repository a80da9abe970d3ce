import { createOutcomeCsv, type CsvTask, type FaceColumn } from "../../analyze/index.ts";
import type { AgeGroup } from "../../core/index.ts";
import type { OutcomeWriter } from "./writer.ts";

export interface CsvOptions {
  readonly tasks: readonly CsvTask[];
  readonly ageGroups: readonly AgeGroup[];
  /** Columns of a face behind those of the analysis. @default none */
  readonly more?: readonly FaceColumn[];
}

/** One row a face. */
export function createCsvWriter(options: CsvOptions): OutcomeWriter {
  const csv = createOutcomeCsv(options.tasks, options.ageGroups, options.more);
  return { begin: () => csv.header, write: (outcome) => csv.rows(outcome), end: () => "" };
}
