import { describe, expect, test } from "vitest";
import type { TaskDefinition } from "../core/index.ts";
import { fitConformal } from "./conformal.ts";
import { evaluateTasks } from "./evaluate.ts";
import { buildOwnSamples } from "./own-sample.ts";
import type { FacePrediction } from "./prediction.ts";
import { facePrediction } from "./testing.ts";

const face = (id: number, task: string, label: string | string[] | number, numbers: number[] | undefined): FacePrediction =>
  facePrediction(String(id), {
    labels: { attributes: { [task]: label } },
    found: numbers !== undefined,
    probabilities: numbers === undefined ? {} : { [task]: numbers },
  });

describe("tasks that are not built in", () => {
  const groups: TaskDefinition = { name: "size", kind: "ordered", labels: ["small", "medium", "large"] };

  test("of groups have one-off accuracy, and a face that is not found is wrong", () => {
    const faces = [
      face(0, "size", "small", [0.7, 0.2, 0.1]),
      face(1, "size", "small", [0.1, 0.8, 0.1]),
      face(2, "size", "small", [0.1, 0.2, 0.7]),
      face(3, "size", "large", undefined),
    ];
    const { size } = evaluateTasks(faces, { tasks: [groups], replicates: 20 });
    expect(size).toMatchObject({ kind: "ordered", n: 4, notFound: 1, labels: groups.labels, accuracy: 0.25, oneOffAccuracy: 0.5 });
    expect(size!.confusionMatrix[0]).toEqual([1, 1, 1]);
  });

  test("of classes have none, and labels that the head does not know are left out", () => {
    const classes: TaskDefinition = { ...groups, kind: "classes" };
    const faces = [face(0, "size", "small", [0.7, 0.2, 0.1]), face(1, "size", "huge", [0.1, 0.8, 0.1])];
    const { size } = evaluateTasks(faces, { tasks: [classes], replicates: 20 });
    expect(size).toMatchObject({ n: 1, accuracy: 1 });
    expect(size!.oneOffAccuracy).toBeUndefined();
  });

  test("labels are the head's in whatever case they are spelled, in metrics, fits and sets", () => {
    const classes: TaskDefinition = { name: "cap", kind: "classes", labels: ["yes", "no"] };
    const faces = Array.from({ length: 40 }, (_, id) =>
      face(id, "cap", id % 2 === 0 ? "Yes" : "NO", id % 2 === 0 ? [0.7, 0.3] : [0.4, 0.6]),
    );
    const { cap } = evaluateTasks(faces, { tasks: [classes], replicates: 20, fitTemperature: true, fitScaling: true });
    expect(cap).toMatchObject({ n: 40, accuracy: 1, temperatureFit: { n: 40 }, scalingFit: { n: 40 } });
    expect(fitConformal(faces, classes, { source: "here" })).toMatchObject({ faces: 40 });
    const tags: TaskDefinition = { name: "wears", kind: "tags", labels: ["hat"] };
    const tagged = [face(0, "wears", ["Hat"], [0.9]), face(1, "wears", [], [0.2])];
    const { "wears: hat": hat } = evaluateTasks(tagged, { tasks: [tags], replicates: 20, fitTemperature: true });
    expect(hat).toMatchObject({
      n: 2,
      accuracy: 1,
      confusionMatrix: [
        [1, 0],
        [0, 1],
      ],
    });
    expect(hat!.temperatureFit!.negativeLogLikelihood.before).toBeCloseTo(-(Math.log(0.9) + Math.log(0.8)) / 2, 9);
  });

  test("of tags are one report a tag", () => {
    const tags: TaskDefinition = { name: "wears", kind: "tags", labels: ["hat", "scarf"] };
    const faces = [face(0, "wears", ["hat"], [0.9, 0.2]), face(1, "wears", [], [0.8, 0.1]), face(2, "wears", ["hat", "scarf"], [0.7, 0.9])];
    const reports = evaluateTasks(faces, { tasks: [tags], replicates: 20 });
    expect(Object.keys(reports)).toEqual(["wears: hat", "wears: scarf"]);
    expect(reports["wears: hat"]).toMatchObject({
      labels: ["no hat", "hat"],
      accuracy: 2 / 3,
      confusionMatrix: [
        [0, 1],
        [0, 2],
      ],
    });
    expect(reports["wears: scarf"]).toMatchObject({ accuracy: 1 });
  });

  test("of numbers have errors and coverage in their own unit", () => {
    const rating: TaskDefinition = { name: "rating", kind: "number", unit: "points" };
    const faces = [face(0, "rating", 1, [2, 1, 3]), face(1, "rating", 6, [5, 4, 5.5]), face(2, "rating", 11, [11, 10, 12])];
    const report = evaluateTasks(faces, { tasks: [rating], replicates: 20 })["rating"]!;
    expect(report).toMatchObject({
      kind: "number",
      unit: "points",
      meanAbsoluteError: 2 / 3,
      meanError: 0,
      intervalCoverage: 2 / 3,
      baseline: { years: 6 },
    });
    expect(report.labels).toEqual(["1 to 3", "3 to 5", "5 to 7", "7 to 9", "9 to 11"]);
    for (const name of ["expectedCalibrationError", "meanIntervalWidth", "cumulativeScore5", "accuracy"] as const)
      expect(report[name]).toBeUndefined();
  });

  test("that nobody told, or of which there is no label, have no report", () => {
    expect(buildOwnSamples([facePrediction("a", {})], groups)).toEqual([]);
    expect(buildOwnSamples([facePrediction("a", { probabilities: { size: [1, 0, 0] } })], groups)).toEqual([]);
  });
});
