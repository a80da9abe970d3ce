import { ageGroupIndex, fairFaceAgeGroups, type TaskDefinition } from "../core/index.ts";
import type { DatasetCounts } from "./dataset-info.ts";
import type { AttributeLabel, FaceLabels, FaceRecord } from "./record.ts";

/** The name under which an age is counted: FairFace's group that holds the middle of its range. */
export function ageGroupName(age: NonNullable<FaceLabels["age"]>): string {
  return fairFaceAgeGroups[ageGroupIndex((age.low + age.high) / 2, fairFaceAgeGroups)]!.name;
}

/** The label of a task but age: a class, tags or a number; undefined where there is none. */
export function labelOf(labels: FaceLabels, task: string): string | readonly string[] | number | undefined {
  return task === "gender" || task === "mood" || task === "race" ? labels[task] : labels.attributes?.[task];
}

/**
 * The class of a record for a task, as charts and reviews show it; `undefined` where it has no such label. Tags are one class together,
 * and a number is one by its first two digits.
 */
export function classOf(labels: FaceLabels, task: string): string | undefined {
  if (task === "age") return labels.age === undefined ? undefined : ageGroupName(labels.age);
  const label = labelOf(labels, task);
  return label === undefined ? undefined : wordOf(label);
}

/** Between the tags of a face, where they are one class together. */
const tagJoint = " + ";
const noTag = "none";

/** A label as {@link classOf} spells it. */
export function wordOf(label: string | readonly string[] | number): string {
  if (typeof label === "number") return String(Number(label.toPrecision(2)));
  return typeof label === "object" ? label.join(tagJoint) || noTag : label;
}

/** The label of a task that is not built in that {@link wordOf} spells so; undefined where it is none. Of a number its first two digits. */
export function labelOfWord(
  word: string,
  { kind, labels = [], minimum = -Infinity, maximum = Infinity }: TaskDefinition,
): AttributeLabel | undefined {
  if (kind === "tags") return word === noTag && !labels.includes(noTag) ? [] : tagsOfWord(word, labels)?.toSorted();
  if (kind !== "number") return labels.includes(word) ? word : undefined;
  const value = Number(word);
  return word.trim() !== "" && value >= minimum && value <= maximum ? value : undefined;
}

/** A tag may hold the joint itself: each that the word begins with is tried. */
function tagsOfWord(word: string, labels: readonly string[]): string[] | undefined {
  if (labels.includes(word)) return [word];
  for (const label of labels) {
    if (!word.startsWith(label + tagJoint)) continue;
    const others = labels.filter((other) => other !== label);
    const rest = tagsOfWord(word.slice(label.length + tagJoint.length), others);
    if (rest !== undefined) return [label, ...rest];
  }
  return undefined;
}

/** What a label counts for: its class, or each of its tags. */
function countedAs(labels: FaceLabels, task: string): readonly string[] {
  const label = labels.attributes?.[task];
  if (Array.isArray(label)) return label;
  const own = classOf(labels, task);
  return own === undefined ? [] : [own];
}

const builtInKinds = ["age", "gender", "mood", "race"] as const;

/** Counts that grow row by row; every row is a face or a rejection. */
export interface Tally {
  face(record: FaceRecord, notes: readonly string[]): void;
  rejection(reason: string): void;
  counts(): DatasetCounts;
}

/** Of maps: as a key of an object, a label such as `constructor` has a value before it was counted. */
function increment(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}

/** Groups such as `3-9` and `10-19` stand by the number that they begin with, and before words. */
function numberIn(name: string): number {
  const digits = /^\d+/.exec(name)?.[0];
  return digits === undefined ? Number.MAX_SAFE_INTEGER : Number(digits);
}

function sorted(counts: ReadonlyMap<string, number>): Record<string, number> {
  return Object.fromEntries([...counts].sort(([a], [b]) => numberIn(a) - numberIn(b) || (a < b ? -1 : 1)));
}

export function createTally(): Tally {
  let faces = 0;
  let rejections = 0;
  const reasons = new Map<string, number>();
  const noted = new Map<string, number>();
  const bySplit = { train: 0, validation: 0, test: 0 };
  const byLabel = new Map<string, Map<string, number>>();
  const countsOf = (task: string): Map<string, number> => {
    const counts = byLabel.get(task) ?? new Map<string, number>();
    byLabel.set(task, counts);
    return counts;
  };
  return {
    face(record, notes) {
      faces++;
      bySplit[record.split]++;
      for (const task of [...builtInKinds, ...Object.keys(record.labels.attributes ?? {})]) {
        for (const label of countedAs(record.labels, task)) increment(countsOf(task), label);
      }
      for (const note of notes) increment(noted, note);
    },
    rejection(reason) {
      rejections++;
      increment(reasons, reason);
    },
    counts: () => ({
      rows: faces + rejections,
      faces,
      rejections,
      rejectionsByReason: sorted(reasons),
      notes: sorted(noted),
      bySplit: { ...bySplit },
      byLabel: Object.assign(
        { age: {}, gender: {}, mood: {}, race: {} },
        Object.fromEntries([...byLabel].map(([task, each]) => [task, sorted(each)])),
      ),
    }),
  };
}
