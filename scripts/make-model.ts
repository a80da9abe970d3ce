/**
 * From raw data to a shipped model, in one command: import, split, teacher, initial weights, training, export, calibration, reports,
 * card.
 *
 *     npm run make-model -- mood             every step that has not been done; a training goes on where it was stopped
 *     npm run make-model -- mood --dry       only says what it would do
 *     npm run make-model -- mood --prepare   everything that comes before the first training
 *     npm run make-model -- mood-photographs --open     the recipe in its place that needs no pictures for research alone
 *     npm run make-model -- mood --weights mood.safetensors --engine "PyTorch ..."     weights that another engine trained
 *
 * The data must lie unpacked in `.data/<dataset>`, as their makers publish them.
 */
import { existsSync, mkdirSync, readFileSync, renameSync } from "node:fs";
import { findPackageJSON } from "node:module";
import { cpus } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { type EvaluationReport, evaluationReportSchema } from "../src/evaluate/index.ts";
import { readMetrics } from "../src/train/run/run-log.node.ts";
import { nameOf, type Recipe, type RecipeData, recipes, type ScalingPart } from "./recipes.ts";
import { allowImportAgain, runScript, runTensorFace } from "./steps.ts";
import { anyText, endWithUsage, flag, readWords, wholeNumber } from "./words.ts";

const { values, operands, usage } = readWords(
  "npm run make-model --",
  {
    dry: flag,
    weights: anyText(),
    engine: anyText(),
    float: flag,
    open: flag,
    prepare: flag,
    threads: wholeNumber(),
  },
  { more: Object.keys(recipes).join("|") },
);
const [asked = ""] = operands;
const name = (values.open ? find(asked)?.open : undefined) ?? asked;
const recipe = find(name);
if (recipe === undefined) endWithUsage(name === "" ? "which recipe?" : `there is no recipe "${name}"`, usage);

// One thread waits for nobody: on cores that other work shares it is faster than two that wait for each other.
const threads = values.threads === undefined ? [] : ["--threads", String(values.threads)];
const run = join(".runs", name);
const config = join("recipes", `${name}.ts`);
const stages = [...(recipe.before ?? []).map((stage) => stage.recipe), name];
if (!values.dry) mkdirSync(run, { recursive: true });
for (const data of recipe.datasets) importData(data);
if (recipe.trunk !== undefined) execute("scripts/face-trunk.ts", ...recipe.trunk);
if (recipe.begin !== undefined) execute("scripts/head-weights.ts", recipe.begin.manifest, "--colour", "--out", recipe.begin.weights);
if (values.weights === undefined) {
  if (recipe.begin !== undefined) ask(recipe.begin.manifest, recipe.begin.id, recipe.begin.teaches);
  if (values.prepare) process.exit();
  for (const teacher of recipe.teachers ?? []) teach(teacher, recipe.datasets);
  for (const stage of recipe.before ?? []) {
    trainStage(stage.recipe);
    if (stage.says !== undefined) askStage(stage.recipe, stage.says);
  }
  trainStage(name);
}
const averaged = values.weights === undefined && recipe.share !== undefined ? average(recipe.share) : undefined;
const chosen = values.weights ?? averaged;
const weights = chosen === undefined ? [] : ["--weights", chosen];
const engine = values.weights === undefined ? await describeTraining() : (values.engine ?? "another engine");
const common = [
  config,
  "--title",
  recipe.title,
  ...weights,
  "--engine",
  engine,
  ...(recipe.cropOf === undefined ? [] : ["--crop-of", recipe.cropOf]),
];
// Under another name, since an installed model may have this one already.
const draft = `${recipe.id}-draft`;
const bits = values.float ? [] : ["--int8-weights"];
tensorface("export", ...common, ...bits, "--id", draft, "--out", run);
const averaging = recipe.isFlipAveraged === true ? ["--flip-averaging"] : [];
tensorface("export", ...common, ...bits, ...averaging, "--id", recipe.id, "--out", "models", ...calibrate());
if (recipe.intervalsOn !== undefined) execute("scripts/fit-intervals.ts", join("models", `${recipe.id}.json`), ...recipe.intervalsOn);
execute("scripts/prepare.ts");
const suffix = recipe.reports === undefined ? [] : [`--suffix=${recipe.reports}`];
execute("scripts/write-reports.ts", recipe.id, "--data", recipe.datasets.map(nameOf).join(","), ...suffix);

