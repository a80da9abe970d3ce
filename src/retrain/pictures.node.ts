import { decodeOptions } from "../analyze/pipeline/index.ts";
import { decode } from "../image/decode.node.ts";
import { encode } from "../image/encode.node.ts";
import { type CropInput, type CropPlan, cutSmall } from "./crop.ts";
import type { LocatedFace } from "./locate.node.ts";

/** Longer side of a picture in the report, pixels. */
const side = 112;
const quality = 76;

/** What the network saw of an example, small, as a data URL; undefined when the picture cannot be read any more. */
export async function exampleUrl(
  path: string,
  plan: CropPlan,
  crop: CropInput,
  face: LocatedFace | undefined,
): Promise<string | undefined> {
  try {
    const { image } = await decode({ path }, decodeOptions());
    const bytes = await encode(cutSmall(image, plan, crop, face?.landmarks, side), { format: "jpeg", quality });
    return `data:image/jpeg;base64,${Buffer.from(bytes).toString("base64")}`;
  } catch {
    return undefined;
  }
}
