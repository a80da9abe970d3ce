import { lstat, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { encode } from "../../image/encode.node.ts";
import { filledImage } from "../../image/index.ts";
import { type Dataset, openDataset } from "../dataset.node.ts";
import type { DatasetFormat, FaceRecord } from "../index.ts";
import { importDataset, type ImportOptions } from "../import/import.node.ts";
import { writeCleanManifest } from "../review/decisions.node.ts";
import type { ExportFormat } from "./export-format.ts";
import { exportDataset } from "./export.node.ts";

let folder: string;
const at = (name: string): string => join(folder, name);
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "tensorface-export-"));
});
afterEach(() => rm(folder, { recursive: true }));

let drawn = 0;
async function draw(...files: readonly string[]): Promise<void> {
  for (const file of files) {
    await mkdir(dirname(at(`source/${file}`)), { recursive: true });
    drawn++;
    await writeFile(at(`source/${file}`), await encode(filledImage(6, 4, [drawn % 256, 9, drawn >> 8]), { format: "png" }));
  }
}

async function importTable(text: string, options: ImportOptions = {}): Promise<Dataset> {
  await writeFile(at("source/t.csv"), text);
  await importDataset("csv", at("source/t.csv"), at("data"), options);
  return openDataset(at("data"));
}

const records = (dataset: Dataset): Promise<FaceRecord[]> => Array.fromAsync(dataset.records());
/** What an export must not lose; the place of the picture is another one. */
const told = ({ id, sha256, width, height, labels, subjectId, source, split }: FaceRecord) =>
  ({ id, sha256, width, height, labels, subjectId, source, split }) satisfies Partial<FaceRecord>;
const toldOf = async (dataset: Dataset) => (await records(dataset)).map(told);

/** Imports with the arguments that the export gave: nothing has to be said beside them. */
async function importAgain(words: readonly string[] | undefined): Promise<Dataset> {
  const [format, source, ...more] = words!;
  expect(more).toEqual([]);
  await importDataset(format as DatasetFormat, source!, at("again"));
  return openDataset(at("again"));
}

const odd = [
  "file,split,subject,age,gender,mood,race,glasses,wears,rating,expression",
  'a/1.png,train,ann,25-32,female,happy,East Asian,"round, ""thin""",hat;scarf,7.25,wide',
  'b/1.png,val,"Bé, la",60+,m,,,none,none,-0.1,flat',
  'a/ü, "x".png,test,,3-9,,sad,,眼鏡,,,wide',
  "b/Ä.png,train,ann,41,,,,none,scarf,1e21,",
];
const oddTasks = [
  { name: "glasses" },
  { name: "wears", kind: "tags" },
  { name: "rating", kind: "number" },
  { name: "expression" },
] as const;
async function importOdd(options: ImportOptions = {}): Promise<Dataset> {
  await draw("a/1.png", "b/1.png", 'a/ü, "x".png', "b/Ä.png");
  const text = odd.join("\n").replace('a/ü, "x".png', '"a/ü, ""x"".png"');
  return importTable(text, {
    tasks: oddTasks,
    name: "mine",
    title: "It's mine",
    licence: "CC BY 4.0",
    columns: { mood: "mood", expression: "expression" },
    ...options,
  });
}

