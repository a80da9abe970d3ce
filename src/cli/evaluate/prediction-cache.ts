import { appendFile, mkdir, readFile, truncate, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { z } from "zod";
import { TensorFaceError } from "../../core/index.ts";
import { faceAttributesSchema, facePredictionSchema } from "../../evaluate/index.ts";

const rowSchema = z.strictObject({
  id: z.string(),
  found: z.boolean(),
  attributes: faceAttributesSchema,
  /** By the head's id. */
  answers: z.record(z.string(), facePredictionSchema.shape.probabilities),
});

/** What the networks said of one face; a line of the file. */
export type PredictionRow = z.infer<typeof rowSchema>;

/** Everything on which a prediction depends besides the picture: networks by hash, path, detector, options. */
export type PredictionKey = Readonly<Record<string, unknown>>;

const headerSchema = z.strictObject({ schema: z.literal("tensorface.predictions/1"), key: z.record(z.string(), z.unknown()) });

/** Predictions on disk, one JSON line a face: a stopped evaluation goes on where it was, and other tools can read them. */
export interface PredictionCache {
  readonly rows: ReadonlyMap<string, PredictionRow>;
  append(rows: readonly PredictionRow[]): Promise<void>;
}

/**
 * Opens the file, or begins it.
 * @throws {TF_INVALID_ARGUMENT} when it holds predictions of other networks or options, or something else altogether
 * @throws {TF_OUTPUT_UNWRITABLE} when it cannot be written
 */
export async function openPredictionCache(path: string, key: PredictionKey): Promise<PredictionCache> {
  const text = await readFile(path, "utf8").catch(() => undefined);
  const rows = new Map<string, PredictionRow>();
  const write = async (work: () => Promise<void>): Promise<void> => {
    try {
      await work();
    } catch (cause) {
      throw new TensorFaceError("TF_OUTPUT_UNWRITABLE", `cannot write predictions to "${path}"`, { cause });
    }
  };
  if (text === undefined || text === "") {
    await write(async () => {
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, `${JSON.stringify({ schema: "tensorface.predictions/1", key })}\n`);
    });
  } else {
    // A killed process may have left half a line: it is cut off and its face predicted again.
    const whole = text.slice(0, text.lastIndexOf("\n") + 1);
    const [header, ...lines] = whole.split("\n").filter((line) => line !== "");
    checkHeader(header, path, key);
    for (const line of lines) {
      const row = rowSchema.parse(JSON.parse(line));
      rows.set(row.id, row);
    }
    if (whole.length < text.length) await write(() => truncate(path, Buffer.byteLength(whole)));
  }
  return {
    rows,
    append: (added) => write(() => appendFile(path, added.map((row) => `${JSON.stringify(row)}\n`).join(""))),
  };
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
