import sharp from "sharp";

/** What decodes and resizes pictures here: another version of it may give other pixels. */
export function decoderVersions(): { readonly sharp: string; readonly vips: string } {
  return { sharp: sharp.versions.sharp ?? "unknown", vips: sharp.versions.vips };
}
