import { existsSync } from "node:fs";
import { mkdir, rename } from "node:fs/promises";
import { join } from "node:path";
import sharp, { type Sharp } from "sharp";
import { type LabelledPicture, openFaces } from "../../src/datasets/labelled-faces.node.ts";
import { createRandom, fairFaceAgeGroups, type Gender, genders, type Random, shuffled } from "../../src/core/index.ts";
import { ageLabelIndex } from "../../src/evaluate/index.ts";
import { decode } from "../../src/image/decode.node.ts";
import type { RasterImage } from "../../src/image/index.ts";

/** A made photograph and what is true of its one face. */
export interface Photograph {
  readonly id: string;
  readonly path: string;
  readonly gender: Gender;
  /** Index of FairFace's groups. */
  readonly ageGroup: number;
  /** The square that was set in, in pixels. There is no other face in the picture. */
  readonly crop: { readonly left: number; readonly top: number; readonly side: number };
  /** Of the face, hairline to chin, in pixels. */
  readonly faceSize: number;
}

/** Where faces come from: a validation part, and how much of a picture's side its face takes from hairline to chin. */
interface PhotographSource {
  readonly path: string;
  readonly split: string;
  readonly facePart: number;
}

/** Hairline to chin, in pixels; each group of age and gender gets all of them in turn. */
export const faceSizes = [40, 60, 90, 130] as const;

/** Longer side of a photograph, in pixels. */
const longerSide = { least: 640, most: 1280 };
const shapes = [4 / 3, 3 / 2, 1, 3 / 4, 2 / 3] as const;
const jpegQuality = { least: 70, most: 92 };
/**
 * What surrounds the crop: its border's colours, carried on to the picture's ends, where no face can be. They are blurred a little near the
 * crop and much from `nearReach` on, as behind a portrait. Standard deviations and distance in the crop's sides.
 */
const nearBlur = 0.08;
const farBlur = 1.2;
const nearReach = 0.7;
/** Between two steps, time counts and size does not. */
const quick = { compressionLevel: 0 } as const;
/** Width of the seam between crop and surroundings, in the crop's sides. */
const seam = 0.06;

export interface MakePhotographsOptions {
  readonly sources: readonly PhotographSource[];
  /** Faces of each age group and gender. */
  readonly perCell: number;
  readonly seed: number;
  /** Where the pictures are kept; those that are there are not made again. */
  readonly folder: string;
}

/** As many faces of each age group and gender, each in a wide picture of its own. @throws {RangeError} when the data has fewer */
export async function makePhotographs({ sources, perCell, seed, folder }: MakePhotographsOptions): Promise<Photograph[]> {
  await mkdir(folder, { recursive: true });
  const random = createRandom(seed);
  const faces = (await Promise.all(sources.map((source) => listFaces(source)))).flat();
  const cells = genders.flatMap((gender) =>
    fairFaceAgeGroups.map(({ name: group }, ageGroup) => {
      const name = `${group} ${gender}`;
      const inCell = faces.filter((face) => face.gender === gender && face.ageGroup === ageGroup);
      if (inCell.length < perCell) throw new RangeError(`only ${inCell.length} faces are ${name}, ${perCell} were asked for`);
      return { name, chosen: shuffled(inCell, random.fork(name)) };
    }),
  );
  const photographs: Photograph[] = [];
  // One of each cell after another, so that fewer of each are the first of more.
  for (let index = 0; index < perCell; index++) {
    for (const { name, chosen } of cells) {
      const size = faceSizes[index % faceSizes.length]!;
      photographs.push(await makePhotograph(chosen[index]!, size, random.fork(`${name} ${index}`), folder));
    }
  }
  return photographs;
}

interface SourceFace {
  readonly face: LabelledPicture;
  readonly gender: Gender;
  readonly ageGroup: number;
  readonly facePart: number;
}

async function listFaces({ path, split, facePart }: PhotographSource): Promise<SourceFace[]> {
  const { faces } = await openFaces(path, {
    format: undefined,
    split,
    formatOptions: {},
    signal: new AbortController().signal,
    onProgress: () => undefined,
  });
  const seen = new Set<string>();
  return faces.flatMap((face) => {
    const { age, gender } = face.labels;
    const ageGroup = age === undefined ? undefined : ageLabelIndex(age, fairFaceAgeGroups);
    const subject = face.subjectId ?? face.id;
    // One picture of each person and of each set of copies.
    if (ageGroup === undefined || gender === undefined || seen.has(subject)) return [];
    seen.add(subject);
    return [{ face, gender, ageGroup, facePart }];
  });
}

