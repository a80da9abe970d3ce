import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createRandom, float32Tensor } from "../core/index.ts";
import { attribute, createGraphBuilder, encodeModel } from "../graph/index.ts";
import { encode } from "../image/encode.node.ts";
import { type Colour, createRasterImage, type RasterImage } from "../image/index.ts";

/** Pictures and a network so small that a training of them takes moments. */

export const tinySide = 12;

/** A network of two dense layers on the mean of each colour: its features are three numbers. */
export function tinyNetwork(): Uint8Array {
  const builder = createGraphBuilder("tiny");
  const input = builder.input("pixels", ["N", 3, tinySide, tinySide]);
  const means = builder.op("Flatten", [builder.op("GlobalAveragePool", [input])]);
  const dense = (value: string, from: number, to: number): string => {
    const weights = float32Tensor(
      [to, from],
      Float32Array.from({ length: to * from }, (_, index) => ((index * 7) % 5) / 5 - 0.4),
    );
    return builder.op("Gemm", [value, builder.constant(weights, "weights")], { transB: attribute.int(1) });
  };
  const hidden = builder.op("Relu", [dense(means, 3, 4)]);
  const scores = builder.op("Softmax", [dense(hidden, 4, 2)], { axis: attribute.int(1) });
  builder.output(scores, ["N", 2], { name: "scores" });
  return encodeModel(builder.build());
}

/** A picture of about one colour. */
export function tinyPicture(colour: Colour, seed: number): RasterImage {
  const random = createRandom(seed);
  const data = Uint8Array.from({ length: 16 * 20 * 3 }, (_, index) =>
    Math.max(0, Math.min(255, colour[index % 3]! + 30 * random.normal())),
  );
  return createRasterImage(16, 20, data);
}

/** Folders of JPEG files, each picture of about its folder's colour. */
export async function writeTinyFolders(
  root: string,
  folders: Readonly<Record<string, { readonly colour: Colour; readonly count: number }>>,
): Promise<void> {
  let seed = 1;
  for (const [name, { colour, count }] of Object.entries(folders)) {
    await mkdir(join(root, name), { recursive: true });
    for (let index = 0; index < count; index++) {
      const bytes = await encode(tinyPicture(colour, seed++), { format: "jpeg", quality: 95 });
      await writeFile(join(root, name, `${name}${index}.jpg`), bytes);
    }
  }
}
