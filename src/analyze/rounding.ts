import type { AnalysisOutcome, AnalyzedFace } from "./analysis.ts";

/** Digits behind the point of what is written, in every format: what an answer means ends sooner, and nobody reads sixteen. */
const digits = { pixels: 2, years: 2, milliseconds: 1, others: 6 };

export const pixels = (value: number): number => round(value, digits.pixels);
export const years = (value: number): number => round(value, digits.years);
/** Probabilities, scores, and numbers of which only their model knows what they are. */
export const others = (value: number): number => round(value, digits.others);

/** An outcome as it is written: what programs get keeps all digits. */
export function roundOutcome(outcome: AnalysisOutcome): AnalysisOutcome {
  if ("error" in outcome) return outcome;
  const { faces, attributes, timings } = outcome;
  return {
    ...outcome,
    faces: faces.map(roundFace),
    ...(attributes === undefined ? {} : { attributes: roundAll(attributes, others) }),
    timings: roundAll(timings, (value) => round(value, digits.milliseconds)),
  };
}

function roundFace(face: AnalyzedFace): AnalyzedFace {
  const { box, landmarks, age } = face;
  const exact = { box: roundAll(box, pixels), landmarks: roundAll(landmarks, pixels) };
  const rounded = { ...roundAll(face, others), ...exact };
  return age === undefined ? rounded : { ...rounded, age: { ...roundAll(age, others), years: years(age.years) } };
}

/** The same value with every number in it rounded, however deep it stands. */
function roundAll<Value extends object>(value: Value, rounded: (number: number) => number): Value {
  const copy: unknown = structuredClone(value);
  roundInside(copy, rounded);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a copy, in which numbers became numbers
  return copy as Value;
}

function roundInside(value: unknown, rounded: (number: number) => number): void {
  if (typeof value !== "object" || value === null) return;
  for (const [name, part] of Object.entries(value)) {
    if (typeof part === "number") Object.assign(value, { [name]: rounded(part) });
    else roundInside(part, rounded);
  }
}

function round(value: number, places: number): number {
  return Number(value.toFixed(places));
}
