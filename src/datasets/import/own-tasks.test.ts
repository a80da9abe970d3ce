import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import sharp from "sharp";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { ErrorCode } from "../../core/index.ts";
import { openDataset } from "../dataset.node.ts";
import { renderReport } from "../report/report.node.ts";
import { writeCleanManifest } from "../review/decisions.node.ts";
import { createReviewSession } from "../review/session.ts";
import type { TaskRequest } from "../tasks.ts";
import { importDataset, type ImportOptions } from "./import.node.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "tensorface-own-"));
});
afterEach(() => rm(folder, { recursive: true }));

let drawn = 0;
async function draw(...files: string[]): Promise<void> {
  for (const file of files) {
    const path = join(folder, "source", file);
    await mkdir(dirname(path), { recursive: true });
    const shade = drawn++ % 256;
    await writeFile(
      path,
      await sharp({ create: { width: 24, height: 24, channels: 3, background: { r: shade, g: 255 - shade, b: 90 } } })
        .png()
        .toBuffer(),
    );
  }
}
const source = (file = "") => join(folder, "source", file);
const importFolder = (tasks: readonly TaskRequest[] | undefined, options: ImportOptions = {}) =>
  importDataset("folder", source(), join(folder, "out"), { ...options, tasks });
const importTable = async (text: string, tasks: readonly TaskRequest[], options: ImportOptions = {}) => {
  await writeFile(source("t.csv"), text);
  return importDataset("csv", source("t.csv"), join(folder, "out"), { ...options, tasks });
};
const attributes = async () => {
  const records = await Array.fromAsync((await openDataset(join(folder, "out"))).records());
  return Object.fromEntries(records.map(({ file, labels }) => [file, labels.attributes]));
};
const failsWith = (code: ErrorCode, message: RegExp) => expect.objectContaining({ code, message: expect.stringMatching(message) });

