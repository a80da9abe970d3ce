import { adienceAgeGroups, type AnalysisOutcome, type AnalyzedFace, type BuiltInTask } from "tensorface/browser";
import { builtInCsvTasks, createOutcomeCsv, type CsvTask, taskOfAnswer } from "../../../src/analyze/index.ts";
import type { PageFace } from "./protocol.ts";

/** A face as the command line and the API tell it, with the tasks that are wanted. */
export function toContract(face: PageFace, tasks: readonly BuiltInTask[]): AnalyzedFace {
  const { box, score, landmarks, age, gender, mood, attributes } = face;
  return {
    box,
    score,
    landmarks,
    ...(age && tasks.includes("age") && { age }),
    ...(gender && tasks.includes("gender") && { gender }),
    ...(mood && tasks.includes("mood") && { mood }),
    ...(attributes && { attributes }),
  };
}

/** A spreadsheet of all photos, as `tensorface analyze --format csv` writes it. */
export function toCsv(outcomes: readonly AnalysisOutcome[], tasks: readonly BuiltInTask[]): string {
  const csv = createOutcomeCsv([...builtInCsvTasks(tasks), ...attributeTasks(outcomes)], adienceAgeGroups);
  return csv.header + outcomes.map((outcome) => csv.rows(outcome)).join("");
}

/** The tasks that are not built in, as their answers show them: the same columns for all photos. */
function attributeTasks(outcomes: readonly AnalysisOutcome[]): CsvTask[] {
  const found = new Map<string, CsvTask>();
  for (const outcome of outcomes) {
    if ("error" in outcome) continue;
    const told = [outcome.attributes, ...outcome.faces.map(({ attributes }) => attributes)];
    for (const [index, attributes] of told.entries()) {
      const sees = index === 0 ? "picture" : "face";
      for (const [name, estimate] of Object.entries(attributes ?? {})) found.set(`${sees} ${name}`, taskOfAnswer(name, sees, estimate));
    }
  }
  return [...found.values()];
}

export function download(content: Blob | string, name: string, type = "text/plain"): void {
  const url = URL.createObjectURL(typeof content === "string" ? new Blob([content], { type }) : content);
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
