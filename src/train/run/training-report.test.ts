import { expect, test } from "vitest";
import { trainingConfigSchema } from "../config.ts";
import type { MetricsLine } from "./run-log.node.ts";
import { renderTrainingReport } from "./training-report.node.ts";

test("ages err in years, and no other number does", async () => {
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
    epochs: 1,
  });
  const timing = { trainSeconds: 1, trainCpuSeconds: 1, validationSeconds: 1, picturesPerSecond: 1, waitingShare: 0, augmentationShare: 0 };
  const metrics = { "age.meanAbsoluteError": 4.25, "rating.meanAbsoluteError": 0.5 };
  const line: MetricsLine = {
    kind: "epoch",
    step: 1,
    epoch: 1,
    learningRate: 0.01,
    loss: 1,
    losses: {},
    timing,
    validation: { metrics, score: 0.5, isBest: true },
  };
  const html = await renderTrainingReport(config, [line]);
  expect(html).toContain("4.25 years");
  expect(html).toContain("0.500");
  expect(html).not.toContain("0.50 years");
  // Two seconds, one of them of a processor, are not no time.
  expect(html).toContain("0.03");
  expect(html).toContain("0.02");
  expect(html).toContain("Error of numbers in validation");
});
