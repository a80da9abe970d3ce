import { cropFaces, type CropOptions, type FaceAnalysis } from "../analyze/index.ts";
import { decode, type PictureInput } from "../image/decode.node.ts";
import { encode } from "../image/encode.node.ts";
import type { EncodingFormat } from "../image/index.ts";
import { expectHead, templateOf } from "../models/index.ts";
import { openModelFolders } from "../models/models.node.ts";

/** As for annotated copies: no block of JPEG shows at this quality. */
const quality = 92;

/** Each face of a picture as a picture file, in the order of the analysis. One at a time: a crowd in large crops would fill the memory. */
export async function* renderCrops(
  input: PictureInput,
  { source, faces }: FaceAnalysis,
  { format, crop }: { readonly format: EncodingFormat; readonly crop: CropOptions },
): AsyncGenerator<Uint8Array, void, undefined> {
  if (faces.length === 0) return;
  const { image } = await decode(input, { source });
  for (const face of faces) for (const cut of cropFaces(image, [face], crop)) yield encode(cut, { format, quality });
}

/**
 * How a head cuts its faces.
 * @param name of an installed or kept model, or the path of one
 * @throws {TF_MODEL_NOT_FOUND | TF_MODEL_INVALID | TF_MODEL_CORRUPT} when it is not there, or none
 * @throws {TF_INVALID_ARGUMENT} when it sees no faces
 */
export async function cropOfHead(name: string): Promise<Required<Pick<CropOptions, "size" | "template">>> {
  const manifest = expectHead(await openModelFolders().open(name));
  const { width, height } = manifest.input;
  return { size: { width, height }, template: templateOf(manifest) };
}
