import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Fastify from "fastify";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { exportDataset, importDataset, openDataset } from "../src/_entries/datasets.ts";
import { evaluateModels, evaluateTasks, renderHtml, renderMarkdown } from "../src/_entries/evaluate.ts";
import { annotateFaces, blurFaces, createAnalyzer, cropFaces, decode, encode, TensorFaceError } from "../src/_entries/node.ts";
import { exampleData, faceGrid, picture as notebookPicture, pictures, show, table } from "../src/_entries/notebook.ts";
import { tensorface } from "../src/_entries/server.ts";
import { faceTrunk, residualNetwork, retrain, trainNetwork } from "../src/_entries/train.ts";
import { annotateVideo, blurFile } from "../src/_entries/video.ts";
import { filledImage } from "../src/image/index.ts";
import { fakeParts } from "../src/server/testing.ts";
import { sampleAnalysis } from "./support/outcomes.ts";

/** What callers without types give: each is an error of ours that names what was expected, and nothing is written. */

let folder: string;
const at = (name: string): string => join(folder, name);
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tensorface-wrong-"));
  for (const [index, name] of ["dark/1.png", "dark/2.png", "light/1.png", "light/2.png"].entries()) {
    await mkdir(at(`pictures/${name.split("/")[0]!}`), { recursive: true });
    await writeFile(at(`pictures/${name}`), await encode(filledImage(40, 40, [60 * index, 9, 9])));
  }
  await importDataset("folder", at("pictures"), at("data"), { tasks: [{ name: "light" }] });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** As a program in plain JavaScript calls it. */
const untyped = (call: (...values: never[]) => unknown, ...values: readonly unknown[]): unknown => Reflect.apply(call, undefined, values);

async function refusal(call: () => unknown): Promise<string> {
  try {
    await call();
  } catch (error) {
    if (error instanceof TensorFaceError) return `${error.code}: ${error.message}`;
    throw error;
  }
  return "no error";
}

const image = filledImage(64, 48, [9, 9, 9]);
const face = { id: "1", labels: {}, found: true, probabilities: {}, attributes: {} };
const itself: { me?: unknown } = {};
itself.me = itself;
const analysis = sampleAnalysis("one");
const data = () => openDataset(at("data"));

