import { basename, dirname } from "node:path";
import { foldLabel, isBuiltInTask, TensorFaceError } from "../../core/index.ts";
import type { AttributeLabel, FaceLabels } from "../record.ts";
import type { TaskRequest } from "../tasks.ts";
import { parseAge, parseGender, parseMood, restoreSpreadsheetRange } from "../label-words.ts";
import { openTable, type Table, type TableRow } from "./csv-rows.node.ts";
import { parseSplit } from "./folder.node.ts";
import { pathInside } from "../../files/files.node.ts";
import { layoutError, requireSource } from "./layout.node.ts";
import { parseOwnLabel } from "./own-label.ts";
import type { DatasetImporter, FormatOptions, OfficialPart, SourceRow } from "./source-row.ts";
import { knownHeaders, tagSeparators } from "./table-words.ts";

type Field = keyof typeof knownHeaders;
const fields = ["file", "id", "age", "gender", "mood", "race", "subject", "split"] as const satisfies readonly Field[];
const labelFields = ["age", "gender", "mood"] as const;
/** Headers of the one label of a table that is about one task of the user's own. */
const ownHeaders: readonly string[] = ["label", "labels", "class", "category", "target", "value"];
type Columns = Readonly<Partial<Record<Field, string>>>;

/** A task that is not built in, and the column that tells it. */
interface OwnColumn {
  readonly task: TaskRequest;
  readonly header: string;
}

function checkNamedColumns(table: Table, { columns, tasks = [] }: FormatOptions, source: string): void {
  const known = [...fields, ...tasks.map(({ name }) => name)];
  for (const [field, header] of Object.entries(columns ?? {})) {
    if (!known.includes(field))
      throw new TensorFaceError("TF_INVALID_ARGUMENT", `column field "${field}" is not one of ${known.join(", ")}`);
    if (!table.headers.includes(header)) throw layoutError("csv", source, `the column "${header}"; it has ${table.headers.join(", ")}`);
  }
}

function chooseColumns(table: Table, named: FormatOptions["columns"]): Columns {
  const columns: Partial<Record<Field, string>> = {};
  for (const field of fields) {
    const known: readonly string[] = knownHeaders[field];
    const header = named?.[field] ?? table.headers.find((name) => known.includes(name.toLowerCase()));
    if (header !== undefined) columns[field] = header;
  }
  return columns;
}

/** @throws {TF_DATASET_LAYOUT} when a task has no column */
function chooseOwnColumns(table: Table, { columns: named, tasks = [] }: FormatOptions, source: string): OwnColumn[] {
  const own = tasks.filter(({ name }) => !isBuiltInTask(name));
  return own.map((task) => {
    const find = (names: readonly string[]): string | undefined => table.headers.find((header) => names.includes(foldLabel(header)));
    const header = named?.[task.name] ?? find([foldLabel(task.name)]) ?? (own.length === 1 ? find(ownHeaders) : undefined);
    if (header !== undefined) return { task, header };
    throw layoutError("csv", source, `a column "${task.name}", or --columns ${task.name}=COLUMN; it has ${table.headers.join(", ")}`);
  });
}

type Labelled = { readonly labels: FaceLabels; readonly notes: readonly string[] } | { readonly problem: string };

function readLabels(get: (field: Field) => string): Labelled {
  const written = { age: get("age"), gender: get("gender"), mood: get("mood") };
  const restored = restoreSpreadsheetRange(written.age);
  const labels = { age: parseAge(restored), gender: parseGender(written.gender), mood: parseMood(written.mood) };
  const wrong = labelFields.find((field) => written[field] !== "" && labels[field] === undefined);
  if (wrong !== undefined) return { problem: `${wrong} "${written[wrong]}"` };
  const race = get("race");
  return {
    labels: {
      ...(labels.age === undefined ? {} : { age: labels.age }),
      ...(labels.gender === undefined ? {} : { gender: labels.gender }),
      ...(labels.mood === undefined ? {} : { mood: labels.mood }),
      ...(race === "" ? {} : { race }),
    },
    notes: restored === written.age ? [] : ["age-spreadsheet-date"],
  };
}

