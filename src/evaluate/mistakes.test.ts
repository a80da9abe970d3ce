import { expect, test } from "vitest";
import { fairFaceAgeGroups, moods } from "../core/index.ts";
import { mistakesByCell, worstMistakes } from "./mistakes.ts";
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
