import { mkdir } from "node:fs/promises";
import { decodeReadable } from "../image/decode.node.ts";
import type { RasterImage } from "../image/index.ts";
import type { ProgressListener } from "../core/index.ts";
import { hashFile, writeFailure } from "../files/files.node.ts";
import {
  type CropChoice,
  type CropInput,
  cropLength,
  type CropPlan,
  decideCrop,
  toSource,
  writeCrop,
} from "../retrain/decide-crop.node.ts";
import { type LocatedFace, locateFaces } from "../retrain/locate.node.ts";
import type { InferenceRuntime } from "../runtime/index.ts";
import type { ClassicBackbone } from "./backbone.node.ts";
import type { ReadPixels } from "./eye.ts";
import type { ClassicPicture } from "./image-lists.ts";
import type { Pixels } from "./pixels.ts";

/** The whole picture, upright. */
export async function readWholePicture(path: string): Promise<RasterImage | undefined> {
  return (await decodeReadable({ path }))?.image;
}

export interface FaceReaderOptions {
  readonly runtime: InferenceRuntime;
  /** Where found faces are kept. */
  readonly folder: string;
  readonly choice: CropChoice;
  readonly onProgress?: ProgressListener | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface FaceReader {
  readonly read: ReadPixels;
  readonly plan: CropPlan;
  /** In words what was seen of the pictures. */
  readonly reason: string;
}

/** How pictures are brought to a network of faces: the face cut out as `retrain` does it, the largest where there are several. */
export async function openFaceReader(
  { input, template }: ClassicBackbone,
  pictures: readonly ClassicPicture[],
  { runtime, folder, choice, onProgress, signal }: FaceReaderOptions,
): Promise<FaceReader> {
  await mkdir(folder, { recursive: true }).catch((error: unknown) => {
    throw writeFailure(error, folder);
  });
  const known = await Promise.all(pictures.map(async ({ path }) => ({ path, sha256: await hashFile(path).catch(() => "") })));
  const readable = known.filter(({ sha256 }) => sha256 !== "");
  const { plan, reason } = await decideCrop(readable, choice, { runtime, folder, onProgress, signal });
  const located = plan.kind === "face" ? await locateFaces(folder, readable, { onProgress, signal }) : undefined;
  const faces = new Map(readable.flatMap(({ path, sha256 }) => firstOf(located?.get(sha256)).map((face) => [path, face] as const)));
  const crop: CropInput = {
    input: { name: "", width: input.width, height: input.height, colour: "rgb", mean: [0], standardDeviation: [1] },
    template,
  };
  const read: ReadPixels = async (path) => {
    const image = await readWholePicture(path);
    const face = faces.get(path);
    if (image === undefined || plan.kind === "whole") return image;
    if (plan.kind === "face" && face === undefined) return undefined;
    const planes = new Float32Array(cropLength(crop));
    writeCrop(image, toSource(plan, image, crop, face?.landmarks), crop, planes, 0);
    return interleave(planes, crop.input.width, crop.input.height);
  };
  return { read, plan, reason };
}

function firstOf(faces: readonly LocatedFace[] | undefined): LocatedFace[] {
  return faces?.slice(0, 1) ?? [];
}

/** From a plane a colour to three numbers a pixel. */
function interleave(planes: Float32Array, width: number, height: number): Pixels {
  const plane = width * height;
  const data = Float32Array.from({ length: planes.length }, (_, index) => planes[(index % 3) * plane + Math.floor(index / 3)]!);
  return { width, height, data };
}
