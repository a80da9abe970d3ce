import {
  expectOptions,
  isArrayBuffer,
  isTypedArray,
  isWebObject,
  type OptionNames,
  reasonOf,
  TensorFaceError,
  throwIfAborted,
} from "../core/index.ts";
import { drawOnWhite, type DrawableSource, sizeOf } from "./canvas.browser.ts";
import {
  abortable,
  bytesOf,
  type DecodedPicture,
  decodeLimits,
  type DecodeLimits,
  decodeOptionNames,
  type DecodeOptions,
  checkBytes,
  checkPixels,
  finishDecoding,
  inspectPicture,
  isRasterImage,
  nameOfInput,
  refuseOtherPixels,
  wrapPixels,
} from "./decode.ts";
import type { RasterImage } from "./raster.ts";
import { checkResponse, chunksOf } from "./read-stream.ts";
import { fitWithin } from "./resize.ts";
import type { PictureFormat, PictureHeader } from "./sniff.ts";

/**
 * What can be analysed in a browser: bytes (Blob, File, ArrayBuffer, typed array, stream, URL as text or object) or pixels (image,
 * canvas and video elements, ImageBitmap, VideoFrame, ImageData, RasterImage).
 */
export type PictureInput =
  | string
  | URL
  | Blob
  | ArrayBuffer
  | Uint8Array
  | ReadableStream<Uint8Array>
  | Response
  | ImageData
  | DrawableSource
  | RasterImage;

/** What only browsers have. */
export interface BrowserDecodeOptions extends DecodeOptions {
  /**
   * Where the file `libheif-wasm/libheif-bundle.mjs` of the package libheif-js is served, for HEIC in browsers that do not read it
   * themselves. It is fetched with the first such picture. @default none: only Safari reads HEIC
   */
  readonly heicUrl?: string | URL | undefined;
}
const browserDecodeOptionNames: OptionNames<BrowserDecodeOptions> = { ...decodeOptionNames, heicUrl: true };

/**
 * Reads and decodes a picture with the browser's own decoders: JPEG, PNG, WebP, AVIF and GIF; TIFF only where the browser reads it
 * (Safari), and HEIC there or with `heicUrl`. Limits, orientation and errors are those of the Node version.
 *
 * @throws {TF_INPUT_NOT_FOUND | TF_INPUT_UNREADABLE | TF_INPUT_EMPTY} when there are no bytes to decode
 * @throws {TF_IMAGE_FORMAT_UNSUPPORTED} when they are no picture, or one in a format that this browser does not read
 * @throws {TF_IMAGE_TOO_LARGE} when a limit is exceeded
 * @throws {TF_IMAGE_CORRUPT} when the picture is damaged or cut off
 * @throws {TF_ABORTED} when the signal fires
 * @throws {TF_INVALID_ARGUMENT} when an option is out of its range or has a name that is none, or the input is nothing that can be read
 *
 * @example
 * const { image } = await decode(fileInput.files[0], { maxSide: 2048 });
 */
export async function decode(input: PictureInput, options: BrowserDecodeOptions = {}): Promise<DecodedPicture> {
  expectOptions(options, browserDecodeOptionNames);
  const limits = decodeLimits(options);
  throwIfAborted(options.signal);
  const source = options.source ?? nameOfInput(input) ?? "the picture";
  if (isRasterImage(input)) return wrapPixels(input, limits, source);
  if (isWebObject(input, "ImageData")) return decodeImageData(input, limits, source);
  refuseOtherPixels(input);
  if (isByteInput(input)) {
    const bytes = await abortable(readBytes(input, limits, source, options.signal), options.signal);
    return abortable(decodeBytes(bytes, limits, { source, heicUrl: options.heicUrl }), options.signal);
  }
  if (!isDrawable(input)) {
    throw new TensorFaceError(
      "TF_INVALID_ARGUMENT",
      "a picture is bytes, a Blob, a URL, a stream, an image, canvas or video element, or pixels",
      {
        hint: "Of a file input, give `files[0]`; of a selector, what it found.",
      },
    );
  }
  const { width, height } = sizeOf(input);
  if (width === 0 || height === 0) throw new TensorFaceError("TF_INPUT_EMPTY", `${source} has no pixels yet; wait until it has loaded`);
  checkPixels(width, height, limits, source);
  return wrapPixels(drawElement(input, width, height, source), limits, source);
}

type BrowserByteInput = string | URL | Blob | ArrayBuffer | Uint8Array | ReadableStream<Uint8Array> | Response;

function isByteInput(input: PictureInput): input is BrowserByteInput {
  if (typeof input === "string" || isArrayBuffer(input) || isTypedArray(input, "Uint8Array")) return true;
  const kinds = ["URL", "Blob", "ReadableStream", "Response"] as const;
  return kinds.some((kind) => isWebObject(input, kind));
}

/** By its sides and not its class: workers have no elements, and those of another frame are of another class. */
function isDrawable(input: unknown): input is DrawableSource {
  if (typeof input !== "object" || input === null) return false;
  if ("displayWidth" in input) return typeof input.displayWidth === "number";
  return "width" in input && "height" in input && typeof input.width === "number" && typeof input.height === "number";
}

