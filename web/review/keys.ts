/** What a reviewer asks for, by a key or a button. */
export type Action =
  | { readonly kind: "move"; readonly columns: number; readonly rows: number }
  | { readonly kind: "decide"; readonly action: "keep" | "drop" }
  | { readonly kind: "relabel"; readonly index: number }
  | { readonly kind: "mark" | "next-mark" | "accept" | "enlarge" | "learnt" | "undo" | "keep-rest" }
  | { readonly kind: "previous-class" | "next-class" | "previous-page" | "next-page" | "help" };

const actions: Readonly<Record<string, Action>> = {
  ArrowLeft: { kind: "move", columns: -1, rows: 0 },
  ArrowRight: { kind: "move", columns: 1, rows: 0 },
  ArrowUp: { kind: "move", columns: 0, rows: -1 },
  ArrowDown: { kind: "move", columns: 0, rows: 1 },
  k: { kind: "decide", action: "keep" },
  " ": { kind: "mark" },
  n: { kind: "next-mark" },
  z: { kind: "enlarge" },
  m: { kind: "learnt" },
  d: { kind: "decide", action: "drop" },
  Delete: { kind: "decide", action: "drop" },
  u: { kind: "undo" },
  Enter: { kind: "accept" },
  e: { kind: "keep-rest" },
  "[": { kind: "previous-class" },
  "]": { kind: "next-class" },
  PageUp: { kind: "previous-page" },
  PageDown: { kind: "next-page" },
  "?": { kind: "help" },
};

/** What a key asks for; undefined leaves it to the browser. */
export function actionOfKey(key: string, withCommand: boolean): Action | undefined {
  if (withCommand) return key === "z" ? { kind: "undo" } : undefined;
  if (/^[1-9]$/.test(key)) return { kind: "relabel", index: Number(key) - 1 };
  // Letters are the same with Shift or Caps Lock.
  const name = key.length === 1 ? key.toLowerCase() : key;
  return Object.hasOwn(actions, name) ? actions[name] : undefined;
}

const going: ReadonlySet<Action["kind"]> = new Set(["move", "next-mark", "previous-class", "next-class", "previous-page", "next-page"]);

/** Whether a key that is held down asks for it again and again: it may go on, and decides once. */
export function isRepeated({ kind }: Action): boolean {
  return going.has(kind);
}

/** Where the cursor goes: it stays on the page. */
export function movedCursor(
  cursor: number,
  { columns, rows }: { readonly columns: number; readonly rows: number },
  grid: { readonly width: number; readonly count: number },
): number {
  const target = cursor + columns + rows * grid.width;
  return target < 0 || target >= grid.count ? cursor : target;
}

/** The keys as the page lists them. */
export const keyHelp: readonly (readonly [keys: readonly string[], text: string])[] = [
  [["←", "→", "↑", "↓"], "move between faces"],
  [["Enter"], "accept the sheet: marked faces get the class in their mark, the others are kept"],
  [["Space"], "mark a face, or take its mark away; so does a click"],
  [["N"], "go to the next marked face"],
  [["K"], "keep: the label is right"],
  [["1", "…", "9"], "relabel: give it the class with that number"],
  [["D", "Delete"], "drop: no usable face"],
  [["U", "Ctrl+Z"], "take the last decision or sheet back, also those of earlier days"],
  [["E"], "keep all that are left on this sheet, marked or not"],
  [["Z"], "see the face large, with other pictures of the same subject"],
  [["M"], "see what the model learnt: typical faces of each class, those on the border, and what it mixes"],
  [["PageUp", "PageDown"], "turn the sheet"],
  [["[", "]"], "previous or next class"],
  [["?"], "show or hide this list"],
];
