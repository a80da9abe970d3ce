import { resolve } from "node:path";
import { z } from "zod";
import { mainFace, TensorFaceError } from "../../core/index.ts";
import { readNumberedLines } from "../../files/files.node.ts";
import type { Dataset } from "../dataset.node.ts";

/** What was told of one task: a class (none of them: null), tags, or a number. */
const answerSchema = z.object({
  label: z.string().nullable().optional(),
  labels: z.array(z.string()).optional(),
  value: z.number().optional(),
  confidence: z.number().optional(),
});
const attributesSchema = z.record(z.string(), answerSchema);
const faceSchema = z.object({
  box: z.object({ x: z.number(), y: z.number(), width: z.number(), height: z.number() }),
  age: z.object({ interval: z.object({ low: z.number(), high: z.number() }) }).optional(),
  gender: answerSchema.optional(),
  mood: answerSchema.optional(),
  attributes: attributesSchema.optional(),
});
const lineSchema = z.object({
  schema: z.literal("tensorface.analysis/1"),
  source: z.string(),
  width: z.number().optional(),
  height: z.number().optional(),
  faces: z.array(faceSchema).optional(),
  attributes: attributesSchema.optional(),
});
type Line = z.infer<typeof lineSchema>;

/** What networks told of the face of a record. */
export interface Told {
  /** Years, as the ends of the interval. */
  readonly age?: { readonly low: number; readonly high: number };
  /** By task. */
  readonly answers: Readonly<Record<string, z.infer<typeof answerSchema>>>;
}

/** Of the main face, which the record is about, and of the whole picture. */
function toTold({ faces = [], attributes, width = 0, height = 0 }: Line): Told {
  const face = mainFace({ width, height }, faces);
  const { gender, mood } = face ?? {};
  return {
    ...(face?.age === undefined ? {} : { age: face.age.interval }),
    answers: { ...attributes, ...face?.attributes, ...(gender && { gender }), ...(mood && { mood }) },
  };
}

function parseLine(line: string, path: string, number: number): Line {
  try {
    return lineSchema.parse(JSON.parse(line));
  } catch (error) {
    throw new TensorFaceError("TF_INVALID_ARGUMENT", `line ${number} of "${path}" is no answer of \`analyze --format jsonl\``, {
      cause: error,
    });
  }
}

/**
 * What `analyze --format jsonl` told of a dataset's pictures, by the records' ids.
 * @throws {TF_INVALID_ARGUMENT} for a file that holds something else, or answers of none of these pictures
 * @throws {TF_INPUT_NOT_FOUND | TF_INPUT_UNREADABLE} when it cannot be read
 */
export async function readTold(path: string, dataset: Dataset): Promise<ReadonlyMap<string, Told>> {
  const byPicture = new Map<string, Told>();
  for await (const { text, number } of readNumberedLines(path)) {
    if (text.trim() === "") continue;
    const parsed = parseLine(text, path, number);
    byPicture.set(resolve(parsed.source), toTold(parsed));
  }
  const told = new Map<string, Told>();
  for await (const record of dataset.records()) {
    const found = byPicture.get(resolve(dataset.picturePath(record)));
    if (found !== undefined) told.set(record.id, found);
  }
  if (told.size > 0) return told;
  throw new TensorFaceError("TF_INVALID_ARGUMENT", `"${path}" tells nothing of the pictures of this dataset`, {
    hint: "Let `tensorface analyze` look at the folder that was imported, with --format jsonl --out FILE, from the same folder as this command.",
  });
}