describe("folders of classes of the user's own", () => {
  test("are one task with all folders as labels", async () => {
    await draw("glasses/1.png", "glasses/2.png", "none/1.png");
    const info = await importFolder([{ name: "glasses" }]);
    expect(info.tasks).toEqual([{ name: "glasses", kind: "classes", labels: ["glasses", "none"] }]);
    expect(info.counts).toMatchObject({ rows: 3, faces: 3, byLabel: { glasses: { glasses: 2, none: 1 }, mood: {} } });
    expect(await attributes()).toEqual({
      "glasses/1.png": { glasses: "glasses" },
      "glasses/2.png": { glasses: "glasses" },
      "none/1.png": { glasses: "none" },
    });
  });

  test("may be called as a part of the data is, where they hold the pictures themselves", async () => {
    await draw("valid/1.png", "valid/2.png", "invalid/1.png");
    const { counts, tasks } = await importFolder([{ name: "ticket" }]);
    expect(tasks).toEqual([{ name: "ticket", kind: "classes", labels: ["invalid", "valid"] }]);
    expect(counts).toMatchObject({ rows: 3, faces: 3, bySplit: { train: 3 } });
  });

  test("below parts of the data leave no picture out of the counts that stands in a part alone", async () => {
    await draw("train/hat/1.png", "train/none/1.png", "train/3.png", "test/1.png");
    const { counts, tasks } = await importFolder([{ name: "wears" }]);
    expect(tasks).toMatchObject([{ labels: ["hat", "none"] }]);
    expect(counts).toMatchObject({ rows: 4, faces: 2, rejectionsByReason: { unlabelled: 2 } });
  });

  test("that became one since leave the dataset of an earlier import as it is", async () => {
    await draw("glasses/1.png", "none/1.png");
    await importFolder([{ name: "glasses" }]);
    const files = ["dataset.json", "manifest.jsonl", "rejections.jsonl"];
    const contents = async () => Promise.all(files.map(async (name) => readFile(join(folder, "out", name), "utf8")));
    const before = await contents();
    await rm(source("none/1.png"));
    await expect(importFolder([{ name: "glasses" }])).rejects.toThrow(failsWith("TF_DATASET_LABEL_UNKNOWN", /two labels/));
    expect(await contents()).toEqual(before);
    await draw("none/2.png");
    expect((await importFolder([{ name: "glasses" }])).counts.faces).toBe(2);
  });

  test("are asked about where no task is given", async () => {
    await draw("glasses/1.png", "none/1.png");
    await expect(importFolder(undefined)).rejects.toMatchObject({
      code: "TF_DATASET_LABEL_UNKNOWN",
      hint: expect.stringContaining("--task"),
    });
  });

  test("that are bare numbers are classes, a number or years, as they are asked for", async () => {
    await draw("1/a.png", "2/a.png", "10/a.png");
    await expect(importFolder(undefined)).rejects.toThrow(failsWith("TF_DATASET_LABEL_UNKNOWN", /are numbers: 1, 10, 2/));
    expect((await importFolder([{ name: "stars" }])).tasks).toEqual([{ name: "stars", kind: "classes", labels: ["1", "2", "10"] }]);
    await rm(join(folder, "out"), { recursive: true });
    expect((await importFolder([{ name: "rating", kind: "number" }])).tasks).toEqual([{ name: "rating", kind: "number" }]);
    expect(await attributes()).toMatchObject({ "10/a.png": { rating: 10 } });
    await draw("3,5/a.png");
    await importFolder([{ name: "rating", kind: "number" }]);
    expect(await attributes()).toMatchObject({ "3,5/a.png": { rating: 3.5 } });
    await rm(source("3,5"), { recursive: true });
    await rm(join(folder, "out"), { recursive: true });
    expect((await importFolder([{ name: "age" }])).counts.byLabel.age).toEqual({ "0-2": 2, "10-19": 1 });
  });

  test("may be Adience's eight groups in their order, or any that are named in order", async () => {
    await draw("8-12/a.png", "0-2/a.png", "60+/a.png");
    expect((await importFolder([{ name: "age-group", kind: "ordered" }])).tasks?.[0]?.labels).toEqual(["0-2", "8-12", "60+"]);
    await rm(join(folder, "out"), { recursive: true });
    const labels = ["60+", "8-12"];
    const info = await importFolder([{ name: "age-group", kind: "ordered", labels }]);
    expect(info.tasks?.[0]?.labels).toEqual(labels);
    expect(info.counts).toMatchObject({ faces: 2, rejectionsByReason: { "unknown-label": 1 } });
  });

  test("of tags are combinations with a plus between", async () => {
    await draw("hat/1.png", "hat+scarf/1.png", "none/1.png");
    const info = await importFolder([{ name: "wears", kind: "tags" }]);
    expect(info.tasks).toEqual([{ name: "wears", kind: "tags", labels: ["hat", "scarf"] }]);
    expect(info.counts.byLabel["wears"]).toEqual({ hat: 2, scarf: 1 });
    expect(await attributes()).toMatchObject({ "none/1.png": { wears: [] }, "hat+scarf/1.png": { wears: ["hat", "scarf"] } });
  });

  test("may hold sub-folders of one person each, and an empty class is told of", async () => {
    await draw("glasses/ann/1.png", "none/ann/1.png", "none/2.png");
    await mkdir(source("mask"));
    const info = await importFolder([{ name: "wears" }]);
    const records = await Array.fromAsync((await openDataset(join(folder, "out"))).records());
    expect(records.map(({ subjectId }) => subjectId)).toEqual(["ann", undefined, "ann"]);
    expect(info.counts).toMatchObject({ rows: 4, rejectionsByReason: { "empty-class": 1 } });
    expect(info.tasks?.[0]?.labels).toEqual(["glasses", "none"]);
  });

  test("that cannot be one task are refused, and leave no dataset", async () => {
    await draw("Hat/1.png", "hat/2.png");
    await expect(importFolder([{ name: "wears" }])).rejects.toThrow(failsWith("TF_DATASET_LABEL_UNKNOWN", /"Hat" and "hat".*case/));
    await rm(source("Hat"), { recursive: true });
    await expect(importFolder([{ name: "wears" }])).rejects.toThrow(failsWith("TF_DATASET_LABEL_UNKNOWN", /two labels or more, it has 1/));
    await expect(importFolder([{ name: "wears" }])).rejects.toMatchObject({ hint: expect.stringContaining("two classes or more") });
    await expect(openDataset(join(folder, "out"))).rejects.toThrow(failsWith("TF_DATASET_LAYOUT", /no dataset.json/));
    await draw("none/1.png");
    expect((await importFolder([{ name: "wears" }])).counts.faces).toBe(2);
  });

  test("of which none is a label that was asked for are told with those that were", async () => {
    await draw("happy/1.png", "sad/1.png");
    await expect(importFolder([{ name: "smiles", labels: ["smiling", "not"] }])).rejects.toThrow(
      failsWith("TF_DATASET_LABEL_UNKNOWN", /is a label of smiles \(smiling, not\): happy, sad$/),
    );
  });

  test.each<[TaskRequest[], RegExp]>([
    [[{ name: "a b" }], /cannot name a task/],
    [[{ name: "mood", kind: "tags" }], /built in/],
    [[{ name: "wears", labels: ["a", "A"] }], /case/],
    [[{ name: "a" }, { name: "a" }], /stands twice/],
    [[{ name: "a" }, { name: "b" }], /one task/],
  ])("tasks that cannot be are refused: %o", async (tasks, message) => {
    await draw("a/1.png", "b/1.png");
    await expect(importFolder(tasks)).rejects.toThrow(failsWith("TF_INVALID_ARGUMENT", message));
    await expect(importDataset("utkface", source(), join(folder, "out"), { tasks: [{ name: "a" }] })).rejects.toThrow(
      failsWith("TF_INVALID_ARGUMENT", /utkface/),
    );
  });
});

