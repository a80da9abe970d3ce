import { expect, test } from "vitest";
import { trainingConfigSchema } from "../config.ts";
import type { EpochLine } from "./run-log.node.ts";
import { renderTrainingReport } from "./training-report.node.ts";

const config = trainingConfigSchema.parse({
  name: "numbers",
  data: [{ path: "drawn" }],
  picture: { side: 8, colour: "grey" },
  network: {
    backbone: [{ layer: "flatten" }],
    heads: [
      { task: "age", layers: [{ layer: "dense", features: 101 }] },
      { task: "rating", kind: "number", layers: [{ layer: "dense", features: 1 }] },
    ],
  },
  losses: [{ kind: "distance", head: "rating", target: { kind: "number" } }],
  schedule: { kind: "constant", peak: 0.01 },
  validation: { select: ["rating.meanAbsoluteError"] },
  epochs: 2,
});
const timing = { trainSeconds: 1, trainCpuSeconds: 1, validationSeconds: 1, picturesPerSecond: 1, waitingShare: 0, augmentationShare: 0 };
const epochLine = (epoch: number, validation?: EpochLine["validation"]): EpochLine => {
  return { kind: "epoch", step: epoch, epoch, learningRate: 0.01, loss: 1, losses: {}, timing, ...(validation && { validation }) };
};

test("ages err in years, and no other number does", async () => {
  const metrics = { "age.meanAbsoluteError": 4.25, "rating.meanAbsoluteError": 0.5 };
  const html = await renderTrainingReport(config, [epochLine(1, { metrics, score: 0.5, isBest: true })]);
  expect(html).toContain("4.25 years");
  expect(html).toContain("0.500");
  expect(html).not.toContain("0.50 years");
  // Two seconds, one of them of a processor, are not no time.
  expect(html).toContain("0.03");
  expect(html).toContain("0.02");
  expect(html).toContain("Error of numbers in validation");
});

test("what was validated on is told of the last epoch that was validated", async () => {
  const validation = { metrics: { "age.count": 120 }, score: 0.5, isBest: true };
  expect(await renderTrainingReport(config, [epochLine(1, validation), epochLine(2)])).toContain("age n = 120");
  expect(await renderTrainingReport(config, [epochLine(1)])).toContain("nothing yet");
});
