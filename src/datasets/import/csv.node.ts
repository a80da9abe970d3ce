import { hash } from "node:crypto";
import { basename, dirname, join } from "node:path";
import { TensorFaceError } from "../../core/index.ts";
import { pathInside, sortedNames } from "../../files/files.node.ts";
import { type AboutLabels, openTasks, readAbout } from "../about-file.node.ts";
import { openTable, type Table, type TableRow } from "./csv-rows.node.ts";
import { analysisFile, analysisMargin, isAnalysisTable, plainName, readAnalyzedFace } from "./analysis-row.ts";
import { faceRow } from "./boxes.ts";
import { notUniqueNote } from "./face-ids.ts";
import {
  chooseColumns,
  chooseOwnColumns,
  type Field,
  knownTextOf,
  labelFields,
  partOf,
  readLabels,
  requireReadable,
  type RowColumns,
  withoutGuessedSplit,
} from "./labelled-row.ts";
import { checkNamedColumns, columnsHint, isParquetName, layoutError, requireSource } from "./layout.node.ts";
import type { Split } from "../record.ts";
import type { DatasetImporter, FormatOptions, SourceRow } from "./source-row.ts";

interface RowReading extends RowColumns {
  /** The folder that files are relative to. */
  readonly root: string;
  /** The source's name in ids. */
  readonly name: string;
  /** How much is taken around a box; absent where the table is no analysis. */
  readonly margin?: number | undefined;
  /** Whether validation pictures are taken out of training ones. */
  readonly carveValidation: boolean;
  /** Whether the column of ids tells faces apart. */
  readonly hasIds: boolean;
}

/** A picture's path in one spelling; "" where there is none. */
function fileOf(cell: string, root: string): string {
  const written = plainName(cell).replaceAll("\\", "/");
  // One that leaves the folder stays as it is written: it is told when its picture is looked for.
  return written === "" ? "" : (pathInside(root, written) ?? written);
}

function readRow(row: TableRow, where: string, reading: RowReading): SourceRow {
  const { known, root, name, margin, carveValidation, hasIds } = reading;
  const cell = (header: string): string => requireReadable(row.cell(header), `${where}, column "${header}",`);
  const get = (field: Field): string => (known[field] === undefined ? "" : cell(known[field]));
  const file = fileOf(get("file"), root);
  if (file === "") return { kind: "rejection", row: where, reason: "malformed-row", detail: `the column ${known.file} is empty` };
  const part = partOf(get("split"), carveValidation);
  if (part === undefined && get("split") !== "") {
    return { kind: "rejection", row: where, file, reason: "malformed-row", detail: `split "${get("split")}"` };
  }
  const place = margin === undefined ? undefined : readAnalyzedFace(row);
  if (place !== undefined && "reason" in place) return { kind: "rejection", row: where, file, ...place };
  const read = readLabels(cell, reading);
  if ("problem" in read) return { kind: "rejection", row: where, file, reason: read.reason, detail: read.problem };
  // With its extension: `1.jpg` and `1.png` are two pictures.
  const inPlace = place?.box === undefined ? file : `${file}#${place.number}`;
  const given = get("id");
  const subject = knownTextOf(get("subject"));
  const { labels } = read;
  const notes = hasIds || given === "" ? read.notes : [...read.notes, notUniqueNote];
  const face = { row: where, file, labels, notes, official: part, subjectId: subject === "" ? undefined : subject };
  const id = (hasIds ? given : "") || inPlace;
  const { given: _, ...taken } = faceRow({ ...face, place: id, number: place?.number ?? 0, box: place?.box }, name, margin);
  return taken;
}

/** 52 bits of a text's SHA-256. */
function markOf(text: string): number {
  return Number.parseInt(hash("sha256", text).slice(0, 13), 16);
}

function countDistinct(marks: readonly number[]): number {
  const sorted = Float64Array.from(marks).toSorted();
  return sorted.filter((mark, index) => mark !== sorted[index - 1]).length;
}

/**
 * Whether each id is of one face: what is called so may be a person's, and all but one of the faces would be lost. Rows are streamed, so the
 * table is read once more; 16 bytes of each are kept.
 */
async function areIdsUnique(source: string, { known, root, margin }: Omit<RowReading, "hasIds">): Promise<boolean> {
  const ids: number[] = [];
  const faces: number[] = [];
  for await (const row of (await openTable(source)).rows) {
    const file = fileOf(row.cell(known.file!), root);
    const place = margin === undefined ? file : `${file}#${row.cell("face")}`;
    const id = row.cell(known.id!) || place;
    ids.push(markOf(id));
    faces.push(markOf(`${id}\n${place}`));
  }
  return countDistinct(ids) === countDistinct(faces);
}

