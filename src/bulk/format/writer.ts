import type { AnalysisOutcome, CsvTask, FailedAnalysis, ToldTask } from "../../analyze/index.ts";

/** Turns outcomes into text, piece by piece, so that a run of any length needs no memory. */
export interface OutcomeWriter {
  /** Before the first outcome. */
  begin(): string;
  write(outcome: AnalysisOutcome): string;
  /** After the last one, also when the run was stopped. */
  end(): string;
}

export function isFailed(outcome: AnalysisOutcome): outcome is FailedAnalysis {
  return "error" in outcome;
}

/** A task, with what its numbers are counted in. */
export type WriterTask = CsvTask & Pick<ToldTask, "unit">;
