import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createRandom, moods } from "../core/index.ts";
import { parseAge, parseGender, parseMood, restoreSpreadsheetRange } from "./label-words.ts";
import { countBits, packHashes, perceptualHash } from "./perceptual-hash.ts";
import type { FaceRecord, Split } from "./record.ts";
import { applyDecisions, type Decision, mergeDecisions, standingDecisions } from "./review/decisions.ts";
import { alignSplits, assignFolds, findLeakage, linkedSets, splitOfKey } from "./splits.ts";
import { classOf } from "./counts.ts";
import { createReviewSession } from "./review/session.ts";
import { suspicionSchema } from "./suspicion.ts";
import { createUnionFind } from "./union-find.ts";

function record(id: string, more: Partial<FaceRecord> = {}): FaceRecord {
  return { id, file: `${id}.png`, sha256: id, width: 48, height: 48, labels: {}, source: "test", split: "train", ...more };
}

describe("words", () => {
  test.each([
    ["3-9", 3, 9],
    ["(25, 32)", 25, 32],
    ["more than 70", 70, 100],
    ["60+", 60, 100],
    ["35", 35, 35],
    ["35.0", 35, 35],
    ["25.0-32.0", 25, 32],
    ["25, 32", 25, 32],
  ])("age %s", (text, low, high) => expect(parseAge(text)).toEqual({ low, high }));

  test("what is no age, gender or mood is undefined, not a guess", () => {
    for (const text of ["", "None", "old", "9-", "25.5", "5,25", "23,75", "constructor"]) expect(parseAge(text)).toBeUndefined();
    expect(["u", "", "toString"].map(parseGender)).toEqual([undefined, undefined, undefined]);
    expect(["contempt", "__proto__"].map(parseMood)).toEqual([undefined, undefined]);
    expect(moods.map((mood) => parseMood(mood.toUpperCase()))).toEqual([...moods]);
  });

  test("spreadsheet dates are ranges again, everything else stays", () => {
    expect(["03-Sep", "Oct-19", "20-29", "more than 70"].map(restoreSpreadsheetRange)).toEqual(["3-9", "10-19", "20-29", "more than 70"]);
  });
});

describe("union-find", () => {
  test("sets are the connected components", () => {
    const sets = createUnionFind(6);
    sets.union(0, 3);
    sets.union(3, 5);
    sets.union(1, 2);
    expect(sets.sets()).toEqual([[0, 3, 5], [1, 2], [4]]);
  });
});

