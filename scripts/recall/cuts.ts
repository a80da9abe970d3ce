import sharp from "sharp";
import type { BoundingBox, Random } from "../../src/core/index.ts";
import { decode } from "../../src/image/decode.node.ts";
import type { Mosaic } from "./mosaic.ts";

/** The face of examples/astronaut.png, hairline to chin and ear to ear, drawn by hand. */
const face: BoundingBox = { x: 180, y: 68, width: 94, height: 108 };
const side = 512;
/** Longer side of a cut once it is enlarged, in pixels. */
const sizes = { least: 480, most: 1920 };

/**
 * A part of the portrait around its one face, enlarged, perhaps mirrored, a little darker or lighter. What mosaics of heads lack is here:
 * a flag, round patches, a helmet's ring and a model of a rocket, each in other places and sizes, none of which is a face.
 */
export async function makeCut(path: string, random: Random): Promise<Mosaic> {
  const left = random.integer(150);
  const top = random.integer(50);
  const width = 290 + random.integer(side - 290) - left;
  const height = 200 + random.integer(side - 200) - top;
  const scale = (sizes.least + random.integer(sizes.most - sizes.least + 1)) / Math.max(width, height);
  const brightness = 0.8 + 0.4 * random.uniform();
  const isMirrored = random.uniform() < 0.5;
  const cut = sharp(path)
    .extract({ left, top, width, height })
    .resize(Math.round(width * scale), Math.round(height * scale))
    .modulate({ brightness })
    .flop(isMirrored);
  const { image } = await decode(await cut.jpeg({ quality: 85 }).toBuffer());
  const x = (face.x + face.width / 2 - left) * scale;
  const y = (face.y + face.height / 2 - top) * scale;
  return { image, faces: [{ centre: { x: isMirrored ? image.width - x : x, y }, size: face.height * scale }] };
}
