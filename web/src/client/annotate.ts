import { annotateFaces, decode, encode, type FaceAnalysis } from "tensorface/browser";

/** The photo with its faces boxed and labelled, as a PNG file: the same drawing as on the command line. */
export async function annotatedBlob(file: Blob, analysis: Pick<FaceAnalysis, "faces" | "attributes">): Promise<Blob> {
  const { image } = await decode(file);
  const bytes = await encode(annotateFaces(image, analysis), { format: "png" });
  return new Blob([bytes.slice()], { type: "image/png" });
}
