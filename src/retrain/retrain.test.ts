import { cp, mkdir, mkdtemp, readdir, readFile, rename, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createAnalyzer } from "../analyze/create-analyzer.node.ts";
import { float32Tensor } from "../core/index.ts";
import { takeLock } from "../files/file-lock.node.ts";
import { createGraphBuilder, encodeModel } from "../graph/index.ts";
import { encode } from "../image/encode.node.ts";
import { createRasterImage } from "../image/index.ts";
import { openModelFolders } from "../models/models.node.ts";
import { openDataset } from "../datasets/dataset.node.ts";
import { importDataset } from "../datasets/import/import.node.ts";
import { removeCleanManifest, writeCleanManifest } from "../datasets/review/decisions.node.ts";
import { evaluateSource, openModels } from "../predict/index.ts";
import { settingsFor } from "../predict/testing.ts";
import { comparedBackbones, openNetworks } from "./look.node.ts";
import { idOf } from "./names.ts";
import type { RetrainOptions, RetrainResult } from "./options.ts";
import { retrain } from "./retrain.node.ts";
import { modelNameOf, readSettings } from "./settings.node.ts";
import { drawStripeClasses, drawStripes } from "./testing.node.ts";

/** Drawn pictures that are no faces, through a network that is quick. */
let folder: string;
let source: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "retrain-"));
  source = join(folder, "stripes");
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const draw = (name: string, kind: string, seed: number): Promise<void> => drawStripes(source, name, kind, seed);
const drawClasses = (counts: Readonly<Record<string, number>>): Promise<void> => drawStripeClasses(source, counts);

/** Folders that are groups in order. */
async function drawGroups(count: number): Promise<void> {
  for (const [name, kind] of [
    ["0-9", "lying"],
    ["10-19", "none"],
    ["20+", "standing"],
  ] as const) {
    for (let index = 0; index < count; index++) await draw(`${name}/${index}.png`, kind, index);
  }
}

/** A network that is quick, and gives zeros where a picture is black. */
async function writeSeesLight(): Promise<string> {
  const builder = createGraphBuilder("light");
  const filter = float32Tensor(
    [6, 3, 3, 3],
    Float32Array.from({ length: 6 * 27 }, (_, index) => (index * 7) % 5),
  );
  const maps = builder.op("Relu", [builder.op("Conv", [builder.input("pixels", ["N", 3, 16, 16]), builder.constant(filter)])]);
  const features = builder.op("Flatten", [builder.op("GlobalAveragePool", [maps])]);
  const last = builder.constant(float32Tensor([6, 2], new Float32Array(12).fill(0.1)));
  builder.output(builder.op("Gemm", [features, last]), ["N", 2], { name: "logits" });
  const path = join(folder, "light.onnx");
  await writeFile(path, encodeModel(builder.build()));
  return path;
}

/** Black from edge to edge, of another size each. */
async function drawBlack(width: number, name: string): Promise<void> {
  const image = createRasterImage(width, 20, new Uint8Array(width * 20 * 3));
  await mkdir(dirname(join(source, name)), { recursive: true });
  await writeFile(join(source, name), await encode(image, { format: "png" }));
}

function run(options: RetrainOptions = {}): Promise<RetrainResult> {
  return retrain(source, { crop: "whole", backbone: "emotion", out: join(folder, "model"), cache: join(folder, "cache"), ...options });
}

test("class folders become a model that analyze can use", async () => {
  await drawClasses({ lying: 24, standing: 24 });
  const { manifest, measures, task, out, warnings, counts } = await run();
  if (measures.kind !== "classes") throw new TypeError("classes are measured as classes");
  expect(task).toEqual({ name: "stripes", kind: "classes", labels: ["lying", "standing"] });
  expect(counts).toEqual([24, 24]);
  expect(measures.accuracy.value).toBeGreaterThan(0.9);
  expect(warnings).toEqual([]);
  expect(manifest.sees).toBe("picture");
  expect((await readdir(out)).toSorted()).toEqual(
    ["README.md", "labels.txt", "left-out.csv", "report.html", "results.csv", "settings.json", "model.json", "model.onnx"].toSorted(),
  );
  expect(await readFile(join(out, "labels.txt"), "utf8")).toBe("lying\nstanding\n");
  expect((await readFile(join(out, "results.csv"), "utf8")).split("\r\n")).toHaveLength(50);
  const opened = await openModelFolders().open(out);
  expect(opened.manifest).toEqual(manifest);
  await draw("new/lying.png", "lying", 99);
  await using analyzer = await createAnalyzer({ tasks: ["stripes"], models: [out] });
  const { attributes } = await analyzer.analyze(join(source, "new", "lying.png"));
  expect(attributes).toMatchObject({ stripes: { label: "lying" } });
});

