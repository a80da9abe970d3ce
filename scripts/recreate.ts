/**
 * Begins the training of a recipe anew and compares its first steps with those in `recipes/curves`: whether the weights that ship can be made again.
 *
 *     npm run recreate -- --check                      every recipe that has a recorded curve
 *     npm run recreate -- --check mood-photographs     one; --steps 40 for fewer steps than the 200 that are recorded
 *     npm run recreate -- --record mood-photographs    writes the curve of the training in .runs, for the next check
 *
 * The data must lie unpacked in `.data/<dataset>`; what a training begins with is made first, as `npm run make-model` does, but for stages that are trained before it.
 */
import { createHash } from "node:crypto";
import { existsSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { cpus } from "node:os";
import { basename, join } from "node:path";
import { z } from "zod";
import { readConfig } from "../src/train/run/config-file.node.ts";
import { openDataset } from "../src/datasets/dataset.node.ts";
import { createNodeRuntime } from "../src/runtime/runtime.node.ts";
import type { TrainingConfig } from "../src/train/index.ts";
import { rolesOf } from "../src/train/data/samples.node.ts";
import { readCheckpoint } from "../src/train/run/checkpoint.node.ts";
import { readMetrics } from "../src/train/run/run-log.node.ts";
import { train } from "../src/train/run/train.node.ts";
import { trainingFiles } from "../src/train/run/training-folder.node.ts";
import { createOnnxEngine, stepArithmetic } from "../src/train/step/index.ts";
import { compareCurves, type Curve, curveSchema } from "./curve.ts";
import { recipes } from "./recipes.ts";
import { runScript } from "./steps.ts";
import { endWithUsage, flag, readWords, wholeNumber } from "./words.ts";

const { values, operands, usage } = readWords(
  "npm run recreate --",
  { check: flag, record: flag, steps: wholeNumber(200), threads: wholeNumber() },
  { more: "RECIPE" },
);
if (values.check === values.record) endWithUsage("either --check or --record", usage);
if (values.record && operands.length === 0) endWithUsage("--record: which recipe?", usage);

const folder = join("recipes", "curves");
const stepCount = values.steps;
if (values.record) for (const name of operands) await record(name);
else await checkAll(operands.length > 0 ? operands : globSync(join(folder, "*.json")).map((path) => basename(path, ".json")));

/** Keeps the first steps of a training that was made. */
async function record(name: string): Promise<void> {
  const run = join(".runs", name);
  const { config } = await readCheckpoint(join(run, trainingFiles.last));
  const curve = { ...here(name), facesHash: await hashFaces(config), steps: (await pointsOf(run)).filter(({ step }) => step <= stepCount) };
  mkdirSync(folder, { recursive: true });
  writeFileSync(curveFile(name), `${JSON.stringify(curveSchema.parse(curve), undefined, 2)}\n`);
  console.log(`${curveFile(name)}: ${curve.steps.length} points of the first ${stepCount} steps`);
}

async function checkAll(names: readonly string[]): Promise<void> {
  for (const name of names) {
    const whole = curveSchema.parse(JSON.parse(readFileSync(curveFile(name), "utf8")));
    const recorded = { ...whole, steps: whole.steps.filter(({ step }) => step <= stepCount) };
    if (recorded.steps.length === 0) endWithUsage(`--steps: the first step that was recorded is ${whole.steps[0]!.step}`, usage);
    prepare(name);
    const config = await readConfig(join("recipes", `${name}.ts`), undefined);
    const missing = missingFile(config);
    if (missing !== undefined) {
      console.log(`${name}: not compared, it needs "${missing}", which \`npm run make-model\` makes in the stages before it`);
      if (operands.length > 0) process.exitCode = 1;
      continue;
    }
    const problems = compareCurves(recorded, await begin(name, config, recorded.steps.at(-1)!.step));
    console.log(problems.length === 0 ? `${name}: as recorded, ${recorded.steps.length} points` : `${name}: ${problems.join("; ")}`);
    if (problems.length > 0) process.exitCode = 1;
  }
}

/** Makes what a recipe begins with, but for the stages before it. */
function prepare(name: string): void {
  const made = Object.entries(recipes).find(([key, { before }]) => key === name || before?.[0]?.recipe === name);
  if (made !== undefined) runScript(["scripts/make-model.ts", made[0], "--prepare"]);
}

/** The first of the weights and answers that a training begins with which is not there: the stages before it were not trained here. */
function missingFile({ initial, losses }: TrainingConfig): string | undefined {
  const answers = losses.flatMap((loss) => (loss.kind === "distillation" ? loss.teacher.predictions : []));
  return [...(initial === undefined ? [] : [initial.weights]), ...answers].find((path) => !existsSync(path));
}

/** Trains the first steps, in a folder of their own, whose name no recipe can have. */
async function begin(name: string, config: TrainingConfig, lastStep: number): Promise<Curve> {
  const out = join(".runs", "recreate", name);
  if (existsSync(out)) rmSync(out, { recursive: true });
  const stop = new AbortController();
  const runtime = createNodeRuntime();
  await train({
    config,
    out,
    engine: createOnnxEngine(runtime, { threads: values.threads }),
    runtime,
    signal: stop.signal,
    onEvent: ({ state }) => {
      if (state.step >= lastStep) stop.abort();
    },
  });
  return { ...here(name), facesHash: await hashFaces(config), steps: await pointsOf(out) };
}

/** What the faces of a training are and are for. Names are left out: an import may name the same faces otherwise. */
async function hashFaces({ data }: TrainingConfig): Promise<string> {
  const hash = createHash("sha256");
  for (const source of data) {
    const records = await Array.fromAsync((await openDataset(source.path)).records());
    const roles = rolesOf(records, source);
    for (const { id, sha256, labels } of records) hash.update(JSON.stringify([sha256, labels, roles.get(id) ?? "out"]));
  }
  return hash.digest("hex");
}

async function pointsOf(run: string): Promise<Curve["steps"]> {
  const lines = await readMetrics(run);
  return lines.flatMap((line) =>
    line.kind === "step" && line.gradientNorm !== null ? [{ step: line.step, loss: line.loss, gradientNorm: line.gradientNorm }] : [],
  );
}

/** This machine and engine, for a curve of it. */
function here(name: string): Pick<Curve, "schema" | "recipe" | "processor" | "onnxRuntime" | "arithmetic"> {
  const manifest: unknown = createRequire(import.meta.url)("onnxruntime-node/package.json");
  const { version } = z.object({ version: z.string() }).parse(manifest);
  const processor = cpus()[0]?.model.trim() ?? "unknown";
  return { schema: "tensorface.curve/1", recipe: name, processor, onnxRuntime: version, arithmetic: stepArithmetic };
}

function curveFile(name: string): string {
  return join(folder, `${name}.json`);
}
