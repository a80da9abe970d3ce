import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { createRandom } from "../core/index.ts";
import { encode } from "../image/encode.node.ts";
import { createRasterImage } from "../image/index.ts";

/** Stripes that lie, stand or, with another name, are not there, with noise: what classes of no faces are drawn of in tests. */
export async function drawStripes(source: string, name: string, kind: string, seed: number): Promise<void> {
  const random = createRandom(seed + 1000 * kind.length);
  const [side, phase] = [48, random.integer(12)];
  const data = Uint8Array.from({ length: side * side * 3 }, (_, index) => {
    const [x, y] = [Math.floor(index / 3) % side, Math.floor(index / 3 / side)];
    const along = kind === "lying" ? y : kind === "standing" ? x : 0;
    return Math.min(255, Math.max(0, 128 + 70 * Math.sin((along + phase) / 2) + 20 * random.normal()));
  });
  await mkdir(join(source, dirname(name)), { recursive: true });
  await writeFile(join(source, name), await encode(createRasterImage(side, side, data), { format: "png" }));
}

/** A folder for each class, with so many pictures. */
export async function drawStripeClasses(source: string, counts: Readonly<Record<string, number>>): Promise<void> {
  for (const [kind, count] of Object.entries(counts)) {
    for (let index = 0; index < count; index++) await drawStripes(source, `${kind}/${index}.png`, kind, index);
  }
}
