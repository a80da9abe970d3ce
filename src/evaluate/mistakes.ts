import type { TaskReport } from "./report.ts";
import type { TaskSample } from "./sample.ts";

/** Of each way to be wrong, so many at most: the confusion matrix has dozens of cells. */
const perCell = 6;

/** A wrong answer; one of a report's. */
export type Mistake = NonNullable<TaskReport["mistakes"]>[number];

/**
 * The most confident wrong answers, and of each pair of annotated and named class the most confident few; the surest first. Of numbers,
 * which tell no confidence, the largest errors.
 * @param limit how many of all, besides those of each pair
 */
export function worstMistakes(sample: TaskSample, limit: number): Mistake[] {
  return sample.kind === "number" ? largestErrors(sample, limit) : surestMistakes(sample, limit);
}

function largestErrors({ years, unit, faces }: TaskSample, limit: number): Mistake[] {
  const { truth, predicted } = years!;
  const error = (row: number): number => Math.abs(predicted[row]! - truth[row]!);
  const inWords = (value: number): string => [Number(value.toPrecision(6)), unit ?? []].flat().join(" ");
  return [...truth.keys()]
    .filter((row) => error(row) > 0)
    .sort((a, b) => error(b) - error(a) || a - b)
    .slice(0, limit)
    .map((row) => ({ id: faces[row]!.id, annotated: inWords(truth[row]!), predicted: inWords(predicted[row]!) }));
}

function surestMistakes({ truth, predicted, confidence, classNames, faces }: TaskSample, limit: number): Mistake[] {
  const wrong = [...truth.keys()]
    .filter((row) => predicted[row]! >= 0 && predicted[row] !== truth[row])
    .sort((a, b) => confidence[b]! - confidence[a]! || a - b);
  const inCell = new Map<string, number>();
  const chosen = wrong.filter((row, rank) => {
    const cell = `${truth[row]!} ${predicted[row]!}`;
    const before = inCell.get(cell) ?? 0;
    inCell.set(cell, before + 1);
    return rank < limit || before < perCell;
  });
  return chosen.map((row) => ({
    id: faces[row]!.id,
    annotated: classNames[truth[row]!]!,
    predicted: classNames[predicted[row]!]!,
    confidence: confidence[row]!,
  }));
}

/** Mistakes by what was annotated and what was named, the commonest pair first; by the counts of the confusion matrix. */
export function mistakesByCell(
  mistakes: readonly Mistake[],
  classNames: readonly string[],
  confusionMatrix: TaskReport["confusionMatrix"],
): { readonly annotated: string; readonly predicted: string; readonly n: number; readonly mistakes: readonly Mistake[] }[] {
  const cells = Map.groupBy(mistakes, ({ annotated, predicted }) => `${classNames.indexOf(annotated)} ${classNames.indexOf(predicted)}`);
  return [...cells]
    .map(([cell, members]) => {
      const [row, column] = cell.split(" ").map(Number);
      const { annotated, predicted } = members[0]!;
      return { annotated, predicted, n: confusionMatrix[row!]![column!]!, mistakes: members.slice(0, perCell) };
    })
    .sort((a, b) => b.n - a.n);
}
