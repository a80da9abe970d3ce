import { annotateFaces, type FaceAnalysis, type PictureLimits } from "../analyze/index.ts";
import { decode, type PictureInput } from "../image/decode.node.ts";
import { decodeLimits, type EncodingFormat, nameOfInput } from "../image/index.ts";
import { encode, hasDescription } from "../image/encode.node.ts";
import { readBytes } from "../image/input.node.ts";

/** Copies are looked at, not analysed again: no block of JPEG shows at this quality. */
const quality = 92;
/** Stands in every copy, so that a later run knows what it may replace. */
const description = "TensorFace: annotated copy";
const formats: Readonly<Record<string, EncodingFormat>> = { ".jpg": "jpeg", ".jpeg": "jpeg", ".webp": "webp" };

/** The bytes behind `-` or a URL, under the limits of a picture. @throws {TF_ABORTED} when the signal fires, and closes what was open */
export async function readPicture(location: string, limits: PictureLimits, signal?: AbortSignal): Promise<Uint8Array> {
  return (await readBytes(location, decodeLimits(limits), { source: nameOfInput(location), signal })).bytes;
}

export interface RenderOptions {
  /** Names the kind of file: `.png`, `.jpg`, `.webp`. */
  readonly extension: string;
  readonly limits: PictureLimits;
}

/** A picture file with the faces boxed and labelled. */
export async function renderAnnotated(
  input: PictureInput,
  analysis: FaceAnalysis,
  { extension, limits }: RenderOptions,
): Promise<Uint8Array> {
  const { image } = await decode(input, { ...limits, source: analysis.source });
  return encode(annotateFaces(image, analysis), { format: formats[extension] ?? "png", quality, description });
}

/** Whether a file is a copy that {@link renderAnnotated} made: the only kind of file that a new copy may replace. */
export function isAnnotatedCopy(path: string): Promise<boolean> {
  return hasDescription(path, description);
}
