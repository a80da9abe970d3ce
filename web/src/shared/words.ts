import { type AnalyzedFace, type ErrorReport, type Task, tasks } from "tensorface/browser";

/** Probabilities and answers in words, for who does not read decimals. */

/** How sure an answer is. The steps follow the calibrated probability: "almost certain" is wrong less than once in twenty. */
export function inWords(confidence: number): string {
  if (confidence >= 0.95) return "almost certain";
  if (confidence >= 0.8) return "likely";
  if (confidence >= 0.6) return "perhaps";
  return "unclear";
}

export function percent(probability: number): string {
  if (probability > 0 && probability < 0.005) return "<1 %";
  if (probability < 1 && probability >= 0.995) return ">99 %";
  return `${Math.round(probability * 100)} %`;
}

/** What is told of a face, a few words each: `about 41 years`, `female`, `happy`. */
export function listFacts(face: AnalyzedFace, heads: readonly Task[] = tasks): string[] {
  const facts: Readonly<Record<Task, string | undefined>> = {
    age: face.age === undefined ? undefined : `about ${Math.round(face.age.years)} years`,
    gender: face.gender?.label,
    mood: face.mood?.label,
  };
  return heads.flatMap((head) => facts[head] ?? []);
}

/** One sentence for screen readers and titles: `Face 2: about 41 years, female, happy`. */
export function describeFace(face: AnalyzedFace, index: number): string {
  return [`Face ${index + 1}`, listFacts(face).join(", ")].filter((part) => part !== "").join(": ");
}

/** A coded error as a sentence with what to do. A file's name keeps its own first letter. */
export function explain(error: ErrorReport): string {
  const isName = /^\S+\.\w+ /.test(error.message);
  const sentence = isName ? error.message : error.message.charAt(0).toUpperCase() + error.message.slice(1);
  return `${sentence}${/[.!?]$/.test(sentence) ? "" : "."} ${error.hint}`;
}
