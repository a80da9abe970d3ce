import type { DecisionRequest, ReviewEntry, ReviewPage, ReviewState } from "./protocol.ts";

/**
 * The code that runs in the reviewer's browser. `page.ts` sends the text of these functions, so each of them may only use the
 * others in {@link clientFunctions}, its arguments, and what a browser has.
 */
interface View {
  state: ReviewState | undefined;
  label: string;
  entries: ReviewEntry[];
  total: number;
  offset: number;
  cursor: number;
  history: string[];
  busy: boolean;
  readonly pageSize: number;
}

/** What a key asks for. */
type KeyAction =
  | { readonly kind: "move"; readonly columns: number; readonly rows: number }
  | { readonly kind: "decide"; readonly action: "keep" | "drop" }
  | { readonly kind: "relabel"; readonly index: number }
  | { readonly kind: "undo" | "keep-rest" | "previous-class" | "next-class" | "previous-page" | "next-page" | "help" };

export function actionOfKey(key: string, withCommand: boolean): KeyAction | undefined {
  if (withCommand) return key === "z" ? { kind: "undo" } : undefined;
  const moves: Record<string, readonly [number, number]> = {
    ArrowLeft: [-1, 0],
    ArrowRight: [1, 0],
    ArrowUp: [0, -1],
    ArrowDown: [0, 1],
  };
  const move = moves[key];
  if (move !== undefined) return { kind: "move", columns: move[0], rows: move[1] };
  if (/^[1-9]$/.test(key)) return { kind: "relabel", index: Number(key) - 1 };
  switch (key) {
    case "k":
    case " ":
      return { kind: "decide", action: "keep" };
    case "d":
    case "Delete":
      return { kind: "decide", action: "drop" };
    case "u":
      return { kind: "undo" };
    case "Enter":
      return { kind: "keep-rest" };
    case "[":
      return { kind: "previous-class" };
    case "]":
      return { kind: "next-class" };
    case "PageUp":
      return { kind: "previous-page" };
    case "PageDown":
      return { kind: "next-page" };
    case "?":
      return { kind: "help" };
    default:
      return undefined;
  }
}

/** Where the cursor goes: it stays on the page. */
export function movedCursor(
  cursor: number,
  columns: number,
  rows: number,
  grid: { readonly width: number; readonly count: number },
): number {
  const target = cursor + columns + rows * grid.width;
  return target < 0 || target >= grid.count ? cursor : target;
}

function element(tag: string, className: string, text = ""): HTMLElement {
  const node = document.createElement(tag);
  node.className = className;
  node.textContent = text;
  return node;
}

function find(id: string): HTMLElement {
  const node = document.getElementById(id);
  if (node === null) throw new Error(`the page has no element "${id}"`);
  return node;
}

function setMessage(text: string, isError = false): void {
  const node = find("message");
  node.textContent = text;
  node.className = isError ? "error" : "";
}

async function request<T>(path: string, body?: DecisionRequest): Promise<T> {
  const options = body === undefined ? {} : { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
  const response = await fetch(path, options);
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.message ?? `the server answered ${response.status}`);
  return answer;
}

/** Columns of the grid as the browser laid it out. */
function gridWidth(): number {
  const cells = [...find("grid").children];
  const first = cells[0]?.getBoundingClientRect().top;
  const wrapped = cells.findIndex((cell) => cell.getBoundingClientRect().top !== first);
  return wrapped < 0 ? Math.max(1, cells.length) : wrapped;
}

function describeDecision(entry: ReviewEntry): string {
  if (entry.decision === undefined) return "";
  if (entry.decision === "keep") return "kept";
  return entry.decision === "drop" ? "dropped" : `→ ${entry.decision}`;
}

