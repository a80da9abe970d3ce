import { type AffineTransform, type BoundingBox, composeTransforms, TensorFaceError } from "../core/index.ts";
import { averageBlocks } from "./blocks.ts";
import { createRasterImage, type Colour, type RasterImage, wholePixels } from "./raster.ts";

/**
 * Affine sampling, in plain TypeScript so that Node and the browser give the same numbers.
 *
 * Coordinates are continuous: pixel (i, j) covers [i, i + 1) x [j, j + 1) and its centre is (i + 0.5, j + 0.5), in the source
 * and in the destination alike. A transform here always maps DESTINATION to SOURCE ("where does this output pixel look").
 *
 * Where the picture shrinks by s > 1, every output pixel must average about s x s source pixels or it aliases. It is done in two
 * steps whose cost does not grow with s beyond one reading of the source: whole blocks of floor(s / 2) pixels are averaged
 * first, then each output pixel takes the mean of n x n bilinear samples, with n just enough that samples stand no
 * further apart than one pixel. The width of the combined filter (standard deviation) is 0.29 s to 0.36 s for s >= 2; an
 * ideal area average has 0.29 s, an antialiased triangle 0.41 s.
 */

/** What lies outside the source: its nearest edge pixel, or a colour. */
export type Border = "edge" | Colour;

export interface WarpOptions {
  /** What is seen where the destination looks past the source. @default "edge" */
  readonly border?: Border | undefined;
  /**
   * Average all the source pixels that a shrunk pixel covers; without it one bilinear sample stands for them, in a quarter of the time,
   * which is enough where the picture shrinks by less than about 1.5. @default true
   */
  readonly antialias?: boolean | undefined;
}

/** How a network wants its pixels: `value = (pixel - mean) / standardDeviation`, pixels 0..255. A manifest's `input` fits. */
export interface TensorLayout extends WarpOptions {
  readonly width: number;
  readonly height: number;
  /** `rgb`, `bgr`, or one channel of ITU-R BT.601 luma. */
  readonly colour: "rgb" | "bgr" | "grey";
  /** One number for each channel, or one for all; 0..255. */
  readonly mean: readonly number[];
  /** One number for each channel, or one for all; 0..255. */
  readonly standardDeviation: readonly number[];
}

/**
 * Where the rows of the result go. A class each, and no closures: an engine compiles a method once, but a closure that is made for
 * every picture again for every picture, which took a tenth of the processor's time.
 */
interface RowSink {
  /** @param row `[width, 3]`, R G B, 0..255, not rounded; used again for the next row */
  write(row: Float32Array, y: number): void;
}

/**
 * The `width` x `height` picture whose pixel centres look at `toSource` of themselves.
 * @param toSource maps destination coordinates to source coordinates
 */
export function warpAffine(
  image: RasterImage,
  toSource: AffineTransform,
  width: number,
  height: number,
  options: WarpOptions = {},
): RasterImage {
  const result = createRasterImage(width, height, new Uint8ClampedArray(width * height * 3));
  writeRows(image, toSource, { ...options, width, height }, new PictureRows(result));
  return result;
}

/**
 * Writes the warped picture as the network wants it: `[channels, height, width]` float32 from `target[offset]` on. Channels: 1
 * for `grey`, else 3. One pass, nothing is rounded to 8 bits in between.
 * @param toSource maps destination coordinates to source coordinates
 * @throws {TF_SHAPE_MISMATCH} when `target` has no room from `offset` on
 */
export function warpToTensor(image: RasterImage, toSource: AffineTransform, layout: TensorLayout, target: Float32Array, offset = 0): void {
  const plane = layout.width * layout.height;
  const needed = plane * channelCount(layout);
  if (offset < 0 || offset + needed > target.length) {
    throw new TensorFaceError("TF_SHAPE_MISMATCH", `a crop needs ${needed} numbers from ${offset} on, the tensor has ${target.length}`);
  }
  const { colour, border = "edge" } = layout;
  if (colour !== "grey" && border !== "edge" && isWholeShift(toSource))
    return cutToTensor(image, toSource, layout, border, target.subarray(offset, offset + needed));
  const sink = colour === "grey" ? new GreyPlane(layout, target, offset) : new ColourPlanes(layout, target, offset);
  writeRows(image, toSource, layout, sink);
}

