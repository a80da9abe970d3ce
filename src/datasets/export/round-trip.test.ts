import { createHash } from "node:crypto";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { foldLabel, genders, isTensorFaceError, moods, type TaskDefinition } from "../../core/index.ts";
import { encode } from "../../image/encode.node.ts";
import { filledImage } from "../../image/index.ts";
import { createTally } from "../counts.ts";
import { type Dataset, openDataset } from "../dataset.node.ts";
import type { DatasetFormat, FaceLabels, FaceRecord } from "../index.ts";
import { importDataset } from "../import/import.node.ts";
import { createManifestWriter } from "../manifest.node.ts";
import { exportDataset } from "./export.node.ts";
import { type ExportFormat, exportFormats } from "./export-format.ts";

/** Any dataset, in every layout, read again: nothing is lost. */

/** More, and others: `ROUND_TRIPS=200 npx vitest run src/datasets/export/round-trip.test.ts`. */
const asked = process.env["ROUND_TRIPS"];
const runs = Number(asked ?? 8);
const seed = asked === undefined ? 7 : undefined;

let root: string;
let count = 0;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "round-trip-"));
});
afterAll(() => rm(root, { recursive: true }));

const oddCharacters = Array.from("ab1 ,;|+\"'\n\t=/#%&<>.-_:\\äßΣ眼🙂");
const text = fc
  .string({ unit: fc.constantFrom(...oddCharacters), minLength: 1, maxLength: 8 })
  .map((value) => value.normalize("NFC").trim())
  .filter((value) => value !== "");
const words = fc.uniqueArray(text, { minLength: 2, maxLength: 4, selector: foldLabel });

const taskNames = ["hat", "Expression", "größe", "label", "image", "objects", "k", "K"];
const task = (name: string): fc.Arbitrary<TaskDefinition> =>
  fc.oneof(
    words.map((labels): TaskDefinition => ({ name, kind: "classes", labels })),
    words.map((labels): TaskDefinition => ({ name, kind: "tags", labels: labels.toSorted() })),
    words.map((labels): TaskDefinition => ({ name, kind: "ordered", labels })),
    fc.constant<TaskDefinition>({ name, kind: "number", minimum: -5, unit: "points" }),
    fc.constant<TaskDefinition>({ name, kind: "number" }),
  );
const tasks = fc.uniqueArray(fc.constantFrom(...taskNames), { maxLength: 3 }).chain((names) => fc.tuple(...names.map(task)));

const number = fc
  .oneof(fc.integer({ min: -5, max: 10 }), fc.double({ noNaN: true, noDefaultInfinity: true, min: -5 }))
  .map((value) => value + 0);
function labelOf({ kind, labels = [] }: TaskDefinition): fc.Arbitrary<string | string[] | number> {
  if (kind === "number") return number;
  return kind === "tags" ? fc.subarray([...labels]) : fc.constantFrom(...labels);
}
function exactAge(low: number, deviation: number | undefined): NonNullable<FaceLabels["age"]> {
  return deviation === undefined ? { low, high: low } : { low, high: low, deviation };
}
const deviations = fc.option(fc.double({ min: 0.01, max: 50, noNaN: true }), { nil: undefined });
const age: fc.Arbitrary<NonNullable<FaceLabels["age"]>> = fc.oneof(
  fc.tuple(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 0, max: 40 })).map(([low, more]) => ({ low, high: low + more })),
  fc.tuple(fc.integer({ min: 0, max: 100 }), deviations).map(([low, deviation]) => exactAge(low, deviation)),
);
const votes: fc.Arbitrary<number[]> = fc.constant([0.5, 0, 0.25, 0, 0, 0, 0.25]);
function labelsOf(own: readonly TaskDefinition[]): fc.Arbitrary<FaceLabels> {
  const each = fc.tuple(...own.map((definition) => fc.option(labelOf(definition), { nil: undefined })));
  const attributes = each.map((labels) =>
    Object.fromEntries(labels.flatMap((label, index) => (label === undefined ? [] : [[own[index]!.name, label]]))),
  );
  return fc
    .record(
      { age, gender: fc.constantFrom(...genders), mood: fc.constantFrom(...moods), moodVotes: votes, race: text, attributes },
      { requiredKeys: [] },
    )
    .map(({ attributes: told, mood, moodVotes, ...labels }): FaceLabels => {
      const given: FaceLabels = labels;
      if (mood !== undefined) given.mood = mood;
      if (mood !== undefined && moodVotes !== undefined) given.moodVotes = moodVotes;
      if (told !== undefined && Object.keys(told).length > 0) given.attributes = told;
      return given;
    })
    .filter((labels) => Object.keys(labels).some((name) => name !== "race"));
}

interface Drawn {
  readonly tasks: readonly TaskDefinition[];
  readonly faces: readonly {
    readonly name: string;
    readonly labels: FaceLabels;
    readonly subject: string | undefined;
    readonly split: FaceRecord["split"];
  }[];
}
const drawn: fc.Arbitrary<Drawn> = tasks.chain((own) =>
  fc.record({
    tasks: fc.constant(own),
    faces: fc.uniqueArray(
      fc.record({
        name: text,
        labels: labelsOf(own),
        subject: fc.option(text, { nil: undefined }),
        split: fc.constantFrom("train", "validation", "test"),
      }),
      { minLength: 1, maxLength: 4, selector: ({ name }) => name },
    ),
  }),
);

