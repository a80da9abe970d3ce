import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { decode } from "../../image/decode.node.ts";
import { encode } from "../../image/encode.node.ts";
import { createRasterImage, filledImage } from "../../image/index.ts";
import type { DatasetFormat, FaceRecord } from "../index.ts";
import { importDataset, type ImportOptions } from "./import.node.ts";
import { openDataset } from "../dataset.node.ts";

/** COCO, Hugging Face's imagefolder and Label Studio as others write them; and what these have in common with tables. */

let folder: string;
const at = (name: string): string => join(folder, name);
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "tensorface-layouts-"));
});
afterEach(() => rm(folder, { recursive: true }));

const [width, height] = [20, 10];
/** A picture of four colours: red, green in the upper half, blue and white in the lower one. */
async function draw(...files: readonly string[]): Promise<void> {
  const colours = [
    [255, 0, 0],
    [0, 255, 0],
    [0, 0, 255],
    [255, 255, 255],
  ];
  const data = new Uint8Array(width * height * 3);
  for (let pixel = 0; pixel < width * height; pixel++) {
    const [x, y] = [pixel % width, Math.floor(pixel / width)];
    data.set(colours[(y < 5 ? 0 : 2) + (x < 10 ? 0 : 1)]!, pixel * 3);
  }
  for (const file of files) await put(file, await encode(createRasterImage(width, height, data), { format: "png" }));
}
async function put(file: string, content: string | Uint8Array | object): Promise<void> {
  await mkdir(dirname(at(`source/${file}`)), { recursive: true });
  const isBytes = typeof content === "string" || content instanceof Uint8Array;
  await writeFile(at(`source/${file}`), isBytes ? content : JSON.stringify(content));
}

interface Imported {
  readonly faces: readonly FaceRecord[];
  readonly rejections: readonly { readonly reason: string; readonly detail: string; readonly row: string }[];
  readonly tasks: unknown;
  readonly notes: Readonly<Record<string, number>>;
  /** The one colour of a face's picture; "several" where there are more. */
  readonly colourOf: (face: FaceRecord | undefined) => Promise<string>;
}
async function take(format: DatasetFormat, options: ImportOptions = {}, source = "source"): Promise<Imported> {
  await importDataset(format, at(source), at("data"), options);
  const dataset = await openDataset(at("data"));
  const lines = (await readFile(at("data/rejections.jsonl"), "utf8")).split("\n").filter((line) => line !== "");
  return {
    faces: await Array.fromAsync(dataset.records()),
    rejections: lines.map((line) => JSON.parse(line)),
    tasks: dataset.info.tasks,
    notes: dataset.info.counts.notes,
    async colourOf(face) {
      const { image } = await decode({ path: dataset.picturePath(face!) });
      const pixels = Array.from({ length: image.width * image.height }, (_, pixel) => image.data.slice(pixel * 3, pixel * 3 + 3).join());
      return new Set(pixels).size === 1 ? pixels[0]! : "several";
    },
  };
}
const idsOf = ({ faces }: Imported): string[] => faces.map(({ id }) => id);

