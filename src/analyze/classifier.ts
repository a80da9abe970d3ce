import { cropTransform } from "../align/index.ts";
import { type HeadAnswer, runHead } from "../classify/index.ts";
import { type FaceLandmarks, type Float32Tensor, float32Tensor, invertTransform } from "../core/index.ts";
import { channelCount, type RasterImage, warpToTensor } from "../image/index.ts";
import { reduceForCrop } from "../detect/index.ts";
import type { HeadManifest } from "../models/manifest.ts";
import type { SelectedHead } from "./networks.ts";

/** A face in a decoded picture. */
export interface LocatedFace {
  readonly image: RasterImage;
  /** In pixels of `image`. */
  readonly landmarks: FaceLandmarks;
}

/** Heads that look at the same crop: they share its tensor. */
interface CropGroup {
  readonly crop: Pick<HeadManifest, "input" | "template">;
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
    for (const { crop, heads } of groups) {
      const crops = cutCrops(faces, crop);
      for (const head of heads) {
        const results = await runHead(head, crops, { tasks: head.tasks, flipAveraging });
        for (const [index, result] of results.entries()) answers[index]!.push(...result);
      }
    }
    return answers;
  };
}

function groupByCrop(heads: readonly SelectedHead[]): CropGroup[] {
  // The input's name is the network's own affair; all else must agree.
  const key = ({ manifest }: SelectedHead): string => JSON.stringify([{ ...manifest.input, name: "" }, manifest.template.landmarks]);
  return [...Map.groupBy(heads, key).values()].map((heads) => ({ crop: heads[0]!.manifest, heads }));
}

/** `[N, channels, height, width]`, one warp for each face. */
function cutCrops(faces: readonly LocatedFace[], { input, template }: CropGroup["crop"]): Float32Tensor {
  const channels = channelCount(input);
  const size = channels * input.height * input.width;
  const batch = float32Tensor([faces.length, channels, input.height, input.width]);
  for (const [index, { image, landmarks }] of faces.entries()) {
    const reduced = reduceForCrop(image, invertTransform(cropTransform(landmarks, template, input)), input.width, input.height);
    warpToTensor(reduced.image, reduced.toSource, input, batch.data, index * size);
  }
  return batch;
}
