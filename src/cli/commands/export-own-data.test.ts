import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { detectorOf, loadNetworks } from "../../analyze/pipeline/networks.ts";
import { createRandom, type FaceLandmarks, landmarkNames, type Point } from "../../core/index.ts";
import { importDataset } from "../../datasets/import/import.node.ts";
import { openDataset } from "../../datasets/dataset.node.ts";
import { writeCleanManifest } from "../../datasets/review/decisions.node.ts";
import { decode } from "../../image/decode.node.ts";
import { encode } from "../../image/encode.node.ts";
import { regionTransform, warpAffine } from "../../image/index.ts";
import { resizeCubic } from "../../image/resize.node.ts";
import { headManifestSchema, templateOf } from "../../models/manifest.ts";
import { openModelFolders } from "../../models/models.node.ts";
import { createNodeRuntime } from "../../runtime/runtime.node.ts";
import { drawHalves } from "../../train/testing.node.ts";
import { dispatch } from "../dispatch.ts";
import { findTemplate } from "../../predict/template/training-template.ts";
import { exportCommand } from "./export.ts";
import { trainCommand } from "./train.ts";

let folder: string;
const portrait = fileURLToPath(new URL("../../../examples/astronaut.png", import.meta.url));
/** The square of the portrait that the pictures show, each a little beside it, pixels. */
const crop = { x: 174, y: 60, side: 96 } as const;
const landmarks = {
  leftEye: { x: 0.3, y: 0.3 },
  rightEye: { x: 0.7, y: 0.3 },
  nose: { x: 0.5, y: 0.5 },
  leftMouth: { x: 0.3, y: 0.7 },
  rightMouth: { x: 0.7, y: 0.7 },
} as const;

/** What a command says to people. */
async function run(...words: readonly string[]): Promise<string> {
  const err: string[] = [];
  const silent = [
    vi.spyOn(process.stdout, "write").mockReturnValue(true),
    vi.spyOn(process.stderr, "write").mockImplementation((text) => err.push(String(text)) > 0),
  ];
  await dispatch([...words], {
    commands: {
      train: { summary: "", load: () => Promise.resolve(trainCommand) },
      export: { summary: "", load: () => Promise.resolve(exportCommand) },
    },
    version: "",
    print: () => {},
    report: (text) => err.push(text),
  });
  for (const spy of silent) spy.mockRestore();
  process.exitCode = undefined;
  return err.join("");
}

async function cutFaces(source: string): Promise<void> {
  const { image } = await decode(portrait);
  const random = createRandom(2);
  const beside = (middle: number): number => middle + 6 * (random.uniform() - 0.5);
  for (const [split, count] of [
    ["train", 20],
    ["val", 4],
  ] as const) {
    for (const mood of ["happy", "sad"]) {
      await mkdir(join(source, split, mood), { recursive: true });
      for (let index = 0; index < count; index++) {
        const region = { x: beside(crop.x), y: beside(crop.y), width: crop.side, height: crop.side };
        const cut = warpAffine(image, regionTransform(region, crop.side, crop.side), crop.side, crop.side, { border: "edge" });
        await writeFile(join(source, split, mood, `${index}.png`), await encode(cut, { format: "png" }));
      }
    }
  }
}

const configure = async (name: string, dataset: string): Promise<void> => {
  const value = {
    name,
    data: [{ path: join(folder, dataset) }],
    picture: { side: 16, colour: "grey" },
    network: {
      backbone: [{ layer: "conv", channels: 4 }, { layer: "flatten" }],
      heads: [{ task: "mood", layers: [{ layer: "dense", features: 7 }] }],
    },
    losses: [{ kind: "crossEntropy", head: "mood", target: { kind: "mood" } }],
    schedule: { kind: "constant", peak: 0.01 },
    batchSize: 8,
    epochs: 1,
    validation: { select: ["mood.accuracy"] },
  };
  await writeFile(join(folder, `${name}.json`), JSON.stringify(value));
};
const runFolder = (name: string): string => join(folder, "runs", name);
const trainIn = (name: string, ...words: readonly string[]): Promise<string> =>
  run("train", join(folder, `${name}.json`), "--out", runFolder(name), "--cache", join(folder, "cache"), ...words);
