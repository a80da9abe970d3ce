import { basename, dirname, join } from "node:path";
import { type Mood, moods } from "../../core/index.ts";
import { pathKind } from "../../files/files.node.ts";
import { openTable, type Table, type TableRow } from "./csv-rows.node.ts";
import { countVotes, ferPlusHeaders, type FerPlusRow, readFerPlus, readFerPlusCells } from "./fer-plus.node.ts";
import { openClassFolders } from "./folder.node.ts";
import { layoutError, presentFiles, requireSource } from "./layout.node.ts";
import type { DatasetImporter, FormatOptions, OfficialPart, OpenSource, SourceRow } from "./source-row.ts";

const side = 48;
const tableNames = ["fer2013.csv", "icml_face_data.csv", "labels.csv"] as const;

/** The competition's parts: PublicTest is for selection, PrivateTest is the test set. */
const parts: Readonly<Record<string, OfficialPart>> = {
  Training: { name: "Training", split: "train", carveValidation: false },
  PublicTest: { name: "PublicTest", split: "validation", carveValidation: false },
  PrivateTest: { name: "PrivateTest", split: "test", carveValidation: false },
};

/** The 2,304 grey values of a row, or `undefined` where they are not all there. */
export function parsePixels(text: string): Uint8Array | undefined {
  const grey = new Uint8Array(side * side);
  let count = 0;
  let value = -1;
  for (let index = 0; index <= text.length; index++) {
    const digit = index < text.length ? text.charCodeAt(index) - 48 : -16;
    if (digit >= 0 && digit <= 9) value = (value < 0 ? 0 : value * 10) + digit;
    else if (digit !== -16) return undefined;
    else if (value >= 0) {
      if (value > 255 || count === grey.length) return undefined;
      grey[count++] = value;
      value = -1;
    }
  }
  return count === grey.length ? grey : undefined;
}

function moodOfCode(code: string): Mood | undefined {
  return /^[0-6]$/.test(code) ? moods[Number(code)] : undefined;
}

/** The name that FER+ gave a picture, in the name of its file. */
const ferPlusName = /(?:^|\/)(fer\d{7})\.[^./]+$/i;

/** FER+'s name of a picture, by a file that carries it. */
function ferPlusNameOf(file: string): string | undefined {
  return ferPlusName.exec(file)?.[1]?.toLowerCase();
}

/**
 * What a picture is called in ids. FER+'s number of a picture is the Kaggle table's row for 57 of 35,714 pictures only, so the two never
 * share a word: a face is `fer0000123` where its FER+ name is known, and `row0000123` where only its row is.
 */
function rowName(row: number): string {
  return `row${String(row).padStart(7, "0")}`;
}

interface RowContext {
  readonly where: string;
  /** Number of the row in the table, from 0. */
  readonly index: number;
  readonly votes: FerPlusRow | undefined;
}

function readRow(row: TableRow, { where, index, votes }: RowContext): SourceRow {
  const mood = moodOfCode(row.cell("emotion"));
  const usage = row.cell("Usage");
  const official = Object.hasOwn(parts, usage) ? parts[usage] : undefined;
  if (mood === undefined) return { kind: "rejection", row: where, reason: "unknown-label", detail: `emotion "${row.cell("emotion")}"` };
  if (official === undefined) return { kind: "rejection", row: where, reason: "malformed-row", detail: `Usage "${usage}"` };
  if (votes?.isFace === false) return { kind: "rejection", row: where, reason: "not-a-face", detail: "by the votes of FER+" };
  const name = votes?.name ?? ferPlusNameOf(row.cell("file")) ?? rowName(index);
  const grey = row.cell("file") === "" ? parsePixels(row.cell("pixels")) : undefined;
  if (row.cell("file") === "" && grey === undefined) {
    return { kind: "rejection", row: where, reason: "malformed-row", detail: `expected ${side * side} grey values` };
  }
  return {
    kind: "face",
    id: `fer2013/${name}`,
    row: where,
    picture: grey === undefined ? { file: row.cell("file") } : { file: `images/${name}.png`, pixels: { width: side, height: side, grey } },
    labels: { mood, ...(votes?.moodVotes === undefined ? {} : { moodVotes: votes.moodVotes }) },
    official,
  };
}

async function* readTable(table: Table, name: string, ferPlus: string | undefined): AsyncGenerator<SourceRow> {
  await using votes = ferPlus === undefined ? undefined : await readFerPlus(ferPlus);
  const ownVotes = ferPlusHeaders.every((header) => table.headers.includes(`ferplus_${header}`));
  for await (const row of table.rows) {
    const given = row.cell("index");
    const context = { where: `${name} row ${row.number}`, index: given === "" ? row.number - 1 : Number(given) };
    if (votes !== undefined) yield readRow(row, { ...context, votes: await votes.next(row.cell("Usage")) });
    else yield readRow(row, { ...context, votes: ownVotes ? countVotes(readFerPlusCells(row, "ferplus_")) : undefined });
  }
  await votes?.expectEnd();
}

async function findFerPlus(folder: string, options: FormatOptions): Promise<string | undefined> {
  if (options.ferPlus !== undefined) return options.ferPlus;
  const beside = join(folder, "fer2013new.csv");
  return (await pathKind(beside)) === "file" ? beside : undefined;
}

async function openFerTable(path: string, options: FormatOptions): Promise<OpenSource> {
  const folder = dirname(path);
  const table = await openTable(path);
  const hasPictures = table.headers.includes("pixels") || table.headers.includes("file");
  if (!table.headers.includes("emotion") || !table.headers.includes("Usage") || !hasPictures) {
    throw layoutError("FER2013", path, "the columns emotion, Usage and pixels (or file)");
  }
  const rows = readTable(table, basename(path), await findFerPlus(folder, options));
  return { root: folder, ownsPixels: !table.headers.includes("file"), rows };
}

/** FER2013 (Goodfellow et al., ICONIP 2013): Kaggle's tables, a table of files, or folders of pictures by mood. */
export const fer2013Importer: DatasetImporter = {
  format: "fer2013",
  title: "FER2013 (Goodfellow et al., ICONIP 2013)",
  url: "https://www.kaggle.com/c/challenges-in-representation-learning-facial-expression-recognition-challenge",
  licence: "see the rules of the Kaggle competition; FER+ labels MIT",
  async open(source, options) {
    if ((await requireSource(source)) === "file") return openFerTable(source, options);
    const [table] = (await presentFiles(source, tableNames)).values();
    if (table !== undefined) return openFerTable(table, options);
    const folders = await openClassFolders(source, { idOf: (file) => `fer2013/${ferPlusNameOf(file) ?? file}`, task: { name: "mood" } });
    if (folders === undefined) throw layoutError("FER2013", source, `${tableNames.join(", ")}, or folders such as train/angry`);
    return folders;
  },
};
