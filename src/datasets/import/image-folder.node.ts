import { join } from "node:path";
import { z } from "zod";
import { TensorFaceError } from "../../core/index.ts";
import { pathInside, pathKind, readNumberedLines, sortedNames } from "../../files/files.node.ts";
import { type AboutLabels, openTasks, readAbout } from "../about-file.node.ts";
import type { TaskRequest } from "../tasks.ts";
import { type BoxedFace, faceRow, hasParts, inTurn } from "./boxes.ts";
import { openTable } from "./csv-rows.node.ts";
import { type NamedFace, settleIds } from "./face-ids.ts";
import {
  chooseColumns,
  chooseOwnColumns,
  knownTextOf,
  labelFields,
  labelsOfWords,
  partOf,
  readLabels,
  type RowColumns,
  textOf,
  withoutGuessedSplit,
} from "./labelled-row.ts";
import { checkNamedColumns, columnsHint, layoutError, requireSource } from "./layout.node.ts";
import { parseSplit } from "./split-words.ts";
import type { DatasetImporter, FormatOptions, OfficialPart, PictureBox, SourceRejection } from "./source-row.ts";

const tableNames = ["metadata.jsonl", "metadata.csv"] as const;
/** Folders below the source in which tables are looked for. */
const deepest = 2;

type Values = Readonly<Record<string, unknown>>;

/** A table of pictures: its folder below the source, `""` for the source itself, and its rows. */
interface Metadata {
  readonly folder: string;
  readonly name: string;
  readonly rows: readonly Values[];
}

const boxSchema = z.tuple([z.number(), z.number(), z.number(), z.number()]);
const categoryFields = ["category", "categories", "label", "labels"] as const;
/** Hugging Face's column for detection: boxes `[x, y, width, height]` in pixels, and what each is; columns, or a list of objects. */
const objectsSchema = z.union([
  z.object({ bbox: z.array(boxSchema) }).catchall(z.unknown()),
  z.array(z.object({ bbox: boxSchema }).catchall(z.unknown())),
]);

/** A box of a picture, and the words of its category. */
interface ObjectRead {
  readonly box: PictureBox;
  readonly words: readonly string[];
}

/** Undefined for what is no list of boxes. */
function readObjects(value: unknown): ObjectRead[] | undefined {
  const { data } = objectsSchema.safeParse(value);
  if (data === undefined) return undefined;
  const field = (from: Values): unknown => categoryFields.map((name) => from[name]).find((each) => each !== undefined);
  const toObject = ([x, y, width, height]: z.infer<typeof boxSchema>, category: unknown): ObjectRead => {
    const words = [category].flat().map(textOf);
    return { box: { x, y, width, height }, words: words.filter((word) => word !== "") };
  };
  if (Array.isArray(data)) return data.map((object) => toObject(object.bbox, field(object)));
  const categories = [field(data)].flat();
  return data.bbox.map((box, index) => toObject(box, categories[index]));
}

async function* findTables(source: string, folder = "", depth = 0): AsyncGenerator<{ folder: string; name: string }> {
  for (const name of tableNames) {
    if ((await pathKind(join(source, folder, name))) === "file") {
      yield { folder, name };
      break;
    }
  }
  if (depth === deepest) return;
  for (const { name, isFolder } of await sortedNames(join(source, folder))) {
    if (isFolder) yield* findTables(source, folder === "" ? name : `${folder}/${name}`, depth + 1);
  }
}

async function readRows(path: string): Promise<Values[]> {
  if (path.endsWith(".csv")) {
    const { headers, rows } = await openTable(path);
    // Spreadsheets leave columns behind that are empty down to their heads.
    const named = headers.filter((header) => header !== "");
    const twice = new Set(named.filter((header, index) => named.indexOf(header) !== index));
    const once = named.filter((header) => !twice.has(header));
    return Array.fromAsync(rows, (row) => {
      const values: Record<string, unknown> = Object.fromEntries(once.map((header) => [header, row.cell(header)]));
      // Which of two columns is meant cannot be told: whoever asks is told so, and nobody else.
      for (const header of twice) Object.defineProperty(values, header, { enumerable: true, get: () => row.cell(header) });
      return values;
    });
  }
  const rows: Values[] = [];
  for await (const { text, number } of readNumberedLines(path)) if (text.trim() !== "") rows.push(parseLine(text, path, number));
  return rows;
}