describe("coco", () => {
  const image = (id: number, name: string) => ({ id, file_name: name, width, height, license: 1, coco_url: "http://nowhere" });
  const categories = [
    { id: 7, name: "helmet", supercategory: "head" },
    { id: 3, name: "bare", supercategory: "head" },
  ];
  const annotation = (id: number, picture: number, category: number, bbox: readonly number[] | undefined, more: object = {}) => ({
    id,
    image_id: picture,
    category_id: category,
    ...(bbox === undefined ? {} : { bbox, area: 1 }),
    iscrowd: 0,
    segmentation: [[1, 1, 2, 2, 3, 1]],
    ...more,
  });

  test("each box becomes a picture, by split, with any classes", async () => {
    await draw("train2017/a.png", "val2017/b.png");
    await put("annotations/instances_train2017.json", {
      info: {},
      images: [image(1, "a.png")],
      categories,
      annotations: [
        annotation(10, 1, 7, [0, 0, 10, 5]),
        annotation(11, 1, 3, [10, 5, 10, 5]),
        annotation(12, 1, 7, [0, 0, 20, 10], { iscrowd: 1, segmentation: { counts: [1, 2], size: [10, 20] } }),
        annotation(13, 1, 9, [1, 1, 2, 2]),
        annotation(14, 1, 7, [1, 1, 0, 2]),
        annotation(15, 1, 7, [30, 1, 5, 5]),
        annotation(16, 4, 7, [1, 1, 2, 2]),
      ],
    });
    await put("annotations/instances_val2017.json", {
      images: [image(1, "b.png"), image(2, "none.png")],
      categories,
      annotations: [annotation(1, 1, 3, [10, 0, 10, 5])],
    });
    await put("annotations/captions_val2017.json", { images: [], annotations: [{ id: 1, image_id: 1, caption: "a head" }] });
    await put("annotations/person_keypoints_val2017.json", { images: [], annotations: [], categories: [{ id: 1, name: "person" }] });
    const imported = await take("coco", { tasks: [{ name: "gear" }] });
    expect(imported.tasks).toEqual([{ name: "gear", kind: "classes", labels: ["bare", "helmet"] }]);
    expect(idsOf(imported)).toEqual(["coco/train2017/a.png#10", "coco/train2017/a.png#11", "coco/val2017/b.png#1"]);
    expect(imported.faces.map(({ split, labels, width: across }) => [split, labels.attributes?.["gear"], across])).toEqual([
      ["train", "helmet", 10],
      ["train", "bare", 10],
      ["validation", "bare", 10],
    ]);
    expect(await Promise.all(imported.faces.map(imported.colourOf))).toEqual(["255,0,0", "255,255,255", "0,255,0"]);
    const reasons = imported.rejections.map(({ reason, detail }) => `${reason}: ${detail}`).toSorted();
    expect(reasons).toEqual([
      "malformed-row: bbox is no box: x, y, width, height",
      "malformed-row: the box holds nothing of the picture",
      "malformed-row: there is no category 9",
      "malformed-row: there is no image 4",
      "not-a-face: the box holds a crowd",
      "unlabelled: no annotation is of it",
    ]);
  });

  test("a folder for each split, boxes with what is around them, and categories that say what they are", async () => {
    await draw("train/a.png", "valid/b.png");
    const words = [
      { id: 0, name: "happy" },
      { id: 1, name: "sad" },
    ];
    await put("train/_annotations.coco.json", {
      images: [image(0, "a.png")],
      categories: words,
      annotations: [annotation(0, 0, 0, [2, 1, 4, 2])],
    });
    await put("valid/_annotations.coco.json", {
      images: [image(0, "b.png")],
      categories: words,
      annotations: [annotation(0, 0, 1, [12, 6, 4, 2])],
    });
    const imported = await take("coco", { margin: 0.5 });
    expect(imported.faces.map(({ file, width: across, height: down, labels, split }) => [file, across, down, labels, split])).toEqual([
      [expect.stringMatching(/^boxes\/train\/a\.png-0-\w{6}\.png$/), 8, 4, { mood: "happy" }, "train"],
      [expect.stringMatching(/^boxes\/valid\/b\.png-0-\w{6}\.png$/), 8, 4, { mood: "sad" }, "validation"],
    ]);
    expect(await imported.colourOf(imported.faces[1])).toBe("255,255,255");
  });

  test("a box that is annotated twice in the same way is one face, and a file may end in .JSON", async () => {
    await draw("train/a.png");
    const boxes = [annotation(1, 1, 7, [0, 0, 10, 5]), annotation(2, 1, 7, [0, 0, 10, 5])];
    const others = [annotation(3, 1, 7, [10, 5, 10, 5]), annotation(4, 1, 3, [10, 5, 10, 5]), annotation(5, 1, 3, [10, 0, 10, 5])];
    await put("annotations/instances_train.JSON", { images: [image(1, "a.png")], categories, annotations: [...boxes, ...others] });
    const { faces, rejections } = await take("coco", { tasks: [{ name: "gear" }] });
    expect(faces.map(({ id, labels, split }) => [id, labels.attributes?.["gear"], split])).toEqual([
      ["coco/train/a.png#1", "helmet", "train"],
      ["coco/train/a.png#5", "bare", "train"],
    ]);
    expect(rejections.map(({ reason, detail }) => `${reason}: ${detail}`)).toEqual(["unknown-label: helmet, bare"]);
  });

  test("boxes of a picture that was scaled since", async () => {
    await draw("a.png");
    const large = { ...image(1, "a.png"), width: 40, height: 20 };
    const turned = { ...image(2, "a.png"), width: 10, height: 20 };
    await put("all.json", {
      images: [large, turned],
      categories,
      annotations: [annotation(1, 1, 7, [20, 0, 20, 10]), annotation(2, 2, 7, [0, 0, 5, 5])],
    });
    const imported = await take("coco", { tasks: [{ name: "gear" }] }).catch((error: unknown) => error);
    // One class alone is no task.
    expect(imported).toMatchObject({ code: "TF_DATASET_LABEL_UNKNOWN" });
    const again = await take("coco", { tasks: [{ name: "gear", labels: ["helmet", "bare"] }] });
    expect(again.faces).toMatchObject([{ width: 10, height: 5 }]);
    expect(await again.colourOf(again.faces[0])).toBe("0,255,0");
    expect(again.rejections).toMatchObject([
      { reason: "malformed-row", detail: "the boxes are of a picture of 10 x 20, and this one has 20 x 10" },
    ]);
  });

  test("a name or an annotation's id that leads elsewhere writes nothing outside of the dataset's pictures", async () => {
    await draw("images/a.png");
    await put("labels.json", {
      images: [image(1, "../source/images/a.png"), image(2, "images\\a.png")],
      annotations: [
        annotation(1, 1, 7, [0, 0, 10, 5]),
        { ...annotation(2, 2, 3, [10, 0, 10, 5]), id: "/../../../../../elsewhere" },
        { ...annotation(3, 2, 3, [0, 5, 10, 5]), id: "..%2F..\\b" },
      ],
      categories,
    });
    const { faces } = await take("coco", { tasks: [{ name: "hat" }], name: "hats" }, "source/labels.json");
    expect(faces.map(({ file }) => file.replace(/-\w{6}\.png$/, ""))).toEqual([
      "boxes/images/a.png-..%252F..%5Cb",
      "boxes/images/a.png-%2F..%2F..%2F..%2F..%2F..%2Felsewhere",
      "boxes/images/a.png-1",
    ]);
    expect((await readdir(folder)).toSorted()).toEqual(["data", "source"]);
    expect((await readdir(at("data"))).toSorted()).toEqual(["boxes", "dataset.json", "manifest.jsonl", "rejections.jsonl"]);
  });

  test("the id of an attribute that several faces have is none of theirs, and a folder may have the source's name", async () => {
    await draw("a.png", "coco/a.png");
    await put("faces.json", {
      images: [image(1, "a.png"), image(2, "coco/a.png")],
      categories,
      annotations: [
        annotation(1, 1, 7, [0, 0, 10, 5], { attributes: { id: 4 } }),
        annotation(2, 1, 3, [10, 5, 10, 5], { attributes: { id: 4 } }),
        annotation(3, 2, 3, undefined, { attributes: { id: 4 } }),
      ],
    });
    const imported = await take("coco", { tasks: [{ name: "gear" }] }, "source/faces.json");
    expect(idsOf(imported)).toEqual(["coco/a.png#1", "coco/a.png#2", "coco/coco/a.png"]);
    expect(imported.notes).toEqual({ "id-not-unique": 3 });
    expect(imported.rejections).toEqual([]);
  });

  test("pictures of one name in the source's folder and in one of the source's name are two", async () => {
    await draw("a.png", "coco/a.png", "b.png");
    await put("faces.json", {
      images: [image(1, "a.png"), image(2, "coco/a.png"), image(3, "b.png")],
      categories,
      annotations: [
        annotation(1, 1, 7, undefined),
        annotation(2, 2, 3, undefined),
        annotation(3, 3, 3, undefined, { attributes: { id: "coco/b" } }),
      ],
    });
    const imported = await take("coco", { tasks: [{ name: "gear" }] }, "source/faces.json");
    expect(idsOf(imported)).toEqual(["coco/a.png", "coco/coco/a.png", "coco/coco/b"]);
    expect(imported.rejections).toEqual([]);
  });

  /** What an export leaves beside its labels, and the ids of its pictures. */
  const exported = (kind: string) => ({
    schema: "tensorface.labels/1",
    name: "mine",
    title: "heads",
    licence: "not stated",
    tasks: [{ name: "gear", kind, labels: ["helmet", "bare"] }],
  });
  const withId = { attributes: { id: "mine/a" } };
  const exportedImage = { ...image(1, "a.png"), ...withId };

  test("boxes that somebody adds to an export's picture are faces beside the one that was there, copies of its annotation too", async () => {
    await draw("train/a.png");
    await put("tensorface.json", exported("classes"));
    await put("annotations/instances_train.json", {
      images: [exportedImage],
      categories,
      annotations: [
        annotation(1, 1, 7, [0, 0, 20, 10], withId),
        annotation(2, 1, 3, [10, 5, 10, 5]),
        annotation(3, 1, 3, [10, 0, 10, 5], withId),
      ],
    });
    const imported = await take("coco");
    expect(imported.rejections).toEqual([]);
    expect(imported.faces.map(({ id, labels }) => [id, labels.attributes?.["gear"]])).toEqual([
      ["mine/a", "helmet"],
      ["mine/train/a.png#2", "bare"],
      ["mine/train/a.png#3", "bare"],
    ]);
    expect(imported.notes).toEqual({ "id-not-unique": 2 });
  });

  test("a tag that somebody adds to an export's picture is one of its face", async () => {
    await draw("train/a.png");
    await put("tensorface.json", exported("tags"));
    const whole = [0, 0, 20, 10];
    const annotations = [annotation(1, 1, 7, whole, withId), annotation(2, 1, 3, whole)];
    await put("annotations/instances_train.json", { images: [exportedImage], categories, annotations });
    const imported = await take("coco");
    expect(imported.rejections).toEqual([]);
    expect(imported.faces.map(({ id, labels }) => [id, labels.attributes?.["gear"]])).toEqual([["mine/a", ["bare", "helmet"]]]);
  });

  test("what is null is not there", async () => {
    await draw("a.png");
    const empty = { attributes: null, iscrowd: null };
    await put("all.json", {
      images: [{ ...image(1, "a.png"), width: null, height: null, attributes: null }],
      categories,
      annotations: [annotation(1, 1, 7, [0, 0, 10, 5], empty), annotation(2, 1, 3, [10, 5, 10, 5], { ...empty, id: null })],
    });
    const { faces, rejections } = await take("coco", { tasks: [{ name: "gear" }] });
    expect(rejections).toEqual([]);
    expect(faces.map(({ labels }) => labels.attributes?.["gear"])).toEqual(["helmet", "bare"]);
  });

  test("of a file with many problems the first are told, and how many more there are", async () => {
    await put("a.json", { images: Array.from({ length: 500 }, (_, id) => ({ id })), annotations: [], categories });
    const { message } = await take("coco").then(
      () => expect.unreachable(),
      (error: unknown) => Object(error),
    );
    expect(message).toContain("images[0].file_name");
    expect(message).toMatch(/and 495 more$/);
    expect(message.split("\n").length).toBeLessThan(15);
  });

  test("several categories of one box are tags, and a picture without any has none", async () => {
    await draw("images/a.png", "images/b.png");
    await put("labels.json", {
      images: [image(1, "a.png"), image(2, "b.png")],
      categories,
      annotations: [annotation(1, 1, 7, undefined), annotation(2, 1, 3, undefined)],
    });
    const imported = await take("coco", { tasks: [{ name: "gear", kind: "tags" }] });
    expect(imported.faces.map(({ id, labels }) => [id, labels.attributes])).toEqual([
      ["coco/images/a.png", { gear: ["bare", "helmet"] }],
      ["coco/images/b.png", { gear: [] }],
    ]);
    await rm(at("data"), { recursive: true });
    const classes = await take("coco", { tasks: [{ name: "gear", labels: ["helmet", "bare"] }] }).catch((error: unknown) => error);
    expect(classes).toMatchObject({ code: "TF_DATASET_LABEL_UNKNOWN" });
  });

  test.each([
    ["categories that say nothing", { images: [], annotations: [], categories }, "TF_DATASET_LABEL_UNKNOWN", /--task/],
    [
      "numbers",
      {
        images: [],
        annotations: [],
        categories: [
          { id: 1, name: "12" },
          { id: 2, name: "30" },
        ],
      },
      "TF_DATASET_LABEL_UNKNOWN",
      /12, 30/,
    ],
    ["images without names", { images: [{ id: 1 }], annotations: [], categories }, "TF_DATASET_INVALID", /file_name/],
    ["something else", { shapes: [] }, "TF_DATASET_LAYOUT", /annotations/],
    ["no JSON", "images", "TF_DATASET_INVALID", /not JSON/],
  ])("%s: an error", async (_, content, code, message) => {
    await put("a.json", content);
    const error = await take("coco").catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code });
    expect(`${Object(error).message} ${Object(error).hint}`).toMatch(message);
  });
});

