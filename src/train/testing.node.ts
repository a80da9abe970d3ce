import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createRandom } from "../core/index.ts";
import { encode } from "../image/encode.node.ts";
import { createRasterImage } from "../image/index.ts";

/** Draws a folder dataset for tests. Bright left halves are happy, bright right halves are sad, with noise. */
export async function drawHalves(source: string, side: number, seed = 4): Promise<void> {
  const random = createRandom(seed);
  for (const [mood, brightHalf] of [
    ["happy", 0],
    ["sad", 1],
  ] as const) {
    for (const [split, count] of [
      ["train", 40],
      ["val", 12],
    ] as const) {
      await mkdir(join(source, split, mood), { recursive: true });
      for (let index = 0; index < count; index++) {
        const data = new Uint8Array(side * side * 3);
        for (let pixel = 0; pixel < side * side; pixel++) {
          const isBright = Math.floor((pixel % side) / (side / 2)) === brightHalf;
          data.fill(random.integer(150) + (isBright ? 80 : 0), pixel * 3, pixel * 3 + 3);
        }
        await writeFile(join(source, split, mood, `${index}.png`), await encode(createRasterImage(side, side, data), { format: "png" }));
      }
    }
  }
}