describe("a table", () => {
  test("is read again with every label, split, subject and id", async () => {
    const dataset = await importOdd();
    expect((await records(dataset)).length).toBe(4);
    const { importArguments, ...summary } = await exportDataset(dataset, "csv", at("out"));
    expect(summary).toEqual({ faces: 4, pictures: 4, leftOut: 0, bySplit: { train: 2, validation: 1, test: 1 } });
    expect(await readFile(at("out/labels.csv"), "utf8")).toContain(",own:expression");
    const again = await importAgain(importArguments);
    expect(again.info).toMatchObject({ title: "It's mine", licence: "CC BY 4.0", counts: { faces: 4, rejections: 0 } });
    expect(again.info.tasks).toEqual(dataset.info.tasks);
    expect(await toldOf(again)).toEqual(await toldOf(dataset));
  });

  test("holds one task alone where one is asked for, with its labels in their order", async () => {
    await draw("1.png", "2.png", "3.png");
    const labels = ["small", "medium", "large"];
    const dataset = await importTable("file,size,mood\n1.png,large,sad\n2.png,small,\n3.png,,sad\n", {
      tasks: [{ name: "size", kind: "ordered", labels }],
    });
    const { importArguments, leftOut } = await exportDataset(dataset, "csv", at("out"), { task: "size" });
    expect(leftOut).toBe(1);
    const again = await importAgain(importArguments);
    expect(again.info.tasks).toEqual([{ name: "size", kind: "ordered", labels }]);
    expect((await records(again)).map((record) => record.labels)).toEqual([
      { attributes: { size: "large" } },
      { attributes: { size: "small" } },
    ]);
    expect(await readFile(at("out/labels.csv"), "utf8")).toMatch(/^file,id,split,subject,size\n/);
  });

  test("names a picture of several faces once, and none over another", async () => {
    await draw("a?.png", "a_.png");
    const dataset = await importTable("file,id,mood\na?.png,1,sad\na?.png,2,happy\na_.png,3,sad\n");
    const summary = await exportDataset(dataset, "csv", at("out"));
    expect(summary).toMatchObject({ faces: 3, pictures: 2 });
    expect(await readdir(at("out/pictures"))).toEqual(["a_-2.png", "a_.png"]);
    expect(await toldOf(await importAgain(summary.importArguments))).toEqual(await toldOf(dataset));
  });

  test("keeps tasks apart whose names differ in case alone", async () => {
    await draw("1.png", "2.png");
    const tasks = [{ name: "K" }, { name: "k" }];
    const dataset = await importTable("file,up,low\n1.png,a,d\n2.png,b,c\n", { tasks, columns: { K: "up", k: "low" } });
    const { importArguments } = await exportDataset(dataset, "csv", at("out"));
    expect(await toldOf(await importAgain(importArguments))).toEqual(await toldOf(dataset));
  });

  test("refuses tags that it would give back as others", async () => {
    await draw("a;b/1.png", "c/1.png");
    await importDataset("folder", at("source"), at("data"), { tasks: [{ name: "wears", kind: "tags" }] });
    const dataset = await openDataset(at("data"));
    await expect(exportDataset(dataset, "csv", at("out"))).rejects.toMatchObject({
      code: "TF_INVALID_ARGUMENT",
      message: expect.stringContaining('"a;b"'),
    });
    expect((await readdir(folder)).toSorted()).toEqual(["data", "source"]);
  });
});

/** Ids are those of the places in the folders. */
const withoutId = (dataset: Dataset) =>
  records(dataset).then((all) =>
    all.map((record) => ({ ...told(record), id: undefined })).toSorted((a, b) => (a.sha256 < b.sha256 ? -1 : 1)),
  );

