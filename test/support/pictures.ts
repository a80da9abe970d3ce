import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import sharp from "sharp";
import { loadPortrait, makeMosaic } from "../../scripts/recall/mosaic.ts";
import { createRandom } from "../../src/core/index.ts";

/** The one picture of a person in the repository: 512 x 512 pixels, one face. */
export const portrait = fileURLToPath(new URL("../../examples/astronaut.png", import.meta.url));
const head = { left: 120, top: 10, width: 200, height: 200 } as const;

export interface TestPicture {
  readonly name: string;
  readonly faces: number;
}

/** Pictures for tests that cross rooms, all made from the portrait or drawn. */
export const testPictures = {
  portrait: { name: "portrait.png", faces: 1 },
  mirrored: { name: "mirrored.jpg", faces: 1 },
  sideways: { name: "sideways.jpg", faces: 1 },
  tenFaces: { name: "ten.jpg", faces: 10 },
  noFace: { name: "no-face.png", faces: 0 },
} as const satisfies Record<string, TestPicture>;

/** Writes all {@link testPictures} into a folder. */
export async function writeTestPictures(folder: string): Promise<void> {
  const at = (name: keyof typeof testPictures): string => join(folder, testPictures[name].name);
  await sharp(portrait).png().toFile(at("portrait"));
  await sharp(portrait).flop().jpeg({ quality: 92 }).toFile(at("mirrored"));
  // A telephone held upright stores the picture on its side and says so in EXIF: orientation 6 is "turn right to see it".
  await sharp(portrait).rotate(270).withMetadata({ orientation: 6 }).jpeg({ quality: 92 }).toFile(at("sideways"));
  await writeFile(at("tenFaces"), await mosaic(5, 2));
  await sharp({ create: { width: 640, height: 480, channels: 3, background: "#3d6a8f" } })
    .png()
    .toFile(at("noFace"));
}

/**
 * Crowds in which many faces stand at the edge of what is found: small and turned ones, in files of every kind and one that is scaled before it
 * is looked at.
 */
export const crowds: readonly { readonly name: string; readonly size: number; readonly rotation?: number; readonly scale?: number }[] = [
  { name: "small.png", size: 20 },
  { name: "small.jpg", size: 24 },
  { name: "turned-left.jpg", size: 48, rotation: -40 },
  { name: "turned-right.webp", size: 40, rotation: 50 },
  { name: "lying.png", size: 64, rotation: 75 },
  { name: "large.jpg", size: 24, rotation: 20, scale: 2.2 },
];

/** Writes all {@link crowds} into a folder. */
export async function writeCrowds(folder: string): Promise<void> {
  const random = createRandom(14);
  const head = (await loadPortrait(portrait))[0]!;
  for (const { name, size, rotation = 0, scale = 1 } of crowds) {
    const { image } = await makeMosaic(
      Array.from({ length: 20 }, () => head),
      { name, size, rotation },
      random.fork(name),
    );
    const picture = sharp(image.data, { raw: { width: image.width, height: image.height, channels: 3 } });
    await picture.resize(Math.round(image.width * scale)).toFile(join(folder, name));
  }
}

/** Writes more faces than are told of one picture: 300, which are all alike. */
export async function writeThrong(path: string): Promise<void> {
  const cell = 90;
  const tile = await sharp(portrait).extract(head).resize(80, 80).png().toBuffer();
  const tiles = Array.from({ length: 300 }, (_, index) => ({ input: tile, left: (index % 20) * cell, top: Math.floor(index / 20) * cell }));
  const canvas = sharp({ create: { width: 20 * cell, height: 15 * cell, channels: 3, background: "#8a8f86" } });
  await canvas.composite(tiles).jpeg({ quality: 92 }).toFile(path);
}

/** A JPEG file of `columns` x `rows` heads, a little different from one another. */
async function mosaic(columns: number, rows: number): Promise<Uint8Array> {
  const cell = 240;
  const tiles = await Promise.all(
    Array.from({ length: columns * rows }, async (_, index) => {
      const side = 150 + ((index * 37) % 80);
      const tile = sharp(portrait)
        .extract(head)
        .resize(side, side)
        .modulate({ brightness: 0.85 + (index % 4) / 10 });
      const left = (index % columns) * cell + 5;
      const top = Math.floor(index / columns) * cell + 5;
      return { input: await (index % 2 === 0 ? tile : tile.flop()).png().toBuffer(), left, top };
    }),
  );
  const canvas = sharp({ create: { width: columns * cell, height: rows * cell, channels: 3, background: "#8a8f86" } });
  return canvas.composite(tiles).jpeg({ quality: 92 }).toBuffer();
}
