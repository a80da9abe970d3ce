import { type AnalyzedFace, annotateFaces, decode, encode } from "tensorface/browser";

/** The photo with its faces boxed and labelled, as a PNG file: the same drawing as on the command line. */
export async function annotatedBlob(file: Blob, faces: readonly AnalyzedFace[]): Promise<Blob> {
  const { image } = await decode(file);
  const bytes = await encode(annotateFaces(image, faces), { format: "png" });
  return new Blob([bytes.slice()], { type: "image/png" });
}