const exportFrom = (name: string, ...words: readonly string[]): Promise<string> => {
  const weights = words.includes("--weights") ? [] : ["--weights", join(runFolder(name), "best.safetensors")];
  const out = words.includes("--out") ? [] : ["--out", runFolder(name)];
  const places = [...out, "--cache", join(folder, "cache")];
  return run("export", join(folder, `${name}.json`), ...places, ...weights, ...words);
};
const manifestOf = async (name: string) =>
  headManifestSchema.parse(JSON.parse(await readFile(join(runFolder(name), `${name}.json`), "utf8")));

/** Where the whole portrait has its landmarks, as fractions of the crop that the pictures show on average. */
async function landmarksInCrop(): Promise<FaceLandmarks> {
  const platform = { runtime: createNodeRuntime(), models: openModelFolders(), resize: resizeCubic };
  const networks = await loadNetworks(platform, { tasks: [] });
  const detector = detectorOf(networks);
  const { image } = await decode(portrait);
  const [face] = await (await detector.prepare(image, { minFaceSize: 60, maxFaces: 1, anyRotation: false })).detect();
  await networks.dispose();
  const inCrop = ({ x, y }: Point): Point => ({ x: (x - crop.x) / crop.side, y: (y - crop.y) / crop.side });
  const { leftEye, rightEye, nose, leftMouth, rightMouth } = face!.landmarks;
  return {
    leftEye: inCrop(leftEye),
    rightEye: inCrop(rightEye),
    nose: inCrop(nose),
    leftMouth: inCrop(leftMouth),
    rightMouth: inCrop(rightMouth),
  };
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "own-data-"));
  await cutFaces(join(folder, "pictures"));
  await importDataset("folder", join(folder, "pictures"), join(folder, "faces"));
  await drawHalves(join(folder, "drawn-pictures"), 16);
  await importDataset("folder", join(folder, "drawn-pictures"), join(folder, "drawn"));
  await writeFile(join(folder, "template.json"), JSON.stringify({ schema: "tensorface.template/1", dataset: "folder", landmarks, n: 3 }));
  await configure("own", "faces");
  await configure("drawn", "drawn");
  await trainIn("own");
  await trainIn("drawn");
});
afterAll(() => rm(folder, { recursive: true }));

describe("a training on a folder of one's own", () => {
  test("is exported with the template that the detector measures in the training pictures", async () => {
    const said = await exportFrom("own");
    expect(said).toContain("looking for the faces in 40 training pictures of folders of pictures by class");
    expect(said).toMatch(/a face in \d+ of 40 training pictures/);
    const template = templateOf(await manifestOf("own"));
    const expected = await landmarksInCrop();
    for (const name of landmarkNames) {
      expect(Math.abs(template.landmarks[name].x - expected[name].x)).toBeLessThan(0.06);
      expect(Math.abs(template.landmarks[name].y - expected[name].y)).toBeLessThan(0.06);
    }
    expect(template.source).toMatch(/measured in \d+ of 40 training pictures by blazeface and facemesh/);
  });

  test("is not exported where no face is found, unless a file says where they stand", async () => {
    expect(await exportFrom("drawn")).toMatch(/a face was found in \d+ of 80 training pictures, needed are 40[^]*\[TF_CONFIG_INVALID\]/);
    expect(await exportFrom("drawn", "--template", join(folder, "template.json"))).not.toContain("TF_");
    expect(templateOf(await manifestOf("drawn")).landmarks).toEqual(landmarks);
    expect(await exportFrom("drawn", "--template", join(folder, "drawn.json"))).toContain('--template expects a "tensorface.template/1"');
    const other = join(folder, "other.json");
    await writeFile(other, JSON.stringify({ schema: "tensorface.template/1", dataset: "csv", landmarks }));
    expect(await exportFrom("drawn", "--template", other)).toContain(`--template is for "csv", the training's data are folder`);
  });
});

