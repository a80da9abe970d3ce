import { batch, type ReadonlySignal, type Signal, signal } from "@preact/signals";
import type {
  DecisionRequest,
  FaceDecision,
  LearntClasses,
  RelatedFace,
  ReviewClass,
  ReviewEntry,
  ReviewState,
} from "../../src/datasets/review/index.ts";
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
  /** Only faces whose pictures show it. */
  readonly reason: string | undefined;
  /** Classes that marked faces are to get, by id. */
  readonly marks: ReadonlyMap<string, string>;
  /** Labels that are likely wrong: of those on the sheet that are still open, and of those behind it. */
  readonly wrongHere: number;
  readonly wrongBehind: number;
  readonly entries: readonly ReviewEntry[];
  readonly total: number;
  readonly offset: number;
  readonly cursor: number;
}

/** Where a reviewer is: a sheet of a class, of all its faces or of those alone whose pictures show something. */
type Place = Pick<View, "label" | "reason" | "offset">;

/** What undo takes back together. */
interface Decided {
  readonly ids: readonly string[];
  /** Where it was decided; of earlier days nobody knows. */
  readonly place?: Place;
}

/** A face that is seen large. */
interface Enlarged {
  readonly entry: ReviewEntry;
  readonly related: readonly RelatedFace[];
}

/** A review as the page sees it. */
export interface Review {
  readonly state: ReadonlySignal<ReviewState | undefined>;
  readonly view: ReadonlySignal<View>;
  readonly message: ReadonlySignal<Message>;
  readonly isHelpOpen: ReadonlySignal<boolean>;
  /** Whether the classes are listed, for the face under the cursor to get one by its name. */
  readonly isChoosing: ReadonlySignal<boolean>;
  readonly enlarged: ReadonlySignal<Enlarged | undefined>;
  /** What the judges of the labels took each class for, while it is shown. */
  readonly learnt: ReadonlySignal<LearntClasses | undefined>;
  /** Loads the first sheet on which something is open; where all is decided, the first class that has faces in the queue. */
  open(): Promise<void>;
  /** Does one thing after the other: a key that comes while a decision is being written waits, and is not lost. */
  act(action: Action, columns: number): Promise<void>;
  openClass(label: string): Promise<void>;
  /** Shows only faces whose pictures show something; all of them without it. */
  filter(reason: string | undefined): Promise<void>;
  /** Puts the cursor on a face, and marks it or takes its mark away. */
  readonly touch: (index: number) => void;
  readonly closeHelp: () => void;
  readonly closeChoice: () => void;
  readonly closeEnlarged: () => void;
  readonly closeLearnt: () => void;
}

/** What writes decisions down; all else only asks. */
const deciding: ReadonlySet<Action["kind"]> = new Set(["decide", "relabel", "accept", "undo", "keep-rest"]);

type DecisionAction = Exclude<DecisionRequest["action"], "undo">;

const nothing: Message = { text: "", isError: false };

/** What the page shows, as the steps of a review change it. */
interface Signals {
  readonly state: Signal<ReviewState | undefined>;
  readonly view: Signal<View>;
  readonly message: Signal<Message>;
  readonly isHelpOpen: Signal<boolean>;
  readonly isChoosing: Signal<boolean>;
  readonly enlarged: Signal<Enlarged | undefined>;
  readonly learnt: Signal<LearntClasses | undefined>;
}

