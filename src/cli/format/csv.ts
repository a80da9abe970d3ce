import { createOutcomeCsv, type CsvTask } from "../../analyze/outcome-csv.ts";
import type { AgeGroup } from "../../core/index.ts";
import type { OutcomeWriter } from "./writer.ts";

/** One row a face. */
export function createCsvWriter(options: { readonly tasks: readonly CsvTask[]; readonly ageGroups: readonly AgeGroup[] }): OutcomeWriter {
  const csv = createOutcomeCsv(options.tasks, options.ageGroups);
  return { begin: () => csv.header, write: (outcome) => csv.rows(outcome), end: () => "" };
}