describe("class folders", () => {
  test.each<[string, string, ImportOptions]>([
    ["classes", "file,split,subject,k\na/1.png,train,ann,眼鏡\nb/1.png,train,,none\nc/1.png,train,bob,none\n", { tasks: [{ name: "k" }] }],
    ["tags", "file,split,k\na/1.png,train,x;y\nb/1.png,val,none\nc/1.png,test,y\n", { tasks: [{ name: "k", kind: "tags" }] }],
    ["numbers", "file,split,k\na/1.png,train,-0.5\nb/1.png,val,1e-7\nc/1.png,test,3\n", { tasks: [{ name: "k", kind: "number" }] }],
    ["ages", "file,split,age\na/1.png,train,3-9\nb/1.png,train,41\nc/1.png,test,60+\n", {}],
    ["moods", "file,split,mood\na/1.png,train,sad\nb/1.png,train,joy\nc/1.png,train,sad\n", {}],
  ])("of %s are read again with every label, split and subject", async (_, text, options) => {
    await draw("a/1.png", "b/1.png", "c/1.png");
    const dataset = await importTable(text, { ...options, name: "mine" });
    const { importArguments } = await exportDataset(dataset, "folders", at("out"));
    const again = await importAgain(importArguments);
    expect(again.info.tasks).toEqual(dataset.info.tasks);
    expect(await withoutId(again)).toEqual(await withoutId(dataset));
  });

  test("say of how many faces they lose what has no place in a folder's name", async () => {
    await draw("1.png", "2.png", "3.png");
    const dataset = await importTable("file,split,age,age_deviation\n1.png,train,33,4.5\n2.png,test,41,2\n3.png,test,50,\n");
    expect(await exportDataset(dataset, "folders", at("out"))).toMatchObject({ faces: 3, lost: { age_deviation: 2 } });
    expect(await exportDataset(dataset, "folders", at("one"), { split: "train" })).toMatchObject({ lost: { age_deviation: 1 } });
    for (const format of ["csv", "imagefolder", "coco", "label-studio", "jsonl"] as const)
      expect(await exportDataset(dataset, format, at(format))).not.toHaveProperty("lost");
  });

  test("say so of the votes of moods too, which a table holds", async () => {
    await draw("1.png", "2.png");
    const dataset = await importTable("file,split,mood,mood_votes\n1.png,train,sad,0; 0.25;0;0;0.75;0;0\n2.png,test,happy,\n");
    const votes = (await records(dataset)).map(({ labels }) => labels.moodVotes);
    expect(votes).toEqual([[0, 0.25, 0, 0, 0.75, 0, 0], undefined]);
    expect(await exportDataset(dataset, "folders", at("out"))).toMatchObject({ faces: 2, lost: { mood_votes: 1 } });
    const { importArguments } = await exportDataset(dataset, "csv", at("table"));
    expect(await toldOf(await importAgain(importArguments))).toEqual(await toldOf(dataset));
  });

  test("keep training faces in training, all of them", async () => {
    const files = Array.from({ length: 60 }, (_, index) => `${index}.png`);
    await draw(...files);
    const dataset = await importTable(`file,split,mood\n${files.map((file) => `${file},train,sad`).join("\n")}\n`, { validation: 0 });
    const { importArguments } = await exportDataset(dataset, "folders", at("out"));
    expect((await importAgain(importArguments)).info.counts.bySplit).toEqual({ train: 60, validation: 0, test: 0 });
  });

  test("ask which task where there are several, and refuse labels that name no folder", async () => {
    await draw("1.png", "2.png");
    const dataset = await importTable("file,k,mood\n1.png,a/b,sad\n2.png,c,happy\n", { tasks: [{ name: "k" }] });
    const refused = { code: "TF_INVALID_ARGUMENT" };
    await expect(exportDataset(dataset, "folders", at("out"))).rejects.toMatchObject({ ...refused, hint: "Say which one with --task." });
    await expect(exportDataset(dataset, "folders", at("out"), { task: "k" })).rejects.toThrow(/"a\/b" cannot name a folder/);
    await expect(exportDataset(dataset, "folders", at("out"), { task: "age" })).rejects.toThrow(/only of mood, k/);
    expect((await readdir(folder)).toSorted()).toEqual(["data", "source"]);
    await exportDataset(dataset, "folders", at("out"), { task: "mood" });
    expect(await readdir(at("out/train/happy"))).toEqual(["2.png"]);
  });
});

test("a table and an imagefolder have no column for deviations where no age has one", async () => {
  await draw("1.png");
  const dataset = await importTable("file,split,age\n1.png,train,33\n");
  await exportDataset(dataset, "csv", at("table"));
  expect(await readFile(at("table/labels.csv"), "utf8")).toMatch(/^file,id,split,subject,age\n/);
  await exportDataset(dataset, "imagefolder", at("out"));
  expect(await readFile(at("out/train/metadata.jsonl"), "utf8")).not.toContain("age_deviation");
});

test("a deviation of an age that is no number of years is a rejection, in coco and label-studio too", async () => {
  await draw("1.png", "2.png");
  const dataset = await importTable("file,split,age,age_deviation\n1.png,train,33,4.5\n2.png,train,41,2\n");
  for (const [format, path] of [
    ["coco", "annotations/instances_train.json"],
    ["label-studio", "tasks.json"],
  ] as const) {
    await exportDataset(dataset, format, at(format));
    const text = await readFile(at(`${format}/${path}`), "utf8");
    expect(text).toContain('"age_deviation":4.5');
    await writeFile(at(`${format}/${path}`), text.replaceAll('"age_deviation":4.5', '"age_deviation":"wide"'));
    const { counts } = await importDataset(format, at(format), at(`${format}-again`));
    expect(counts).toMatchObject({ faces: 1, rejections: 1, rejectionsByReason: { "unknown-label": 1 } });
  }
});