test("where no network is named, one is chosen among the installed ones, and the report says how each did", async () => {
  await drawClasses({ lying: 12, standing: 12 });
  const { out, manifest } = await run({ backbone: undefined });
  const { backbone } = manifest.provenance.training as { readonly backbone: readonly { readonly id: string }[] };
  const compared = (await openNetworks(comparedBackbones)).map(({ id }) => id);
  expect(compared.map((id) => id.replace(/:.*$/, ""))).toContain(backbone.map(({ id }) => id).join("+"));
  const report = await readFile(join(out, "report.html"), "utf8");
  for (const id of compared) expect(report).toContain(id);
}, 120_000);

test("the report shows pictures, unless they are not wanted; the model holds none", async () => {
  await drawClasses({ lying: 12, standing: 12 });
  const { out } = await run();
  const report = await readFile(join(out, "report.html"), "utf8");
  expect(report).toContain('src="data:image/jpeg;base64,');
  // Stripes are no faces.
  expect(report).toContain("n = 24 pictures");
  expect(report).not.toContain("found faces");
  // Nothing was confused: no table without a row.
  expect(report).toContain("Every picture was told its own label.");
  expect(report).not.toContain("The commonest confusions");
  await run({ pictures: false });
  expect(await readFile(join(out, "report.html"), "utf8")).not.toContain("data:image");
});

test("with other settings the features are there already", async () => {
  await drawClasses({ lying: 12, standing: 12 });
  await run();
  const stages = new Set<string>();
  await run({ seed: 7, onProgress: ({ stage }) => stages.add(stage) });
  expect(stages).not.toContain("features");
});

test("how pictures are cut is said before they are looked at", async () => {
  await drawClasses({ lying: 4, standing: 4 });
  const told: string[] = [];
  await run({
    backbone: await writeSeesLight(),
    scale: "0..1",
    onNote: (note) => told.push(note),
    onProgress: ({ stage }) => told.push(stage),
  });
  expect(told.indexOf("8 pictures; whole pictures, as asked for")).toBeGreaterThanOrEqual(0);
  expect(told.indexOf("8 pictures; whole pictures, as asked for")).toBeLessThan(told.indexOf("features"));
});

test("a run that was stopped goes on from its features", async () => {
  await drawClasses({ lying: 12, standing: 12 });
  const stop = new AbortController();
  const stopped = run({ signal: stop.signal, onProgress: ({ stage }) => stage === "choose a head" && stop.abort() });
  await expect(stopped).rejects.toMatchObject({ code: "TF_ABORTED" });
  // Nothing half made, and no empty folder.
  await expect(readdir(join(folder, "model"))).rejects.toMatchObject({ code: "ENOENT" });
  const stages = new Set<string>();
  await run({ onProgress: ({ stage }) => stages.add(stage) });
  expect(stages).not.toContain("features");
});

test("folders below a class are people, who are asked about together", async () => {
  for (const kind of ["lying", "standing"]) {
    for (let index = 0; index < 12; index++) await draw(`${kind}/person ${index % 4}/${index}.png`, kind, index);
  }
  const { measures } = await run();
  if (measures.kind !== "classes") throw new TypeError("classes are measured as classes");
  // Four people, whatever the number of pictures: the interval knows that.
  expect(measures.n).toBe(24);
});

test("pictures of one person alone are asked about, and the numbers are said to flatter", async () => {
  for (const kind of ["lying", "standing"]) {
    for (let index = 0; index < 10; index++) await draw(`${kind}/anna/${index}.png`, kind, index);
  }
  const { measures, warnings } = await run();
  if (measures.kind !== "classes") throw new TypeError("classes are measured as classes");
  expect(measures.logLoss).toBeLessThan(Math.LN2);
  expect(warnings.join(" ")).toContain("all pictures are of one person");
});

