import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { chmod, copyFile, mkdir, mkdtemp, readdir, readFile, rename, rm, stat, symlink, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { promisify } from "node:util";
import sharp from "sharp";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { TensorFaceError } from "../../core/index.ts";
import { openDataset } from "../dataset.node.ts";
import { describeImport } from "../describe-import.ts";
import { markDuplicates, readDuplicates } from "../duplicates.node.ts";
import { removeCleanManifest, writeCleanManifest } from "../review/decisions.node.ts";
import type { FaceRecord } from "../record.ts";
import { resplitDataset } from "../resplit.node.ts";
import { readSuspicions, writeSuspicions } from "../suspicion.node.ts";
import { importDataset, type ImportOptions } from "./import.node.ts";
import type { DatasetFormat } from "./source-row.ts";

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "tensorface-import-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** A drawn picture that differs with its seed. */
async function draw(path: string, seed: number): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const pixels = Uint8Array.from({ length: 48 * 48 }, (_, index) => (index * (seed + 3) + ((index / 48) | 0) * seed * 7) % 256);
  await writeFile(
    path,
    await sharp(pixels, { raw: { width: 48, height: 48, channels: 1 } })
      .png()
      .toBuffer(),
  );
}

async function writeText(name: string, text: string): Promise<void> {
  await mkdir(dirname(join(folder, name)), { recursive: true });
  await writeFile(join(folder, name), text);
}

async function drawAll(names: readonly string[]): Promise<void> {
  await Promise.all(names.map((name, index) => draw(join(folder, name), index)));
}

const pixels = (seed: number): string => Array.from({ length: 2304 }, (_, index) => (index * seed) % 256).join(" ");

/** A published layout in small: what is written, what must come out. */
interface Fixture {
  readonly format: DatasetFormat;
  readonly title: string;
  readonly source?: string;
  readonly options?: ImportOptions;
  write(): Promise<void>;
  readonly rows: number;
  readonly faces: readonly Partial<FaceRecord>[];
  readonly rejections: Readonly<Record<string, number>>;
  readonly notes?: Readonly<Record<string, number>>;
}

const adienceHeader = "user_id\toriginal_image\tface_id\tage\tgender\tx\ty\tdx\tdy\ttilt_ang\tfiducial_yaw_angle\tfiducial_score";
const adienceRow = (user: string, image: string, face: number, age: string, gender: string): string =>
  [user, image, face, age, gender, 0, 0, 9, 9, 0, 0, 50].join("\t");

async function writeAdience(): Promise<void> {
  const first = [
    adienceRow("u@1", "a.jpg", 1, "(25, 32)", "f"),
    adienceRow("u@1", "b.jpg", 2, "35", "m"),
    adienceRow("u@2", "c.jpg", 3, "None", "u"),
    adienceRow("u@2", "d.jpg", 4, "(27, 32)", ""),
  ];
  await writeText("fold_0_data.txt", [adienceHeader, ...first, ""].join("\n"));
  for (const fold of [1, 2, 3]) await writeText(`fold_${fold}_data.txt`, `${adienceHeader}\n`);
  await writeText(
    "fold_4_data.txt",
    [adienceHeader, adienceRow("u@3", "e.jpg", 5, "(60, 100)", "m"), adienceRow("u@4", "f.jpg", 6, "(0, 2)", "u"), ""].join("\n"),
  );
  await drawAll(
    ["u@1/x.1.a.jpg", "u@1/x.2.b.jpg", "u@2/x.4.d.jpg", "u@3/x.5.e.jpg", "u@4/x.6.f.jpg"].map(
      (name) => `aligned/${name.replace("/x", "/landmark_aligned_face")}`,
    ),
  );
}

/** The frontal subset, with the roughly aligned pictures. */
async function writeFrontalAdience(): Promise<void> {
  const rows = [
    adienceRow("u@1", "a.jpg", 1, "(4, 6)", "f"),
    adienceRow("u@1", "b.jpg", 2, "(38, 42)", "m"),
    adienceRow("u@2", "c.jpg", 3, "13", ""),
    adienceRow("u@2", "", 4, "(4, 6)", "f"),
    adienceRow("u@3", "e.jpg", 5, "(48, 53)", "m"),
    adienceRow("u@3", "gone.jpg", 6, "(48, 53)", "m"),
  ];
  await writeText("fold_frontal_2_data.txt", [adienceHeader, ...rows, ""].join("\n"));
  await writeText("fold_2_data.txt", [adienceHeader, adienceRow("u@9", "z.jpg", 9, "(4, 6)", "f"), ""].join("\n"));
  await drawAll(
    ["u@1/x.1.a.jpg", "u@1/x.2.b.jpg", "u@3/x.5.e.jpg"].map((name) => `faces/${name.replace("/x", "/coarse_tilt_aligned_face")}`),
  );
}

const ferPlusHeader = "Usage,Image name,neutral,happiness,surprise,sadness,anger,disgust,fear,contempt,unknown,NF";
const ferRows = [
  ["0", "Training"],
  ["1", "Training"],
  ["3", "PublicTest"],
  ["6", "PrivateTest"],
  ["9", "Training"],
  ["4", "Training"],
] as const;