/** How many channels the tensor of a layout has. */
export function channelCount(layout: Pick<TensorLayout, "colour">): 1 | 3 {
  return layout.colour === "grey" ? 1 : 3;
}

/** Maps a `width` x `height` destination onto `region` of the source, stretching each axis by itself. */
export function regionTransform(region: BoundingBox, width: number, height: number): AffineTransform {
  return { a: region.width / width, b: 0, tx: region.x, c: 0, d: region.height / height, ty: region.y };
}

/**
 * Maps a `width` x `height` destination onto `region` so that all of it is seen, centred, its proportions kept; what remains at
 * two sides looks past the region (and shows what is there: for padding, let the region be the whole picture).
 */
export function letterboxTransform(region: BoundingBox, width: number, height: number): AffineTransform {
  const scale = Math.max(region.width / width, region.height / height);
  return {
    a: scale,
    b: 0,
    tx: region.x + (region.width - scale * width) / 2,
    c: 0,
    d: scale,
    ty: region.y + (region.height - scale * height) / 2,
  };
}

class PictureRows implements RowSink {
  readonly #target: RasterImage;

  constructor(target: RasterImage) {
    this.#target = target;
  }

  write(row: Float32Array, y: number): void {
    const { data, width } = this.#target;
    // A clamped array rounds by itself, to the nearest.
    for (let from = 0, to = y * width * 3; from < row.length; from++, to++) data[to] = row[from]!;
  }
}

/** Where a channel of the result stands in a picture's pixels, and what to do with it. */
interface ChannelMap {
  readonly from: number;
  readonly scale: number;
  readonly shift: number;
}

/** The channels of a colour layout, in the tensor's order. */
function channelMaps({ colour, mean, standardDeviation }: TensorLayout): ChannelMap[] {
  const order = colour === "rgb" ? [0, 1, 2] : [2, 1, 0];
  return order.map((from, channel) => {
    const { scale, shift } = linearMap(perChannel(mean, channel), perChannel(standardDeviation, channel));
    return { from, scale, shift };
  });
}

class ColourPlanes implements RowSink {
  readonly #target: Float32Array;
  readonly #offset: number;
  readonly #width: number;
  readonly #plane: number;
  readonly #channels: readonly ChannelMap[];

  constructor(layout: TensorLayout, target: Float32Array, offset: number) {
    this.#target = target;
    this.#offset = offset;
    this.#width = layout.width;
    this.#plane = layout.width * layout.height;
    this.#channels = channelMaps(layout);
  }

  write(row: Float32Array, y: number): void {
    const target = this.#target;
    for (const [channel, { from: first, scale, shift }] of this.#channels.entries()) {
      const start = this.#offset + channel * this.#plane + y * this.#width;
      for (let x = 0, from = first; x < this.#width; x++, from += 3) target[start + x] = row[from]! * scale + shift;
    }
  }
}

/**
 * Pixels that are only moved, by whole pixels, as a scan's views are: nothing lies between them, so that no row needs to be made
 * first.
 */
function cutToTensor(
  { data, width, height }: RasterImage,
  { tx: left, ty: top }: AffineTransform,
  layout: TensorLayout,
  border: Colour,
  target: Float32Array,
): void {
  const start = Math.min(layout.width, Math.max(0, -left));
  const end = Math.max(start, Math.min(layout.width, width - left));
  for (const [channel, { from, scale, shift }] of channelMaps(layout).entries()) {
    const outside = border[from]! * scale + shift;
    for (let y = 0; y < layout.height; y++) {
      const to = (channel * layout.height + y) * layout.width;
      const isInside = top + y >= 0 && top + y < height;
      const cutStart = isInside ? start : layout.width;
      const cutEnd = isInside ? end : layout.width;
      target.fill(outside, to, to + cutStart);
      let at = ((top + y) * width + left + start) * 3 + from;
      for (let x = cutStart; x < cutEnd; x++, at += 3) target[to + x] = data[at]! * scale + shift;
      target.fill(outside, to + cutEnd, to + layout.width);
    }
  }
}

class GreyPlane implements RowSink {
  readonly #target: Float32Array;
  readonly #offset: number;
  readonly #width: number;
  readonly #scale: number;
  readonly #shift: number;

