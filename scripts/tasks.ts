import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { FaceAnalysis } from "../src/analyze/index.ts";
import { builtInLabels } from "../src/core/index.ts";
import { openDataset } from "../src/datasets/dataset.node.ts";
import { exportFormats } from "../src/datasets/export/index.ts";
import { evaluationReportSchema, type EvaluationReport, type TaskReport } from "../src/evaluate/index.ts";
import { drawTasks } from "./tasks/draw.ts";
import { anyText, flag, readWords, wholeNumber } from "./words.ts";

/**
 * `npm run write -- tasks`: tasks of somebody's own on the whole way, by the command line alone: import, retrain, evaluate, export in each
 * format and import again, analyze, models add, and one server with all of the models. It prints a row for each task.
 *
 *   npm run write -- tasks                            six small tasks that are drawn: shows that the way works, and nothing about people
 *   npm run write -- tasks --data DIR --save          DIR/TASK/CLASS/1.jpg; the rows go into docs/lab/retrain.md
 *
 * `--program node_modules/tensorface/dist/cli.js` walks with the package as it is installed.
 */
const { values } = readWords("npm run write -- tasks", {
  data: anyText(),
  count: wholeNumber(12),
  backbone: anyText(),
  program: anyText("src/cli/main.ts"),
  save: flag,
});
const page = "docs/lab/retrain.md";
const marks = { begin: "<!-- tasks:begin (written by `npm run write -- tasks`) -->", end: "<!-- tasks:end -->" } as const;
const work = await mkdtemp(join(tmpdir(), "tensorface-tasks-"));
const environment = { ...process.env, NO_COLOR: "1", TENSORFACE_MODELS: join(work, "models") };
const program = resolve(values.program);

/** The command in the folder of the walk, which begins empty. @throws {Error} with what it said, when it fails */
function tensorface(...words: readonly string[]): string {
  console.error(`> tensorface ${words.join(" ")}`);
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...words], { cwd: work, env: environment, encoding: "utf8" });
  if (status !== 0) throw new Error(`tensorface ${words[0]} ended with ${status}:\n${stderr}`);
  return stdout;
}

interface Walked {
  readonly name: string;
  readonly labels: readonly string[];
  readonly pictures: number;
  /** A picture, to ask about. */
  readonly picture: string;
  /** Each picture taken for the dataset's crop, and with the face found as `analyze` does. */
  readonly crop: EvaluationReport;
  readonly photo: EvaluationReport;
}

async function walk(folder: string, name: string): Promise<Walked> {
  const labels = (await readdir(join(folder, name), { withFileTypes: true }))
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name);
  const isBuiltIn = [builtInLabels.gender, builtInLabels.mood].some((known: readonly string[]) =>
    labels.every((label) => known.includes(label)),
  );
  const asked = isBuiltIn ? [] : ["--task", name, "--kind", kindOf(labels)];
  tensorface("dataset", "import", "folder", join(folder, name), "--out", name, ...asked, "--test", "0.25", "--validation", "0.05");
  const model = `${name}-model`;
  tensorface("retrain", name, "--name", model, ...(values.backbone === undefined ? [] : ["--backbone", values.backbone]));
  const evaluate = async (path: "crop" | "photo"): Promise<EvaluationReport> => {
    tensorface("evaluate", "--model", model, "--data", name, "--split", "test", "--path", path, "--out", `${name}-${path}.json`);
    return evaluationReportSchema.parse(JSON.parse(await readFile(join(work, `${name}-${path}.json`), "utf8")));
  };
  const [crop, photo] = [await evaluate("crop"), await evaluate("photo")];
  for (const format of exportFormats) if (format !== "coco" || kindOf(labels) !== "number") await thereAndBack(name, format);
  const files = await readdir(join(folder, name, labels[0]!));
  const picture = join(folder, name, labels[0]!, files.toSorted()[0]!);
  JSON.parse(tensorface("analyze", picture, "--model", model, "--format", "json"));
  tensorface("models", "add", model);
  const { info } = await openDataset(join(work, name));
  return { name, labels, pictures: info.counts.faces, picture, crop, photo };
}

/** @throws {Error} when other faces, or other labels, come back */
async function thereAndBack(name: string, format: string): Promise<void> {
  const told = tensorface("dataset", "export", name, "--format", format, "--out", join("exports", name, format));
  // What needs no import is a dataset as it is.
  const again = /to read it again: tensorface (.+) --out DIR/.exec(told)?.[1]?.split(" ");
  if (again !== undefined) tensorface(...again, "--out", join("again", name, format));
  const read = join(again === undefined ? "exports" : "again", name, format);
  const [before, after] = await Promise.all([name, read].map((folder) => openDataset(join(work, folder))));
  const [one, other] = [before!, after!].map(({ info: { counts } }) => JSON.stringify([counts.faces, counts.byLabel]));
  if (one !== other) throw new Error(`${name} as ${format}: ${one} became ${other}`);
}

