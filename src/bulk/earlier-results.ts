import { pipeline } from "node:stream";
import { CsvError, parse } from "csv-parse";
import { z } from "zod";
import { type CsvTask, csvRow } from "../analyze/index.ts";
import { type AgeGroup, builtInTasks, TensorFaceError } from "../core/index.ts";
import { type OpenFile, openRegularFile, readFailure } from "../files/files.node.ts";
import type { AnalysisTally } from "./analysis-run.ts";

/** What a run that did not end has found, as far as it was written whole. */
export interface EarlierResults {
  readonly tally: AnalysisTally;
  /** How often each source stands there, by the name that it has in the file; an input may be given twice. */
  readonly sources: ReadonlyMap<string, number>;
  /** Bytes of the whole results; what follows is the half of one. */
  readonly length: number;
}

/** One picture's results: where they end in the file. */
interface EarlierOutcome {
  readonly source: string;
  /** Undefined for a picture that failed. */
  readonly faces: number | undefined;
  readonly end: number;
}

/** The forms that a later run can go on with: a picture is a line, or rows. */
export const resumableFormats = ["jsonl", "csv"] as const;
export type ResumableFormat = (typeof resumableFormats)[number];

export interface ReadEarlierOptions {
  readonly format: ResumableFormat;
  /** CSV: the first line that this run would write. */
  readonly header: string;
  /** JSON Lines: the tasks that this run tells of. */
  readonly tasks: readonly Pick<CsvTask, "name" | "sees">[];
  /** JSON Lines: the groups that this run sums ages into. */
  readonly ageGroups: readonly AgeGroup[];
}

/**
 * Reads what an earlier run has written to `path`.
 * @throws {TF_INVALID_ARGUMENT} when it was made with other columns, tasks or age groups, or is no file of results
 * @throws {TF_INPUT_UNREADABLE}
 */
export async function readEarlierResults(path: string, options: ReadEarlierOptions): Promise<EarlierResults> {
  const sources = new Map<string, number>();
  const tally = { pictures: 0, faces: 0, failed: 0 };
  let length = 0;
  for await (const { source, faces, end } of options.format === "csv" ? csvOutcomes(path, options.header) : lineOutcomes(path, options)) {
    sources.set(source, (sources.get(source) ?? 0) + 1);
    tally.pictures++;
    tally.faces += faces ?? 0;
    if (faces === undefined) tally.failed++;
    length = end;
  }
  return { tally, sources, length };
}

/** Another run's results must not be continued with other columns, or by other models. */
export function otherResults(path: string, what: string): TensorFaceError {
  return new TensorFaceError("TF_INVALID_ARGUMENT", `--resume cannot go on from "${path}": ${what}`, {
    hint: "Give the options and models of the run that wrote it; or remove that file, or name another with --out.",
  });
}

const attributesSchema = z.record(z.string(), z.unknown());
const lineSchema = z.looseObject({
  schema: z.literal("tensorface.analysis/1"),
  source: z.string(),
  attributes: attributesSchema.optional(),
  faces: z
    .array(
      z.looseObject({
        attributes: attributesSchema.optional(),
        age: z.looseObject({ probabilities: z.record(z.string(), z.number()) }).optional(),
      }),
    )
    .optional(),
});

async function* lineOutcomes(
  path: string,
  { tasks, ageGroups }: Pick<ReadEarlierOptions, "tasks" | "ageGroups">,
): AsyncGenerator<EarlierOutcome> {
  const groups = new Set(ageGroups.map(({ name }) => name));
  let number = 0;
  for await (const { text, end } of wholeLines(path)) {
    number++;
    const outcome = parseOutcome(text);
    if (outcome === undefined) throw otherResults(path, `line ${number} is no result of analyze`);
    const told = toldTasks(outcome);
    // A picture without faces shows what whole pictures are told alone.
    const asked = tasks.flatMap(({ name, sees }) => (sees === "face" && outcome.faces?.length === 0 ? [] : [name]));
    if (told !== undefined && (told.size !== asked.length || !asked.every((task) => told.has(task))))
      throw otherResults(path, `it tells ${wordsOf([...told])}, and asked for ${asked.length === 1 ? "is" : "are"} ${wordsOf(asked)}`);
    const summed = Object.keys(outcome.faces?.[0]?.age?.probabilities ?? {});
    if (summed.some((name) => !groups.has(name))) throw otherResults(path, "it sums ages into other groups");
    yield { source: outcome.source, faces: outcome.faces?.length, end };
  }
}

/** What a picture's faces and the picture itself are told; undefined for a picture that failed. */
function toldTasks({ faces, attributes }: z.infer<typeof lineSchema>): ReadonlySet<string> | undefined {
  if (faces === undefined) return undefined;
  const [face = {}] = faces;
  const own = [attributes, face.attributes].flatMap((told) => Object.keys(told ?? {}));
  return new Set([...builtInTasks.filter((task) => task in face), ...own]);
}

const wordsOf = (tasks: readonly string[]): string => tasks.join(", ") || "nothing";

function parseOutcome(text: string): z.infer<typeof lineSchema> | undefined {
  try {
    return lineSchema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

/** Lines that end, with the byte behind each. */
async function* wholeLines(path: string): AsyncGenerator<{ readonly text: string; readonly end: number }> {
  await using file = await openRegularFile(path);
  let rest = Buffer.alloc(0);
  let end = 0;
  for await (const chunk of file.handle.createReadStream({ autoClose: false, highWaterMark: 1 << 18 })) {
    let bytes = Buffer.concat([rest, z.instanceof(Buffer).parse(chunk)]);
    for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10)) {
      end += at + 1;
      yield { text: bytes.subarray(0, at).toString("utf8"), end };
      bytes = bytes.subarray(at + 1);
    }
    rest = bytes;
  }
}

const recordSchema = z.object({ record: z.array(z.string()), info: z.object({ bytes: z.int() }) });

async function* csvOutcomes(path: string, header: string): AsyncGenerator<EarlierOutcome> {
  await using file = await openRegularFile(path);
  const isWhole = await endsWith(file, "\r\n");
  const input = file.handle.createReadStream({ start: 0, autoClose: false, highWaterMark: 1 << 18 });
  const parser = parse({ info: true, relax_column_count: true, record_delimiter: "\r\n" });
  pipeline(input, parser, () => undefined);
  let columns: readonly string[] | undefined;
  try {
    for await (const value of parser) {
      const { record, info } = recordSchema.parse(value);
      if (columns === undefined) {
        if (csvRow(record) !== header) throw otherResults(path, "its columns are others");
        columns = record;
        continue;
      }
      // The last row may be cut off in the middle of a cell.
      if (record.length !== columns.length || (info.bytes === file.size && !isWhole)) return;
      const cell = (name: string): string => record[columns!.indexOf(name)] ?? "";
      const faces = cell("faces") === "" ? undefined : Number(cell("faces"));
      if ((faces ?? 0) > 0 && Number(cell("face")) < faces!) continue;
      yield { source: cell("source"), faces, end: info.bytes };
    }
  } catch (error) {
    if (!(error instanceof CsvError)) throw readFailure(error, path);
    // The half of a row in quotes is the end of what was written.
    if (error.code !== "CSV_QUOTE_NOT_CLOSED") throw otherResults(path, "it is no table that analyze wrote");
  }
}

async function endsWith({ handle, size }: OpenFile, text: string): Promise<boolean> {
  const tail = Buffer.alloc(Math.min(text.length, size));
  await handle.read(tail, 0, tail.length, size - tail.length);
  return tail.toString("latin1") === text;
}
