import { decodeOptions } from "../analyze/pipeline/index.ts";
import { decode } from "../image/decode.node.ts";
import { encode } from "../image/encode.node.ts";
import { cutPicture, type RasterImage, resize } from "../image/index.ts";
import { type CropInput, type CropPlan, toSource } from "./crop.ts";
import type { LocatedFace } from "./locate.node.ts";

/** Longer side of a picture in the report, pixels. */
const side = 112;
const quality = 76;

/** What the network saw of an example, small, as a data URL; undefined when the picture cannot be read any more. */
export async function exampleUrl(
  path: string,
  plan: CropPlan,
  { input, template }: CropInput,
  face: LocatedFace | undefined,
): Promise<string | undefined> {
  try {
    const { image } = await decode({ path }, decodeOptions());
    const bytes = await encode(cut(image), { format: "jpeg", quality });
    return `data:image/jpeg;base64,${Buffer.from(bytes).toString("base64")}`;
  } catch {
    return undefined;
  }

  function shrink(image: RasterImage): RasterImage {
    const scale = side / Math.max(image.width, image.height);
    return resize(image, Math.max(1, Math.round(image.width * scale)), Math.max(1, Math.round(image.height * scale)));
  }

  function cut(image: RasterImage): RasterImage {
    const small = { ...input, width: side, height: Math.round((side * input.height) / input.width) };
    const transform = toSource(plan, image, { input: small, template }, face?.landmarks);
    return transform === undefined ? shrink(image) : cutPicture(image, transform, small.width, small.height);
  }
}
