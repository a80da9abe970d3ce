import { describe, expect, test } from "vitest";
import { createRandom, sigmoid, type TaskDefinition } from "../core/index.ts";
import { evaluateModels, evaluateTasks } from "./evaluate.ts";
import type { FacePrediction } from "./prediction.ts";
import { scalingsInReport } from "./scalings.ts";
import { facePrediction } from "./testing.ts";

const wears: TaskDefinition = { name: "wears", kind: "tags", labels: ["hat", "scarf"] };

/** Faces whose tags are there with the probability of `logit`, told by a head that is `sure` times as sure, and leans by `lean`. */
function drawTagged(count: number, sure: number, lean: readonly number[] = [0, 0]): FacePrediction[] {
  const random = createRandom(3);
  return Array.from({ length: count }, (_, index) => {
    const logits = wears.labels!.map(() => 2 * random.normal());
    const tags = wears.labels!.filter((_label, tag) => random.uniform() < sigmoid(logits[tag]!));
    const told = logits.map((logit, tag) => sigmoid(sure * logit + lean[tag]!));
    return facePrediction(String(index), { labels: { attributes: { wears: tags } }, probabilities: { wears: told } });
  });
}

describe("fits of tags", () => {
  test("one temperature for all of them, and what it changes by tag", () => {
    const reports = evaluateTasks(drawTagged(3000, 3), { tasks: [wears], replicates: 20, fitTemperature: true });
    const [hat, scarf] = [reports["wears: hat"]!.temperatureFit!, reports["wears: scarf"]!.temperatureFit!];
    expect(hat.temperature).toBeCloseTo(3, 0);
    expect(scarf.temperature).toBe(hat.temperature);
    for (const fit of [hat, scarf]) {
      expect(fit.n).toBe(3000);
      expect(fit.negativeLogLikelihood.after).toBeLessThan(fit.negativeLogLikelihood.before);
      expect(fit.expectedCalibrationError.before).toBeGreaterThan(0.08);
      expect(fit.expectedCalibrationError.after).toBeLessThan(0.03);
    }
  });

  test("a factor and an offset for the logit of each, which export joins for the head", () => {
    const faces = drawTagged(3000, 0.5, [1, 0]);
    const origin = { created: "2026-11-29T00:00:00Z", version: "0.0.0" };
    const data: Parameters<typeof evaluateModels>[1] = {
      name: "drawn",
      format: "folder",
      split: "all",
      path: "crop",
      rejected: {},
      notes: [],
    };
    const model = { id: "drawn", heads: [] };
    const options = { tasks: [wears], replicates: 20, fitScaling: true };
    const report = evaluateModels([{ model, role: "held out", predictions: faces }], data, origin, options);
    const fit = report.tasks["wears: hat"]!.scalingFit!;
    // logit = (told - lean) / sure
    expect(fit.scale[0]).toBeCloseTo(2, 0);
    expect(fit.bias[0]).toBeCloseTo(-2, 0);
    expect(fit.negativeLogLikelihood.after).toBeLessThan(fit.negativeLogLikelihood.before);
    expect(fit.expectedCalibrationError.after).toBeLessThan(fit.expectedCalibrationError.before);
    const { scale, bias } = scalingsInReport(JSON.stringify(report))["wears"]!;
    expect(scale).toEqual([fit.scale[0], report.tasks["wears: scarf"]!.scalingFit!.scale[0]]);
    expect(bias[1]).toBeCloseTo(0, 0);
  });

  test("of a number there are none, and none that nobody asked for", () => {
    const rating: TaskDefinition = { name: "rating", kind: "number" };
    const face = facePrediction("0", { labels: { attributes: { rating: 3 } }, probabilities: { rating: [3, 2, 4] } });
    const { rating: report } = evaluateTasks([face], { tasks: [rating], replicates: 20, fitTemperature: true, fitScaling: true });
    expect([report!.temperatureFit, report!.scalingFit]).toEqual([undefined, undefined]);
    expect(evaluateTasks(drawTagged(20, 1), { tasks: [wears], replicates: 20 })["wears: hat"]!.temperatureFit).toBeUndefined();
  });
});
