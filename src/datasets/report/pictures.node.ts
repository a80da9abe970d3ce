import { decode, type PictureInput } from "../../image/decode.node.ts";
import { encode } from "../../image/encode.node.ts";
import { createRasterImage, type RasterImage, resize } from "../../image/index.ts";
import type { Dataset } from "../dataset.node.ts";
import type { FaceRecord } from "../record.ts";

const jpegQuality = 78;

/** A picture as text that stands inside a page. */
async function toDataUrl(image: RasterImage): Promise<string> {
  const bytes = await encode(image, { format: "jpeg", quality: jpegQuality });
  return `data:image/jpeg;base64,${Buffer.from(bytes).toString("base64")}`;
}

/** A small copy of any picture as a data URL, its longer side `side` pixels at most; `undefined` when it cannot be read. */
export async function pictureUrl(picture: PictureInput, side: number): Promise<string | undefined> {
  try {
    const { image } = await decode(picture);
    const scale = Math.min(1, side / Math.max(image.width, image.height));
    return await toDataUrl(resize(image, Math.max(1, Math.round(image.width * scale)), Math.max(1, Math.round(image.height * scale))));
  } catch {
    return undefined;
  }
}

async function readSquare(dataset: Dataset, record: FaceRecord, side: number): Promise<RasterImage | undefined> {
  try {
    return resize((await decode({ path: dataset.picturePath(record) })).image, side, side);
  } catch {
    return undefined;
  }
}

/** A small copy of a record's picture as a data URL; `undefined` when it cannot be read. */
export async function thumbnailUrl(dataset: Dataset, record: FaceRecord, side = 112): Promise<string | undefined> {
  const image = await readSquare(dataset, record, side);
  return image === undefined ? undefined : toDataUrl(image);
}

/** Pictures side by side as one data URL; those that cannot be read are left out. */
export async function stripUrl(dataset: Dataset, records: readonly FaceRecord[], side = 84): Promise<string | undefined> {
  const images = (await Promise.all(records.map((record) => readSquare(dataset, record, side)))).filter((image) => image !== undefined);
  if (images.length === 0) return undefined;
  const gap = 4;
  const width = images.length * (side + gap) - gap;
  const data = new Uint8Array(width * side * 3).fill(255);
  for (const [index, image] of images.entries()) {
    for (let y = 0; y < side; y++) data.set(image.data.subarray(y * side * 3, (y + 1) * side * 3), (y * width + index * (side + gap)) * 3);
  }
  return toDataUrl(createRasterImage(width, side, data));
}

/** The mean of pictures, pixel by pixel, as a data URL. */
export async function meanFaceUrl(dataset: Dataset, records: readonly FaceRecord[], side = 84): Promise<string | undefined> {
  const sums = new Float64Array(side * side * 3);
  let count = 0;
  for (let start = 0; start < records.length; start += 32) {
    const images = await Promise.all(records.slice(start, start + 32).map((record) => readSquare(dataset, record, side)));
    for (const image of images) {
      if (image === undefined) continue;
      for (let index = 0; index < sums.length; index++) sums[index]! += image.data[index]!;
      count++;
    }
  }
  if (count === 0) return undefined;
  return toDataUrl(
    createRasterImage(
      side,
      side,
      Uint8Array.from(sums, (sum) => Math.round(sum / count)),
    ),
  );
}