function readPart(word: string): OfficialPart | undefined {
  const split = parseSplit(word);
  return split === undefined ? undefined : { name: word, split, carveValidation: false };
}

/** Labels of the user's own tasks; empty cells are none. */
function readOwnLabels(
  row: TableRow,
  own: readonly OwnColumn[],
): { readonly attributes: Record<string, AttributeLabel> } | { readonly problem: string } {
  const attributes: Record<string, AttributeLabel> = {};
  for (const { task, header } of own) {
    const written = row.cell(header);
    const label = parseOwnLabel(written, task, tagSeparators);
    if (label === undefined && written !== "") return { problem: `${task.name} "${written}"` };
    if (label !== undefined) attributes[task.name] = label;
  }
  return { attributes };
}

interface RowReading {
  readonly columns: Columns;
  readonly own: readonly OwnColumn[];
  /** The folder that files are relative to. */
  readonly root: string;
  /** The source's name in ids. */
  readonly name: string;
}

function readRow(row: TableRow, where: string, { columns, own, root, name }: RowReading): SourceRow {
  const get = (field: Field): string => {
    const header = columns[field];
    return header === undefined ? "" : row.cell(header);
  };
  const written = get("file").replaceAll("\\", "/");
  // One that leaves the folder stays as it is written: it is told when its picture is looked for.
  const file = written === "" ? "" : (pathInside(root, written) ?? written);
  if (file === "") return { kind: "rejection", row: where, reason: "malformed-row", detail: `the column ${columns.file} is empty` };
  const part = readPart(get("split"));
  if (part === undefined && get("split") !== "") {
    return { kind: "rejection", row: where, file, reason: "malformed-row", detail: `split "${get("split")}"` };
  }
  const read = readLabels(get);
  if ("problem" in read) return { kind: "rejection", row: where, file, reason: "unknown-label", detail: read.problem };
  const told = readOwnLabels(row, own);
  if ("problem" in told) return { kind: "rejection", row: where, file, reason: "unknown-label", detail: told.problem };
  const hasOwn = Object.keys(told.attributes).length > 0;
  if (!hasOwn && labelFields.every((field) => read.labels[field] === undefined)) {
    const names = ["age", "gender", "mood", ...own.map(({ task }) => task.name)];
    return {
      kind: "rejection",
      row: where,
      file,
      reason: "unlabelled",
      detail: `${names.slice(0, -1).join(", ")} and ${names.at(-1)} are empty`,
    };
  }
  // With its extension: `1.jpg` and `1.png` are two pictures.
  const id = get("id") === "" ? file : get("id");
  const subject = get("subject");
  return {
    kind: "face",
    id: `${name}/${id}`,
    row: where,
    picture: { file },
    notes: read.notes,
    labels: hasOwn ? { ...read.labels, attributes: told.attributes } : read.labels,
    official: part,
    subjectId: subject === "" ? undefined : subject,
  };
}

async function* readTable(table: Table, source: string, reading: RowReading): AsyncGenerator<SourceRow> {
  for await (const row of table.rows) yield readRow(row, `${basename(source)} row ${row.number}`, reading);
}

/** A table of pictures and labels; paths are relative to the table's folder. */
export const csvImporter: DatasetImporter = {
  format: "csv",
  title: "a table of pictures and labels",
  licence: "not stated",
  async open(source, options) {
    if ((await requireSource(source)) === "folder") throw layoutError("csv", source, "a file, not a folder");
    const table = await openTable(source);
    checkNamedColumns(table, options, source);
    const columns = chooseColumns(table, options.columns);
    const own = chooseOwnColumns(table, options, source);
    const hasLabels = own.length > 0 || labelFields.some((field) => columns[field] !== undefined);
    if (columns.file === undefined || !hasLabels) {
      throw layoutError(
        "csv",
        source,
        `columns for the file and a label (${labelFields.join(", ")}, or one that --task names); it has ${table.headers.join(", ")}`,
      );
    }
    const root = dirname(source);
    return { root, rows: readTable(table, source, { columns, own, root, name: options.name ?? "csv" }) };
  },
};
