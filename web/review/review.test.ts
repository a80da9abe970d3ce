import { describe, expect, test } from "vitest";
import type { DecisionRequest, FaceDecision, ReviewEntry, ReviewState } from "../../src/datasets/review/index.ts";
import type { ReviewApi } from "./api.ts";
import { actionOfKey, isRepeated, keyHelp, matchingClasses, movedCursor } from "./keys.ts";
import { createReview, pageSize, type Review } from "./review.ts";

/** A server of 70 happy and no sad faces, which can be away. */
function fakeServer() {
  const decisions = new Map<string, FaceDecision>();
  const asked: DecisionRequest[] = [];
  const server = { isAway: false, isSheetAway: false, asked };
  const state = (): ReviewState => ({
    dataset: "faces",
    task: "mood",
    reviewer: "ada",
    classes: [
      { label: "sad", before: 0, after: 0, queued: 0, decided: 0 },
      { label: "happy", before: 70, after: 70, queued: 70, decided: decisions.size },
    ],
    reasons: [{ reason: "dark", count: 2 }],
  });
  const entry = (index: number): ReviewEntry => {
    const id = `face ${index}`;
    const doubt = index < 3 ? 0.9 : 0.1;
    const common = { id, picture: `/picture/${index}`, given: "happy", doubt, flags: [], decision: decisions.get(id) };
    return doubt > 0.5 ? { ...common, suggested: "sad" } : { ...common, suggested: "happy", alternative: "sad" };
  };
  const api: ReviewApi = {
    state: async () => state(),
    queue: async ({ label, offset, limit, reason }) => {
      if (server.isSheetAway) throw new Error("the server is gone");
      const total = label === "happy" ? (reason === undefined ? 70 : 2) : 0;
      const count = Math.max(0, Math.min(limit, total - offset));
      return { total, wrongHere: 3, wrongBehind: 1, entries: Array.from({ length: count }, (_, index) => entry(offset + index)) };
    },
    decide: async (requests) => {
      await Promise.resolve();
      if (server.isAway) throw new Error("the server is gone");
      for (const request of requests) {
        const { id, action, label = "" } = request;
        asked.push(request);
        if (action === "undo") decisions.delete(id);
        else decisions.set(id, action === "relabel" ? { action, label } : { action });
      }
      return state();
    },
    history: async () => [...decisions.keys()],
    learnt: async () => {
      if (server.isAway) throw new Error("the server is gone");
      return { classes: [{ label: "happy", judged: 70, typical: [entry(9)], border: [entry(2)] }], mixed: [] };
    },
    related: async (id) => [{ id: `${id} again`, picture: "/picture/99", label: "happy" }],
  };
  return { server, api };
}

async function opened(before: readonly DecisionRequest[] = []): Promise<{
  readonly review: Review;
  readonly server: ReturnType<typeof fakeServer>["server"];
}> {
  const { server, api } = fakeServer();
  if (before.length > 0) await api.decide(before);
  server.asked.length = 0;
  const review = createReview(api);
  await review.open();
  return { review, server };
}

const press = async (review: Review, ...keys: readonly string[]): Promise<void> => {
  await Promise.all(keys.map(async (key) => review.act(actionOfKey(key, false)!, 10)));
};

