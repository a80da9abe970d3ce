import { access, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { evaluationReportSchema } from "../../evaluate/index.ts";
import { drawnModel, drawnTasks } from "../../models/testing.ts";
import { openModels } from "../../predict/index.ts";
import { dispatch } from "../dispatch.ts";
import { createColourPlatform, drawPicture } from "../../predict/testing.ts";
import { modelFlag, repeatedFlag } from "../command.ts";
import { createEvaluateCommand } from "./evaluate.ts";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tensorface-evaluate-command-"));
  const rows = Array.from({ length: 12 }, (_, index) => `${index}.png,${index % 2 === 0 ? "female" : "male"}`);
  for (let index = 0; index < 12; index++) await drawPicture(join(folder, `${index}.png`), [30, (index % 2) * 255, 0]);
  await writeFile(join(folder, "faces.csv"), `file,gender\n${rows.join("\n")}\n`);
  await writeFile(join(folder, "holes.csv"), `file,gender\n${[...rows, "nowhere.png,male"].join("\n")}\n`);
});
afterEach(() => {
  process.exitCode = undefined;
});
afterAll(async () => rm(folder, { recursive: true, force: true }));

/** Runs the command with heads that read colours, or those that are installed and named. */
async function evaluate(...words: readonly string[]) {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  let reported = "";
  const command = createEvaluateCommand(async () => ({
    openModels: async (ids) =>
      ids.some((id) => id.endsWith(".onnx")) ? openModels(ids, "0.0.0") : { platform: createColourPlatform(), ids },
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the command only writes to them and asks whether they are terminals
    ...({ stdout, stderr } as unknown as { readonly stdout: NodeJS.WriteStream; readonly stderr: NodeJS.WriteStream }),
  }));
  const code = await dispatch(["evaluate", ...words], {
    commands: { evaluate: { summary: "", load: async () => command } },
    version: "0",
    print: (text) => stdout.write(text),
    report: (text) => (reported += text),
  });
  stdout.end();
  stderr.end();
  const [out, err] = await Promise.all([stdout, stderr].map(async (stream) => (await stream.toArray()).join("")));
  return { code: code ?? process.exitCode, stdout: out!, stderr: err! + reported };
}

const base = (table = "faces.csv") => ["--data", join(folder, table), "--format", "csv", "--split", "all", "--replicates", "10"];

test("prints a summary, and writes the report in every form", async () => {
  const [json, html, markdown] = ["report.json", "report.html", "report.md"].map((name) => join(folder, "out", name));
  const result = await evaluate(...base(), "--out", json!, "--html", html!, "--markdown", markdown!);
  expect(result.code).toBeUndefined();
  expect(result.stdout).toContain("Metrics of gender");
  const report = evaluationReportSchema.parse(JSON.parse(await readFile(json!, "utf8")));
  expect(report.tasks.gender).toMatchObject({ n: 12, accuracy: 1 });
  expect(await readFile(html!, "utf8")).toContain("<svg");
  expect(await readFile(markdown!, "utf8")).toContain("## Gender");
});

/** Red pictures with glasses and dark ones without, of which each third stands in the other's folder. */
async function drawClassFolders(): Promise<string> {
  const photos = join(folder, "photos");
  for (let index = 0; index < 12; index++) {
    const label = index < 6 === (index % 3 !== 0) ? "none" : "glasses";
    await drawPicture(join(photos, label, `${index}.png`), [index < 6 ? 0 : 255, 128, 0]);
  }
  return photos;
}

test("class folders and tables are judged as they are, of the tasks that one's own model tells", async () => {
  const photos = await drawClassFolders();
  const model = join(folder, "glasses.onnx");
  const glasses = drawnTasks.find(({ name }) => name === "glasses")!;
  await writeFile(model, await drawnModel(glasses, { id: "drawn-glasses", sees: "picture" }));
  await writeFile(join(folder, "glasses.csv"), "file,glasses\n0.png,none\n2.png,none\n");
  const asked = ["--split", "all", "--model", model, "--replicates", "10", "--out", "-"];
  const folders = await evaluate("--data", photos, ...asked);
  expect(folders).toMatchObject({ code: undefined, stderr: "" });
  expect(evaluationReportSchema.parse(JSON.parse(folders.stdout)).tasks["glasses"]).toMatchObject({ n: 12, accuracy: 8 / 12 });
  const table = await evaluate("--data", join(folder, "glasses.csv"), ...asked);
  expect(evaluationReportSchema.parse(JSON.parse(table.stdout)).tasks["glasses"]).toMatchObject({ n: 2 });
});

test("two models of one name are two models, told apart by their files, whatever the order of their labels", async () => {
  const photos = await drawClassFolders();
  const [glasses] = drawnTasks;
  for (const [file, labels] of [
    ["first.onnx", glasses.labels],
    ["second.onnx", glasses.labels.toReversed()],
  ] as const)
    await writeFile(join(folder, file), await drawnModel({ ...glasses, labels }, { id: "photos-model", sees: "picture" }));
  const models = ["first.onnx", "second.onnx"].flatMap((file) => ["--model", join(folder, file)]);
  const { stdout, stderr } = await evaluate("--data", photos, "--split", "all", ...models, "--replicates", "10", "--out", "-");
  expect(stderr).toBe("");
  const { model, tasks, others } = evaluationReportSchema.parse(JSON.parse(stdout));
  expect([model.id, tasks["glasses"]?.accuracy]).toEqual(["first", 8 / 12]);
  expect(others.map((other) => [other.model.id, other.tasks["glasses"]?.accuracy])).toEqual([["second", 4 / 12]]);
});

