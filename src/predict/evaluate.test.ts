import { appendFile, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { writeAbout } from "../datasets/about-file.node.ts";
import { importDataset } from "../datasets/import/import.node.ts";
import { openDataset } from "../datasets/dataset.node.ts";
import { resplitDataset } from "../datasets/resplit.node.ts";
import { writeCleanManifest } from "../datasets/review/decisions.node.ts";
import { evaluationReportSchema, renderHtml } from "../evaluate/index.ts";
import { lockFile } from "../files/file-lock.node.ts";
import { encode } from "../image/encode.node.ts";
import { filledImage } from "../image/index.ts";
import { headManifestSchema } from "../models/index.ts";
import { drawnManifest, drawnTasks } from "../models/testing.ts";
import { evaluateSource } from "./evaluate.ts";
import { openPredictionCache } from "./prediction-cache.ts";
import { colourHead, createColourPlatform, drawAdience, type DrawnAdienceRow, drawPicture, settingsFor, stubbornHead } from "./testing.ts";

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "tensorface-evaluate-"));
});
afterAll(async () => rm(root, { recursive: true, force: true }));

const unknownCrops = expect.stringMatching(/^where faces stand in these pictures is not known/);
const stubbornTemplate = stubbornHead.kind === "head" ? stubbornHead.template!.landmarks : {};
const noScaling = "no scaling is fitted for age, whose years are ordered; a temperature is";
const idle = { stopping: new AbortController().signal, now: new AbortController().signal, onProgress: () => undefined };

describe("Adience's five folds", () => {
  const right = { gender: "f", says: { years: 28, male: 0 } };
  const wrong = { gender: "m", says: { years: 28, male: 0 } };
  // In each fold: a right group, a neighbour's, an odd label that the mapped protocol puts into 25-32, and no age at all.
  const fold = (index: number): DrawnAdienceRow[] => [
    { user: `a${index}`, age: "(25, 32)", ...right },
    { user: `b${index}`, age: "(38, 43)", ...(index === 0 ? wrong : right) },
    { user: `c${index}`, age: "35", ...right },
    { user: `d${index}`, age: "None", ...right },
    { user: `e${index}`, age: "None", gender: "u", says: { years: 1, male: 0 } },
  ];
  const folds = [0, 1, 2, 3, 4].map((index) => fold(index));
  beforeAll(async () => drawAdience(join(root, "adience"), folds));
  const run = async (split: string, labels: "strict" | "mapped") => {
    const settings = settingsFor(join(root, "adience"), { format: "adience", split, formatOptions: { labels } });
    return (await evaluateSource(settings, createColourPlatform(), idle)).report!;
  };

  test("strict: the eight labels alone are judged", async () => {
    const report = await run("all", "strict");
    expect(report.data).toMatchObject({
      n: 20,
      ageGroups: "adience",
      notes: ["Adience labels: strict", "mended: age-outside-the-groups 5, age-not-given 5", unknownCrops],
      rejected: { unlabelled: 5 },
    });
    expect(report.tasks.age).toMatchObject({ n: 10, accuracy: 0.5, oneOffAccuracy: 1, groups: expect.arrayContaining(["25-32", "60+"]) });
    expect(report.tasks.age!.folds!.byFold.map(({ n }) => n)).toEqual([2, 2, 2, 2, 2]);
    expect(report.tasks.age!.folds!.accuracy).toEqual({ mean: 0.5, standardDeviation: 0 });
    expect(report.tasks.gender!.folds!.accuracy.mean).toBeCloseTo((0.75 + 4) / 5, 12);
    expect(report.tasks.gender!.folds!.accuracy.standardDeviation).toBeCloseTo(0.25 / Math.sqrt(5), 12);
    expect(report.tasks.age!.meanAbsoluteError).toBeUndefined();
  });

  test("mapped: odd labels join the nearest group", async () => {
    const report = await run("all", "mapped");
    expect(report.data.notes).toEqual(["Adience labels: mapped", "mended: age-mapped 5, age-not-given 5", unknownCrops]);
    expect(report.tasks.age!.n).toBe(15);
    expect(report.tasks.age!.accuracy).toBeCloseTo(10 / 15, 12);
  });

  test("one fold by its name", async () => {
    const report = await run("fold-2", "strict");
    expect(report.data.n).toBe(4);
    expect(report.tasks.age!.folds).toBeUndefined();
  });

  test("a split that is not there names those that are", async () => {
    await expect(run("PrivateTest", "strict")).rejects.toMatchObject({
      code: "TF_INVALID_ARGUMENT",
      message: expect.stringContaining("fold-0 (4)"),
    });
  });
});