const voted = "0;0.25;0;0;0.75;0;0";

test.each([
  ["csv", "labels.csv", /,sad,/, ",fear,"],
  ["imagefolder", "train/metadata.jsonl", /"mood":"sad"/, '"mood":"fear"'],
  ["coco", "annotations/instances_train.json", /"category_id":5/, '"category_id":3'],
  ["label-studio", "tasks.json", /\["sad"\]/, '["fear"]'],
] as const)("%s: a mood that is changed by hand leaves its votes behind, and the import says so", async (format, file, before, after) => {
  await draw("1.png", "2.png", "3.png");
  const rows = [`1.png,train,sad,${voted}`, `2.png,train,fear,${voted}`, "3.png,train,fear,"];
  const dataset = await importTable(`file,split,mood,mood_votes\n${rows.join("\n")}\n`);
  const { importArguments } = await exportDataset(dataset, format, at("out"));
  const votesOf = async (of: Dataset) => (await records(of)).map(({ labels }) => [labels.mood, labels.moodVotes !== undefined]);
  expect(await votesOf(await importAgain(importArguments))).toEqual([
    ["sad", true],
    ["fear", true],
    ["fear", false],
  ]);
  const text = await readFile(at(`out/${file}`), "utf8");
  expect(text).toMatch(before);
  await writeFile(at(`out/${file}`), text.replace(before, after));
  const { counts } = await importDataset(format, importArguments![1]!, at("edited"));
  expect(await votesOf(await openDataset(at("edited")))).toEqual([
    ["fear", false],
    ["fear", true],
    ["fear", false],
  ]);
  expect(counts.notes).toEqual({ "mood-votes-of-another-mood": 1 });
});

test("votes that are no shares are told, and are none; rounded ones are brought to a sum of 1", async () => {
  await draw("1.png", "2.png", "3.png", "4.png");
  const votes = ["0;3;0;0;7;0;0", "0;0;0;0;0;0;0", "0.24;0.24;0.24;0.24;0;0;0", "12"];
  const table = votes.map((cell, index) => `${index + 1}.png,train,sad,${cell}`).join("\n");
  const dataset = await importTable(`file,split,mood,mood_votes\n${table}\n`);
  expect(dataset.info.counts.notes).toEqual({ "mood-votes-unreadable": 3 });
  expect((await records(dataset)).map(({ labels }) => labels.moodVotes)).toEqual([
    undefined,
    undefined,
    [0.25, 0.25, 0.25, 0.25, 0, 0, 0],
    undefined,
  ]);
});

test.each(["jsonl", "parquet"] as const)("%s is a dataset that stands by itself", async (format) => {
  const dataset = await importOdd();
  await exportDataset(dataset, format, at("out"), { command: "x" });
  await rm(at("source"), { recursive: true });
  const again = await openDataset(at("out"));
  const place = (record: FaceRecord) => ({ ...record, file: undefined });
  expect((await records(again)).map(place)).toEqual((await records(dataset)).map(place));
  expect(again.info).toMatchObject({ root: ".", tasks: dataset.info.tasks, counts: { ...dataset.info.counts }, command: "x" });
  for (const record of await records(again)) expect((await lstat(again.picturePath(record))).isFile()).toBe(true);
});

test("imagefolder has a line for each picture of a split, with the same fields in all", async () => {
  const dataset = await importOdd();
  await exportDataset(dataset, "imagefolder", at("out"));
  const lines = async (split: string): Promise<Record<string, unknown>[]> =>
    (await readFile(at(`out/${split}/metadata.jsonl`), "utf8"))
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
  const all = [...(await lines("train")), ...(await lines("validation")), ...(await lines("test"))];
  expect(new Set(all.map((line) => Object.keys(line).join()))).toHaveLength(1);
  expect(all.find(({ id }) => id === "mine/a/1.png")).toEqual({
    file_name: "1.png",
    id: "mine/a/1.png",
    subject: "ann",
    age_low: 25,
    age_high: 32,
    gender: "female",
    mood: "happy",
    mood_votes: null,
    race: "East Asian",
    glasses: 'round, "thin"',
    wears: ["hat", "scarf"],
    rating: 7.25,
    "own:expression": "wide",
  });
  expect((await readdir(at("out/train"))).toSorted()).toEqual(["1.png", "metadata.jsonl", "Ä.png"]);
});