test("a dataset says how its task is answered: another kind is refused, an order may be given", async () => {
  await drawClasses({ lying: 6, standing: 6 });
  const dataset = join(folder, "dataset");
  await importDataset("folder", source, dataset, { tasks: [{ name: "stripes", kind: "classes" }] });
  const again = (kind: RetrainOptions["kind"]): Promise<RetrainResult> =>
    retrain(dataset, { kind, crop: "whole", backbone: "emotion", out: join(folder, "model"), cache: join(folder, "cache") });
  await expect(again("number")).rejects.toMatchObject({ code: "TF_INVALID_ARGUMENT", message: expect.stringContaining("as classes") });
  expect((await again("ordered")).task.kind).toBe("ordered");
});

test("the labels that a review left are learnt, until they are taken back", async () => {
  await drawClasses({ lying: 6, standing: 6 });
  const directory = join(folder, "dataset");
  await importDataset("folder", source, directory, { tasks: [{ name: "stripes", kind: "classes" }] });
  const dataset = await openDataset(directory);
  const common = { task: "stripes", reviewer: "ada", at: "2026-11-28T10:00:00.000Z" } as const;
  await writeCleanManifest(dataset, [
    { ...common, id: "folder/lying/0.png", action: "drop" },
    { ...common, id: "folder/lying/1.png", action: "relabel", label: "standing" },
  ]);
  const [backbone, scale] = [await writeSeesLight(), "0..1"];
  const learn = (): Promise<RetrainResult> =>
    retrain(directory, { crop: "whole", backbone, scale, out: join(folder, "model"), cache: join(folder, "cache") });
  const cleaned = await learn();
  expect(cleaned.counts).toEqual([4, 7]);
  expect(cleaned.leftOut).toEqual([{ file: "lying/0.png", reason: "dropped in the review" }]);
  expect(cleaned.cleaning).toEqual({ dropped: 1, relabelled: 1 });
  expect(cleaned.manifest.provenance.training).toMatchObject({ cleaning: { dropped: 1, relabelled: 1 } });
  expect(await readFile(join(folder, "model", "README.md"), "utf8")).toContain("; 1 with another label since the review.");
  await removeCleanManifest(dataset);
  const imported = await learn();
  expect(imported.counts).toEqual([6, 6]);
  expect(imported.cleaning).toBeUndefined();
});

test("the card promises what the kind of answer keeps", async () => {
  for (let number = 1; number <= 5; number++)
    for (let index = 0; index < 4; index++) await draw(`${number}/${index}.png`, "lying", index + 10 * number);
  const { out } = await run({ kind: "number" });
  const card = await readFile(join(out, "README.md"), "utf8");
  expect(card).toContain("A number is told of every picture");
  expect(card).not.toContain('"label": null');
});

test("names lose their accents, and nothing else", () => {
  expect(["Gäste à la crème", "Ångström", "mood", "日本"].map(idOf)).toEqual(["gaste-a-la-creme", "angstrom", "mood", "own"]);
});

test("a test part of one's own is kept, and who stands on both sides is said", async () => {
  for (const [part, first] of [
    ["train", 0],
    ["test", 100],
  ] as const) {
    for (const kind of ["lying", "standing"]) {
      for (let index = 0; index < 8; index++) await draw(`${part}/${kind}/anna/${index}.png`, kind, first + index);
    }
  }
  const { testKind, examples, warnings } = await run();
  expect(testKind).toBe("held out");
  expect(examples).toEqual({ used: 32, learnt: 16, tested: 16 });
  expect(warnings.join(" ")).toContain("1 person stands both in the test part and outside of it");
});

test("folders that begin with numbers are groups in order", async () => {
  await drawGroups(8);
  const { task, measures } = await run();
  expect(task).toMatchObject({ kind: "ordered", labels: ["0-9", "10-19", "20+"] });
  expect(measures.kind).toBe("ordered");
});

test("folders that are plain numbers are asked about", async () => {
  for (const name of ["1", "2", "3"])
    for (let index = 0; index < 6; index++) await draw(`${name}/${index}.png`, "lying", index + 10 * Number(name));
  await expect(run()).rejects.toMatchObject({ code: "TF_DATASET_LABEL_UNKNOWN", hint: expect.stringContaining("--kind") });
  const { task, manifest } = await run({ kind: "number" });
  expect(task).toMatchObject({ kind: "number" });
  expect(manifest.outputs[0]).toMatchObject({ kind: "number", activation: "none", interval: { level: 0.8 } });
});