  constructor({ width, mean, standardDeviation }: TensorLayout, target: Float32Array, offset: number) {
    this.#target = target;
    this.#offset = offset;
    this.#width = width;
    const { scale, shift } = linearMap(perChannel(mean, 0), perChannel(standardDeviation, 0));
    this.#scale = scale;
    this.#shift = shift;
  }

  write(row: Float32Array, y: number): void {
    const target = this.#target;
    const scale = this.#scale;
    const shift = this.#shift;
    const start = this.#offset + y * this.#width;
    for (let x = 0, from = 0; x < this.#width; x++, from += 3) {
      target[start + x] = (0.299 * row[from]! + 0.587 * row[from + 1]! + 0.114 * row[from + 2]!) * scale + shift;
    }
  }
}

/** `(pixel - mean) / standardDeviation` as one product and one sum. */
function linearMap(mean: number, standardDeviation: number): { readonly scale: number; readonly shift: number } {
  const scale = 1 / standardDeviation;
  return { scale, shift: -mean * scale };
}

function perChannel(values: readonly number[], channel: number): number {
  return values.length === 1 ? values[0]! : values[channel]!;
}

function writeRows(
  image: RasterImage,
  toSource: AffineTransform,
  size: WarpOptions & { readonly width: number; readonly height: number },
  sink: RowSink,
): void {
  const row = new Float32Array(size.width * 3);
  const border = size.border ?? "edge";
  const source = size.antialias === false ? asItIs(image, toSource) : prefilter(image, toSource, size.width, size.height);
  const sampler = new RowSampler(source, border, row);
  for (let y = 0; y < size.height; y++) {
    sampler.sample(y);
    sink.write(row, y);
  }
}

/** Whether pixels are only moved, by whole pixels. */
function isWholeShift({ a, b, c, d, tx, ty }: AffineTransform): boolean {
  return a === 1 && b === 0 && c === 0 && d === 1 && Number.isInteger(tx) && Number.isInteger(ty);
}

/** A source that is at most about four times finer than the destination, and how to sample it. */
interface PreparedSource {
  readonly image: RasterImage;
  readonly toSource: AffineTransform;
  /** Where the picture ends, in `image`'s coordinates; its last block may stand for fewer pixels. */
  readonly right: number;
  readonly bottom: number;
  /** Samples along each axis of an output pixel. */
  readonly columns: number;
  readonly rows: number;
}

function prefilter(image: RasterImage, toSource: AffineTransform, width: number, height: number): PreparedSource {
  // How far the source point moves in x (in y) while the destination moves by one pixel, whatever the rotation.
  const blockWidth = Math.max(1, Math.floor(Math.hypot(toSource.a, toSource.b) / 2));
  const blockHeight = Math.max(1, Math.floor(Math.hypot(toSource.c, toSource.d) / 2));
  if (blockWidth === 1 && blockHeight === 1) return { ...asItIs(image, toSource), ...sampleCounts(toSource) };
  const region = visibleRegion(image, toSource, width, height, Math.max(blockWidth, blockHeight));
  const reduced = averageBlocks(image, region, { width: blockWidth, height: blockHeight });
  const intoBlocks = { a: 1 / blockWidth, b: 0, tx: -region.x / blockWidth, c: 0, d: 1 / blockHeight, ty: -region.y / blockHeight };
  const toReduced = composeTransforms(intoBlocks, toSource);
  const ends = { right: region.width / blockWidth, bottom: region.height / blockHeight };
  return { image: reduced, toSource: toReduced, ...ends, ...sampleCounts(toReduced) };
}

function asItIs(image: RasterImage, toSource: AffineTransform): PreparedSource {
  return { image, toSource, right: image.width, bottom: image.height, columns: 1, rows: 1 };
}

/** A tenth of a pixel too far apart costs nothing that can be seen, and saves three quarters of the work at 1:1. */
function sampleCounts(toSource: AffineTransform): { readonly columns: number; readonly rows: number } {
  return {
    columns: Math.max(1, Math.ceil(Math.hypot(toSource.a, toSource.c) - 0.1)),
    rows: Math.max(1, Math.ceil(Math.hypot(toSource.b, toSource.d) - 0.1)),
  };
}

/** The whole pixels that the destination can see, with a margin; at least one pixel, and on the picture's side of the edge. */
function visibleRegion(image: RasterImage, toSource: AffineTransform, width: number, height: number, margin: number): BoundingBox {
  const xs = [0, toSource.a * width, toSource.b * height, toSource.a * width + toSource.b * height];
  const ys = [0, toSource.c * width, toSource.d * height, toSource.c * width + toSource.d * height];
  const left = Math.min(image.width - 1, toSource.tx + Math.min(...xs) - margin);
  const top = Math.min(image.height - 1, toSource.ty + Math.min(...ys) - margin);
  const right = Math.max(1, toSource.tx + Math.max(...xs) + margin);
  const bottom = Math.max(1, toSource.ty + Math.max(...ys) + margin);
  return wholePixels({ x: left, y: top, width: right - left, height: bottom - top }, image.width, image.height);
}

/** Rows of the destination: for each pixel the mean of its bilinear samples. */
class RowSampler {
  readonly #source: PreparedSource;
  readonly #border: Border;
  readonly #row: Float32Array;
  /** Of one sample in its pixel's mean. */
  readonly #weight: number;