function find(name: string): Recipe | undefined {
  return Object.hasOwn(recipes, name) ? recipes[name] : undefined;
}

/** Reads the raw data; where the recipe asks for it, its faces once more as serving cuts them. */
function importData({ isCut = false, hasDuplicates, ...data }: RecipeData): void {
  const name = nameOf(data);
  const { table } = data;
  const source = table === undefined ? join(".data", name) : join(".data", name, table.file);
  const columns = table?.columns === undefined ? [] : ["--columns", table.columns];
  const about = table === undefined ? [] : ["--name", name, "--validation", String(table.validation), ...columns, ...makers(table)];
  importOnce(name, [data.format, source, ...about], hasDuplicates);
  if (!isCut || table === undefined) return;
  const [found, folder] = [`${name}-found`, join(".data", "cut", name)];
  if (!existsSync(imported(found))) execute("scripts/cut-faces.ts", imported(name), "--out", folder);
  importOnce(found, [data.format, join(folder, "labels.csv"), "--name", name, ...makers(table)], false);
}

function makers({ title, licence }: { readonly title: string; readonly licence: string }): string[] {
  return ["--title", title, "--licence", licence];
}

function importOnce(name: string, words: readonly string[], hasDuplicates: boolean): void {
  if (existsSync(imported(name))) return;
  // Under another name until its duplicates are sorted, so that a stop in between repeats both.
  const fresh = `${imported(name)}.new`;
  if (!values.dry) allowImportAgain(fresh);
  tensorface("dataset", "import", ...words, "--out", fresh);
  if (hasDuplicates) tensorface("dataset", "duplicates", fresh);
  if (!values.dry) renameSync(fresh, imported(name));
}

function trainStage(stage: string): void {
  tensorface("train", join("recipes", `${stage}.ts`), "--resume", ...threads);
}

/** Trains the teacher and writes down what it says of every training face, averaged with its mirror image. */
function teach(teacher: string, datasets: readonly RecipeData[]): void {
  trainStage(teacher);
  askStage(teacher, datasets.map(nameOf));
}

/** Writes down what a trained stage says of the training faces of datasets, averaged with their mirror images. */
function askStage(stage: string, datasets: readonly string[]): void {
  const folder = join(".runs", "teacher");
  const cropOf = recipe!.cropOf === undefined ? [] : ["--crop-of", recipe!.cropOf];
  tensorface("export", join("recipes", `${stage}.ts`), "--id", stage, "--title", `Teacher of ${name}`, ...cropOf, "--out", folder);
  ask(join(folder, `${stage}.json`), stage, datasets);
}

/** Writes down what a network says of the training faces of datasets, averaged with their mirror images. */
function ask(manifest: string, id: string, datasets: readonly string[]): void {
  for (const name of datasets) {
    const stem = join(".runs", "teacher", `${id}-${name}`);
    const predictions = ["--predictions", `${stem}.jsonl`, "--out", `${stem}.json`];
    tensorface("evaluate", "--data", imported(name), "--split", "train", "--model", manifest, "--flip", ...predictions);
  }
}