describe("evaluated on pictures of its own", () => {
  const idle = { stopping: new AbortController().signal, now: new AbortController().signal, onProgress: () => undefined };
  const evaluate = async (data: string, model: string) => {
    const { platform, ids } = await openModels([model], "0");
    const { report } = await evaluateSource(settingsFor(data, { models: ids, path: undefined }), platform, idle);
    return report!;
  };

  test("a model knows the pictures that it learnt from, wherever they lie, and the report says how many", async () => {
    await drawClasses({ lying: 12, standing: 12 });
    const { out } = await run();
    const moved = join(folder, "moved", "stripes");
    await cp(source, moved, { recursive: true });
    for (const data of [source, moved]) {
      const report = await evaluate(data, out);
      expect(report.role).toBe("training");
      expect(report.data.notes).toContainEqual(expect.stringMatching(/^model learnt from 24 of these 24 pictures/));
    }
    await drawStripes(moved, "lying/new.png", "lying", 77);
    const mixed = await evaluate(moved, join(out, "model.onnx"));
    expect(mixed.role).toBe("mixed");
    expect(mixed.data.notes).toContainEqual(
      expect.stringMatching(/^model learnt from 24 of these 25 pictures.*; from 1 it did not, unless as changed copies/),
    );
    const fresh = join(folder, "fresh", "stripes");
    for (const kind of ["lying", "standing"]) await drawStripes(fresh, `${kind}/new.png`, kind, 77);
    const other = await evaluate(fresh, out);
    expect(other.role).toBe("unknown");
    expect(other.data.notes).toContainEqual(
      "model learnt from none of these 2 pictures, unless as changed copies, which are not recognised",
    );
  });

  test("pictures that were kept apart are held out", async () => {
    await drawClasses({ lying: 12, standing: 12 });
    const data = join(folder, "data");
    await importDataset("folder", source, data, { tasks: [{ name: "stripes", kind: "classes" }], test: 0.4, validation: 0 });
    const { out, examples } = await retrain(data, {
      crop: "whole",
      backbone: "emotion",
      out: join(folder, "model"),
      cache: join(folder, "cache"),
    });
    const report = await evaluate(data, out);
    const { learnt, tested } = examples;
    expect(report.data.notes).toContainEqual(
      `model learnt from ${learnt} of these 24 pictures, so that the numbers flatter it; ${tested} were kept apart from it`,
    );
    expect(report.role).toBe("mixed");
  });
});

describe("what cannot be learnt from", () => {
  test("one class", async () => {
    await drawClasses({ lying: 6 });
    await expect(run()).rejects.toMatchObject({ code: expect.stringMatching(/^TF_(EXAMPLES_FEW|DATASET_LABEL_UNKNOWN)$/) });
  });

  test("a folder above that of the classes, as archives have it, is told from one class; a part of the data is none", async () => {
    for (const kind of ["lying", "standing"]) for (const index of [1, 2, 3]) await draw(`all/${kind}/${index}.png`, kind, index);
    await expect(run()).rejects.toMatchObject({
      code: "TF_DATASET_LAYOUT",
      message: expect.stringContaining('"all", in which folders lie: lying, standing'),
      hint: expect.stringContaining(join(source, "all")),
    });
    await rename(join(source, "all"), join(source, "train"));
    expect((await run({ backbone: await writeSeesLight(), scale: "0..1" })).counts).toEqual([3, 3]);
  });

  test("a class with a single picture", async () => {
    await drawClasses({ lying: 6, standing: 1 });
    await expect(run()).rejects.toMatchObject({ code: "TF_EXAMPLES_FEW", message: expect.stringContaining('"standing" 1') });
  });

  test("a class of which too few are left, with what was left out and why", async () => {
    await drawClasses({ lying: 3, standing: 1 });
    await writeFile(join(source, "standing", "broken.jpg"), "no picture");
    await expect(run()).rejects.toMatchObject({
      code: "TF_EXAMPLES_FEW",
      message: expect.stringMatching(/"standing" 1; left out: unreadable picture 1$/),
    });
  });

  test("pictures without a face, where faces are asked for, before any network looks at them", async () => {
    await drawClasses({ lying: 2, standing: 2 });
    const stages = new Set<string>();
    await expect(run({ crop: "face", onProgress: ({ stage }) => stages.add(stage) })).rejects.toMatchObject({
      code: "TF_EXAMPLES_FEW",
      message: expect.stringMatching(/"lying" 0, "standing" 0; left out: no face 4$/),
      hint: expect.stringContaining("--crop whole"),
    });
    expect(stages).not.toContain("features");
  });

  test("a class of which no picture can be read", async () => {
    await drawClasses({ lying: 6 });
    await mkdir(join(source, "standing"));
    for (const name of ["a.jpg", "b.jpg"]) await writeFile(join(source, "standing", name), "no picture");
    await expect(run()).rejects.toMatchObject({ code: expect.stringMatching(/^TF_(EXAMPLES_FEW|DATASET_LABEL_UNKNOWN)$/) });
  });

  test("classes that differ in case alone", async () => {
    await drawClasses({ lying: 3, LYING: 3, standing: 3 });
    await expect(run()).rejects.toMatchObject({ code: "TF_DATASET_LABEL_UNKNOWN" });
  });

  test("nothing at all", async () => {
    await expect(run()).rejects.toMatchObject({ code: "TF_INPUT_NOT_FOUND" });
    await mkdir(source);
    await expect(run()).rejects.toMatchObject({ code: "TF_DATASET_LAYOUT", hint: expect.stringContaining("a folder for each class") });
    for (const name of ["lying", "standing"]) await mkdir(join(source, name));
    await expect(run()).rejects.toMatchObject({ code: "TF_DATASET_EMPTY", message: expect.stringContaining("empty class") });
    // Nor is a folder left behind that was made for it.
    expect(await readdir(folder)).not.toContain("model");
  });
});