test("models that tell other classes under one name are not compared", async () => {
  const [glasses] = drawnTasks;
  for (const [id, labels] of [
    ["two", glasses.labels],
    ["three", [...glasses.labels, "shades"]],
  ] as const)
    await writeFile(join(folder, `${id}.onnx`), await drawnModel({ ...glasses, labels }, { id, sees: "picture" }));
  const models = ["two", "three"].flatMap((id) => ["--model", join(folder, `${id}.onnx`)]);
  const { code, stderr } = await evaluate("--data", await drawClassFolders(), "--split", "all", ...models);
  expect(code).toBe(2);
  expect(stderr).toContain('the models tell other things of glasses: glasses, none; "three" glasses, none, shades');
});

test("what is no dataset and has no model of one's own needs its format, which the message names", async () => {
  const { code, stderr } = await evaluate("--data", await drawClassFolders(), "--split", "all");
  expect(code).toBe(2);
  expect(stderr).toContain("--format");
  expect(stderr).toContain("folder of class folders");
});

test("--out - gives the JSON and nothing else", async () => {
  const { stdout } = await evaluate(...base(), "--out", "-");
  expect(evaluationReportSchema.parse(JSON.parse(stdout)).data.n).toBe(12);
});

test("a picture that is not there gives exit code 1, a line and a report of the others", async () => {
  const out = join(folder, "holes.json");
  const result = await evaluate(...base("holes.csv"), "--out", out);
  expect(result.code).toBe(1);
  expect(result.stderr).toContain("nowhere");
  const { data } = evaluationReportSchema.parse(JSON.parse(await readFile(out, "utf8")));
  expect(data).toMatchObject({ n: 12, rejected: { "failed-picture": 1 } });
});

test.each([
  [["--split", "all"], "--data"],
  [["--data", "x"], "--split"],
  [["--data", "x", "--split", "all", "--limit", "0"], "--limit"],
  [["--data", "x", "--split", "all", "--path", "sideways"], "--path"],
])("wrong use: %j", async (words, named) => {
  const result = await evaluate(...words);
  expect(result.code).toBe(2);
  expect(result.stderr).toContain(named);
});

test.each([
  [[], "nothing is kept without --predictions"] as const,
  [["--predictions", "told.jsonl"], "told.jsonl keeps what is done"] as const,
])("Ctrl-C says in one sentence what becomes of the work: %j", async (flags, kept) => {
  const words = flags.map((word) => (word.endsWith(".jsonl") ? join(folder, word) : word));
  const written = vi.spyOn(process.stderr, "write").mockImplementation(() => true);
  // As soon as somebody listens.
  const press = (event: string | symbol): void => {
    if (event === "SIGINT") queueMicrotask(() => process.emit("SIGINT"));
  };
  process.on("newListener", press);
  const { code, stdout, stderr } = await evaluate(...base(), ...words).finally(() => process.off("newListener", press));
  const said = written.mock.calls.map(([text]) => String(text)).join("") + stderr;
  written.mockRestore();
  expect({ code, stdout, lines: said.split("\n").length - 1 }).toEqual({ code: 130, stdout: "", lines: 1 });
  expect(said).toContain(kept);
});

test("a failed run leaves no report behind", async () => {
  const out = join(folder, "never.json");
  const result = await evaluate(...base(), "--model", "nobody", "--out", out);
  expect(result).toMatchObject({ code: 1, stderr: expect.stringContaining("TF_MODEL_NOT_FOUND") });
  await expect(access(out)).rejects.toMatchObject({ code: "ENOENT" });
});

test("--model may be repeated, joined by =, or hold commas, also within the path of a model", async () => {
  expect(repeatedFlag("model", ["--model", "a", "--split", "all", "--model=b,c"])).toEqual(["a", "b", "c"]);
  expect(repeatedFlag("model", ["--models", "a"])).toEqual([]);
  const odd = join(folder, "one, of many.onnx");
  await writeFile(odd, "");
  expect(await modelFlag(["--model", odd, "--model=b,c", "--model", "d"])).toEqual([odd, "b", "c", "d"]);
});

test("a report that cannot be written, or would be written over something else, is refused before any work", async () => {
  const [data, kept] = [join(folder, "faces.csv"), join(folder, "over.jsonl")];
  const before = await readFile(data, "utf8");
  for (const [flags, said] of [
    [["--out", data], "written over"],
    [["--html", data], "written over"],
    [["--predictions", kept, "--markdown", kept], "written over"],
    [["--out", join(folder, "one"), "--html", join(folder, ".", "one")], "written over"],
    [["--out", folder], "EISDIR"],
    [["--html", join(data, "report.html")], "TF_OUTPUT_UNWRITABLE"],
  ] as const) {
    const result = await evaluate(...base(), ...flags);
    expect([result.stdout, result.stderr]).toEqual(["", expect.stringContaining(said)]);
  }
  expect(await readFile(data, "utf8")).toBe(before);
  await expect(access(kept)).rejects.toThrow("ENOENT");
});