/** What trained the weights, where and for how long, for the manifest: all stages together. */
async function describeTraining(): Promise<string> {
  const lines = await Promise.all(stages.map((stage) => readMetrics(join(".runs", stage))));
  const epochs = lines.flat().flatMap((line) => (line.kind === "epoch" ? [line.timing] : []));
  const hours = epochs.reduce((sum, { trainSeconds, validationSeconds }) => sum + trainSeconds + validationSeconds, 0) / 3600;
  const own = epochs.reduce((sum, { trainCpuSeconds }) => sum + trainCpuSeconds, 0) / 3600;
  const processor = cpus()[0]?.model.trim() ?? "an unknown processor";
  const back =
    recipe!.share === undefined
      ? ""
      : `; then ${recipe!.share} of the way from the weights with which it began to those with which it ended`;
  return `TensorFace on ONNX Runtime ${onnxRuntimeVersion()}, ${processor}: ${epochs.length} epochs in ${hours.toFixed(2)} hours beside other work, ${own.toFixed(2)} hours of one core${back}`;
}

function onnxRuntimeVersion(): string {
  const path = findPackageJSON("onnxruntime-node", import.meta.url);
  return path === undefined ? "" : z.object({ version: z.string() }).parse(JSON.parse(readFileSync(path, "utf8"))).version;
}

/** Goes back some of the way to the weights with which the training began; gives the file. */
function average(share: number): string {
  const out = join(run, "averaged.safetensors");
  execute("scripts/average-weights.ts", config, "--share", String(share), "--out", out);
  return out;
}

/** Options of the export: what the validation parts choose for the draft, which has no calibration. */
function calibrate(): string[] {
  const fits = Object.entries(recipe!.temperatureOn ?? {}).map(([task, format]) => {
    const { tasks } = fitTemperature(format, task);
    const found = Object.entries(tasks).find(([key]) => key === task)?.[1]?.temperatureFit;
    if (found === undefined && !values.dry) throw new Error(`no temperature for ${task} was found`);
    return { temperature: `${task}=${found?.temperature.toFixed(3) ?? "?"}`, mass: found?.intervalMass };
  });
  const mass = fits.find((found) => found.mass !== undefined)?.mass;
  if (recipe!.scalingOn !== undefined) fitScaling(recipe!.scalingOn);
  return [
    ...(fits.length === 0 ? [] : ["--temperature", fits.map(({ temperature }) => temperature).join(",")]),
    ...(mass === undefined ? [] : ["--interval-mass", mass.toFixed(3)]),
    ...(recipe!.scalingOn === undefined ? [] : ["--scaling", fitFile("scaling", name)]),
  ];
}

/** The draft's report on a validation part, with the temperature that fits it. */
function fitTemperature(dataset: string, label: string): Pick<EvaluationReport, "tasks"> {
  const out = fitFile("temperature", label);
  // A temperature and an interval are of the answers as the product gives them.
  const flip = recipe!.isFlipAveraged === true ? ["--flip"] : [];
  const data = ["--data", imported(dataset), "--split", splitOf(dataset)];
  tensorface("evaluate", ...data, "--model", join(run, `${draft}.json`), ...flip, "--fit-temperature", "--out", out);
  return values.dry ? { tasks: {} } : evaluationReportSchema.parse(JSON.parse(readFileSync(out, "utf8")));
}

/** Vector scaling is of single images, whose answers the product averages. */
function fitScaling(parts: readonly ScalingPart[]): void {
  const words = parts.map(({ dataset, path = "crop", weight = 1 }) => [dataset, splitOf(dataset), path, weight].join(":"));
  execute("scripts/fit-scaling.ts", "--model", join(run, `${draft}.json`), "--out", fitFile("scaling", name), ...words);
}

function splitOf(dataset: string): string {
  return recipe!.datasets.find((data) => nameOf(data) === dataset)!.split;
}

function fitFile(kind: string, label: string): string {
  return join(run, `${kind}-${label}.json`);
}

function imported(dataset: string): string {
  return join(".data", "imported", dataset);
}

function tensorface(...words: readonly string[]): void {
  runTensorFace(words, { isDry: values.dry });
}

function execute(...words: readonly string[]): void {
  runScript(words, { isDry: values.dry });
}
