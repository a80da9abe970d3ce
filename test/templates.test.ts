import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { z } from "zod";
import { datasetTemplates } from "../src/predict/dataset-templates.ts";
import { landmarkNames } from "../src/core/index.ts";

const point = z.object({ x: z.number().min(0).max(1), y: z.number().min(0).max(1) });
const estimateSchema = z.object({
  schema: z.literal("tensorface.template/1"),
  n: z.int().min(1000),
  found: z.int(),
  landmarks: z.record(z.enum(landmarkNames), point),
});

test.each(Object.keys(datasetTemplates))("%s is judged with the template that was estimated", (name) => {
  const text = readFileSync(new URL(`../recipes/templates/${name}.json`, import.meta.url), "utf8");
  const { landmarks, found, n } = estimateSchema.parse(JSON.parse(text));
  expect(found / n).toBeGreaterThan(0.9);
  expect(datasetTemplates[name]).toEqual(landmarks);
});
