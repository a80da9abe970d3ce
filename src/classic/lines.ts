/** The script's lines, letter by letter. */

/** Decimals that show whether a number lies in the middle of two shorter ones: no number here has more that count. */
const manyDigits = 60;

/** As Python writes a number with some decimals, at least one: a number that lies in the middle goes to the even one. */
export function pythonFixed(value: number, digits: number): string {
  const exact = value.toFixed(manyDigits);
  const [kept, rest] = [exact.slice(0, digits - manyDigits), exact.slice(digits - manyDigits)];
  const goesDown = /^50*$/.test(rest) && Number(kept.at(-1)) % 2 === 0;
  return goesDown ? kept : value.toFixed(digits);
}

function percent(share: number): string {
  return `${pythonFixed(share * 100, 1)}%`;
}

export const lines = {
  trainAccuracy: (step: number, share: number): string => `Step ${step}: Train accuracy = ${percent(share)}`,
  crossEntropy: (step: number, value: number): string => `Step ${step}: Cross entropy = ${pythonFixed(value, 6)}`,
  validationAccuracy: (step: number, share: number, n: number): string => `Step ${step}: Validation accuracy = ${percent(share)} (N=${n})`,
  finalTestAccuracy: (share: number, n: number): string => `Final test accuracy = ${percent(share)} (N=${n})`,
  misclassifiedHeading: "=== MISCLASSIFIED TEST IMAGES ===",
  misclassified: (path: string, label: string): string => `${path.padStart(70)}  ${label}`,
  /** `label_image`'s. */
  score: (label: string, share: number): string => `${label} (score = ${pythonFixed(share, 5)})`,
} as const;
