import { createRasterImage, type RasterImage } from "../../image/index.ts";

/** Each level of the pyramid has five pixels for six of the one before. */
const step = { from: 6, to: 5 } as const;
/** A level is made as long as the one before has this many pixels each way. */
const leastSide = 64;
/** From a coordinate of a level to one of the level before, as dlib reckons: by this factor, then this much further, in pixels. */
export const levelFactor = step.from / step.to;
export const levelOffset = 0.3;
/** How many columns dlib works out at once, in float32; the last ones of a row follow one by one, in float64. */
const lanes = 4;
/** A sum of four bytes in float32 is wrong by less than this. */
const doubt = 2 ** -12;

/**
 * A picture and smaller copies of it, as many as dlib's scanner makes of it (`scan_fhog_pyramid` of `pyramid_down<6>`), pixel for pixel.
 * @param picture RGB
 */
export function* shrinkingCopies(picture: RasterImage): Generator<RasterImage> {
  // One kind of array for all pictures: engines compile the loops over their bytes for the kinds that they meet.
  const { data } = picture;
  let copy: RasterImage = { ...picture, data: new Uint8Array(data.buffer, data.byteOffset, data.length) };
  let right = picture.width - 1;
  let bottom = picture.height - 1;
  for (;;) {
    yield copy;
    right = shrinkCoordinate(right);
    bottom = shrinkCoordinate(bottom);
    if (right + 1 < leastSide || bottom + 1 < leastSide) return;
    copy = shrink(copy);
  }
}

function shrinkCoordinate(coordinate: number): number {
  return Math.floor(((coordinate - levelOffset) * step.to) / step.from + 0.5);
}

/**
 * Five pixels for six: bilinear, the corners on the corners, the fraction cut off. There is no filter against aliasing, and each level is a
 * little darker than the one before; dlib's filters were trained so.
 */
export function shrink(image: RasterImage): RasterImage {
  const width = Math.max(1, Math.floor((image.width * step.to) / step.from));
  const height = Math.max(1, Math.floor((image.height * step.to) / step.from));
  const result = createRasterImage(width, height);
  const columns = planColumns(image.width, width);
  const scale = (image.height - 1) / Math.max(height - 1, 1);
  let y = -scale;
  for (let row = 0; row < height; row++) {
    // Added up, not multiplied, as dlib does: the last bit decides where a fraction is cut off.
    y += scale;
    const top = Math.floor(y);
    const source = { data: image.data, top: top * image.width * 3, bottom: Math.min(top + 1, image.height - 1) * image.width * 3 };
    blendRow(source, columns, y - top, result.data.subarray(row * width * 3, (row + 1) * width * 3));
  }
  return result;
}

/** Where each byte of a copy's row looks in a row of its source. */
interface Columns {
  /** The byte of the pixel to the left; the one to the right is three further. */
  readonly left: Int32Array;
  /** How much the pixel to the right weighs, 0..1. */
  readonly share: Float64Array;
  /** How many bytes are worked out in float32; the rest in float64. */
  readonly short: number;
}

function planColumns(from: number, to: number): Columns {
  const left = new Int32Array(to * 3);
  const share = new Float64Array(to * 3);
  const scale = (from - 1) / Math.max(to - 1, 1);
  const set = (column: number, x: number): void => {
    const pixel = Math.min(Math.floor(x), from - 2);
    for (let channel = 0; channel < 3; channel++) left[column * 3 + channel] = pixel * 3 + channel;
    share.fill(x - pixel, column * 3, (column + 1) * 3);
  };
  const places = Float32Array.from({ length: lanes }, (_, lane) => (lane - lanes) * scale);
  let short = 0;
  for (; ; short += lanes) {
    for (let lane = 0; lane < lanes; lane++) places[lane]! += Math.fround(lanes * scale);
    if (Math.floor(places[lanes - 1]!) + 1 >= from) break;
    for (let lane = 0; lane < lanes; lane++) if (short + lane < to) set(short + lane, places[lane]!);
  }
  let x = short * scale - scale;
  for (let column = short; column < to; column++) set(column, (x += scale));
  return { left, share, short: Math.min(short, to) * 3 };
}

interface SourceRows {
  readonly data: RasterImage["data"];
  /** First byte of the upper row, and of the lower one. */
  readonly top: number;
  readonly bottom: number;
}

/** @param below how much the lower row weighs, 0..1 */
function blendRow({ data, top, bottom }: SourceRows, { left, share, short }: Columns, below: number, target: RasterImage["data"]): void {
  for (let to = 0; to < target.length; to++) {
    const weight = share[to]!;
    const upper = top + left[to]!;
    const lower = bottom + left[to]!;
    const a = data[upper]!;
    const b = data[upper + 3]!;
    const c = data[lower]!;
    const d = data[lower + 3]!;
    const above = a + (b - a) * weight;
    const value = above + (c + (d - c) * weight - above) * below;
    const whole = (value + doubt) | 0;
    target[to] = whole;
    if (value - whole > doubt) continue;
    target[to] = to < short ? blendInSingle(a, b, c, d, weight, below) : blendInDouble(a, b, c, d, weight, below);
  }
}

/* eslint-disable max-params -- four pixels and two weights, several million times a picture: no object is made for them */

/** Where the true value is a whole number, or nearly, the order of roundings decides to which side it falls: this is dlib's. */
function blendInSingle(a: number, b: number, c: number, d: number, weight: number, below: number): number {
  const { fround } = Math;
  const [lower, upper] = [fround(below), fround(1 - below)];
  const rest = fround(1 - weight);
  const above = fround(fround(fround(upper * rest) * a) + fround(fround(upper * weight) * b));
  return fround(fround(above + fround(fround(lower * rest) * c)) + fround(fround(lower * weight) * d));
}

function blendInDouble(a: number, b: number, c: number, d: number, weight: number, below: number): number {
  return (1 - below) * ((1 - weight) * a + weight * b) + below * ((1 - weight) * c + weight * d);
}