test("an empty class is counted, and so is what cannot be read", async () => {
  await drawClasses({ lying: 12, standing: 12 });
  await mkdir(join(source, "empty"));
  await writeFile(join(source, "lying", "broken.jpg"), "no picture");
  const { leftOut, examples, warnings } = await run();
  expect(examples.used).toBe(24);
  expect(leftOut.map(({ reason }) => reason).toSorted()).toEqual(["empty class", "unreadable picture"]);
  expect(warnings.join(" ")).toContain("the model does not know: empty");
  expect(await readFile(join(folder, "model", "left-out.csv"), "utf8")).toContain("lying/broken.jpg,unreadable picture");
});

test("a picture that was cut off is left out, also where it is one of those that decide how all are cut", async () => {
  await drawClasses({ lying: 4, standing: 4 });
  const whole = await readFile(join(source, "lying", "0.png"));
  await writeFile(join(source, "lying", "cut off.png"), whole.subarray(0, whole.length >> 1));
  const { leftOut, examples } = await run({ crop: "auto", backbone: await writeSeesLight(), scale: "0..1" });
  expect(leftOut).toEqual([{ file: "lying/cut off.png", reason: "unreadable picture" }]);
  expect(examples.used).toBe(8);
});

test("a class of which no picture can be read is named, beside others that are learnt", async () => {
  await drawClasses({ lying: 12, standing: 12 });
  await mkdir(join(source, "damaged"));
  for (const name of ["1.jpg", "2.jpg"]) await writeFile(join(source, "damaged", name), "no picture");
  const { leftOut, warnings, task } = await run();
  expect([leftOut.length, task.labels]).toEqual([2, ["lying", "standing"]]);
  expect(warnings).toContain("class folders without a picture that can be read, which the model does not know: damaged");
});

test("one picture in two classes is named, for one of its labels is wrong; two copies in one class are none of that", async () => {
  await drawClasses({ lying: 4, standing: 4 });
  const copy = async (from: string, to: string): Promise<void> => writeFile(join(source, to), await readFile(join(source, from)));
  await copy("lying/0.png", "standing/copy.png");
  await copy("lying/1.png", "lying/copy.png");
  const { warnings } = await run({ backbone: await writeSeesLight(), scale: "0..1" });
  const said = warnings.filter((warning) => warning.includes("label"));
  expect(said).toEqual(["1 picture is labelled in two ways, one of which is wrong: lying/0.png = standing/copy.png"]);
});

test("three pictures of a class are learnt from, and said to be few", async () => {
  await drawClasses({ lying: 12, standing: 3 });
  const { warnings } = await run();
  expect(warnings.join(" ")).toContain("standing 3");
});

test("1.jpg beside 1.png are two pictures, and links to folders are followed", async () => {
  await drawClasses({ lying: 8, standing: 8 });
  await writeFile(join(source, "lying", "0.jpg"), await readFile(join(source, "lying", "1.png")));
  const elsewhere = join(folder, "elsewhere");
  await mkdir(elsewhere);
  await writeFile(join(elsewhere, "x.png"), await readFile(join(source, "standing", "3.png")));
  await symlink(elsewhere, join(source, "standing", "more"), "dir");
  const { counts } = await run();
  expect(counts).toEqual([9, 9]);
});

