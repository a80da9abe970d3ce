import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { runScript, runTensorFace } from "../../scripts/steps.ts";
import { openFaces } from "../../src/datasets/labelled-faces.node.ts";
import {
  evaluateModels,
  type EvaluationReport,
  type FacePrediction,
  facePredictionSchema,
  type ModelPredictions,
} from "../../src/evaluate/index.ts";
import { replaceBetweenMarkers } from "../report.ts";
import { type AblationRow, type AblationStudy, type AblationTeacher, describeRecipe, studyFolder } from "./study.ts";
import { renderAblations } from "./table.ts";

const predictionSchema = z.object({ id: z.string(), answers: z.object({ model: facePredictionSchema.shape.probabilities }) });

/** Measures the rows of one study and writes its table. */
export class AblationDriver {
  readonly #study: AblationStudy;
  readonly #threads: number | undefined;
  readonly #folder: string;

  /** @param threads of the trainings; undefined for its default */
  constructor(study: AblationStudy, threads: number | undefined) {
    this.#study = study;
    this.#threads = threads;
    this.#folder = studyFolder(study.id);
  }

  /** @throws {Error} for an id that no row has */
  async run(ids: readonly string[] = this.#study.rows.map(({ id }) => id)): Promise<void> {
    const unknown = ids.filter((id) => !this.#study.rows.some((row) => row.id === id));
    if (unknown.length > 0)
      throw new Error(`no row is called ${unknown.join(", ")}; there are ${this.#study.rows.map(({ id }) => id).join(", ")}`);
    mkdirSync(this.#folder, { recursive: true });
    // The table of all rows takes long, for its draws: it is written when one has been added, so that a stopped run leaves it complete.
    const missing = this.#study.rows.filter((row) => ids.includes(row.id) && !this.#isMeasured(row));
    for (const row of missing) {
      this.#measure(row);
      await this.#writeTable();
    }
    if (missing.length === 0) await this.#writeTable();
  }

  /** Trains, exports and evaluates a row, as far as that has not been done. */
  #measure(row: AblationRow): void {
    if (this.#isMeasured(row)) return;
    const { training, flip = false } = row;
    this.#beginFolder(row);
    const model = "of" in training ? this.#modelOf(training.of) : this.#trainRow(row, training);
    for (const data of this.#study.data) {
      const kept = ["--predictions", this.#predictionsOf(row, data.format), "--out", this.#reportOf(row, data.format), "--replicates", "2"];
      const from = ["--data", imported(data.format), "--split", data.split];
      tensorface("evaluate", ...from, "--model", model, ...(flip ? ["--flip"] : []), ...kept);
    }
  }

  /** The model of another row, which is measured first where it is not. */
  #modelOf(id: string): string {
    this.#measure(this.#rowOf(id));
    return join(this.#folder, id, "model.json");
  }

  /** Nothing stays of what was measured with another recipe. */
  #beginFolder(row: AblationRow): void {
    const out = join(this.#folder, row.id);
    const recipe = join(out, "recipe.json");
    if (existsSync(recipe) && readFileSync(recipe, "utf8") !== describeRecipe(this.#study, row)) rmSync(out, { recursive: true });
    mkdirSync(out, { recursive: true });
    writeFileSync(recipe, describeRecipe(this.#study, row));
  }

  #trainRow(row: AblationRow, training: object): string {
    const out = join(this.#folder, row.id);
    for (const words of row.prepare ?? []) runScript(words, { isQuiet: true });
    if (row.teacher !== undefined) this.#askTeacher(row.teacher, row.teacherManifest);
    const config = join(out, "config-input.json");
    writeFileSync(config, JSON.stringify(training));
    tensorface("train", config, "--resume", "--out", out, ...(this.#threads === undefined ? [] : ["--threads", String(this.#threads)]));
    tensorface("export", config, "--weights", join(out, "best.safetensors"), "--out", out, "--id", "model", "--title", row.title);
    return join(out, "model.json");
  }

  #askTeacher({ model, predictions }: AblationTeacher, manifest = model): void {
    for (const [index, { format }] of this.#study.data.entries()) {
      const from = ["--data", imported(format), "--split", "train", "--model", manifest];
      tensorface("evaluate", ...from, "--predictions", predictions[index]!, "--replicates", "2");
    }
  }

  #isMeasured(row: AblationRow): boolean {
    const recipe = join(this.#folder, row.id, "recipe.json");
    return (
      this.#study.data.every(({ format }) => existsSync(this.#reportOf(row, format))) &&
      readFileSync(recipe, "utf8") === describeRecipe(this.#study, row)
    );
  }

  #rowOf(id: string): AblationRow {
    return this.#study.rows.find((row) => row.id === id)!;
  }

  #reportOf({ id }: AblationRow, format: string): string {
    return join(this.#folder, id, `report-${format}.json`);
  }

  #predictionsOf({ id }: AblationRow, format: string): string {
    return join(this.#folder, id, `predictions-${format}.jsonl`);
  }

  async #writeTable(): Promise<void> {
    const there = this.#study.rows.filter(
      (row) => this.#isMeasured(row) && (row.against === undefined || this.#isMeasured(this.#rowOf(row.against))),
    );
    if (there.length === 0) return;
    const faces = await listFaces(this.#study);
    const compared = there.map((row) => ({ row, report: this.#compare(row, faces) }));
    const page = join("docs", "lab", "experiments.md");
    const text = renderAblations(this.#study, compared, this.#study.rows.length);
    console.log(text);
    writeFileSync(page, replaceBetweenMarkers(readFileSync(page, "utf8"), text, `ablations-${this.#study.id}`));
  }

  /** The report of a row beside the one that it differs from, or alone; of the faces of all datasets together. */
  #compare(row: AblationRow, faces: readonly Face[]): EvaluationReport {
    const models = [row, ...(row.against === undefined ? [] : [this.#rowOf(row.against)])].map((each) =>
      this.#readPredictions(each, faces),
    );
    const [name, split] = (["title", "split"] as const).map((key) => this.#study.data.map((data) => data[key]).join(" and "));
    const origin = { name: name!, format: "several", split: split!, path: "crop" as const, rejected: {}, notes: [] };
    return evaluateModels(models, origin, { created: new Date().toISOString(), version: "0" });
  }

  #readPredictions(row: AblationRow, faces: readonly Face[]): ModelPredictions {
    const lines = this.#study.data.flatMap(({ format }) =>
      readFileSync(this.#predictionsOf(row, format), "utf8").trimEnd().split("\n").slice(1),
    );
    const answers = new Map(lines.map((line) => predictionSchema.parse(JSON.parse(line))).map(({ id, answers }) => [id, answers.model]));
    const head = { id: row.id, title: row.title, tasks: [], sha256: "0".repeat(64), bytes: 1, licence: "none" };
    const predictions = faces.map(({ id: face, labels, subjectId }): FacePrediction => ({
      id: face,
      labels,
      ...(subjectId === undefined ? {} : { subjectId }),
      found: true,
      probabilities: answers.get(face)!,
      attributes: {},
    }));
    return { model: { id: row.id, heads: [head] }, role: "held out", predictions };
  }
}

type Face = Pick<FacePrediction, "id" | "labels"> & { readonly subjectId: string | undefined };

async function listFaces({ data }: AblationStudy): Promise<readonly Face[]> {
  const sources = await Promise.all(
    data.map(({ format, split }) =>
      openFaces(imported(format), {
        format: undefined,
        split,
        formatOptions: {},
        signal: new AbortController().signal,
        onProgress: () => undefined,
      }),
    ),
  );
  return sources.flatMap(({ faces }) => faces).toSorted((a, b) => (a.id < b.id ? -1 : 1));
}

function imported(format: string): string {
  return join(".data", "imported", format);
}

function tensorface(...words: readonly string[]): void {
  runTensorFace(words, { isQuiet: true });
}