describe("a review", () => {
  test("begins with the first class that has faces in the queue", async () => {
    const { review } = await opened();
    expect(review.view.value).toMatchObject({ label: "happy", total: 70, offset: 0, cursor: 0 });
    expect(review.view.value.entries).toHaveLength(pageSize);
  });

  test("goes on where the reviewer stopped, and begins anew where all is decided", async () => {
    const decided = Array.from({ length: pageSize + 2 }, (_, index) => ({ id: `face ${index}`, action: "keep" as const }));
    const { review } = await opened(decided);
    expect(review.view.value).toMatchObject({ label: "happy", offset: pageSize, cursor: 2 });
    const rest = Array.from({ length: 8 }, (_, index) => ({ id: `face ${pageSize + 2 + index}`, action: "keep" as const }));
    const { review: whole } = await opened([...decided, ...rest]);
    expect(whole.view.value).toMatchObject({ label: "happy", offset: 0, cursor: 0 });
  });

  test("says of what is likely wrong on the sheet how much is left after each decision", async () => {
    const { review } = await opened();
    const { entries, wrongHere } = review.view.value;
    const doubt = entries.reduce((sum, entry) => sum + entry.doubt, 0);
    expect(wrongHere).toBe(3);
    await press(review, "k");
    expect(review.view.value.wrongHere).toBeCloseTo((3 * (doubt - entries[0]!.doubt)) / doubt, 9);
    await press(review, "e");
    expect(review.view.value.offset).toBe(pageSize);
  });

  test("a face that cannot be enlarged, or a sheet that cannot be turned, is not said to be unsaved", async () => {
    const { review, server } = await opened();
    server.isAway = true;
    await press(review, "m");
    expect(review.message.value).toEqual({ text: "Not loaded: the server is gone", isError: true });
    await press(review, "k");
    expect(review.message.value).toEqual({ text: "Not saved: the server is gone", isError: true });
  });

  test("keys that come faster than decisions are written are all done, in their order", async () => {
    const { review, server } = await opened();
    await press(review, "k", "1", "d", "2", "u");
    expect(server.asked.map(({ action, label }) => label ?? action)).toEqual(["keep", "sad", "drop", "keep", "undo"]);
    expect(review.view.value.entries.slice(0, 4).map(({ decision }) => decision)).toEqual([
      { action: "keep" },
      { action: "relabel", label: "sad" },
      { action: "drop" },
      undefined,
    ]);
    expect(review.view.value.cursor).toBe(3);
  });

  test("a decision that was not saved is not shown, and an undo that was not saved can be tried again", async () => {
    const { review, server } = await opened();
    await press(review, "d");
    server.isAway = true;
    await press(review, "k", "u");
    expect(review.message.value).toEqual({ text: "Not saved: the server is gone", isError: true });
    expect(review.view.value.entries[1]!.decision).toBeUndefined();
    server.isAway = false;
    await press(review, "u");
    expect([review.message.value.text, review.view.value.entries[0]!.decision]).toEqual(["", undefined]);
    await press(review, "u");
    expect(review.message.value.text).toContain("Nothing to take back");
  });

  test("a sheet is accepted as it is marked, and taken back in one", async () => {
    const { review, server } = await opened();
    expect([...review.view.value.marks]).toEqual([0, 1, 2].map((index) => [`face ${index}`, "sad"]));
    // One mark too many, one too few; the last is decided by itself.
    review.touch(1);
    review.touch(7);
    expect(review.view.value.cursor).toBe(7);
    await press(review, "ArrowRight", "d", "Enter");
    const words = server.asked.map(({ id, action, label }) => [id, label ?? action]);
    expect(words.filter(([, word]) => word !== "keep")).toEqual([
      ["face 8", "drop"],
      ["face 0", "sad"],
      ["face 2", "sad"],
      ["face 7", "sad"],
    ]);
    expect(words).toHaveLength(pageSize);
    expect(review.view.value).toMatchObject({ offset: pageSize, cursor: 0 });
    await press(review, "u");
    expect(review.message.value.text).toBe(`${pageSize - 1} decisions taken back.`);
    expect(review.view.value.offset).toBe(0);
    expect(review.view.value.entries.filter(({ decision }) => decision !== undefined).map(({ id }) => id)).toEqual(["face 8"]);
    await press(review, "u");
    expect(server.asked.at(-1)).toEqual({ id: "face 8", action: "undo" });
  });

  test("what was decided before the page was opened can be taken back", async () => {
    const { review, server } = await opened([
      { id: "face 3", action: "drop" },
      { id: "face 5", action: "keep" },
    ]);
    await press(review, "u", "u", "u");
    expect(server.asked).toEqual([
      { id: "face 5", action: "undo" },
      { id: "face 3", action: "undo" },
    ]);
    expect(review.message.value.text).toContain("Nothing to take back");
  });

  test("what is taken back is shown again, wherever the reviewer went meanwhile", async () => {
    const { review } = await opened();
    await press(review, "k", "e", "d");
    await review.openClass("sad");
    await press(review, "u");
    expect(review.view.value).toMatchObject({ label: "happy", offset: pageSize, cursor: 0 });
    expect(review.view.value.entries[0]!.decision).toBeUndefined();
    await review.openClass("sad");
    await press(review, "u");
    expect(review.message.value.text).toBe(`${pageSize - 1} decisions taken back.`);
    expect(review.view.value).toMatchObject({ label: "happy", offset: 0, cursor: 1 });
  });

  test("a decision of earlier days on a face that is not on the sheet is said to be taken back", async () => {
    const { review, server } = await opened([{ id: "face 66", action: "drop" }]);
    await press(review, "u");
    expect(server.asked).toEqual([{ id: "face 66", action: "undo" }]);
    expect(review.message.value).toEqual({ text: "Taken back: the decision on face 66, which is not on this sheet.", isError: false });
  });

  test("marks are jumped to, faces filtered by what their pictures show, and seen large", async () => {
    const { review } = await opened();
    await press(review, "n", "n", "n");
    expect(review.view.value.cursor).toBe(2);
    await press(review, "z");
    expect(review.enlarged.value).toMatchObject({ entry: { id: "face 2" }, related: [{ id: "face 2 again" }] });
    await press(review, "z");
    expect(review.enlarged.value).toBeUndefined();
    await review.filter("dark");
    expect(review.view.value).toMatchObject({ total: 2, offset: 0, reason: "dark" });
    await review.filter(undefined);
    expect(review.view.value.total).toBe(70);
  });

  test("a sheet that cannot be filtered stays the one that it was", async () => {
    const { review, server } = await opened();
    server.isSheetAway = true;
    await review.filter("dark");
    expect(review.message.value.isError).toBe(true);
    expect(review.view.value).toMatchObject({ reason: undefined, total: 70 });
    server.isSheetAway = false;
    await press(review, "e");
    expect(review.view.value).toMatchObject({ reason: undefined, offset: pageSize, total: 70 });
  });

  test("what the model learnt opens and closes with one key, and says so where it cannot be had", async () => {
    const { review, server } = await opened();
    server.isAway = true;
    await press(review, "m");
    expect([review.learnt.value, review.message.value.isError]).toEqual([undefined, true]);
    server.isAway = false;
    await press(review, "m");
    expect(review.learnt.value?.classes).toMatchObject([{ label: "happy", typical: [{ id: "face 9" }] }]);
    await press(review, "m");
    expect(review.learnt.value).toBeUndefined();
    expect(server.asked).toEqual([]);
  });

  test("keeping the rest goes on to the next page, and stays on the last", async () => {
    const { review, server } = await opened();
    await press(review, "d", "e");
    expect(server.asked.map(({ action }) => action)).toEqual(["drop", ...Array.from({ length: pageSize - 1 }, () => "keep")]);
    expect(review.view.value).toMatchObject({ offset: pageSize, cursor: 0 });
    await press(review, "e");
    expect(review.view.value.entries.map(({ decision }) => decision)).toEqual(Array.from({ length: 10 }, () => ({ action: "keep" })));
    await press(review, "PageDown", "PageUp");
    expect(review.view.value.offset).toBe(0);
  });

  test("classes go round", async () => {
    const { review } = await opened();
    await press(review, "]");
    expect(review.view.value).toMatchObject({ label: "sad", total: 0, entries: [] });
    await press(review, "k");
    await press(review, "]");
    expect(review.view.value.label).toBe("happy");
  });
});

