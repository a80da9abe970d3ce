import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import sharp from "sharp";
import { createRandom } from "../../src/core/index.ts";
import { portrait } from "./pictures.ts";

/** Faces to teach with, made from the portrait: with a dark bar over the eyes, with a white cloth over the mouth, and as it is. */
const exampleClasses = ["shades", "mask", "neither"] as const;
export type ExampleClass = (typeof exampleClasses)[number];

/** Where the face stands in the portrait, pixels of 512. */
const covers: Readonly<Record<ExampleClass, string>> = {
  shades: `<rect x="178" y="98" width="92" height="28" rx="8" fill="#16181c"/>`,
  mask: `<rect x="182" y="132" width="84" height="50" rx="14" fill="#eef3f5"/>`,
  neither: "",
};

/** A picture of a class, no two numbers alike: turned, mirrored, moved, lit and coloured by chance. */
export async function examplePicture(name: ExampleClass, number: number, format: "jpeg" | "png" = "jpeg"): Promise<Buffer> {
  const random = createRandom(number * 31 + exampleClasses.indexOf(name));
  const cover = Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" width="512" height="512">${covers[name]}</svg>`);
  // sharp cuts before it composes, whatever the order of the calls.
  const whole = await sharp(portrait)
    .composite([{ input: cover }])
    .png()
    .toBuffer();
  const region = { left: 60 + random.integer(50), top: random.integer(12), width: 280, height: 280 };
  const covered = await sharp(whole).extract(region).png().toBuffer();
  const turned = sharp(covered)
    .flop(random.uniform() < 0.5)
    .rotate(-24 + random.integer(49), { background: `hsl(${random.integer(360)}, 40%, ${30 + random.integer(50)}%)` })
    .modulate({ brightness: 0.7 + 0.6 * random.uniform(), saturation: 0.4 + random.uniform(), hue: random.integer(30) });
  return turned.resize(240).toFormat(format).toBuffer();
}

/** Class folders of so many pictures each; gives the folder and the files of each class. */
export async function writeExamples(folder: string, count: number): Promise<Readonly<Record<ExampleClass, readonly string[]>>> {
  const entries = exampleClasses.map(async (name) => {
    await mkdir(join(folder, name), { recursive: true });
    const files = Array.from({ length: count }, async (_, index) => {
      const file = join(folder, name, `${index + 1}.jpg`);
      await writeFile(file, await examplePicture(name, index + 1));
      return file;
    });
    return [name, await Promise.all(files)] as const;
  });
  const [shades, mask, neither] = await Promise.all(entries);
  return { shades: shades![1], mask: mask![1], neither: neither![1] };
}
