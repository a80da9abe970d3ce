import { type TaskDefinition, TensorFaceError } from "../../core/index.ts";
import { classOf } from "../counts.ts";
import type { FaceRecord } from "../record.ts";
import { expectedWrong, type Suspicion, suspicionFlags } from "../suspicion.ts";
import { reviewClasses } from "../tasks.ts";
import { applyDecisions, byTime, type Decision, decisionOn, type StandingDecision, standingDecisions } from "./decisions.ts";
import { learntClasses } from "./learnt.ts";
import type {
  DecisionRequest,
  FaceDecision,
  LearntClasses,
  QueueRequest,
  RelatedFace,
  ReviewClass,
  ReviewEntry,
  ReviewPage,
  ReviewState,
} from "./protocol.ts";

export interface ReviewSessionOptions {
  readonly dataset: string;
  readonly task: string;
  /** The dataset's own tasks. @default none */
  readonly tasks?: readonly TaskDefinition[] | undefined;
  readonly reviewer: string;
  readonly records: readonly FaceRecord[];
  /** The worst first. */
  readonly suspicions: readonly Suspicion[];
  /** What was decided before. */
  readonly decisions: readonly Decision[];
  /** Writes a decision down; the session believes it once that has settled. */
  readonly append: (decision: Decision) => Promise<void>;
  readonly now: () => Date;
}

/** A review of one task: what is in the queue, what is decided, and what that does to the classes. */
export interface ReviewSession {
  state(): ReviewState;
  queue(request: QueueRequest): ReviewPage;
  /**
   * Writes decisions down, one after the other; those before one that cannot be written stand.
   * @throws {TF_INVALID_ARGUMENT} for a face or a label that is not in the review; then none is written
   */
  decide(requests: readonly DecisionRequest[]): Promise<ReviewState>;
  /** Faces on which the reviewer's word stands, in the order in which it was given: what `undo` takes back from the end. */
  history(): readonly string[];
  /** Other pictures of a face's subject and copies of its photograph, at most 24. */
  related(id: string): readonly RelatedFace[];
  /** What the judges of the labels took each class for, and which classes they mixed. */
  learnt(): LearntClasses;
  /** The record whose picture an entry names. */
  recordAt(index: number): FaceRecord | undefined;
}

interface Standing {
  readonly map: Map<string, StandingDecision>;
  add(decision: Decision): void;
  /** A time behind every word on a face, though a clock was put back or another reviewer's is ahead: what is said last counts. */
  timeOf(about: Pick<Decision, "task" | "id">, now: Date): string;
}

/** The decisions that stand, kept up to date one face at a time. */
function createStanding(decisions: readonly Decision[]): Standing {
  const map = standingDecisions(decisions);
  const keyOf = ({ task, id }: Pick<Decision, "task" | "id">): string => `${task} ${id}`;
  const history = Map.groupBy(decisions, keyOf);
  return {
    map,
    timeOf(about, now) {
      const latest = (history.get(keyOf(about)) ?? []).reduce((time, { at }) => Math.max(time, Date.parse(at)), 0);
      return new Date(Math.max(latest + 1, now.getTime())).toISOString();
    },
    add(decision) {
      const key = keyOf(decision);
      const own = [...(history.get(key) ?? []), decision];
      history.set(key, own);
      const standing = standingDecisions(own).get(key);
      if (standing === undefined) map.delete(key);
      else map.set(key, standing);
    },
  };
}

/** At most so many other pictures of a subject. */
const shownRelated = 24;

function describe(decision: StandingDecision | undefined): FaceDecision | undefined {
  if (decision === undefined) return undefined;
  return decision.action === "relabel" ? { action: "relabel", label: decision.label } : { action: decision.action };
}

/** Whether two records are of one subject, or copies of one photograph. */
function showSameSubject(a: FaceRecord, b: FaceRecord): boolean {
  const isSubject = a.subjectId !== undefined && a.subjectId === b.subjectId && a.source === b.source;
  return isSubject || (a.group !== undefined && a.group === b.group);
}

/**
 * Tells how many labels are wrong among some that are not decided. What is thought of them is corrected by what was found so far: labels that
 * turned out wrong, for each that was thought to be.
 */
function createOutlook(
  queued: readonly Suspicion[],
  decisionOf: (id: string) => StandingDecision | undefined,
): (some: readonly Suspicion[]) => number {
  const correction = (): number => {
    let [wrong, thought] = [1, 1];
    for (const { id, doubt } of queued) {
      const decision = decisionOf(id);
      if (decision === undefined) continue;
      thought += doubt;
      if (decision.action !== "keep") wrong++;
    }
    return wrong / thought;
  };
  return (some) => {
    const open = some.filter(({ id }) => decisionOf(id) === undefined);
    return Math.min(open.length, expectedWrong(open) * correction());
  };
}

