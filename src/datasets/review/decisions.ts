import { z } from "zod";
import {
  builtInTasks,
  fairFaceAgeGroups,
  type Gender,
  genders,
  type Mood,
  moods,
  type TaskDefinition,
  TensorFaceError,
} from "../../core/index.ts";
import { classOf, labelOfWord } from "../counts.ts";
import type { AttributeLabel, FaceLabels, FaceRecord } from "../record.ts";
import { classesOf } from "../tasks.ts";

/** One line of `decisions.jsonl`. `undo` takes the reviewer's last word on that face and task back. */
export const decisionSchema = z.discriminatedUnion("action", [
  z.strictObject({ ...common(), action: z.literal("keep") }),
  z.strictObject({ ...common(), action: z.literal("drop") }),
  z.strictObject({ ...common(), action: z.literal("undo") }),
  z.strictObject({ ...common(), action: z.literal("relabel"), label: z.string() }),
]);
export type Decision = z.infer<typeof decisionSchema>;
/** A decision that stands. */
export type StandingDecision = Exclude<Decision, { action: "undo" }>;

function common() {
  return {
    id: z.string(),
    task: z.string(),
    reviewer: z.string(),
    /** ISO 8601, UTC. */
    at: z.iso.datetime(),
    /** The class that the label was of: what is said is said of that one. Absent in older files, and of `undo`. */
    given: z.string().optional(),
  };
}

function keyOf({ id, task }: Pick<Decision, "id" | "task">): string {
  return `${task} ${id}`;
}

/** The earlier one first; as texts, times with and without fractions of a second stand in another order. */
export function byTime(a: Decision, b: Decision): number {
  return Date.parse(a.at) - Date.parse(b.at) || (a.reviewer < b.reviewer ? -1 : Number(a.reviewer > b.reviewer));
}

/** The words of each reviewer that still stand, by face and task, in order of time. Undo reaches one step back. */
function standingByReviewer(decisions: readonly Decision[]): Map<string, Map<string, StandingDecision>> {
  const stacks = new Map<string, Map<string, StandingDecision[]>>();
  for (const decision of decisions.toSorted(byTime)) {
    const reviewers = stacks.get(keyOf(decision)) ?? new Map<string, StandingDecision[]>();
    stacks.set(keyOf(decision), reviewers);
    const stack = reviewers.get(decision.reviewer) ?? [];
    reviewers.set(decision.reviewer, stack);
    if (decision.action === "undo") stack.pop();
    else stack.push(decision);
  }
  const standing = new Map<string, Map<string, StandingDecision>>();
  for (const [key, reviewers] of stacks) {
    const last = [...reviewers].flatMap(([reviewer, stack]) => (stack.length > 0 ? [[reviewer, stack.at(-1)!] as const] : []));
    if (last.length > 0) standing.set(key, new Map(last));
  }
  return standing;
}

/** What is decided, by `"task id"`: the latest word of anybody that was not taken back. */
export function standingDecisions(decisions: readonly Decision[]): Map<string, StandingDecision> {
  const result = new Map<string, StandingDecision>();
  for (const [key, reviewers] of standingByReviewer(decisions)) result.set(key, [...reviewers.values()].sort(byTime).at(-1)!);
  return result;
}

/** The decision on a face's label for a task; undefined also where it is about another label than the face has by now. */
export function decisionOn(
  standing: ReadonlyMap<string, StandingDecision>,
  task: string,
  face: Pick<FaceRecord, "id" | "labels">,
): StandingDecision | undefined {
  const decision = standing.get(keyOf({ id: face.id, task }));
  return decision === undefined || isOutdated(decision, face.labels) ? undefined : decision;
}

/** Whether a decision is about another label than these, and they are not what it asks for. */
function isOutdated(decision: StandingDecision, labels: FaceLabels): boolean {
  const now = classOf(labels, decision.task);
  if (decision.given === undefined || decision.given === now) return false;
  return decision.action !== "relabel" || decision.label !== now;
}

/** How many decisions on a face are about other labels than it has by now. */
export function countOutdated(
  standing: ReadonlyMap<string, StandingDecision>,
  tasks: readonly string[],
  { id, labels }: Pick<FaceRecord, "id" | "labels">,
): number {
  return tasks.filter((task) => {
    const decision = standing.get(keyOf({ id, task }));
    return decision !== undefined && isOutdated(decision, labels);
  }).length;
}

