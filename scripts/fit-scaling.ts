/**
 * Fits one vector scaling of mood on the validation parts of several datasets together, each of which counts the same however many faces it has, or as much as a number behind it says, and
 * writes it as a report that `tensorface export --scaling` reads: that of the first part, with the joint fit in the place of its own.
 *
 *     node scripts/fit-scaling.ts --model .runs/NAME/ID-draft.json --out FILE fer2013:PublicTest:crop:2 rafdb:validation:photo ...
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { z } from "zod";
import { openDataset } from "../src/datasets/dataset.node.ts";
import { evaluationReportSchema, type FacePrediction, facePredictionSchema, fitScaling } from "../src/evaluate/index.ts";
import { runTensorFace } from "./steps.ts";
import { neededText, readWords } from "./words.ts";

const { values, operands } = readWords(
  "node scripts/fit-scaling.ts",
  { model: neededText("MANIFEST"), out: neededText("FILE") },
  { operands: ["DATASET:SPLIT:crop|photo[:WEIGHT]"], more: "DATASET:..." },
);
const { model, out } = values;

const rowSchema = z.object({
  id: z.string(),
  found: z.boolean(),
  attributes: facePredictionSchema.shape.attributes,
  answers: z.record(z.string(), facePredictionSchema.shape.probabilities),
});

mkdirSync(dirname(out), { recursive: true });
const faces: FacePrediction[] = [];
const weights = new Map<FacePrediction, number>();
for (const [index, part] of operands.entries()) {
  const found = await predict(part, `${out}.${index}`);
  const weight = Number(part.split(":")[3] ?? 1);
  for (const face of found) weights.set(face, weight / found.length);
  faces.push(...found);
}
const fit = fitScaling(faces, "mood", { weightOf: (face) => weights.get(face)! });
const report = evaluationReportSchema.parse(JSON.parse(readFileSync(`${out}.0.json`, "utf8")));
if (fit === undefined || report.tasks.mood === undefined) throw new Error("these parts have no moods");
writeFileSync(out, `${JSON.stringify({ ...report, tasks: { ...report.tasks, mood: { ...report.tasks.mood, scalingFit: fit } } })}\n`);
console.log(JSON.stringify({ n: fit.n, accuracy: fit.accuracy, expectedCalibrationError: fit.expectedCalibrationError }));

/** What the network says of the found faces of a part, each seen once: the product averages scaled answers. */
async function predict(part: string, stem: string): Promise<FacePrediction[]> {
  const [name = "", split = "", path = "crop"] = part.split(":");
  const folder = join(".data", "imported", name);
  const predictions = `${stem}.jsonl`;
  rmSync(predictions, { force: true });
  const files = ["--predictions", predictions, "--out", `${stem}.json`];
  runTensorFace(["evaluate", "--data", folder, "--split", split, "--path", path, "--model", model, "--replicates", "10", ...files]);
  const dataset = await openDataset(folder);
  const records = new Map((await Array.fromAsync(dataset.records())).map((record) => [record.id, record]));
  const rows = readFileSync(predictions, "utf8").trim().split("\n").slice(1);
  return rows.flatMap((line) => {
    const { id, found, attributes, answers } = rowSchema.parse(JSON.parse(line));
    const [probabilities] = Object.values(answers);
    if (!found || probabilities === undefined) return [];
    const { labels, group, subjectId = group ?? id } = records.get(id)!;
    // Copies of one photograph stand in one fold, as in an evaluation.
    return [{ id: `${part}/${id}`, labels, subjectId: `${part}/${subjectId}`, found, attributes, probabilities }];
  });
}