async function makePhotograph(source: SourceFace, size: number, random: Random, folder: string): Promise<Photograph> {
  const { face, gender, ageGroup, facePart } = source;
  const longer = between(longerSide, random);
  const shape = shapes[random.integer(shapes.length)]!;
  const canvas = { width: Math.round(longer * Math.min(1, shape)), height: Math.round(longer / Math.max(1, shape)) };
  const side = Math.round(size / facePart);
  const left = random.integer(canvas.width - side + 1);
  const top = random.integer(canvas.height - side + 1);
  const quality = between(jpegQuality, random);
  const id = `${face.source}-${face.id}`.replaceAll(/[^\w.-]/g, "_");
  // All that the picture depends on: where the datasets change, the same face may stand elsewhere.
  const path = join(folder, `${id}-${size}-${canvas.width}x${canvas.height}-${left}-${top}-${quality}.jpg`);
  if (!existsSync(path)) {
    const crop = await scaled((await decode(face.picture)).image, side);
    const partial = `${path}.partial`;
    await (await inWidePicture(crop, side, { left, top, ...canvas })).jpeg({ quality }).toFile(partial);
    await rename(partial, path);
  }
  return { id, path, gender, ageGroup, crop: { left, top, side }, faceSize: size };
}

async function scaled({ data, width, height }: RasterImage, side: number): Promise<Buffer> {
  return sharp(data, { raw: { width, height, channels: 3 } })
    .resize(side, side, { kernel: "cubic", fit: "fill" })
    .png()
    .toBuffer();
}

interface Place {
  readonly left: number;
  readonly top: number;
  /** Of the whole picture. */
  readonly width: number;
  readonly height: number;
}

/** The crop at its place in its surroundings, with a soft seam between the two. */
async function inWidePicture(crop: Buffer, side: number, { left, top, width, height }: Place): Promise<Sharp> {
  const extended = await sharp(crop)
    .extend({ left, top, right: width - side - left, bottom: height - side - top, extendWith: "copy" })
    .png(quick)
    .toBuffer();
  // Blurred so much, a sixteenth of the picture shows the same, in a hundredth of the time.
  const few = await sharp(extended)
    .resize(Math.ceil(width / 16), Math.ceil(height / 16), { fit: "fill" })
    .blur(Math.max(0.5, (farBlur * side) / 16))
    .png(quick)
    .toBuffer();
  const far = sharp(await sharp(few).resize(width, height, { fit: "fill", kernel: "cubic" }).png(quick).toBuffer());
  const reach = Math.ceil(nearReach * side);
  const from = { left: Math.max(0, left - reach), top: Math.max(0, top - reach) };
  const around = { width: Math.min(width, left + side + reach) - from.left, height: Math.min(height, top + side + reach) - from.top };
  const blurred = await sharp(extended)
    .extract({ ...from, ...around })
    .blur(nearBlur * side)
    .png(quick)
    .toBuffer();
  const near = await masked(blurred, around, (x, y) => {
    const [right, down] = [x + from.left - left, y + from.top - top];
    return 1 - Math.hypot(Math.max(-right, 0, right - side), Math.max(-down, 0, down - side)) / reach;
  });
  const input = await masked(crop, { width: side, height: side }, (x, y) => Math.min(x, y, side - x, side - y) / (seam * side));
  return far.composite([
    { input: near, ...from },
    { input, left, top },
  ]);
}

/** A picture with an opacity for each pixel; what is below 0 or above 1 counts as that. */
async function masked(
  picture: Buffer,
  { width, height }: { readonly width: number; readonly height: number },
  opacity: (x: number, y: number) => number,
): Promise<Buffer> {
  const mask = Buffer.alloc(width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) mask[y * width + x] = Math.round(255 * Math.min(1, Math.max(0, opacity(x + 0.5, y + 0.5))));
  }
  return sharp(picture)
    .joinChannel(mask, { raw: { width, height, channels: 1 } })
    .png(quick)
    .toBuffer();
}

function between({ least, most }: { readonly least: number; readonly most: number }, random: Random): number {
  return least + random.integer(most - least + 1);
}
