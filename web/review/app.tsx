import { useSignalEffect } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { FaceDecision, ReviewClass, ReviewEntry } from "../../src/datasets/review/index.ts";
import { Choice } from "./choice.tsx";
import { useDialog } from "./dialog.ts";
import { type Action, actionOfKey, isRepeated, keyHelp } from "./keys.ts";
import { Learnt } from "./learnt.tsx";
import type { Review } from "./review.ts";

interface ReviewProps {
  readonly review: Review;
}

export function App({ review }: ReviewProps) {
  const grid = useRef<HTMLDivElement>(null);
  const act = (action: Action): void => void review.act(action, columnsOf(grid.current));
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      const action = actionOfKey(event.key, event.ctrlKey || event.metaKey);
      if (action === undefined || event.altKey) return;
      if (isForControl(event)) {
        // Held down, Enter would press the button again and again.
        if (event.repeat && event.key === "Enter" && event.target instanceof HTMLButtonElement) event.preventDefault();
        return;
      }
      if (review.isChoosing.value) return;
      if (review.isHelpOpen.value && action.kind !== "help") return;
      if (review.enlarged.value !== undefined && action.kind !== "enlarge") return;
      if (review.learnt.value !== undefined && action.kind !== "learnt") return;
      event.preventDefault();
      if (!event.repeat || isRepeated(action)) act(action);
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, [review]);

  return (
    <>
      <header>
        <div class="head">
          <h1>Label review</h1>
          <Summary review={review} />
          <span class={review.message.value.isError ? "message error" : "message"} role="status">
            {review.message.value.text}
          </span>
        </div>
        <nav class="tabs" aria-label="Classes">
          {review.state.value?.classes.map((item, index) => (
            <Tab key={item.label} item={item} index={index} review={review} />
          ))}
        </nav>
        <Range review={review} />
      </header>
      <main>
        <Faces review={review} grid={grid} />
      </main>
      <Toolbar review={review} act={act} />
      <Choice review={review} act={act} />
      <Enlarged review={review} />
      <Learnt review={review} />
      <Help review={review} />
    </>
  );
}

/** Enter and the space bar press the control that has the focus; a list that is open takes letters and arrows. */
function isForControl({ target, key }: KeyboardEvent): boolean {
  if (target instanceof HTMLSelectElement) return true;
  return target instanceof HTMLButtonElement && (key === "Enter" || key === " ");
}

/** Columns of the grid as the browser laid it out. */
function columnsOf(grid: HTMLElement | null): number {
  const cells = [...(grid?.children ?? [])];
  const first = cells[0]?.getBoundingClientRect().top;
  const wrapped = cells.findIndex((cell) => cell.getBoundingClientRect().top !== first);
  return wrapped < 0 ? Math.max(1, cells.length) : wrapped;
}

function Summary({ review }: ReviewProps) {
  const state = review.state.value;
  if (state === undefined) return null;
  const sum = (of: (item: ReviewClass) => number): number => state.classes.reduce((total, item) => total + of(item), 0);
  const decided = sum((item) => item.decided);
  const queued = sum((item) => item.queued);
  return <span class="soft">{`${state.dataset} · ${state.task} · ${decided} of ${queued} decided · reviewer ${state.reviewer}`}</span>;
}

function Range({ review }: ReviewProps) {
  const { label, offset, total, entries, wrongHere, wrongBehind } = review.view.value;
  const open = entries.filter(({ decision }) => decision === undefined).length;
  const end = offset + entries.length;
  const behind = end < total ? wrongBehind : undefined;
  return (
    <p class="range soft" aria-live="polite">
      {total > 0 && `${label}: ${offset + 1} to ${end} of ${total}. ${outlook(open, wrongHere, behind)}`}
    </p>
  );
}

/** What is likely still wrong, on this sheet and behind it, where there are more. */
function outlook(open: number, here: number, behind: number | undefined): string {
  const wrong = Math.round(here);
  if (open === 0)
    return `All decided${behind === undefined ? "." : `; about ${Math.round(behind)} wrong ones are left behind this sheet.`}`;
  if (wrong < 1) return "Hardly any wrong label is left on this sheet: a good place to stop.";
  return `About ${wrong} of these ${open} ${wrong === 1 ? "is" : "are"} wrong${behind === undefined ? "." : `, and ${Math.round(behind)} behind them.`}`;
}

interface TabProps extends ReviewProps {
  readonly item: ReviewClass;
  readonly index: number;
}

