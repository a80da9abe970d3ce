import { TensorFaceError } from "../core/index.ts";

export const encodingFormats = ["png", "jpeg", "webp"] as const;
export type EncodingFormat = (typeof encodingFormats)[number];

export interface EncodeOptions {
  /** @default "png" */
  readonly format?: EncodingFormat | undefined;
  /** For JPEG and WebP, 1 to 100; PNG is lossless. @default 90 */
  readonly quality?: number | undefined;
  /** A line that stands in the file beside the pixels, as EXIF's ImageDescription; in Node only. @default none */
  readonly description?: string | undefined;
}

/** Options with the defaults filled in. @throws {TF_INVALID_ARGUMENT} when the quality is not within 1..100 */
export function encodeSettings(options: EncodeOptions): { readonly format: EncodingFormat; readonly quality: number } {
  const quality = options.quality ?? 90;
  if (!(quality >= 1 && quality <= 100)) throw new TensorFaceError("TF_INVALID_ARGUMENT", `quality must be within 1..100, got ${quality}`);
  return { format: options.format ?? "png", quality };
}
