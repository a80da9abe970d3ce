import { batch, type ReadonlySignal, type Signal, signal } from "@preact/signals";
import type { DecisionRequest, ReviewEntry, ReviewState } from "../../src/datasets/review/index.ts";
import type { ReviewApi } from "./api.ts";
import { type Action, movedCursor } from "./keys.ts";

/** Faces of one page. */
export const pageSize = 60;

interface Message {
  readonly text: string;
  readonly isError: boolean;
}

/** The faces that are shown. */
interface View {
  readonly label: string;
  readonly entries: readonly ReviewEntry[];
  readonly total: number;
  readonly offset: number;
  readonly cursor: number;
}

/** A review as the page sees it. */
export interface Review {
  readonly state: ReadonlySignal<ReviewState | undefined>;
  readonly view: ReadonlySignal<View>;
  readonly message: ReadonlySignal<Message>;
  readonly isHelpOpen: ReadonlySignal<boolean>;
  /** Loads the first class that has faces in the queue. */
  open(): Promise<void>;
  /** Does one thing after the other: a key that comes while a decision is being written waits, and is not lost. */
  act(action: Action, columns: number): Promise<void>;
  openClass(label: string): Promise<void>;
  readonly select: (index: number) => void;
  readonly closeHelp: () => void;
}

type DecisionAction = Exclude<DecisionRequest["action"], "undo">;

const nothing: Message = { text: "", isError: false };

/** What the page shows, as the steps of a review change it. */
interface Signals {
  readonly state: Signal<ReviewState | undefined>;
  readonly view: Signal<View>;
  readonly message: Signal<Message>;
  readonly isHelpOpen: Signal<boolean>;
}

export function createReview(api: ReviewApi): Review {
  const signals: Signals = {
    state: signal(undefined),
    view: signal({ label: "", entries: [], total: 0, offset: 0, cursor: 0 }),
    message: signal(nothing),
    isHelpOpen: signal(false),
  };
  const { state, view, isHelpOpen } = signals;
  const steps = createSteps(api, signals);
  const enqueue = createQueue(signals.message);

  const perform = async (action: Action, columns: number): Promise<void> => {
    switch (action.kind) {
      case "move":
        return steps.select(movedCursor(view.value.cursor, action, { width: columns, count: view.value.entries.length }));
      case "decide":
        return steps.decideAtCursor(action.action);
      case "relabel": {
        const target = state.value?.classes[action.index];
        return target === undefined ? undefined : steps.decideAtCursor("relabel", target.label);
      }
      case "undo":
        return steps.undo();
      case "keep-rest":
        return steps.keepRest();
      case "previous-class":
      case "next-class":
        return steps.turnClass(action.kind === "next-class" ? 1 : -1);
      case "previous-page":
      case "next-page":
        return steps.turnPage(action.kind === "next-page" ? 1 : -1);
      case "help":
        isHelpOpen.value = !isHelpOpen.value;
    }
  };

  return {
    ...signals,
    open: () => enqueue(steps.open, "Not loaded"),
    act: (action, columns) => enqueue(() => perform(action, columns), "Not saved"),
    openClass: (label) => enqueue(() => steps.load(label, 0), "Not loaded"),
    select: steps.select,
    closeHelp: () => {
      isHelpOpen.value = false;
    },
  };
}

/** Runs work one piece at a time; what fails is said, and the next piece is done all the same. */
function createQueue(message: Signal<Message>): (work: () => Promise<void>, failure: string) => Promise<void> {
  let last = Promise.resolve();
  return (work, failure) => {
    last = last
      .then(() => {
        message.value = nothing;
        return work();
      })
      .catch((error: unknown) => {
        message.value = { text: `${failure}: ${error instanceof Error ? error.message : String(error)}`, isError: true };
      });
    return last;
  };
}

/** What can be done in a review, one thing at a time. */
function createSteps(api: ReviewApi, { state, view, message }: Signals) {
  const history: string[] = [];

  const change = (changes: Partial<View>): void => {
    view.value = { ...view.value, ...changes };
  };

  const load = async (label: string, offset: number): Promise<void> => {
    const { entries, total } = await api.queue({ label, offset, limit: pageSize });
    const open = entries.findIndex(({ decision }) => decision === undefined);
    change({ label, offset, entries, total, cursor: Math.max(0, open) });
  };

  const turnClass = async (step: number): Promise<void> => {
    const classes = state.value?.classes ?? [];
    if (classes.length === 0) return;
    const index = classes.findIndex(({ label }) => label === view.value.label);
    await load(classes[(index + step + classes.length) % classes.length]!.label, 0);
  };

  const turnPage = async (step: number): Promise<void> => {
    const { label, offset, total } = view.value;
    const target = offset + step * pageSize;
    if (target >= 0 && target < total) await load(label, target);
  };

  /** Writes one decision down; the page shows it only once the server has it on the disk. */
  const decide = async ({ id }: ReviewEntry, action: DecisionAction, label?: string): Promise<void> => {
    const after = await api.decide({ id, action, ...(label !== undefined && { label }) });
    history.push(id);
    const decision = action === "relabel" ? label : action;
    batch(() => {
      state.value = after;
      change({ entries: view.value.entries.map((entry) => (entry.id === id ? { ...entry, decision } : entry)) });
    });
  };

  const decideAtCursor = async (action: DecisionAction, label?: string): Promise<void> => {
    const { entries, cursor } = view.value;
    const entry = entries[cursor];
    if (entry === undefined) return;
    await (label === entry.given ? decide(entry, "keep") : decide(entry, action, label));
    change({ cursor: Math.min(cursor + 1, entries.length - 1) });
  };

  const keepRest = async (): Promise<void> => {
    for (const entry of view.value.entries) if (entry.decision === undefined) await decide(entry, "keep");
    await turnPage(1);
  };

  const undo = async (): Promise<void> => {
    const id = history.at(-1);
    if (id === undefined) {
      message.value = { text: "Nothing to take back since the page was opened.", isError: false };
      return;
    }
    state.value = await api.decide({ id, action: "undo" });
    // Only now: what was not saved can be tried again.
    history.pop();
    const isShown = view.value.entries.some((entry) => entry.id === id);
    await load(view.value.label, view.value.offset);
    const index = view.value.entries.findIndex((entry) => entry.id === id);
    if (isShown && index >= 0) change({ cursor: index });
  };

  const open = async (): Promise<void> => {
    const first = await api.state();
    state.value = first;
    const label = (first.classes.find(({ queued }) => queued > 0) ?? first.classes[0])?.label;
    if (label !== undefined) await load(label, 0);
  };

  return { open, load, turnClass, turnPage, decideAtCursor, keepRest, undo, select: (cursor: number): void => change({ cursor }) };
}
