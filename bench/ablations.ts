/**
 * What each ingredient of the mood recipe is worth: a small recipe as it is, and once without each ingredient, on FER2013's PublicTest.
 *
 *     npm run bench:ablations                          every row that is not measured yet; then the table in docs/models/experiments.md
 *     npm run bench:ablations -- --rows whole,votes    some rows
 *     npm run bench:ablations -- --threads 1           beside other work
 *     npm run bench:ablations -- --rows ""             only the table, of the rows that are there
 *
 * A row is a training of 2 to 4 minutes on two cores; it stays in `.runs/ablations` and is not repeated unless its recipe changes. A
 * stopped training goes on. Rows are compared on the same faces, with paired bootstrap intervals.
 */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { z } from "zod";
import { openFaces } from "../src/cli/evaluate/face-source.ts";
import { moods } from "../src/core/index.ts";
import {
  evaluateModels,
  type EvaluationReport,
  type FacePrediction,
  facePredictionSchema,
  type ModelPredictions,
} from "../src/evaluate/index.ts";
import { runScript, runTensorFace } from "../scripts/steps.ts";
import { type AblationRow, ablationRows, trunkBlocks } from "./ablations/rows.ts";
import { renderAblations } from "./ablations/table.ts";
import { replaceBetweenMarkers } from "./report.ts";

const { values } = parseArgs({
  options: { rows: { type: "string" }, threads: { type: "string" }, teacher: { type: "string", default: "mood-4" } },
});
const folder = join(".runs", "ablations");
const data = { path: join(".data", "imported", "fer2013"), split: "PublicTest" };
const trunkWeights = join(folder, "trunk.safetensors");
const teacher = { predictions: join(folder, `${values.teacher}.jsonl`), model: values.teacher };

const predictionSchema = z.object({ id: z.string(), answers: z.object({ model: facePredictionSchema.shape.probabilities }) });

mkdirSync(folder, { recursive: true });
const rows = ablationRows({ trunkWeights, teacher });
const wanted = values.rows?.split(",").filter((id) => id !== "") ?? rows.map(({ id }) => id);
const unknown = wanted.filter((id) => !rows.some((row) => row.id === id));
if (unknown.length > 0) throw new Error(`no row is called ${unknown.join(", ")}; there are ${rows.map(({ id }) => id).join(", ")}`);
for (const row of rows.filter(({ id }) => wanted.includes(id))) {
  measure(row);
  await writeTable();
}
await writeTable();

/** Trains, exports and evaluates a row, as far as that has not been done. */
function measure(row: AblationRow): void {
  if (isMeasured(row)) return;
  const { id, training, flip = false } = row;
  const out = join(folder, id);
  const model = "of" in training ? modelOf(training.of) : trainRow(row, training);
  mkdirSync(out, { recursive: true });
  writeFileSync(join(out, "recipe.json"), describeRecipe(row));
  const kept = ["--predictions", join(out, "predictions.jsonl"), "--out", reportOf(row)];
  tensorface("evaluate", "--data", data.path, "--split", data.split, "--model", model, ...(flip ? ["--flip"] : []), ...kept);
}

/** The model of another row, which is measured first where it is not. */
function modelOf(id: string): string {
  measure(rows.find((row) => row.id === id)!);
  return join(folder, id, "model.json");
}

function trainRow(row: AblationRow, training: object): string {
  const out = join(folder, row.id);
  const recipe = join(out, "recipe.json");
  if (existsSync(recipe) && readFileSync(recipe, "utf8") !== describeRecipe(row)) rmSync(out, { recursive: true });
  prepareInputs(row);
  mkdirSync(out, { recursive: true });
  writeFileSync(recipe, describeRecipe(row));
  const config = join(out, "config-input.json");
  writeFileSync(config, JSON.stringify(training));
  tensorface("train", config, "--resume", "--out", out, ...(values.threads === undefined ? [] : ["--threads", values.threads]));
  tensorface("export", config, "--weights", join(out, "best.safetensors"), "--out", out, "--id", "model", "--title", row.title);
  return join(out, "model.json");
}

/** What two of the rows begin with or learn from. */
function prepareInputs({ id }: AblationRow): void {
  if (id === "trunk-known")
    runScript(["scripts/face-trunk.ts", "--blocks", String(trunkBlocks), "--grey", "--out", trunkWeights], { isQuiet: true });
  if (id !== "teacher") return;
  const from = ["--data", data.path, "--split", "train", "--model", teacher.model];
  tensorface("evaluate", ...from, "--predictions", teacher.predictions, "--replicates", "2");
}

function describeRecipe({ training, flip = false }: AblationRow): string {
  return JSON.stringify({ training, flip });
}

function reportOf({ id }: AblationRow): string {
  return join(folder, id, "report.json");
}

function isMeasured(row: AblationRow): boolean {
  const recipe = join(folder, row.id, "recipe.json");
  return existsSync(reportOf(row)) && readFileSync(recipe, "utf8") === describeRecipe(row);
}

/** The report of a row beside the one that it differs from, or alone. */
async function compare(row: AblationRow): Promise<EvaluationReport> {
  const other = rows.find(({ id }) => id === row.against);
  const faces = await listFaces();
  const models = [row, ...(other === undefined ? [] : [other])].map((each) => readPredictions(each, faces));
  const origin = { name: "FER2013", format: "fer2013", split: data.split, path: "crop" as const, rejected: {}, notes: [] };
  return evaluateModels(models, origin, { created: new Date().toISOString(), version: "0" });
}

type Face = Pick<FacePrediction, "id" | "labels"> & { readonly subjectId: string | undefined };

async function listFaces(): Promise<readonly Face[]> {
  const { faces } = await openFaces(data.path, {
    format: undefined,
    split: data.split,
    formatOptions: {},
    signal: new AbortController().signal,
    onProgress: () => undefined,
  });
  return faces.toSorted((a, b) => (a.id < b.id ? -1 : 1));
}

function readPredictions({ id, title }: AblationRow, faces: readonly Face[]): ModelPredictions {
  const [, ...lines] = readFileSync(join(folder, id, "predictions.jsonl"), "utf8")
    .trimEnd()
    .split("\n");
  const answers = new Map(lines.map((line) => predictionSchema.parse(JSON.parse(line))).map((row) => [row.id, row.answers.model]));
  const head = { id, title, tasks: ["mood" as const], sha256: "0".repeat(64), bytes: 1, licence: "none" };
  const predictions = faces.map(({ id: face, labels, subjectId }): FacePrediction => ({
    id: face,
    labels,
    ...(subjectId === undefined ? {} : { subjectId }),
    found: true,
    probabilities: answers.get(face) ?? { mood: moods.map(() => 0) },
    attributes: {},
  }));
  return { model: { id, heads: [head] }, role: "held out", predictions };
}

async function writeTable(): Promise<void> {
  const there = rows.filter(
    (row) => isMeasured(row) && (row.against === undefined || isMeasured(rows.find(({ id }) => id === row.against)!)),
  );
  if (there.length === 0) return;
  const compared = [];
  for (const row of there) compared.push({ row, report: await compare(row) });
  const page = join("docs", "models", "experiments.md");
  const text = renderAblations(compared, rows.length);
  console.log(text);
  writeFileSync(page, replaceBetweenMarkers(readFileSync(page, "utf8"), text, "ablations"));
}

function tensorface(...words: readonly string[]): void {
  runTensorFace(words, { isQuiet: true });
}