describe("imagefolder", () => {
  test("a table beside the pictures, as CSV or JSON lines, with numbers for classes", async () => {
    await draw("train/x/1.png", "train/2.png", "test/3.png");
    // Spreadsheets leave empty columns behind, which have no name.
    await put("train/metadata.csv", 'file_name,label,text,,\nx/1.png,0,"a, b",,\n2.png,1,,,\n9.png,,,,\n');
    await put("test/metadata.jsonl", '{"file_name":"3.png","label":1,"text":null}\n');
    const imported = await take("imagefolder", { tasks: [{ name: "smile" }], validation: 0 });
    expect(imported.faces.map(({ id, labels, split }) => [id, labels.attributes?.["smile"], split])).toEqual([
      ["imagefolder/test/3.png", "1", "test"],
      ["imagefolder/train/2.png", "1", "train"],
      ["imagefolder/train/x/1.png", "0", "train"],
    ]);
    expect(imported.rejections).toMatchObject([{ reason: "unlabelled", row: "train/metadata.csv row 3" }]);
  });

  test("ids that begin anew in each part, or are people's, are none, unless a column is named for them", async () => {
    await draw("train/1.png", "train/2.png", "test/1.png");
    await put("train/metadata.csv", "file_name,id,label\n1.png,1,x\n2.png,2,y\n");
    await put("test/metadata.csv", "file_name,id,label\n1.png,1,x\n");
    const options = { tasks: [{ name: "label" }] };
    const imported = await take("imagefolder", options);
    expect(idsOf(imported)).toEqual(["imagefolder/test/1.png", "imagefolder/train/1.png", "imagefolder/train/2.png"]);
    expect(imported.notes).toEqual({ "id-not-unique": 3 });
    await rm(at("data"), { recursive: true });
    const named = await take("imagefolder", { ...options, columns: { id: "id" } });
    expect(idsOf(named)).toEqual(["imagefolder/1", "imagefolder/2"]);
    expect(named.rejections).toMatchObject([{ reason: "duplicate-id" }]);
    await rm(at("data"), { recursive: true });
    const people = await take("imagefolder", { ...options, columns: { subject: "id" } });
    expect(people.faces.map(({ subjectId }) => subjectId)).toEqual(["1", "1", "2"]);
    expect(people.notes).toEqual({});
  });

  test("lines of blanks between rows are none", async () => {
    await draw("a.png", "b.png");
    await put("metadata.jsonl", '\uFEFF{"file_name": "a.png", "mood": "sad"}\r\n  \r\n{"file_name": "b.png", "mood": "happy"}\r\n\t');
    expect((await take("imagefolder")).faces.map(({ labels }) => labels.mood)).toEqual(["sad", "happy"]);
  });

  test("known names are read without a word", async () => {
    await draw("1.png", "2.png");
    await put(
      "metadata.jsonl",
      '{"file_name":"1.png","age":31,"gender":"F"}\n{"file_name":"2.png","age":"60+","emotion":"joy","split":"val","person_id":4}\n',
    );
    const imported = await take("imagefolder");
    expect(imported.faces.map(({ labels, subjectId }) => [labels, subjectId])).toEqual([
      [{ age: { low: 31, high: 31 }, gender: "female" }, undefined],
      [{ age: { low: 60, high: 100 }, mood: "happy" }, "4"],
    ]);
    expect(imported.faces[1]).toMatchObject({ split: "validation" });
  });

  test.each([
    [
      "columns",
      {
        bbox: [
          [0, 0, 10, 5],
          [10, 0, 10, 5],
        ],
        categories: ["helmet", "bare"],
      },
    ],
    [
      "a list",
      [
        { bbox: [0, 0, 10, 5], category: "helmet" },
        { bbox: [10, 0, 10, 5], category: "bare" },
      ],
    ],
  ])("objects as %s become pictures", async (_, objects) => {
    await draw("train/1.png", "train/2.png");
    await put(
      "train/metadata.jsonl",
      `${JSON.stringify({ file_name: "1.png", objects })}\n${JSON.stringify({ file_name: "2.png", objects: { bbox: [], categories: [] } })}\n`,
    );
    const imported = await take("imagefolder", { tasks: [{ name: "gear" }] });
    expect(imported.faces.map(({ id, labels }) => [id, labels.attributes?.["gear"]])).toEqual([
      ["imagefolder/train/1.png#1", "helmet"],
      ["imagefolder/train/1.png#2", "bare"],
    ]);
    expect(await Promise.all(imported.faces.map(imported.colourOf))).toEqual(["255,0,0", "0,255,0"]);
    expect(imported.rejections).toMatchObject([{ reason: "unlabelled" }]);
  });

  test("a picture that stands in two rows: of equal ids the first stays, with its own picture", async () => {
    await draw("1.png");
    const row = (x: number) =>
      JSON.stringify({ file_name: "1.png", objects: [{ bbox: [x, 0, 10, 5], category: x === 0 ? "helmet" : "bare" }] });
    await put("metadata.jsonl", `${row(0)}\n${row(10)}\n`);
    const imported = await take("imagefolder", { tasks: [{ name: "gear", labels: ["helmet", "bare"] }] });
    expect(imported.faces.map(({ id, labels }) => [id, labels.attributes?.["gear"]])).toEqual([["imagefolder/1.png#1", "helmet"]]);
    expect(await imported.colourOf(imported.faces[0])).toBe("255,0,0");
    expect(imported.rejections).toMatchObject([{ reason: "duplicate-id" }]);
  });

  test.each([
    ["no table", "x.txt", "", "TF_DATASET_LAYOUT", /import it as folder/],
    ["no label", "metadata.jsonl", '{"file_name":"1.png","text":"a"}\n', "TF_DATASET_LAYOUT", /file_name, text/],
    ["a broken line", "metadata.jsonl", '{"file_name":\n', "TF_DATASET_INVALID", /line 1/],
  ])("%s: an error", async (_, name, text, code, message) => {
    await put(name, text);
    const error = await take("imagefolder").catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code });
    expect(`${Object(error).message} ${Object(error).hint}`).toMatch(message);
  });

  test.each([
    ["a column that is not there", { file: "nope" }, "TF_DATASET_LAYOUT", /"nope"/],
    ["a field that is none", { moood: "mood" }, "TF_INVALID_ARGUMENT", /"moood"/],
  ] as const)("%s is named and not passed over", async (_, columns, code, message) => {
    await put("metadata.jsonl", '{"file_name":"1.png","mood":"joy"}\n');
    await expect(take("imagefolder", { columns })).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
  });

  test("a picture outside of the folder is not read", async () => {
    await draw("1.png");
    await writeFile(at("secret.png"), await encode(filledImage(4, 4, [1, 2, 3]), { format: "png" }));
    await put("metadata.jsonl", '{"file_name":"../secret.png","mood":"sad"}\n{"file_name":"1.png","mood":"sad"}\n');
    expect((await take("imagefolder")).rejections).toMatchObject([
      { reason: "malformed-row", detail: "the path leaves the dataset's folder" },
    ]);
  });
});

