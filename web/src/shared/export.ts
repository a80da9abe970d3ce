import { adienceAgeGroups, type AnalysisOutcome, type AnalyzedFace, type BuiltInTask } from "tensorface/browser";
import { createOutcomeCsv } from "../../../src/analyze/outcome-csv.ts";
import type { PageFace } from "./protocol.ts";

/** A face as the command line and the API tell it, with the heads that are wanted. */
export function toContract(face: PageFace, heads: readonly BuiltInTask[]): AnalyzedFace {
  const { box, score, landmarks, age, gender, mood } = face;
  return {
    box,
    score,
    landmarks,
    ...(age && heads.includes("age") && { age }),
    ...(gender && heads.includes("gender") && { gender }),
    ...(mood && heads.includes("mood") && { mood }),
  };
}

/** A spreadsheet of all photos, as `tensorface analyze --format csv` writes it. */
export function toCsv(outcomes: readonly AnalysisOutcome[], heads: readonly BuiltInTask[]): string {
  const csv = createOutcomeCsv(heads, adienceAgeGroups);
  return csv.header + outcomes.map((outcome) => csv.rows(outcome)).join("");
}

export function download(content: Blob | string, name: string, type = "text/plain"): void {
  const url = URL.createObjectURL(typeof content === "string" ? new Blob([content], { type }) : content);
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