describe("coco", () => {
  type Named = { readonly name: string };
  const read = async (name: string, split: string) => JSON.parse(await readFile(at(`${name}/annotations/instances_${split}.json`), "utf8"));

  test("has an image, a box of the whole picture and a category for each face", async () => {
    await draw("a/1.png", "b/1.png", "2.png");
    const dataset = await importTable("file,split,subject,mood\na/1.png,train,ann,sad\nb/1.png,train,,happy\n2.png,test,,sad\n");
    await exportDataset(dataset, "coco", at("out"));
    const { images, annotations, categories, licenses } = await read("out", "train");
    expect(images).toEqual([
      { id: 1, file_name: "1.png", width: 6, height: 4, license: 1, attributes: { id: "csv/a/1.png", subject: "ann" } },
      { id: 2, file_name: "1-2.png", width: 6, height: 4, license: 1, attributes: { id: "csv/b/1.png" } },
    ]);
    expect(licenses).toEqual([{ id: 1, name: "not stated", url: "" }]);
    const sad = categories.find(({ name }: Named) => name === "sad");
    expect(sad.supercategory).toBe("mood");
    expect(annotations[0]).toEqual({
      id: 1,
      image_id: 1,
      category_id: sad.id,
      bbox: [0, 0, 6, 4],
      area: 24,
      iscrowd: 0,
      attributes: { id: "csv/a/1.png", subject: "ann" },
    });
    expect(annotations).toHaveLength(2);
    expect((await read("out", "test")).categories).toEqual(categories);
    expect((await readdir(at("out"))).toSorted()).toEqual(["annotations", "tensorface.json", "test", "train"]);
    expect((await readdir(at("out/train"))).toSorted()).toEqual(["1-2.png", "1.png"]);
  });

  test("has a box for each tag, ages in their order, and no numbers", async () => {
    const dataset = await importOdd();
    await exportDataset(dataset, "coco", at("tags"), { task: "wears" });
    const tags = await read("tags", "train");
    expect(tags.categories.map(({ name }: Named) => name)).toEqual(["hat", "scarf"]);
    expect(tags.annotations.map((each: { readonly category_id: number }) => each.category_id)).toEqual([1, 2, 2]);
    expect(await read("tags", "validation")).toMatchObject({ images: [{ file_name: "1.png" }], annotations: [] });
    await exportDataset(dataset, "coco", at("ages"), { task: "age" });
    expect((await read("ages", "train")).categories.map(({ name }: Named) => name)).toEqual(["3-9", "25-32", "41", "60-100"]);
    await expect(exportDataset(dataset, "coco", at("numbers"), { task: "rating" })).rejects.toMatchObject({ code: "TF_INVALID_ARGUMENT" });
  });
});

test("label-studio has a task for each face, and an interface with a control for each of its labels", async () => {
  const dataset = await importOdd();
  await exportDataset(dataset, "label-studio", at("out"));
  const tasks: { data: { id: string; image: string } }[] = JSON.parse(await readFile(at("out/tasks.json"), "utf8"));
  expect(tasks.map(({ data }) => data.id)).toEqual((await records(dataset)).map(({ id }) => id));
  expect(tasks[0]).toEqual({
    data: { image: "/data/local-files/?d=pictures/a/1.png", id: "mine/a/1.png", split: "train", subject: "ann", race: "East Asian" },
    annotations: [
      {
        result: [
          { from_name: "age_low", to_name: "image", type: "number", value: { number: 25 } },
          { from_name: "age_high", to_name: "image", type: "number", value: { number: 32 } },
          { from_name: "gender", to_name: "image", type: "choices", value: { choices: ["female"] } },
          { from_name: "mood", to_name: "image", type: "choices", value: { choices: ["happy"] } },
          { from_name: "glasses", to_name: "image", type: "choices", value: { choices: ['round, "thin"'] } },
          { from_name: "wears", to_name: "image", type: "choices", value: { choices: ["hat", "scarf"] } },
          { from_name: "rating", to_name: "image", type: "number", value: { number: 7.25 } },
          { from_name: "own:expression", to_name: "image", type: "choices", value: { choices: ["wide"] } },
        ],
      },
    ],
  });
  // Each address leads to a picture of the export.
  for (const { data } of tasks) {
    const file = new URL(data.image, "http://localhost").searchParams.get("d")!;
    expect((await lstat(at(`out/${file}`))).isFile()).toBe(true);
  }
  const page = await readFile(at("out/labels.xml"), "utf8");
  expect(page).toContain('<Choices name="wears" toName="image" choice="multiple">');
  expect(page).toContain('<Choice value="round, &quot;thin&quot;"/>');
  expect(page).toContain('<Number name="age_low" toName="image"/>');
});