/** How many faces each class gains or loses: only faces with a decision can. */
function changesOf(
  standing: ReadonlyMap<string, StandingDecision>,
  { task, tasks, recordOf }: Pick<ReviewSessionOptions, "task" | "tasks"> & { readonly recordOf: (id: string) => FaceRecord | undefined },
): Map<string | undefined, number> {
  const result = new Map<string | undefined, number>();
  const add = (label: string | undefined, step: number): void => void result.set(label, (result.get(label) ?? 0) + step);
  for (const id of new Set([...standing.values()].map((decision) => decision.id))) {
    const record = recordOf(id);
    if (record === undefined) continue;
    add(classOf(record.labels, task), -1);
    const changed = applyDecisions(record, standing, tasks);
    if (changed !== undefined) add(classOf(changed.labels, task), 1);
  }
  return result;
}

/** What is asked for, as a line of the file. @param given the class of the label that it is about */
function worded({ action, label }: DecisionRequest, about: Pick<Decision, "id" | "task" | "reviewer" | "at">, given: string): Decision {
  if (action === "undo") return { ...about, action };
  return action === "relabel" ? { ...about, given, action, label: label! } : { ...about, given, action };
}

export function createReviewSession(options: ReviewSessionOptions): ReviewSession {
  const { task, tasks, records, reviewer, suspicions } = options;
  const words = [
    ...records.flatMap(({ labels }) => classOf(labels, task) ?? []),
    ...suspicions.flatMap(({ suggested, alternative }) => [suggested, alternative ?? suggested]),
  ];
  const classes = reviewClasses(task, tasks ?? [], words);
  const indexOf = new Map(records.map(({ id }, index) => [id, index]));
  const recordOf = (id: string): FaceRecord | undefined => records[indexOf.get(id) ?? -1];
  // A label that was ranked and is another by now is not judged.
  const queued = suspicions.filter(({ id, given }) => indexOf.has(id) && classOf(recordOf(id)!.labels, task) === given);
  const queueOf = Map.groupBy(queued, ({ given }) => given);
  const queuedIds = new Set(queued.map(({ id }) => id));
  const before = Map.groupBy(records, ({ labels }) => classOf(labels, task));
  const standing = createStanding(options.decisions);
  const decisionOf = (id: string): StandingDecision | undefined => {
    const record = recordOf(id);
    return record && decisionOn(standing.map, task, record);
  };
  const wrongAmong = createOutlook(queued, decisionOf);
  const reasons = suspicionFlags
    .map((reason) => ({ reason, count: queued.filter(({ flags }) => flags.includes(reason)).length }))
    .filter(({ count }) => count > 0);

  const state = (): ReviewState => {
    const change = changesOf(standing.map, { task, tasks, recordOf });
    const rows = classes.map((label): ReviewClass => {
      const queue = queueOf.get(label) ?? [];
      const count = before.get(label)?.length ?? 0;
      const decided = queue.filter(({ id }) => decisionOf(id) !== undefined).length;
      return { label, before: count, after: count + (change.get(label) ?? 0), queued: queue.length, decided };
    });
    return { dataset: options.dataset, task, reviewer, classes: rows, reasons };
  };

  const entry = ({ id, given, suggested, alternative, doubt, flags }: Suspicion): ReviewEntry => {
    const decision = describe(decisionOf(id));
    return { id, picture: `/picture/${indexOf.get(id)}`, given, suggested, alternative, doubt, flags, decision };
  };

  const check = ({ id, action, label }: DecisionRequest): void => {
    if (!queuedIds.has(id)) throw new TensorFaceError("TF_INVALID_ARGUMENT", `"${id}" is not in this review`);
    if (action === "relabel" && (label === undefined || !classes.includes(label))) {
      throw new TensorFaceError("TF_INVALID_ARGUMENT", `"${label}" is not one of ${classes.join(", ")}`);
    }
  };

  return {
    state,
    queue({ label, offset, limit, reason }) {
      const all = (queueOf.get(label) ?? []).filter(({ flags }) => reason === undefined || flags.some((flag) => flag === reason));
      const page = all.slice(offset, offset + limit);
      return {
        total: all.length,
        wrongHere: wrongAmong(page),
        wrongBehind: wrongAmong(all.slice(offset + limit)),
        entries: page.map(entry),
      };
    },
    async decide(requests) {
      for (const request of requests) check(request);
      for (const request of requests) {
        const { id } = request;
        const about = { id, task, reviewer, at: standing.timeOf({ task, id }, options.now()) };
        const decision = worded(request, about, classOf(recordOf(id)!.labels, task)!);
        await options.append(decision);
        standing.add(decision);
      }
      return state();
    },
    history: () =>
      [...standing.map.values()]
        .filter((decision) => decision.reviewer === reviewer && queuedIds.has(decision.id) && decisionOf(decision.id) === decision)
        .toSorted(byTime)
        .map(({ id }) => id),
    related(id) {
      const record = recordOf(id);
      if (record === undefined) throw new TensorFaceError("TF_INVALID_ARGUMENT", `"${id}" is not in this review`);
      return records
        .filter((other) => other.id !== id && showSameSubject(record, other))
        .slice(0, shownRelated)
        .map((other) => ({ id: other.id, picture: `/picture/${indexOf.get(other.id)}`, label: classOf(other.labels, task) }));
    },
    learnt: () => learntClasses(queued, classes, entry),
    recordAt: (index) => records[index],
  };
}
