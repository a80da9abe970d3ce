import { appendFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { createAnalyzer } from "../analyze/create-analyzer.node.ts";
import { mapLandmarks, type ProgressListener, TensorFaceError } from "../core/index.ts";
import { pathKind, readLines, writeFailure } from "../files/files.node.ts";

/** A face in a picture; lengths in shares of the picture's width and height, so that they hold at every size. */
const point = z.strictObject({ x: z.number(), y: z.number() });
const locatedFaceSchema = z.strictObject({
  box: z.strictObject({ x: z.number(), y: z.number(), width: z.number(), height: z.number() }),
  score: z.number(),
  landmarks: z.strictObject({ leftEye: point, rightEye: point, nose: point, leftMouth: point, rightMouth: point }),
});
export type LocatedFace = z.infer<typeof locatedFaceSchema>;

const lineSchema = z.strictObject({ sha256: z.string(), faces: z.array(locatedFaceSchema) });

const file = "located.jsonl";
/** More faces than this are several, however many. */
const mostFaces = 8;

export interface LocateOptions {
  readonly onProgress?: ProgressListener | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A picture to look at. */
export interface LocatablePicture {
  readonly path: string;
  readonly sha256: string;
}

async function readKept(path: string): Promise<Map<string, readonly LocatedFace[]>> {
  const kept = new Map<string, readonly LocatedFace[]>();
  if ((await pathKind(path)) !== "file") return kept;
  for await (const line of readLines(path)) {
    const entry = parseLine(line);
    if (entry !== undefined) kept.set(entry.sha256, entry.faces);
  }
  return kept;
}

function parseLine(line: string): z.infer<typeof lineSchema> | undefined {
  try {
    return lineSchema.parse(JSON.parse(line));
  } catch {
    // Cut off by a killed process: that picture is looked at again.
    return undefined;
  }
}

/**
 * The faces of each picture, largest first, by SHA-256. What is found is kept in the folder: an interrupted run goes on where it was. A
 * picture that cannot be read is absent.
 * @throws {TF_ABORTED | TF_OUTPUT_FULL | TF_OUTPUT_UNWRITABLE} what was done before is kept
 */
export async function locateFaces(
  folder: string,
  pictures: readonly LocatablePicture[],
  { onProgress, signal }: LocateOptions = {},
): Promise<ReadonlyMap<string, readonly LocatedFace[]>> {
  const path = join(folder, file);
  const found = await readKept(path);
  const missing = [...new Map(pictures.filter(({ sha256 }) => !found.has(sha256)).map((picture) => [picture.sha256, picture])).values()];
  if (missing.length === 0) return found;
  const append = async (text: string): Promise<void> => {
    await appendFile(path, text).catch((error: unknown) => {
      throw writeFailure(error, path);
    });
  };
  await append("\n");
  await using analyzer = await createAnalyzer({ heads: [], maxFaces: mostFaces });
  let done = 0;
  for await (const outcome of analyzer.analyzeAll(
    missing.map(({ path: file }) => ({ path: file })),
    { signal },
  )) {
    const { sha256 } = missing[done]!;
    done++;
    if (!("error" in outcome)) {
      const { width, height } = outcome;
      const share = ({ x, y }: { readonly x: number; readonly y: number }) => ({ x: x / width, y: y / height });
      const faces = outcome.faces.map(({ box, score, landmarks }): LocatedFace => ({
        box: { ...share(box), width: box.width / width, height: box.height / height },
        score,
        landmarks: mapLandmarks(landmarks, share),
      }));
      found.set(sha256, faces);
      await append(`${JSON.stringify({ sha256, faces })}\n`);
    } else if (!isPictureFault(outcome.error.code)) throw new TensorFaceError(outcome.error.code, outcome.error.message);
    onProgress?.({ stage: "find faces", done, total: missing.length });
  }
  return found;
}

function isPictureFault(code: string): boolean {
  return /^TF_(IMAGE|INPUT)_/.test(code);
}
