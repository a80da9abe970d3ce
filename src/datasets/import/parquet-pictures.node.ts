import { basename, dirname, join } from "node:path";
import { type KeyValue, parquetReadObjects, parquetSchema, type SchemaTree } from "hyparquet";
import { z } from "zod";
import { hash } from "node:crypto";
import { TensorFaceError } from "../../core/index.ts";
import { sortedNames } from "../../files/files.node.ts";
import { openParquet } from "../../files/parquet.node.ts";
import { sniffPicture } from "../../image/index.ts";
import { readAbout } from "../about-file.node.ts";
import { createPictureNames, type PictureNames, safeName } from "../export/picture-names.ts";
import { notUniqueNote } from "./face-ids.ts";
import { chooseHeaders, type PictureRows, readPictureRow, type RowReading, splitWord, type Values } from "./image-rows.node.ts";
import { type RowColumns, textOf, withoutGuessedSplit } from "./labelled-row.ts";
import { checkNamedColumns, columnsHint, isImport, isParquetName, layoutError } from "./layout.node.ts";
import { parseSplit } from "./split-words.ts";
import type { FormatOptions, OpenSource, SourceFace, SourceRow } from "./source-row.ts";

/** Pictures and labels in Parquet, as Hugging Face keeps datasets: a column of pictures holds the bytes of each file, and its name. */

/** Folders below the source in which files are looked for: a configuration's, and a part's. */
const deepest = 2;
/** Bytes of a row group, unpacked, in the columns that are read: a group is in memory as a whole. */
const largestGroup = 2 ** 31;

/** The Parquet files of a source, relative to it, in a fixed order; none in what an import has written. */
export async function findParquetFiles(source: string, folder = "", depth = 0): Promise<string[]> {
  const found: string[] = [];
  if (await isImport(join(source, folder))) return found;
  for (const { name, isFolder } of await sortedNames(join(source, folder))) {
    const path = folder === "" ? name : `${folder}/${name}`;
    if (isFolder && depth < deepest) found.push(...(await findParquetFiles(source, path, depth + 1)));
    else if (!isFolder && isParquetName(name)) found.push(path);
  }
  return found;
}

/** What a file says of its columns. */
interface Shard extends PictureRows {
  readonly path: string;
  /** The folder of its pictures in the dataset: its own name without what numbers it among others. */
  readonly place: string;
  readonly headers: readonly string[];
  /** Columns that hold files of pictures. */
  readonly pictures: readonly string[];
  readonly rows: number;
  readonly features: Readonly<Record<string, unknown>>;
}

/** What `datasets` writes behind the name of a file of several: `train-00000-of-00002.parquet`, with or without a mark. */
const shardNumber = /-\d{5}-of-\d{5}(-[0-9a-f]+)?$/;

/** The part that a name tells, whole or by one of its words, as Hugging Face reads it. */
function partIn(name: string): string | undefined {
  return [name, ...name.split(/[^A-Za-z0-9]+/)].find((word) => parseSplit(word) !== undefined);
}

async function openShard(root: string, name: string): Promise<Shard> {
  const path = join(root, name);
  const { source } = await openParquet(path, "TF_DATASET_INVALID");
  const { metadata } = source;
  const { children } = parquetSchema(metadata);
  const stem = basename(name)
    .replace(/\.parquet$/i, "")
    .replace(shardNumber, "");
  const folder = dirname(name) === "." ? "" : dirname(name);
  const steps = [...folder.split("/"), /^\d+$/.test(stem) ? "" : stem].filter((step) => step !== "");
  return {
    path,
    folder: "",
    name,
    place: steps.map(safeName).join("/") || "pictures",
    part: steps
      .toReversed()
      .map(partIn)
      .find((part) => part !== undefined),
    headers: children.map(({ element }) => element.name),
    pictures: children.filter((child) => holdsPictures(child)).map(({ element }) => element.name),
    rows: Number(metadata.num_rows),
    features: readFeatures(metadata.key_value_metadata),
  };
}

/** Whether a column is one of pictures as Hugging Face keeps them: the bytes of a file, or its path, or both. */
function holdsPictures({ children }: SchemaTree): boolean {
  const names = new Set(children.map(({ element }) => element.name));
  return names.size === 2 && names.has("bytes") && names.has("path");
}

const record = z.record(z.string(), z.unknown());
const classLabelSchema = z.object({ _type: z.literal("ClassLabel"), names: z.array(z.string()) });

/** What `datasets` says of the columns: of a number that stands for a class its name. */
function readFeatures(notes: readonly KeyValue[] = []): Readonly<Record<string, unknown>> {
  const said = notes.find(({ key }) => key === "huggingface")?.value;
  if (said === undefined) return {};
  try {
    return z.object({ info: z.object({ features: record }) }).parse(JSON.parse(said)).info.features;
  } catch {
    return {};
  }
}