describe("an imported dataset", () => {
  // Each picture another one: equal bytes stay together.
  const rows = (fold: number): DrawnAdienceRow[] =>
    Array.from({ length: 8 }, (_, n) => ({
      user: `${fold}-${n}`,
      age: n === 0 ? "35" : "(25, 32)",
      gender: "f",
      says: { years: fold * 8 + n, male: 0 },
    }));
  let data: string;
  beforeAll(async () => {
    await drawAdience(join(root, "adience-again"), [0, 1, 2, 3, 4].map(rows));
    data = join(root, "adience-imported");
    await importDataset("adience", join(root, "adience-again"), data, { labels: "mapped", validation: 0.3 });
  });
  const trained = (training: Record<string, unknown>) => ({
    ...colourHead,
    provenance: { ...colourHead.provenance, training },
  });
  const run = async (split: string, training: Record<string, unknown> = {}, changes: Parameters<typeof settingsFor>[1] = {}) => {
    const settings = settingsFor(data, { split, ...changes });
    return (await evaluateSource(settings, createColourPlatform([trained(training)]), idle)).report!;
  };
  const adience = {
    trainedOn: [0, 1, 2, 3].map((fold) => `adience/fold-${fold}`).concat("adience/train"),
    selectedOn: ["adience/validation"],
  };

  test("its labels were read when it was imported: the report says how, and flags for it are refused", async () => {
    const report = await run("all");
    expect(report.data.notes).toEqual(["Adience labels: mapped", unknownCrops]);
    expect(report.tasks.age!.n).toBe(40);
    for (const formatOptions of [{ labels: "strict" }, { pictures: "faces" }, { frontal: true }] as const) {
      await expect(run("all", {}, { formatOptions })).rejects.toMatchObject({
        code: "TF_INVALID_ARGUMENT",
        message: expect.stringContaining(`--${Object.keys(formatOptions)[0]}`),
        hint: expect.stringContaining("dataset import"),
      });
    }
  });

  test("what its faces were to the model is read from the faces, whatever the split is called", async () => {
    expect((await run("train", adience)).role).toBe("training");
    expect((await run("validation", adience)).role).toBe("selection");
    expect((await run("test", adience)).role).toBe("held out");
    const all = await run("all", adience);
    expect(all.role).toBe("mixed");
    expect(all.data.notes).toContainEqual(
      expect.stringMatching(
        /^of these faces, for colour: \d+ stand in parts that trained it, \d+ stand in parts that chose it, 8 in parts that it has not seen; whether/,
      ),
    );
  });

  test("folds that were drawn anew are the only folds, and no face of training is called unseen", async () => {
    await resplitDataset(await openDataset(data), { folds: 5 });
    const records = await Array.fromAsync((await openDataset(data)).records());
    const wanted = records.filter(({ fold }) => fold === 0);
    const report = await run("fold-0", adience);
    expect(report.data.n).toBe(wanted.length);
    expect(wanted.some(({ split }) => split === "train")).toBe(true);
    expect(["training", "mixed"]).toContain(report.role);
    const folds = [];
    for (const fold of [0, 1, 2, 3, 4]) folds.push((await run(`fold-${fold}`)).data.n);
    expect(folds.reduce((sum, n) => sum + n)).toBe(records.length);
  });

  test("a model that was trained under the dataset's other name knows it by that", async () => {
    const named = join(root, "adience-named");
    await importDataset("adience", join(root, "adience-again"), named, { name: "mine" });
    const roleFor = async (trainedOn: string) => {
      const settings = settingsFor(named, { split: "train" });
      return (await evaluateSource(settings, createColourPlatform([trained({ trainedOn: [trainedOn] })]), idle)).report!.role;
    };
    expect(await roleFor("mine/train")).toBe("training");
    expect(await roleFor("adience/train")).toBe("training");
    expect(await roleFor("utkface/train")).toBe("held out");
  });
});

test("a dataset that was imported under another name is cut as under its own", async () => {
  const folder = join(root, "utkface");
  await mkdir(folder, { recursive: true });
  for (let face = 0; face < 4; face++) {
    // Red grows from top to bottom: where a crop is cut shows in its mean.
    const flat = filledImage(64, 64, [0, face, 0]);
    const data = flat.data.map((value, index) => (index % 3 === 0 ? Math.floor(index / (64 * 3)) * 2 : value));
    await writeFile(join(folder, `60_0_0_2017010100000${face}.jpg.chip.png`), await encode({ ...flat, data }, { format: "png" }));
  }
  const named = join(root, "utkface-named");
  await importDataset("utkface", folder, named, { name: "mine" });
  const run = async (data: string, format?: "utkface") =>
    (await evaluateSource(settingsFor(data, { format }), createColourPlatform(), idle)).report!;
  const published = await run(folder, "utkface");
  const renamed = await run(named);
  expect(published.tasks.age!.n).toBe(4);
  expect(published.data.cuts).toEqual([{ source: "utkface", cut: "landmarks", n: 4 }]);
  expect(renamed.tasks.age!.meanAbsoluteError).toBe(published.tasks.age!.meanAbsoluteError);
  expect(renamed.data.notes).toEqual([]);
});

