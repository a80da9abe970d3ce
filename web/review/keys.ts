/** What a reviewer asks for, by a key or a button. */
export type Action =
  | { readonly kind: "move"; readonly columns: number; readonly rows: number }
  | { readonly kind: "decide"; readonly action: "keep" | "drop" }
  | { readonly kind: "relabel"; readonly index: number }
  | { readonly kind: "mark" | "next-mark" | "accept" | "choose" | "enlarge" | "learnt" | "undo" | "keep-rest" }
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
  r: { kind: "choose" },
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

/** Letters as they are compared: without case and accents. */
function plain(text: string): string {
  return text.normalize("NFD").replaceAll(/\p{M}/gu, "").toLowerCase();
}

/**
 * The classes that somebody may mean who types this: those that begin with it, then those of which a word does, then those that hold it.
 * @returns their places among `labels`; of nothing typed all of them
 */
export function matchingClasses(labels: readonly string[], typed: string): number[] {
  const wanted = plain(typed.trim());
  const rankOf = (label: string): number => {
    if (label.startsWith(wanted)) return 0;
    if (label.split(/[^\p{L}\p{N}]+/u).some((word) => word.startsWith(wanted))) return 1;
    return label.includes(wanted) ? 2 : 3;
  };
  const ranks = labels.map((label) => rankOf(plain(label)));
  return [...ranks.keys()].filter((index) => ranks[index]! < 3).toSorted((a, b) => ranks[a]! - ranks[b]! || a - b);
}

/** The keys as the page lists them. */
export const keyHelp: readonly (readonly [keys: readonly string[], text: string])[] = [
  [["←", "→", "↑", "↓"], "move between faces"],
  [["Enter"], "accept the sheet: marked faces get the class in their mark, the others are kept"],
  [["Space"], "mark a face, or take its mark away; so does a click"],
  [["N"], "go to the next marked face"],
  [["K"], "keep: the label is right"],
  [["1", "…", "9"], "relabel: give it the class with that number"],
  [["R"], "relabel by name: type the first letters of a class, then Enter; ↑ and ↓ choose another one"],
  [["D", "Delete"], "drop: no usable face"],
  [["U", "Ctrl+Z"], "take the last decision or sheet back, also those of earlier days"],
  [["E"], "keep all that are left on this sheet, marked or not"],
  [["Z"], "see the face large, with other pictures of the same subject"],
  [["M"], "see what the model learnt: typical faces of each class, those on the border, and what it mixes"],
  [["PageUp", "PageDown"], "turn the sheet"],
  [["[", "]"], "previous or next class"],
  [["?"], "show or hide this list"],
];