/** Reviewers who say different things of one face. */
export interface DecisionConflict {
  readonly id: string;
  readonly task: string;
  readonly decisions: readonly StandingDecision[];
}

export interface MergedDecisions {
  /** Every line once, in order of time. */
  readonly decisions: readonly Decision[];
  /** Where reviewers disagree; the latest word counts until somebody settles it. */
  readonly conflicts: readonly DecisionConflict[];
}

/** Merges the decisions of several files. Merging twice, or a file with itself, changes nothing. */
export function mergeDecisions(files: readonly (readonly Decision[])[]): MergedDecisions {
  const unique = new Map<string, Decision>();
  for (const decision of files.flat()) {
    const { reviewer, at, action } = decision;
    unique.set(JSON.stringify([keyOf(decision), reviewer, at, action, action === "relabel" ? decision.label : ""]), decision);
  }
  const decisions = [...unique.values()].sort(byTime);
  const conflicts: DecisionConflict[] = [];
  for (const reviewers of standingByReviewer(decisions).values()) {
    const said = [...reviewers.values()].sort(byTime);
    const words = new Set(said.map((decision) => (decision.action === "relabel" ? `relabel ${decision.label}` : decision.action)));
    if (words.size > 1) conflicts.push({ id: said[0]!.id, task: said[0]!.task, decisions: said });
  }
  return { decisions, conflicts };
}

/**
 * Labels with another class for a task. Votes on the mood no longer say what a person decided, so they go.
 * @param own the dataset's own tasks
 * @throws {TF_DATASET_LABEL_UNKNOWN} when the task has no such class
 */
export function relabel(labels: FaceLabels, task: string, label: string, own: readonly TaskDefinition[] = []): FaceLabels {
  const definition = own.find(({ name }) => name === task);
  if (definition !== undefined) return { ...labels, attributes: { ...labels.attributes, [task]: requireLabel(label, definition) } };
  const classes = classesOf(task);
  if (!classes.includes(label)) {
    throw new TensorFaceError(
      "TF_DATASET_LABEL_UNKNOWN",
      `"${label}" is not one of ${classes.join(", ") || `the classes of ${task}: it has none`}`,
    );
  }
  const group = task === "age" ? fairFaceAgeGroups.find(({ name }) => name === label) : undefined;
  if (group !== undefined) return { ...labels, age: { low: group.low, high: group.high } };
  const gender: Gender | undefined = task === "gender" ? genders.find((name) => name === label) : undefined;
  if (gender !== undefined) return { ...labels, gender };
  const mood: Mood | undefined = task === "mood" ? moods.find((name) => name === label) : undefined;
  const { moodVotes: _, ...rest } = labels;
  return { ...rest, mood };
}

/** @throws {TF_DATASET_LABEL_UNKNOWN} */
function requireLabel(word: string, task: TaskDefinition): AttributeLabel {
  const label = labelOfWord(word, task);
  if (label !== undefined) return label;
  const { name, kind, labels = [], minimum, maximum } = task;
  const bounds = minimum === undefined && maximum === undefined ? "" : ` from ${minimum ?? "any"} to ${maximum ?? "any"}`;
  throw new TensorFaceError(
    "TF_DATASET_LABEL_UNKNOWN",
    `"${word}" is no label of ${name}: ${kind === "number" ? `a number${bounds}` : labels.join(", ")}`,
  );
}

/**
 * A record after the decisions on it: the same, one with other labels, or `undefined` when it was dropped. The original is
 * untouched, so that applying other decisions, or none, is always possible; a label that is of the decided class already stays as it is, and so
 * does one that nothing was decided about, since it was another then.
 * @param own the dataset's own tasks
 * @throws {TF_DATASET_LABEL_UNKNOWN} when a decision names a label that the task does not have
 */
export function applyDecisions(
  record: FaceRecord,
  standing: ReadonlyMap<string, StandingDecision>,
  own: readonly TaskDefinition[] = [],
): FaceRecord | undefined {
  let { labels } = record;
  for (const task of [...builtInTasks, ...own.map(({ name }) => name)]) {
    const decision = decisionOn(standing, task, record);
    if (decision?.action === "drop") return undefined;
    // Its class says less than an exact age, a number or votes do.
    if (decision?.action === "relabel" && decision.label !== classOf(labels, task)) labels = relabel(labels, task, decision.label, own);
  }
  return labels === record.labels ? record : { ...record, labels };
}
