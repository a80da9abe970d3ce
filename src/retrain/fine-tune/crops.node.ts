import { createRandom, composeTransforms, identityTransform } from "../../core/index.ts";
import { decodeOptions } from "../../analyze/pipeline/index.ts";
import { decode } from "../../image/decode.node.ts";
import { channelCount, cutToTensor } from "../../image/index.ts";
import { type AugmentationOptions, augmentationSchema, drawPicturePlan, PictureMaker } from "../../train/augment/index.ts";
import { type CropInput, type CropPlan, toSource } from "../crop.ts";
import type { LocatedFace } from "../locate.node.ts";

/** Room around a crop, as a share of its side: what turns and moves bring in is picture, too. */
const margin = 0.15;

/** How crops are changed from one pass to the next. Whole pictures may mean something else in a mirror. */
export function augmentationFor({ kind }: CropPlan): AugmentationOptions {
  return augmentationSchema.parse({
    flip: kind === "whole" ? 0 : 0.5,
    rotate: 8,
    scale: 0.08,
    shift: 0.04,
    brightness: 0.08,
    contrast: 0.2,
    saturation: 0.2,
  });
}

export interface CropSource {
  readonly crop: CropInput;
  readonly plan: CropPlan;
  readonly faceOf: (path: string) => LocatedFace | undefined;
  readonly seed: number;
}

/** Crops as bytes, changed by chance: the same place in the same pass gives the same crop. */
export interface AugmentedCrops {
  /** Writes crops of these pictures one after another, `[channels, height, width]` each; `position` is the first one's place in the pass. */
  write(paths: readonly string[], target: Uint8Array, place: { readonly epoch: number; readonly position: number }): Promise<void>;
}

export function createAugmentedCrops({ crop, plan, faceOf, seed }: CropSource): AugmentedCrops {
  const { width, height } = crop.input;
  const channels = channelCount(crop.input);
  const square = Math.max(width, height);
  const side = Math.ceil(square * (1 + 2 * margin));
  const region = { x: (side - square) / 2 / side, y: (side - square) / 2 / side, side: square / side };
  const maker = new PictureMaker(square, channels);
  const augmentation = augmentationFor(plan);
  const made = new Uint8Array(channels * square * square);
  const [left, top] = [(square - width) >> 1, (square - height) >> 1];
  const cutOut = (target: Uint8Array, offset: number): void => {
    for (let channel = 0; channel < channels; channel++) {
      for (let y = 0; y < height; y++) {
        const from = (channel * square + y + top) * square + left;
        target.set(made.subarray(from, from + width), offset + (channel * height + y) * width);
      }
    }
  };
  const shift = { ...identityTransform, tx: -(side - square) / 2 - left, ty: -(side - square) / 2 - top };
  return {
    async write(paths, target, { epoch, position }) {
      const stored = await Promise.all(paths.map((path) => storedCrop(path, { crop, plan, faceOf, seed }, side, shift)));
      const random = createRandom(seed).fork(`augment ${epoch}`);
      for (const [index, pixels] of stored.entries()) {
        const drawn = drawPicturePlan(augmentation, random.fork(position + index));
        maker.make({ store: { pixels, side, channels }, row: 0, crop: region }, drawn, made, 0);
        cutOut(target, index * channels * width * height);
      }
    },
  };
}

/** A square around the crop, `[side, side, channels]`, 0..255. */
async function storedCrop(
  path: string,
  { crop, plan, faceOf }: CropSource,
  side: number,
  shift: typeof identityTransform,
): Promise<Uint8Array> {
  const { image } = await decode({ path }, decodeOptions());
  const { input } = crop;
  const whole = { ...identityTransform, a: image.width / input.width, d: image.height / input.height };
  const transform = composeTransforms(toSource(plan, image, crop, faceOf(path)?.landmarks) ?? whole, shift);
  const channels = channelCount(input);
  const planes = new Float32Array(channels * side * side);
  cutToTensor(image, transform, { width: side, height: side, colour: input.colour, mean: [0], standardDeviation: [1] }, planes);
  const pixels = new Uint8Array(planes.length);
  const area = side * side;
  for (let channel = 0; channel < channels; channel++)
    for (let index = 0; index < area; index++) pixels[index * channels + channel] = planes[channel * area + index]! + 0.5;
  return pixels;
}
