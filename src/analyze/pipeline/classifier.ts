import { cropTransform } from "../../align/index.ts";
import { type HeadAnswer, runHead } from "../../classify/index.ts";
import {
  type BoundingBox,
  type FaceLandmarks,
  type Float32Tensor,
  float32Tensor,
  identityTransform,
  invertTransform,
} from "../../core/index.ts";
import { channelCount, crop, type RasterImage, reduceForCrop, resize, warpToTensor } from "../../image/index.ts";
import { type CropTemplate, type HeadManifest, seesFaces } from "../../models/manifest.ts";
import type { SelectedHead } from "./networks.ts";

/** A face in a decoded picture. */
export interface LocatedFace {
  readonly image: RasterImage;
  /** In pixels of `image`. */
  readonly landmarks: FaceLandmarks;
}

/** Heads that look at the same crop: they share its tensor. */
interface CropGroup {
  readonly input: HeadManifest["input"];
  readonly template: CropTemplate;
  readonly heads: readonly SelectedHead[];
}

/** Answers of all heads for each face of a batch. */
export type BatchClassifier = (faces: readonly LocatedFace[]) => Promise<HeadAnswer[][]>;

/**
 * Cuts each face once for each kind of crop, and runs each head once over all of them.
 * @param flipAveraging average each head over the crop and its mirror image; as its manifest says where it is absent
 */
export function createBatchClassifier(heads: readonly SelectedHead[], flipAveraging?: boolean): BatchClassifier {
  const groups = groupByCrop(heads);
  return async (faces) => {
    const answers: HeadAnswer[][] = faces.map(() => []);
    for (const { heads, ...crop } of groups) {
      const crops = cutCrops(faces, crop);
      for (const head of heads) {
        const results = await runHead(head, crops, { tasks: head.tasks, flipAveraging });
        for (const [index, result] of results.entries()) answers[index]!.push(...result);
      }
    }
    return answers;
  };
}

/** Answers of all heads that see whole pictures, for each picture of a batch. */
export type PictureClassifier = (images: readonly RasterImage[]) => Promise<HeadAnswer[][]>;

/** Runs each head once over whole pictures. @param flipAveraging as in {@link createBatchClassifier} */
export function createPictureClassifier(heads: readonly SelectedHead[], flipAveraging?: boolean): PictureClassifier {
  return async (images) => {
    const answers: HeadAnswer[][] = images.map(() => []);
    for (const head of heads) {
      const results = await runHead(head, fitPictures(images, head.manifest), { tasks: head.tasks, flipAveraging });
      for (const [index, result] of results.entries()) answers[index]!.push(...result);
    }
    return answers;
  };
}

function groupByCrop(heads: readonly SelectedHead[]): CropGroup[] {
  const crops = heads.flatMap((head) => (seesFaces(head.manifest) ? [{ head, manifest: head.manifest }] : []));
  // The input's name is the network's own affair; all else must agree.
  const key = ({ manifest }: (typeof crops)[number]): string =>
    JSON.stringify([{ ...manifest.input, name: "" }, manifest.template.landmarks]);
  return [...Map.groupBy(crops, key).values()].map((group) => {
    const { input, template } = group[0]!.manifest;
    return { input, template, heads: group.map(({ head }) => head) };
  });
}

/** `[N, channels, height, width]`, one warp for each face. */
function cutCrops(faces: readonly LocatedFace[], { input, template }: Omit<CropGroup, "heads">): Float32Tensor {
  const { batch, size } = emptyBatch(faces.length, input);
  for (const [index, { image, landmarks }] of faces.entries()) {
    const reduced = reduceForCrop(image, invertTransform(cropTransform(landmarks, template, input)), input.width, input.height);
    warpToTensor(reduced.image, reduced.toSource, input, batch.data, index * size);
  }
  return batch;
}

/** `[N, channels, height, width]`, each picture brought to the input's size as training does it. */
function fitPictures(images: readonly RasterImage[], { input, fit = "stretch" }: HeadManifest): Float32Tensor {
  const { batch, size } = emptyBatch(images.length, input);
  for (const [index, image] of images.entries()) {
    const region = fit === "middle" ? crop(image, middleOf(image, input)) : image;
    const sized = region.width === input.width && region.height === input.height ? region : resize(region, input.width, input.height);
    warpToTensor(sized, identityTransform, { ...input, antialias: false }, batch.data, index * size);
  }
  return batch;
}

/** The largest region in the middle that has the input's proportions, in whole pixels. */
function middleOf(image: RasterImage, input: { readonly width: number; readonly height: number }): BoundingBox {
  const scale = Math.min(image.width / input.width, image.height / input.height);
  const width = Math.max(1, Math.round(input.width * scale));
  const height = Math.max(1, Math.round(input.height * scale));
  return { x: (image.width - width) >> 1, y: (image.height - height) >> 1, width, height };
}

function emptyBatch(count: number, input: HeadManifest["input"]): { readonly batch: Float32Tensor; readonly size: number } {
  const channels = channelCount(input);
  return {
    batch: float32Tensor([count, channels, input.height, input.width]),
    size: channels * input.height * input.width,
  };
}