function parseLine(line: string, path: string, number: number): Values {
  try {
    return z.record(z.string(), z.unknown()).parse(JSON.parse(line));
  } catch (error) {
    throw new TensorFaceError("TF_DATASET_INVALID", `"${path}" line ${number} is no JSON object`, { cause: error });
  }
}

interface Reading {
  readonly source: string;
  readonly columns: RowColumns;
  /** What boxes' categories tell; absent where the rows have labels of their own. */
  readonly boxTask: TaskRequest | undefined;
  readonly name: string;
  readonly margin: number | undefined;
  /** Whether validation pictures are taken out of training ones. */
  readonly carveValidation: boolean;
}

/** The part of a row: what it says, else what a folder above it says. */
function partOfRow(values: Values, folder: string, { columns, carveValidation }: Reading): OfficialPart | undefined | "unknown" {
  const word = splitWord(values, columns);
  if (word !== "") return partOf(word, carveValidation) ?? "unknown";
  const above = folder.split("/").findLast((step) => parseSplit(step) !== undefined);
  return above === undefined ? undefined : partOf(above, carveValidation);
}

function splitWord(values: Values, { known }: RowColumns): string {
  return known.split === undefined ? "" : textOf(values[known.split]);
}

/** The columns, without one that is no word of a part in any row and was only guessed to be. */
function splitColumns(tables: readonly Metadata[], columns: RowColumns, named: FormatOptions["columns"]): RowColumns {
  const hasParts = tables.some(({ rows }) => rows.some((values) => parseSplit(splitWord(values, columns)) !== undefined));
  return { ...columns, known: withoutGuessedSplit(columns.known, named, hasParts) };
}

/** Whether a row's own word or a folder above its table names a validation part. */
function namesValidation({ folder, rows }: Metadata, columns: RowColumns): boolean {
  const words = [...folder.split("/"), ...rows.map((values) => splitWord(values, columns))];
  return words.some((word) => parseSplit(word) === "validation");
}

function* readRow(
  values: Values,
  { folder, name: table }: Metadata,
  number: number,
  reading: Reading,
): Generator<NamedFace | SourceRejection> {
  const { columns, name, source, boxTask } = reading;
  const get = (header: string | undefined): string => (header === undefined ? "" : textOf(values[header]));
  const row = `${folder === "" ? "" : `${folder}/`}${table} row ${number}`;
  const written = get(columns.known.file).replaceAll("\\", "/");
  const below = folder === "" ? written : `${folder}/${written}`;
  const file = pathInside(source, below) ?? below;
  const reject = (reason: SourceRejection["reason"], detail: string): SourceRejection => ({ kind: "rejection", row, file, reason, detail });
  const official = partOfRow(values, folder, reading);
  if (written === "" || official === "unknown") {
    yield reject("malformed-row", written === "" ? "file_name is empty" : `split "${get(columns.known.split)}"`);
    return;
  }
  const subject = knownTextOf(get(columns.known.subject));
  const face = { row, file, subjectId: subject === "" ? undefined : subject, official };
  if (boxTask !== undefined) yield* readBoxes(values["objects"], face, { ...reading, boxTask });
  else {
    const read = readLabels((header) => values[header], columns);
    if ("problem" in read) yield reject(read.reason, read.problem);
    else yield faceRow({ ...face, place: file, given: get(columns.known.id), number: 0, labels: read.labels, notes: read.notes }, name);
  }
}

/** A face for each box of a picture. */
function* readBoxes(
  value: unknown,
  face: Pick<BoxedFace, "row" | "file" | "subjectId" | "official">,
  { boxTask, name, margin }: Reading & { readonly boxTask: TaskRequest },
): Generator<NamedFace | SourceRejection> {
  const { row, file } = face;
  const objects = readObjects(value);
  if (objects === undefined || objects.length === 0) {
    const reason = objects === undefined ? "malformed-row" : "unlabelled";
    yield { kind: "rejection", row, file, reason, detail: objects === undefined ? "objects are no list of boxes" : "no object is listed" };
    return;
  }
  for (const [index, { box, words }] of objects.entries()) {
    const labels = labelsOfWords(words, boxTask);
    const detail = `${boxTask.name} "${words.join(", ")}"`;
    if (labels === undefined) yield { kind: "rejection", row, file, reason: words.length === 0 ? "unlabelled" : "unknown-label", detail };
    else yield faceRow({ ...face, place: `${file}#${index + 1}`, number: index + 1, box, labels }, name, margin);
  }
}