const fixtures: readonly Fixture[] = [
  {
    format: "adience",
    title: "strict",
    write: writeAdience,
    rows: 6,
    faces: [
      { id: "adience/u@1/1.a.jpg", labels: { age: { low: 25, high: 32 }, gender: "female" }, subjectId: "u@1", fold: 0 },
      { id: "adience/u@1/2.b.jpg", labels: { gender: "male" }, officialSplit: "fold-0" },
      { id: "adience/u@3/5.e.jpg", labels: { age: { low: 60, high: 100 }, gender: "male" }, split: "test", officialSplit: "fold-4" },
      { id: "adience/u@4/6.f.jpg", labels: { age: { low: 0, high: 2 } }, split: "test" },
    ],
    rejections: { unlabelled: 2 },
    notes: { "age-outside-the-groups": 1 },
  },
  {
    format: "adience",
    title: "mapped",
    options: { labels: "mapped" },
    write: writeAdience,
    rows: 6,
    faces: [
      { id: "adience/u@1/1.a.jpg" },
      { id: "adience/u@1/2.b.jpg", labels: { age: { low: 25, high: 32 }, gender: "male" } },
      { id: "adience/u@2/4.d.jpg", labels: { age: { low: 25, high: 32 } } },
      { id: "adience/u@3/5.e.jpg" },
      { id: "adience/u@4/6.f.jpg" },
    ],
    rejections: { unlabelled: 1 },
    notes: { "age-mapped": 2 },
  },
  {
    format: "adience",
    title: "the frontal subset as the test fold",
    options: { frontal: true, pictures: "faces", testFold: 2, allowMissing: true },
    write: writeFrontalAdience,
    rows: 10,
    faces: [
      {
        id: "adience/u@1/1.a.jpg",
        labels: { age: { low: 4, high: 6 }, gender: "female" },
        split: "test",
        officialSplit: "fold-2",
        fold: 2,
      },
      { id: "adience/u@1/2.b.jpg", labels: { gender: "male" } },
      { id: "adience/u@3/5.e.jpg", labels: { age: { low: 48, high: 53 }, gender: "male" }, subjectId: "u@3" },
    ],
    // Of four folds the file is not there.
    rejections: { unlabelled: 1, "malformed-row": 1, "missing-picture": 1, "missing-part": 4 },
  },
  {
    format: "fer2013",
    title: "Kaggle's table with FER+ votes beside it",
    source: "fer2013.csv",
    write: async () => {
      await writeText(
        "fer2013.csv",
        ["emotion,pixels,Usage", ...ferRows.map(([code, usage], n) => `${code},${pixels(n + 1)},${usage}`), ""].join("\n"),
      );
      const votes = [
        "0,0,0,0,8,0,2,0,0,0",
        "0,0,0,0,0,0,0,0,0,10",
        "5,5,0,0,0,0,0,0,0,0",
        "10,0,0,0,0,0,0,0,0,0",
        "",
        "0,0,0,9,0,0,0,1,0,0",
      ];
      const rows = ferRows.map(
        ([, usage], n) => `${usage},fer${String(n + 30).padStart(7, "0")}.png,${votes[n] === "" ? "0,0,0,0,0,0,0,0,0,0" : votes[n]}`,
      );
      await writeText("fer2013new.csv", [ferPlusHeader, ...rows, ""].join("\n"));
    },
    rows: 6,
    faces: [
      { id: "fer2013/fer0000030", labels: { mood: "angry", moodVotes: [0.8, 0, 0.2, 0, 0, 0, 0] }, split: "train", width: 48, height: 48 },
      { id: "fer2013/fer0000032", labels: { mood: "happy", moodVotes: [0, 0, 0, 0.5, 0, 0, 0.5] }, split: "validation" },
      { id: "fer2013/fer0000033", split: "test", officialSplit: "PrivateTest" },
      { id: "fer2013/fer0000035", labels: { mood: "sad", moodVotes: [0, 0, 0, 0, 1, 0, 0] } },
    ],
    rejections: { "not-a-face": 1, "unknown-label": 1 },
  },
  {
    format: "fer2013",
    title: "the table with blanks in its header, without disgust",
    source: "icml_face_data.csv",
    options: { dropLabels: ["disgust"] },
    write: () =>
      writeText(
        "icml_face_data.csv",
        ["emotion, Usage, pixels", ...ferRows.map(([code, usage], n) => `${code},${usage},${n === 5 ? "1 2 3" : pixels(n + 1)}`)].join(
          "\n",
        ),
      ),
    rows: 6,
    faces: [{ id: "fer2013/row0000000" }, { id: "fer2013/row0000002" }, { id: "fer2013/row0000003" }],
    rejections: { "dropped-label": 1, "unknown-label": 1, "malformed-row": 1 },
  },
  {
    format: "fer2013",
    title: "folders of pictures",
    source: "images",
    write: () =>
      drawAll([
        "images/train/angry/1.png",
        "images/train/happy/2.png",
        "images/test/sad/3.png",
        "images/test/sad/4.png",
        "images/train/surprise/5.png",
        "images/train/odd/6.png",
      ]),
    rows: 6,
    faces: [
      { id: "fer2013/test/sad/3.png", labels: { mood: "sad" }, split: "test" },
      { id: "fer2013/test/sad/4.png" },
      { id: "fer2013/train/angry/1.png", officialSplit: "train" },
      { id: "fer2013/train/happy/2.png" },
      { id: "fer2013/train/surprise/5.png" },
    ],
    rejections: { "unknown-label": 1 },
  },
  {
    format: "fairface",
    title: "both label files, one through a spreadsheet",
    write: async () => {
      const header = "file,age,gender,race,service_test";
      const train = [
        "train/1.jpg,03-Sep,Male,Black,True",
        "train/2.jpg,Oct-19,Female,Indian,False",
        "train/3.jpg,more than 70,Male,White,False",
        "train/4.jpg,??,Male,White,False",
        "",
      ];
      await writeText("fairface_label_train.csv", [header, ...train].join("\n"));
      await writeText(
        "fairface_label_val.csv",
        [header, "val/1.jpg,0-2,Female,White,True", "val/2.jpg,60-69,Female,White,True", ""].join("\n"),
      );
      await drawAll(["train/1.jpg", "train/2.jpg", "train/3.jpg", "train/4.jpg", "val/1.jpg", "val/2.jpg"]);
    },
    rows: 6,
    faces: [
      { id: "fairface/train/1", labels: { age: { low: 3, high: 9 }, gender: "male", race: "Black" }, officialSplit: "train" },
      { id: "fairface/train/2", labels: { age: { low: 10, high: 19 }, gender: "female", race: "Indian" } },
      { id: "fairface/train/3", labels: { age: { low: 70, high: 100 }, gender: "male", race: "White" } },
      { id: "fairface/val/1", split: "test", officialSplit: "val" },
      { id: "fairface/val/2" },
    ],
    rejections: { "unknown-label": 1 },
    notes: { "age-spreadsheet-date": 2 },
  },
  {
    format: "fairface",
    title: "the validation labels alone",
    write: async () => {
      await writeText("fairface_label_val.csv", "file,age,gender,race,service_test\nval/1.jpg,0-2,Female,White,True\n");
      await drawAll(["val/1.jpg"]);
    },
    rows: 2,
    faces: [{ id: "fairface/val/1", split: "test", officialSplit: "val" }],
    rejections: { "missing-part": 1 },
  },
  {
    format: "utkface",
    title: "names, three of them malformed in the wild",
    write: () =>
      drawAll([
        "26_1_2_20170116174525125.jpg.chip.jpg",
        "61_1_20170109142408075.jpg.chip.jpg",
        "39_0_1_20170116174525125.jpg.chip.jpg",
        "1_0_4_20161219154612988.jpg.chip.jpg",
        "holiday.jpg",
        "sub/80_0_0_20170111182452832.jpg",
      ]),
    rows: 6,
    faces: [
      { labels: { age: { low: 1, high: 1 }, gender: "male", race: "Others" } },
      { labels: { age: { low: 26, high: 26 }, gender: "female", race: "Asian" } },
      { labels: { age: { low: 39, high: 39 }, gender: "male", race: "Black" } },
      { labels: { age: { low: 61, high: 61 }, gender: "female" } },
      { id: "utkface/sub/80_0_0_20170111182452832", labels: { age: { low: 80, high: 80 }, gender: "male", race: "White" } },
    ],
    rejections: { "malformed-name": 1 },
    notes: { "race-missing-in-name": 1 },
  },
  {
    format: "folder",
    title: "class folders",
    options: { name: "mine" },
    write: () => drawAll(["happy/a.png", "happy/b.png", "female/c.png", "25-32/d.png", "misc/e.png", "loose.png"]),
    rows: 6,
    faces: [
      { id: "mine/25-32/d.png", labels: { age: { low: 25, high: 32 } } },
      { id: "mine/female/c.png", labels: { gender: "female" }, source: "mine" },
      { id: "mine/happy/a.png", labels: { mood: "happy" } },
      { id: "mine/happy/b.png" },
    ],
    rejections: { "unknown-label": 1, unlabelled: 1 },
  },
  {
    format: "csv",
    title: "a table with named columns and a broken picture",
    source: "faces.csv",
    options: { columns: { mood: "feeling" }, allowMissing: true },
    write: async () => {
      const rows = [
        "p/1.png,Happy,30,f,anna,train",
        "p\\2.png,sad,,m,bo,test",
        "p/3.png,,,,,",
        "p/4.png,bored,,,,",
        "p/5.png,neutral,,,,",
        "p/6.png,neutral,,,,",
      ];
      await writeText("faces.csv", ["path,feeling,age,sex,subject,split", ...rows, ""].join("\n"));
      await drawAll(["p/1.png", "p/2.png", "p/3.png", "p/4.png"]);
      await writeText("p/5.png", "this is text");
    },
    rows: 6,
    faces: [
      { id: "csv/p/1.png", labels: { age: { low: 30, high: 30 }, gender: "female", mood: "happy" }, subjectId: "anna", split: "train" },
      { id: "csv/p/2.png", labels: { gender: "male", mood: "sad" }, split: "test" },
    ],
    rejections: { unlabelled: 1, "unknown-label": 1, "unreadable-picture": 1, "missing-picture": 1 },
  },
];

