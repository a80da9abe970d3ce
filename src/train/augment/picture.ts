import { addNoise, adjustColour, blurPicture, erasePart, type PlanarPicture, reduceResolution } from "./filters.ts";
import { simulateJpeg } from "./jpeg.ts";
import type { MixPlan, PicturePlan } from "./plan.ts";

/** Pictures of one size in one array, `[n, side, side, channels]`, 0..255. */
export interface PictureStore {
  readonly pixels: Uint8Array;
  readonly side: number;
  readonly channels: 1 | 3;
}

/** The square of a stored picture that an unchanged training picture shows; shares of its side. */
export interface CropRegion {
  readonly x: number;
  readonly y: number;
  readonly side: number;
}

/** One picture of a store, and what of it is shown. */
export interface StoredPicture {
  readonly store: PictureStore;
  readonly row: number;
  readonly crop: CropRegion;
}

export const wholePicture: CropRegion = { x: 0, y: 0, side: 1 };

/**
 * Makes training pictures one after another, in working memory of its own.
 *
 * All that moves pixels (crop, flip, turn, scale, shift) is one affine map and so one interpolation; the filters follow on
 * floats, and rounding to 8 bits comes once, at the end.
 */
export class PictureMaker {
  readonly #picture: PlanarPicture;
  readonly #scratch: Float32Array;

  constructor(side: number, channels: 1 | 3) {
    this.#picture = { data: new Float32Array(channels * side * side), channels, side };
    this.#scratch = new Float32Array(channels * side * side);
  }

  /**
   * Writes one picture of a store, changed by its plan, into `target`: `[channels, side, side]` from `offset` on, 0..255.
   */
  make(source: StoredPicture, plan: PicturePlan, target: Uint8Array, offset: number): void {
    const picture = this.#picture;
    warpInto(picture, source, plan);
    if (plan.downscale < 1) reduceResolution(picture, plan.downscale, this.#scratch);
    if (plan.blurSigma > 0.2) blurPicture(picture, plan.blurSigma, this.#scratch);
    adjustColour(picture, plan);
    if (plan.noiseDeviation > 0) addNoise(picture, plan.noiseDeviation, plan.noiseOffset);
    if (plan.jpegQuality > 0) simulateJpeg(picture, plan.jpegQuality);
    erasePart(picture, plan);
    writeRounded(picture.data, target, offset);
  }
}

/** Bilinear, edges repeated. The stored side should be near the side wanted: there is no filter against aliasing here. */
function warpInto(picture: PlanarPicture, { store, row, crop }: StoredPicture, plan: PicturePlan): void {
  const { side, channels, data } = picture;
  const { pixels, side: stored } = store;
  const ratio = (crop.side * stored) / (side * plan.scale);
  const [cosine, sine] = [Math.cos(plan.angle) * ratio, Math.sin(plan.angle) * ratio];
  const mirror = plan.flip ? -1 : 1;
  // Pixel centres are at halves: the last 0.5 turns a place in the picture into an index.
  const centreX = (crop.x + crop.side * (0.5 + plan.shiftX)) * stored - 0.5;
  const centreY = (crop.y + crop.side * (0.5 + plan.shiftY)) * stored - 0.5;
  const last = stored - 1;
  const start = row * stored * stored * channels;
  const area = side * side;
  for (let y = 0, index = 0; y < side; y++) {
    const v = y + 0.5 - side / 2;
    for (let x = 0; x < side; x++, index++) {
      const u = (x + 0.5 - side / 2) * mirror;
      const sourceX = Math.min(Math.max(centreX + cosine * u - sine * v, 0), last);
      const sourceY = Math.min(Math.max(centreY + sine * u + cosine * v, 0), last);
      const left = Math.min(Math.floor(sourceX), last - 1);
      const top = Math.min(Math.floor(sourceY), last - 1);
      const shareX = sourceX - left;
      const shareY = sourceY - top;
      const at = start + (top * stored + left) * channels;
      const below = at + stored * channels;
      for (let channel = 0; channel < channels; channel++) {
        const upperLeft = pixels[at + channel]!;
        const lowerLeft = pixels[below + channel]!;
        const upper = upperLeft + (pixels[at + channels + channel]! - upperLeft) * shareX;
        const lower = lowerLeft + (pixels[below + channels + channel]! - lowerLeft) * shareX;
        data[channel * area + index] = upper + (lower - upper) * shareY;
      }
    }
  }
}

function writeRounded(data: Float32Array, target: Uint8Array, offset: number): void {
  for (let index = 0; index < data.length; index++) {
    const value = data[index]! + 0.5;
    target[offset + index] = value < 0 ? 0 : value > 255 ? 255 : value;
  }
}

/** Mixes a batch of `[batch, channels, side, side]` with itself, in place. The plan says who meets whom. */
export function mixPictures(pixels: Uint8Array, batch: number, side: number, mix: MixPlan): void {
  const original = pixels.slice();
  const size = pixels.length / batch;
  const picture = (of: Uint8Array, index: number): Uint8Array => of.subarray(index * size, (index + 1) * size);
  for (let index = 0; index < batch; index++) {
    const partner = picture(original, (index + mix.rotation) % batch);
    if (mix.box === undefined) blend(picture(pixels, index), partner, mix.kept);
    else pasteBox(picture(pixels, index), partner, side, mix.box);
  }
}

function blend(target: Uint8Array, partner: Uint8Array, kept: number): void {
  for (let index = 0; index < target.length; index++) target[index] = target[index]! * kept + partner[index]! * (1 - kept) + 0.5;
}

function pasteBox(target: Uint8Array, partner: Uint8Array, side: number, box: NonNullable<MixPlan["box"]>): void {
  for (let plane = 0; plane < target.length; plane += side * side) {
    for (let y = box.top; y < box.bottom; y++) {
      const row = plane + y * side;
      target.set(partner.subarray(row + box.left, row + box.right), row + box.left);
    }
  }
}
