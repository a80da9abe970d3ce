import { expect, test } from "vitest";
import type { TaskDefinition } from "../../core/index.ts";
import type { FaceLabels, FaceRecord } from "../record.ts";
import { rankSuspicions, type Suspicion } from "../suspicion.ts";
import { createReviewSession } from "./session.ts";

interface Judged extends Pick<Suspicion, "given" | "suggested" | "doubt" | "alternative" | "margin"> {
  readonly id: string;
}

function learntFrom(
  task: string,
  judged: readonly Judged[],
  labelsOf: (given: string) => FaceLabels,
  tasks: readonly TaskDefinition[] = [],
) {
  const session = createReviewSession({
    dataset: "d",
    task,
    tasks,
    reviewer: "ada",
    records: judged.map(({ id, given }): FaceRecord => ({
      id,
      file: `${id}.png`,
      sha256: id,
      width: 1,
      height: 1,
      labels: labelsOf(given),
      source: "drawn",
      split: "train",
    })),
    suspicions: rankSuspicions(
      task,
      judged.map((face) => ({ ...face, flags: [] })),
    ),
    decisions: [],
    append: async () => {},
    now: () => new Date(),
  });
  return { session, learnt: session.learnt() };
}

const idsOf = (faces: readonly { readonly id: string }[]): string[] => faces.map(({ id }) => id);

/** Twelve happy faces, the first the surest; three sad ones that look neutral or happy; one fearful one. */
const moods: readonly Judged[] = [
  ...Array.from({ length: 12 }, (_, n) => ({
    id: `h${String(n).padStart(2, "0")}`,
    given: "happy",
    suggested: n < 11 ? "happy" : "sad",
    alternative: "sad",
    doubt: 0.01 + n / 20,
    margin: 0.95 - n / 11,
  })),
  { id: "s0", given: "sad", suggested: "neutral", alternative: "neutral", doubt: 0.8, margin: -0.7 },
  { id: "s1", given: "sad", suggested: "happy", alternative: "happy", doubt: 0.9, margin: -0.9 },
  { id: "s2", given: "sad", suggested: "neutral", alternative: "neutral", doubt: 0.7, margin: -0.4 },
  { id: "f0", given: "fear", suggested: "fear", doubt: 0, margin: 1 },
];

test("of each class the surest faces and those nearest to another class are shown, and none twice", () => {
  const { learnt } = learntFrom("mood", moods, (given) => ({ mood: given as "happy" }));
  // In the order of moods; classes without a face are left out.
  expect(learnt.classes.map(({ label, judged }) => [label, judged])).toEqual([
    ["fear", 1],
    ["happy", 12],
    ["sad", 3],
  ]);
  const [fear, happy, sad] = learnt.classes;
  expect([idsOf(fear!.typical), idsOf(fear!.border)]).toEqual([["f0"], []]);
  expect(idsOf(happy!.typical)).toEqual(["h00", "h01", "h02", "h03", "h04", "h05", "h06", "h07"]);
  // Margins 0.041, -0.05, 0.13, 0.22.
  expect(idsOf(happy!.border)).toEqual(["h10", "h11", "h09", "h08"]);
  expect([idsOf(sad!.typical), idsOf(sad!.border)]).toEqual([[], ["s2", "s0", "s1"]]);
});

test("pairs are counted in their direction, the most frequent first, with the likeliest wrong faces", () => {
  const { learnt } = learntFrom("mood", moods, (given) => ({ mood: given as "happy" }));
  expect(learnt.mixed.map(({ given, suggested, count, faces }) => [given, suggested, count, idsOf(faces)])).toEqual([
    ["sad", "neutral", 2, ["s0", "s2"]],
    ["sad", "happy", 1, ["s1"]],
    ["happy", "sad", 1, ["h11"]],
  ]);
});

test("labels with an order have no margins: even odds are their border; what was decided changes nothing", async () => {
  const sizes: TaskDefinition = { name: "size", kind: "ordered", labels: ["small", "large"] };
  const doubts = [0, 0.1, 0.45, 0.52, 0.97, 0, 0, 0, 0, 0, 0, 0];
  const judged = doubts.map((doubt, n): Judged => ({
    id: `f${String(n).padStart(2, "0")}`,
    given: "small",
    suggested: doubt < 0.5 ? "small" : "large",
    doubt,
  }));
  const { session, learnt } = learntFrom("size", judged, (size) => ({ attributes: { size } }), [sizes]);
  expect(learnt.classes.map(({ label }) => label)).toEqual(["small"]);
  expect(idsOf(learnt.classes[0]!.border).slice(0, 2)).toEqual(["f03", "f02"]);
  expect(learnt.mixed).toMatchObject([{ given: "small", suggested: "large", count: 2 }]);
  await session.decide([{ id: "f04", action: "relabel", label: "large" }]);
  const after = session.learnt();
  expect(after.mixed).toMatchObject([{ count: 2 }]);
  expect(after.mixed[0]!.faces[0]).toMatchObject({ id: "f04", decision: { action: "relabel", label: "large" } });
});
