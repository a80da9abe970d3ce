import { TensorFaceError } from "../../core/index.ts";
import type { ProfiledPixels } from "./png.ts";

/** What is used of libheif-js: libheif's C functions, and the memory that they work in. */
export interface HeifLibrary {
  readonly HEAPU8: Uint8Array;
  readonly HEAPU32: Uint32Array;
  _malloc(bytes: number): number;
  _free(pointer: number): void;
  _heif_context_alloc(): number;
  _heif_context_free(context: number): void;
  _heif_context_get_security_limits(context: number): number;
  _heif_context_read_from_memory(error: number, context: number, bytes: number, length: number, options: 0): void;
  _heif_context_get_primary_image_handle(error: number, context: number, handle: number): void;
  _heif_image_handle_has_alpha_channel(handle: number): number;
  _heif_image_handle_get_raw_color_profile_size(handle: number): number;
  _heif_image_handle_get_raw_color_profile(error: number, handle: number, bytes: number): void;
  _heif_image_handle_release(handle: number): void;
  // eslint-disable-next-line max-params -- libheif's function
  _heif_decode_image(error: number, handle: number, image: number, colourSpace: number, chroma: number, options: number): void;
  _heif_decoding_options_alloc(): number;
  _heif_decoding_options_free(options: number): void;
  _heif_image_get_width(image: number, channel: number): number;
  _heif_image_get_height(image: number, channel: number): number;
  _heif_image_get_plane_readonly2(image: number, channel: number, stride: number): number;
  _heif_image_release(image: number): void;
}

/** The package's file that runs everywhere, with its WebAssembly inside: it makes the library, at once. */
export interface HeifModule {
  readonly default: () => HeifLibrary;
}

/** Numbers of `heif_colorspace`, `heif_chroma` and `heif_channel`. */
const rgbColours = 1;
const interleaved = { 3: 10, 4: 11 } as const;
const interleavedChannel = 10;

/** Where `heif_decoding_options` has its switches: HDR becomes 8 bits, and what is damaged is an error where libheif sees it. */
const convertHdrAt = 20;
const strictAt = 21;
/** Where `heif_security_limits` has `max_image_size_pixels`, of 64 bits. */
const mostPixelsAt = 8;

/** Numbers of `heif_error_code` and `heif_suberror_code`. */
const unsupportedCodes: readonly number[] = [3, 4];
const limitExceeded = 1000;

export interface HeicOptions {
  readonly maxPixels: number;
  /** Named in messages. */
  readonly source: string;
}

/**
 * Decodes a file's primary picture: turned, mirrored and cropped as its container says, of a grid all tiles; 8 bits, the profile beside
 * it. Thumbnails, depth and gain maps and other pictures of the file are left alone.
 *
 * @throws {TF_IMAGE_CORRUPT} when it is damaged or cut off
 * @throws {TF_IMAGE_TOO_LARGE} when it, or a part of it, has more pixels than its container says and than are allowed
 * @throws {TF_IMAGE_FORMAT_UNSUPPORTED} for codings that libheif-js does not have
 */
export function decodeHeic(library: HeifLibrary, file: Uint8Array, options: HeicOptions): ProfiledPixels {
  using memory = new Memory(library, options);
  const context = memory.keep(library._heif_context_alloc(), "_heif_context_free");
  const limits = library._heif_context_get_security_limits(context);
  memory.write(limits + mostPixelsAt, [Math.min(options.maxPixels, 0xffffffff), 0]);
  const bytes = memory.allocate(file.length);
  library.HEAPU8.set(file, bytes);
  memory.check((error) => library._heif_context_read_from_memory(error, context, bytes, file.length, 0));
  const handle = memory.ask((error, to) => library._heif_context_get_primary_image_handle(error, context, to));
  memory.keep(handle, "_heif_image_handle_release");
  const channels = library._heif_image_handle_has_alpha_channel(handle) === 0 ? 3 : 4;
  const settings = memory.keep(library._heif_decoding_options_alloc(), "_heif_decoding_options_free");
  library.HEAPU8[settings + convertHdrAt] = 1;
  library.HEAPU8[settings + strictAt] = 1;
  const image = memory.ask((error, to) => library._heif_decode_image(error, handle, to, rgbColours, interleaved[channels], settings));
  memory.keep(image, "_heif_image_release");
  return { ...readPlane(library, memory, image, channels), channels, profile: readProfile(library, memory, handle) };
}