/** What the columns tell: as asked for, else as an export says of itself. */
function whatIsTold(
  headers: readonly string[],
  options: FormatOptions,
  about: AboutLabels | undefined,
): Pick<FormatOptions, "columns" | "tasks"> {
  if (options.tasks !== undefined) return options;
  const headerOf = (task: string): string => about?.columns?.[task] ?? task;
  const tasks = openTasks(about).filter(({ name }) => headers.includes(headerOf(name)));
  return { tasks, columns: { ...about?.columns, ...options.columns } };
}

interface Chosen {
  readonly columns: RowColumns;
  readonly boxTask: TaskRequest | undefined;
  readonly tasks: readonly TaskRequest[];
}

/** @throws {TF_DATASET_LAYOUT} when no column is a label */
function choose(source: string, headers: readonly string[], options: FormatOptions, about: AboutLabels | undefined): Chosen {
  const { columns, tasks = [] } = whatIsTold(headers, options, about);
  const known = chooseColumns(headers, columns);
  const own = chooseOwnColumns(headers, { columns, tasks });
  const found = headers.join(", ");
  const hasBoxes = headers.includes("objects") && ("missing" in own || own.own.length === 0);
  const [boxTask, ...more] = hasBoxes ? tasks : [];
  if (hasBoxes && boxTask !== undefined && more.length === 0) return { columns: { known, own: [] }, boxTask, tasks };
  if ("missing" in own)
    throw layoutError(
      "imagefolder",
      source,
      `a column "${own.missing.name}", or --columns ${own.missing.name}=COLUMN; it has ${found}`,
      columnsHint,
    );
  const isLabelled = own.own.length > 0 || [...labelFields, "age_low" as const].some((field) => known[field] !== undefined);
  if (known.file !== undefined && isLabelled) return { columns: { known, own: own.own }, boxTask: undefined, tasks };
  throw layoutError(
    "imagefolder",
    source,
    `file_name and a label (${labelFields.join(", ")}, or one that --task names) among the columns; it has ${found}`,
    columnsHint,
  );
}

/** Hugging Face's `imagefolder`: pictures with a table `metadata.jsonl` or `metadata.csv` beside them, in a folder for each split or in one. */
export const imageFolderImporter: DatasetImporter = {
  format: "imagefolder",
  title: "pictures with their metadata, as Hugging Face reads them",
  licence: "not stated",
  async open(source, options) {
    const tables: Metadata[] = [];
    if ((await requireSource(source)) === "folder") {
      for await (const { folder, name } of findTables(source))
        tables.push({ folder, name, rows: await readRows(join(source, folder, name)) });
    }
    if (tables.length === 0) {
      throw new TensorFaceError(
        "TF_DATASET_LAYOUT",
        `"${source}" is not an imagefolder dataset: looked for ${tableNames.join(" or ")} in it and its folders`,
        {
          hint: "Where the folders are the labels, import it as folder.",
        },
      );
    }
    const about = await readAbout(source);
    const headers = [...new Set(tables.flatMap(({ rows }) => rows.flatMap((row) => Object.keys(row))))];
    checkNamedColumns("imagefolder", source, headers, options);
    const found = choose(source, headers, options, about);
    const chosen = { ...found, columns: splitColumns(tables, found.columns, options.columns) };
    const hasValidation = tables.some((table) => namesValidation(table, chosen.columns));
    const name = options.name ?? about?.name ?? "imagefolder";
    const reading: Reading = {
      ...chosen,
      source,
      name,
      margin: options.margin,
      carveValidation: about === undefined && !hasValidation,
    };
    const read = tables.flatMap((table) => table.rows.flatMap((values, index) => [...readRow(values, table, index + 1, reading)]));
    const rows = settleIds(read, { name, isExport: about !== undefined, isNamed: options.columns?.["id"] !== undefined });
    return { root: source, about, tasks: chosen.tasks, total: rows.length, ownsPixels: hasParts(rows), rows: inTurn(rows) };
  },
};