async function decodeImageData(input: ImageData, limits: DecodeLimits, source: string): Promise<DecodedPicture> {
  checkPixels(input.width, input.height, limits, source);
  // ImageData may hold half floats or another colour space: the browser converts, and flattens on white like everything else.
  const bitmap = await createImageBitmap(input);
  try {
    return wrapPixels(drawOnWhite(bitmap, input.width, input.height), limits, source);
  } finally {
    bitmap.close();
  }
}

function drawElement(input: DrawableSource, width: number, height: number, source: string): RasterImage {
  try {
    return drawOnWhite(input, width, height);
  } catch (error) {
    throw new TensorFaceError("TF_INPUT_UNREADABLE", `the pixels of ${source} cannot be read: ${reasonOf(error)}`, {
      cause: error,
      hint: "Pictures of another site need its permission: load them with crossorigin.",
    });
  }
}

interface BytesOptions extends Pick<BrowserDecodeOptions, "heicUrl"> {
  readonly source: string;
}

async function decodeBytes(bytes: Uint8Array, limits: DecodeLimits, { source, heicUrl }: BytesOptions): Promise<DecodedPicture> {
  const header = inspectPicture(bytes, limits, source);
  const bitmap = await createBitmap(withoutOrientation(bytes, header), header, source).catch(async (error: unknown) => {
    if (header.format !== "heic" || heicUrl === undefined) throw error;
    const { heicToPng } = await import("./heic/to-png.browser.ts");
    const png = await heicToPng(bytes, heicUrl, { maxPixels: limits.maxPixels, source });
    return createBitmap(png, { ...header, format: "png" }, source);
  });
  try {
    checkPixels(bitmap.width, bitmap.height, limits, source);
    const stored = { storedWidth: bitmap.width, storedHeight: bitmap.height };
    const image = fitWithin(drawOnWhite(bitmap, bitmap.width, bitmap.height), limits);
    return finishDecoding({ image, ...stored }, header, source);
  } finally {
    bitmap.close();
  }
}

/**
 * Browsers differ in whose orientation they apply (JPEG: all; PNG and WebP: some) and in what `imageOrientation` means. So the
 * browser gets bytes that say "upright", and the orientation is applied here as in Node.
 */
function withoutOrientation(bytes: Uint8Array, header: PictureHeader): Uint8Array<ArrayBuffer> {
  const copy = new Uint8Array(bytes);
  if (header.orientation !== undefined) {
    const { offset, littleEndian } = header.orientation;
    new DataView(copy.buffer).setUint16(offset, 1, littleEndian);
  }
  return copy;
}

/** What to do about formats that only some browsers read. */
const ownReaders: { readonly [Format in PictureFormat]?: string } = {
  tiff: "Use JPEG, PNG, WebP, AVIF or GIF in the browser.",
  heic: "npm install libheif-js, and give the address of its libheif-bundle.mjs as `heicUrl`; or save the photo as JPEG.",
};

async function createBitmap(bytes: Uint8Array<ArrayBuffer>, header: PictureHeader, source: string): Promise<ImageBitmap> {
  try {
    return await createImageBitmap(new Blob([bytes], { type: `image/${header.format}` }));
  } catch (error) {
    const format = header.format.toUpperCase();
    const hint = ownReaders[header.format];
    if (hint !== undefined) {
      throw new TensorFaceError("TF_IMAGE_FORMAT_UNSUPPORTED", `${source} is a ${format} file, which this browser does not read`, {
        cause: error,
        hint,
      });
    }
    throw new TensorFaceError("TF_IMAGE_CORRUPT", `${source} could not be decoded as ${format}: ${reasonOf(error)}`, { cause: error });
  }
}

async function readBytes(
  input: BrowserByteInput,
  limits: DecodeLimits,
  source: string,
  signal: AbortSignal | undefined,
): Promise<Uint8Array> {
  if (isTypedArray(input, "Uint8Array") || isArrayBuffer(input)) return bytesOf(input, source);
  if (isWebObject(input, "Blob")) {
    checkBytes(input.size, limits, source);
    return new Uint8Array(await input.arrayBuffer());
  }
  if (isWebObject(input, "ReadableStream")) return collect(input, limits, source, signal);
  const response = isWebObject(input, "Response") ? input : await fetchPicture(input, source, signal);
  checkResponse(response, limits, source);
  return response.body === null ? new Uint8Array() : collect(response.body, limits, source, signal);
}

async function fetchPicture(url: string | URL, source: string, signal: AbortSignal | undefined): Promise<Response> {
  try {
    return await fetch(url, signal === undefined ? {} : { signal });
  } catch (error) {
    throw new TensorFaceError("TF_INPUT_UNREADABLE", `${source} could not be read: ${reasonOf(error)}`, { cause: error });
  }
}

// eslint-disable-next-line max-params -- what is read, how much of it, and until when
async function collect(
  stream: ReadableStream<Uint8Array>,
  limits: DecodeLimits,
  source: string,
  signal: AbortSignal | undefined,
): Promise<Uint8Array> {
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let length = 0;
  try {
    for await (const chunk of chunksOf(stream, signal)) {
      length += chunk.length;
      checkBytes(length, limits, source);
      chunks.push(new Uint8Array(chunk));
    }
  } catch (error) {
    if (error instanceof TensorFaceError) throw error;
    throw new TensorFaceError("TF_INPUT_UNREADABLE", `${source} could not be read: ${reasonOf(error)}`, { cause: error });
  }
  return new Uint8Array(await new Blob(chunks).arrayBuffer());
}