describe("label-studio", () => {
  const size = { original_width: width, original_height: height, image_rotation: 0 };
  const box = (id: string, x: number, y: number, label: string, more: object = {}) => ({
    id,
    from_name: "face",
    to_name: "image",
    type: "rectanglelabels",
    ...size,
    value: { x, y, width: 50, height: 50, rotation: 0, rectanglelabels: [label], ...more },
  });
  const choice = (name: string, ...choices: string[]) => ({ from_name: name, to_name: "image", type: "choices", value: { choices } });
  const task = (id: number, image: string, ...annotations: readonly object[]) => ({
    id,
    data: { image },
    annotations,
    predictions: [{ model_version: "v1", score: 0.4, result: [box("p", 10, 10, "Face"), choice("hat", "wrong")] }],
  });

  test("regions in percent are cut out, with what is said of each; predictions are no labels", async () => {
    await draw("upload/1/a.png", "b.png");
    const perRegion = (id: string, name: string, value: object, type: string) => ({
      id,
      from_name: name,
      to_name: "image",
      type,
      ...size,
      value: { x: 0, y: 0, width: 50, height: 50, ...value },
    });
    await put("export.json", [
      task(1, "/data/upload/1/a.png", {
        result: [
          box("r1", 0, 0, "Face"),
          perRegion("r1", "hat", { choices: ["cap"] }, "choices"),
          perRegion("r1", "stars", { rating: 4 }, "rating"),
          box("r2", 50, 50, "Face"),
          { ...perRegion("r2", "hat", { x: 50, y: 50, choices: ["none"] }, "choices") },
        ],
      }),
      task(2, "/data/upload/1/0a1b2c3d-b.png", { result: [choice("hat", "none")] }),
      task(3, "/data/local-files/?d=other/b.png"),
      task(4, "/data/local-files/?d=other/b.png", { was_cancelled: true, result: [choice("hat", "cap")] }),
      task(5, "https://example.com/c.png", { result: [choice("hat", "cap")] }),
      task(6, "b.png", { result: [box("r", 0, 0, "Face", { rotation: 12 })] }),
    ]);
    const imported = await take("label-studio", { allowMissing: true });
    expect(imported.tasks).toEqual([
      { name: "hat", kind: "classes", labels: ["cap", "none"] },
      { name: "stars", kind: "number" },
    ]);
    expect(imported.faces.map(({ id, labels }) => [id, labels.attributes])).toEqual([
      ["label-studio/b.png", { hat: "none" }],
      ["label-studio/upload/1/a.png#r1", { hat: "cap", stars: 4 }],
      ["label-studio/upload/1/a.png#r2", { hat: "none" }],
    ]);
    expect(await Promise.all(imported.faces.map(imported.colourOf))).toEqual(["several", "255,0,0", "255,255,255"]);
    expect(imported.rejections.map(({ reason, detail }) => `${reason}: ${detail}`)).toEqual([
      "unlabelled: it is not annotated, or was skipped",
      "unlabelled: it is not annotated, or was skipped",
      "missing-picture: the picture is not on this disk",
      "malformed-row: the box is turned",
    ]);
  });

  test("the true annotation counts, else the latest; several choices are tags; known words are known", async () => {
    await draw("1.png", "2.png");
    await put("tasks.json", [
      task(
        1,
        "1.png",
        { ground_truth: true, result: [choice("wears", "hat", "scarf"), choice("mood", "happy")] },
        { result: [choice("wears", "hat")] },
      ),
      task(
        2,
        "2.png",
        { updated_at: "2026-02-02", result: [choice("wears", "scarf"), choice("mood", "sad")] },
        { updated_at: "2026-01-01", result: [choice("wears", "hat")] },
      ),
    ]);
    const imported = await take("label-studio");
    expect(imported.faces.map(({ labels }) => labels)).toEqual([
      { mood: "happy", attributes: { wears: ["hat", "scarf"] } },
      { mood: "sad", attributes: { wears: ["scarf"] } },
    ]);
  });

  test("a single choice with two answers is no label of its own, and relations are passed over", async () => {
    await draw("1.png", "2.png", "3.png");
    await put("tensorface.json", {
      schema: "tensorface.labels/1",
      name: "mine",
      title: "heads",
      licence: "not stated",
      tasks: [{ name: "hat", kind: "classes", labels: ["cap", "none"] }],
    });
    const related = { from_id: "a", to_id: "b", type: "relation", direction: "right", labels: [] };
    await put("tasks.json", [
      task(1, "1.png", { result: [choice("hat", "cap"), related] }),
      task(2, "2.png", { result: [choice("hat", "cap", "none")] }),
      task(3, "3.png", { result: [choice("hat", "none")], ground_truth: null, updated_at: null, was_cancelled: null }),
    ]);
    const imported = await take("label-studio");
    expect(imported.faces.map(({ id, labels }) => [id, labels.attributes])).toEqual([
      ["mine/1.png", { hat: "cap" }],
      ["mine/3.png", { hat: "none" }],
    ]);
    expect(imported.rejections).toMatchObject([{ reason: "unknown-label", detail: 'hat "cap, none"' }]);
  });

  test.each([
    [
      "a polygon",
      {
        points: [
          [1, 1],
          [50, 1],
          [50, 50],
        ],
      },
    ],
    ["an ellipse", { x: 20, y: 20, radiusX: 5, radiusY: 5, rotation: 0 }],
    ["a point", { x: 20, y: 20, width: 0.5 }],
    ["a brush", { format: "rle", rle: [0, 1] }],
  ])("what is said of %s is not said of the whole picture", async (_, shape) => {
    await draw("1.png", "2.png");
    const region = (id: string, hat: string) => [
      { id, from_name: "where", to_name: "image", type: "polygonlabels", ...size, value: { ...shape, polygonlabels: ["Face"] } },
      { ...choice("hat", hat), id, ...size, value: { ...shape, choices: [hat] } },
    ];
    await put("tasks.json", [
      task(1, "1.png", { result: [...region("a", "cap"), ...region("b", "none")] }),
      task(2, "2.png", { result: [choice("hat", "cap"), ...region("a", "none")] }),
    ]);
    const imported = await take("label-studio", { tasks: [{ name: "hat", labels: ["cap", "none"] }] });
    expect(imported.faces.map(({ id, labels }) => [id, labels.attributes])).toEqual([["label-studio/2.png", { hat: "cap" }]]);
    expect(imported.rejections).toMatchObject([{ reason: "unlabelled", detail: "its labels are of outlines, which are not read" }]);
  });

  test("an id in the data that several pictures have is none of theirs", async () => {
    await draw("1.png", "2.png");
    const of = (id: number, person: string) => {
      const { data, ...rest } = task(id, `${id}.png`, { result: [choice("mood", "happy")] });
      return { ...rest, data: { ...data, id: person } };
    };
    await put("tasks.json", [of(1, "ada"), of(2, "ada")]);
    const imported = await take("label-studio");
    expect(idsOf(imported)).toEqual(["label-studio/1.png", "label-studio/2.png"]);
    expect(imported.notes).toEqual({ "id-not-unique": 2 });
    await rm(at("data"), { recursive: true });
    await put("tasks.json", [of(1, "ada"), of(2, "grace")]);
    expect(idsOf(await take("label-studio"))).toEqual(["label-studio/ada", "label-studio/grace"]);
  });

  test("a picture that stands in two tasks keeps the regions of both", async () => {
    await draw("1.png");
    // More than an import looks at together, so that the second comes when the first is written down.
    const between = Array.from({ length: 300 }, (_, index) => task(index + 2, "1.png"));
    await put("tasks.json", [
      task(1, "1.png", { result: [box("a", 0, 0, "Helmet")] }),
      ...between,
      task(400, "1.png", { result: [box("b", 50, 50, "Bare head")] }),
    ]);
    const imported = await take("label-studio");
    expect(idsOf(imported)).toEqual(["label-studio/1.png#a", "label-studio/1.png#b"]);
    expect(await Promise.all(imported.faces.map(imported.colourOf))).toEqual(["255,0,0", "255,255,255"]);
  });

  test("labels of the boxes are classes where they differ, and a control may have another name than its task", async () => {
    await draw("1.png");
    await put("tasks.json", [task(1, "1.png", { result: [box("a", 0, 0, "Helmet"), box("b", 50, 0, "Bare head")] })]);
    const imported = await take("label-studio", { tasks: [{ name: "gear" }], columns: { gear: "face" } });
    expect(imported.faces.map(({ labels }) => labels.attributes)).toEqual([{ gear: "Helmet" }, { gear: "Bare head" }]);
    await rm(at("data"), { recursive: true });
    expect((await take("label-studio")).tasks).toEqual([{ name: "face", kind: "classes", labels: ["Bare head", "Helmet"] }]);
  });

  test.each([
    ["another kind of export", [{ image: "1.png", choice: "a" }], {}, "TF_DATASET_LAYOUT", /JSON-MIN/],
    ["nothing annotated", [{ data: { image: "1.png" }, annotations: [] }], {}, "TF_DATASET_LABEL_UNKNOWN", /nothing is annotated/],
    [
      "a control that is named and not there",
      [task(1, "1.png", { result: [choice("hat", "a")] })],
      { tasks: [{ name: "hat" }], columns: { hat: "cap" } },
      "TF_DATASET_LAYOUT",
      /"cap"/,
    ],
    [
      "a control that is not there",
      [task(1, "1.png", { result: [choice("hat", "a")] })],
      { tasks: [{ name: "cap" }] },
      "TF_DATASET_LAYOUT",
      /hat/,
    ],
  ])("%s: an error", async (_, content, options, code, message) => {
    await put("tasks.json", content);
    const error = await take("label-studio", options).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code });
    expect(`${Object(error).message} ${Object(error).hint}`).toMatch(message);
  });
});

