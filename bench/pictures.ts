import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import sharp from "sharp";
import { createRandom, type Random } from "../src/core/index.ts";

/** The pictures that are measured, all made from the one portrait that comes with the repository. */
export interface BenchPictures {
  /** 512 x 512 pixels, one face. */
  readonly portrait: string;
  /** 4000 x 3000 pixels, one face of about 500 pixels: a photo of a telephone. */
  readonly photo: string;
  /** 1600 x 1280 pixels, 20 faces of 60 to 150 pixels. */
  readonly mosaic: string;
  /** JPEG files of 480 to 1920 pixels, one face each. */
  readonly folder: readonly string[];
}

/** 512 x 512 pixels, one face. */
export const portrait = fileURLToPath(new URL("../examples/astronaut.png", import.meta.url));
const portraitSide = 512;
/** Head and shoulders of the portrait. */
const head = { left: 120, top: 10, width: 200, height: 200 } as const;
export const mosaicFaces = 20;
const seed = 20_261_124;

export async function makePictures(target: string, folderSize: number): Promise<BenchPictures> {
  await mkdir(target, { recursive: true });
  const random = createRandom(seed);
  const photo = join(target, "photo.jpg");
  await sharp(portrait)
    .resize(2600, 2600, { kernel: "cubic" })
    .extend({ top: 200, bottom: 200, left: 300, right: 1100, extendWith: "mirror" })
    .jpeg({ quality: 90 })
    .toFile(photo);
  const mosaic = join(target, "mosaic.jpg");
  await makeMosaic(mosaic, random.fork("mosaic"));
  const folder = await makeVariants(join(target, "folder"), folderSize, { least: 480, most: 1920 }, random);
  return { portrait, photo, mosaic, folder };
}

/** Four rows of five heads, of different sizes, some mirrored, some darker. */
async function makeMosaic(path: string, random: Random): Promise<void> {
  const cell = 320;
  const tiles = await Promise.all(
    Array.from({ length: mosaicFaces }, async (_, index) => {
      const side = 120 + random.integer(181);
      const tile = sharp(portrait)
        .extract(head)
        .resize(side, side)
        .modulate({ brightness: 0.7 + 0.5 * random.uniform() });
      const input = await (index % 2 === 1 ? tile.flop() : tile).png().toBuffer();
      const margin = Math.floor((cell - side) / 2);
      return { input, left: (index % 5) * cell + margin, top: Math.floor(index / 5) * cell + margin };
    }),
  );
  const canvas = sharp({ create: { width: 5 * cell, height: 4 * cell, channels: 3, background: "#7d8792" } });
  await canvas.composite(tiles).jpeg({ quality: 90 }).toFile(path);
}

/** Width of a picture, in pixels. */
interface SideRange {
  readonly least: number;
  readonly most: number;
}

/**
 * The portrait as JPEG files, each cut, scaled, mirrored and lit differently: no two are equal.
 * @returns their paths
 */
// eslint-disable-next-line max-params -- where, how many, how large, and by which chance
export async function makeVariants(target: string, count: number, sides: SideRange, random = createRandom(seed)): Promise<string[]> {
  await mkdir(target, { recursive: true });
  const paths: string[] = [];
  for (let index = 0; index < count; index++) {
    const path = join(target, `${String(index).padStart(3, "0")}.jpg`);
    await makeVariant(path, sides, random.fork(index));
    paths.push(path);
  }
  return paths;
}

async function makeVariant(path: string, { least, most }: SideRange, random: Random): Promise<void> {
  const margin = (): number => random.integer(40);
  const [left, top] = [margin(), random.integer(10)];
  const width = portraitSide - left - margin();
  const height = portraitSide - top - 2 * margin();
  const side = least + random.integer(most - least + 1);
  const picture = sharp(portrait)
    .extract({ left, top, width, height })
    .resize(side)
    .modulate({ brightness: 0.8 + 0.4 * random.uniform() });
  await (random.uniform() < 0.5 ? picture.flop() : picture).jpeg({ quality: 85 }).toFile(path);
}