describe("what networks told", () => {
  const answers = (picture: string, more: object): string =>
    JSON.stringify({ schema: "tensorface.analysis/1", source: at(`source/${picture}`), width: 6, height: 4, ...more });
  const face = (x: number, label: string) => ({
    box: { x, y: 0, width: 2, height: 4 },
    age: { years: 30, interval: { low: 24, high: 37, level: 0.8 } },
    mood: { label, confidence: 0.75, probabilities: {} },
    attributes: { wears: { labels: ["hat"], probabilities: {} }, rating: { value: 6.5 }, glasses: { label: null, confidence: 0.4 } },
  });

  test("stands beside the labels as predictions, and is no label when it is read again", async () => {
    const dataset = await importOdd();
    await writeFile(at("told.jsonl"), `${answers("a/1.png", { faces: [face(0, "sad"), face(2, "neutral")] })}\n`);
    await exportDataset(dataset, "label-studio", at("plain"));
    const { importArguments } = await exportDataset(dataset, "label-studio", at("out"), { predictions: at("told.jsonl") });
    const [first, ...others]: { predictions?: unknown; annotations: unknown }[] = JSON.parse(await readFile(at("out/tasks.json"), "utf8"));
    expect(first!.predictions).toEqual([
      {
        model_version: "tensorface",
        score: 0.4,
        result: [
          { from_name: "age_low", to_name: "image", type: "number", value: { number: 24 } },
          { from_name: "age_high", to_name: "image", type: "number", value: { number: 37 } },
          { from_name: "mood", to_name: "image", type: "choices", value: { choices: ["neutral"] } },
          { from_name: "wears", to_name: "image", type: "choices", value: { choices: ["hat"] } },
          { from_name: "rating", to_name: "image", type: "number", value: { number: 6.5 } },
        ],
      },
    ]);
    for (const other of others) expect(other).not.toHaveProperty("predictions");
    expect(await toldOf(await importAgain(importArguments))).toEqual(await toldOf(dataset));
  });

  test("is of the face that an evaluation would take: a large one beside the middle before a small one nearer to it", async () => {
    const dataset = await importOdd();
    const large = { ...face(0, "sad"), box: { x: 0, y: 0, width: 4, height: 4 } };
    const small = { ...face(0, "neutral"), box: { x: 2.2, y: 1.2, width: 1, height: 1 } };
    await writeFile(at("told.jsonl"), `${answers("a/1.png", { faces: [large, small] })}\n`);
    await exportDataset(dataset, "label-studio", at("out"), { predictions: at("told.jsonl") });
    const tasks = await readFile(at("out/tasks.json"), "utf8");
    expect(JSON.parse(tasks)[0].predictions[0].result).toContainEqual(
      expect.objectContaining({ from_name: "mood", value: { choices: ["sad"] } }),
    );
  });

  test("has to be of these pictures, in the form of analyze, and the layout to have a place for it", async () => {
    const dataset = await importOdd();
    const give = async (text: string, format: ExportFormat = "label-studio") => {
      await writeFile(at("told.jsonl"), text);
      return exportDataset(dataset, format, at("out"), { predictions: at("told.jsonl") });
    };
    const refusal = (message: string) => ({ code: "TF_INVALID_ARGUMENT", message: expect.stringContaining(message) });
    await expect(give(answers("elsewhere.png", { faces: [] }))).rejects.toMatchObject(refusal("tells nothing of the pictures"));
    await expect(give('{"file":"a/1.png"}\n')).rejects.toMatchObject(refusal("line 1"));
    await expect(give(answers("a/1.png", { faces: [] }), "csv")).rejects.toMatchObject(refusal("no place for predictions"));
    await expect(lstat(at("out"))).rejects.toMatchObject({ code: "ENOENT" });
  });
});