describe("splits", () => {
  const people = fc.array(
    fc.record({ subject: fc.option(fc.integer({ min: 0, max: 8 })), group: fc.option(fc.integer({ min: 0, max: 8 })), key: fc.integer() }),
    { maxLength: 40 },
  );
  const build = (rows: readonly { subject: number | null; group: number | null; key: number }[]): FaceRecord[] =>
    rows.map(({ subject, group, key }, n) =>
      record(`r${n}`, {
        sha256: `s${key}`,
        ...(subject === null ? {} : { subjectId: `p${subject}` }),
        ...(group === null ? {} : { group: `g${group}` }),
        split: splitOfKey(`s${key}`, { validation: 0.3, test: 0.3 }),
      }),
    );

  test("without official parts nothing that is linked stands on two sides", () => {
    fc.assert(
      fc.property(people, (rows) => {
        expect(findLeakage(alignSplits(build(rows)))).toEqual([]);
      }),
    );
  });

  test("folds keep linked records together", () => {
    fc.assert(
      fc.property(people, (rows) => {
        const records = build(rows);
        const folds = assignFolds(records, 5);
        for (const set of linkedSets(records)) expect(new Set(set.map((index) => folds[index])).size).toBe(1);
      }),
    );
  });

  const rank = ({ split }: Pick<FaceRecord, "split">): number => ["train", "validation", "test"].indexOf(split);
  const splitsById = (records: readonly FaceRecord[]) => new Map<string, Split>(records.map(({ id, split }) => [id, split]));

  test("kept splits: new data moves no old record to a less protected split, and nothing linked stands on two sides", () => {
    fc.assert(
      fc.property(people, people, (old, added) => {
        const before = alignSplits(build(old));
        const after = alignSplits(build([...old, ...added]), splitsById(before));
        for (const [index, record] of before.entries()) expect(rank(after[index]!)).toBeGreaterThanOrEqual(rank(record));
        expect(findLeakage(after)).toEqual([]);
        expect(alignSplits(before, splitsById(before))).toEqual(before);
      }),
    );
  });

  test("kept splits: a group goes where its most protected face stands, however many there are in training", () => {
    const group = "g";
    const records = [
      record("a", { group }),
      record("b", { group, split: "validation" }),
      record("c", { group }),
      record("d", { group }),
      record("e", { group: "h", officialSplit: "x" }),
      record("f", { group: "h", split: "validation" }),
      record("g", { officialSplit: "y" }),
    ];
    const splitsOf = (previous?: ReadonlyMap<string, Split>) => alignSplits(records, previous).map(({ split }) => split);
    expect(splitsOf()).toEqual(["train", "train", "train", "train", "train", "train", "train"]);
    const kept = splitsOf(
      new Map([
        ["a", "train"],
        ["b", "validation"],
        ["f", "validation"],
        ["g", "test"],
      ]),
    );
    // An official copy stays in training, a face that was validated with does not join it there; no official part becomes test data.
    expect(kept).toEqual(["validation", "validation", "validation", "validation", "train", "validation", "train"]);
  });

  test("kept splits: validation that was cut from an official part is cut again", () => {
    const part = { officialSplit: "train" } as const;
    const records = [record("a", part), record("b", part), record("c", { officialSplit: "val", split: "test" })];
    const previous = new Map<string, Split>([
      ["a", "validation"],
      ["b", "train"],
      ["c", "test"],
    ]);
    expect(alignSplits(records, previous).map(({ split }) => split)).toEqual(["validation", "train", "test"]);
  });

  test("shares come out as asked, whatever the keys", () => {
    const counts = { train: 0, validation: 0, test: 0 };
    for (let n = 0; n < 20_000; n++) counts[splitOfKey(`key ${n}`, { validation: 0.1, test: 0.2 })]++;
    expect(counts.validation / 20_000).toBeCloseTo(0.1, 1.7);
    expect(counts.test / 20_000).toBeCloseTo(0.2, 1.7);
  });

  test("what cannot join its official copy still stands on one side of the border that was cut by hash", () => {
    const cut = { officialSplit: "train", group: "g" } as const;
    const records = [
      record("a", cut),
      record("b", { ...cut, split: "validation" }),
      record("c", { ...cut, split: "validation" }),
      record("d", { officialSplit: "val", split: "test", group: "g" }),
      record("e", { group: "g" }),
      record("f", { officialSplit: "train" }),
    ];
    const aligned = alignSplits(records);
    expect(aligned.map(({ split }) => split)).toEqual(["validation", "validation", "validation", "test", "test", "train"]);
    expect(alignSplits(aligned)).toEqual(aligned);
  });

  test("records that may go anywhere follow those that may not go to the test set", () => {
    const group = "g";
    const records = [
      record("a", { officialSplit: "train", group }),
      record("b", { officialSplit: "train", split: "validation" }),
      record("c", { split: "test", group }),
      record("d", { split: "test", group }),
    ];
    expect(alignSplits(records).map(({ split }) => split)).toEqual(["train", "validation", "train", "train"]);
  });

  test("official parts stay, and what they leak is named", () => {
    const records = [
      record("a", { officialSplit: "x", subjectId: "p" }),
      record("b", { officialSplit: "y", split: "test", subjectId: "p" }),
    ];
    expect(alignSplits(records).map(({ split }) => split)).toEqual(["train", "test"]);
    expect(findLeakage(records)).toEqual([{ kind: "subject", key: "test/p", ids: { train: ["a"], test: ["b"] } }]);
  });

  test("copies that a group holds leak once, others of the same picture by themselves", () => {
    const copy = { sha256: "same", group: "a" };
    const grouped = [record("a", copy), record("b", { ...copy, split: "test" })];
    expect(findLeakage(grouped).map(({ kind }) => kind)).toEqual(["group"]);
    const late = record("c", { sha256: "same", split: "test" });
    expect(findLeakage([grouped[0]!, late]).map(({ kind }) => kind)).toEqual(["picture"]);
  });
});

