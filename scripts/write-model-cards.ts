import { glob, mkdir, readFile, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { type EvaluationReport, evaluationReportSchema, renderModelCard } from "../src/evaluate/index.ts";
import type { HeadManifest } from "../src/models/index.ts";
import { measuredModelFolders, openModelFolders } from "../src/models/models.node.ts";
import { recipes } from "./recipes.ts";

/**
 * Writes `docs/models/<id>.md` for every installed head, from its manifest, the reports in `docs/lab/reports` and, where
 * there is one, `docs/models/<id>.notes.md`. With `--check` nothing is written: a card that would change fails, and so does one whose model is gone.
 */

const folder = join("docs", "models");
const isCheck = process.argv.includes("--check");

async function readReports(): Promise<EvaluationReport[]> {
  const paths = (await Array.fromAsync(glob(join("docs", "lab", "reports", "*.json")))).toSorted();
  return Promise.all(paths.map(async (path) => evaluationReportSchema.parse(JSON.parse(await readFile(path, "utf8")))));
}

async function readText(path: string): Promise<string | undefined> {
  return readFile(path, "utf8").catch(() => undefined);
}

/** What makes the model again; for a recipe of this repository only. */
function commandFor({ provenance: { training } }: HeadManifest): string | undefined {
  const recipe = training?.["recipe"];
  return typeof recipe === "string" && Object.hasOwn(recipes, recipe) ? `npm run make-model -- ${recipe}` : undefined;
}

/** Cards of models that a recipe made and that are gone: whoever takes a model away takes its card away too. */
async function leftCards(installed: readonly string[]): Promise<string[]> {
  const made = new Set(Object.values(recipes).map(({ id }) => id));
  const cards = (await Array.fromAsync(glob(join(folder, "*.md")))).map((path) => basename(path)).toSorted();
  return cards.filter((name) => {
    const id = basename(name, ".md");
    return made.has(id) && !installed.includes(id);
  });
}

const reports = await readReports();
const manifests = (await openModelFolders(measuredModelFolders()).manifests()).filter((manifest) => manifest.kind === "head");
await mkdir(folder, { recursive: true });
let stale = 0;
for (const manifest of manifests) {
  const path = join(folder, `${manifest.id}.md`);
  const notes = await readText(join(folder, `${manifest.id}.notes.md`));
  const card = renderModelCard(manifest, reports, { notes, command: commandFor(manifest) });
  const isCurrent = (await readText(path)) === card;
  if (!isCurrent) stale++;
  if (!isCheck) await writeFile(path, card);
  console.log(`${basename(path)}: ${isCurrent ? "as it was" : isCheck ? "out of date, run npm run write -- cards" : "written"}`);
}
for (const name of await leftCards(manifests.map(({ id }) => id))) {
  stale++;
  console.log(`${name}: its model is no longer here, remove it with its notes`);
}
if (isCheck && stale > 0) process.exitCode = 1;