describe("tables of labels of the user's own", () => {
  test("of numbers outside of the bounds that were given are no labels", async () => {
    await draw("1.png", "2.png", "3.png");
    const tasks = [{ name: "rating", kind: "number", minimum: 1, maximum: 10 }] as const;
    const info = await importTable("file,rating\n1.png,10\n2.png,11\n3.png,-1\n", tasks, { allowMissing: true });
    expect(info.counts).toMatchObject({ faces: 1, rejections: 2, rejectionsByReason: { "unknown-label": 2 } });
    expect(await attributes()).toEqual({ "1.png": { rating: 10 } });
  });

  test("take numbers with a decimal comma, which semicolons between the cells tell from thousands", async () => {
    await draw("1.png", "2.png", "3.png", "4.png", "5.png");
    const tasks = [{ name: "rating", kind: "number" }] as const;
    const cells = ["3,5", "-0,125", "1,234", "1.234,5", "7"];
    const table = (between: string): string =>
      `file${between}rating\n${cells.map((cell, index) => `${index + 1}.png${between}"${cell}"\n`).join("")}`;
    await importTable(table(";"), tasks);
    const read = { "1.png": { rating: 3.5 }, "2.png": { rating: -0.125 }, "4.png": { rating: 1234.5 }, "5.png": { rating: 7 } };
    expect(await attributes()).toEqual({ ...read, "3.png": { rating: 1.234 } });
    await rm(join(folder, "out"), { recursive: true });
    for (const between of [",", "\t"]) {
      expect((await importTable(table(between), tasks)).counts.rejectionsByReason).toEqual({ "unknown-label": 1 });
      expect(await attributes()).toEqual(read);
    }
  });

  test("tell a number in a column that is called as a built-in task, where the column is named for it", async () => {
    await draw("1.png", "2.png");
    const tasks = [{ name: "years", kind: "number" }] as const;
    const info = await importTable("file,age\n1.png,31.5\n2.png,4\n", tasks, { columns: { years: "age" } });
    expect(info.counts).toMatchObject({ faces: 2, byLabel: { age: {}, years: { "4": 1, "32": 1 } } });
    expect(await attributes()).toEqual({ "1.png": { years: 31.5 }, "2.png": { years: 4 } });
  });

  test("that are not written as UTF-8 are refused where a cell that counts cannot be read", async () => {
    await draw("1.png", "2.png");
    const tasks = [{ name: "mut" }];
    const write = (text: string): Promise<void> => writeFile(source("t.csv"), Buffer.from(text, "latin1"));
    const importIt = () => importDataset("csv", source("t.csv"), join(folder, "out"), { tasks });
    await write("file;mut\n1.png;müde\n2.png;wach\n");
    await expect(importIt()).rejects.toMatchObject({
      code: "TF_DATASET_INVALID",
      message: expect.stringContaining('t.csv row 1, column "mut"'),
      hint: expect.stringContaining("UTF-8"),
    });
    await write("file;mut;größe\n1.png;tired;1\n2.png;awake;2\n");
    await expect(importIt()).rejects.toMatchObject({ code: "TF_DATASET_INVALID", hint: expect.stringContaining("UTF-8") });
    await write("file;mut;note\n1.png;tired;früh\n2.png;awake;spät\n");
    expect((await importIt()).counts.faces).toBe(2);
  });

  test("of which none is known name some that are not", async () => {
    await draw("1.png", "2.png");
    const tasks = [{ name: "rating", kind: "number" }] as const;
    await expect(importTable("file,rating\n1.png,good\n2.png,bad\n", tasks)).rejects.toThrow(
      failsWith("TF_DATASET_LABEL_UNKNOWN", /none of the 2 rows .*known: rating "good", rating "bad"$/),
    );
  });

  test("tell several tasks beside the built-in ones", async () => {
    await draw("1.png", "2.png", "3.png", "4.png");
    const text = "file,glasses,wears,rating,mood\n1.png,glasses,hat;scarf,7.5,happy\n2.png,none,none,1,\n3.png,,,,sad\n4.png,,,many,\n";
    const info = await importTable(text, [{ name: "glasses" }, { name: "wears", kind: "tags" }, { name: "rating", kind: "number" }]);
    expect(info.counts).toMatchObject({
      faces: 3,
      rejectionsByReason: { "unknown-label": 1 },
      byLabel: { mood: { happy: 1, sad: 1 }, rating: { "1": 1, "7.5": 1 } },
    });
    expect(await attributes()).toEqual({
      "1.png": { glasses: "glasses", wears: ["hat", "scarf"], rating: 7.5 },
      "2.png": { glasses: "none", wears: [], rating: 1 },
      "3.png": undefined,
    });
  });

  test("take a column of another name, or the only one called label", async () => {
    await draw("1.png", "2.png");
    const tasks = [{ name: "glasses" }];
    await importTable("file,label\n1.png,yes\n2.png,no\n", tasks);
    expect(await attributes()).toEqual({ "1.png": { glasses: "yes" }, "2.png": { glasses: "no" } });
    await rm(join(folder, "out"), { recursive: true });
    await importTable("file,Worn\n1.png,yes\n2.png,no\n", tasks, { columns: { glasses: "Worn" } });
    expect(await attributes()).toMatchObject({ "1.png": { glasses: "yes" } });
    await expect(importTable("file,Worn\n1.png,yes\n", tasks)).rejects.toThrow(failsWith("TF_DATASET_LAYOUT", /--columns glasses=COLUMN/));
    await expect(importTable("file,x\n1.png,yes\n", tasks, { columns: { hats: "x" } })).rejects.toThrow(
      failsWith("TF_INVALID_ARGUMENT", /"hats" is not one of/),
    );
  });
});

