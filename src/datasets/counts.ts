import { ageGroupIndex, fairFaceAgeGroups } from "../core/index.ts";
import type { DatasetCounts } from "./dataset-info.ts";
import type { FaceLabels, FaceRecord } from "./record.ts";

/** The name under which an age is counted: FairFace's group that holds the middle of its range. */
export function ageGroupName(age: NonNullable<FaceLabels["age"]>): string {
  return fairFaceAgeGroups[ageGroupIndex((age.low + age.high) / 2, fairFaceAgeGroups)]!.name;
}

/** The class of a record for a task, as charts and reviews show it; `undefined` where it has no such label. */
export function classOf(labels: FaceLabels, task: "age" | "gender" | "mood" | "race"): string | undefined {
  if (task === "age") return labels.age === undefined ? undefined : ageGroupName(labels.age);
  return labels[task];
}

/** Counts that grow row by row; every row is a face or a rejection. */
export interface Tally {
  face(record: FaceRecord, notes: readonly string[]): void;
  rejection(reason: string): void;
  counts(): DatasetCounts;
}

function increment(counts: Record<string, number>, name: string | undefined): void {
  if (name !== undefined) counts[name] = (counts[name] ?? 0) + 1;
}

function sorted(counts: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(counts).sort(([a], [b]) => (a < b ? -1 : 1)));
}

export function createTally(): Tally {
  let faces = 0;
  let rejections = 0;
  const reasons: Record<string, number> = {};
  const noted: Record<string, number> = {};
  const bySplit = { train: 0, validation: 0, test: 0 };
  const byLabel: Record<"age" | "gender" | "mood" | "race", Record<string, number>> = { age: {}, gender: {}, mood: {}, race: {} };
  return {
    face(record, notes) {
      faces++;
      bySplit[record.split]++;
      for (const task of ["age", "gender", "mood", "race"] as const) increment(byLabel[task], classOf(record.labels, task));
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
      byLabel: { age: sorted(byLabel.age), gender: sorted(byLabel.gender), mood: sorted(byLabel.mood), race: sorted(byLabel.race) },
    }),
  };
}