function Tab({ item, index, review }: TabProps) {
  const isCurrent = item.label === review.view.value.label;
  const tab = useRef<HTMLButtonElement>(null);
  // On a narrow screen the classes are a strip that is wider than it.
  useEffect(() => {
    if (isCurrent) tab.current?.scrollIntoView({ block: "nearest", inline: "center" });
  }, [isCurrent]);
  const change = item.after - item.before;
  const open = (event: MouseEvent): void => {
    // Else the next Enter would open the class again instead of keeping the rest.
    if (event.detail > 0 && event.currentTarget instanceof HTMLElement) event.currentTarget.blur();
    void review.openClass(item.label);
  };
  return (
    <button ref={tab} type="button" class={isCurrent ? "tab current" : "tab"} aria-current={isCurrent} onClick={open}>
      {index < 9 && <kbd>{index + 1}</kbd>}
      <span class="name">{item.label}</span>
      <span class="counts" title="labels before the review, and with its decisions">
        {item.before} → {item.after}
        {change !== 0 && ` (${change > 0 ? "+" : "−"}${Math.abs(change)})`}
      </span>
      <progress class="bar" max={Math.max(1, item.queued)} value={item.decided} aria-label={`${item.label}: share that is decided`} />
      <span class="progress">
        {item.decided} of {item.queued} decided
      </span>
    </button>
  );
}

interface FacesProps extends ReviewProps {
  readonly grid: { readonly current: HTMLDivElement | null };
}

function Faces({ review, grid }: FacesProps) {
  const { entries, cursor, label, reason } = review.view.value;
  useSignalEffect(() => {
    const { cursor } = review.view.value;
    requestAnimationFrame(() => grid.current?.children[cursor]?.scrollIntoView({ block: "nearest" }));
  });
  if (review.state.value === undefined) return <p class="empty">Loading…</p>;
  if (entries.length === 0)
    return (
      <p class="empty">
        {reason === undefined ? "No face of this class is in the queue." : `No face of this class is marked “${reason}”.`}
      </p>
    );
  return (
    <div
      ref={grid}
      class="grid"
      role="listbox"
      tabIndex={0}
      aria-label={`Faces with the label ${label}, the most doubtful first`}
      aria-activedescendant={`face-${cursor}`}
    >
      {entries.map((entry, index) => (
        <Cell key={entry.id} entry={entry} index={index} review={review} />
      ))}
    </div>
  );
}

interface CellProps extends ReviewProps {
  readonly entry: ReviewEntry;
  readonly index: number;
}

function Cell({ entry, index, review }: CellProps) {
  const isCursor = index === review.view.value.cursor;
  const intended = review.view.value.marks.get(entry.id);
  const mark = entry.decision === undefined && intended !== undefined ? `${intended}?` : wordsOf(entry.decision);
  const kind = entry.decision === undefined && intended !== undefined ? "marked" : kindOf(entry.decision);
  return (
    <div
      id={`face-${index}`}
      class={`cell ${kind}${isCursor ? " cursor" : ""}`}
      role="option"
      aria-selected={isCursor}
      title={`${entry.id}\nlabel: ${entry.given}, ${Math.round(100 * entry.doubt)} % likely wrong`}
      onClick={() => review.touch(index)}
    >
      <img src={`.${entry.picture}`} alt={`face ${index + 1}, label ${entry.given}`} loading="lazy" decoding="async" />
      <div class="caption">
        <span class="suggested">{entry.suggested === entry.given ? entry.given : `${entry.suggested}?`}</span>
        <span class="doubt">{Math.round(100 * entry.doubt)} %</span>
        {entry.flags.length > 0 && <span class="flags">{entry.flags.join(", ")}</span>}
      </div>
      {mark !== "" && <div class="mark">{mark}</div>}
    </div>
  );
}

const decisionClasses = { keep: "keep", drop: "drop", relabel: "relabelled" } as const;

function kindOf(decision: FaceDecision | undefined): string {
  return decision === undefined ? "open" : decisionClasses[decision.action];
}

function wordsOf(decision: FaceDecision | undefined): string {
  if (decision === undefined) return "";
  if (decision.action === "relabel") return `→ ${decision.label}`;
  return decision.action === "keep" ? "kept" : "dropped";
}

interface ToolbarProps extends ReviewProps {
  readonly act: (action: Action) => void;
}

