import { type TaskDefinition, TensorFaceError } from "../../core/index.ts";
import { classOf } from "../counts.ts";
import type { FaceRecord } from "../record.ts";
import type { Suspicion } from "../suspicion.ts";
import { classesOf } from "../tasks.ts";
import { applyDecisions, type Decision, decisionOn, type StandingDecision, standingDecisions } from "./decisions.ts";
import type { DecisionRequest, ReviewClass, ReviewEntry, ReviewPage, ReviewState } from "./protocol.ts";

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
  queue(label: string, offset: number, limit: number): ReviewPage;
  /** @throws {TF_INVALID_ARGUMENT} for a face or a label that is not in the review */
  decide(request: DecisionRequest): Promise<ReviewState>;
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
      return new Date(latest > now.getTime() ? latest + 1 : now).toISOString();
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

function describe(decision: StandingDecision | undefined): string | undefined {
  return decision?.action === "relabel" ? decision.label : decision?.action;
}

export function createReviewSession(options: ReviewSessionOptions): ReviewSession {
  const { task, tasks, records, reviewer, suspicions } = options;
  const classes = classesOf(task, tasks);
  const indexOf = new Map(records.map(({ id }, index) => [id, index]));
  const queued = suspicions.filter(({ id }) => indexOf.has(id));
  const queueOf = Map.groupBy(queued, ({ given }) => given);
  const queuedIds = new Set(queued.map(({ id }) => id));
  const before = Map.groupBy(records, ({ labels }) => classOf(labels, task));
  const standing = createStanding(options.decisions);

  /** How many faces each class gains or loses: only faces with a decision can. */
  const changes = (): Map<string | undefined, number> => {
    const result = new Map<string | undefined, number>();
    const add = (label: string | undefined, step: number): void => void result.set(label, (result.get(label) ?? 0) + step);
    for (const id of new Set([...standing.map.values()].map((decision) => decision.id))) {
      const record = records[indexOf.get(id) ?? -1];
      if (record === undefined) continue;
      add(classOf(record.labels, task), -1);
      const changed = applyDecisions(record, standing.map, tasks);
      if (changed !== undefined) add(classOf(changed.labels, task), 1);
    }
    return result;
  };

  const state = (): ReviewState => {
    const change = changes();
    const rows = classes.map((label): ReviewClass => {
      const queue = queueOf.get(label) ?? [];
      const count = before.get(label)?.length ?? 0;
      const decided = queue.filter(({ id }) => decisionOn(standing.map, task, id) !== undefined).length;
      return { label, before: count, after: count + (change.get(label) ?? 0), queued: queue.length, decided };
    });
    return { dataset: options.dataset, task, reviewer, classes: rows };
  };

  const entry = ({ id, given, suggested, doubt, flags }: Suspicion): ReviewEntry => {
    const decision = describe(decisionOn(standing.map, task, id));
    return { id, picture: `/picture/${indexOf.get(id)}`, given, suggested, doubt, flags, decision };
  };

  return {
    state,
    queue(label, offset, limit) {
      const all = queueOf.get(label) ?? [];
      return { total: all.length, entries: all.slice(offset, offset + limit).map(entry) };
    },
    async decide({ id, action, label }) {
      if (!queuedIds.has(id)) throw new TensorFaceError("TF_INVALID_ARGUMENT", `"${id}" is not in this review`);
      if (action === "relabel" && (label === undefined || !classes.includes(label))) {
        throw new TensorFaceError("TF_INVALID_ARGUMENT", `"${label}" is not one of ${classes.join(", ")}`);
      }
      const common = { id, task, reviewer, at: standing.timeOf({ task, id }, options.now()) };
      const decision: Decision = action === "relabel" ? { ...common, action, label: label! } : { ...common, action };
      await options.append(decision);
      standing.add(decision);
      return state();
    },
    recordAt: (index) => records[index],
  };
}
