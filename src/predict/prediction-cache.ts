import { mkdir, open, truncate, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { z } from "zod";
import { TensorFaceError } from "../core/index.ts";
import { waitForFileLock } from "../files/file-lock.node.ts";
import { cutTornLine, pathKind, readTextFile, writeFailure } from "../files/files.node.ts";
import { faceAttributesSchema, facePredictionSchema, intervalTailsSchema } from "../evaluate/index.ts";

const rowSchema = z.strictObject({
  id: z.string(),
  /** The dataset that the face comes from: its crops' template is the dataset's. Absent in files of earlier versions. */
  source: z.string().optional(),
  /** Of the picture, where it is known: ids alone may be the same in two datasets. */
  sha256: z.string().optional(),
  found: z.boolean(),
  attributes: faceAttributesSchema,
  /** By the head's id. */
  answers: z.record(z.string(), facePredictionSchema.shape.probabilities),
  /** What each of the heads that tell it leaves out of its age distribution, by the head's id. */
  tails: z.record(z.string(), intervalTailsSchema).optional(),
});

/** What the networks said of one face; a line of the file. */
export type PredictionRow = z.infer<typeof rowSchema>;

/** A face whose prediction may have been kept. */
export interface IdentifiedFace {
  readonly id: string;
  readonly source: string;
  /** Of the picture; undefined where it could not be read. */
  readonly sha256: string | undefined;
}

/** Everything on which a prediction depends besides the picture: networks by hash, path, detector, options. */
export type PredictionKey = Readonly<Record<string, unknown>>;

/** Bytes: what one text can hold. */
const largestFile = 1 << 29;

const headerSchema = z.strictObject({ schema: z.literal("tensorface.predictions/1"), key: z.record(z.string(), z.unknown()) });

/** Predictions on disk, one JSON line a face: a stopped evaluation goes on where it was, and other tools can read them. */
export interface PredictionCache {
  /**
   * What was said of a face; undefined where nothing was, or where the row or the face does not tell its picture.
   * @throws {TF_INVALID_ARGUMENT} when the row is of another picture by the same id
   */
  find(face: IdentifiedFace): PredictionRow | undefined;
  append(rows: readonly PredictionRow[]): Promise<void>;
}

/**
 * Opens the file, or begins it.
 * @throws {TF_INVALID_ARGUMENT} when it holds predictions of other networks or options, a damaged line, or something else altogether
 * @throws {TF_INPUT_UNREADABLE | TF_INPUT_TOO_LARGE} when it cannot be read
 * @throws {TF_OUTPUT_UNWRITABLE | TF_OUTPUT_FULL} when it cannot be written
 * @throws {TF_FOLDER_BUSY} when another process that writes it has stopped going on
 */
export async function openPredictionCache(path: string, key: PredictionKey): Promise<PredictionCache> {
  const found = await readKept(path);
  // What is whole is read without the lock: it may lie where nothing can be written.
  const text = found.endsWith("\n") ? found : await mendKept(path, key);
  const [header, ...lines] = text.split("\n").slice(0, -1);
  checkHeader(header, path, key);
  const rows = new Map<string, PredictionRow>();
  for (const [index, line] of lines.entries()) {
    if (line === "") continue;
    const row = parseRow(line, path, index + 2);
    rows.set(row.id, row);
  }
  return {
    find: (face) => findRow(rows.get(face.id), face, path),
    append: async (added) => {
      // Another evaluation may fill the same file: lines must not mix.
      await using _lock = await waitForFileLock(path);
      await guarded(path, async () => {
        await using file = await open(path, "a");
        await cutTornLine(path);
        await file.appendFile(added.map((row) => `${JSON.stringify(row)}\n`).join(""));
      });
    },
  };
}

/** What the file holds; nothing where there is none. */
async function readKept(path: string): Promise<string> {
  return (await pathKind(path)) === "none" ? "" : readTextFile(path, largestFile);
}

/**
 * Begins a file, or cuts off the half of a line that a killed process left: its face is predicted again. Under the lock, and looked at again
 * there: what seems to be half a line may be one that another process is writing.
 * @returns what the file holds then
 */
async function mendKept(path: string, key: PredictionKey): Promise<string> {
  await guarded(path, async () => void (await mkdir(dirname(path), { recursive: true })));
  await using _lock = await waitForFileLock(path);
  const text = await readKept(path);
  const whole =
    text === "" ? `${JSON.stringify({ schema: "tensorface.predictions/1", key })}\n` : text.slice(0, text.lastIndexOf("\n") + 1);
  if (text === "") await guarded(path, async () => writeFile(path, whole));
  // Of something else altogether nothing is cut off.
  else if (parseHeader(whole.split("\n", 1)[0]) !== undefined && whole.length < text.length)
    await guarded(path, async () => truncate(path, Buffer.byteLength(whole)));
  return whole;
}

async function guarded(path: string, work: () => Promise<void>): Promise<void> {
  await work().catch((error: unknown) => {
    throw writeFailure(error, path);
  });
}

function findRow(row: PredictionRow | undefined, { id, source, sha256 }: IdentifiedFace, path: string): PredictionRow | undefined {
  if (row?.sha256 === undefined || sha256 === undefined) return undefined;
  if (row.sha256 === sha256 && row.source === source) return row;
  throw new TensorFaceError("TF_INVALID_ARGUMENT", `"${path}" holds predictions of other data: of another picture by the id "${id}"`, {
    hint: "Name another file with --predictions for each dataset, or remove this one.",
  });
}

function parseRow(line: string, path: string, number: number): PredictionRow {
  try {
    return rowSchema.parse(JSON.parse(line));
  } catch (cause) {
    throw new TensorFaceError("TF_INVALID_ARGUMENT", `"${path}" line ${number} is no prediction`, {
      hint: "Remove that line, and its face is predicted again; or name another file with --predictions.",
      cause,
    });
  }
}

function checkHeader(line: string | undefined, path: string, key: PredictionKey): void {
  const found = parseHeader(line);
  if (found !== undefined && JSON.stringify(found) === JSON.stringify(key)) return;
  const what = found === undefined ? "no predictions" : "predictions of other networks or with other options";
  throw new TensorFaceError("TF_INVALID_ARGUMENT", `"${path}" holds ${what}`, {
    hint: "Name another file with --predictions, or remove this one.",
  });
}

function parseHeader(line: string | undefined): PredictionKey | undefined {
  try {
    return headerSchema.parse(JSON.parse(line ?? "")).key;
  } catch {
    return undefined;
  }
}