test("a folder with other files is not written into", async () => {
  await drawClasses({ lying: 6, standing: 6 });
  await mkdir(join(folder, "model"));
  await writeFile(join(folder, "model", "diary.txt"), "mine");
  await expect(run()).rejects.toMatchObject({ code: "TF_DATASET_CONFLICT" });
});

test("models that lie among the class folders are none of them", async () => {
  await drawGroups(4);
  const [backbone, scale] = [await writeSeesLight(), "0..1"];
  for (const out of [join(source, "first"), join(source, "second")]) {
    const { task, leftOut, warnings } = await run({ backbone, scale, out });
    expect(task.kind).toBe("ordered");
    expect(leftOut).toEqual([]);
    expect(warnings.join(" ")).not.toContain("class folders");
  }
});

test("a model of another name keeps its folder: two in one could not be told apart", async () => {
  await drawClasses({ lying: 4, standing: 4 });
  const [backbone, scale] = [await writeSeesLight(), "0..1"];
  await run({ backbone, scale, name: "first" });
  await expect(run({ backbone, scale, name: "second" })).rejects.toMatchObject({
    code: "TF_DATASET_CONFLICT",
    message: expect.stringContaining('"first"'),
    hint: expect.stringContaining("--out"),
  });
  await run({ backbone, scale, name: "first", seed: 2 });
  expect((await openModelFolders().open(join(folder, "model"))).manifest.id).toBe("first");
});

test("a model is called as the folder that somebody names for it, and as the pictures where nobody does", async () => {
  expect(modelNameOf("data/My photos")).toBe("my-photos-model");
  expect(modelNameOf("data/photos", join("models", "Glasses 2"))).toBe("glasses-2");
  // Its manifest would take the place of its settings.
  expect(modelNameOf("data/photos", "settings")).toBe("settings-model");
  await drawClasses({ lying: 4, standing: 4 });
  const out = join(folder, "which way");
  const { manifest } = await run({ backbone: await writeSeesLight(), scale: "0..1", out });
  expect([manifest.id, manifest.file]).toEqual(["which-way", "which-way.onnx"]);
  // The card tells how it is used, from where it was made.
  const card = await readFile(join(out, "README.md"), "utf8");
  expect(card).toContain(`analyze PICTURE --model '${out}'`);
  expect(card).toContain(`serve --model '${out}'`);
  expect(card).toContain(`createAnalyzer({ models: [${JSON.stringify(out)}] })`);
});

test("a model of other pictures is not replaced unawares, though its folder gives both one name", async () => {
  await drawClasses({ lying: 4, standing: 4 });
  const [backbone, scale] = [await writeSeesLight(), "0..1"];
  await run({ backbone, scale });
  source = join(folder, "others");
  await drawClasses({ lying: 4, standing: 4 });
  await expect(run({ backbone, scale })).rejects.toMatchObject({
    code: "TF_DATASET_CONFLICT",
    message: expect.stringContaining('"stripes"'),
    hint: expect.stringContaining("--name model"),
  });
  expect((await run({ backbone, scale, name: "model" })).task.name).toBe("others");
});

test("a model is not called like the file of its settings", async () => {
  await drawClasses({ lying: 4, standing: 4 });
  await expect(run({ name: "settings" })).rejects.toMatchObject({ code: "TF_INVALID_ARGUMENT" });
});

test("a picture in which the network sees nothing at all was read all the same", async () => {
  await drawClasses({ lying: 4 });
  for (const width of [20, 21, 22, 23]) await drawBlack(width, `dark/${width}.png`);
  const { leftOut, examples } = await run({ backbone: await writeSeesLight(), scale: "0..1" });
  expect(leftOut).toEqual([]);
  expect(examples.used).toBe(8);
});

test("a class of which all pictures are in the test part is said to be learnt from none", async () => {
  for (const part of ["train", "test"])
    for (const kind of part === "train" ? ["lying", "standing"] : ["lying", "standing", "plain"])
      for (let index = 0; index < 3; index++) await draw(`${part}/${kind}/${index}.png`, kind, index + (part === "test" ? 50 : 0));
  const { warnings, counts } = await run({ backbone: await writeSeesLight(), scale: "0..1" });
  expect(counts).toEqual([6, 3, 6]);
  expect(warnings.join(" ")).toContain("all pictures of plain are in the test");
});