/** Everything that keys do, for fingers and mice. */
function Toolbar({ review, act }: ToolbarProps) {
  const press = (action: Action) => (event: MouseEvent) => {
    if (event.detail > 0 && event.currentTarget instanceof HTMLElement) event.currentTarget.blur();
    act(action);
  };
  const relabel = (event: Event): void => {
    if (!(event.currentTarget instanceof HTMLSelectElement)) return;
    const index = Number(event.currentTarget.value);
    event.currentTarget.value = "";
    event.currentTarget.blur();
    act({ kind: "relabel", index });
  };
  return (
    <footer>
      <div class="toolbar" role="toolbar" aria-label="Decisions on the chosen face">
        <button type="button" class="primary" onClick={press({ kind: "accept" })}>
          Accept the sheet <kbd>Enter</kbd>
        </button>
        <button type="button" onClick={press({ kind: "decide", action: "keep" })}>
          Keep <kbd>K</kbd>
        </button>
        <select aria-label="Relabel as" title="R: by the first letters of its name" onChange={relabel}>
          <option value="">Relabel…</option>
          {review.state.value?.classes.map(({ label }, index) => (
            <option key={label} value={index}>
              {index < 9 ? `${index + 1} ${label}` : label}
            </option>
          ))}
        </select>
        <button type="button" onClick={press({ kind: "decide", action: "drop" })}>
          Drop <kbd>D</kbd>
        </button>
        <button type="button" onClick={press({ kind: "undo" })}>
          Undo <kbd>U</kbd>
        </button>
        <button type="button" onClick={press({ kind: "keep-rest" })}>
          Keep all <kbd>E</kbd>
        </button>
        <button type="button" onClick={press({ kind: "enlarge" })}>
          Enlarge <kbd>Z</kbd>
        </button>
        <button type="button" class="rare" onClick={press({ kind: "learnt" })}>
          What the model learnt <kbd>M</kbd>
        </button>
        <Reasons review={review} />
        <span class="spread" />
        <span class="pages">
          <button type="button" aria-label="Previous page" onClick={press({ kind: "previous-page" })}>
            ‹
          </button>
          <button type="button" aria-label="Next page" onClick={press({ kind: "next-page" })}>
            ›
          </button>
        </span>
        <button type="button" class="rare keys" onClick={press({ kind: "help" })}>
          All keys <kbd>?</kbd>
        </button>
      </div>
    </footer>
  );
}

/** Shows only faces whose pictures show something, whatever their labels. */
function Reasons({ review }: ReviewProps) {
  const reasons = review.state.value?.reasons ?? [];
  if (reasons.length === 0) return null;
  const choose = ({ currentTarget }: Event): void => {
    if (!(currentTarget instanceof HTMLSelectElement)) return;
    const { value } = currentTarget;
    // It says what is shown, and that is another sheet only once it has come.
    currentTarget.value = review.view.value.reason ?? "";
    currentTarget.blur();
    void review.filter(value === "" ? undefined : value);
  };
  return (
    <select class="rare" aria-label="Show only" value={review.view.value.reason ?? ""} onChange={choose}>
      <option value="">All faces</option>
      {reasons.map(({ reason, count }) => (
        <option key={reason} value={reason}>
          {reason} ({count})
        </option>
      ))}
    </select>
  );
}

/** A face as large as the window lets it be, and what else shows the same subject. */
function Enlarged({ review }: ReviewProps) {
  const shown = review.enlarged.value;
  const dialog = useDialog(() => review.enlarged.value !== undefined);
  return (
    <dialog id="enlarged" ref={dialog} aria-label="The face, large" onClose={() => review.closeEnlarged()}>
      {shown !== undefined && (
        <>
          <img class="large" src={`.${shown.entry.picture}`} alt={`face with the label ${shown.entry.given}`} />
          <p>
            <strong>{shown.entry.given}</strong>
            {shown.entry.suggested !== shown.entry.given && `, rather ${shown.entry.suggested}?`} ({Math.round(100 * shown.entry.doubt)} %
            likely wrong)
            {shown.entry.flags.length > 0 && <span class="flags"> {shown.entry.flags.join(", ")}</span>}
          </p>
          <p class="soft">{shown.entry.id}</p>
          {shown.related.length > 0 && (
            <>
              <h2>Same subject, or a copy</h2>
              <div class="related">
                {shown.related.map(({ id, picture, label }) => (
                  <figure key={id} title={id}>
                    <img src={`.${picture}`} alt={`another picture, label ${label ?? "none"}`} loading="lazy" />
                    <figcaption>{label ?? "no label"}</figcaption>
                  </figure>
                ))}
              </div>
            </>
          )}
        </>
      )}
      <form method="dialog">
        <button type="submit">Close</button>
      </form>
    </dialog>
  );
}

function Help({ review }: ReviewProps) {
  const dialog = useDialog(() => review.isHelpOpen.value);
  return (
    <dialog id="help" ref={dialog} aria-labelledby="help-title" onClose={() => review.closeHelp()}>
      <h2 id="help-title">Keys</h2>
      <dl>
        {keyHelp.map(([names, text]) => (
          <div key={text}>
            <dt>
              {names.map((name) => (
                <kbd key={name}>{name}</kbd>
              ))}
            </dt>
            <dd>{text}</dd>
          </div>
        ))}
      </dl>
      <p>
        Several reviewers: each takes a file of their own with <code>--decisions</code>; <code>tensorface dataset merge-decisions</code>{" "}
        joins the files and lists where they disagree.
      </p>
      <form method="dialog">
        <button type="submit">Close</button>
      </form>
    </dialog>
  );
}