describe("a column that may name the parts", () => {
  test.each(["csv", "imagefolder"] as const)(
    "of %s tells something else where none of its words is a part, and is asked about by its own name",
    async (format) => {
      await draw("1.png", "2.png", "3.png");
      const write = (header: string, words: readonly string[]) =>
        put(
          format === "csv" ? "faces.csv" : "metadata.csv",
          [`${format === "csv" ? "file" : "file_name"},mood,${header}`, ...words.map((word, n) => `${n + 1}.png,happy,${word}`)].join("\n"),
        );
      const taken = async (options: ImportOptions = {}) => {
        const { faces, rejections } = await take(format, options, format === "csv" ? "source/faces.csv" : "source");
        await rm(at("data"), { recursive: true });
        return [faces.map(({ officialSplit }) => officialSplit), rejections.map(({ detail }) => detail)];
      };
      await write("set", ["left", "right", "left"]);
      expect(await taken()).toEqual([[undefined, undefined, undefined], []]);
      await write("Part", ["test", "right", "train"]);
      expect(await taken()).toEqual([["test", "train"], ['split "right"']]);
      await write("set", ["left", "right", "test"]);
      expect(await taken({ columns: { split: "set" } })).toEqual([["test"], ['split "left"', 'split "right"']]);
      await write("split", ["a", "b", "c"]);
      await expect(take(format, {}, format === "csv" ? "source/faces.csv" : "source")).rejects.toMatchObject({ code: "TF_DATASET_EMPTY" });
    },
  );
});