test("an export replaces a model by its name, and no other file", async () => {
  const given = ["--template", join(folder, "template.json")];
  const inRun = async (name: string): Promise<string> => readFile(join(runFolder("drawn"), name), "utf8");
  const before = [await inRun("config.json"), await inRun("data.json")];
  for (const id of ["config", "data"])
    expect(await exportFrom("drawn", ...given, "--id", id)).toMatch(/holds a [a-z]+\.json that is no model.*\n.*--id.*\[TF_MODEL_EXISTS\]/);
  expect([await inRun("config.json"), await inRun("data.json")]).toEqual(before);
  // Neither is a configuration beside which the model would be written, nor a network that stands by itself.
  expect(await exportFrom("drawn", ...given, "--out", folder)).toContain("holds a drawn.json that is no model");
  await writeFile(join(runFolder("drawn"), "alone.onnx"), "a network");
  expect(await exportFrom("drawn", ...given, "--id", "alone")).toContain("holds a alone.onnx");
  expect(await inRun("alone.onnx")).toBe("a network");
  for (let time = 0; time < 2; time++) expect(await exportFrom("drawn", ...given)).not.toContain("TF_");
});

test("of an export that is refused no folder is left", async () => {
  const out = join(folder, "new", "folder");
  expect(await exportFrom("drawn", "--out", out, "--template", join(folder, "drawn.json"))).toContain("--template expects");
  expect(await exportFrom("drawn", "--out", out, "--template", join(folder, "template.json"), "--weights", "none")).toContain(
    "TF_INPUT_NOT_FOUND",
  );
  await expect(stat(join(folder, "new"))).rejects.toThrow("ENOENT");
});

test("a head on the features of whole pictures falls back on the template of the network that gave them", async () => {
  const dataset = await openDataset(join(folder, "drawn"));
  const records = await Array.fromAsync(dataset.records());
  const faces = records.slice(0, 4).map((record) => ({ id: record.id, picture: dataset.picturePath(record) }));
  const said: string[] = [];
  const options = { runtime: createNodeRuntime(), given: new Map(), say: (line: string) => said.push(line) };
  const backbone = { landmarks, source: "age-gender-4" };
  expect(await findTemplate({ format: "folder", title: "drawings", faces, backbone }, options)).toBe(backbone);
  expect(said.at(-1)).toMatch(/^a face was found in \d of 4 .* taking the template of age-gender-4$/);
});

describe("what is exported is what was trained", () => {
  const given = (): string[] => ["--template", join(folder, "template.json")];

  test("a changed configuration is refused by its field, and what computes nothing may change", async () => {
    const changed = await exportFrom("drawn", ...given(), "--set", "picture.mean=20");
    expect(changed).toMatch(/differs from the checkpoint's in picture\.mean\n.*config\.json.*\[TF_CHECKPOINT_MISMATCH\]/);
    expect(await exportFrom("drawn", ...given(), "--set", "logEvery=3,description=other")).not.toContain("TF_");
  });

  test("a training with --set is exported with the same --set", async () => {
    await configure("set", "drawn");
    await trainIn("set", "--set", "picture.mean=100");
    expect(await exportFrom("set", ...given())).toContain("picture.mean");
    expect(await exportFrom("set", ...given(), "--set", "picture.mean=100")).not.toContain("TF_");
    const twice = ["--set", "picture.mean=20", "--set", "picture.mean=100"];
    expect(await exportFrom("set", ...given(), "--set", "picture.mean=100", "--set", "logEvery=3")).not.toContain("TF_");
    expect(await exportFrom("set", ...given(), ...twice)).not.toContain("TF_");
    expect((await manifestOf("set")).input.mean).toEqual([100]);
  });

  test("the last checkpoint is exported with its averaged weights", async () => {
    await exportFrom("drawn", ...given());
    const best = await manifestOf("drawn");
    expect(await exportFrom("drawn", ...given(), "--weights", join(runFolder("drawn"), "last.safetensors"))).not.toContain("TF_");
    // After one epoch the best checkpoint holds the last one's averages.
    expect((await manifestOf("drawn")).sha256).toBe(best.sha256);
  });

  test("decisions that were applied after the training are refused, until the data are as they were", async () => {
    const dataset = await openDataset(join(folder, "drawn"));
    const first = (await Array.fromAsync(dataset.records())).find(({ split }) => split === "train");
    await writeCleanManifest(dataset, [{ id: first!.id, task: "mood", reviewer: "ada", at: "2026-11-28T10:00:00.000Z", action: "drop" }]);
    expect(await exportFrom("drawn", ...given())).toMatch(/pictures, labels or splits.*\n.*dataset apply.*\[TF_CHECKPOINT_MISMATCH\]/);
    await writeCleanManifest(dataset, []);
    expect(await exportFrom("drawn", ...given())).not.toContain("TF_");
  });
});
