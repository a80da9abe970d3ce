import { createHash } from "node:crypto";
import type { Metadata, Sharp, SharpOptions } from "sharp";
import { expectOptions, isPictureFault, isTensorFaceError, reasonOf, TensorFaceError, throwIfAborted } from "../core/index.ts";
import {
  abortable,
  type DecodedPicture,
  type DecodeLimits,
  decodeLimits,
  decodeOptionNames,
  type DecodeOptions,
  finishDecoding,
  inspectPicture,
  isRasterImage,
  refuseOtherPixels,
  type StoredPixels,
  wrapPixels,
} from "./decode.ts";
import { decodeBeside } from "./heic/heic-thread.node.ts";
import { loadSharp } from "./in-memory.node.ts";
import { type ByteInput, readBytes } from "./input.node.ts";
import { createRasterImage, type RasterImage } from "./raster.ts";
import { withWholeFrame } from "./formats/gif.ts";
import type { LabField } from "./formats/header.ts";
import { rgbFromLab } from "./lab.ts";
import { fittedSize } from "./resize.ts";
import type { PictureHeader } from "./sniff.ts";

/** What can be analysed in Node: anything that has bytes, or pixels. */
export type PictureInput = ByteInput | RasterImage;

/**
 * Reads and decodes a picture: JPEG, PNG, WebP, AVIF, GIF or TIFF; HEIC where the package libheif-js is installed. Of an animation
 * it is the first frame, of several pages the first.
 *
 * Bytes and pixels are checked against the limits before anything is decoded. What comes out is upright (EXIF applied), 8-bit
 * sRGB (an embedded ICC profile is honoured; CMYK, greyscale, palettes and 16 bits are converted), with transparency on white.
 * sharp's process-wide settings (cache, threads) are left as they are, since they belong to the host.
 *
 * @throws {TF_INPUT_NOT_FOUND | TF_INPUT_UNREADABLE | TF_INPUT_EMPTY} when there are no bytes to decode
 * @throws {TF_IMAGE_FORMAT_UNSUPPORTED} when they are no picture, or one in another format, whatever its name says
 * @throws {TF_IMAGE_TOO_LARGE} when a limit is exceeded
 * @throws {TF_IMAGE_CORRUPT} when the picture is damaged or cut off
 * @throws {TF_ABORTED} when the signal fires
 * @throws {TF_INVALID_ARGUMENT} when an option is out of its range or has a name that is none, or the input is nothing that can be read
 *
 * @example
 * const { image, scale } = await decode("photo.jpg", { maxSide: 2048 });
 */
export async function decode(input: PictureInput, options: DecodeOptions = {}): Promise<DecodedPicture> {
  expectOptions(options, decodeOptionNames);
  const limits = decodeLimits(options);
  throwIfAborted(options.signal);
  if (isRasterImage(input)) return wrapPixels(input, limits, options.source ?? "the picture");
  refuseOtherPixels(input);
  // A stream may never send another byte, so the signal must not wait for one.
  const { bytes, source } = await abortable(readBytes(input, limits, options), options.signal);
  const header = inspectPicture(bytes, limits, source);
  const still = header.format === "avif" ? stillAvif(bytes) : bytes;
  const plain = header.format === "heic" ? await heicAsPng(bytes, limits, { source, signal: options.signal }) : { bytes: still, header };
  const stored = await abortable(decodePixels(plain.bytes, plain.header, limits, source), options.signal);
  return { ...finishDecoding(stored, plain.header, source), format: header.format };
}

/**
 * What {@link decode} gives; undefined for a picture that is gone, damaged or another one by now.
 * @throws what is no fault of the picture: TF_SYSTEM_UNSUPPORTED, TF_ABORTED, TF_INVALID_ARGUMENT
 */
export async function decodeReadable(input: PictureInput, options?: DecodeOptions): Promise<DecodedPicture | undefined> {
  try {
    return await decode(input, options);
  } catch (error) {
    if (isTensorFaceError(error) && isPictureFault(error.code)) return undefined;
    throw error;
  }
}

