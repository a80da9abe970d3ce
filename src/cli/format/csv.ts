import { createOutcomeCsv } from "../../analyze/outcome-csv.ts";
import type { AgeGroup, BuiltInTask } from "../../core/index.ts";
import type { OutcomeWriter } from "./writer.ts";

/** One row a face. */
export function createCsvWriter(options: {
  readonly heads: readonly BuiltInTask[];
  readonly ageGroups: readonly AgeGroup[];
}): OutcomeWriter {
  const csv = createOutcomeCsv(options.heads, options.ageGroups);
  return { begin: () => csv.header, write: (outcome) => csv.rows(outcome), end: () => "" };
}
