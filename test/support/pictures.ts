import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import sharp from "sharp";

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