  /** @param row `[width, 3]`, where each row is written */
  constructor(source: PreparedSource, border: Border, row: Float32Array) {
    this.#source = source;
    this.#border = border;
    this.#row = row;
    this.#weight = 1 / (source.columns * source.rows);
  }

  sample(y: number): void {
    this.#row.fill(0);
    const { columns, rows, toSource } = this.#source;
    const { a, b, tx, c, d, ty } = toSource;
    for (let sampleY = 0; sampleY < rows; sampleY++) {
      const toY = y + (sampleY + 0.5) / rows;
      for (let sampleX = 0; sampleX < columns; sampleX++) {
        const toX = (sampleX + 0.5) / columns;
        this.#addSamples(a * toX + b * toY + tx, c * toX + d * toY + ty);
      }
    }
  }

  /**
   * Adds one sample for each pixel, the first at (`startX`, `startY`) in the source, the next ones a step of the transform further.
   * Numbers and no points: thousands of rows a picture would leave megabytes of objects behind.
   */
  #addSamples(startX: number, startY: number): void {
    const { image, right, bottom, toSource } = this.#source;
    const count = this.#row.length / 3;
    // Most pixels have four neighbours that all lie in the picture: those from `from` up to `end`.
    const endX = Math.min(right, image.width - 0.5);
    const endY = Math.min(bottom, image.height - 0.5);
    const from = Math.min(count, Math.max(0, firstStepInside(startX, toSource.a, endX), firstStepInside(startY, toSource.c, endY)));
    const end = Math.max(from, Math.min(count, stepsInside(startX, toSource.a, endX), stepsInside(startY, toSource.c, endY)));
    this.#addEdge(startX, startY, 0, from);
    this.#addInner(startX, startY, from, end);
    this.#addEdge(startX, startY, end, count);
  }