const out = (name = "out"): string => join(folder, name);

async function run({ format, source = ".", options }: Fixture, extra: ImportOptions = {}, target = "out") {
  return importDataset(format, join(folder, source), out(target), { ...options, ...extra });
}

describe.each(fixtures)("$format: $title", (fixture) => {
  beforeEach(() => fixture.write());

  test("every row is a face or a rejection with its reason", async () => {
    const { counts } = await run(fixture);
    const records = await Array.fromAsync((await openDataset(out())).records());
    expect(records).toHaveLength(fixture.faces.length);
    for (const [index, face] of fixture.faces.entries()) expect(records[index]).toMatchObject(face);
    expect(counts).toMatchObject({ rows: fixture.rows, faces: records.length, rejectionsByReason: fixture.rejections });
    expect(counts.faces + counts.rejections).toBe(counts.rows);
    expect(counts.notes).toMatchObject(fixture.notes ?? {});
    const rejected = (await readFile(join(out(), "rejections.jsonl"), "utf8")).split("\n").filter((line) => line !== "");
    expect(rejected).toHaveLength(counts.rejections);
  });

  test("sorted by id, each picture where the record says, the hash of its bytes", async () => {
    await run(fixture);
    const dataset = await openDataset(out());
    const records = await Array.fromAsync(dataset.records());
    const ids = records.map(({ id }) => id);
    expect(ids).toEqual(ids.toSorted((a, b) => (a < b ? -1 : 1)));
    for (const record of records) {
      const bytes = await readFile(dataset.picturePath(record));
      const digest = Buffer.from(await crypto.subtle.digest("SHA-256", bytes)).toString("hex");
      expect(record.sha256).toBe(digest);
      expect(await sharp(bytes).metadata()).toMatchObject({ width: record.width, height: record.height });
    }
  });

  test("twice gives the same bytes, also after a stop in the middle", async () => {
    await run(fixture);
    const first = await readFile(join(out(), "manifest.jsonl"));
    const info = await readFile(join(out(), "dataset.json"));
    await run(fixture);
    expect(await readFile(join(out(), "manifest.jsonl"))).toEqual(first);
    expect(await readFile(join(out(), "dataset.json"))).toEqual(info);
    const stop = new AbortController();
    stop.abort();
    await expect(run(fixture, { signal: stop.signal }, "second")).rejects.toMatchObject({ code: "TF_ABORTED" });
    await run(fixture, {}, "second");
    expect(await readFile(join(out("second"), "manifest.jsonl"))).toEqual(first);
  });

  test("Parquet holds the same records", async () => {
    await run(fixture);
    await run(fixture, { parquet: true }, "parquet");
    const read = async (name: string): Promise<FaceRecord[]> => Array.fromAsync((await openDataset(out(name))).records());
    expect(await read("parquet")).toEqual(await read("out"));
  });
});

describe("an id means one face", () => {
  const idsOf = async (name = "out"): Promise<string[]> =>
    (await Array.fromAsync((await openDataset(out(name))).records())).map(({ id }) => id);

  test("two pictures of one name and two kinds are two faces", async () => {
    await drawAll(["p/happy/1.jpg", "p/happy/1.png"]);
    const { counts } = await importDataset("folder", join(folder, "p"), out());
    expect(counts).toMatchObject({ faces: 2, rejections: 0 });
    await writeText("p/faces.csv", "file,mood\nhappy/1.jpg,happy\nhappy/1.png,happy\n");
    expect((await importDataset("csv", join(folder, "p/faces.csv"), out("csv"))).counts).toMatchObject({ faces: 2, rejections: 0 });
  });

  test.each([false, true])("an age that several people guessed keeps by how much they differ (Parquet: %s)", async (parquet) => {
    await drawAll(["a.png", "b.png", "c.png", "d.png", "e.png"]);
    const rows = ["a.png,30,4.5", "b.png,31,", "c.png,32,0", "d.png,20-29,3", "e.png,33,-1"];
    await writeText("faces.csv", ["file,age,age_deviation", ...rows, ""].join("\n"));
    const { counts } = await importDataset("csv", join(folder, "faces.csv"), out(), { parquet });
    expect(counts).toMatchObject({ faces: 4, rejectionsByReason: { "unknown-label": 1 } });
    const ages = (await Array.fromAsync((await openDataset(out())).records())).map(({ labels }) => labels.age);
    expect(ages).toEqual([
      { low: 30, high: 30, deviation: 4.5 },
      { low: 31, high: 31 },
      { low: 32, high: 32 },
      { low: 20, high: 29 },
    ]);
  });

  test("however a table spells its path, a picture is one face", async () => {
    await drawAll(["f/1.jpg"]);
    const spelled = ["f/1.jpg", "./f/1.jpg", "f//1.jpg", "f/g/../1.jpg", "f\\1.jpg", join(folder, "f/1.jpg")];
    await writeText("faces.csv", ["file,mood", ...spelled.map((file) => `${file},happy`), ""].join("\n"));
    const { counts } = await importDataset("csv", join(folder, "faces.csv"), out());
    expect(counts).toMatchObject({ faces: 1, rejectionsByReason: { "duplicate-id": spelled.length - 1 } });
    expect(await idsOf()).toEqual(["csv/f/1.jpg"]);
  });

  describe("a table's column id that names several pictures", () => {
    const peoples = ["a.png,1,happy", "b.png,1,sad", "c.png,2,happy", "d.png,,sad"];
    const write = async (rows: readonly string[] = peoples): Promise<string> => {
      await drawAll(["a.png", "b.png", "c.png", "d.png"]);
      await writeText("faces.csv", ["file,id,mood", ...rows, ""].join("\n"));
      return join(folder, "faces.csv");
    };

    test("is no id: no row is lost, and that is told", async () => {
      const info = await importDataset("csv", await write(), out());
      expect(info.counts).toMatchObject({ faces: 4, rejections: 0, notes: { "id-not-unique": 3 } });
      expect(await idsOf()).toEqual(["csv/a.png", "csv/b.png", "csv/c.png", "csv/d.png"]);
      expect(describeImport(info, "out")).toContain(
        "the source's ids are not unique, so that the picture's path is the id of 3 faces with one",
      );
      expect(describeImport(info, "out")).toContain("--columns subject=id");
    });

    test("may be named as what it is", async () => {
      const { counts } = await importDataset("csv", await write(), out(), { columns: { subject: "id" } });
      expect(counts).toMatchObject({ faces: 4, rejections: 0, notes: {} });
      const subjects = (await Array.fromAsync((await openDataset(out())).records())).map(({ subjectId }) => subjectId);
      expect(subjects).toEqual(["1", "1", "2", undefined]);
    });

    test("is one where it is named so: of equal ones the first row stays", async () => {
      const { counts } = await importDataset("csv", await write(), out(), { columns: { id: "id" } });
      expect(counts).toMatchObject({ faces: 3, rejectionsByReason: { "duplicate-id": 1 }, notes: {} });
    });

    test("is one where only a row stands twice, however its path is spelled", async () => {
      const rows = ["a.png,1,happy", "b.png,3,sad", "c.png,2,happy", "d.png,,sad", "./a.png,1,happy"];
      const { counts } = await importDataset("csv", await write(rows), out());
      expect(counts).toMatchObject({ faces: 4, rejectionsByReason: { "duplicate-id": 1 }, notes: {} });
      expect(await idsOf()).toEqual(["csv/1", "csv/2", "csv/3", "csv/d.png"]);
    });

    test("is none where it is another picture's path", async () => {
      await drawAll(["a.png", "b.png"]);
      await writeText("faces.csv", "file,id,mood\na.png,b.png,happy\nb.png,,sad\n");
      expect((await importDataset("csv", join(folder, "faces.csv"), out())).counts).toMatchObject({ faces: 2, rejections: 0 });
      expect(await idsOf()).toEqual(["csv/a.png", "csv/b.png"]);
    });
  });

  const ferTable = (count: number): string =>
    ["emotion,pixels,Usage", ...Array.from({ length: count }, (_, n) => `0,${pixels(n + 1)},Training`), ""].join("\n");

  test("FER2013: a row's number is never taken for FER+'s number of another picture", async () => {
    await writeText("kaggle/fer2013.csv", ferTable(3));
    await writeText("labels.csv", "index,file,Usage,emotion\n1,images/fer0000001.png,Training,0\n");
    await drawAll(["images/fer0000001.png", "folders/train/angry/fer0000001.png"]);
    await importDataset("fer2013", join(folder, "kaggle"), out("rows"));
    expect(await idsOf("rows")).toEqual(["fer2013/row0000000", "fer2013/row0000001", "fer2013/row0000002"]);
    await importDataset("fer2013", join(folder, "labels.csv"), out("files"));
    await importDataset("fer2013", join(folder, "folders"), out("folders"));
    expect([await idsOf("files"), await idsOf("folders")]).toEqual([["fer2013/fer0000001"], ["fer2013/fer0000001"]]);
  });

  test("FER2013: a table with FER+ beside it has FER+'s names, and its row's where FER+ gave one name twice", async () => {
    await writeText("fer2013.csv", ferTable(4));
    const names = ["fer0000000.png", "fer0000001.png", "fer0000001.png", "fer0000002.png"];
    await writeText("fer2013new.csv", [ferPlusHeader, ...names.map((name) => `Training,${name},10,0,0,0,0,0,0,0,0,0`), ""].join("\n"));
    await importDataset("fer2013", join(folder, "fer2013.csv"), out());
    expect(await idsOf()).toEqual(["fer2013/fer0000000", "fer2013/fer0000002", "fer2013/row0000001", "fer2013/row0000002"]);
  });
});

