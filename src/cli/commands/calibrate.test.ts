import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { createAnalyzer } from "../../analyze/create-analyzer.node.ts";
import type { Conformal } from "../../core/index.ts";
import { expectHead, openModelFile } from "../../models/index.ts";
import { drawnModel, drawnTasks } from "../../models/testing.ts";
import { openModels } from "../../predict/index.ts";
import { drawPicture } from "../../predict/testing.ts";
import { dispatch } from "../dispatch.ts";
import { createCalibrateCommand } from "./calibrate.ts";

let folder = "";
const at = (name: string): string => join(folder, name);

/** 240 pictures, red or dark, of which every fourth shows what its colour does not say; and numbers that are told a little too low. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tensorface-calibrate-"));
  const rows = Array.from({ length: 240 }, (_, index) => ({
    file: `${index}.png`,
    red: (index % 10) / 10,
    glasses: index % 10 >= 5 === (index % 4 !== 0) ? "glasses" : "none",
    rating: Math.max(1, index % 10) + (index % 3) / 2,
  }));
  for (const { file, red } of rows) await drawPicture(at(file), [Math.round(red * 255), 128, 0]);
  for (const name of ["glasses", "rating"] as const) {
    const lines = rows.map((row) => `${row.file},${row[name]}`);
    await writeFile(at(`${name}.csv`), `file,${name}\n${lines.join("\n")}\n`);
    await writeFile(at(`few-${name}.csv`), `file,${name}\n${lines.slice(0, 5).join("\n")}\n`);
  }
  await writeFile(at("wears.csv"), "file,wears\n1.png,hat\n2.png,none\n");
  await writeFile(at("holes.csv"), `file,glasses\n${rows.map((row) => `${row.file},${row.glasses}`).join("\n")}\nnowhere.png,none\n`);
  for (const task of drawnTasks)
    await writeFile(at(`${task.name}.onnx`), await drawnModel(task, { id: `drawn-${task.name}`, sees: "picture" }));
});
afterEach(() => {
  process.exitCode = undefined;
});
afterAll(async () => rm(folder, { recursive: true, force: true }));

async function calibrate(...words: readonly string[]) {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  let reported = "";
  const command = createCalibrateCommand(async () => ({
    openModels: async (models) => openModels(models, "0.0.0"),
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the command only writes to them and asks whether they are terminals
    ...({ stdout, stderr } as unknown as { readonly stdout: NodeJS.WriteStream; readonly stderr: NodeJS.WriteStream }),
  }));
  const code = await dispatch(["calibrate", ...words], {
    commands: { calibrate: { summary: "", load: async () => command } },
    version: "0",
    print: (text) => stdout.write(text),
    report: (text) => (reported += text),
  });
  stdout.end();
  stderr.end();
  const [out, err] = await Promise.all([stdout, stderr].map(async (stream) => (await stream.toArray()).join("")));
  return { code: code ?? process.exitCode, stdout: out!, stderr: err! + reported };
}

async function conformalOf(file: string): Promise<Conformal | undefined> {
  return expectHead(await openModelFile(await readFile(at(file)), file)).outputs[0]!.conformal;
}

test("a model of classes gets sets of labels, in a file of its own, and tells them", async () => {
  const before = await readFile(at("glasses.onnx"));
  const said = await calibrate(at("glasses.onnx"), "--data", at("glasses.csv"), "--out", at("calibrated.onnx"));
  expect(said).toMatchObject({ code: undefined, stderr: "" });
  expect(said.stdout).toContain("sets for 90.0 % of 240 faces");
  expect(await readFile(at("glasses.onnx"))).toEqual(before);
  const conformal = await conformalOf("calibrated.onnx");
  expect(conformal).toMatchObject({ kind: "classes", level: 0.9, source: expect.stringContaining("all, crop") });
  // A quarter is told wrongly: one label alone cannot hold nine of ten.
  expect(conformal!.groups.reduce((sum, { faces }) => sum + faces, 0)).toBe(240);
  await using analyzer = await createAnalyzer({ models: [at("calibrated.onnx")], tasks: ["glasses"] });
  expect(analyzer.tasks).toMatchObject([{ name: "glasses", hasSet: true, model: "drawn-glasses-calibrated" }]);
  const { attributes } = await analyzer.analyze(at("9.png"));
  expect(attributes?.["glasses"]).toMatchObject({ label: "glasses", set: { labels: expect.arrayContaining(["glasses"]), level: 0.9 } });
  const sets = await Promise.all([0, 4, 5, 9].map(async (index) => (await analyzer.analyze(at(`${index}.png`))).attributes?.["glasses"]));
  expect(sets.map((told) => told !== undefined && "label" in told && told.set!.labels.length)).toContain(2);
});

test("class folders are labelled faces too, of the task that the model tells", async () => {
  for (const label of ["glasses", "none"])
    for (let index = 0; index < 15; index++) await drawPicture(at(`photos/${label}/${index}.png`), [index * 15, 128, 0]);
  const said = await calibrate(at("glasses.onnx"), "--data", at("photos"), "--out", at("folders.onnx"), "--level", "0.8");
  expect(said).toMatchObject({ code: undefined, stderr: "" });
  // Both folders have the same colours, so that half is told wrongly.
  expect(said.stdout).toContain("sets for 80.0 % of 30 faces, 1.7 labels on average");
});

test("a model of numbers gets other intervals, by what is told", async () => {
  const words = ["--data", at("rating.csv"), "--level", "0.6", "--name", "mine", "--json", "--out", at("rated.onnx")];
  const { stdout } = await calibrate(at("rating.onnx"), ...words);
  expect(JSON.parse(stdout)).toMatchObject({ schema: "tensorface.calibration/1", id: "mine", faces: 240, found: 240 });
  const conformal = await conformalOf("rated.onnx");
  expect(conformal).toMatchObject({ kind: "number", level: 0.6, groups: [{ faces: expect.any(Number) }, { from: expect.any(Number) }] });
  // Labels lie 0, half or one point above what is told; 60 % of them without a fifth on either side.
  for (const group of conformal?.kind === "number" ? conformal.groups : []) {
    expect(group.low).toBeCloseTo(0, 1);
    expect(group.high).toBeCloseTo(1, 1);
  }
});

test("one picture that is not there gives exit code 1 and a model of the others", async () => {
  const said = await calibrate(at("glasses.onnx"), "--data", at("holes.csv"), "--out", at("holes.onnx"));
  expect(said.code).toBe(1);
  expect(said.stderr).toContain("nowhere");
  expect(await conformalOf("holes.onnx")).toMatchObject({ kind: "classes" });
});

test.each<[string, string[], string, number, string]>([
  ["too few faces", ["few-glasses.csv"], "glasses", 1, "TF_EXAMPLES_FEW"],
  ["labels of something else", ["glasses.csv"], "rating", 1, "TF_DATASET_LAYOUT"],
  ["tags", ["wears.csv"], "wears", 1, "TF_EXAMPLES_FEW"],
  ["another task", ["glasses.csv", "--task", "hat"], "glasses", 2, 'does not tell "hat"'],
  ["a level that is none", ["glasses.csv", "--level", "2"], "glasses", 2, "--level"],
  ["a file that is there", ["glasses.csv", "--out", "THERE"], "glasses", 1, "TF_MODEL_EXISTS"],
  ["data that are not there", ["nothing"], "glasses", 1, "TF_INPUT_NOT_FOUND"],
])("refuses %s", async (_, [data, ...words], model, code, named) => {
  const out = words.includes("THERE") ? [] : ["--out", at("never.onnx")];
  const given = words.map((word) => (word === "THERE" ? at("glasses.onnx") : word));
  const said = await calibrate(at(`${model}.onnx`), "--data", at(data!), ...given, ...out);
  expect(said).toMatchObject({ code, stderr: expect.stringContaining(named) });
});

test.each([
  [["--data", "x"], "MODEL"],
  [["mine"], "--data"],
])("wrong use: %j", async (words, named) => {
  const said = await calibrate(...words);
  expect(said).toMatchObject({ code: 2, stderr: expect.stringContaining(named) });
});

test("a name that no model can have, or a place where nothing can be written, is refused before any work", async () => {
  const data = ["--data", at("glasses.csv")];
  const named = await calibrate(at("glasses.onnx"), ...data, "--name", "My Model", "--out", at("named.onnx"));
  expect(named).toMatchObject({ code: 2, stdout: "", stderr: expect.stringContaining('a model cannot be called "My Model"') });
  const lost = await calibrate(
    at("glasses.onnx"),
    ...data,
    "--out",
    join(at("glasses.csv"), "lost.onnx"),
    "--predictions",
    at("asked.jsonl"),
  );
  expect(lost).toMatchObject({ code: 1, stderr: expect.stringContaining("TF_OUTPUT_UNWRITABLE") });
  await expect(readFile(at("asked.jsonl"))).rejects.toThrow("ENOENT");
});

test("of many pictures that cannot be read some are named and the rest is counted", async () => {
  const rows = Array.from({ length: 30 }, (_, index) => `gone-${index}.png,none`);
  await writeFile(at("gone.csv"), `${await readFile(at("glasses.csv"), "utf8")}${rows.join("\n")}\n`);
  const { code, stderr } = await calibrate(at("glasses.onnx"), "--data", at("gone.csv"), "--out", at("gone.onnx"));
  expect([code, stderr.trim().split("\n").length, stderr]).toEqual([1, 21, expect.stringContaining("... and 10 more pictures")]);
});
