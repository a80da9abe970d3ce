/**
 * From raw data to a shipped model, in one command: import, split, teacher, initial weights, training, export, calibration, reports,
 * card.
 *
 *     npm run make-model -- mood             every step that has not been done; a training goes on where it was stopped
 *     npm run make-model -- mood --dry       only says what it would do
 *     npm run make-model -- mood --weights mood.safetensors --engine "PyTorch ..."     weights that another engine trained
 *
 * The data must lie unpacked in `.data/<dataset>`, as their makers publish them.
 */
import { existsSync, mkdirSync, readFileSync, renameSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { type EvaluationReport, evaluationReportSchema } from "../src/evaluate/index.ts";
import { type RecipeData, recipes } from "./recipes.ts";
import { allowImportAgain, runScript, runTensorFace } from "./steps.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    dry: { type: "boolean", default: false },
    weights: { type: "string" },
    engine: { type: "string" },
    float: { type: "boolean", default: false },
  },
});
const [name = ""] = positionals;
const recipe = Object.hasOwn(recipes, name) ? recipes[name] : undefined;
if (recipe === undefined) {
  console.error(`usage: npm run make-model -- ${Object.keys(recipes).join("|")} [--weights FILE --engine TEXT] [--float] [--dry]`);
  process.exit(2);
}

const run = join(".runs", name);
const config = join("recipes", `${name}.ts`);
mkdirSync(run, { recursive: true });
for (const { format, hasDuplicates } of recipe.datasets) {
  if (existsSync(imported(format))) continue;
  // Under another name until its duplicates are sorted, so that a stop in between repeats both.
  const fresh = `${imported(format)}.new`;
  if (!values.dry) allowImportAgain(fresh);
  tensorface("dataset", "import", format, join(".data", format), "--out", fresh);
  if (hasDuplicates) tensorface("dataset", "duplicates", fresh);
  if (!values.dry) renameSync(fresh, imported(format));
}
execute("scripts/face-trunk.ts", ...recipe.trunk);
if (values.weights === undefined) {
  for (const teacher of recipe.teachers ?? []) teach(teacher, recipe.datasets);
  tensorface("train", config, "--resume");
}
const weights = values.weights === undefined ? [] : ["--weights", values.weights, "--engine", values.engine ?? "another engine"];
const common = [config, "--title", recipe.title, ...weights];
// Under another name, since an installed model may have this one already.
const draft = `${recipe.id}-draft`;
const bits = values.float ? [] : ["--int8-weights"];
tensorface("export", ...common, ...bits, "--id", draft, "--out", run);
const averaging = recipe.isFlipAveraged === true ? ["--flip-averaging"] : [];
tensorface("export", ...common, ...bits, ...averaging, "--id", recipe.id, "--out", "models", ...calibrate());
execute("scripts/prepare.ts");
const suffix = recipe.reports === undefined ? [] : [`--suffix=${recipe.reports}`];
execute("scripts/write-reports.ts", recipe.id, "--data", recipe.datasets.map(({ format }) => format).join(","), ...suffix);

/** Trains the teacher and writes down what it says of every training face, averaged with its mirror image. */
function teach(teacher: string, datasets: readonly RecipeData[]): void {
  const folder = join(".runs", "teacher");
  const teacherConfig = join("recipes", `${teacher}.ts`);
  tensorface("train", teacherConfig, "--resume");
  tensorface("export", teacherConfig, "--id", teacher, "--title", `Teacher of ${name}`, "--out", folder);
  for (const { format } of datasets) {
    const model = ["--model", join(folder, `${teacher}.json`), "--flip"];
    const stem = join(folder, `${teacher}-${format}`);
    const predictions = ["--predictions", `${stem}.jsonl`, "--out", `${stem}.json`];
    tensorface("evaluate", "--data", imported(format), "--split", "train", ...model, ...predictions);
  }
}

/** Options of the export: what the validation parts choose for the draft, which has no calibration. */
function calibrate(): string[] {
  const fits = Object.entries(recipe!.temperatureOn ?? {}).map(([task, format]) => {
    const { tasks } = fit("temperature", format, task);
    const found = Object.entries(tasks).find(([key]) => key === task)?.[1]?.temperatureFit;
    if (found === undefined && !values.dry) throw new Error(`no temperature for ${task} was found`);
    return { temperature: `${task}=${found?.temperature.toFixed(3) ?? "?"}`, mass: found?.intervalMass };
  });
  const mass = fits.find((found) => found.mass !== undefined)?.mass;
  if (recipe!.scalingOn !== undefined) fit("scaling", recipe!.scalingOn, name);
  return [
    ...(fits.length === 0 ? [] : ["--temperature", fits.map(({ temperature }) => temperature).join(",")]),
    ...(mass === undefined ? [] : ["--interval-mass", mass.toFixed(3)]),
    ...(recipe!.scalingOn === undefined ? [] : ["--scaling", fitFile("scaling", name)]),
  ];
}

/** The draft's report on a validation part, with one fit. */
function fit(kind: "temperature" | "scaling", format: string, label: string): Pick<EvaluationReport, "tasks"> {
  const { split } = recipe!.datasets.find((data) => data.format === format)!;
  const model = join(run, `${draft}.json`);
  const out = fitFile(kind, label);
  // Vector scaling is of single images, whose answers the product averages; a temperature and an interval are of the average itself.
  const flip = kind === "temperature" && recipe!.isFlipAveraged === true ? ["--flip"] : [];
  tensorface("evaluate", "--data", imported(format), "--split", split, "--model", model, ...flip, `--fit-${kind}`, "--out", out);
  return values.dry ? { tasks: {} } : evaluationReportSchema.parse(JSON.parse(readFileSync(out, "utf8")));
}

function fitFile(kind: string, label: string): string {
  return join(run, `${kind}-${label}.json`);
}

function imported(format: string): string {
  return join(".data", "imported", format);
}

function tensorface(...words: readonly string[]): void {
  runTensorFace(words, { isDry: values.dry });
}

function execute(...words: readonly string[]): void {
  runScript(words, { isDry: values.dry });
}