test("a face whose id was there before is left out of a published layout, as an import leaves it out", async () => {
  const table = join(root, "twice", "faces.csv");
  await drawPicture(join(root, "twice", "1.png"), [20, 0, 0]);
  await drawPicture(join(root, "twice", "2.png"), [20, 255, 0]);
  await writeFile(table, "id,file,gender\na,1.png,female\na,2.png,male\n");
  const formatOptions = { columns: { id: "id" } };
  const info = await importDataset("csv", table, join(root, "twice-imported"), formatOptions);
  const { report } = await evaluateSource(settingsFor(table, { format: "csv", formatOptions }), createColourPlatform(), idle);
  expect(report!.data.rejected).toEqual({ "duplicate-id": 1 });
  expect(report!.data.rejected).toEqual(info.counts.rejectionsByReason);
  expect(report!.tasks.gender).toMatchObject({ n: 1, accuracy: 1 });
});

test("ids of a table that are not taken, and ages that were mended, are told as an import tells them", async () => {
  const table = join(root, "people", "faces.csv");
  for (const n of [1, 2, 3]) await drawPicture(join(root, "people", `${n}.png`), [n, 20, 0]);
  await writeFile(table, "id,file,gender,age\nada,1.png,male,3-Sep\nada,2.png,male,20\nbob,3.png,male,20\n");
  const notesOf = async (data: string, over: Parameters<typeof settingsFor>[1]) =>
    (await evaluateSource(settingsFor(data, over), createColourPlatform(), idle)).report!.data.notes;
  const notes = await notesOf(table, { format: "csv" });
  expect(notes).toContain("mended: age-spreadsheet-date 1");
  expect(notes).toContain(
    "the source's ids are not unique, so that the picture's path is the id of 3 faces with one; if it is a person's, say so with --columns subject=id: people are kept together then",
  );
  const told = await notesOf(table, { format: "csv", formatOptions: { columns: { subject: "id" } } });
  expect(told.join()).not.toContain("not unique");
});

test("faces with another label than the model tells are not judged, and counted in a note", async () => {
  const folder = join(root, "caps");
  const labels = ["No", "yes", "maybe", "no", "perhaps", "maybe", "Yes"];
  for (const [n, label] of labels.entries()) await drawPicture(join(folder, `${n}.png`), [n, label.toLowerCase() === "yes" ? 255 : 0, 0]);
  await writeFile(join(folder, "caps.csv"), `file,cap\n${labels.map((label, n) => `${n}.png,${label.toLowerCase()}`).join("\n")}\n`);
  const data = join(root, "caps-imported");
  await importDataset("csv", join(folder, "caps.csv"), data, { tasks: [{ name: "cap" }] });
  const head = headManifestSchema.parse({
    ...colourHead,
    outputs: [{ task: "cap", kind: "classes", output: "gender", activation: "none", labels: ["No", "Yes"] }],
  });
  const { report } = await evaluateSource(settingsFor(data, { models: ["colour"] }), createColourPlatform([head]), idle);
  expect(report!.tasks["cap"]).toMatchObject({ n: 4, accuracy: 1 });
  expect(report!.data.notes).toContain("3 faces are not judged for cap: the models do not tell maybe, perhaps");
});

test("faces with a mood that a model does not tell count as wrong, and are counted in a note", async () => {
  const moods = ["happy", "neutral", "sad", "neutral", "fear"];
  for (const [n, mood] of moods.entries()) await drawPicture(join(root, "two-moods", `${n}.png`), [n, mood === "sad" ? 255 : 0, 0]);
  await writeFile(join(root, "two-moods", "t.csv"), `file,mood\n${moods.map((mood, n) => `${n}.png,${mood}`).join("\n")}\n`);
  const output = { task: "mood", output: "gender", activation: "none", labels: ["happy", "sad"] };
  const head = headManifestSchema.parse({ ...colourHead, outputs: [output] });
  const { report } = await evaluateSource(
    settingsFor(join(root, "two-moods", "t.csv"), { format: "csv" }),
    createColourPlatform([head]),
    idle,
  );
  expect(report!.tasks.mood).toMatchObject({ n: 5, accuracy: 2 / 5 });
  expect(report!.data.notes).toContain("colour tells no mood but happy, sad: 3 faces with another (fear, neutral) count as wrong");
});