/** An AVIF sequence has a still picture too; libvips looks at the file's first name alone. */
export function stillAvif(bytes: Uint8Array): Uint8Array {
  const majorBrand = 8;
  const isSequence = String.fromCodePoint(...bytes.subarray(majorBrand, majorBrand + 4)) === "avis";
  if (!isSequence) return bytes;
  const copy = new Uint8Array(bytes);
  copy.set(new TextEncoder().encode("avif"), majorBrand);
  return copy;
}

/** HEIC as a PNG file, which brings its colour profile and transparency along, and from there on like any other picture. */
export async function heicAsPng(
  bytes: Uint8Array,
  limits: DecodeLimits,
  { source, signal }: { readonly source: string; readonly signal?: AbortSignal | undefined },
): Promise<{ readonly bytes: Uint8Array; readonly header: PictureHeader }> {
  const png = await abortable(decodeBeside(bytes, { maxPixels: limits.maxPixels, source }), signal);
  return { bytes: png, header: inspectPicture(png, { ...limits, maxBytes: Infinity }, source) };
}

async function decodePixels(bytes: Uint8Array, header: PictureHeader, limits: DecodeLimits, source: string): Promise<StoredPixels> {
  // "error" refuses what is cut off or damaged, and lets harmless warnings (odd metadata) of real cameras pass.
  const settings: SharpOptions = { failOn: "error", limitInputPixels: limits.maxPixels, sequentialRead: true };
  try {
    const sharp = await loadSharp();
    const prefixed = header.format === "gif" ? withWholeFrame(bytes, header) : undefined;
    const open = (): Sharp => (prefixed === undefined ? sharp(bytes, settings) : sharp(prefixed, { ...settings, page: 1 }));
    const read = header.lab === undefined ? open() : await openLab(bytes, header.lab, settings);
    const metadata = await read.metadata();
    const opened = isWideInks(metadata) ? await openWideInks(bytes, settings) : read;
    // The size that is shown is not always the header's: of an AVIF file it may be a part alone.
    const { width, height } = fittedSize(metadata, limits);
    const isScaled = width !== metadata.width || height !== metadata.height;
    // Each of sharp's objects is 14 KB that V8's young collections do not take away, so there is a second one only where it has to differ.
    const pipeline = isPlainSrgb(metadata) ? sharp(bytes, { ...settings, ignoreIcc: true }) : opened;
    // "linear" is the triangle filter of `reduce`, so that Node and browsers agree; only JPEG files that are decoded smaller straight away differ.
    if (isScaled) pipeline.resize(width, height, { fit: "fill", kernel: "linear" });
    const isPlainCmyk = header.components === 4 && !metadata.hasProfile;
    const colours = isPlainCmyk
      ? pipeline.pipelineColourspace("cmyk").toColourspace("cmyk")
      : pipeline.flatten({ background: "#ffffff" }).toColourspace("srgb");
    const { data, info } = await colours.raw().toBuffer({ resolveWithObject: true });
    const rgb = isPlainCmyk ? rgbFromCmyk(data) : rgbChannels(data, info.channels);
    const image = createRasterImage(info.width, info.height, rgb);
    return { image, storedWidth: metadata.width, storedHeight: metadata.height };
  } catch (error) {
    throw decodingFailure(error, header, limits, source);
  }
}

/**
 * A TIFF file in L*a*b* as pixels of sRGB, and how opaque they are where it says so: read as if it were RGB, and converted before anything is
 * scaled, since between signed bytes of -1 and 1 lies no 128.
 */
export async function openLab(bytes: Uint8Array, lab: LabField, settings: SharpOptions): Promise<Sharp> {
  const copy = new Uint8Array(bytes);
  new DataView(copy.buffer).setUint16(lab.offset, photometricRgb, lab.littleEndian);
  const sharp = await loadSharp();
  const { data, info } = await sharp(copy, { ...settings, ignoreIcc: true })
    .toColourspace("srgb")
    .raw()
    .toBuffer({ resolveWithObject: true });
  const { width, height } = info;
  const channels = info.channels === 4 ? 4 : 3;
  const samples = channels === 4 ? data : rgbChannels(data, info.channels);
  const raw = { width, height, channels } as const;
  return sharp(rgbFromLab(samples, { channels, isSigned: lab.isSigned }), { raw, limitInputPixels: settings.limitInputPixels ?? true });
}

/** Inks of 16 bits and how opaque they are, as TIFF files have them: of the opacity libvips makes none or all. */
export function isWideInks({ space, depth, hasAlpha }: Metadata): boolean {
  return space === "cmyk" && depth === "ushort" && hasAlpha;
}