test.each([false, true])("a dataset of own tasks is reported, reviewed and cleaned (Parquet: %s)", async (parquet) => {
  await draw(...Array.from({ length: 6 }, (_, index) => `${index}.png`));
  const rows = Array.from({ length: 6 }, (_, index) => `${index}.png,${index % 2 === 0 ? "glasses" : "none"},${index},hat`);
  await importTable(
    ["file,glasses,rating,wears", ...rows].join("\n"),
    [{ name: "glasses" }, { name: "rating", kind: "number" }, { name: "wears", kind: "tags" }],
    { parquet },
  );
  const dataset = await openDataset(join(folder, "out"));
  const page = await renderReport(dataset);
  for (const words of ["Faces by glasses", "Numbers", "rating", "glasses, as imported", "wears, as imported"])
    expect(page).toContain(words);

  const records = await Array.fromAsync(dataset.records());
  const suspicion = {
    id: records[0]!.id,
    task: "glasses",
    given: "glasses",
    suggested: "none",
    flags: [],
    doubt: 1,
  };
  const decisions: Parameters<Parameters<typeof createReviewSession>[0]["append"]>[0][] = [];
  const append = async (decision: (typeof decisions)[number]) => void decisions.push(decision);
  const options = {
    dataset: "own",
    task: "glasses",
    tasks: dataset.info.tasks,
    reviewer: "ada",
    records,
    suspicions: [suspicion],
    decisions: [],
    append,
    now: () => new Date(0),
  };
  const session = createReviewSession(options);
  expect(session.state().classes.map(({ label, before }) => [label, before])).toEqual([
    ["glasses", 3],
    ["none", 3],
  ]);
  await expect(session.decide([{ id: suspicion.id, action: "relabel", label: "hat" }])).rejects.toThrow(
    failsWith("TF_INVALID_ARGUMENT", /glasses, none/),
  );
  const state = await session.decide([{ id: suspicion.id, action: "relabel", label: "none" }]);
  expect(state.classes.map(({ after }) => after)).toEqual([2, 4]);
  expect(await writeCleanManifest(dataset, decisions)).toMatchObject({ kept: 6, relabelled: 1 });
  expect(await readFile(join(folder, "out", "manifest.clean.jsonl"), "utf8")).toContain(
    '"attributes":{"glasses":"none","rating":0,"wears":["hat"]}',
  );
});
