import type { AnalyzedFace, AttributeEstimate, LabelEstimate } from "./analysis.ts";

/** Probabilities and answers in words, for who does not read decimals: the one form of the page and of annotated pictures. */

/**
 * How sure an answer is. The steps follow the calibrated probability: "almost certain" is wrong once in twenty or less. They are steps of whole
 * per cents, as {@link percent} writes them beside the words.
 */
export function inWords(confidence: number): string {
  const perCent = Math.round(confidence * 100);
  if (perCent >= 95) return "almost certain";
  if (perCent >= 80) return "likely";
  if (perCent >= 60) return "perhaps";
  return "unclear";
}

/** More labels than this say little to who reads them in a hurry. */
const mostWords = 3;

/** The labels of a set: `happy or surprise`; undefined where they are so many, or all there are, that nothing is told. */
function eitherOf({ set, probabilities }: Pick<LabelEstimate<string>, "set" | "probabilities">): string | undefined {
  const labels = set?.labels ?? [];
  const says = labels.length <= mostWords && labels.length < Object.keys(probabilities).length;
  return says ? labels.join(" or ") : undefined;
}

/** A label as sure as it is: `happy`, `perhaps happy`, `mood unclear`; of a calibrated model its set: `happy or surprise`. */
export function hedge(what: string, estimate: Pick<LabelEstimate<string>, "label" | "confidence" | "probabilities" | "set">): string {
  if (estimate.set !== undefined) return eitherOf(estimate) ?? `${what} unclear`;
  const { label, confidence } = estimate;
  const words = inWords(confidence);
  if (words === "unclear") return `${what} unclear`;
  return words === "perhaps" ? `perhaps ${label}` : label;
}

/** Whether {@link hedge} hedges. */
export function isUnsureAnswer({ confidence, set }: Pick<LabelEstimate<string>, "confidence" | "set">): boolean {
  return set !== undefined ? set.labels.length > 1 : ["perhaps", "unclear"].includes(inWords(confidence));
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

export const noneOfTheseWords = "none of these";

/** What is told by a task that is not built in, in a few words: `glasses: perhaps none`, `wears: hat, scarf`, `rating: 7.2 (5.9 to 8)`. */
export function describeAttribute(task: string, estimate: AttributeEstimate, unit?: string): string {
  return `${task}: ${answerInWords(estimate)}${unit === undefined ? "" : ` ${unit}`}`;
}

/** The answer alone: `perhaps none`, `hat, scarf`, `7.2 (5.9 to 8)`. */
export function answerInWords(estimate: AttributeEstimate): string {
  if ("value" in estimate) {
    const { value, interval } = estimate;
    return `${shortNumber(value)} (${shortNumber(interval.low)} to ${shortNumber(interval.high)})`;
  }
  if ("labels" in estimate) return estimate.labels.length === 0 ? "nothing" : estimate.labels.join(", ");
  const { label, confidence } = estimate;
  if (label === null) return noneOfTheseWords;
  if (estimate.set !== undefined) return eitherOf(estimate) ?? "unclear";
  const words = inWords(confidence);
  return words === "unclear" ? "unclear" : words === "perhaps" ? `perhaps ${label}` : label;
}

/** Three digits, or all before the point: `7.25`, `1204`. */
export function shortNumber(value: number): string {
  return String(Math.abs(value) >= 1000 ? Math.round(value) : Number(value.toPrecision(3)));
}

/** Whether a class is as good as guessed, or the face is like none of the examples. */
export function isUnsureAttribute(estimate: AttributeEstimate): boolean {
  return "label" in estimate && (estimate.label === null || isUnsureAnswer(estimate));
}