describe("folders", () => {
  test.skipIf(process.platform === "win32")("links to class folders are followed, and one that leads round is no trap", async () => {
    await drawAll(["elsewhere/a.png", "elsewhere/deep/b.png", "p/sad/c.png"]);
    await symlink(join(folder, "elsewhere"), join(folder, "p/happy"));
    await symlink(join(folder, "elsewhere"), join(folder, "elsewhere/deep/round"));
    await symlink(join(folder, "p"), join(folder, "p/angry"));
    await symlink("loop", join(folder, "p/loop"));
    const { counts } = await importDataset("folder", join(folder, "p"), out());
    expect(counts).toMatchObject({ faces: 3, rejectionsByReason: { "empty-class": 1 }, byLabel: { mood: { happy: 2, sad: 1 } } });
  });

  test.each([
    ["1", "7"],
    ["0", "1"],
    ["train/0", "train/1"],
    ["happy", "3"],
  ])("%s and %s: what the numbers mean is asked, not guessed", async (...names) => {
    await drawAll(names.map((name) => `p/${name}/a.png`));
    await expect(importDataset("folder", join(folder, "p"), out())).rejects.toMatchObject({
      code: "TF_DATASET_LABEL_UNKNOWN",
      message: expect.stringContaining("numbers"),
      hint: expect.stringContaining("--task"),
    });
  });

  test("numbers beside ranges of years are years", async () => {
    await drawAll(["p/0-2/a.png", "p/3/b.png", "p/60+/c.png"]);
    expect((await importDataset("folder", join(folder, "p"), out())).counts).toMatchObject({ faces: 3, rejections: 0 });
  });
});

