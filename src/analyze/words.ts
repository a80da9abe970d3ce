import type { AnalyzedFace, LabelEstimate } from "./analysis.ts";

/** Probabilities and answers in words, for who does not read decimals: the one form of the page and of annotated pictures. */

/** How sure an answer is. The steps follow the calibrated probability: "almost certain" is wrong less than once in twenty. */
export function inWords(confidence: number): string {
  if (confidence >= 0.95) return "almost certain";
  if (confidence >= 0.8) return "likely";
  if (confidence >= 0.6) return "perhaps";
  return "unclear";
}

/** A label as sure as it is: `happy`, `perhaps happy`, `mood unclear`. */
export function hedge(what: string, { label, confidence }: Pick<LabelEstimate<string>, "label" | "confidence">): string {
  const words = inWords(confidence);
  if (words === "unclear") return `${what} unclear`;
  return words === "perhaps" ? `perhaps ${label}` : label;
}

/** Whether {@link hedge} hedges. */
export function isUnsureAnswer({ confidence }: Pick<LabelEstimate<string>, "confidence">): boolean {
  return ["perhaps", "unclear"].includes(inWords(confidence));
}

/** Nothing is certain or impossible: `98 %`, `>99 %`, `<1 %`. */
export function percent(probability: number): string {
  if (probability > 0 && probability < 0.005) return "<1 %";
  if (probability < 1 && probability >= 0.995) return ">99 %";
  return `${Math.round(probability * 100)} %`;
}

/** Below this score of the detector a face is drawn dashed: docs/lab/detection.md. */
const sureScore = 0.5;
export const unsureFaceWords = "perhaps a face";

export function isUnsureFace({ score }: Pick<AnalyzedFace, "score">): boolean {
  return score < sureScore;
}
