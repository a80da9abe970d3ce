import { basename, dirname, join } from "node:path";
import { z } from "zod";
import { TensorFaceError } from "../../core/index.ts";
import { pathKind, readNumberedLines, sortedNames } from "../../files/files.node.ts";
import { readAbout } from "../about-file.node.ts";
import { hasParts, inTurn } from "./boxes.ts";
import { openTable } from "./csv-rows.node.ts";
import { settleIds } from "./face-ids.ts";
import { chooseHeaders, type PictureRows, readPictureRow, type RowReading, splitWord, type Values } from "./image-rows.node.ts";
import { type RowColumns, withoutGuessedSplit } from "./labelled-row.ts";
import { checkNamedColumns, isParquetName, requireSource } from "./layout.node.ts";
import { findParquetFiles, openParquetPictures } from "./parquet-pictures.node.ts";
import { parseSplit } from "./split-words.ts";
import type { DatasetImporter, FormatOptions } from "./source-row.ts";

const tableNames = ["metadata.jsonl", "metadata.csv"] as const;
/** Folders below the source in which tables are looked for. */
const deepest = 2;

/** A table of pictures: its folder below the source, `""` for the source itself, and its rows. */
interface Metadata extends PictureRows {
  readonly rows: readonly Values[];
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

/**
 * Hugging Face's `imagefolder`: pictures with a table `metadata.jsonl` or `metadata.csv` beside them, in a folder for each split or in one; or
 * Parquet files that hold the pictures, one or a folder of them.
 */
export const imageFolderImporter: DatasetImporter = {
  format: "imagefolder",
  title: "pictures with their metadata, as Hugging Face reads them",
  licence: "not stated",
  async open(source, options) {
    const tables: Metadata[] = [];
    const isFolder = (await requireSource(source)) === "folder";
    if (!isFolder && isParquetName(source)) return openParquetPictures(dirname(source), [basename(source)], source, options);
    if (isFolder) {
      for await (const { folder, name } of findTables(source))
        tables.push({ folder, name, rows: await readRows(join(source, folder, name)) });
    }
    const files = isFolder && tables.length === 0 ? await findParquetFiles(source) : [];
    if (files.length > 0) return openParquetPictures(source, files, source, options);
    if (tables.length === 0) {
      throw new TensorFaceError(
        "TF_DATASET_LAYOUT",
        `"${source}" is not an imagefolder dataset: looked for ${tableNames.join(", ")} or Parquet files in it and its folders`,
        {
          hint: "Where the folders are the labels, import it as folder.",
        },
      );
    }
    const about = await readAbout(source);
    const headers = [...new Set(tables.flatMap(({ rows }) => rows.flatMap((row) => Object.keys(row))))];
    checkNamedColumns("imagefolder", source, headers, options);
    const found = chooseHeaders(source, headers, options, about);
    const chosen = { ...found, columns: splitColumns(tables, found.columns, options.columns) };
    const hasValidation = tables.some((table) => namesValidation(table, chosen.columns));
    const name = options.name ?? about?.name ?? "imagefolder";
    const reading: RowReading = {
      ...chosen,
      source,
      name,
      margin: options.margin,
      carveValidation: about === undefined && !hasValidation,
    };
    const read = tables.flatMap((table) => table.rows.flatMap((values, index) => [...readPictureRow(values, table, index + 1, reading)]));
    const rows = settleIds(read, { name, isExport: about !== undefined, isNamed: options.columns?.["id"] !== undefined });
    return { root: source, about, tasks: chosen.tasks, total: rows.length, ownsPixels: hasParts(rows), rows: inTurn(rows) };
  },
};