test.each<readonly [string, RegExp, () => unknown]>([
  ["retrain without pictures", /source must be a path, got undefined/, () => untyped(retrain)],
  ["retrain of a list", /source must be a path, got \["a"\]/, () => untyped(retrain, ["a"])],
  [
    "a kind that is none",
    /kind must be one of classes, ordered, tags, number, got "regression"/,
    () => untyped(retrain, at("pictures"), { kind: "regression" }),
  ],
  [
    "a crop that is none",
    /crop must be one of auto, face, whole, got "center"/,
    () => untyped(retrain, at("pictures"), { crop: "center" }),
  ],
  ["one fold", /folds must be a whole number from 2 to 100, got 1/, () => untyped(retrain, at("pictures"), { folds: 1 })],
  ["half a seed", /seed must be a whole number from 0 on, got 1\.5/, () => untyped(retrain, at("pictures"), { seed: 1.5 })],
  ["a size that is a number", /size must be a text, got 224/, () => untyped(retrain, at("pictures"), { size: 224 })],
  [
    "a format that is none",
    /format must be one of adience, .*, got "folders"/,
    () => untyped(importDataset, "folders", at("pictures"), at("x")),
  ],
  ["an import into nowhere", /out must be a path, got undefined/, () => untyped(importDataset, "folder", at("pictures"))],
  [
    "tasks as words",
    /tasks must be a list of \{ name, kind, labels \}, got \["light"\]/,
    () => untyped(importDataset, "folder", at("pictures"), at("x"), { tasks: ["light"] }),
  ],
  [
    "one task without a list",
    /tasks must be a list/,
    () => untyped(importDataset, "folder", at("pictures"), at("x"), { tasks: { name: "light" } }),
  ],
  [
    "a kind of task that is none",
    /kind must be one of classes, tags, ordered, number, got "class"/,
    () => untyped(importDataset, "folder", at("pictures"), at("x"), { tasks: [{ name: "light", kind: "class" }] }),
  ],
  ["a layout that is none", /format must be one of csv, .*, got "yolo"/, async () => untyped(exportDataset, await data(), "yolo", at("x"))],
  ["a dataset's folder", /dataset must be what openDataset gives, got "data"/, () => untyped(exportDataset, "data", "csv", at("x"))],
  [
    "a split that is none",
    /split must be one of train, validation, test, got "val"/,
    async () => untyped(exportDataset, await data(), "csv", at("x"), { split: "val" }),
  ],
  [
    "crops without an analysis",
    /analysis must be an analysis or its faces, a list of \{ box \}, got undefined/,
    () => untyped(cropFaces, image),
  ],
  ["boxes in the wrong order", /image must be pixels/, () => untyped(annotateFaces, analysis, image)],
  ["boxes on a file", /image must be pixels \{ width, height, data \}, got "a.jpg"/, () => untyped(annotateFaces, "a.jpg", analysis)],
  ["boxes of nothing", /analysis must be an analysis or its faces, .*, got null/, () => untyped(annotateFaces, image, null)],
  [
    "a side below zero",
    /minimumSide must be a whole number above 0, got -2/,
    () => untyped(annotateFaces, image, analysis, { minimumSide: -2 }),
  ],
  ["a file to hide faces in", /image must be pixels \{ width, height, data \}, got "a.jpg"/, () => untyped(blurFaces, "a.jpg", [])],
  [
    "faces without boxes",
    /analysis must be an analysis or its faces, a list of \{ box \}, got \[\{"x":1\}\]/,
    () => untyped(blurFaces, image, [{ x: 1 }]),
  ],
  ["a cell's table of a text", /rows must be a list of objects, got "a"/, () => untyped(table, "a")],
  ["a cell's pictures as paths", /items must be a list of \{ image, caption \}, got \["a.jpg"\]/, () => untyped(pictures, ["a.jpg"])],
  ["a cell's faces of nothing", /analysis must be an analysis or its faces, .*, got undefined/, () => untyped(faceGrid, image)],
  [
    "a cell's boxes that are none",
    /analysis must be an analysis or its faces, .*, got 3/,
    () => untyped(notebookPicture, image, { faces: 3 }),
  ],
  ["example data of nothing", /options must be an object, got null/, () => untyped(exampleData, null)],
  ["a cell that shows nothing", /what is shown must be a text, or what picture, table/, () => untyped(show, { rows: [] })],
  ["predictions of nothing", /predictions must be a list of \{ id, labels, .*, got undefined/, () => untyped(evaluateTasks)],
  ["an evaluation of nobody", /an evaluation needs at least one model/, () => untyped(evaluateModels, [], {}, {})],
  [
    "a page of a task's numbers",
    /report must be an evaluation, as evaluateModels gives it, got \{"mood":3\}/,
    () => untyped(renderHtml, { mood: 3 }),
  ],
  ["a page of a report that was not awaited", /got a promise that was not awaited/, () => untyped(renderMarkdown, Promise.resolve({}))],
  [
    "an age that is a number",
    /predictions: face 0: labels\.age: Invalid input: expected object, received number/,
    () => untyped(evaluateTasks, [{ ...face, labels: { age: 30 } }]),
  ],
  ["a gender that is none", /predictions: face 0: labels\.gender: /, () => untyped(evaluateTasks, [{ ...face, labels: { gender: "f" } }])],
  ["a face of which nobody says whether it was found", /face 0: found: /, () => untyped(evaluateTasks, [{ ...face, found: undefined }])],
  ["age groups that are none", /ageGroups must be one of fairface, adience, got "x"/, () => untyped(evaluateTasks, [], { ageGroups: "x" })],
  ["tasks of an evaluation as words", /tasks must be a list of \{ name/, () => untyped(evaluateTasks, [], { tasks: ["hat"] })],
  [
    "an evaluation of data that nobody describes",
    /data are not described: name: Invalid input: expected string/,
    () => untyped(evaluateModels, [{ model: { id: "m", heads: [] }, role: "held out", predictions: [] }], {}, {}),
  ],
  ["a model that nobody describes", /model "m" is not described: /, () => untyped(evaluateModels, [{ model: { id: "m" } }], {}, {})],
  ["a training without anything", /options must be an object, got undefined/, () => untyped(trainNetwork)],
  ["a training by no thread", /workers must be a whole number above 0, got 0/, () => untyped(trainNetwork, { workers: 0 })],
  ["a network without heads", /heads must be an object, got undefined/, () => untyped(residualNetwork, {})],
  ["a trunk without blocks", /blocks must be a whole number from 1 to 14, got 0/, () => untyped(faceTrunk, { blocks: 0 })],
  [
    "networks in a folder that is not there",
    /^TF_MODEL_NOT_FOUND: .*nothing is at .*no-models/,
    () => createAnalyzer({ modelsFolder: at("no-models") }),
  ],
  ["a film without an analyzer", /analyzer must be what createAnalyzer gives, got undefined/, () => untyped(blurFile, "a.mp4", "b.mp4")],
  [
    "an analyzer that was not awaited",
    /analyzer must be what createAnalyzer gives, got a promise that was not awaited/,
    () => untyped(annotateVideo, "a.mp4", "b.mp4", Promise.resolve({})),
  ],
  [
    "a film's analyzer in the place of its options",
    /out must be a path, got \{\}/,
    () => untyped(blurFile, "a.mp4", { analyze: () => {} }),
  ],
  ["a dataset without a folder", /directory must be a path, got undefined/, () => untyped(openDataset)],
  ["a picture's options as a number", /options must be an object, got 640/, () => untyped(decode, at("pictures/dark/1.png"), 640)],
  ["something that refers to itself", /image must be pixels \{ width, height, data \}, got an object/, () => untyped(blurFaces, itself)],
  ["an API without its parts", /parts must be what createServerParts gives, got undefined/, () => Fastify().register(tensorface as never)],
  [
    "an API of no pictures",
    /maxPictures must be a whole number above 0, got -3/,
    () => Fastify().register(tensorface, { parts: fakeParts(), maxPictures: -3 }),
  ],
  [
    "a limit that is no number",
    /timeLimitMs must be a number of at least 0, got "1s"/,
    () => Fastify().register(tensorface, { parts: fakeParts(), timeLimitMs: "1s" as never }),
  ],
  [
    "a token of nothing",
    /token must be a text that is not empty, got ""/,
    () => Fastify().register(tensorface, { parts: fakeParts(), token: "" }),
  ],
])("%s", { timeout: 120_000 }, async (_, message, call) => {
  const before = await readdir(folder);
  const said = await refusal(call);
  expect(said).toMatch(/^TF_(INVALID_ARGUMENT|MODEL_NOT_FOUND): /);
  expect(said).toMatch(message);
  expect(await readdir(folder)).toEqual(before);
});

describe("faces are hidden in what an analysis gives", () => {
  test("the analysis and its faces alone give the same picture", () => {
    expect(untyped(blurFaces, image, analysis)).toEqual(blurFaces(image, analysis.faces));
  });
});