test("what is fitted is fitted on the faces of moods that a model tells: no temperature makes it tell others", async () => {
  const of = (n: number): string => (n % 3 === 0 ? "neutral" : n % 3 === 1 ? "happy" : "sad");
  const numbers = Array.from({ length: 30 }, (_, n) => n);
  // Right in most: a quarter of the sad faces look happy.
  for (const n of numbers) await drawPicture(join(root, "fits", `${n}.png`), [n, of(n) === "sad" && n % 4 !== 0 ? 230 : 25, 0]);
  const output = { task: "mood", output: "gender", activation: "none", labels: ["happy", "sad"] };
  const head = headManifestSchema.parse({ ...colourHead, outputs: [output] });
  const fitOn = async (name: string, kept: readonly number[]) => {
    const table = join(root, "fits", `${name}.csv`);
    await writeFile(table, `file,mood\n${kept.map((n) => `${n}.png,${of(n)}`).join("\n")}\n`);
    const settings = settingsFor(table, { format: "csv", fitTemperature: true, fitScaling: true });
    return (await evaluateSource(settings, createColourPlatform([head]), idle)).report!;
  };
  const all = await fitOn("all", numbers);
  const told = await fitOn(
    "told",
    numbers.filter((n) => of(n) !== "neutral"),
  );
  const { temperatureFit, scalingFit } = told.tasks.mood!;
  expect(temperatureFit).toMatchObject({ n: 20 });
  expect(scalingFit).toMatchObject({ n: 20 });
  expect(all.tasks.mood).toMatchObject({ n: 30, temperatureFit, scalingFit });
  expect(all.data.notes).toContain(
    "colour tells no mood but happy, sad: 10 faces with another (neutral) count as wrong, and nothing is fitted on them",
  );
});

test("an export is called as it says of itself", async () => {
  await drawPicture(join(root, "export", "1.png"), [20, 255, 0]);
  await writeFile(join(root, "export", "labels.csv"), "file,gender\n1.png,male\n");
  await writeAbout(join(root, "export"), { name: "party", title: "Party, 2026", licence: "CC BY 4.0", tasks: [] });
  const { report } = await evaluateSource(settingsFor(join(root, "export", "labels.csv"), { format: "csv" }), createColourPlatform(), idle);
  expect(report!.data.name).toBe("Party, 2026");
  expect(report!.data.cuts).toMatchObject([{ source: "party" }]);
});

test("a table of which no row can be used says why", async () => {
  const table = join(root, "unusable", "faces.csv");
  await drawPicture(join(root, "unusable", "1.png"), [20, 0, 0]);
  await writeFile(table, "file,gender\n1.png,x\n1.png,y\n");
  await expect(evaluateSource(settingsFor(table, { format: "csv" }), createColourPlatform(), idle)).rejects.toMatchObject({
    code: "TF_INVALID_ARGUMENT",
    message: expect.stringMatching(/no faces at all; rejected: unknown-label \(2\)$/),
  });
});

test("faces of a published layout stand in the splits that an import would give them", async () => {
  const lines = Array.from({ length: 60 }, (_, n) => `${n}.png,${n % 2 === 0 ? "female" : "male"}`);
  const table = join(root, "unsplit", "faces.csv");
  for (const [n] of lines.entries()) await drawPicture(join(root, "unsplit", `${n}.png`), [n, 0, 0]);
  await writeFile(table, `file,gender\n${lines.join("\n")}\n`);
  const info = await importDataset("csv", table, join(root, "unsplit-imported"));
  const { train, validation } = info.counts.bySplit;
  expect(validation).toBeGreaterThan(0);
  for (const [split, count] of [["train", train] as const, ["validation", validation] as const]) {
    const { report } = await evaluateSource(settingsFor(table, { format: "csv", split }), createColourPlatform(), idle);
    expect(report!.data.n).toBe(count);
  }

  // What a head had of them is known by the records' hash alone: every table is called csv.
  const notesWith = async (manifestSha256: string): Promise<readonly string[]> => {
    const training = { trainedOn: ["csv/train"], selectedOn: ["csv/validation"], data: [{ format: "csv", manifestSha256 }] };
    const head = { ...colourHead, provenance: { ...colourHead.provenance, training } };
    const data = join(root, "unsplit-imported");
    return (await evaluateSource(settingsFor(data, {}), createColourPlatform([head]), idle)).report!.data.notes;
  };
  expect(await notesWith(info.manifestSha256)).toContain(`of these faces, for colour: ${train} trained it, ${validation} chose it`);
  expect(await notesWith("another")).toEqual([unknownCrops]);
});