function drawCell(view: View, entry: ReviewEntry, index: number): HTMLElement {
  const kind =
    entry.decision === undefined ? "open" : entry.decision === "keep" || entry.decision === "drop" ? entry.decision : "relabelled";
  const cell = element("figure", `cell ${kind}${index === view.cursor ? " cursor" : ""}`);
  cell.dataset["id"] = entry.id;
  cell.setAttribute("role", "gridcell");
  cell.setAttribute("aria-selected", String(index === view.cursor));
  const picture = document.createElement("img");
  picture.src = entry.picture;
  picture.alt = `${entry.given}, ${entry.id}`;
  picture.loading = "lazy";
  cell.append(picture);
  const doubt = entry.suggested === entry.given ? "" : `${entry.suggested}?`;
  const caption = element("figcaption", "caption");
  caption.append(element("span", "suggested", doubt), element("span", "score", entry.score.toFixed(2)));
  if (entry.flags.length > 0) caption.append(element("span", "flags", entry.flags.join(", ")));
  cell.append(caption);
  const mark = describeDecision(entry);
  if (mark !== "") cell.append(element("div", "mark", mark));
  cell.title = `${entry.id}\nlabel: ${entry.given}, suspicion ${entry.score.toFixed(2)}`;
  cell.addEventListener("click", () => {
    view.cursor = index;
    drawGrid(view);
  });
  return cell;
}

function drawGrid(view: View): void {
  const grid = find("grid");
  grid.replaceChildren(...view.entries.map((entry, index) => drawCell(view, entry, index)));
  if (view.entries.length === 0) grid.append(element("p", "empty", "No face of this class is in the queue."));
  grid.children[view.cursor]?.scrollIntoView({ block: "nearest" });
  const last = Math.min(view.total, view.offset + view.entries.length);
  find("range").textContent = view.total === 0 ? "" : `${view.label}: ${view.offset + 1} to ${last} of ${view.total}, most doubtful first`;
}

function drawTab(view: View, index: number): HTMLElement {
  const item = view.state!.classes[index]!;
  const tab = element("button", item.label === view.label ? "tab current" : "tab");
  tab.setAttribute("aria-pressed", String(item.label === view.label));
  tab.append(element("kbd", "", String(index + 1)), element("span", "name", item.label));
  const change = item.after - item.before;
  const sign = change > 0 ? "+" : "";
  tab.append(element("span", "counts", `${item.before} → ${item.after}${change === 0 ? "" : ` (${sign}${change})`}`));
  const bar = element("span", "bar");
  const done = element("span", "done");
  done.style.width = `${item.queued === 0 ? 0 : (100 * item.decided) / item.queued}%`;
  bar.append(done);
  tab.append(bar, element("span", "progress", `${item.decided} of ${item.queued} seen`));
  tab.addEventListener("click", () => {
    tab.blur();
    void openClass(view, item.label);
  });
  return tab;
}

function drawState(view: View): void {
  const { classes, dataset, task, reviewer } = view.state!;
  find("tabs").replaceChildren(...classes.map((_, index) => drawTab(view, index)));
  const decided = classes.reduce((sum, item) => sum + item.decided, 0);
  const queued = classes.reduce((sum, item) => sum + item.queued, 0);
  find("summary").textContent = `${dataset} · ${task} · ${decided} of ${queued} decided · reviewer ${reviewer}`;
}

async function refresh(view: View): Promise<void> {
  view.state = await request<ReviewState>("/api/state");
  if (view.label === "") view.label = (view.state.classes.find(({ queued }) => queued > 0) ?? view.state.classes[0]!).label;
  drawState(view);
}

async function load(view: View): Promise<void> {
  const query = new URLSearchParams({ class: view.label, offset: String(view.offset), limit: String(view.pageSize) });
  const page = await request<ReviewPage>(`/api/queue?${query}`);
  view.entries = [...page.entries];
  view.total = page.total;
  const open = view.entries.findIndex(({ decision }) => decision === undefined);
  view.cursor = Math.max(0, open);
  drawGrid(view);
}

async function openClass(view: View, label: string): Promise<void> {
  view.label = label;
  view.offset = 0;
  drawState(view);
  await load(view);
}

async function turnClass(view: View, step: number): Promise<void> {
  const { classes } = view.state!;
  const index = classes.findIndex(({ label }) => label === view.label);
  await openClass(view, classes[(index + step + classes.length) % classes.length]!.label);
}

async function turnPage(view: View, step: number): Promise<void> {
  const offset = view.offset + step * view.pageSize;
  if (offset < 0 || offset >= view.total) return;
  view.offset = offset;
  await load(view);
  window.scrollTo({ top: 0 });
}

