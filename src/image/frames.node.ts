import { setImmediate } from "node:timers/promises";
import type { Sharp, SharpOptions } from "sharp";
import { TensorFaceError, throwIfAborted } from "../core/index.ts";
import { abortable, decodeLimits, type DecodeLimits, inspectPicture } from "./decode.ts";
import { decode, decodingFailure, heicAsPng, isWideInks, openLab, openWideInks, stillAvif } from "./decode.node.ts";
import { checkSides, defaultQuality, type EncodingFormat } from "./encode.ts";
import { encode } from "./encode.node.ts";
import { withWholeFrame } from "./formats/gif.ts";
import { isHeifSequence } from "./formats/heif.ts";
import { countPngFrames } from "./formats/png.ts";
import { countTiffPages } from "./formats/tiff.ts";
import { loadSharp } from "./in-memory.node.ts";
import { readBytes } from "./input.node.ts";
import { applyOrientation, swapsSides } from "./orient.ts";
import { createRasterImage, type RasterImage } from "./raster.ts";
import type { PictureHeader } from "./sniff.ts";

/** A frame with what {@link RasterImage} has no place for. */
export interface FrameLayers {
  /** Transparency on white. */
  readonly image: RasterImage;
  /** How opaque it is, as a grey picture of the same size; absent where all of it is. */
  readonly opacity?: RasterImage | undefined;
}

/** When frames are shown. */
export interface FrameTimes {
  /** For how long each is, in milliseconds, as the file says it; of a still picture one number. */
  readonly delays: readonly number[];
  /** How often they are shown, 0 for ever. */
  readonly loop: number;
}

/** All that a picture's file shows: of an animation each frame, of a still picture one. */
export interface PictureFrames extends FrameTimes {
  /** Upright, in pixels. */
  readonly width: number;
  readonly height: number;
  /** Made anew with each call. */
  readonly frame: (index: number) => FrameLayers;
}

/** Formats of which all frames are written, and their transparency. */
export type FramesFormat = EncodingFormat | "gif";

interface FramesOptions {
  readonly signal?: AbortSignal | undefined;
}

/**
 * Decodes every frame of a picture's file as `decode` does the first one, with its transparency. All pixels are in memory, four bytes each.
 * @throws {TF_IMAGE_FORMAT_UNSUPPORTED} when it holds several pictures that are not all read: an animated PNG, a sequence of AVIF, pages of TIFF
 * @throws {TF_IMAGE_TOO_LARGE} when all frames together have more pixels than a picture may have
 * @throws the codes of `decode`
 */
export async function decodeFrames(path: string, { signal }: FramesOptions = {}): Promise<PictureFrames> {
  const limits = decodeLimits({});
  const { bytes, source } = await abortable(readBytes(path, limits, { signal }), signal);
  const header = inspectPicture(bytes, limits, source);
  refuseOthersBeside(bytes, header, source);
  const plain = header.format === "heic" ? await heicAsPng(bytes, limits, { source, signal }) : { bytes, header };
  const layered = header.format === "jpeg" ? undefined : await abortable(decodeLayers(plain.bytes, plain.header, limits, source), signal);
  if (layered !== undefined) return layered;
  const { image } = await decode(plain.bytes, { source, signal, maxBytes: Infinity });
  return { width: image.width, height: image.height, delays: [0], loop: 0, frame: () => ({ image }) };
}

/** What would be lost without a word. @throws {TF_IMAGE_FORMAT_UNSUPPORTED} */
function refuseOthersBeside(bytes: Uint8Array, { format }: PictureHeader, source: string): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const refuse = (what: string, hint: string): void => {
    throw new TensorFaceError("TF_IMAGE_FORMAT_UNSUPPORTED", `${source} ${what}, of which only the first is read`, { hint });
  };
  const convert = "Convert it to an animated WebP or GIF, or to a film, for example with ffmpeg.";
  if (format === "png" && countPngFrames(view) > 1) refuse(`is an animated PNG of ${countPngFrames(view)} frames`, convert);
  if ((format === "avif" || format === "heic") && isHeifSequence(view)) refuse("is a sequence of pictures", convert);
  if (format === "tiff" && countTiffPages(view) > 1) refuse(`has ${countTiffPages(view)} pages`, "Save each page as a file of its own.");
}

