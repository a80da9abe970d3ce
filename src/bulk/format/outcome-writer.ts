import type { AgeGroup } from "../../core/index.ts";
import { createCsvWriter } from "./csv.ts";
import { createJsonLinesWriter, createJsonWriter } from "./json.ts";
import { createTableWriter } from "./table.ts";
import type { OutcomeWriter, WriterTask } from "./writer.ts";

export const outcomeFormats = ["table", "json", "jsonl", "csv"] as const;
export type OutcomeFormat = (typeof outcomeFormats)[number];

export interface OutcomeWriterOptions {
  /** What is told: decides the columns. */
  readonly tasks: readonly WriterTask[];
  readonly ageGroups: readonly AgeGroup[];
  /** Table: one picture is expected, so every probability is shown. */
  readonly isSinglePicture: boolean;
  /** Table: characters in a line. */
  readonly width: number;
  /** Table: ANSI colours. */
  readonly colour: boolean;
}

const factories: Readonly<Record<OutcomeFormat, (options: OutcomeWriterOptions) => OutcomeWriter>> = {
  table: createTableWriter,
  json: createJsonWriter,
  jsonl: createJsonLinesWriter,
  csv: createCsvWriter,
};

export function createOutcomeWriter(format: OutcomeFormat, options: OutcomeWriterOptions): OutcomeWriter {
  return factories[format](options);
}