  /** {@link #addEdge} where nothing needs to be checked. The hot loop of the package. */
  #addInner(startX: number, startY: number, from: number, end: number): void {
    const { data, width } = this.#source.image;
    const { a, c } = this.#source.toSource;
    const row = this.#row;
    const weight = this.#weight;
    const stride = width * 3;
    for (let x = from, to = x * 3; x < end; x++, to += 3) {
      const px = startX + a * x - 0.5;
      const py = startY + c * x - 0.5;
      // Neither is negative; engines cut to 32 bits faster than they truncate.
      const x0 = px | 0;
      const y0 = py | 0;
      const fx = px - x0;
      const fy = py - y0;
      const upper = y0 * stride + x0 * 3;
      const lower = upper + stride;
      const w11 = fx * fy * weight;
      const w01 = fy * weight - w11;
      const w10 = fx * weight - w11;
      const w00 = weight - w01 - w10 - w11;
      row[to]! += w00 * data[upper]! + w10 * data[upper + 3]! + w01 * data[lower]! + w11 * data[lower + 3]!;
      row[to + 1]! += w00 * data[upper + 1]! + w10 * data[upper + 4]! + w01 * data[lower + 1]! + w11 * data[lower + 4]!;
      row[to + 2]! += w00 * data[upper + 2]! + w10 * data[upper + 5]! + w01 * data[lower + 2]! + w11 * data[lower + 5]!;
    }
  }

  /** The samples of the pixels from `from` up to `end`, which may look past the picture. */
  #addEdge(startX: number, startY: number, from: number, end: number): void {
    const { data, width, height } = this.#source.image;
    const { right, bottom, toSource } = this.#source;
    const { a, c } = toSource;
    const border = this.#border;
    const row = this.#row;
    const lastX = width - 1;
    const lastY = height - 1;
    const weight = this.#weight;
    for (let x = from, to = x * 3; x < end; x++, to += 3) {
      const sourceX = startX + a * x;
      const sourceY = startY + c * x;
      if (border !== "edge" && (sourceX < 0 || sourceY < 0 || sourceX >= right || sourceY >= bottom)) {
        row[to]! += border[0] * weight;
        row[to + 1]! += border[1] * weight;
        row[to + 2]! += border[2] * weight;
        continue;
      }
      // The sample lies between four pixel centres, which stand half a pixel from the corners of their pixels.
      const px = Math.min(Math.max(sourceX - 0.5, 0), lastX);
      const py = Math.min(Math.max(sourceY - 0.5, 0), lastY);
      const x0 = Math.trunc(px);
      const y0 = Math.trunc(py);
      const fx = px - x0;
      const fy = py - y0;
      const upper = (y0 * width + x0) * 3;
      const lower = y0 < lastY ? upper + width * 3 : upper;
      const next = x0 < lastX ? 3 : 0;
      const w11 = fx * fy * weight;
      const w01 = fy * weight - w11;
      const w10 = fx * weight - w11;
      const w00 = weight - w01 - w10 - w11;
      row[to]! += w00 * data[upper]! + w10 * data[upper + next]! + w01 * data[lower]! + w11 * data[lower + next]!;
      row[to + 1]! += w00 * data[upper + 1]! + w10 * data[upper + next + 1]! + w01 * data[lower + 1]! + w11 * data[lower + next + 1]!;
      row[to + 2]! += w00 * data[upper + 2]! + w10 * data[upper + next + 2]! + w01 * data[lower + 2]! + w11 * data[lower + next + 2]!;
    }
  }
}

/** Further from the edge than rounding can move a sample, in pixels. */
const roundingMargin = 1e-6;
/** The first pixel's centre: samples before it have no neighbour. */
const firstCentre = 0.5 + roundingMargin;

/** The first whole step after which `origin + step * steps` lies between the first pixel's centre and `end`; infinite where none does. */
function firstStepInside(origin: number, step: number, end: number): number {
  if (step === 0) return isInside(origin, end) ? 0 : Number.POSITIVE_INFINITY;
  return Math.ceil(Math.min((firstCentre - origin) / step, (end - roundingMargin - origin) / step));
}

/** How many steps, from the first inside on, end before the first one outside; infinite where all are inside. */
function stepsInside(origin: number, step: number, end: number): number {
  if (step === 0) return isInside(origin, end) ? Number.POSITIVE_INFINITY : 0;
  return Math.floor(Math.max((firstCentre - origin) / step, (end - roundingMargin - origin) / step));
}

function isInside(position: number, end: number): boolean {
  return position >= firstCentre && position < end - roundingMargin;
}