describe("a validation part", () => {
  interface Row {
    readonly file: string;
    readonly subject: string;
    readonly split: string;
  }
  const layouts: readonly {
    readonly format: DatasetFormat;
    readonly source?: string;
    readonly write: (rows: readonly Row[]) => Promise<void>;
  }[] = [
    {
      format: "csv",
      source: "source/faces.csv",
      write: (rows) =>
        put(
          "faces.csv",
          ["file,mood,subject,split", ...rows.map(({ file, subject, split }) => `${file},happy,${subject},${split}`)].join("\n"),
        ),
    },
    {
      format: "imagefolder",
      write: (rows) =>
        put(
          "metadata.jsonl",
          rows.map(({ file, subject, split }) => JSON.stringify({ file_name: file, mood: "happy", subject, split })).join("\n"),
        ),
    },
    {
      format: "label-studio",
      write: (rows) =>
        put(
          "tasks.json",
          rows.map(({ file: image, subject, split }, index) => ({
            id: index,
            data: { image, subject, split },
            annotations: [{ result: [{ from_name: "mood", to_name: "image", type: "choices", value: { choices: ["happy"] } }] }],
          })),
        ),
    },
  ];
  const rowsWith = (splits: readonly string[]): Row[] =>
    Array.from({ length: 24 }, (_, n) => ({ file: `${n}.png`, subject: `s${n}`, split: splits[n % splits.length]! }));

  test.each(layouts)("is taken from training where a split of $format names none", async ({ format, source, write }) => {
    const rows = rowsWith(["train", "test"]);
    await draw(...rows.map(({ file }) => file));
    await write(rows);
    const { faces } = await take(format, { validation: 0.5 }, source);
    const [trained, tested] = [
      faces.filter((face) => face.officialSplit === "train"),
      faces.filter((face) => face.officialSplit === "test"),
    ];
    expect(new Set(trained.map(({ split }) => split))).toEqual(new Set(["train", "validation"]));
    expect(new Set(tested.map(({ split }) => split))).toEqual(new Set(["test"]));
  });

  test.each(layouts)("of $format's own is all that validates", async ({ format, source, write }) => {
    const rows = rowsWith(["train", "train", "val"]);
    await draw(...rows.map(({ file }) => file));
    await write(rows);
    const { faces } = await take(format, { validation: 0.5 }, source);
    const pairs = new Set(faces.map(({ officialSplit, split }) => `${officialSplit} ${split}`));
    expect(pairs).toEqual(new Set(["train train", "val validation"]));
  });
});

