import { expectObject, expectThat, isArrayBuffer, isTypedArray, isWebObject, type OptionNames, TensorFaceError } from "../core/index.ts";
import type { Orientation } from "./formats/exif.ts";
import { applyOrientation, swapsSides } from "./orient.ts";
import type { RasterImage } from "./raster.ts";
import { fitWithin } from "./resize.ts";
import { type PictureFormat, type PictureHeader, sniffPicture } from "./sniff.ts";

/** What decoding has in common on every platform: the limits, their defaults, and what comes out. */
export interface DecodeOptions {
  /** Refuse inputs of more bytes; checked while reading, before decoding. @default 67108864 (64 MiB) */
  readonly maxBytes?: number | undefined;
  /** Refuse pictures of more pixels; checked on the header, before decoding. @default 128000000 */
  readonly maxPixels?: number | undefined;
  /**
   * Scale larger pictures down, proportions kept, so that no side is longer than this. Large JPEG files are then decoded at 1/2, 1/4
   * or 1/8 straight away, which takes less than half the time. @default no scaling
   */
  readonly maxSide?: number | undefined;
  /**
   * Likewise for the extent: the longer side, or, of a panorama or strip, longer than 16:9, that of a 4:3 photograph of its area.
   * @default no scaling
   */
  readonly maxExtent?: number | undefined;
  /** What messages call the input. @default its path, URL or file name; "the picture" where there is none */
  readonly source?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}
export const decodeOptionNames: OptionNames<DecodeOptions> = {
  maxBytes: true,
  maxPixels: true,
  maxSide: true,
  maxExtent: true,
  source: true,
  signal: true,
};

/** A picture ready for use: upright, 8-bit sRGB, transparency on white. */
export interface DecodedPicture {
  readonly image: RasterImage;
  /** The path, URL or name of the input. */
  readonly source: string;
  /** Absent for inputs that were pixels already. */
  readonly format?: PictureFormat | undefined;
  /** Size of the upright picture before it was scaled, in pixels. */
  readonly originalWidth: number;
  readonly originalHeight: number;
  /** Pixels of `image` for each pixel of the original, at most 1: divide by it to return to original pixels. */
  readonly scale: number;
}

/** Options with the defaults filled in. */
export interface DecodeLimits {
  readonly maxBytes: number;
  readonly maxPixels: number;
  readonly maxSide: number;
  readonly maxExtent: number;
}

/**
 * 64 MiB hold a 100-megapixel JPEG file. 128 million pixels let the largest common cameras pass (108-megapixel telephones,
 * 102-megapixel medium format) and take 384 MB as RGB, which a machine that runs networks has.
 */
const defaultLimits: DecodeLimits = { maxBytes: 64 * 1024 * 1024, maxPixels: 128_000_000, maxSide: Infinity, maxExtent: Infinity };

/** @throws {TF_INVALID_ARGUMENT} when a limit is not a positive number */
export function decodeLimits(options: DecodeOptions): DecodeLimits {
  expectObject("options", options);
  const limits = {
    maxBytes: options.maxBytes ?? defaultLimits.maxBytes,
    maxPixels: options.maxPixels ?? defaultLimits.maxPixels,
    maxSide: options.maxSide ?? defaultLimits.maxSide,
    maxExtent: options.maxExtent ?? defaultLimits.maxExtent,
  };
  for (const [name, value] of Object.entries(limits)) {
    if (!(value >= 1)) throw new TensorFaceError("TF_INVALID_ARGUMENT", `${name} must be a number of at least 1, got ${value}`);
  }
  return limits;
}

/** @throws {TF_IMAGE_TOO_LARGE} when there are more bytes than allowed */
export function checkBytes(bytes: number, limits: DecodeLimits, source: string): void {
  if (bytes <= limits.maxBytes) return;
  throw new TensorFaceError("TF_IMAGE_TOO_LARGE", `${source} has ${bytes} bytes or more, the limit (maxBytes) is ${limits.maxBytes}`);
}

/** @throws {TF_IMAGE_TOO_LARGE} when there are more pixels than allowed */
export function checkPixels(width: number, height: number, limits: DecodeLimits, source: string): void {
  if (width * height <= limits.maxPixels) return;
  throw new TensorFaceError(
    "TF_IMAGE_TOO_LARGE",
    `${source} has ${width} x ${height} = ${width * height} pixels, the limit (maxPixels) is ${limits.maxPixels}`,
  );
}

/**
 * The header of a picture that may be decoded.
 * @throws {TF_INPUT_EMPTY | TF_IMAGE_FORMAT_UNSUPPORTED | TF_IMAGE_CORRUPT | TF_IMAGE_TOO_LARGE}
 */
export function inspectPicture(bytes: Uint8Array, limits: DecodeLimits, source: string): PictureHeader {
  checkBytes(bytes.length, limits, source);
  const header = sniffPicture(bytes, source);
  checkPixels(header.width, header.height, limits, source);
  return header;
}