describe("a table of pictures", () => {
  const count = 70;
  let table: string;
  beforeAll(async () => {
    const lines = Array.from({ length: count }, (_, index) => `${index}.png,${index % 90},${index % 2 === 0 ? "female" : "male"}`);
    table = join(root, "table", "faces.csv");
    for (let index = 0; index < count; index++) await drawPicture(join(root, "table", `${index}.png`), [index % 90, (index % 2) * 255, 0]);
    await writeFile(table, `file,age,gender\n${lines.join("\n")}\n`);
  });
  const settings = (changes: Parameters<typeof settingsFor>[1] = {}) => settingsFor(table, { format: "csv", ...changes });

  test("a head that is always right reaches every best number", async () => {
    const { report } = await evaluateSource(settings(), createColourPlatform(), idle);
    expect(evaluationReportSchema.parse(report)).toEqual(report);
    expect(report!.tasks.gender).toMatchObject({ n: count, accuracy: 1 });
    expect(report!.tasks.age).toMatchObject({ n: count, accuracy: 1, meanAbsoluteError: 0, intervalCoverage: 1 });
    expect(report!.data.cuts).toEqual([{ source: "csv", cut: "whole picture", n: count }]);
    expect(report!.model).toMatchObject({ id: "colour", heads: [{ id: "colour", tasks: ["age", "gender"] }] });
  });

  test("says of calibrated sets what they are to hold and on which faces that was fitted, as of intervals", async () => {
    const groups = [{ labels: ["female", "male"], faces: 100, probability: 0.3 }];
    const conformal = { kind: "classes" as const, level: 0.9, source: "csv, test, crop", groups };
    const outputs = colourHead.outputs.map((output) => (output.task === "gender" ? { ...output, conformal } : output));
    const { report } = await evaluateSource(settings({ limit: 4 }), createColourPlatform([{ ...colourHead, outputs }]), idle);
    expect(report!.tasks.gender!.setCoverage).toBe(1);
    expect(report!.data.notes).toContain("colour was calibrated for gender on csv, test, crop: its sets are to hold 90 %");
  });

  test("the surest mistakes are listed where that is asked for, and a page shows them and says so", async () => {
    const platform = createColourPlatform([stubbornHead]);
    const run = async (mistakes: number | undefined) => evaluateSource(settings({ models: ["stubborn"], mistakes }), platform, idle);
    expect((await run(undefined)).report!.tasks.gender!.mistakes).toBeUndefined();
    const { report, readPictures } = await run(10);
    const { mistakes } = report!.tasks.gender!;
    expect(mistakes).toHaveLength(10);
    for (const mistake of mistakes!) expect(mistake).toMatchObject({ annotated: "female", predicted: "male", confidence: 0.8 });
    const pictures = await readPictures();
    const html = await renderHtml(report!, { pictures });
    // The worst, and again where they stand by kind.
    expect(html.match(/<img alt="[^"]+" src="data:image\/jpeg;base64,/g)).toHaveLength(10 + 6);
    expect(html).toContain("This page has 10 small pictures of faces");
    expect(html).toContain(`female named male: ${count / 2} faces, the surest 6`);
    const bare = await renderHtml(report!);
    expect(bare).not.toContain("<img");
    expect(bare).not.toContain("This page has");
  });

  test("a sample is drawn by its seed, and said to be one", async () => {
    const run = async (seed: number) => (await evaluateSource(settings({ limit: 20, seed }), createColourPlatform(), idle)).report!;
    const first = await run(3);
    expect(first.data).toMatchObject({ n: 20, available: count, sample: { limit: 20, seed: 3 } });
    expect(await run(3)).toEqual(first);
    expect((await run(4)).tasks.age!.classes).not.toEqual(first.tasks.age!.classes);
  });

  test("two models on the same faces", async () => {
    const platform = createColourPlatform([stubbornHead, colourHead]);
    const { report } = await evaluateSource(settings({ models: ["colour", "stubborn"] }), platform, idle);
    expect(report!.others.map(({ model }) => model.id)).toEqual(["stubborn"]);
    expect(report!.comparisons.find(({ metric }) => metric === "accuracy")).toMatchObject({ task: "gender", difference: 0.5 });
  });

  test("a head that averages by its manifest is named in the notes, unless somebody decided", async () => {
    const platform = createColourPlatform([{ ...colourHead, flipAveraging: true }]);
    const notesFor = async (flipAveraging: boolean | undefined): Promise<readonly string[]> => {
      const { report } = await evaluateSource(settings({ models: ["colour"], flipAveraging }), platform, idle);
      return report!.data.notes;
    };
    expect(await notesFor(undefined)).toEqual([unknownCrops, "colour averaged over each crop and its mirror image, as its manifest says"]);
    expect(await notesFor(false)).toEqual([unknownCrops]);
    expect(await notesFor(true)).toEqual([unknownCrops, "averaged over each crop and its mirror image"]);
  });

  test("a model of one's own finds faces where they stood in the crops that it was taught on, or in photographs as analyze does", async () => {
    const taught = (crop: string, landmarks?: object) => {
      const training = { recipe: "retrain", crop, ...(landmarks === undefined ? {} : { landmarks }) };
      return createColourPlatform([{ ...colourHead, provenance: { ...colourHead.provenance, training } }]);
    };
    const report = async (platform: ReturnType<typeof createColourPlatform>) =>
      (await evaluateSource(settings({ models: ["colour"], path: undefined }), platform, idle)).report!.data;
    const aligned = await report(taught("aligned", stubbornTemplate));
    expect([aligned.path, aligned.cuts?.map(({ cut }) => cut)]).toEqual(["crop", ["landmarks"]]);
    expect(aligned.notes).toEqual(["faces were looked for where they stood in the pictures that the model was taught on"]);
    expect((await report(taught("aligned"))).notes).toEqual([unknownCrops]);
    await expect(report(taught("face"))).rejects.toThrow("cannot run");
  });

  test("what has no fit is said, and where nothing has one no work is begun", async () => {
    const { report } = await evaluateSource(settings({ models: ["colour"], fitScaling: true }), createColourPlatform(), idle);
    expect(report!.data.notes).toEqual([unknownCrops, noScaling]);
    const platform = createColourPlatform([drawnManifest(drawnTasks[3])]);
    await expect(evaluateSource(settings({ models: ["drawn-number"], fitTemperature: true }), platform, idle)).rejects.toThrow(
      expect.objectContaining({
        code: "TF_INVALID_ARGUMENT",
        message: "nothing is fitted for rating: a number has no probabilities; `tensorface calibrate` fits its range",
      }),
    );
    expect(platform.calls).toEqual([]);
  });

  test("a scaling of answers that are calibrated already is said to be none for export", async () => {
    const notesFor = async (temperature: number): Promise<readonly string[]> => {
      const outputs = colourHead.outputs.map((output) => (output.task === "gender" ? { ...output, temperature } : output));
      const platform = createColourPlatform([{ ...colourHead, outputs }]);
      const { report } = await evaluateSource(settings({ models: ["colour"], fitScaling: true }), platform, idle);
      return report!.data.notes;
    };
    expect(await notesFor(2)).toEqual([unknownCrops, expect.stringContaining("gender of colour): not for export"), noScaling]);
    expect(await notesFor(1)).toEqual([unknownCrops, noScaling]);
  });

  test("an interval is as wide as the head's manifest says", async () => {
    const widthWith = async (intervalMass: number | undefined): Promise<number> => {
      const outputs = colourHead.outputs.map((output) => (output.task === "age" ? { ...output, temperature: 20, intervalMass } : output));
      const { report } = await evaluateSource(settings({ models: ["colour"] }), createColourPlatform([{ ...colourHead, outputs }]), idle);
      return report!.tasks.age!.meanIntervalWidth!;
    };
    const width = await widthWith(undefined);
    expect(width).toBeGreaterThan(10);
    expect(await widthWith(0.8)).toBe(width);
    expect(await widthWith(0.5)).toBeLessThan(width * 0.7);
  });

  test("an interval is as wide as the head says of each face, and kept predictions hold it", async () => {
    const intervalTails = { output: "tails", source: "drawn" };
    const outputs = colourHead.outputs.map((output) => (output.task === "age" ? { ...output, temperature: 20, intervalTails } : output));
    const predictions = join(root, "tails.jsonl");
    const width = async (): Promise<number> => {
      const platform = createColourPlatform([{ ...colourHead, outputs }]);
      const { report } = await evaluateSource(settings({ models: ["colour"], predictions }), platform, idle);
      return report!.tasks.age!.meanIntervalWidth!;
    };
    const first = await width();
    expect(first).toBeGreaterThan(10);
    expect(await width()).toBe(first);
    const rows = (await readFile(predictions, "utf8")).trim().split("\n").slice(1);
    expect(rows.length).toBeGreaterThan(0);
    for (const row of rows) expect(row).toContain('"tails":{"colour":{"below":');
  });

  test("judges by cleaned labels where it is asked to, and says so", async () => {
    const run = (data: string) =>
      evaluateSource(settingsFor(data, { format: data === table ? "csv" : undefined, cleaned: true }), createColourPlatform(), idle);
    await expect(run(table)).rejects.toMatchObject({
      code: "TF_INVALID_ARGUMENT",
      message: expect.stringContaining("no imported dataset"),
    });
    const imported = join(root, "imported");
    await importDataset("csv", table, imported);
    await expect(run(imported)).rejects.toMatchObject({ code: "TF_INVALID_ARGUMENT", message: expect.stringContaining("no decisions") });
    const dataset = await openDataset(imported);
    const [first, second] = await Array.fromAsync(dataset.records());
    const common = { task: "gender", reviewer: "ada", at: "2026-11-28T10:00:00.000Z" } as const;
    const other = second!.labels.gender === "male" ? "female" : "male";
    await writeCleanManifest(dataset, [
      { ...common, id: first!.id, action: "drop" },
      { ...common, id: second!.id, action: "relabel", label: other },
    ]);
    const { report } = await run(imported);
    expect(report!.tasks.gender!.n).toBe(count - 1);
    expect(report!.tasks.gender!.accuracy).toBeCloseTo((count - 2) / (count - 1), 12);
    expect(report!.data.notes).toEqual([
      unknownCrops,
      "labels as cleaned, not as published: in the whole dataset 1 face dropped, 1 relabelled",
    ]);
  });

  test("goes on after a stop, and asks nothing twice", async () => {
    const predictions = join(root, "kept.jsonl");
    const stopping = new AbortController();
    const first = createColourPlatform();
    const stopped = await evaluateSource(settings({ predictions }), first, {
      ...idle,
      stopping: stopping.signal,
      onProgress: ({ stage }) => stage === "evaluate" && stopping.abort(),
    });
    expect(stopped.report).toBeUndefined();
    expect(stopped.predictions.rows.size).toBe(32);
    const second = createColourPlatform();
    const { report } = await evaluateSource(settings({ predictions }), second, idle);
    expect([...first.calls, ...second.calls]).toEqual(["colour 32", "colour 32", "colour 6"]);
    expect(report).toEqual((await evaluateSource(settings(), createColourPlatform(), idle)).report);
  });

  test("half a line that a killed process left is predicted again", async () => {
    const predictions = join(root, "torn.jsonl");
    await evaluateSource(settings({ predictions }), createColourPlatform(), idle);
    const text = await readFile(predictions, "utf8");
    await writeFile(predictions, text.slice(0, -40));
    const again = createColourPlatform();
    const { report } = await evaluateSource(settings({ predictions }), again, idle);
    expect(again.calls).toEqual(["colour 1"]);
    expect(report!.tasks.gender!.accuracy).toBe(1);
    expect((await readFile(predictions, "utf8")).split("\n")).toHaveLength(count + 2);
  });

  test("predictions of another picture by the same id are not taken for this one's", async () => {
    const drawTable = async (name: string, male: number): Promise<string> => {
      await drawPicture(join(root, name, "1.png"), [30, male, 0]);
      await writeFile(join(root, name, "faces.csv"), "file,gender\n1.png,male\n");
      return join(root, name, "faces.csv");
    };
    const [one, other] = [await drawTable("one", 255), await drawTable("other", 0)];
    const predictions = join(root, "shared.jsonl");
    const run = async (data: string) =>
      (await evaluateSource(settingsFor(data, { format: "csv", predictions }), createColourPlatform(), idle)).report!.tasks.gender!;
    expect((await run(one)).accuracy).toBe(1);
    await expect(run(other)).rejects.toMatchObject({
      code: "TF_INVALID_ARGUMENT",
      message: expect.stringContaining("another picture"),
      hint: expect.stringContaining("--predictions"),
    });
    // Of before pictures were noted: nothing says whose answers they are, so the face is asked about again.
    const [header, line] = (await readFile(predictions, "utf8")).split("\n");
    const { sha256: _, source: __, ...old } = JSON.parse(line!);
    await writeFile(predictions, `${header}\n${JSON.stringify(old)}\n`);
    expect((await run(other)).accuracy).toBe(0);
    expect((await run(other)).accuracy).toBe(0);
  });

  test("predictions of a table of pixels are those of what was imported from it", async () => {
    const folder = join(root, "fer2013");
    await mkdir(folder);
    const table = join(folder, "fer2013.csv");
    const pixels = [10, 200].map((level) => Array.from({ length: 48 * 48 }, (_, index) => (level + index) % 256).join(" "));
    await writeFile(table, `emotion,pixels,Usage\n3,${pixels[0]},Training\n4,${pixels[1]},Training\n`);
    await importDataset("fer2013", table, join(folder, "data"));
    const keep = async (data: string, name: string): Promise<string[]> => {
      const predictions = join(folder, name);
      await evaluateSource(settingsFor(data, { format: "fer2013", split: "train", predictions }), createColourPlatform(), idle);
      return (await readFile(predictions, "utf8")).split("\n");
    };
    const imported = await keep(join(folder, "data"), "imported.jsonl");
    expect(imported.length).toBe(4);
    expect(await keep(table, "table.jsonl")).toEqual(imported);
    expect(await keep(table, "imported.jsonl")).toEqual(imported);
  });

  test("a kept prediction is of one picture in one dataset: another dataset's crops may have another template", async () => {
    const cache = await openPredictionCache(join(root, "one-face.jsonl"), {});
    const row = { id: "a", source: "fer2013", sha256: "1", found: true, attributes: {}, answers: {} };
    await cache.append([row]);
    const again = await openPredictionCache(join(root, "one-face.jsonl"), {});
    expect(again.find(row)).toEqual(row);
    expect(again.find({ ...row, id: "b" })).toBeUndefined();
    expect(again.find({ ...row, sha256: undefined })).toBeUndefined();
    expect(() => again.find({ ...row, source: "mine" })).toThrow(/another picture/);
  });

  test("who opens a file that another evaluation is beginning or adding to loses nothing of it", async () => {
    const path = join(root, "together.jsonl");
    const row = (id: string) => ({ id, source: "mine", sha256: id, found: true, attributes: {}, answers: {} });
    const lines = ["a", "b"].map((id) => `${JSON.stringify(row(id))}\n`);
    const header = `${JSON.stringify({ schema: "tensorface.predictions/1", key: {} })}\n`;
    const openWhile = async (before: string, after: string) => {
      await writeFile(path, before);
      const lock = await lockFile(path);
      const opening = openPredictionCache(path, {});
      await setTimeout(50);
      await appendFile(path, after);
      await lock[Symbol.asyncDispose]();
      const cache = await opening;
      expect(await readFile(path, "utf8")).toBe(before + after);
      return cache;
    };
    const begun = await openWhile("", header + lines[0]!);
    expect(begun.find(row("a"))).toEqual(row("a"));
    const added = await openWhile(header + lines[0]!.slice(0, 20), lines[0]!.slice(20) + lines[1]!);
    expect([added.find(row("a")), added.find(row("b"))]).toEqual([row("a"), row("b")]);
    // Another one was killed in the middle of a line: it goes, and the file can be read again.
    await appendFile(path, `{ half${" ".repeat(100_000)}`);
    await added.append([row("c")]);
    expect(await readFile(path, "utf8")).toBe(`${header}${lines.join("")}${JSON.stringify(row("c"))}\n`);
    expect((await openPredictionCache(path, {})).find(row("c"))).toEqual(row("c"));
  });

  test("what is kept can be read where nothing may be written", async () => {
    const path = join(root, "read-only", "kept.jsonl");
    await openPredictionCache(path, {});
    // A folder in the lock's place: whoever takes the lock fails.
    await mkdir(join(root, "read-only", ".kept.jsonl.lock"));
    expect((await openPredictionCache(path, {})).find({ id: "a", source: "mine", sha256: "1" })).toBeUndefined();
  });

  test("a damaged line is named", async () => {
    const predictions = join(root, "damaged.jsonl");
    await evaluateSource(settings({ predictions }), createColourPlatform(), idle);
    const lines = (await readFile(predictions, "utf8")).split("\n");
    await writeFile(predictions, lines.with(2, lines[2]!.slice(0, 30)).join("\n"));
    await expect(evaluateSource(settings({ predictions }), createColourPlatform(), idle)).rejects.toMatchObject({
      code: "TF_INVALID_ARGUMENT",
      message: expect.stringContaining("line 3"),
      hint: expect.stringContaining("predicted again"),
    });
  });

  test("predictions of other networks are not taken for these", async () => {
    const predictions = join(root, "kept-other.jsonl");
    await evaluateSource(settings({ predictions }), createColourPlatform(), idle);
    await expect(evaluateSource(settings({ predictions, flipAveraging: true }), createColourPlatform(), idle)).rejects.toMatchObject({
      code: "TF_INVALID_ARGUMENT",
      message: expect.stringContaining("other networks"),
    });
  });

  test("nor those of the same network that was shown pictures in another way", async () => {
    const predictions = join(root, "kept-input.jsonl");
    await evaluateSource(settings({ predictions }), createColourPlatform(), idle);
    const otherwise = headManifestSchema.parse({ ...colourHead, input: { ...colourHead.input, mean: [100] } });
    const opened = createColourPlatform([otherwise]);
    await expect(evaluateSource(settings({ predictions }), opened, idle)).rejects.toMatchObject({
      message: expect.stringContaining("other networks"),
    });
  });

  test("a picture that has changed since the import is no picture of the dataset", async () => {
    const folder = join(root, "changed");
    for (const name of ["a", "b"]) await drawPicture(join(folder, "male", `${name}.png`), [30, name === "a" ? 255 : 250, 0]);
    await importDataset("folder", folder, join(root, "changed-data"));
    await drawPicture(join(folder, "male", "b.png"), [30, 0, 0]);
    const { report, predictions } = await evaluateSource(settingsFor(join(root, "changed-data"), {}), createColourPlatform(), idle);
    expect(predictions.failed).toEqual([
      { id: expect.stringContaining("b.png"), message: expect.stringContaining("has changed since its import") },
    ]);
    expect(report!.data.n).toBe(1);
  });

  test("where no picture can be read, that is said", async () => {
    const folder = join(root, "gone");
    for (const name of ["a", "b"]) await drawPicture(join(folder, "male", `${name}.png`), [30, name === "a" ? 255 : 250, 0]);
    await importDataset("folder", folder, join(root, "gone-data"));
    await rm(folder, { recursive: true });
    const asked = evaluateSource(settingsFor(join(root, "gone-data"), {}), createColourPlatform(), idle);
    await expect(asked).rejects.toMatchObject({ code: "TF_DATASET_INVALID", message: expect.stringContaining("none of the 2 pictures") });
  });

  test("a model that is not installed is named", async () => {
    await expect(evaluateSource(settings({ models: ["nobody"] }), createColourPlatform(), idle)).rejects.toMatchObject({
      code: "TF_MODEL_NOT_FOUND",
      message: expect.stringContaining("colour"),
    });
  });

  test("a picture that cannot be read is counted, and the rest goes on", async () => {
    await writeFile(join(root, "table", "3.png"), "not a picture");
    const { report, predictions } = await evaluateSource(settings(), createColourPlatform(), idle);
    expect(predictions.failed.map(({ id }) => id)).toEqual([expect.stringContaining("3")]);
    expect(report!.data).toMatchObject({ n: count - 1, rejected: { "failed-picture": 1 } });
  });
});