/** Undefined for a still picture without transparency, which needs none of this. */
// eslint-disable-next-line max-params -- bytes, what is known of them, and what messages need
async function decodeLayers(
  bytes: Uint8Array,
  header: PictureHeader,
  limits: DecodeLimits,
  source: string,
): Promise<PictureFrames | undefined> {
  // Other formats are opened at their first picture: what follows it in a TIFF file is a copy of it.
  const pages = header.format === "gif" || header.format === "webp" ? -1 : 1;
  // The limit is asked below, so that what it is about can be said.
  const settings: SharpOptions = { failOn: "error", limitInputPixels: false, sequentialRead: true, pages };
  try {
    const prefixed = header.format === "gif" ? withWholeFrame(bytes, header) : undefined;
    const skipped = prefixed === undefined ? 0 : 1;
    const still = header.format === "avif" ? stillAvif(bytes) : bytes;
    const open = async (): Promise<Sharp> => (await loadSharp())(prefixed ?? still, { ...settings, page: skipped });
    const read = await (header.lab === undefined ? open() : openLab(bytes, header.lab, settings));
    const metadata = await read.metadata();
    const opened = isWideInks(metadata) ? await openWideInks(bytes, settings) : read;
    const count = metadata.pages !== undefined && pages === -1 ? metadata.pages - skipped : 1;
    if (count === 1 && !metadata.hasAlpha) return undefined;
    const height = metadata.pageHeight ?? metadata.height;
    checkFrames({ width: metadata.width, height, count }, limits, source);
    const { data, info } = await opened.toColourspace("srgb").ensureAlpha().raw().toBuffer({ resolveWithObject: true });
    const delays = Array.from({ length: count }, (_, index) => metadata.delay?.[index + skipped] ?? 0);
    return framesOf({ data, channels: info.channels, width: info.width, height }, { delays, loop: metadata.loop ?? 0 }, header);
  } catch (error) {
    throw decodingFailure(error, header, limits, source);
  }
}

function checkFrames(
  { width, height, count }: { readonly width: number; readonly height: number; readonly count: number },
  { maxPixels }: DecodeLimits,
  source: string,
): void {
  if (width * height * count <= maxPixels) return;
  throw new TensorFaceError(
    "TF_IMAGE_TOO_LARGE",
    `${source} has ${count} frames of ${width} x ${height}, all in all ${width * height * count} pixels; the limit is ${maxPixels}`,
    { hint: "Convert the animation to a film, for example with ffmpeg: films may be of any length." },
  );
}

/** Frames below one another. */
interface Strip {
  readonly data: Uint8Array;
  /** 2 or 4: grey or RGB, and how opaque. */
  readonly channels: number;
  readonly width: number;
  /** Of one frame. */
  readonly height: number;
}

function framesOf({ data, channels, width, height }: Strip, times: FrameTimes, { orientation }: PictureHeader): PictureFrames {
  const turn = orientation?.value ?? 1;
  const upright = swapsSides(turn) ? { width: height, height: width } : { width, height };
  const frame = (index: number): FrameLayers => {
    const pixels = data.subarray(index * width * height * channels, (index + 1) * width * height * channels);
    const { image, opacity } = separate({ data: pixels, channels, width, height });
    return { image: applyOrientation(image, turn), opacity: opacity && applyOrientation(opacity, turn) };
  };
  return { ...upright, ...times, frame };
}

function separate({ data, channels, width, height }: Strip): FrameLayers {
  const [image, opacity] = [createRasterImage(width, height), createRasterImage(width, height)];
  let isOpaque = true;
  for (let from = 0, to = 0; from < data.length; from += channels, to += 3) {
    const alpha = data[from + channels - 1]!;
    if (alpha !== 255) isOpaque = false;
    for (let channel = 0; channel < 3; channel++) {
      const colour = data[channels === 4 ? from + channel : from]!;
      image.data[to + channel] = Math.round(255 - ((255 - colour) * alpha) / 255);
      opacity.data[to + channel] = alpha;
    }
  }
  return isOpaque ? { image } : { image, opacity };
}

/**
 * The bytes of a file with frames, each of the size that is said. Colours are as much as could be seen of them: nothing is left beneath what is transparent.
 * @throws {TF_IMAGE_TOO_LARGE} when the format has no room for them
 * @throws {TF_ABORTED} when the signal fires
 */
export async function encodeFrames(
  frames: Iterable<FrameLayers>,
  { width, height, delays, loop, format, signal }: Omit<PictureFrames, "frame"> & FramesOptions & { readonly format: FramesFormat },
): Promise<Uint8Array> {
  checkSides({ width, height }, format);
  const isStill = delays.length === 1;
  const length = width * height * 4;
  let strip: Uint8Array | undefined;
  let at = 0;
  for (const layers of frames) {
    // Between two frames others have their turn: who stops the work, above all.
    await setImmediate();
    throwIfAborted(signal);
    if (isStill && format !== "gif" && (layers.opacity === undefined || format === "jpeg")) return encode(layers.image, { format });
    strip ??= new Uint8Array(length * delays.length);
    join(layers, strip.subarray(at, (at += length)));
  }
  const raw = { width, height: height * delays.length, channels: 4, ...(isStill ? {} : { pageHeight: height }) } as const;
  const pipeline = (await loadSharp())(strip, { raw, limitInputPixels: false });
  const times = isStill ? {} : { delay: [...delays], loop };
  // With a quality a PNG file would have a palette.
  if (format === "png") return pipeline.png().toBuffer();
  return format === "gif" ? pipeline.gif(times).toBuffer() : pipeline.toFormat(format, { ...times, quality: defaultQuality }).toBuffer();
}

/** The colours whose mixture with white the picture is. */
function join({ image, opacity }: FrameLayers, rgba: Uint8Array): void {
  for (let from = 0, to = 0; to < rgba.length; from += 3, to += 4) {
    const alpha = opacity === undefined ? 255 : opacity.data[from]!;
    for (let channel = 0; channel < 3; channel++)
      rgba[to + channel] = alpha === 0 ? 255 : Math.max(0, Math.round(255 - ((255 - image.data[from + channel]!) * 255) / alpha));
    rgba[to + 3] = alpha;
  }
}
