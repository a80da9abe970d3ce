import { expect, test } from "vitest";
import { fairFaceAgeGroups, moods } from "../core/index.ts";
import { evaluateTasks } from "./evaluate.ts";
import { mistakesByCell, worstMistakes } from "./mistakes.ts";
import { describeMistakes } from "./render/mistakes.ts";
import { buildSample } from "./sample.ts";
import { facePrediction } from "./testing.ts";

const face = (id: string, annotated: number, named: number | undefined, confidence: number) =>
  facePrediction(id, {
    labels: { mood: moods[annotated]! },
    found: named !== undefined,
    probabilities: named === undefined ? {} : { mood: moods.map((_, mood) => (mood === named ? confidence : (1 - confidence) / 6)) },
  });

const sample = buildSample(
  [
    face("right", 0, 0, 0.99),
    face("lost", 0, undefined, 0),
    ...Array.from({ length: 20 }, (_, index) => face(`often-${index}`, 1, 2, 0.9 - index / 100)),
    face("rare", 3, 4, 0.5),
  ],
  "mood",
  fairFaceAgeGroups,
)!;

test("the surest come first, and each kind of mistake has some, however unsure", () => {
  const mistakes = worstMistakes(sample, 3);
  expect(mistakes.map(({ id }) => id)).toEqual(["often-0", "often-1", "often-2", "often-3", "often-4", "often-5", "rare"]);
  expect(mistakes.at(-1)).toEqual({ id: "rare", annotated: moods[3], predicted: moods[4], confidence: 0.5 });
  expect(worstMistakes(sample, 10)).toHaveLength(11);
});

test("kinds stand in the order of their counts, which are those of the whole split", () => {
  const matrix = moods.map((_, row) => moods.map((__, column) => (row === 1 && column === 2 ? 20 : row === 3 && column === 4 ? 1 : 0)));
  const cells = mistakesByCell(worstMistakes(sample, 20), moods, matrix);
  expect(cells.map(({ annotated, n, mistakes }) => [annotated, n, mistakes.length])).toEqual([
    [moods[1], 20, 6],
    [moods[3], 1, 1],
  ]);
});

test("a page lists as many of the surest as were asked for, and no others among them", () => {
  const faces = Array.from({ length: 60 }, (_, index) => face(`wrong-${index}`, 1, 2, 0.9 - index / 100));
  const rare = [3, 4, 5].map((mood) => face(`rare-${mood}`, mood, 0, 0.2));
  const rowsFor = (mistakes: number) => {
    const report = evaluateTasks([...faces, ...rare], { replicates: 2, mistakes }).mood!;
    const [surest] = describeMistakes("mood", report);
    return surest!.kind === "pictures" ? surest!.items.map(({ name }) => name) : [];
  };
  expect(rowsFor(40)).toEqual(faces.slice(0, 40).map(({ id }) => id));
  expect(rowsFor(3)).toEqual(faces.slice(0, 3).map(({ id }) => id));
});