export function createReview(api: ReviewApi): Review {
  const signals: Signals = {
    state: signal(undefined),
    view: signal({
      label: "",
      reason: undefined,
      marks: new Map(),
      wrongHere: 0,
      wrongBehind: 0,
      entries: [],
      total: 0,
      offset: 0,
      cursor: 0,
    }),
    message: signal(nothing),
    isHelpOpen: signal(false),
    isChoosing: signal(false),
    enlarged: signal(undefined),
    learnt: signal(undefined),
  };
  const { state, view, isHelpOpen, isChoosing, enlarged, learnt } = signals;
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
      case "choose":
        isChoosing.value = view.value.entries.length > 0;
        return undefined;
      case "mark":
        return steps.touch(view.value.cursor);
      case "next-mark":
        return steps.nextMark();
      case "accept":
        return steps.acceptSheet((entry) => view.value.marks.get(entry.id));
      case "enlarge":
        return steps.enlarge();
      case "learnt":
        learnt.value = learnt.value === undefined ? await api.learnt() : undefined;
        return undefined;
      case "undo":
        return steps.undo();
      case "keep-rest":
        return steps.acceptSheet(() => undefined);
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
    act: (action, columns) => enqueue(() => perform(action, columns), deciding.has(action.kind) ? "Not saved" : "Not loaded"),
    openClass: (label) => enqueue(() => steps.loadClass(label), "Not loaded"),
    filter: (reason) => enqueue(() => steps.filter(reason), "Not loaded"),
    touch: steps.touch,
    closeHelp: () => {
      isHelpOpen.value = false;
    },
    closeChoice: () => {
      isChoosing.value = false;
    },
    closeEnlarged: () => {
      enlarged.value = undefined;
    },
    closeLearnt: () => {
      learnt.value = undefined;
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

/** The doubt in all labels that nobody decided. */
function openDoubt(entries: readonly ReviewEntry[]): number {
  return entries.reduce((sum, { doubt, decision }) => (decision === undefined ? sum + doubt : sum), 0);
}

/** What stands in a face's mark before anybody touched it: what it is more likely than its label. */
function firstMark({ decision, doubt, given, suggested }: ReviewEntry): string | undefined {
  return decision === undefined && doubt > 0.5 && suggested !== given ? suggested : undefined;
}

/** Which faces are shown, where the cursor is, and what is marked. */
function createSheets(api: ReviewApi, { state, view, enlarged }: Signals) {
  const change = (changes: Partial<View>): void => {
    view.value = { ...view.value, ...changes };
  };

  const load = async ({ label, reason, offset }: Place): Promise<void> => {
    const { entries, total, wrongHere, wrongBehind } = await api.queue({ label, offset, limit: pageSize, reason });
    const open = entries.findIndex(({ decision }) => decision === undefined);
    const marks = new Map(entries.map((entry) => [entry.id, firstMark(entry)] as const).filter((pair) => isMark(pair)));
    change({ label, reason, offset, entries, total, marks, wrongHere, wrongBehind, cursor: Math.max(0, open) });
  };

  /** A class from its first sheet on; what is filtered stays so. */
  const loadClass = (label: string): Promise<void> => load({ label, reason: view.value.reason, offset: 0 });

  const turnClass = async (step: number): Promise<void> => {
    const classes = state.value?.classes ?? [];
    if (classes.length === 0) return;
    const index = classes.findIndex(({ label }) => label === view.value.label);
    await loadClass(classes[(index + step + classes.length) % classes.length]!.label);
  };

  const turnPage = async (step: number): Promise<void> => {
    const { label, reason, offset, total } = view.value;
    const target = offset + step * pageSize;
    if (target >= 0 && target < total) await load({ label, reason, offset: target });
  };

  const filter = (reason: string | undefined): Promise<void> => load({ label: view.value.label, reason, offset: 0 });

  const select = (cursor: number): void => change({ cursor });

  const touch = (index: number): void => {
    const entry = view.value.entries[index];
    if (entry === undefined) return;
    const marks = new Map(view.value.marks);
    const other = entry.suggested === entry.given ? entry.alternative : entry.suggested;
    if (!marks.delete(entry.id) && other !== undefined && entry.decision === undefined) marks.set(entry.id, other);
    change({ cursor: index, marks });
  };

  const nextMark = (): void => {
    const { entries, marks, cursor } = view.value;
    const next = entries.findIndex(({ id }, index) => index > cursor && marks.has(id));
    if (next >= 0) select(next);
  };

  const enlarge = async (): Promise<void> => {
    const entry = view.value.entries[view.value.cursor];
    if (entry === undefined) return;
    if (enlarged.value?.entry.id === entry.id) enlarged.value = undefined;
    else enlarged.value = { entry, related: await api.related(entry.id) };
  };

  return { change, load, loadClass, turnClass, turnPage, filter, select, touch, nextMark, enlarge };
}

/** What can be done in a review, one thing at a time. */
function createSteps(api: ReviewApi, signals: Signals) {
  const { state, view, message } = signals;
  const sheets = createSheets(api, signals);
  const { change, load, turnPage, select } = sheets;
  /** A decision, or those of a sheet together; the last one at the end. */
  const history: Decided[] = [];

  /** Writes decisions down; the page shows them only once the server has them on the disk. */
  const decide = async (requests: readonly DecisionRequest[]): Promise<void> => {
    if (requests.length === 0) return;
    const after = await api.decide(requests);
    const { label, reason, offset } = view.value;
    history.push({ ids: requests.map(({ id }) => id), place: { label, reason, offset } });
    const decided = new Map(requests.map((request) => [request.id, decisionOf(request)]));
    const { entries: before, wrongHere } = view.value;
    const entries = before.map((entry) => (decided.has(entry.id) ? Object.assign({}, entry, { decision: decided.get(entry.id) }) : entry));
    batch(() => {
      state.value = after;
      change({ entries, wrongHere: (wrongHere * openDoubt(entries)) / (openDoubt(before) || 1) });
    });
  };

  const decideAtCursor = async (action: DecisionAction, label?: string): Promise<void> => {
    const { entries, cursor } = view.value;
    const entry = entries[cursor];
    if (entry === undefined) return;
    await decide([decisionOn(entry, action, label)]);
    select(Math.min(cursor + 1, entries.length - 1));
  };

  /** Decides all that are open on the sheet: a face gets the class that is named for it, or keeps its own. */
  const acceptSheet = async (classOf: (entry: ReviewEntry) => string | undefined): Promise<void> => {
    const open = view.value.entries.filter(({ decision }) => decision === undefined);
    await decide(
      open.map((entry) => {
        const label = classOf(entry);
        return label === undefined ? decisionOn(entry, "keep") : decisionOn(entry, "relabel", label);
      }),
    );
    await turnPage(1);
  };

  const undo = async (): Promise<void> => {
    const last = history.at(-1);
    if (last === undefined) {
      message.value = { text: "Nothing to take back: no decision of yours stands.", isError: false };
      return;
    }
    const { ids, place = view.value } = last;
    state.value = await api.decide(ids.toReversed().map((id) => ({ id, action: "undo" })));
    // Only now: what was not saved can be tried again.
    history.pop();
    await load(place);
    const index = view.value.entries.findIndex((entry) => entry.id === ids[0]);
    if (index >= 0) select(index);
    message.value = { text: takenBack(ids, index >= 0), isError: false };
  };

  /** Sheets before it are decided, most of them by whoever goes on now. */
  const firstOpenSheet = async ({ label, queued }: ReviewClass): Promise<number> => {
    for (let offset = 0; offset < queued; offset += pageSize) {
      const { entries } = await api.queue({ label, offset, limit: pageSize, reason: undefined });
      if (entries.some(({ decision }) => decision === undefined)) return offset;
    }
    return 0;
  };

  const open = async (): Promise<void> => {
    const [first, earlier] = await Promise.all([api.state(), api.history()]);
    history.push(...earlier.map((id) => ({ ids: [id] })));
    state.value = first;
    const open = first.classes.find(({ queued, decided }) => decided < queued);
    const label = (open ?? first.classes.find(({ queued }) => queued > 0) ?? first.classes[0])?.label;
    if (label !== undefined) await load({ label, reason: undefined, offset: open === undefined ? 0 : await firstOpenSheet(open) });
  };

  return { ...sheets, open, decideAtCursor, acceptSheet, undo };
}

/** What is said of an undo: nothing where it is seen. */
function takenBack(ids: readonly string[], isShown: boolean): string {
  if (ids.length > 1) return `${ids.length} decisions taken back.`;
  return isShown ? "" : `Taken back: the decision on ${ids[0]}, which is not on this sheet.`;
}

function isMark(pair: readonly [string, string | undefined]): pair is readonly [string, string] {
  return pair[1] !== undefined;
}

function decisionOf({ action, label = "" }: DecisionRequest): FaceDecision | undefined {
  if (action === "undo") return undefined;
  return action === "relabel" ? { action, label } : { action };
}

/** A class that the face has already is kept. */
function decisionOn({ id, given }: ReviewEntry, action: DecisionAction, label?: string): DecisionRequest {
  if (action !== "relabel") return { id, action };
  return label === given ? { id, action: "keep" } : { id, action, label };
}