/** As the names of the folders say it: bare numbers, sets with a plus, ranges, and else names. */
function kindOf(labels: readonly string[]): string {
  if (labels.every((label) => /^\d+$/.test(label))) return "number";
  if (labels.some((label) => /\w\+\w/.test(label))) return "tags";
  return labels.every((label) => /^\d+(-\d+|\+)$/.test(label)) ? "ordered" : "classes";
}

/** All of the models in one server. @returns what it told of one picture of each task */
async function serveAll(walked: readonly Walked[]): Promise<void> {
  const models = walked.flatMap(({ name }) => ["--model", `${name}-model`]);
  const server = spawn(process.execPath, [program, "serve", "--port", "0", ...models], { cwd: work, env: environment });
  try {
    const address = await addressOf(server);
    for (const { name, picture } of walked) {
      const body = new Uint8Array(await readFile(picture));
      const answer = await fetch(new URL("/v1/analyze", address), { method: "POST", body, headers: { "content-type": "image/jpeg" } });
      const { faces, attributes }: FaceAnalysis = await answer.json();
      const told = new Set([attributes, ...faces.map((face) => face.attributes)].flatMap((each) => Object.keys(each ?? {})));
      console.error(`served ${name}: ${faces.length} faces, told ${[...told].join(", ") || "nothing of one's own"}`);
    }
  } finally {
    server.kill();
  }
}

function addressOf(server: ChildProcess): Promise<string> {
  const { promise, resolve: found, reject } = Promise.withResolvers<string>();
  server.stdout!.on("data", (text: Buffer) => {
    const address = /http\S+/.exec(text.toString())?.[0];
    if (address !== undefined) found(address);
  });
  server.on("close", () => reject(new Error("the server ended")));
  return promise;
}

function rowsOf({ name, labels, pictures, crop, photo }: Walked): string[][] {
  return Object.entries(crop.tasks).flatMap(([task, report]) =>
    report === undefined
      ? []
      : [
          [
            task === name ? name : `${name}, ${task}`,
            labels.join(", "),
            String(pictures),
            String(report.n),
            right(report),
            always(report),
            found(photo.tasks[task]),
          ],
        ],
  );
}

function right({ accuracy, oneOffAccuracy, meanAbsoluteError, intervals }: TaskReport): string {
  if (meanAbsoluteError !== undefined) return `off by ${span(meanAbsoluteError, intervals.meanAbsoluteError, decimal)}`;
  const near = oneOffAccuracy === undefined ? "" : `, one-off ${percent(oneOffAccuracy)}`;
  return `${span(accuracy ?? 0, intervals.accuracy, percent)}${near}`;
}

function always({ baseline }: TaskReport): string {
  return baseline.meanAbsoluteError === undefined ? percent(baseline.accuracy) : `off by ${decimal(baseline.meanAbsoluteError)}`;
}

function found(report: TaskReport | undefined): string {
  if (report === undefined) return "none found";
  return `${right(report)}; ${report.n - report.notFound} of ${report.n} found`;
}

function span(
  value: number,
  interval: { readonly low: number; readonly high: number } | undefined,
  write: (value: number) => string,
): string {
  return interval === undefined
    ? write(value)
    : `${write(value)} (${write(interval.low)} to ${write(interval.high)})`.replaceAll(" %)", ")").replace(" % to", " to");
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

function decimal(value: number): string {
  return value.toFixed(2);
}

try {
  const folder = values.data === undefined ? join(work, "drawn") : resolve(values.data);
  if (values.data === undefined) await drawTasks(folder, values.count);
  const names = (await readdir(folder, { withFileTypes: true })).filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  const walked: Walked[] = [];
  for (const name of names.toSorted()) walked.push(await walk(folder, name));
  await serveAll(walked);
  const columns = ["task", "labels", "pictures", "asked", "right, on the dataset's crops", "always one class", "as `analyze` finds them"];
  const lines = [columns, columns.map(() => "---"), ...walked.flatMap(rowsOf)].map((cells) => `| ${cells.join(" | ")} |`);
  console.log(lines.join("\n"));
  if (values.save) await save(lines);
} finally {
  await rm(work, { recursive: true, force: true });
}

async function save(lines: readonly string[]): Promise<void> {
  const text = await readFile(page, "utf8");
  const [before, after] = [text.indexOf(marks.begin), text.indexOf(marks.end)];
  if (before < 0 || after < before) throw new Error(`${page} has no place for the rows: ${marks.begin}`);
  await writeFile(page, `${text.slice(0, before)}${marks.begin}\n\n${lines.join("\n")}\n\n${text.slice(after)}`);
}
