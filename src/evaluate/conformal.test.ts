import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ageInterval, createRandom, groupOfLabel, groupOfNumber, type TaskDefinition } from "../core/index.ts";
import { fitConformal } from "./conformal.ts";
import type { FacePrediction } from "./prediction.ts";

const rating: TaskDefinition = { name: "rating", kind: "number" };
const size: TaskDefinition = { name: "size", kind: "ordered", labels: ["small", "medium", "large", "huge"] };
const colour: TaskDefinition = { name: "colour", kind: "classes", labels: ["red", "green", "blue"] };

function face(id: number, labels: FacePrediction["labels"], probabilities: FacePrediction["probabilities"]): FacePrediction {
  return { id: String(id), labels, found: true, probabilities, attributes: {} };
}

/** A number, what was told of it, and the range that was told. */
function rated(id: number, truth: number, told: number): FacePrediction {
  return face(id, { attributes: { rating: truth } }, { rating: [told, told - 1, told + 1] });
}

/** Of `n` faces, what a network that is right sometimes says of four groups or three colours. */
function guesses({ name, labels = [] }: TaskDefinition, n: number, seed: number): FacePrediction[] {
  const random = createRandom(seed);
  return Array.from({ length: n }, (_, id) => {
    const raw = labels.map(() => random.uniform() ** 3 + 1e-6);
    const sum = raw.reduce((total, value) => total + value, 0);
    return face(id, { attributes: { [name]: labels[random.integer(labels.length)]! } }, { [name]: raw.map((value) => value / sum) });
  });
}

describe("a level that a hundred faces cannot promise", () => {
  test("groups join until each has as many as it needs: 199 of a number at 99 in 100, which is 199 on either side", () => {
    const random = createRandom(1);
    const faces = Array.from({ length: 600 }, (_, id) => rated(id, id / 100 + random.normal(), id / 100));
    const { conformal } = fitConformal(faces, rating, { level: 0.99, source: "here" })!;
    expect(conformal.groups.map((group) => group.faces)).toEqual([200, 200, 200]);
    expect(() => fitConformal(faces.slice(0, 198), rating, { level: 0.99, source: "here" })).toThrow(/198 .* 199 are the least/);
  });

  test("of ages, groups in order and classes, 199 at 995 in 1,000", () => {
    for (const task of [size, colour]) {
      const { conformal } = fitConformal(guesses(task, 900, 2), task, { level: 0.995, source: "here" })!;
      expect(conformal.groups.every((group) => group.faces >= 199)).toBe(true);
    }
    const old = (year: number) => Array.from({ length: 101 }, (_, age) => (age === year ? 0.9 : 0.001));
    const aged = Array.from({ length: 600 }, (_, id) =>
      face(id, { age: { low: 10 + (id % 60), high: 10 + (id % 60) } }, { age: old(10 + (id % 60)) }),
    );
    const { conformal } = fitConformal(aged, { name: "age", kind: "age" }, { level: 0.995, source: "here" })!;
    expect(conformal.groups.every((group) => group.faces >= 199)).toBe(true);
  });
});

test("a range of a number ends where the numbers do, and is no wider than it will be told", () => {
  const faces = Array.from({ length: 100 }, (_, id) => rated(id, id % 2 === 0 ? 1 : 5, id % 2 === 0 ? 5 : 1));
  expect(fitConformal(faces, rating, { source: "here" })!.size).toBe(8);
  expect(fitConformal(faces, { ...rating, minimum: 1, maximum: 5 }, { source: "here" })!.size).toBe(4);
});

/**
 * Whoever of n + 1 is the new one, what the others promise holds at least the level of them: the promise itself, without a random number.
 * One group, so that all are alike.
 */
describe("of n + 1 faces at least the level lies inside what the others promise", () => {
  const heldShare = (
    faces: readonly FacePrediction[],
    isHeld: (others: readonly FacePrediction[], one: FacePrediction) => boolean,
  ): number =>
    faces.filter((one) =>
      isHeld(
        faces.filter((other) => other !== one),
        one,
      ),
    ).length / faces.length;
  const sizes = fc.tuple(fc.integer({ min: 20, max: 60 }), fc.integer({ min: 0, max: 1000 }));
  const alone = { smallestGroup: 1000, source: "the others" };

  test("numbers, many of them alike", () => {
    fc.assert(
      fc.property(sizes, ([n, seed]) => {
        const random = createRandom(seed);
        const faces = Array.from({ length: n }, (_, id) => rated(id, random.integer(5), random.integer(5)));
        const share = heldShare(faces, (others, { labels, probabilities }) => {
          const { conformal } = fitConformal(others, rating, alone)!;
          if (conformal.kind !== "number") throw new Error("no number");
          const told = probabilities["rating"]![0]!;
          const { low, high } = groupOfNumber(conformal.groups, told);
          const truth = Number(labels.attributes!["rating"]);
          return told + low <= truth && truth <= told + high;
        });
        expect(share).toBeGreaterThanOrEqual(0.8);
      }),
      { numRuns: 20 },
    );
  });

  test.each([size, colour])("$kind", (task) => {
    fc.assert(
      fc.property(sizes, ([n, seed]) => {
        const share = heldShare(guesses(task, n, seed), (others, { labels, probabilities }) => {
          const { conformal } = fitConformal(others, task, alone)!;
          const said = probabilities[task.name]!;
          const truth = task.labels!.indexOf(String(labels.attributes![task.name]));
          if (conformal.kind === "classes") return said[truth]! >= groupOfLabel(conformal.groups, task.labels![0]!).probability;
          if (conformal.kind !== "ordered") throw new Error("no set");
          const { low, high } = ageInterval(said, groupOfLabel(conformal.groups, task.labels![0]!).mass);
          return low <= truth && truth <= high;
        });
        expect(share).toBeGreaterThanOrEqual(0.9);
      }),
      { numRuns: 20 },
    );
  });
});
