import { createRandom, type Random } from "../../core/index.ts";
import type { AugmentationOptions } from "./options.ts";
import { noAugmentation } from "./options.ts";
import { type CropRegion, mixPictures, PictureMaker, type PictureStore } from "./picture.ts";
import { drawPicturePlan, type MixPlan } from "./plan.ts";

/** All that makers of batches share; it is sent to worker threads once, its arrays are shared memory. */
export interface BatchSource {
  readonly store: PictureStore;
  /** The crops that occur, and which one each picture of the store has. */
  readonly crops: readonly CropRegion[];
  readonly cropOfRow: Uint8Array;
  /** Side of the pictures that come out. */
  readonly side: number;
  readonly augmentation: AugmentationOptions;
  readonly seed: number;
}

/** One batch to make. The same job gives the same bytes, whoever does it. */
export interface BatchJob {
  /** Rows of the store. */
  readonly rows: Int32Array;
  /** Undefined: the pictures as they are. */
  readonly augment: { readonly epoch: number; readonly firstPosition: number; readonly mix: MixPlan | undefined } | undefined;
}

/** Bytes of one picture as it comes out. */
export function pictureBytes(source: BatchSource): number {
  return source.store.channels * source.side * source.side;
}

/** The stream of random numbers for one place in one epoch. */
function positionRandom(seed: number, epoch: number, position: number): Random {
  return createRandom(seed).fork(`augment ${epoch}`).fork(position);
}

/** A function that makes batches: `[rows, channels, side, side]`, 0..255, into the start of `target`. */
export function createBatchMaker(source: BatchSource): (job: BatchJob, target: Uint8Array) => void {
  const maker = new PictureMaker(source.side, source.store.channels);
  const size = pictureBytes(source);
  const plain = drawPicturePlan(noAugmentation, createRandom(0));
  return ({ rows, augment }, target) => {
    for (const [index, row] of rows.entries()) {
      const plan =
        augment === undefined
          ? plain
          : drawPicturePlan(source.augmentation, positionRandom(source.seed, augment.epoch, augment.firstPosition + index));
      maker.make({ store: source.store, row, crop: source.crops[source.cropOfRow[row]!]! }, plan, target, index * size);
    }
    if (augment?.mix !== undefined) mixPictures(target.subarray(0, rows.length * size), rows.length, source.side, augment.mix);
  };
}