describe("perceptual hash", () => {
  const random = createRandom(4);
  const picture = (): Float32Array => {
    const waves = Array.from(
      { length: 12 },
      () => [random.uniform() * 3, random.uniform() * 3, random.uniform() * 6, random.uniform()] as const,
    );
    return Float32Array.from({ length: 1024 }, (_, index) => {
      const [x, y] = [(index % 32) / 5, Math.floor(index / 32) / 5];
      return waves.reduce((sum, [u, v, phase, height]) => sum + height * Math.sin(u * x + v * y + phase), 0);
    });
  };
  const distance = (a: string, b: string): number => {
    const packed = packHashes([a, b]);
    return countBits(packed[0]! ^ packed[2]!) + countBits(packed[1]! ^ packed[3]!);
  };

  test("copies are near, other pictures are far", () => {
    for (let n = 0; n < 20; n++) {
      const one = picture();
      const copy = one.map((value) => value * 0.8 + 0.3 + (random.uniform() - 0.5) * 0.05);
      expect(distance(perceptualHash(one), perceptualHash(one.map((value) => value * 2 + 5)))).toBeLessThanOrEqual(1);
      expect(distance(perceptualHash(one), perceptualHash(copy))).toBeLessThan(10);
      expect(distance(perceptualHash(one), perceptualHash(picture()))).toBeGreaterThan(14);
    }
  });
});

test("a ranking of an earlier version, which called the doubt a score, is read", () => {
  const line = { id: "a", task: "gender", given: "female", suggested: "male", isConfidentError: true, flags: [], score: 0.9 };
  const { score, isConfidentError: _, ...rest } = line;
  expect(suspicionSchema.parse(line)).toEqual({ ...rest, doubt: score });
  expect(() => suspicionSchema.parse(rest)).toThrow(/doubt/);
});

