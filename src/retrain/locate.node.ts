import { join } from "node:path";
import { z } from "zod";
import type { FaceAnalysis } from "../analyze/index.ts";
import { mapLandmarks, type Point } from "../core/index.ts";
import type { KeptLines } from "../files/kept-lines.node.ts";
import { type FaceablePicture, findFaces, type FindFacesOptions, nameFinder } from "../predict/index.ts";

/** A face in a picture; lengths in shares of the picture's width and height, so that they hold at every size. */
const point = z.strictObject({ x: z.number(), y: z.number() });
const locatedFaceSchema = z.strictObject({
  box: z.strictObject({ x: z.number(), y: z.number(), width: z.number(), height: z.number() }),
  score: z.number(),
  landmarks: z.strictObject({ leftEye: point, rightEye: point, nose: point, leftMouth: point, rightMouth: point }),
});
export type LocatedFace = z.infer<typeof locatedFaceSchema>;

const lineSchema = z.strictObject({ sha256: z.string(), by: z.string(), faces: z.array(locatedFaceSchema) });

const file = "located.jsonl";
/** More faces than this are several, however many. */
const mostFaces = 8;

function keptIn(folder: string, finder: string): KeptLines<readonly LocatedFace[]> {
  return {
    path: join(folder, file),
    parse: (line) => {
      const { sha256, by, faces } = lineSchema.parse(JSON.parse(line));
      if (by !== finder) throw new RangeError("another detector found them");
      return [sha256, faces];
    },
    format: (sha256, faces) => JSON.stringify({ sha256, by: finder, faces }),
  };
}

/**
 * The faces of each picture, largest first, by SHA-256. What is found is kept in the folder: an interrupted run goes on where it was. A
 * picture that cannot be read is absent.
 * @throws {TF_ABORTED | TF_OUTPUT_FULL | TF_OUTPUT_UNWRITABLE} what was done before is kept
 */
export async function locateFaces(
  folder: string,
  pictures: readonly FaceablePicture[],
  options: Omit<FindFacesOptions, "maxFaces"> = {},
): Promise<ReadonlyMap<string, readonly LocatedFace[]>> {
  return findFaces(keptIn(folder, await nameFinder()), pictures, inShares, { ...options, maxFaces: mostFaces });
}

function inShares({ width, height, faces }: FaceAnalysis): LocatedFace[] {
  const share = ({ x, y }: Point): Point => ({ x: x / width, y: y / height });
  return faces.map(({ box, score, landmarks }) => ({
    box: { ...share(box), width: box.width / width, height: box.height / height },
    score,
    landmarks: mapLandmarks(landmarks, share),
  }));
}
