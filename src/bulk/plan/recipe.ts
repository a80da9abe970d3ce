import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { FaceAnalyzer, NodeAnalyzerOptions } from "../../analyze/index.ts";
import { TensorFaceError } from "../../core/index.ts";
import { writeFailure, writeFileAtomically } from "../../files/files.node.ts";
import { packageVersion } from "../../files/package.node.ts";
import { expectHead, makeModelFile } from "../../models/index.ts";
import type { Recipe } from "./make-plan.ts";
import { ageGroupings } from "../age-groupings.ts";
import { differentModels, usedModels } from "../making.ts";
import type { BulkFolder, BulkOptions, BulkPlan } from "./plan-file.ts";

/** What is asked of the pictures of a plan. */
export interface AskedWork extends Omit<BulkOptions, "models" | "device"> {
  /** Names or paths of models, as `analyze --model` takes them. */
  readonly models: readonly string[];
  readonly device: string | undefined;
}

/**
 * Copies the models that were asked for into the plan's folder, so that every machine has the same, and finds out what else has a say.
 * @param find opens an analyzer, here or in a process beside
 * @throws the codes of `createAnalyzer`, for options and models
 */
export async function prepareRecipe(asked: AskedWork, models: string, find: FindRecipe = findRecipe): Promise<Recipe> {
  const options: BulkOptions = { ...asked, device: asked.device ?? "cpu", models: await copyModels(asked.models, models) };
  return { options, ...(await find(models, options)) };
}

/** What an analyzer with these options is made of. @param models the plan's folder of models */
export type FindRecipe = (models: string, options: BulkOptions) => Promise<Omit<Recipe, "options">>;

/** Opens the analyzer here. */
export async function findRecipe(models: string, options: BulkOptions): Promise<Omit<Recipe, "options">> {
  await using analyzer = await openAnalyzer(models, options, { workers: 0 });
  return foundRecipe(analyzer);
}

async function copyModels(references: readonly string[], folder: string): Promise<string[]> {
  if (references.length === 0) return [];
  const { openModelFolders } = await import("../../models/models.node.ts");
  const store = openModelFolders();
  await mkdir(folder, { recursive: true }).catch((error: unknown) => Promise.reject(writeFailure(error, folder)));
  const names: string[] = [];
  for (const reference of references) {
    const opened = await store.open(reference);
    const name = `${names.length + 1}-${opened.manifest.id}.onnx`;
    await writeFileAtomically(join(folder, name), await makeModelFile(await opened.read(), expectHead(opened)));
    names.push(name);
  }
  return names;
}

/** How much of this machine is used; none of it changes an answer. */
export type MachineOptions = Pick<NodeAnalyzerOptions, "concurrency" | "workers" | "threads">;

type Analyzer = FaceAnalyzer<string | URL | Uint8Array | { readonly path: string }>;

/** The analyzer that a plan asks for. @param models the plan's folder of models */
export async function openAnalyzer(models: string, options: BulkOptions, machine: MachineOptions): Promise<Analyzer> {
  const { createAnalyzer } = await import("../../analyze/create-analyzer.node.ts");
  const { tasks, ageGroups, maxPixels, maxBytes, models: names, ...rest } = options;
  return createAnalyzer({
    ...rest,
    ...machine,
    tasks,
    models: names.map((name) => join(models, name)),
    ageGroups: ageGroupings[ageGroups],
    limits: { maxPixels, maxBytes },
  });
}

/** The networks and versions of an analyzer that is open. */
async function foundRecipe(analyzer: Analyzer): Promise<Omit<Recipe, "options">> {
  const [{ createNodeRuntime }, { decoderVersions }] = await Promise.all([
    import("../../runtime/runtime.node.ts"),
    import("../../image/versions.node.ts"),
  ]);
  return {
    models: usedModels(analyzer),
    versions: { tensorface: packageVersion(), onnxruntime: createNodeRuntime().version, ...decoderVersions() },
  };
}

/**
 * The analyzer of a plan, on this machine.
 * @throws {TF_BULK_CHANGED} when a model or a version is another one than it was when the plan was made
 */
export async function openPlannedAnalyzer(folder: BulkFolder, plan: BulkPlan, machine: MachineOptions): Promise<Analyzer> {
  const analyzer = await openAnalyzer(folder.models, plan.options, machine);
  try {
    const found = await foundRecipe(analyzer);
    const difference = differenceOf(plan, found);
    if (difference !== undefined) throw new TensorFaceError("TF_BULK_CHANGED", difference);
    return analyzer;
  } catch (error) {
    await analyzer.dispose();
    throw error;
  }
}

function differenceOf(plan: Pick<BulkPlan, "models" | "versions">, found: Omit<Recipe, "options">): string | undefined {
  const model = differentModels(plan.models, found.models, "the plan");
  if (model !== undefined) return model;
  for (const [name, version] of Object.entries(found.versions)) {
    const planned = plan.versions[name];
    if (planned !== version) return `the plan was made with ${name} ${planned ?? "unknown"}, and this is ${name} ${version}`;
  }
  return undefined;
}