describe("labels that were not written as UTF-8 are refused, in every layout: they would be other ones", () => {
  const latin = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, "latin1"));
  const refused = { code: "TF_DATASET_INVALID", message: expect.stringContaining("cannot be read as text") as string };
  const asked = { tasks: [{ name: "gear" }] };

  test("imagefolder, as a table and as lines", async () => {
    await draw("a.png", "b.png");
    await put("metadata.csv", latin("file_name,gear,note\na.png,Mütze,x\nb.png,bare,x\n"));
    await expect(take("imagefolder", asked)).rejects.toMatchObject(refused);
    await put("metadata.csv", latin("file_name,gear,note\na.png,hat,schön\nb.png,bare,x\n"));
    expect((await take("imagefolder", asked)).faces).toHaveLength(2);
    await rm(at("data"), { recursive: true });
    await rm(at("source/metadata.csv"));
    await put("metadata.jsonl", latin('{"file_name":"a.png","gear":"Mütze"}\n{"file_name":"b.png","gear":"bare"}\n'));
    await expect(take("imagefolder", asked)).rejects.toMatchObject(refused);
  });

  test("coco", async () => {
    await draw("a.png", "b.png");
    const images = ["a", "b"].map((name, index) => ({ id: index, file_name: `${name}.png`, width, height }));
    const categories = ["Mütze", "bare"].map((name, id) => ({ id, name }));
    const annotations = [0, 1].map((id) => ({ id, image_id: id, category_id: id }));
    await put("faces.json", latin(JSON.stringify({ images, categories, annotations })));
    await expect(take("coco", asked, "source/faces.json")).rejects.toMatchObject(refused);
  });

  test("label-studio", async () => {
    await draw("1.png", "2.png");
    const tasks = ["Mütze", "bare"].map((word, index) => ({
      id: index,
      data: { image: `${index + 1}.png` },
      annotations: [{ result: [{ type: "choices", from_name: "gear", to_name: "image", value: { choices: [word] } }] }],
    }));
    await put("tasks.json", latin(JSON.stringify(tasks)));
    await expect(take("label-studio", asked, "source/tasks.json")).rejects.toMatchObject(refused);
  });
});