test("two runs into one folder: the second is refused", async () => {
  await drawClasses({ lying: 6, standing: 6 });
  await mkdir(join(folder, "model"));
  await using _lock = await takeLock(join(folder, "model", ".lock"));
  await expect(run()).rejects.toMatchObject({ code: "TF_FOLDER_BUSY" });
});

test("a table is said to be imported first, and a picture to be no folder", async () => {
  await mkdir(source, { recursive: true });
  await writeFile(join(source, "labels.csv"), "file,label\n1.png,a\n");
  await draw("1.png", "lying", 1);
  const refused = async (name: string) =>
    retrain(join(source, name), { out: join(folder, "model"), cache: join(folder, "cache") }).catch((error: unknown) => error);
  expect(await refused("labels.csv")).toMatchObject({
    code: "TF_DATASET_LAYOUT",
    message: expect.stringMatching(/labels\.csv" is a file/),
    hint: expect.stringMatching(/`tensorface dataset import csv .*labels\.csv --task NAME --out DIR`/),
  });
  expect(await refused("1.png")).toMatchObject({ code: "TF_DATASET_LAYOUT", hint: expect.stringMatching(/^Give the folder/) });
});

test("a name that is no id, and a backbone that is none, are refused", async () => {
  await drawClasses({ lying: 6, standing: 6 });
  await expect(run({ name: "My Model" })).rejects.toMatchObject({ code: "TF_INVALID_ARGUMENT" });
  await expect(run({ backbone: "blazeface" })).rejects.toMatchObject({ code: "TF_INVALID_ARGUMENT" });
  await expect(run({ backbone: "nowhere" })).rejects.toMatchObject({ code: "TF_MODEL_NOT_FOUND" });
});

test("settings.json makes the model again, to the bit", async () => {
  await drawClasses({ lying: 12, standing: 12 });
  const { out, manifest } = await run({ seed: 5, folds: 4, task: "stripe", name: "again" });
  const settings = await readSettings(out);
  expect(settings).toMatchObject({ seed: 5, folds: 4, task: "stripe", name: "again", backbone: "emotion", crop: "whole" });
  const { source: from, ...options } = settings;
  const again = await retrain(from, { ...options, out: join(folder, "again") });
  expect(again.manifest).toEqual(manifest);
});

test("settings that are none are refused by name", async () => {
  await writeFile(join(folder, "settings.json"), JSON.stringify({ schema: "tensorface.retrain/1", source: "x", seed: "one" }));
  await expect(readSettings(folder)).rejects.toMatchObject({ code: "TF_CONFIG_INVALID", message: expect.stringContaining("seed") });
  await writeFile(join(folder, "settings.json"), "{");
  await expect(readSettings(folder)).rejects.toMatchObject({ code: "TF_CONFIG_INVALID" });
  await expect(readSettings(join(folder, "nowhere"))).rejects.toMatchObject({ code: "TF_INPUT_NOT_FOUND" });
});

test("classes may be called as the members of objects are", async () => {
  await drawClasses({ constructor: 12, ["__proto__"]: 12 });
  const { out, counts } = await run();
  expect(counts).toEqual([12, 12]);
  await using analyzer = await createAnalyzer({ tasks: ["stripes"], models: [out] });
  const { attributes } = await analyzer.analyze(join(source, "constructor", "0.png"));
  expect(JSON.stringify(attributes)).toMatch(/"__proto__":\d.*"constructor":\d/);
});

test("a run that ended while it wrote its model does not bar the next one", async () => {
  await drawClasses({ lying: 6, standing: 6 });
  const stop = new Error("the process ends here");
  await expect(
    run({
      onNote: (note) => {
        if (note.includes("looks")) throw stop;
      },
    }),
  ).rejects.toThrow(stop.message);
  await run();
  const { out } = await run();
  expect(await readdir(out)).toContain("model.onnx");
});

test("of several networks with commas between, one is chosen", async () => {
  await drawClasses({ lying: 12, standing: 12 });
  const { out } = await run({ backbone: "emotion,mood" });
  expect(await readSettings(out)).toMatchObject({ backbone: "emotion,mood" });
  const report = await readFile(join(out, "report.html"), "utf8");
  for (const name of ["emotion", (await openModelFolders().open("mood")).manifest.id]) expect(report).toContain(name);
});