describe("decisions", () => {
  let clock = 0;
  const at = (): string => new Date(Date.UTC(2026, 0, 1, 0, 0, clock++)).toISOString();
  const say = (id: string, action: "keep" | "drop" | "undo", reviewer = "ann"): Decision => ({
    id,
    task: "mood",
    reviewer,
    at: at(),
    action,
  });
  const relabelled = (id: string, label: string, reviewer = "ann"): Decision => ({
    id,
    task: "mood",
    reviewer,
    at: at(),
    action: "relabel",
    label,
  });
  const faces = ["a", "b", "c"].map((id) => record(id, { labels: { mood: "sad", moodVotes: [0, 0, 0, 0, 1, 0, 0] } }));

  test("keep, relabel, drop, undo: the original stays and undo brings it back", () => {
    const decisions = [relabelled("a", "happy"), say("b", "drop"), say("c", "keep"), say("c", "drop"), say("c", "undo")];
    const standing = standingDecisions(decisions);
    expect(faces.map((face) => applyDecisions(face, standing)?.labels)).toEqual([{ mood: "happy" }, undefined, faces[2]!.labels]);
    expect(faces[0]!.labels.mood).toBe("sad");
    const undone = standingDecisions([...decisions, say("a", "undo"), say("b", "undo")]);
    expect(faces.map((face) => applyDecisions(face, undone))).toEqual(faces);
  });

  test("files of several reviewers merge in any order, with themselves too, and conflicts are named", () => {
    const ann = [say("a", "drop"), relabelled("b", "fear")];
    const bob = [say("a", "keep", "bob"), relabelled("b", "fear", "bob")];
    const merged = mergeDecisions([ann, bob]);
    expect(mergeDecisions([bob, ann, bob])).toEqual(merged);
    expect(mergeDecisions([merged.decisions])).toEqual(merged);
    expect(merged.decisions).toHaveLength(4);
    expect(merged.conflicts.map(({ id }) => id)).toEqual(["a"]);
  });

  test("sets of tags and numbers are the classes of their reviews", async () => {
    const tasks = [
      { name: "wears", kind: "tags", labels: ["hat", "hat + scarf", "scarf"] },
      { name: "stars", kind: "number", minimum: 0, maximum: 5 },
    ] as const;
    const labelled = [
      record("a", { labels: { attributes: { wears: ["hat", "scarf"], stars: 4.26 } } }),
      record("b", { labels: { attributes: { wears: [], stars: 1 } } }),
    ];
    const review = (task: string, suggested: string) => {
      const judged = { task, selfConfidence: 0.1, flags: [], doubt: 0.9 };
      const said: Decision[] = [];
      const session = createReviewSession({
        dataset: "d",
        task,
        tasks,
        reviewer: "ann",
        records: labelled,
        suspicions: [{ ...judged, id: "b", given: classOf(labelled[1]!.labels, task)!, suggested }],
        decisions: [],
        append: async (decision) => void said.push(decision),
        now: () => new Date(0),
      });
      return { session, said };
    };
    const tags = review("wears", "scarf");
    expect(tags.session.state().classes.map(({ label, before: count }) => [label, count])).toEqual([
      ["hat + scarf", 1],
      ["none", 1],
      ["scarf", 0],
    ]);
    await tags.session.decide([{ id: "b", action: "relabel", label: "hat + scarf" }]);
    expect(applyDecisions(labelled[1]!, standingDecisions(tags.said), tasks)?.labels.attributes).toEqual({
      wears: ["hat + scarf"],
      stars: 1,
    });
    const stars = review("stars", "3");
    expect(stars.session.state().classes.map(({ label }) => label)).toEqual(["1", "3", "4.3"]);
    await stars.session.decide([{ id: "b", action: "relabel", label: "3" }]);
    expect(applyDecisions(labelled[1]!, standingDecisions(stars.said), tasks)?.labels.attributes).toEqual({ wears: [], stars: 3 });
    for (const [task, label] of [
      ["wears", "cap"],
      ["stars", "6"],
      ["stars", ""],
    ] as const) {
      const decision: Decision = { id: "b", task, reviewer: "ann", at: at(), action: "relabel", label };
      expect(() => applyDecisions(labelled[1]!, standingDecisions([decision]), tasks)).toThrow(/is no label of/);
    }
  });

  test("a class that a label is of already leaves it as exact as it is", () => {
    const tasks = [{ name: "stars", kind: "number" }] as const;
    const exact = record("a", { labels: { age: { low: 31, high: 31, deviation: 4 }, attributes: { stars: 4.26 } } });
    const said = (task: string, label: string): Decision => ({ id: "a", task, reviewer: "ann", at: at(), action: "relabel", label });
    expect(applyDecisions(exact, standingDecisions([said("age", "30-39"), said("stars", "4.3")]), tasks)).toBe(exact);
    expect(applyDecisions(faces[0]!, standingDecisions([relabelled("a", "sad")]))).toBe(faces[0]);
  });

  test("a decision is about the label that it names: another one is left alone, and open again in a review", async () => {
    const about = (id: string, word: { action: "keep" | "drop" } | { action: "relabel"; label: string }, given: string): Decision => ({
      id,
      task: "mood",
      reviewer: "ann",
      at: at(),
      given,
      ...word,
    });
    const decided = [
      about("a", { action: "relabel", label: "happy" }, "sad"),
      about("b", { action: "drop" }, "sad"),
      about("c", { action: "keep" }, "sad"),
    ];
    const corrected = (["fear", "neutral", "angry"] as const).map((mood, index) => record(faces[index]!.id, { labels: { mood } }));
    const standing = standingDecisions(decided);
    expect(faces.map((face) => applyDecisions(face, standing)?.labels)).toEqual([{ mood: "happy" }, undefined, faces[2]!.labels]);
    expect(corrected.map((face) => applyDecisions(face, standing))).toEqual(corrected);
    const said: Decision[] = [];
    const review = (records: readonly FaceRecord[], decisions: readonly Decision[]) =>
      createReviewSession({
        dataset: "d",
        task: "mood",
        reviewer: "ann",
        records,
        suspicions: records.map(({ id, labels }) => ({
          id,
          task: "mood",
          given: labels.mood!,
          suggested: "surprise",
          flags: [],
          doubt: 0.5,
        })),
        decisions,
        append: async (decision) => void said.push(decision),
        now: () => new Date(at()),
      });
    expect(review(faces, decided).history()).toEqual(["a", "b", "c"]);
    const again = review(corrected, decided);
    expect(again.history()).toEqual([]);
    expect(again.state().classes.reduce((sum, row) => sum + row.decided, 0)).toBe(0);
    await again.decide([{ id: "a", action: "drop" }]);
    expect(said).toMatchObject([{ id: "a", action: "drop", given: "fear" }]);
    expect(applyDecisions(corrected[0]!, standingDecisions([...decided, ...said]))).toBeUndefined();
    // Where somebody has corrected the label as was decided, that is settled.
    const settled = { ...faces[0]!, labels: { mood: "happy" as const } };
    expect(applyDecisions(settled, standing)).toBe(settled);
    expect(review([settled], decided).history()).toEqual(["a"]);
    // A ranking of other labels shows nothing of them.
    const stale = [{ id: "a", task: "mood", given: "sad", suggested: "happy", flags: [], doubt: 0.5 }];
    const session = createReviewSession({
      dataset: "d",
      task: "mood",
      reviewer: "ann",
      records: corrected,
      suspicions: stale,
      decisions: [],
      append: async () => {},
      now: () => new Date(),
    });
    expect(session.queue({ label: "sad", offset: 0, limit: 9 }).total).toBe(0);
  });

  test("a label that the task does not have is refused", () => {
    expect(() => applyDecisions(faces[0]!, standingDecisions([relabelled("a", "bored")]))).toThrow(/bored/);
  });
});