/** What a few draws may miss: everything that a record without tasks of its own can tell. */
const example: Drawn = {
  tasks: [],
  faces: [
    {
      name: "guessed",
      labels: {
        age: { low: 33, high: 33, deviation: 4.5 },
        gender: "female",
        mood: "happy",
        moodVotes: [0.5, 0, 0.25, 0, 0, 0, 0.25],
        race: "b",
      },
      subject: "ann",
      split: "train",
    },
    { name: "known", labels: { age: { low: 40, high: 40 } }, subject: undefined, split: "test" },
  ],
};

/** A dataset on the disk. Of the tasks only those that have labels: an import cannot know others. */
async function write({ tasks: own, faces }: Drawn, folder: string): Promise<Dataset> {
  const tally = createTally();
  await mkdir(folder, { recursive: true });
  const writer = await createManifestWriter(join(folder, "manifest.jsonl"));
  const ordered = faces.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  for (const [index, { name, labels, subject, split }] of ordered.entries()) {
    // A letter before it: a step of a path must not be `..`.
    const file = `p/${name
      .split("/")
      .map((step) => `f${step}`)
      .join("/")}.png`;
    const bytes = await encode(filledImage(5, 4, [index * 40, 9, count % 256]), { format: "png" });
    await mkdir(dirname(join(folder, file)), { recursive: true });
    await writeFile(join(folder, file), bytes);
    const record: FaceRecord = {
      id: `mine/${name}`,
      file,
      sha256: createHash("sha256").update(bytes).digest("hex"),
      width: 5,
      height: 4,
      labels,
      ...(subject === undefined ? {} : { subjectId: subject }),
      source: "mine",
      split,
    };
    tally.face(record, []);
    await writer.write(record);
  }
  const manifestSha256 = await writer.commit();
  const counts = tally.counts();
  const info = {
    schema: "tensorface.dataset/1",
    format: "csv",
    title: 'It\'s "mine", all of it',
    licence: "CC BY 4.0",
    root: ".",
    manifest: "manifest.jsonl",
    tasks: own.filter(
      ({ name, labels = [] }) => faces.some((face) => face.labels.attributes?.[name] !== undefined) && (labels.length > 0 || true),
    ),
    manifestSha256,
    command: "drawn",
    options: {},
    versions: {},
    counts,
  };
  await writeFile(join(folder, "dataset.json"), JSON.stringify(info));
  return openDataset(folder);
}

/** What an export in that layout holds, beside the place of the picture. */
function told({ id, sha256, width, height, labels, subjectId, source, split }: FaceRecord, format: ExportFormat, only: string | undefined) {
  const { moodVotes, age: years, ...rest } = labels;
  const kept: FaceLabels = format === "folders" || moodVotes === undefined ? rest : { ...rest, moodVotes };
  if (years !== undefined) kept.age = format === "folders" ? { low: years.low, high: years.high } : years;
  const one = only === undefined ? kept : onlyOf(kept, only);
  return { id: format === "folders" ? undefined : id, sha256, width, height, labels: one, subjectId, source, split };
}

function onlyOf({ age: years, gender, mood, moodVotes, attributes }: FaceLabels, task: string): FaceLabels {
  if (task === "age") return { ...(years && { age: years }) };
  if (task === "gender") return { ...(gender && { gender }) };
  if (task === "mood") return { ...(mood && { mood }), ...(moodVotes && { moodVotes }) };
  const label = attributes?.[task];
  return label === undefined ? {} : { attributes: { [task]: label } };
}

const byPicture = <Face extends { readonly sha256: string }>(faces: readonly Face[]): Face[] =>
  faces.toSorted((a, b) => (a.sha256 < b.sha256 ? -1 : 1));

describe.each(exportFormats)("%s", (format) => {
  test("is read again without loss", async () => {
    let written = 0;
    await fc.assert(
      fc.asyncProperty(drawn, fc.nat(), async (data, choice) => {
        const folder = join(root, String(count++));
        const dataset = await write(data, join(folder, "data"));
        const names = [
          ...["age", "gender", "mood"].filter((name) => data.faces.some((face) => Object.hasOwn(face.labels, name))),
          ...(dataset.info.tasks ?? []).map(({ name }) => name),
        ];
        const only = format === "folders" || format === "coco" ? names[choice % names.length] : undefined;
        const out = join(folder, "out");
        const summary = await exportDataset(dataset, format, out, { task: only }).catch((error: unknown) => {
          if (isTensorFaceError(error, "TF_INVALID_ARGUMENT")) return undefined;
          throw error;
        });
        // Some words fit no folder's name, no cell; that is said, and nothing is written.
        if (summary === undefined) return;
        written++;
        const [importFormat, source] = summary.importArguments ?? [];
        if (importFormat !== undefined) await importDataset(importFormat as DatasetFormat, source!, join(folder, "again"));
        const again = await openDataset(importFormat === undefined ? out : join(folder, "again"));
        const all = await Array.fromAsync(dataset.records());
        const expected = all.map((record) => told(record, format, only)).filter(({ labels }) => Object.keys(labels).length > 0);
        const actual = (await Array.fromAsync(again.records())).map((record) => told(record, format, undefined));
        expect(byPicture(actual)).toEqual(byPicture(expected));
        expect(again.info).toMatchObject({ title: dataset.info.title, licence: dataset.info.licence, counts: { rejections: 0 } });
        const wanted = (dataset.info.tasks ?? []).filter(({ name }) => only === undefined || name === only);
        expect(again.info.tasks ?? []).toEqual(wanted);
      }),
      { numRuns: runs, examples: [[example, 0]], ...(seed === undefined ? {} : { seed }) },
    );
    expect(written).toBeGreaterThan(runs / 10);
  });
});
