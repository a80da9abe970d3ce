import { cropToSource } from "../../align/index.ts";
import { type HeadAnswer, runHead } from "../../classify/index.ts";
import { createTensorPool, type FaceLandmarks, type Float32Tensor } from "../../core/index.ts";
import { channelCount, cutToTensor, fitToTensor, type RasterImage } from "../../image/index.ts";
import { type CropTemplate, type HeadManifest, seesFaces } from "../../models/index.ts";
import type { SelectedHead } from "./networks.ts";

/** A face in a decoded picture. */
export interface LocatedFace {
  readonly image: RasterImage;
  /** In pixels of `image`. */
  readonly landmarks: FaceLandmarks;
}

/** What one head says of a face or of a whole picture. */
export interface HeadAnswers {
  /** The head's id. */
  readonly head: string;
  readonly answers: readonly HeadAnswer[];
}

/** Heads that look at the same crop: they share its tensor. */
interface CropGroup {
  readonly input: HeadManifest["input"];
  readonly template: CropTemplate;
  readonly heads: readonly SelectedHead[];
}

/** Asks all heads about each of some things; the answers are in their order. */
export type Asker<Seen> = (batch: readonly Seen[]) => Promise<HeadAnswers[][]>;

/**
 * Cuts each face once for each kind of crop, and runs each head once over all of them.
 * @param flipAveraging average each head over the crop and its mirror image; as its manifest says where it is absent
 */
export function createFaceAsker(heads: readonly SelectedHead[], flipAveraging?: boolean): Asker<LocatedFace> {
  const groups = groupByCrop(heads);
  const pool = createTensorPool();
  return async (faces) => {
    const answers: HeadAnswers[][] = faces.map(() => []);
    for (const { heads, ...crop } of groups) {
      await pool.lend(batchShape(faces.length, crop.input), async (crops) => {
        cutCrops(faces, crop, crops);
        for (const head of heads) await ask(head, crops, flipAveraging, answers);
      });
    }
    return answers;
  };
}

/** Runs each head that sees whole pictures once over all of them. @param flipAveraging as in {@link createFaceAsker} */
export function createPictureAsker(heads: readonly SelectedHead[], flipAveraging?: boolean): Asker<RasterImage> {
  const seeing = heads.filter(({ manifest }) => !seesFaces(manifest));
  const pool = createTensorPool();
  return async (images) => {
    const answers: HeadAnswers[][] = images.map(() => []);
    for (const head of seeing) {
      await pool.lend(batchShape(images.length, head.manifest.input), async (input) => {
        fitPictures(images, head.manifest, input);
        await ask(head, input, flipAveraging, answers);
      });
    }
    return answers;
  };
}

// eslint-disable-next-line max-params -- who is asked, about what, how, and where the answers go
async function ask(head: SelectedHead, input: Float32Tensor, flipAveraging: boolean | undefined, answers: HeadAnswers[][]): Promise<void> {
  const results = await runHead(head, input, { tasks: head.tasks, flipAveraging });
  for (const [index, result] of results.entries()) answers[index]!.push({ head: head.manifest.id, answers: result });
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

/** One crop for each face, into `[N, channels, height, width]`. */
function cutCrops(faces: readonly LocatedFace[], { input, template }: Omit<CropGroup, "heads">, crops: Float32Tensor): void {
  const size = crops.data.length / faces.length;
  for (const [index, { image, landmarks }] of faces.entries()) {
    cutToTensor(image, cropToSource(landmarks, template, input), input, crops.data, index * size);
  }
}

/** Each picture brought to the input's size as training does it, into `[N, channels, height, width]`. */
function fitPictures(images: readonly RasterImage[], { input, fit = "stretch" }: HeadManifest, batch: Float32Tensor): void {
  const size = batch.data.length / images.length;
  for (const [index, image] of images.entries()) fitToTensor(image, input, fit, batch.data, index * size);
}

function batchShape(count: number, input: HeadManifest["input"]): readonly number[] {
  return [count, channelCount(input), input.height, input.width];
}
