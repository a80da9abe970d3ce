import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { SchemaElement } from "hyparquet";
import { parquetWriteFile } from "hyparquet-writer/src/node.js";
import { afterEach, beforeEach, expect, test } from "vitest";
import { encode } from "../../image/encode.node.ts";
import { createRasterImage } from "../../image/index.ts";
import { openDataset } from "../dataset.node.ts";
import type { FaceRecord } from "../record.ts";
import { importDataset, type ImportOptions } from "./import.node.ts";

let folder: string;
const at = (name: string): string => join(folder, name);
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "tensorface-parquet-pictures-"));
});
afterEach(() => rm(folder, { recursive: true }));

async function draw(red: number, width = 12, format: "png" | "jpeg" = "png"): Promise<Uint8Array> {
  const data = new Uint8Array(width * 10 * 3);
  for (let index = 0; index < data.length; index += 3) data.set([red, index % 251, 90], index);
  return encode(createRasterImage(width, 10, data), { format });
}

type Held = { readonly bytes: Uint8Array | null; readonly path: string | null } | null;
interface Columns {
  readonly image: readonly Held[];
  readonly [label: string]: readonly unknown[];
}

const pictureColumn = (name: string): SchemaElement[] => [
  { name, repetition_type: "OPTIONAL", num_children: 2 },
  { name: "bytes", type: "BYTE_ARRAY", repetition_type: "OPTIONAL" },
  { name: "path", type: "BYTE_ARRAY", converted_type: "UTF8", repetition_type: "OPTIONAL" },
];

/** As `datasets` writes it: what the columns are stands behind the rows. */
async function write(file: string, columns: Columns, features: object = {}, rowGroupSize = 2): Promise<void> {
  await mkdir(dirname(at(`source/${file}`)), { recursive: true });
  const labels = Object.keys(columns).filter((name) => name !== "image");
  const isText = (name: string): boolean => columns[name]!.some((value) => typeof value === "string");
  const schema: SchemaElement[] = [
    { name: "root", num_children: labels.length + 1 },
    ...pictureColumn("image"),
    ...labels.map((name): SchemaElement =>
      isText(name)
        ? { name, type: "BYTE_ARRAY", converted_type: "UTF8", repetition_type: "OPTIONAL" }
        : { name, type: "INT64", repetition_type: "OPTIONAL" },
    ),
  ];
  parquetWriteFile({
    filename: at(`source/${file}`),
    schema,
    columnData: ["image", ...labels].map((name) => ({
      name,
      data: columns[name]!.map((value) => (typeof value === "number" ? BigInt(value) : value)),
    })),
    rowGroupSize,
    kvMetadata: [{ key: "huggingface", value: JSON.stringify({ info: { features } }) }],
  });
}

async function take(options: ImportOptions = {}, source = "source") {
  const info = await importDataset("imagefolder", at(source), at("data"), options);
  const dataset = await openDataset(at("data"));
  const lines = (await readFile(at("data/rejections.jsonl"), "utf8")).split("\n").filter((line) => line !== "");
  return {
    info,
    faces: await Array.fromAsync(dataset.records()),
    rejections: lines.map((line): { reason: string; row: string; detail: string } => JSON.parse(line)),
    bytesOf: async (face: FaceRecord | undefined) => new Uint8Array(await readFile(dataset.picturePath(face!))),
  };
}

const gear = { gear: { names: ["none worn", "glasses", "hat"], _type: "ClassLabel" }, image: { _type: "Image" } };
const asked: ImportOptions = { tasks: [{ name: "gear" }] };