describe("an export", () => {
  let dataset: Dataset;
  beforeEach(async () => {
    await draw("1.png", "2.png", "3.png");
    dataset = await importTable("file,split,mood\n1.png,train,sad\n2.png,train,sad\n3.png,test,happy\n");
  });

  test("is of the cleaned labels, and of one split where asked", async () => {
    const decision = { task: "mood", reviewer: "ada", at: "2026-11-28T10:00:00.000Z" };
    await writeCleanManifest(dataset, [
      { ...decision, id: "csv/1.png", action: "drop" },
      { ...decision, id: "csv/2.png", action: "relabel", label: "angry" },
    ]);
    const summary = await exportDataset(dataset, "csv", at("out"), { split: "train" });
    expect(summary).toMatchObject({ faces: 1, leftOut: 1, cleaning: { dropped: 1, relabelled: 1 } });
    expect(await readFile(at("out/labels.csv"), "utf8")).toBe("file,id,split,subject,mood\npictures/2.png,2.png,train,,angry\n");
    await expect(exportDataset(dataset, "csv", at("none"), { split: "validation" })).rejects.toMatchObject({ code: "TF_DATASET_EMPTY" });
    expect(await readdir(at("out/pictures"))).toEqual(["2.png"]);
  });

  test("replaces nothing, and takes an empty folder", async () => {
    await mkdir(at("out"));
    await writeFile(at("out/mine.txt"), "mine");
    await expect(exportDataset(dataset, "csv", at("out"))).rejects.toMatchObject({ code: "TF_DATASET_CONFLICT" });
    await expect(exportDataset(dataset, "csv", at("out/mine.txt"))).rejects.toMatchObject({ code: "TF_DATASET_CONFLICT" });
    expect(await readdir(at("out"))).toEqual(["mine.txt"]);
    await rm(at("out/mine.txt"));
    await exportDataset(dataset, "csv", at("out"));
    expect((await readdir(at("out"))).toSorted()).toEqual(["labels.csv", "pictures", "tensorface.json"]);
  });

  test("leaves nothing when it is stopped, and a killed one's rest is no hindrance", async () => {
    const stop = new AbortController();
    const onProgress = (): void => stop.abort();
    const files = Array.from({ length: 40 }, (_, index) => `more/${index}.png`);
    await draw(...files);
    await rm(at("data"), { recursive: true });
    dataset = await importTable(`file,mood\n${files.map((file) => `${file},sad`).join("\n")}\n`);
    await expect(exportDataset(dataset, "csv", at("out"), { onProgress, signal: stop.signal })).rejects.toMatchObject({
      code: "TF_ABORTED",
    });
    expect((await readdir(folder)).toSorted()).toEqual(["data", "source"]);
    await mkdir(at(".out.tensorface-export/pictures"), { recursive: true });
    await writeFile(at(".out.tensorface-export/pictures/half.png"), "half");
    expect(await exportDataset(dataset, "csv", at("out"))).toMatchObject({ faces: 40, pictures: 40 });
    expect((await readdir(folder)).toSorted()).toEqual(["data", "out", "source"]);
    expect(await readdir(at("out/pictures"))).toEqual(["more"]);
  });

  test("links to the pictures where asked, and such links are read again", async () => {
    const { importArguments } = await exportDataset(dataset, "folders", at("out"), { link: true });
    expect((await lstat(at("out/train/sad/1.png"))).isSymbolicLink()).toBe(true);
    expect(await withoutId(await importAgain(importArguments))).toEqual(await withoutId(dataset));
  });

  test.each([false, true])("says when a picture is gone (links: %s)", async (link) => {
    await rm(at("source/2.png"));
    await expect(exportDataset(dataset, "csv", at("out"), { link })).rejects.toMatchObject({ code: "TF_INPUT_NOT_FOUND" });
    expect((await readdir(folder)).toSorted()).toEqual(["data", "source"]);
  });

  test("copies no picture that the import has not seen", async () => {
    await draw("2.png");
    await expect(exportDataset(dataset, "csv", at("out"))).rejects.toMatchObject({ code: "TF_INPUT_CHANGED" });
  });
});
