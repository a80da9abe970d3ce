import { basename } from "node:path";
import { type Mood, moods, TensorFaceError } from "../../core/index.ts";
import { hasColumns, openTable, type TableRow } from "./csv-rows.node.ts";

/** FER+'s ten columns of votes (Barsoum et al., ICMI 2016), in their order. `NF` is "not a face". */
export const ferPlusHeaders = [
  "neutral",
  "happiness",
  "surprise",
  "sadness",
  "anger",
  "disgust",
  "fear",
  "contempt",
  "unknown",
  "NF",
] as const;
type FerPlusHeader = (typeof ferPlusHeaders)[number];
export type FerPlusVotes = Readonly<Record<FerPlusHeader, number>>;

/** Which column holds the votes for each of our moods. Contempt has no place among the seven and is left out. */
const columnOfMood: Readonly<Record<Mood, FerPlusHeader>> = {
  angry: "anger",
  disgust: "disgust",
  fear: "fear",
  happy: "happiness",
  sad: "sadness",
  surprise: "surprise",
  neutral: "neutral",
};

/** What FER+ says of one row. */
export interface FerPlusRow {
  /** `fer0000123`, FER+'s own name of the picture; absent where it gave none, or gave it to two pictures. */
  readonly name?: string;
  /** Whether no more than half of the voters said that there is no face. */
  readonly isFace: boolean;
  /** Shares in the order of `moods`, sum 1; absent where nobody voted for one of the seven. */
  readonly moodVotes?: number[];
}

/** The votes of a table's row, whose columns may carry a prefix. */
export function readFerPlusCells(row: TableRow, prefix = ""): FerPlusVotes {
  const count = (header: FerPlusHeader): number => Number(row.cell(prefix + header)) || 0;
  return {
    neutral: count("neutral"),
    happiness: count("happiness"),
    surprise: count("surprise"),
    sadness: count("sadness"),
    anger: count("anger"),
    disgust: count("disgust"),
    fear: count("fear"),
    contempt: count("contempt"),
    unknown: count("unknown"),
    NF: count("NF"),
  };
}

/** Turns ten counts into shares of the seven moods. Contempt, unknown and not-a-face votes are left out of the shares. */
export function countVotes(votes: FerPlusVotes): Omit<FerPlusRow, "name"> {
  const all = ferPlusHeaders.reduce((sum, header) => sum + votes[header], 0);
  const counts = moods.map((mood) => votes[columnOfMood[mood]]);
  const total = counts.reduce((sum, count) => sum + count, 0);
  const isFace = all === 0 || votes.NF * 2 <= all;
  return total === 0 ? { isFace } : { isFace, moodVotes: counts.map((count) => count / total) };
}

/** It holds the file open: dispose it. */
export interface FerPlusReader extends AsyncDisposable {
  /** The next row, which must be of the same part as the row of the labels. */
  next(usage: string): Promise<FerPlusRow>;
  /** @throws {TF_DATASET_INVALID} when rows are left */
  expectEnd(): Promise<void>;
}

/**
 * Reads `fer2013new.csv` in step with Kaggle's table, whose rows it follows one to one.
 * @throws {TF_DATASET_INVALID} when its columns, its length or the parts of its rows differ from the table's
 */
export async function readFerPlus(path: string): Promise<FerPlusReader> {
  const mismatch = (what: string): TensorFaceError =>
    new TensorFaceError("TF_DATASET_INVALID", `"${basename(path)}" does not belong to this table: ${what}`, {
      hint: "FER+ follows the rows of Kaggle's complete fer2013.csv; give that table, or leave the votes away.",
    });
  const shared = await sharedNames(readRows(path, mismatch));
  const rows = readRows(path, mismatch);
  return {
    async next(usage) {
      const { value, done } = await rows.next();
      if (done === true) throw mismatch("it has fewer rows");
      if (value.cell("Usage") !== usage) throw mismatch(`row ${value.number} is of "${value.cell("Usage")}", expected "${usage}"`);
      const votes = countVotes(readFerPlusCells(value));
      const file = value.cell("Image name");
      if (file === "") return { ...votes, isFace: false };
      return shared.has(file) ? votes : { ...votes, name: nameOf(file) };
    },
    async expectEnd() {
      if ((await rows.next()).done !== true) throw mismatch("it has more rows");
    },
    async [Symbol.asyncDispose]() {
      await rows.return(undefined);
    },
  };
}

function nameOf(file: string): string {
  return file.replace(/\.[^.]+$/, "").toLowerCase();
}

/** The names that stand in more than one row: four of them do. */
async function sharedNames(rows: AsyncIterable<TableRow>): Promise<ReadonlySet<string>> {
  const [once, more] = [new Set<string>(), new Set<string>()];
  for await (const row of rows) {
    const file = row.cell("Image name");
    (once.has(file) ? more : once).add(file);
  }
  return more;
}

async function* readRows(path: string, mismatch: (what: string) => TensorFaceError): AsyncGenerator<TableRow> {
  const table = await openTable(path);
  if (!hasColumns(table, ["Usage", "Image name", ...ferPlusHeaders])) throw mismatch("its columns are not those of FER+");
  yield* table.rows;
}