test("pictures and the names of their classes are taken out, byte by byte, and parts are those of the files", async () => {
  const [one, two, three, four, five] = await Promise.all([1, 2, 3, 4, 5].map((red) => draw(red * 40)));
  const held = (bytes: Uint8Array | undefined, path: string): Held => ({ bytes: bytes!, path });
  await write(
    "data/train-00000-of-00002.parquet",
    { image: [held(one, "a.png"), held(two, "b.png"), held(three, "c.png")], gear: [1, 0, 2] },
    gear,
  );
  await write("data/train-00001-of-00002-0123456789abcdef.parquet", { image: [held(four, "a.png")], gear: [2] }, gear);
  await write("data/test-00000-of-00001.parquet", { image: [held(five, "sub/a.png")], gear: [0] }, gear);
  const { faces, rejections, info, bytesOf } = await take(asked);
  expect(rejections).toEqual([]);
  expect(faces.map(({ id, labels, split }) => [id, labels.attributes?.["gear"], split])).toEqual([
    ["imagefolder/data/test/sub/a.png", "none worn", "test"],
    ["imagefolder/data/train/a-2.png", "hat", expect.stringMatching(/^(train|validation)$/)],
    ["imagefolder/data/train/a.png", "glasses", expect.stringMatching(/^(train|validation)$/)],
    ["imagefolder/data/train/b.png", "none worn", expect.stringMatching(/^(train|validation)$/)],
    ["imagefolder/data/train/c.png", "hat", expect.stringMatching(/^(train|validation)$/)],
  ]);
  expect(await Promise.all(faces.map((face) => bytesOf(face)))).toEqual(
    [five, four, one, two, three].map((bytes) => new Uint8Array(bytes!)),
  );
  expect(info.tasks).toEqual([{ name: "gear", kind: "classes", labels: ["glasses", "hat", "none worn"] }]);
  expect(info.root).toBe(".");
});

test("a picture that is damaged, missing or without a label is told by its row, and no other is lost", async () => {
  const whole = await draw(200, 12, "jpeg");
  const image: Held[] = [
    { bytes: whole, path: null },
    { bytes: whole.slice(0, whole.length / 2), path: "half.jpg" },
    { bytes: new Uint8Array([1, 2, 3]), path: "none.jpg" },
    null,
    { bytes: null, path: null },
    { bytes: null, path: "beside.png" },
    { bytes: await draw(10), path: "/home/somebody/../x.png" },
    { bytes: await draw(20), path: "unlabelled.png" },
    { bytes: await draw(30), path: "unnamed.png" },
  ];
  await write("faces.parquet", { image, gear: [1, 1, 1, 1, 1, 1, 2, -1, 7] }, gear, 4);
  await writeFile(at("source/beside.png"), await draw(40));
  const { faces, rejections } = await take(asked, "source/faces.parquet");
  expect(faces.map(({ file, labels }) => [file, labels.attributes?.["gear"]])).toEqual([
    ["faces/beside.png", "glasses"],
    ["faces/row-0000001.jpg", "glasses"],
    ["faces/x.png", "hat"],
  ]);
  expect(rejections.map(({ row, reason }) => `${row}: ${reason}`).toSorted()).toEqual([
    "faces.parquet row 2: unreadable-picture",
    "faces.parquet row 3: unreadable-picture",
    "faces.parquet row 4: malformed-row",
    "faces.parquet row 5: malformed-row",
    "faces.parquet row 8: unlabelled",
    "faces.parquet row 9: unlabelled",
  ]);
});

test("columns that are known tell age, gender, mood and people; a column id that is none is told", async () => {
  const image = await Promise.all([1, 2, 3].map(async (red): Promise<Held> => ({ bytes: await draw(red), path: `${red}.png` })));
  const columns = { image, id: ["ada", "ada", "bob"], gender: ["female", "f", "male"], age: [30, 31, 8], split: ["train", "val", "test"] };
  await write("people.parquet", columns);
  const { faces, info } = await take({}, "source/people.parquet");
  expect(faces.map(({ labels, split }) => [labels, split])).toEqual([
    [{ age: { low: 30, high: 30 }, gender: "female" }, "train"],
    [{ age: { low: 31, high: 31 }, gender: "female" }, "validation"],
    [{ age: { low: 8, high: 8 }, gender: "male" }, "test"],
  ]);
  expect(info.counts.notes).toEqual({ "id-not-unique": 3 });
  await rm(at("data"), { recursive: true });
  const people = await take({ columns: { subject: "id" } }, "source/people.parquet");
  expect(people.faces.map(({ subjectId }) => subjectId)).toEqual(["ada", "ada", "bob"]);
});

test("without a column of pictures or of labels it is said what there is", async () => {
  await write("faces.parquet", { image: [{ bytes: await draw(1), path: "a.png" }], gear: [1] });
  await expect(take({}, "source/faces.parquet")).rejects.toMatchObject({ code: "TF_DATASET_LAYOUT" });
  parquetWriteFile({ filename: at("source/table.parquet"), columnData: [{ name: "gear", data: ["hat"], type: "STRING" }] });
  await expect(take(asked, "source/table.parquet")).rejects.toThrow(/a column of pictures, each with bytes and path; it has gear/);
  await expect(importDataset("csv", at("source/table.parquet"), at("data"), asked)).rejects.toMatchObject({
    hint: expect.stringContaining("imported as imagefolder") as string,
  });
});