describe("keys", () => {
  test("every key of the list does something", () => {
    const names: Readonly<Record<string, string>> = { "←": "ArrowLeft", "→": "ArrowRight", "↑": "ArrowUp", "↓": "ArrowDown", Space: " " };
    const keys = keyHelp.flatMap(([keys]) => keys).filter((key) => !["…", "Ctrl+Z"].includes(key));
    for (const key of keys) expect([key, actionOfKey(names[key] ?? key, false)]).not.toContain(undefined);
    // Caps Lock makes large letters of those that the list has.
    for (const letter of keys.filter((key) => /^[A-Z]$/.test(key)))
      expect(actionOfKey(letter.toLowerCase(), false)).toEqual(actionOfKey(letter, false));
    expect(actionOfKey("z", true)).toEqual({ kind: "undo" });
  });

  test("others are the browser's", () => {
    for (const key of ["a", "0", "Tab", "Escape", "constructor", "F5"]) expect(actionOfKey(key, false)).toBeUndefined();
    expect(actionOfKey("k", true)).toBeUndefined();
  });

  test("that are held down go on, and decide, open and close once", () => {
    const repeated = ["ArrowRight", "ArrowUp", "n", "]", "[", "PageUp", "PageDown"];
    const once = ["Enter", "e", "k", "d", "Delete", "5", "u", " ", "z", "m", "?"];
    for (const key of [...repeated, ...once]) expect([key, isRepeated(actionOfKey(key, false)!)]).toEqual([key, repeated.includes(key)]);
  });

  test("the cursor stays on the page", () => {
    const grid = { width: 4, count: 6 };
    expect(movedCursor(0, { columns: -1, rows: 0 }, grid)).toBe(0);
    expect(movedCursor(1, { columns: 0, rows: 1 }, grid)).toBe(5);
    expect(movedCursor(2, { columns: 0, rows: 1 }, grid)).toBe(2);
    expect(movedCursor(5, { columns: 1, rows: 0 }, grid)).toBe(5);
  });
});

describe("a class by its name", () => {
  const labels = ["happy", "sad", "surprise", "Överrask", "20-29", "20-29 years", "not sad"];
  const named = (typed: string): string[] => matchingClasses(labels, typed).map((index) => labels[index]!);

  test("is found by its first letters, then by those of its words, then by any", () => {
    expect(named("sa")).toEqual(["sad", "not sad"]);
    expect(named(" S ")).toEqual(["sad", "surprise", "not sad", "Överrask", "20-29 years"]);
    expect(named("over")).toEqual(["Överrask"]);
    expect(named("29")).toEqual(["20-29", "20-29 years"]);
    expect(named("ris")).toEqual(["surprise"]);
    expect(named("x")).toEqual([]);
    expect(named("")).toEqual(labels);
  });

  test("is given to the face under the cursor, however many there are", async () => {
    const { review, server } = await opened();
    await press(review, "ArrowRight", "R");
    expect(review.isChoosing.value).toBe(true);
    review.closeChoice();
    await review.act({ kind: "relabel", index: matchingClasses(["sad", "happy"], "sa")[0]! }, 10);
    expect(review.isChoosing.value).toBe(false);
    expect(server.asked).toEqual([{ id: "face 1", action: "relabel", label: "sad" }]);
    expect(keyHelp.some(([keys]) => keys.includes("R"))).toBe(true);
  });
});