async function* readTable(table: Table, source: string, reading: RowReading): AsyncGenerator<SourceRow> {
  for await (const row of table.rows) yield readRow(row, `${basename(source)} row ${row.number}`, reading);
}

/** The parts that a table's column names. Its rows are streamed, so those up to the first validation row are read twice. */
async function partsIn(source: string, column: string | undefined): Promise<ReadonlySet<Split>> {
  const parts = new Set<Split>();
  if (column === undefined) return parts;
  for await (const row of (await openTable(source)).rows) {
    const part = partOf(row.cell(column));
    if (part !== undefined) parts.add(part.split);
    if (parts.has("validation")) break;
  }
  return parts;
}

/** What the columns tell: as asked for, else as an export says, as far as the table has its columns. */
function whatIsTold(table: Table, options: FormatOptions, about: AboutLabels | undefined): Pick<FormatOptions, "columns" | "tasks"> {
  if (options.tasks !== undefined) return options;
  const headerOf = (task: string): string => about?.columns?.[task] ?? task;
  const tasks = openTasks(about).filter(({ name }) => table.headers.includes(headerOf(name)));
  const named = Object.entries(about?.columns ?? {}).filter(([, header]) => table.headers.includes(header));
  return { tasks, columns: { ...Object.fromEntries(named), ...options.columns } };
}

async function folderInPlaceOfTable(source: string): Promise<Error> {
  const tables = (await sortedNames(source)).filter(({ name, isFolder }) => !isFolder && /\.[ct]sv$/i.test(name));
  const hint =
    tables.length === 0
      ? "Name the table; a folder with a folder for each class is imported as `folder`."
      : `Name the table: ${join(source, tables[0]!.name)}.`;
  return layoutError("csv", source, "a file, not a folder", hint);
}

/**
 * A table of pictures and labels; paths are relative to the table's folder. Of a table that `analyze --format csv` wrote each face becomes a
 * picture of its own.
 */
export const csvImporter: DatasetImporter = {
  format: "csv",
  title: "a table of pictures and labels",
  licence: "not stated",
  async open(source, options) {
    if ((await requireSource(source)) === "folder") throw await folderInPlaceOfTable(source);
    if (isParquetName(source))
      throw layoutError("csv", source, "a table of text", "Pictures and labels in Parquet are imported as imagefolder.");
    const table = await openTable(source);
    for (const header of table.headers) requireReadable(header, `"${source}" has a head that`);
    checkNamedColumns("csv", source, table.headers, options);
    const root = dirname(source);
    const about = await readAbout(root);
    const told = whatIsTold(table, options, about);
    const isAnalysis = isAnalysisTable(table.headers) && told.columns?.["file"] === undefined;
    if (options.margin !== undefined && !isAnalysis)
      throw new TensorFaceError(
        "TF_INVALID_ARGUMENT",
        "margin is what is taken around a box, and only a table that `analyze` wrote has boxes",
      );
    const { tasks, columns } = isAnalysis ? { ...told, columns: { file: analysisFile, ...told.columns } } : told;
    const found = chooseColumns(table.headers, columns);
    const parts = await partsIn(source, found.split);
    const known = withoutGuessedSplit(found, columns, parts.size > 0);
    const chosen = chooseOwnColumns(table.headers, { columns, tasks });
    if ("missing" in chosen) {
      const { name } = chosen.missing;
      throw layoutError("csv", source, `a column "${name}", or --columns ${name}=COLUMN; it has ${table.headers.join(", ")}`, columnsHint);
    }
    const hasLabels = chosen.own.length > 0 || [...labelFields, "age_low" as const].some((field) => known[field] !== undefined);
    if (known.file === undefined || !hasLabels) {
      throw layoutError(
        "csv",
        source,
        `columns for the file and a label (${labelFields.join(", ")}, or one that --task names); it has ${table.headers.join(", ")}`,
        columnsHint,
      );
    }
    const name = options.name ?? about?.name ?? "csv";
    const margin = isAnalysis ? (options.margin ?? analysisMargin) : undefined;
    // The splits of an export are what they were in its dataset.
    const carveValidation = about === undefined && known.split !== undefined && !parts.has("validation");
    const reading = { known, own: chosen.own, hasDecimalComma: table.hasSemicolons, root, name, margin, carveValidation };
    const isGuessed = known.id !== undefined && columns?.["id"] === undefined && about === undefined;
    const hasIds = !isGuessed || (await areIdsUnique(source, reading));
    const rows = readTable(table, source, { ...reading, hasIds });
    return { root, about, tasks, ownsPixels: isAnalysis, rows };
  },
};