/**
 * A value as a line of JSON would have it: with the names of classes in place of their numbers.
 * @param feature what `datasets` says of it
 */
function plainValue(value: unknown, feature: unknown): unknown {
  const { data: inside } = record.safeParse(Array.isArray(feature) ? { feature: feature[0] } : feature);
  if (Array.isArray(value)) return value.map((each: unknown) => plainValue(each, inside?.["feature"] ?? feature));
  const { data: classes } = classLabelSchema.safeParse(feature);
  // Below 0 there is no label. One that has no name is none either: its number may be another dataset's.
  if (classes !== undefined) return value === null || value === undefined ? undefined : classes.names[Number(value)];
  if (typeof value === "bigint") return Number(value);
  if (value instanceof Uint8Array) return new TextDecoder().decode(value);
  if (typeof value !== "object" || value === null || value instanceof Date) return value;
  const { data: fields = {} } = record.safeParse(inside?.["feature"] ?? feature);
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, plainValue(each, fields[name])]));
}

/** Rows of some columns with their numbers in the file, from 1; a group is in memory at a time. */
async function* readRows(shard: Shard, columns: readonly string[]): AsyncGenerator<{ readonly number: number; readonly row: Values }> {
  const { source, read } = await openParquet(shard.path, "TF_DATASET_INVALID");
  const wanted = columns.filter((name) => shard.headers.includes(name));
  let next = 0;
  for (const group of source.metadata.row_groups) {
    const [rowStart, rowEnd] = [next, next + Number(group.num_rows)];
    const sizes = group.columns.map(({ meta_data: data }) =>
      data !== undefined && wanted.includes(data.path_in_schema[0]!) ? Number(data.total_uncompressed_size) : 0,
    );
    if (sizes.reduce((sum, size) => sum + size, 0) > largestGroup) throw tooLargeGroup(shard.path, rowEnd - rowStart);
    // Bytes that are not said to be text are none: a picture is no text.
    const rows = await read(async (open) => parquetReadObjects({ ...open, columns: wanted, rowStart, rowEnd, utf8: false }));
    for (const row of rows) yield { number: ++next, row };
  }
}

function tooLargeGroup(path: string, rows: number): TensorFaceError {
  return new TensorFaceError(
    "TF_INPUT_TOO_LARGE",
    `"${path}": one row group holds ${rows} rows and more than 2 GiB, which have to be in memory together`,
    {
      hint: "Write it with smaller row groups, in PyArrow with row_group_size=100.",
    },
  );
}

/** @throws {TF_DATASET_LAYOUT} when none or several columns may be meant */
function choosePictures(source: string, shards: readonly Shard[], options: FormatOptions): string | undefined {
  const named = options.columns?.["file"];
  const found = [...new Set(shards.flatMap(({ pictures }) => pictures))];
  if (named !== undefined || found.length < 2) return named ?? found[0];
  throw layoutError("imagefolder", source, `one column of pictures; it has ${found.join(", ")}`, "Say which one: --columns file=COLUMN.");
}

/** What can only be told from all rows: the words of their parts, and whether each id is of one face. */
interface Survey {
  readonly words: ReadonlySet<string>;
  readonly hasUniqueIds: boolean;
}

async function survey(shards: readonly Shard[], columns: RowColumns): Promise<Survey> {
  const { split, id } = columns.known;
  const words = new Set<string>();
  const ids = new Set<number>();
  let named = 0;
  const wanted = [split, id].filter((column) => column !== undefined);
  for (const shard of wanted.length === 0 ? [] : shards) {
    for await (const { row } of readRows(shard, wanted)) {
      const values = labelsOf(row, shard);
      if (split !== undefined) words.add(splitWord(values, columns));
      const given = id === undefined ? "" : textOf(values[id]);
      if (given === "") continue;
      named++;
      // 52 bits of its SHA-256.
      ids.add(Number.parseInt(hash("sha256", given).slice(0, 13), 16));
    }
  }
  return { words, hasUniqueIds: ids.size === named };
}

function labelsOf(row: Values, { features }: Shard): Record<string, unknown> {
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, plainValue(value, features[name])]));
}

interface Reading extends RowReading {
  /** The column of pictures. */
  readonly pictures: string;
  readonly names: PictureNames;
  /** Whether the column of ids tells faces apart. */
  readonly hasIds: boolean;
}

/** A picture of a row: the bytes of its file, or the path of one beside, and how it is called. */
interface HeldPicture {
  readonly bytes: Uint8Array | undefined;
  readonly path: string;
}

const heldSchema = z.object({ bytes: z.instanceof(Uint8Array).nullish(), path: z.string().nullish() });

function heldPicture(value: unknown): HeldPicture {
  if (value instanceof Uint8Array) return { bytes: value, path: "" };
  if (typeof value === "string") return { bytes: undefined, path: value };
  const { bytes, path } = heldSchema.safeParse(value).data ?? {};
  return { bytes: bytes ?? undefined, path: path ?? "" };
}

