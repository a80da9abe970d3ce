import { type AnalysisOutcome, type AnalyzedFace, genders, moods, type Task } from "tensorface/browser";
import type { PageFace } from "./protocol.ts";

/** A face as the command line and the API tell it, with the heads that are wanted. */
export function toContract(face: PageFace, heads: readonly Task[]): AnalyzedFace {
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

/** A spreadsheet of all faces: one row a face, the columns of the command line's CSV that a browser knows. */
export function toCsv(outcomes: readonly AnalysisOutcome[]): string {
  const header = [
    "source",
    "face",
    "x",
    "y",
    "width",
    "height",
    "score",
    "age_years",
    "age_low",
    "age_high",
    "age_group",
    "gender",
    ...genders,
    "mood",
    ...moods,
  ];
  const rows = outcomes.flatMap((outcome) =>
    "error" in outcome
      ? []
      : outcome.faces.map(({ box, score, age, gender, mood }, index) => [
          outcome.source,
          index + 1,
          ...[box.x, box.y, box.width, box.height].map((value) => value.toFixed(1)),
          score.toFixed(4),
          ...(age === undefined ? ["", "", "", ""] : [age.years.toFixed(1), age.interval.low, age.interval.high, age.group]),
          gender?.label ?? "",
          ...genders.map((label) => gender?.probabilities[label].toFixed(4) ?? ""),
          mood?.label ?? "",
          ...moods.map((label) => mood?.probabilities[label].toFixed(4) ?? ""),
        ]),
  );
  return [header, ...rows].map((row) => row.map(quote).join(",")).join("\r\n");
}

/** RFC 4180; a leading `=`, `+`, `-` or `@` of a file name is shielded, since spreadsheets would run it as a formula. */
function quote(value: string | number): string {
  const text = String(value);
  const safe = typeof value === "string" && /^[=+@\t\r]|^-(?!\d)/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

export function download(content: Blob | string, name: string, type = "text/plain"): void {
  const url = URL.createObjectURL(typeof content === "string" ? new Blob([content], { type }) : content);
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