function showDecision(view: View, id: string, decision: string | undefined): void {
  view.entries = view.entries.map((entry) => (entry.id === id ? { ...entry, decision } : entry));
}

/** Writes one decision down; the page shows it only once the server has it on the disk. */
async function decide(view: View, entry: ReviewEntry, action: "keep" | "drop" | "relabel", label?: string): Promise<void> {
  view.state = await request<ReviewState>("/api/decisions", { id: entry.id, action, ...(label === undefined ? {} : { label }) });
  view.history.push(entry.id);
  showDecision(view, entry.id, action === "relabel" ? label : action);
}

async function decideAtCursor(view: View, action: "keep" | "drop" | "relabel", label?: string): Promise<void> {
  const entry = view.entries[view.cursor];
  if (entry === undefined) return;
  if (label === entry.given) return decideAtCursor(view, "keep");
  await decide(view, entry, action, label);
  view.cursor = Math.min(view.cursor + 1, view.entries.length - 1);
  drawState(view);
  drawGrid(view);
}

async function keepRest(view: View): Promise<void> {
  for (const entry of view.entries) if (entry.decision === undefined) await decide(view, entry, "keep");
  drawState(view);
  if (view.offset + view.pageSize < view.total) await turnPage(view, 1);
  else drawGrid(view);
}

async function undo(view: View): Promise<void> {
  const id = view.history.at(-1);
  if (id === undefined) {
    setMessage("Nothing to take back since the page was opened.");
    return;
  }
  view.state = await request<ReviewState>("/api/decisions", { id, action: "undo" });
  // Only now: what was not saved can be tried again.
  view.history.pop();
  drawState(view);
  const cursor = view.entries.findIndex((entry) => entry.id === id);
  await load(view);
  const moved = view.entries.findIndex((entry) => entry.id === id);
  if (cursor >= 0 && moved >= 0) view.cursor = moved;
  drawGrid(view);
}

async function act(view: View, action: KeyAction): Promise<void> {
  switch (action.kind) {
    case "move":
      view.cursor = movedCursor(view.cursor, action.columns, action.rows, { width: gridWidth(), count: view.entries.length });
      drawGrid(view);
      return;
    case "decide":
      return decideAtCursor(view, action.action);
    case "relabel": {
      const target = view.state!.classes[action.index];
      return target === undefined ? undefined : decideAtCursor(view, "relabel", target.label);
    }
    case "undo":
      return undo(view);
    case "keep-rest":
      return keepRest(view);
    case "previous-class":
    case "next-class":
      return turnClass(view, action.kind === "next-class" ? 1 : -1);
    case "previous-page":
    case "next-page":
      return turnPage(view, action.kind === "next-page" ? 1 : -1);
    case "help":
      find("help").toggleAttribute("hidden");
  }
}

/** Runs work one piece at a time: a key that comes while a decision is being written waits for nothing and is not lost. */
function createQueue(): (work: () => Promise<void>) => void {
  let last = Promise.resolve();
  return (work) => {
    last = last
      .then(() => {
        setMessage("");
        return work();
      })
      .catch((error: unknown) => setMessage(`Not saved: ${error instanceof Error ? error.message : String(error)}`, true));
  };
}

export function startReview(): void {
  const view: View = { state: undefined, label: "", entries: [], total: 0, offset: 0, cursor: 0, history: [], busy: false, pageSize: 60 };
  const enqueue = createQueue();
  document.addEventListener("keydown", (event) => {
    const action = actionOfKey(event.key, event.ctrlKey || event.metaKey);
    if (action === undefined || event.altKey) return;
    event.preventDefault();
    enqueue(() => act(view, action));
  });
  enqueue(async () => {
    await refresh(view);
    await load(view);
  });
}

/** Everything above, for `page.ts`. */
export const clientFunctions: readonly ((...parameters: never[]) => unknown)[] = [
  actionOfKey,
  movedCursor,
  element,
  find,
  setMessage,
  request,
  gridWidth,
  describeDecision,
  drawCell,
  drawGrid,
  drawTab,
  drawState,
  refresh,
  load,
  openClass,
  turnClass,
  turnPage,
  showDecision,
  decide,
  decideAtCursor,
  keepRest,
  undo,
  act,
  createQueue,
  startReview,
];