/** The folders and the name of a picture in the dataset: as its row calls it, else by the row's number. */
function nameOf({ bytes, path }: HeldPicture, number: number): string[] {
  const steps = path.replaceAll("\\", "/").split("/");
  // The place on its maker's disk tells nothing.
  const isElsewhere = /^([A-Za-z]:)?\//.test(steps.join("/")) || steps.includes("..") || path.includes("://");
  const named = (isElsewhere ? steps.slice(-1) : steps).filter((step) => step !== "" && step !== ".");
  return named.length > 0
    ? named.map((step) => safeName(step.replaceAll("\uFFFD", "_")))
    : [`row-${String(number).padStart(7, "0")}${endingOf(bytes)}`];
}

function endingOf(bytes: Uint8Array | undefined): string {
  try {
    return bytes === undefined ? "" : `.${sniffPicture(bytes, "").format.replace("jpeg", "jpg")}`;
  } catch {
    return "";
  }
}

function* readRow(row: Values, shard: Shard, number: number, reading: Reading): Generator<SourceRow> {
  const { pictures, names, name, hasIds } = reading;
  const held = heldPicture(row[pictures]);
  const where = `${shard.name} row ${number}`;
  if (held.path === "" && (held.bytes === undefined || held.bytes.length === 0)) {
    yield { kind: "rejection", row: where, reason: "malformed-row", detail: `the column ${pictures} holds neither a picture nor its path` };
    return;
  }
  const steps = nameOf(held, number);
  const file = names.next([shard.place, ...steps.slice(0, -1)].join("/"), steps.at(-1)!);
  const { [pictures]: _, ...others } = row;
  const values = { ...labelsOf(others, shard), [pictures]: file };
  const above = dirname(shard.name);
  const content = held.bytes === undefined ? { from: above === "." ? held.path : `${above}/${held.path}` } : { bytes: held.bytes };
  for (const read of readPictureRow(values, shard, number, reading)) {
    if (read.kind === "rejection") yield read;
    else {
      const { given, ...face } = read;
      const taken: SourceFace = { ...face, picture: { ...face.picture, ...content } };
      if (given === "" || hasIds) yield given === "" ? taken : { ...taken, id: `${name}/${given}` };
      else yield { ...taken, notes: [...(taken.notes ?? []), notUniqueNote] };
    }
  }
}

async function* readShards(shards: readonly Shard[], reading: Reading): AsyncGenerator<SourceRow> {
  const { known, own } = reading.columns;
  const columns = [reading.pictures, ...Object.values(known), ...own.map(({ header }) => header), ...(reading.boxTask ? ["objects"] : [])];
  for (const shard of shards)
    for await (const { number, row } of readRows(shard, [...new Set(columns)])) yield* readRow(row, shard, number, reading);
}

/**
 * Opens Parquet files of pictures and labels.
 * @param root folder of the files
 * @param files relative to it
 * @param source as the user named it
 * @throws {TF_DATASET_LAYOUT} when there is no column of pictures, or none of labels
 * @throws {TF_DATASET_INVALID} when one is no Parquet file
 */
// oxlint-disable-next-line max-params -- which files, as named by the user, and how they are read
export async function openParquetPictures(
  root: string,
  files: readonly string[],
  source: string,
  options: FormatOptions,
): Promise<OpenSource> {
  const shards = await Promise.all(files.map((file) => openShard(root, file)));
  const about = await readAbout(root);
  const headers = [...new Set(shards.flatMap((shard) => shard.headers))];
  checkNamedColumns("imagefolder", source, headers, options);
  const pictures = choosePictures(source, shards, options);
  if (pictures === undefined)
    throw layoutError("imagefolder", source, `a column of pictures, each with bytes and path; it has ${headers.join(", ")}`, columnsHint);
  const columns = { ...options.columns, file: pictures };
  const chosen = chooseHeaders(source, headers, { ...options, columns }, about);
  const { words, hasUniqueIds } = await survey(shards, chosen.columns);
  const hasParts = [...words].some((word) => parseSplit(word) !== undefined);
  const known = withoutGuessedSplit(chosen.columns.known, options.columns, hasParts);
  const named = [...(known.split === undefined ? [] : words), ...shards.map(({ part = "" }) => part)];
  const reading: Reading = {
    ...chosen,
    columns: { ...chosen.columns, known },
    pictures,
    names: createPictureNames(),
    hasIds: hasUniqueIds || options.columns?.["id"] !== undefined,
    source: root,
    name: options.name ?? about?.name ?? "imagefolder",
    margin: options.margin,
    carveValidation: about === undefined && !named.some((word) => parseSplit(word) === "validation"),
  };
  const total = shards.reduce((sum, { rows }) => sum + rows, 0);
  return { root, about, tasks: chosen.tasks, total, ownsPixels: true, rows: readShards(shards, reading) };
}
