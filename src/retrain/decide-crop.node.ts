import { createHash } from "node:crypto";
import { join } from "node:path";
import { z } from "zod";
import { counted, type FaceLandmarks, type ProgressListener } from "../core/index.ts";
import { readTextFile, writeFileAtomically } from "../files/files.node.ts";
import { measureTemplate } from "../predict/template/index.ts";
import type { InferenceRuntime } from "../runtime/index.ts";
import type { CropPlan } from "./crop.ts";
import { type FaceablePicture, nameFinder } from "../predict/index.ts";
import { locateFaces } from "./locate.node.ts";

export { type CropInput, cropLength, type CropPlan, toSource, writeCrop } from "./crop.ts";

/** What may be asked for; `auto` looks at some of the pictures. */
export const cropChoices = ["auto", "face", "whole"] as const;
/** What of a picture is looked at: its face, the whole picture, or what suits the pictures. */
export type CropChoice = (typeof cropChoices)[number];

/** A plan, and in words what was seen. */
export interface CropDecision {
  readonly plan: CropPlan;
  readonly reason: string;
}

/** What was decided before, of the very same ones that are looked at. */
const decisionFile = "crop.json";
const point = z.strictObject({ x: z.number(), y: z.number() });
const landmarksSchema = z.strictObject({ leftEye: point, rightEye: point, nose: point, leftMouth: point, rightMouth: point });
const keptSchema = z.strictObject({
  key: z.string(),
  decision: z.strictObject({
    plan: z.discriminatedUnion("kind", [
      z.strictObject({ kind: z.literal("face"), finder: z.string() }),
      z.strictObject({ kind: z.literal("aligned"), landmarks: landmarksSchema }),
      z.strictObject({ kind: z.literal("whole") }),
    ]),
    reason: z.string(),
  }),
});

/** Pictures that are looked at. */
const sampled = 48;
/** Share of them that must show what the plan is about. */
const smallestShare = 0.5;
/**
 * In pictures that are crops the eyes are this far apart at least, as a share of the side, and the points of half of them lie within
 * this of their median. In published crops they are 0.33 to 0.4 apart and lie within 0.01 to 0.05 (`recipes/templates`).
 */
const alignedLimits = { eyes: 0.2, spread: 0.06 } as const;

export interface DecideCropOptions {
  readonly runtime: InferenceRuntime;
  /** Where found faces are kept. */
  readonly folder: string;
  readonly onProgress?: ProgressListener | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * How pictures are to be cut. Crops of faces are cut all alike, which needs no detector when they are read; from photographs the face is
 * cut out; pictures without faces are taken whole.
 */
export async function decideCrop(
  pictures: readonly FaceablePicture[],
  choice: CropChoice,
  options: DecideCropOptions,
): Promise<CropDecision> {
  if (choice === "whole") return { plan: { kind: "whole" }, reason: "whole pictures, as asked for" };
  const finder = await nameFinder();
  const sample = drawSome(pictures);
  const key = createHash("sha256")
    .update(JSON.stringify([choice, finder, sample.map(({ sha256 }) => sha256)]))
    .digest("hex");
  const path = join(options.folder, decisionFile);
  const kept = await readDecision(path);
  if (kept?.key === key) return kept.decision;
  const decision = await lookAtSome(sample, choice, { ...options, finder });
  await writeFileAtomically(path, `${JSON.stringify({ key, decision })}\n`);
  return decision;
}

async function readDecision(path: string): Promise<z.infer<typeof keptSchema> | undefined> {
  const text = await readTextFile(path).catch(() => "");
  try {
    return keptSchema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

/**
 * By content: as good as by chance, and the same ones wherever a picture lies. Who moves one to another class, or renames a class, has all
 * pictures cut as before, so that what networks saw of them holds; who adds some, mostly so.
 */
function drawSome(pictures: readonly FaceablePicture[]): FaceablePicture[] {
  const byContent = new Map(pictures.map((picture) => [picture.sha256, picture]));
  return [...byContent.values()].toSorted((a, b) => (a.sha256 < b.sha256 ? -1 : 1)).slice(0, sampled);
}

async function lookAtSome(
  sample: readonly FaceablePicture[],
  choice: CropChoice,
  { runtime, folder, finder, onProgress, signal }: DecideCropOptions & { readonly finder: string },
): Promise<CropDecision> {
  const aligned = await findAligned(sample, { runtime, onProgress, signal });
  if (aligned !== undefined) return aligned;
  if (choice === "face") return { plan: { kind: "face", finder }, reason: "faces are cut out, as asked for" };
  const located = await locateFaces(folder, sample, { onProgress, signal });
  // One that cannot be read says nothing.
  const read = sample.map(({ sha256 }) => located.get(sha256)).filter((faces) => faces !== undefined);
  const withFace = read.filter((faces) => faces.length > 0).length;
  const seen = `a face in ${withFace} of ${counted(read.length, "picture that was", "pictures that were")} looked at`;
  if (withFace > 0 && withFace >= smallestShare * read.length)
    return { plan: { kind: "face", finder }, reason: `${seen}: faces are cut out` };
  return { plan: { kind: "whole" }, reason: `${seen}: the pictures are taken whole` };
}

async function findAligned(
  sample: readonly FaceablePicture[],
  options: Pick<DecideCropOptions, "onProgress" | "runtime" | "signal">,
): Promise<CropDecision | undefined> {
  const measured = await measureTemplate(
    sample.map(({ path }) => ({ path })),
    options,
  );
  const { landmarks, found, count, medianAbsoluteDeviation } = measured;
  if (landmarks === undefined || found < smallestShare * count) return undefined;
  const spread = Math.max(...Object.values(medianAbsoluteDeviation).flatMap(({ x, y }) => [x, y]));
  if (eyeDistance(landmarks) < alignedLimits.eyes || spread > alignedLimits.spread) return undefined;
  const within = `the five points of half of them within ${spread.toFixed(3)} of the side`;
  return { plan: { kind: "aligned", landmarks }, reason: `crops of faces: a face in ${found} of ${count}, ${within}; all are cut alike` };
}

function eyeDistance({ leftEye, rightEye }: FaceLandmarks): number {
  return Math.hypot(rightEye.x - leftEye.x, rightEye.y - leftEye.y);
}