/** What the decoder gave for a header: pixels as stored (not turned), and the size as stored before any scaling. */
export interface StoredPixels {
  readonly image: RasterImage;
  readonly storedWidth: number;
  readonly storedHeight: number;
}

/** Turns stored pixels upright and says how they relate to the original. */
export function finishDecoding(stored: StoredPixels, header: PictureHeader, source: string): DecodedPicture {
  const orientation: Orientation = header.orientation?.value ?? 1;
  const isTurned = swapsSides(orientation);
  return {
    image: applyOrientation(stored.image, orientation),
    source,
    format: header.format,
    originalWidth: isTurned ? stored.storedHeight : stored.storedWidth,
    originalHeight: isTurned ? stored.storedWidth : stored.storedHeight,
    scale: Math.max(stored.image.width, stored.image.height) / Math.max(stored.storedWidth, stored.storedHeight),
  };
}

/** Pixels that need no decoding, under the same limits. */
export function wrapPixels(image: RasterImage, limits: DecodeLimits, source: string): DecodedPicture {
  checkPixels(image.width, image.height, limits, source);
  const scaled = fitWithin(image, limits);
  const scale = Math.max(scaled.width, scaled.height) / Math.max(image.width, image.height);
  return { image: scaled, source, originalWidth: image.width, originalHeight: image.height, scale };
}

/** Whether an input is a {@link RasterImage}: whole sides, and RGB bytes of the right length. */
export function isRasterImage(input: unknown): input is RasterImage {
  if (!looksLikePixels(input)) return false;
  const { width, height, data } = input;
  return isByteArray(data) && isSide(width) && isSide(height) && data.length === width * height * 3;
}

/** @throws {TF_INVALID_ARGUMENT} for an input that has sides and data but is no {@link RasterImage} */
export function refuseOtherPixels(input: unknown): void {
  if (!looksLikePixels(input) || isRasterImage(input)) return;
  const { width, height, data } = input;
  const given = isByteArray(data) ? `${data.length} bytes` : "data of another type";
  throw new TensorFaceError(
    "TF_INVALID_ARGUMENT",
    `pixels need whole sides and width * height * 3 bytes, got ${String(width)} x ${String(height)} and ${given}`,
    {
      hint: "Give { width, height, data } with data a Uint8Array of R G B for each pixel; leave an alpha channel out.",
    },
  );
}

/** What draws on pixels takes nothing else. @throws {TF_INVALID_ARGUMENT} */
export function expectPixels(image: unknown): void {
  refuseOtherPixels(image);
  expectThat(isRasterImage(image), "image must be pixels { width, height, data }", image);
}

function looksLikePixels(input: unknown): input is { readonly width: unknown; readonly height: unknown; readonly data: unknown } {
  return typeof input === "object" && input !== null && "width" in input && "height" in input && "data" in input;
}

function isByteArray(data: unknown): data is Uint8Array | Uint8ClampedArray {
  return isTypedArray(data, "Uint8Array") || isTypedArray(data, "Uint8ClampedArray");
}

function isSide(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value > 0;
}

/** Longer text than any path: somebody's picture, perhaps. */
export const longestName = 4096;

/** What results and messages call an input that has a name of its own: its path, URL or file name; of one that is none, the beginning. */
export function nameOfInput(input: unknown): string | undefined {
  if (typeof input === "string" || isWebObject(input, "URL")) {
    const text = String(input);
    if (/^data:/i.test(text)) return "the data URL";
    return text.length > longestName ? `${text.slice(0, 60)}… (${text.length} characters)` : text;
  }
  if (isWebObject(input, "File") && input.name !== "") return input.name;
  return isWebObject(input, "Response") && input.url !== "" ? input.url : undefined;
}

/** Whether the memory of bytes was transferred to another thread. */
export function isDetached(input: Uint8Array | ArrayBuffer): boolean {
  const buffer = isArrayBuffer(input) ? input : input.buffer;
  return isArrayBuffer(buffer) && buffer.detached;
}

/** The bytes of a buffer, not copied. @throws {TF_INPUT_UNREADABLE} when they were transferred to another thread */
export function bytesOf(input: Uint8Array | ArrayBuffer, source: string): Uint8Array {
  if (!isDetached(input)) return isArrayBuffer(input) ? new Uint8Array(input) : input;
  throw new TensorFaceError("TF_INPUT_UNREADABLE", `the bytes of ${source} were transferred to another thread`, {
    hint: "Give a copy of the bytes away, or to the analyzer.",
  });
}

/** Settles as `work` does, or rejects with TF_ABORTED as soon as the signal fires; the work itself may run on, unheard. */
export async function abortable<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work;
  const aborted = Promise.withResolvers<never>();
  const onAbort = (): void => {
    aborted.reject(new TensorFaceError("TF_ABORTED", "decoding was aborted", { cause: signal.reason }));
  };
  if (signal.aborted) onAbort();
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    return await Promise.race([work, aborted.promise]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}
