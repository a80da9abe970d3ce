import { rm } from "node:fs/promises";
import { parquetReadObjects, parquetSchema } from "hyparquet";
import { type BasicType, fileWriter, ParquetWriter, schemaFromColumnData } from "hyparquet-writer";
import { z } from "zod";
import { moods, TensorFaceError } from "../core/index.ts";
import { commitPart, hashFile, partialPath, writeFailure } from "../files/files.node.ts";
import { openParquet } from "../files/parquet.node.ts";
import type { ManifestWriter } from "./manifest-writer.ts";
import { type FaceRecord, faceRecordSchema } from "./record.ts";

/** Rows that are held in memory at once. */
const groupLength = 20_000;

type Cell = string | number | undefined;

interface Column {
  readonly name: string;
  readonly type: BasicType;
  readonly read: (record: FaceRecord) => Cell;
}

/** A record as a flat row: nested labels become columns of their own. */
const columns: readonly Column[] = [
  { name: "id", type: "STRING", read: ({ id }) => id },
  { name: "file", type: "STRING", read: ({ file }) => file },
  { name: "sha256", type: "STRING", read: ({ sha256 }) => sha256 },
  { name: "width", type: "INT32", read: ({ width }) => width },
  { name: "height", type: "INT32", read: ({ height }) => height },
  { name: "age_low", type: "INT32", read: ({ labels }) => labels.age?.low },
  { name: "age_high", type: "INT32", read: ({ labels }) => labels.age?.high },
  { name: "age_deviation", type: "DOUBLE", read: ({ labels }) => labels.age?.deviation },
  { name: "gender", type: "STRING", read: ({ labels }) => labels.gender },
  { name: "mood", type: "STRING", read: ({ labels }) => labels.mood },
  ...moods.map((mood, index): Column => ({ name: `votes_${mood}`, type: "DOUBLE", read: ({ labels }) => labels.moodVotes?.[index] })),
  { name: "race", type: "STRING", read: ({ labels }) => labels.race },
  // Own tasks differ from dataset to dataset, and so would columns of them.
  { name: "attributes", type: "STRING", read: ({ labels }) => labels.attributes && JSON.stringify(labels.attributes) },
  { name: "subject_id", type: "STRING", read: ({ subjectId }) => subjectId },
  { name: "group", type: "STRING", read: ({ group }) => group },
  { name: "source", type: "STRING", read: ({ source }) => source },
  { name: "split", type: "STRING", read: ({ split }) => split },
  { name: "official_split", type: "STRING", read: ({ officialSplit }) => officialSplit },
  { name: "fold", type: "INT32", read: ({ fold }) => fold },
];

function columnData(records: readonly FaceRecord[]): { name: string; type: BasicType; data: Cell[] }[] {
  return columns.map(({ name, type, read }) => ({ name, type, data: records.map(read) }));
}

/** Writes a manifest as Parquet, a row group at a time. @throws {TF_OUTPUT_FULL | TF_OUTPUT_UNWRITABLE} */
export async function createParquetManifestWriter(path: string): Promise<ManifestWriter> {
  const partial = partialPath(path);
  const guarded = async <T>(work: () => T | Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      throw writeFailure(error, path);
    }
  };
  const writer = await guarded(
    () =>
      new ParquetWriter({
        writer: fileWriter(partial),
        schema: schemaFromColumnData({ columnData: columnData([]) }),
        createdBy: "tensorface",
      }),
  );
  let held: FaceRecord[] = [];
  const flush = async (): Promise<void> => {
    await writer.write({ columnData: columnData(held), rowGroupSize: groupLength });
    held = [];
  };
  let finished: Promise<string> | undefined;
  const finish = (): Promise<string> =>
    (finished ??= guarded(async () => {
      if (held.length > 0) await flush();
      await writer.finish();
      return hashFile(partial);
    }));
  return {
    async write(record) {
      held.push(record);
      if (held.length >= groupLength) await guarded(flush);
    },
    finish,
    async commit() {
      const sha256 = await finish();
      await guarded(() => commitPart(partial, path));
      return sha256;
    },
    // No file is open between two writes.
    abandon: () => rm(partial, { force: true }),
  };
}

const text = z.string().nullish();
const number = z.number().nullish();
const rowSchema = z.looseObject({
  age_low: number,
  age_high: number,
  age_deviation: number,
  gender: text,
  mood: text,
  race: text,
  attributes: text,
  subject_id: text,
  group: text,
  official_split: text,
  fold: number,
});

/** Leaves out what a row does not have: Parquet says null, a record says nothing. */
function withoutNulls(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null && value !== undefined));
}

function parseRow(value: unknown): FaceRecord {
  const row = rowSchema.parse(value);
  const votes = moods.map((mood) => row[`votes_${mood}`]);
  const age =
    typeof row.age_low === "number" ? withoutNulls({ low: row.age_low, high: row.age_high, deviation: row.age_deviation }) : undefined;
  const moodVotes = votes.every((vote) => typeof vote === "number") ? votes : undefined;
  const attributes: unknown = typeof row.attributes === "string" ? JSON.parse(row.attributes) : undefined;
  const labels = withoutNulls({ age, gender: row.gender, mood: row.mood, moodVotes, race: row.race, attributes });
  const { id, file, sha256, width, height, source, split } = row;
  return faceRecordSchema.parse({
    id,
    file,
    sha256,
    width,
    height,
    labels,
    ...withoutNulls({ subjectId: row.subject_id, group: row.group }),
    source,
    split,
    ...withoutNulls({ officialSplit: row.official_split, fold: row.fold }),
  });
}

/**
 * The records of a Parquet manifest, a row group in memory at a time. Columns that somebody added are left alone.
 * @throws {TF_DATASET_INVALID | TF_INPUT_NOT_FOUND | TF_INPUT_UNREADABLE}
 */
export async function* readParquetManifest(path: string): AsyncGenerator<FaceRecord> {
  const { source, read } = await openParquet(path, "TF_DATASET_INVALID");
  const there = new Set(parquetSchema(source.metadata).children.map(({ element }) => element.name));
  const wanted = columns.map(({ name }) => name).filter((name) => there.has(name));
  let next = 0;
  for (const group of source.metadata.row_groups) {
    const [rowStart, rowEnd] = [next, next + Number(group.num_rows)];
    const rows: unknown[] = await read(async (open) => parquetReadObjects({ ...open, columns: wanted, rowStart, rowEnd }));
    for (const row of rows) yield recordOf(row, path);
    next = rowEnd;
  }
}

function recordOf(row: unknown, path: string): FaceRecord {
  try {
    return parseRow(row);
  } catch (cause) {
    throw new TensorFaceError("TF_DATASET_INVALID", `"${path}" is not a manifest in Parquet`, { cause });
  }
}