/** Pixels of sRGB with their opacity, of {@link isWideInks}: the samples as they stand tell it. */
export async function openWideInks(bytes: Uint8Array, settings: SharpOptions): Promise<Sharp> {
  const sharp = await loadSharp();
  const { data, info } = await sharp(bytes, settings).removeAlpha().toColourspace("srgb").raw().toBuffer({ resolveWithObject: true });
  const stored = await sharp(bytes, { ...settings, ignoreIcc: true })
    .pipelineColourspace("cmyk")
    .toColourspace("cmyk")
    .raw({ depth: "ushort" })
    .toBuffer();
  const samples = new Uint16Array(new Uint8Array(stored).buffer);
  const { width, height } = info;
  const rgb = rgbChannels(data, info.channels);
  const inks = samples.length / (width * height);
  const pixels = new Uint8Array(width * height * 4);
  for (let pixel = 0; pixel < width * height; pixel++) {
    pixels.set(rgb.subarray(pixel * 3, pixel * 3 + 3), pixel * 4);
    pixels[pixel * 4 + 3] = Math.round(samples[(pixel + 1) * inks - 1]! / 257);
  }
  return sharp(pixels, { raw: { width, height, channels: 4 }, limitInputPixels: settings.limitInputPixels ?? true });
}

/** PhotometricInterpretation of RGB. */
const photometricRgb = 2;

/**
 * SHA-256 of profiles that say what is assumed without one: Hewlett-Packard's sRGB IEC61966-2.1, which most pictures with a profile
 * have, and the one that sharp writes.
 */
const srgbProfiles: ReadonlySet<string> = new Set([
  "2b3aa1645779a9e634744faf9b01e9102b0c9b88fd6deced7934df86b949af7e",
  "c56e1685d888f5edb92fe07f2750f387f8fe8e91b32ff8fb0b56bfbbb9458353",
]);

/** Whether the embedded profile is sRGB itself: turning it into sRGB costs as much as decoding, and moves no number by more than one. */
function isPlainSrgb({ icc }: Metadata): boolean {
  return icc !== undefined && srgbProfiles.has(createHash("sha256").update(icc).digest("hex"));
}

/** CMYK that does not say for which inks: the plain product, as browsers do it, and not a guess of the inks. */
function rgbFromCmyk(cmyk: Uint8Array): Uint8Array {
  const rgb = new Uint8Array((cmyk.length / 4) * 3);
  for (let from = 0, to = 0; from < cmyk.length; from += 4, to += 3) {
    const light = 255 - cmyk[from + 3]!;
    for (let channel = 0; channel < 3; channel++) rgb[to + channel] = Math.round(((255 - cmyk[from + channel]!) * light) / 255);
  }
  return rgb;
}

/** Greyscale pictures come with one channel; everything else with three. */
function rgbChannels(data: Uint8Array, channels: number): Uint8Array {
  if (channels === 3) return data;
  const pixels = data.length / channels;
  const rgb = new Uint8Array(pixels * 3);
  const isGrey = channels < 3;
  for (let pixel = 0; pixel < pixels; pixel++) {
    const from = pixel * channels;
    rgb[pixel * 3] = data[from]!;
    rgb[pixel * 3 + 1] = data[isGrey ? from : from + 1]!;
    rgb[pixel * 3 + 2] = data[isGrey ? from : from + 2]!;
  }
  return rgb;
}

/** An error of libvips in our words. */
// eslint-disable-next-line max-params -- what went wrong, with what
export function decodingFailure(error: unknown, header: PictureHeader, limits: DecodeLimits, source: string): TensorFaceError {
  if (error instanceof TensorFaceError) return error;
  const reason = reasonOf(error).split("\n", 1)[0]!;
  if (/pixel limit/i.test(reason)) {
    return new TensorFaceError("TF_IMAGE_TOO_LARGE", `${source} has more pixels than the limit (maxPixels) of ${limits.maxPixels}`, {
      cause: error,
    });
  }
  return new TensorFaceError("TF_IMAGE_CORRUPT", `${source} could not be decoded as ${header.format.toUpperCase()}: ${reason}`, {
    cause: error,
  });
}