describe("bad sources", () => {
  const codeOf = async (work: Promise<unknown>): Promise<string> =>
    work.then(
      () => "none",
      (error: unknown) => (error instanceof TensorFaceError ? error.code : String(error)),
    );

  test.each(["adience", "fairface", "fer2013", "utkface", "folder", "csv"] as const)(
    "%s: nothing there, or something else",
    async (format) => {
      expect(await codeOf(importDataset(format, join(folder, "nowhere"), out()))).toBe("TF_INPUT_NOT_FOUND");
      await mkdir(join(folder, "empty"));
      expect(await codeOf(importDataset(format, join(folder, "empty"), out()))).toBe("TF_DATASET_LAYOUT");
    },
  );

  test("one format's folder given as another's says what was looked for", async () => {
    await drawAll(["holiday/a.png"]);
    for (const format of ["fairface", "utkface", "adience"] as const) {
      await expect(importDataset(format, folder, out())).rejects.toMatchObject({
        code: "TF_DATASET_LAYOUT",
        hint: expect.stringMatching(/\w/),
      });
    }
  });

  test("a table's folder given for the table is told which table is in it", async () => {
    await writeText("labels.csv", "path,mood\n");
    await expect(importDataset("csv", folder, out())).rejects.toMatchObject({
      code: "TF_DATASET_LAYOUT",
      hint: expect.stringContaining(join(folder, "labels.csv")),
    });
  });

  const writeTable = async (name: string, rows: readonly string[]): Promise<string> => {
    await writeText(name, ["path,mood", ...rows, ""].join("\n"));
    return join(folder, name);
  };
  test("who made a table and its licence are kept for reports and cards; those of a published format are known", async () => {
    const source = await writeTable("faces.csv", ["p/0.png,happy"]);
    await drawAll(["p/0.png"]);
    const makers = { title: "Faces (Doe, 2020)", licence: "research" };
    expect(await importDataset("csv", source, out(), makers)).toMatchObject(makers);
    expect(await codeOf(importDataset("fer2013", folder, out("other"), { licence: "MIT" }))).toBe("TF_INVALID_ARGUMENT");
  });

  const manifest = (name = "out"): Promise<Buffer> => readFile(join(out(name), "manifest.jsonl"));

  test("a half-unpacked source is refused unless asked for, and goes on when the rest is there", async () => {
    const source = await writeTable(
      "faces.csv",
      Array.from({ length: 6 }, (_, n) => `p/${n}.png,happy`),
    );
    await drawAll(["p/0.png"]);
    expect(await codeOf(importDataset("csv", source, out()))).toBe("TF_DATASET_INCOMPLETE");
    await drawAll(Array.from({ length: 6 }, (_, n) => `p/${n}.png`));
    expect((await importDataset("csv", source, out())).counts).toMatchObject({ faces: 6, rejections: 0 });
    await rm(join(folder, "p", "5.png"));
    const partly = { allowMissing: true };
    expect((await importDataset("csv", source, out("partly"), partly)).counts).toMatchObject({
      faces: 5,
      rejectionsByReason: { "missing-picture": 1 },
    });
  });

  test("a table whose pictures are all missing can be had alone, and the pictures later", async () => {
    await writeAdience();
    const pictures = join(folder, "aligned");
    await rename(pictures, join(folder, "elsewhere"));
    expect(await codeOf(importDataset("adience", folder, out()))).toBe("TF_DATASET_INCOMPLETE");
    const { counts } = await importDataset("adience", folder, out(), { allowMissing: true });
    expect(counts).toMatchObject({ rows: 6, faces: 0, rejectionsByReason: { "missing-picture": 4, unlabelled: 2 } });
    const rows = (await rejectionsOf("out"))
      .trimEnd()
      .split("\n")
      .map((line): unknown => JSON.parse(line));
    expect(rows[0]).toMatchObject({
      reason: "missing-picture",
      face: {
        id: "adience/u@1/1.a.jpg",
        labels: { age: { low: 25, high: 32 }, gender: "female" },
        subjectId: "u@1",
        officialSplit: "fold-0",
        fold: 0,
      },
    });
    await rename(join(folder, "elsewhere"), pictures);
    expect((await importDataset("adience", folder, out(), { allowMissing: true })).counts.faces).toBe(4);
  });

  test("copies that go below the source are no pictures of it", async () => {
    await drawAll(["faces/20_0_0_20170101000000000.jpg", "faces/part/30_1_0_20170101000000001.jpg"]);
    const importAgain = () => importDataset("utkface", join(folder, "faces"), join(folder, "faces/part/data"), { copy: true });
    for (let time = 0; time < 2; time++) expect((await importAgain()).counts).toMatchObject({ rows: 2, faces: 2 });
  });

  test("a table with a head alone is said to be empty, and imported once it has rows", async () => {
    const source = await writeTable("faces.csv", []);
    await expect(importDataset("csv", source, out())).rejects.toMatchObject({
      code: "TF_DATASET_EMPTY",
      message: expect.stringMatching(/lists no picture$/),
      hint: expect.not.stringContaining("rejections"),
    });
    await drawAll(["p/0.png"]);
    await writeTable("faces.csv", ["p/0.png,happy"]);
    expect((await importDataset("csv", source, out())).counts).toMatchObject({ faces: 1, rejections: 0 });
  });

  test("labels that nobody knows are named before a dataset without faces is made", async () => {
    const source = await writeTable("faces.csv", ["p/0.png,bored", "p/1.png,sleepy"]);
    await drawAll(["p/0.png", "p/1.png"]);
    await expect(importDataset("csv", source, out())).rejects.toMatchObject({
      code: "TF_DATASET_LABEL_UNKNOWN",
      hint: expect.stringMatching(/[Rr]ename/),
    });
    // The same command works once the labels are renamed, and so does one with other options.
    await writeTable("faces.csv", ["p/0.png,happy", "p/1.png,sad"]);
    expect((await importDataset("csv", source, out())).counts).toMatchObject({ faces: 2, rejections: 0 });
    await writeText("other.csv", "path,mood,feeling\np/0.png,bored,happy\n");
    const other = join(folder, "other.csv");
    expect(await codeOf(importDataset("csv", other, out("other")))).toBe("TF_DATASET_LABEL_UNKNOWN");
    expect((await importDataset("csv", other, out("other"), { columns: { mood: "feeling" } })).counts).toMatchObject({ faces: 1 });
  });

  test.each([
    ["pictures that are not there", "number", "TF_DATASET_INCOMPLETE"],
    ["what is no path in the folder", "elsewhere", "TF_DATASET_EMPTY"],
  ])("a column that names %s is put right by the next command", async (_, column, code) => {
    await drawAll(["p/0.png", "p/1.png"]);
    await writeText("faces.csv", "number,elsewhere,picture,mood\n1,/srv/0.png,p/0.png,happy\n2,/srv/1.png,p/1.png,sad\n");
    const source = join(folder, "faces.csv");
    expect(await codeOf(importDataset("csv", source, out(), { columns: { file: column } }))).toBe(code);
    expect((await importDataset("csv", source, out(), { columns: { file: "picture" } })).counts).toMatchObject({ faces: 2, rejections: 0 });
  });

  test("a table whose columns have names of their own is told how to name them", async () => {
    await writeText("faces.csv", "Nr;Bild;Stimmung\n1;p/0.png;happy\n");
    await expect(importDataset("csv", join(folder, "faces.csv"), out())).rejects.toMatchObject({
      code: "TF_DATASET_LAYOUT",
      message: expect.stringContaining("Nr, Bild, Stimmung"),
      hint: expect.stringContaining("--columns file=COLUMN"),
    });
  });

  /** Imports as far as the first step, as Ctrl-C leaves it. */
  const stopEarly = async (format: DatasetFormat, source: string): Promise<void> => {
    const stop = new AbortController();
    expect(await codeOf(importDataset(format, source, out(), { signal: stop.signal, onProgress: () => stop.abort() }))).toBe("TF_ABORTED");
    expect(existsSync(join(out(), ".import", "rows.jsonl"))).toBe(true);
  };

  const rejectionsOf = (name: string): Promise<string> => readFile(join(out(name), "rejections.jsonl"), "utf8");

  test("a folder that changed after a stop is imported as it is now", async () => {
    await draw(join(folder, "one.png"), 1);
    const bytes = await readFile(join(folder, "one.png"));
    const source = join(folder, "p");
    await mkdir(join(source, "happy"), { recursive: true });
    const put = (name: string): Promise<void> => writeFile(join(source, "happy", name), bytes);
    for (let n = 0; n < 300; n++) await put(`m${String(n).padStart(3, "0")}.png`);
    await stopEarly("folder", source);
    for (let n = 0; n < 5; n++) await put(`a${n}.png`);
    await rm(join(source, "happy", "m299.png"));
    await rm(join(source, "happy", "m100.png"));
    expect((await importDataset("folder", source, out())).counts).toMatchObject({ faces: 303, rejections: 0 });
    await importDataset("folder", source, out("whole"));
    expect(await manifest()).toEqual(await manifest("whole"));
    expect(await rejectionsOf("out")).toBe("");
  });

  test("a table that changed after a stop is imported as it is now, down to which of two equal ids stays", async () => {
    const rows = Array.from({ length: 300 }, (_, n) => `p/0.png,happy,f${n}`);
    const write = (): Promise<void> => writeText("faces.csv", ["path,mood,id", ...rows, ""].join("\n"));
    rows[1] = "p/0.png,bored,f0";
    rows[2] = "p/0.png,sad,f0";
    await drawAll(["p/0.png"]);
    await write();
    const source = join(folder, "faces.csv");
    await stopEarly("csv", source);
    rows[0] = "p/0.png,neutral,f0";
    rows[1] = "p/0.png,happy,f1";
    rows.length = 200;
    await write();
    expect((await importDataset("csv", source, out())).counts).toMatchObject({ faces: 199, rejectionsByReason: { "duplicate-id": 1 } });
    await importDataset("csv", source, out("whole"));
    expect(await manifest()).toEqual(await manifest("whole"));
    expect(await rejectionsOf("out")).toBe(await rejectionsOf("whole"));
  });

  test("new pixels of a table's row are new, too", async () => {
    const rows = Array.from({ length: 300 }, (_, n) => `${n % 2},${pixels((n % 7) + 1)},Training`);
    const write = (): Promise<void> => writeText("fer2013.csv", ["emotion,pixels,Usage", ...rows, ""].join("\n"));
    await write();
    const source = join(folder, "fer2013.csv");
    await stopEarly("fer2013", source);
    rows[0] = `0,${pixels(9)},Training`;
    await write();
    await importDataset("fer2013", source, out());
    await importDataset("fer2013", source, out("whole"));
    expect(await manifest()).toEqual(await manifest("whole"));
  });

  test("another dataset is never written over, nor one that is not finished", async () => {
    await drawAll(["happy/a.png"]);
    await importDataset("folder", folder, out(), { name: "one" });
    const before = await manifest();
    expect(await codeOf(importDataset("folder", folder, out(), { name: "two" }))).toBe("TF_DATASET_CONFLICT");
    const source = await writeTable("faces.csv", ["happy/a.png,happy"]);
    expect(await codeOf(importDataset("csv", source, out()))).toBe("TF_DATASET_CONFLICT");
    expect(await manifest()).toEqual(before);
    const stop = new AbortController();
    stop.abort();
    expect(await codeOf(importDataset("csv", source, out("begun"), { signal: stop.signal }))).toBe("TF_ABORTED");
    expect(await codeOf(importDataset("folder", folder, out("begun")))).toBe("TF_DATASET_CONFLICT");
  });

  test("the same format from another place is another dataset", async () => {
    await drawAll(["one/happy/a.png", "two/happy/b.png"]);
    await importDataset("folder", join(folder, "one"), out());
    const before = await manifest();
    await expect(importDataset("folder", join(folder, "two"), out())).rejects.toMatchObject({
      code: "TF_DATASET_CONFLICT",
      message: expect.stringContaining(join(folder, "one")),
    });
    expect(await manifest()).toEqual(before);
    // A dataset of a version that did not note its source is told by where its pictures are.
    const info: object = JSON.parse(await readFile(join(out(), "dataset.json"), "utf8"));
    await writeFile(join(out(), "dataset.json"), JSON.stringify({ ...info, source: undefined }));
    expect(await codeOf(importDataset("folder", join(folder, "two"), out()))).toBe("TF_DATASET_CONFLICT");
    expect(await codeOf(importDataset("folder", join(folder, "one"), out()))).toBe("none");
  });

  test("groups, folds and moved faces are not lost by importing again", async () => {
    await drawAll(["p/happy/a.png", "p/happy/b.png"]);
    await importDataset("folder", join(folder, "p"), out());
    await resplitDataset(await openDataset(out()), { folds: 2 });
    const before = await manifest();
    await expect(importDataset("folder", join(folder, "p"), out())).rejects.toMatchObject({
      code: "TF_DATASET_CONFLICT",
      hint: expect.stringContaining("manifest.jsonl"),
    });
    expect(await manifest()).toEqual(before);
    await rm(join(out(), "manifest.jsonl"));
    expect((await importDataset("folder", join(folder, "p"), out())).counts.faces).toBe(2);
  });

  test("faces stay in their splits when more rows are imported", async () => {
    await drawAll(["p/happy/a.png", "p/happy/b.png", "p/happy/c.png", "d.png"]);
    await importDataset("folder", join(folder, "p"), out());
    const lines = (await readFile(join(out(), "manifest.jsonl"), "utf8")).split("\n");
    const old = join(folder, "old.jsonl");
    const moved = lines.map((line) => (line.includes("/b.png") ? line.replace('"split":"train"', '"split":"validation"') : line));
    await writeFile(old, moved.join("\n"));
    await rename(join(folder, "d.png"), join(folder, "p", "happy", "d.png"));
    await rm(join(out(), "manifest.jsonl"));
    await importDataset("folder", join(folder, "p"), out());
    const { counts, kept } = await resplitDataset(await openDataset(out()), { keep: old });
    expect(kept).toEqual({ found: 3, lessProtected: 0 });
    expect(counts).toEqual({ train: 3, validation: 1, test: 0 });
    expect((await resplitDataset(await openDataset(out()), { keep: out() })).moved).toBe(0);
    const other = lines[0]!.replace(/"id":"[^"]*"/, '"id":"x"').replace(/"sha256":"[^"]*"/, '"sha256":"x"');
    await writeFile(old, other);
    expect(await codeOf(resplitDataset(await openDataset(out()), { keep: old }))).toBe("TF_INVALID_ARGUMENT");
    expect(await codeOf(resplitDataset(await openDataset(out()), { keep: join(folder, "gone") }))).toBe("TF_INPUT_NOT_FOUND");
  });

  test("copies and rankings found among other rows are not taken for those of what is imported now", async () => {
    await drawAll(["p/happy/a.png", "p/sad/b.png"]);
    await mkdir(out());
    await writeSuspicions(out(), "of-mine", []);
    await importDataset("folder", join(folder, "p"), out());
    expect(await readSuspicions(out(), "of-mine")).toEqual([]);
    const dataset = await openDataset(out());
    expect((await markDuplicates(dataset)).pairs).toEqual([]);
    const ranked = { id: "folder/happy/a.png", task: "mood", given: "happy", suggested: "sad", flags: [], doubt: 0.9 };
    await writeSuspicions(out(), "mood", [ranked]);
    await importDataset("folder", join(folder, "p"), out());
    expect(await readDuplicates(out())).toEqual([]);
    expect(await readSuspicions(out(), "mood")).toEqual([ranked]);
    await copyFile(join(folder, "p/happy/a.png"), join(folder, "p/sad/c.png"));
    await importDataset("folder", join(folder, "p"), out());
    expect(await readDuplicates(out())).toBeUndefined();
    expect(await readSuspicions(out(), "mood")).toBeUndefined();
    expect((await markDuplicates(dataset)).pairs).toHaveLength(1);
    // The way to more rows where there were copies.
    await rename(join(out(), "manifest.jsonl"), join(folder, "old.jsonl"));
    await importDataset("folder", join(folder, "p"), out());
    expect(await readDuplicates(out())).toBeUndefined();
  });

  test("a damaged dataset.json is named", async () => {
    await drawAll(["happy/a.png"]);
    await mkdir(out());
    await writeFile(join(out(), "dataset.json"), '{ "schema": "tensorface.data');
    await expect(importDataset("folder", folder, out())).rejects.toMatchObject({
      code: "TF_DATASET_INVALID",
      message: expect.stringContaining("dataset.json"),
      hint: expect.stringMatching(/remove/),
    });
  });

  test.each([
    ["folder", { columns: { mood: "feeling" } }, /columns is for csv, imagefolder and label-studio/],
    ["folder", { margin: 0.2 }, /margin is for/],
    ["csv", { testFold: 2 }, /testFold is for adience/],
    ["csv", { frontal: true }, /frontal is for adience/],
    ["csv", { margin: 0.2 }, /margin.*box/],
    ["fairface", { ferPlus: "votes.csv" }, /ferPlus is for fer2013/],
  ] as const)("%s refuses what it would not look at: %j", async (format, options, message) => {
    await drawAll(["happy/a.png"]);
    await writeTable("faces.csv", ["happy/a.png,happy"]);
    await expect(importDataset(format, format === "csv" ? join(folder, "faces.csv") : folder, out(), options)).rejects.toMatchObject({
      code: "TF_INVALID_ARGUMENT",
      message: expect.stringMatching(message),
    });
    expect(existsSync(out())).toBe(false);
  });

  test("an import that breaks off has ended when it says so: nothing of it goes on in a folder that is no longer locked", async () => {
    await drawAll(Array.from({ length: 40 }, (_, n) => `p/happy/${n}.png`));
    let [begun, ended] = [0, 0];
    const inspect: ImportOptions["inspect"] = async () => {
      if (++begun === 2) throw new TensorFaceError("TF_OUTPUT_FULL", "no space left");
      await setTimeout(20);
      ended++;
      return { width: 48, height: 48 };
    };
    expect(await codeOf(importDataset("folder", join(folder, "p"), out(), { inspect, concurrency: 4 }))).toBe("TF_OUTPUT_FULL");
    const known = { begun, ended };
    expect(ended).toBe(begun - 1);
    await setTimeout(100);
    expect({ begun, ended }).toEqual(known);
  });

  test("two processes do not change one folder", async () => {
    const source = await writeTable("faces.csv", ["p/0.png,happy"]);
    await drawAll(["p/0.png"]);
    await importDataset("csv", source, out());
    // The lock of a process that lives: this one's parent.
    await writeFile(join(out(), ".tensorface-lock"), String(process.ppid));
    const dataset = await openDataset(out());
    const busy = { code: "TF_FOLDER_BUSY", message: expect.stringContaining(String(process.ppid)) };
    await expect(importDataset("csv", source, out())).rejects.toMatchObject(busy);
    await expect(markDuplicates(dataset)).rejects.toMatchObject(busy);
    await expect(resplitDataset(dataset, { folds: 2 })).rejects.toMatchObject(busy);
    await expect(writeCleanManifest(dataset, [])).rejects.toMatchObject(busy);
    await expect(removeCleanManifest(dataset)).rejects.toMatchObject(busy);
    // Looking changes nothing.
    expect((await resplitDataset(dataset, { dryRun: true })).moved).toBe(0);
  });

  test("what a killed process left half written is cut off, and the import goes on to the same bytes", async () => {
    const source = await writeTable(
      "faces.csv",
      Array.from({ length: 600 }, (_, n) => `p/${n % 3}.png,${n % 2 === 0 ? "happy" : "sad"}`).map((row, n) => `${row},f${n}`),
    );
    await writeFile(source, (await readFile(source, "utf8")).replace("path,mood", "path,mood,id"));
    await drawAll(["p/0.png", "p/1.png", "p/2.png"]);
    await importDataset("csv", source, out("whole"));
    const stop = new AbortController();
    const stopping = { signal: stop.signal, onProgress: () => stop.abort() };
    expect(await codeOf(importDataset("csv", source, out(), stopping))).toBe("TF_ABORTED");
    const journal = join(out(), ".import", "rows.jsonl");
    const kept = (await readFile(journal, "utf8")).trimEnd().split("\n").length;
    expect(kept).toBe(256);
    await writeFile(journal, '{"n":256,"key":"00","face":{"id":"csv/f2', { flag: "a" });
    // Of a dead process: its number is taken over.
    await writeFile(join(out(), ".tensorface-lock"), "999999999");
    const looked: string[] = [];
    const inspect: ImportOptions["inspect"] = async (_bytes, file) => {
      looked.push(file);
      return { width: 48, height: 48 };
    };
    await importDataset("csv", source, out(), { inspect });
    expect(looked).toHaveLength(600 - kept);
    expect(await manifest()).toEqual(await manifest("whole"));
  });

  test("originals are never written, wherever the copies go", async () => {
    const originals = ["p/0.png", "p/1.png"];
    await drawAll(originals);
    const source = await writeTable("faces.csv", ["p/0.png,happy", "p/1.png,sad"]);
    const before = await Promise.all(originals.map((file) => stat(join(folder, file), { bigint: true })));
    // The output folder is the one with the originals, by another spelling and through a link too.
    await symlink(join(folder, "p"), join(folder, "linked-p"), "junction");
    await mkdir(out("through"));
    await symlink(join(folder, "p"), join(out("through"), "p"), "junction");
    for (const target of [folder, out("through")]) {
      expect((await importDataset("csv", source, target, { copy: true })).counts.faces).toBe(2);
      const after = await Promise.all(originals.map((file) => stat(join(folder, file), { bigint: true })));
      for (const [index, { ino, mtimeNs, size }] of after.entries())
        expect({ ino, mtimeNs, size }).toEqual({ ino: before[index]!.ino, mtimeNs: before[index]!.mtimeNs, size: before[index]!.size });
    }
  });

  test("what a killed import was writing goes when it is gone on with", async () => {
    await drawAll(["p/0.png", "p/1.png"]);
    const source = await writeTable("faces.csv", ["p/0.png,happy", "p/1.png,sad"]);
    await mkdir(join(out(), "p"), { recursive: true });
    const place = JSON.stringify(join(join(out(), "p"), "1.png"));
    const write = `const { openPart } = await import(${JSON.stringify(new URL("../../files/write.node.ts", import.meta.url).href)});`;
    const words = [
      "--input-type=module",
      "--eval",
      `${write} await (await openPart(${place})).write("half"); process.kill(process.pid, "SIGKILL");`,
    ];
    await expect(promisify(execFile)(process.execPath, words)).rejects.toMatchObject({ signal: "SIGKILL" });
    expect(await readdir(join(out(), "p"))).toEqual([expect.stringMatching(/^\.1\.png\..*\.part$/)]);
    await importDataset("csv", source, out(), { copy: true });
    expect((await readdir(join(out(), "p"))).toSorted()).toEqual(["0.png", "1.png"]);
  });

  test("a copy is written below the dataset's folder alone, whatever a table calls its picture", async () => {
    await drawAll(["p/a.png"]);
    const way = `../${basename(folder)}/p/a.png`;
    await writeText("fairface_label_val.csv", `file,age,gender,race\n${way},3-9,Male,Black\np/a.png,3-9,Male,Black\n`);
    const { counts } = await importDataset("fairface", folder, out("made/data"), { copy: true });
    expect(counts).toMatchObject({ faces: 1, rejectionsByReason: { "malformed-row": 1 } });
    expect(await readdir(out("made"))).toEqual(["data"]);
  });

  test("a file of the user's is replaced by no copy, and no other output; a copy of an earlier import is", async () => {
    await drawAll(["p/0.png", "p/1.png"]);
    const source = await writeTable("faces.csv", ["p/0.png,happy", "p/1.png,sad"]);
    await mkdir(out("p"), { recursive: true });
    await mkdir(join(out(), "p"), { recursive: true });
    await writeFile(join(out(), "p/1.png"), "mine");
    const conflict = { code: "TF_DATASET_CONFLICT", message: expect.stringContaining("1.png") };
    await expect(importDataset("csv", source, out(), { copy: true })).rejects.toMatchObject(conflict);
    expect(await readFile(join(out(), "p/1.png"), "utf8")).toBe("mine");
    await rm(join(out(), "p/1.png"));
    await importDataset("csv", source, out(), { copy: true });
    // The source has another picture by the name now.
    await draw(join(folder, "p/1.png"), 77);
    await importDataset("csv", source, out(), { copy: true });
    expect(await readFile(join(out(), "p/1.png"))).toEqual(await readFile(join(folder, "p/1.png")));
    for (const name of ["manifest.jsonl", "manifest.parquet", "rejections.jsonl"]) {
      await writeText(`other/${name}`, "mine");
      await expect(importDataset("csv", source, join(folder, "other"))).rejects.toMatchObject({
        code: "TF_DATASET_CONFLICT",
        message: expect.stringContaining(name),
      });
      expect(await readFile(join(folder, "other", name), "utf8")).toBe("mine");
      await rm(join(folder, "other", name));
    }
  });

  test.skipIf(!existsSync("/dev/full"))("a full disk: a code, what was done is kept, and the same command ends it", async () => {
    const source = await writeTable(
      "faces.csv",
      Array.from({ length: 300 }, (_, n) => `p/${n % 3}.png,happy`),
    );
    await drawAll(["p/0.png", "p/1.png", "p/2.png"]);
    await importDataset("csv", source, out("whole"));
    await mkdir(out());
    // What is written there meets a disk without room.
    await symlink("/dev/full", join(out(), "rejections.jsonl.partial"));
    await expect(importDataset("csv", source, out())).rejects.toMatchObject({
      code: "TF_OUTPUT_FULL",
      hint: expect.stringMatching(/[Ff]ree/),
    });
    expect((await readFile(join(out(), ".import", "rows.jsonl"), "utf8")).trimEnd().split("\n")).toHaveLength(300);
    await rm(join(out(), "rejections.jsonl.partial"), { force: true });
    await importDataset("csv", source, out());
    expect(await manifest()).toEqual(await manifest("whole"));
  });

  test.skipIf(!existsSync("/dev/full")).each(["manifest.jsonl", "rejections.jsonl", "dataset.json"])(
    "a full disk while a grown source is imported again, at %s: the same command ends it",
    async (name) => {
      await drawAll(["p/happy/a.png", "p/happy/b.png", "p/unlabelled.png", "more.png"]);
      await importDataset("folder", join(folder, "p"), out(), { name: "mine" });
      const before = await manifest();
      await rename(join(folder, "more.png"), join(folder, "p/happy/more.png"));
      await importDataset("folder", join(folder, "p"), out("whole"), { name: "mine" });
      await symlink("/dev/full", join(out(), `${name}.partial`));
      expect(await codeOf(importDataset("folder", join(folder, "p"), out(), { name: "mine" }))).toBe("TF_OUTPUT_FULL");
      // Nothing takes a place before all is written; what says how the dataset was made is the last.
      expect(JSON.stringify(await manifest()) === JSON.stringify(before)).toBe(name !== "dataset.json");
      await rm(join(out(), `${name}.partial`), { force: true });
      expect((await importDataset("folder", join(folder, "p"), out(), { name: "mine" })).counts.faces).toBe(3);
      expect(await manifest()).toEqual(await manifest("whole"));
    },
  );

  test.skipIf(!existsSync("/dev/full"))("a manifest that was changed after an import that broke off is not written over", async () => {
    await drawAll(["p/happy/a.png", "p/happy/b.png", "more.png"]);
    await importDataset("folder", join(folder, "p"), out());
    await rename(join(folder, "more.png"), join(folder, "p/happy/more.png"));
    await symlink("/dev/full", join(out(), "dataset.json.partial"));
    expect(await codeOf(importDataset("folder", join(folder, "p"), out()))).toBe("TF_OUTPUT_FULL");
    await rm(join(out(), "dataset.json.partial"), { force: true });
    await resplitDataset(await openDataset(out()), { folds: 2 });
    expect(await codeOf(importDataset("folder", join(folder, "p"), out()))).toBe("TF_DATASET_CONFLICT");
  });

  /** Runs work as somebody who may not read or write what is closed to them: root may do everything. */
  const withoutRights = async (work: () => Promise<void>): Promise<void> => {
    if (process.geteuid?.() !== 0) return work();
    await chmod(folder, 0o755);
    process.seteuid!(65_534);
    try {
      await work();
    } finally {
      process.seteuid!(0);
    }
  };

  test.skipIf(process.platform === "win32")("no permission: to read the source, a picture, or to write", async () => {
    const source = await writeTable("faces.csv", ["p/0.png,happy", "p/1.png,sad"]);
    await drawAll(["p/0.png", "p/1.png"]);
    await mkdir(join(folder, "open"));
    await chmod(join(folder, "open"), 0o777);
    await mkdir(join(folder, "closed"));
    await chmod(join(folder, "closed"), 0o555);
    await chmod(join(folder, "p", "1.png"), 0);
    await withoutRights(async () => {
      await expect(importDataset("csv", source, join(folder, "closed", "out"))).rejects.toMatchObject({
        code: "TF_OUTPUT_UNWRITABLE",
        hint: expect.stringMatching(/permissions/),
      });
      const { counts } = await importDataset("csv", source, join(folder, "open", "out"));
      expect(counts).toMatchObject({ faces: 1, rejectionsByReason: { "unreadable-picture": 1 } });
    });
    await chmod(source, 0);
    await withoutRights(async () => {
      expect(await codeOf(importDataset("csv", source, join(folder, "open", "other")))).toBe("TF_INPUT_UNREADABLE");
    });
  });

  test.skipIf(process.platform === "win32")("pictures that are no regular files, or are too large, are rejected and not read", async () => {
    const endless = ["/dev/zero", join(folder, "pipe"), join(folder, "sparse")];
    await promisify(execFile)("mkfifo", [join(folder, "pipe")]);
    await writeFile(join(folder, "sparse"), "");
    await truncate(join(folder, "sparse"), 2 ** 36);
    await drawAll(["p/happy/a.png"]);
    for (const [index, target] of endless.entries()) await symlink(target, join(folder, `p/happy/${index}.png`));
    const { counts } = await importDataset("folder", join(folder, "p"), out(), { allowMissing: true });
    expect(counts).toMatchObject({ faces: 1, rejectionsByReason: { "unreadable-picture": endless.length } });
  });

  test("a manifest cannot name a picture outside of its folder", async () => {
    await drawAll(["p/happy/a.png", "secret.png"]);
    await importDataset("folder", join(folder, "p"), out());
    const path = join(out(), "manifest.jsonl");
    for (const file of ["../secret.png", "happy/../../secret.png", join(folder, "secret.png")]) {
      await writeFile(path, (await readFile(path, "utf8")).replace(/"file":"[^"]*"/, `"file":${JSON.stringify(file)}`));
      const dataset = await openDataset(out());
      const [record] = await Array.fromAsync(dataset.records());
      expect(() => dataset.picturePath(record!)).toThrow(
        expect.objectContaining({ code: "TF_DATASET_INVALID", message: expect.stringContaining(file) }),
      );
    }
  });

  test.each([
    ["at the end", 'p/0.png,happy\np/1.png,"sad\np/2.png,happy\n', 3],
    ["before very many rows", `p/0.png,happy\np/1.png,"sad\n${"p/2.png,happy\n".repeat(100_000)}`, 3],
    ["in the header", '"p/0.png,happy\n', 2],
    ["in the middle of a cell", 'p/0.png,"sad" or not\n', 2],
  ])("a quote that is not closed, %s, is named with its line", async (_, rows, line) => {
    await writeText("faces.csv", `path,mood\n${rows}`);
    await drawAll(["p/0.png"]);
    await expect(importDataset("csv", join(folder, "faces.csv"), out())).rejects.toMatchObject({
      code: "TF_DATASET_INVALID",
      message: expect.stringContaining(`line ${line}:`),
      hint: expect.stringMatching(/quote/),
    });
  });

  test("of two columns of one name none is taken; where nobody reads them they do no harm", async () => {
    await drawAll(["p/0.png"]);
    await writeText("faces.csv", "path,mood,mood\np/0.png,happy,sad\n");
    await expect(importDataset("csv", join(folder, "faces.csv"), out())).rejects.toMatchObject({
      code: "TF_DATASET_INVALID",
      message: expect.stringContaining('two columns "mood"'),
    });
    await writeText("other.csv", ",path,mood,,\n0,p/0.png,happy,1,2\n");
    expect((await importDataset("csv", join(folder, "other.csv"), out("other"))).counts.faces).toBe(1);
    await writeText("metadata.csv", "file_name,mood,note,note\np/0.png,happy,a,b\n");
    expect((await importDataset("imagefolder", folder, out("hf"))).counts.faces).toBe(1);
    await writeText("metadata.csv", "file_name,mood,mood\np/0.png,happy,sad\n");
    await expect(importDataset("imagefolder", folder, out("hf2"))).rejects.toMatchObject({
      code: "TF_DATASET_INVALID",
      message: expect.stringContaining('two columns "mood"'),
    });
  });

  test("votes of another table are refused", async () => {
    await writeText("fer2013.csv", `emotion,pixels,Usage\n0,${pixels(1)},Training\n`);
    await writeText("fer2013new.csv", `${ferPlusHeader}\nPublicTest,fer0.png,10,0,0,0,0,0,0,0,0,0\n`);
    expect(await codeOf(importDataset("fer2013", join(folder, "fer2013.csv"), out()))).toBe("TF_DATASET_INVALID");
  });
});