// eslint-disable-next-line max-params -- where the pixels are, and how many channels they have
function readPlane(
  library: HeifLibrary,
  memory: Memory,
  image: number,
  channels: 3 | 4,
): Pick<ProfiledPixels, "width" | "height" | "data"> {
  const width = library._heif_image_get_width(image, interleavedChannel);
  const height = library._heif_image_get_height(image, interleavedChannel);
  const strideAt = memory.allocate(8);
  const plane = library._heif_image_get_plane_readonly2(image, interleavedChannel, strideAt);
  const stride = library.HEAPU32[strideAt / 4]!;
  const data = new Uint8Array(width * height * channels);
  for (let y = 0; y < height; y++) {
    const start = plane + y * stride;
    data.set(library.HEAPU8.subarray(start, start + width * channels), y * width * channels);
  }
  return { width, height, data };
}

function readProfile(library: HeifLibrary, memory: Memory, handle: number): Uint8Array | undefined {
  const length = library._heif_image_handle_get_raw_color_profile_size(handle);
  if (length === 0) return undefined;
  const bytes = memory.allocate(length);
  memory.check((error) => library._heif_image_handle_get_raw_color_profile(error, handle, bytes));
  return library.HEAPU8.slice(bytes, bytes + length);
}

type Release = "_free" | "_heif_context_free" | "_heif_image_handle_release" | "_heif_decoding_options_free" | "_heif_image_release";

/** What was taken of the library's memory, given back in the end; and its errors as ours. */
class Memory {
  readonly #library: HeifLibrary;
  readonly #options: HeicOptions;
  readonly #releases: (() => void)[] = [];
  /** `heif_error`: code, subcode and a pointer to the message; behind it a place for one result. */
  readonly #error: number;

  constructor(library: HeifLibrary, options: HeicOptions) {
    this.#library = library;
    this.#options = options;
    this.#error = this.allocate(16);
  }

  allocate(bytes: number): number {
    const pointer = this.#library._malloc(bytes);
    if (pointer === 0) throw new TensorFaceError("TF_IMAGE_TOO_LARGE", `${this.#options.source} takes more memory than there is`);
    return this.keep(pointer, "_free");
  }

  keep(pointer: number, release: Release): number {
    this.#releases.push(() => this.#library[release](pointer));
    return pointer;
  }

  write(pointer: number, values: readonly number[]): void {
    this.#library.HEAPU32.set(values, pointer / 4);
  }

  check(call: (error: number) => void): void {
    call(this.#error);
    const [code = 0, subcode = 0, text = 0] = this.#library.HEAPU32.subarray(this.#error / 4);
    if (code !== 0) throw this.#failure(code, subcode, this.#textAt(text));
  }

  /** What a call writes where it is told to. */
  ask(call: (error: number, to: number) => void): number {
    const to = this.#error + 12;
    this.check((error) => call(error, to));
    return this.#library.HEAPU32[to / 4]!;
  }

  [Symbol.dispose](): void {
    for (const release of this.#releases.toReversed()) release();
  }

  #failure(code: number, subcode: number, reason: string): TensorFaceError {
    const { source, maxPixels } = this.#options;
    if (subcode === limitExceeded)
      return new TensorFaceError("TF_IMAGE_TOO_LARGE", `${source} exceeds the limit (maxPixels) of ${maxPixels} pixels: ${reason}`);
    if (unsupportedCodes.includes(code))
      return new TensorFaceError("TF_IMAGE_FORMAT_UNSUPPORTED", `${source} is a HEIF file of a kind that is not read here: ${reason}`);
    return new TensorFaceError("TF_IMAGE_CORRUPT", `${source} could not be decoded as HEIC: ${reason}`);
  }

  #textAt(pointer: number): string {
    const end = this.#library.HEAPU8.indexOf(0, pointer);
    return new TextDecoder().decode(this.#library.HEAPU8.slice(pointer, end)).trim();
  }
}
