import { pathInside } from "../../files/files.node.ts";
import { z } from "zod";
import { type AboutLabels, openTasks } from "../about-file.node.ts";
import type { TaskRequest } from "../tasks.ts";
import { type BoxedFace, faceRow } from "./boxes.ts";
import type { NamedFace } from "./face-ids.ts";
import {
  chooseColumns,
  chooseOwnColumns,
  knownTextOf,
  labelFields,
  labelsOfWords,
  partOf,
  readLabels,
  requireReadable,
  type RowColumns,
  textOf,
} from "./labelled-row.ts";
import { columnsHint, layoutError } from "./layout.node.ts";
import { parseSplit } from "./split-words.ts";
import type { FormatOptions, OfficialPart, PictureBox, SourceRejection } from "./source-row.ts";

/** Rows of pictures and labels as Hugging Face has them, beside the pictures or with them: what their columns tell, and their faces. */

/** A row by its columns. */
export type Values = Readonly<Record<string, unknown>>;

/** Where rows stand: the folder below the source that their pictures' paths are relative to, `""` for the source itself, and the file of the rows. */
export interface PictureRows {
  readonly folder: string;
  readonly name: string;
  /** The part that all of them are of. @default what a folder above says */
  readonly part?: string | undefined;
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

/** How rows are read. */
export interface RowReading {
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
function partOfRow(
  values: Values,
  { folder, part }: PictureRows,
  { columns, carveValidation }: RowReading,
): OfficialPart | undefined | "unknown" {
  const word = splitWord(values, columns);
  if (word !== "") return partOf(word, carveValidation) ?? "unknown";
  const above = part ?? folder.split("/").findLast((step) => parseSplit(step) !== undefined);
  return above === undefined ? undefined : partOf(above, carveValidation);
}

/** A row's own word for its part. */
export function splitWord(values: Values, { known }: RowColumns): string {
  return known.split === undefined ? "" : textOf(values[known.split]);
}

/** The faces of a row, or why it has none. Their ids are those of their places, below the source's name. */
export function* readPictureRow(
  values: Values,
  rows: PictureRows,
  number: number,
  reading: RowReading,
): Generator<NamedFace | SourceRejection> {
  const { columns, name, source, boxTask } = reading;
  const { folder, name: table } = rows;
  const row = `${folder === "" ? "" : `${folder}/`}${table} row ${number}`;
  const valueOf = (header: string): unknown => requireReadable(values[header], `${row}, column "${header}",`);
  const get = (header: string | undefined): string => (header === undefined ? "" : textOf(valueOf(header)));
  const written = get(columns.known.file).replaceAll("\\", "/");
  const below = folder === "" ? written : `${folder}/${written}`;
  const file = pathInside(source, below) ?? below;
  const reject = (reason: SourceRejection["reason"], detail: string): SourceRejection => ({ kind: "rejection", row, file, reason, detail });
  const official = partOfRow(values, rows, reading);
  if (written === "" || official === "unknown") {
    yield reject("malformed-row", written === "" ? "file_name is empty" : `split "${get(columns.known.split)}"`);
    return;
  }
  const subject = knownTextOf(get(columns.known.subject));
  const face = { row, file, subjectId: subject === "" ? undefined : subject, official };
  if (boxTask !== undefined) yield* readBoxes(values["objects"], face, { ...reading, boxTask });
  else {
    const read = readLabels(valueOf, columns);
    if ("problem" in read) yield reject(read.reason, read.problem);
    else yield faceRow({ ...face, place: file, given: get(columns.known.id), number: 0, labels: read.labels, notes: read.notes }, name);
  }
}

/** A face for each box of a picture. */
function* readBoxes(
  value: unknown,
  face: Pick<BoxedFace, "row" | "file" | "subjectId" | "official">,
  { boxTask, name, margin }: RowReading & { readonly boxTask: TaskRequest },
): Generator<NamedFace | SourceRejection> {
  const { row, file } = face;
  const objects = readObjects(value);
  if (objects === undefined || objects.length === 0) {
    const reason = objects === undefined ? "malformed-row" : "unlabelled";
    yield { kind: "rejection", row, file, reason, detail: objects === undefined ? "objects are no list of boxes" : "no object is listed" };
    return;
  }
  for (const [index, { box, words }] of objects.entries()) {
    const labels = labelsOfWords(requireReadable(words, `${row}, objects`), boxTask);
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

/** What the columns tell, as asked for or by their names. @throws {TF_DATASET_LAYOUT} when no column is a label */
export function chooseHeaders(source: string, headers: readonly string[], options: FormatOptions, about: AboutLabels | undefined): Chosen {
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
