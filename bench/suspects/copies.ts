import { classOf, type DuplicatePair, type FaceRecord } from "../../src/datasets/index.ts";

/** Two copies of one photograph whose labels are not both right. */
interface ContradictingCopies {
  readonly first: string;
  readonly second: string;
  readonly reason: string;
}

/** Ages of copies that are nearer than this contradict each other no more than two people who are asked. */
const leastYears = 5;

/** The pairs of copies that carry different classes, or ages at least five years apart; equal files first. */
export function contradictingCopies(records: readonly FaceRecord[], task: string, pairs: readonly DuplicatePair[]): ContradictingCopies[] {
  const byId = new Map(records.map((record) => [record.id, record]));
  return pairs
    .toSorted((a, b) => Number(a.kind !== "exact") - Number(b.kind !== "exact"))
    .flatMap(({ first, second, kind }) => {
      const difference = differenceOf(byId.get(first), byId.get(second), task);
      if (difference === undefined) return [];
      return [{ first, second, reason: `${kind === "exact" ? "equal files" : "one photograph"}; ${difference}` }];
    });
}

function differenceOf(first: FaceRecord | undefined, second: FaceRecord | undefined, task: string): string | undefined {
  if (first === undefined || second === undefined) return undefined;
  if (task === "age") {
    const [a, b] = [first.labels.age, second.labels.age];
    if (a === undefined || b === undefined) return undefined;
    const years = Math.max(a.low - b.high, b.low - a.high);
    return years < leastYears ? undefined : `ages ${years} years apart`;
  }
  const [a, b] = [classOf(first.labels, task), classOf(second.labels, task)];
  return a === undefined || b === undefined || a === b ? undefined : `another ${task}`;
}
