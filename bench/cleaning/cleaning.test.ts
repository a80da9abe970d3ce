import { describe, expect, test } from "vitest";
import type { TaskDefinition } from "../../src/core/index.ts";
import { classOf, type FaceRecord } from "../../src/datasets/index.ts";
import { confidentLearning } from "./confident-learning.ts";
import { crossValidatedProbabilities } from "./logistic-regression.ts";
import { plantErrors } from "./plant.ts";

describe("confident learning", () => {
  // Worked by hand. Thresholds: class 0 (0.9 + 0.8 + 0.1) / 3 = 0.6, class 1 (0.7 + 0.9) / 2 = 0.8.
  const probabilities = Float64Array.of(0.9, 0.1, 0.8, 0.2, 0.1, 0.9, 0.3, 0.7, 0.1, 0.9);
  const result = confidentLearning(probabilities, [0, 0, 0, 1, 1], 2);

  test("thresholds, the confident joint and its calibration", () => {
    expect(result.thresholds[0]).toBeCloseTo(0.6, 12);
    expect(result.thresholds[1]).toBeCloseTo(0.8, 12);
    expect(result.confidentJoint).toEqual([
      [2, 1],
      [0, 1],
    ]);
    expect(result.joint.map((row) => row.map((value) => Math.round(value * 1e6) / 1e6))).toEqual([
      [0.4, 0.2],
      [0, 0.4],
    ]);
  });

  test("names the wrong one", () => {
    expect(result.verdicts.map(({ isConfidentError }) => isConfidentError)).toEqual([false, false, true, false, false]);
    expect(result.verdicts[2]).toMatchObject({ suggested: 1, selfConfidence: 0.1 });
    expect(result.verdicts[2]!.margin).toBeCloseTo(-0.8, 12);
  });
});

describe("labels judged by those who have not seen them", () => {
  const folds = (count: number, of: (row: number) => number) => Int32Array.from({ length: count }, (_, row) => of(row));

  test("more faces than a function call takes arguments", () => {
    const rows = 200_000;
    const features = { rows, columns: 1, data: new Float32Array(rows) };
    const labels = folds(rows, (row) => row % 2);
    const probabilities = crossValidatedProbabilities(features, labels, labels, 2, { steps: 1, batchSize: rows });
    expect(probabilities.length).toBe(2 * rows);
  });

  test("where all are linked nobody can judge: no class is more probable than another", () => {
    const features = { rows: 4, columns: 1, data: Float32Array.of(1, 2, 3, 4) };
    const probabilities = crossValidatedProbabilities(
      features,
      Int32Array.of(0, 1, 0, 1),
      folds(4, () => 3),
      2,
    );
    expect([...probabilities]).toEqual(Array.from(probabilities, () => 0.5));
  });
});

describe("wrong labels that are planted", () => {
  const tasks: TaskDefinition[] = [
    { name: "wears", kind: "tags", labels: ["hat", "scarf"] },
    { name: "weight", kind: "number", minimum: 0 },
    { name: "size", kind: "ordered", labels: ["small", "medium", "large"] },
  ];
  const worn = [["hat"], ["hat", "scarf"], [], ["scarf"]];
  const records = Array.from({ length: 60 }, (_, place): FaceRecord => {
    const id = `f/${place}`;
    const attributes = { wears: worn[place % 4]!, weight: 40 + place / 2, size: tasks[2]!.labels![place % 3]! };
    return { id, file: id, sha256: id, width: 1, height: 1, labels: { attributes }, source: "drawn", split: "train" };
  });

  for (const mistake of ["uniform", "human"] as const) {
    test.each(tasks)(`are other ones of $name, $kind, by ${mistake} mistakes`, ({ name: task }) => {
      const { records: wrong, planted } = plantErrors(records, { task, tasks, share: 0.5, mistake, seed: 1 });
      expect(planted.size).toBe(30);
      const seen = new Set(records.map(({ labels }) => classOf(labels, task)));
      for (const [place, { id, labels }] of wrong.entries()) {
        const [now, before] = [classOf(labels, task), classOf(records[place]!.labels, task)];
        expect(now === before).toBe(!planted.has(id));
        expect(seen).toContain(now);
      }
    });
  }

  test("of numbers are far off: a neighbour is no error that a queue has to find", () => {
    const { records: wrong, planted } = plantErrors(records, { task: "weight", tasks, share: 0.5, mistake: "uniform", seed: 1 });
    const weightOf = ({ labels }: FaceRecord): number => Number(labels.attributes!["weight"]);
    const moved = wrong.flatMap((record, place) => (planted.has(record.id) ? Math.abs(weightOf(record) - weightOf(records[place]!)) : []));
    // A sixth of their range, but for the half that two digits leave open.
    expect(Math.min(...moved)).toBeGreaterThanOrEqual(29.5 / 6 - 0.5);
  });

  test("there are none where all faces have one label", () => {
    const same = records.filter((_, place) => place % 3 === 0);
    expect(() => plantErrors(same, { task: "size", tasks, share: 0.1, mistake: "human", seed: 1 })).toThrow("one label alone");
  });
});
