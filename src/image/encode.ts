import { expectOptions, type OptionNames, TensorFaceError } from "../core/index.ts";
import { isRasterImage, refuseOtherPixels } from "./decode.ts";
import type { RasterImage } from "./raster.ts";

/** The formats that are written. */
export const encodingFormats = ["png", "jpeg", "webp"] as const;
/** A format that pictures are written in. */
export type EncodingFormat = (typeof encodingFormats)[number];

/** How a picture is written. */
export interface EncodeOptions {
  /** @default "png" */
  readonly format?: EncodingFormat | undefined;
  /** For JPEG and WebP, 1 to 100; PNG is lossless. @default 90 */
  readonly quality?: number | undefined;
  /** A line that stands in the file beside the pixels, as EXIF's ImageDescription; in Node only. @default none */
  readonly description?: string | undefined;
}
const encodeOptionNames: OptionNames<EncodeOptions> = { format: true, quality: true, description: true };

/** Sides that a format has room for, in pixels: GIF has 16 bits, JPEG too, less what its encoder needs, WebP has 14. */
const longestSide: Readonly<Record<EncodingFormat | "gif", number>> = { png: 2 ** 31 - 1, jpeg: 65_500, webp: 16_383, gif: 65_535 };

/** What is lossy is written with it where nobody says otherwise. */
export const defaultQuality = 90;

/**
 * Options with the defaults filled in, for a picture that they fit.
 * @throws {TF_INVALID_ARGUMENT} when the quality is not within 1..100, the format is another, or `image` is no picture
 * @throws {TF_IMAGE_TOO_LARGE} when the format has no room for the picture
 */
export function encodeSettings(image: RasterImage, options: EncodeOptions): { readonly format: EncodingFormat; readonly quality: number } {
  expectOptions(options, encodeOptionNames);
  const { format = "png", quality = defaultQuality } = options;
  if (!encodingFormats.includes(format))
    throw new TensorFaceError("TF_INVALID_ARGUMENT", `format must be one of ${encodingFormats.join(", ")}, got ${JSON.stringify(format)}`);
  refuseOtherPixels(image);
  if (!isRasterImage(image)) throw new TensorFaceError("TF_INVALID_ARGUMENT", "only pixels { width, height, data } can be encoded");
  checkSides(image, format);
  if (!(quality >= 1 && quality <= 100)) throw new TensorFaceError("TF_INVALID_ARGUMENT", `quality must be within 1..100, got ${quality}`);
  return { format, quality };
}

/** @throws {TF_IMAGE_TOO_LARGE} when the format has no room for the picture */
export function checkSides({ width, height }: Pick<RasterImage, "width" | "height">, format: keyof typeof longestSide): void {
  if (Math.max(width, height) <= longestSide[format]) return;
  const message = `a picture of ${width} x ${height} pixels does not fit into ${format}, whose sides end at ${longestSide[format]}`;
  throw new TensorFaceError("TF_IMAGE_TOO_LARGE", message, { hint: "Use png, or scale the picture down." });
}
