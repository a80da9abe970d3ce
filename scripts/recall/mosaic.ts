import { readdir } from "node:fs/promises";
import { join } from "node:path";
import sharp from "sharp";
import { type BoundingBox, type Point, type Random, shuffled } from "../../src/core/index.ts";
import { decode } from "../../src/image/decode.node.ts";
import { createRasterImage, crop, type RasterImage, resize, warpAffine } from "../../src/image/index.ts";

/** Mosaics whose faces are known: single-face pictures pasted on a drawn background. */
export interface Mosaic {
  readonly image: RasterImage;
  readonly faces: readonly KnownFace[];
}

export interface KnownFace {
  readonly centre: Point;
  /** Hairline to chin, in pixels. */
  readonly size: number;
}

/** What is done to faces and pictures. */
export interface Condition {
  readonly name: string;
  /** Hairline to chin, in pixels of the mosaic. 0: a background without faces. */
  readonly size: number;
  /** Degrees, clockwise. */
  readonly rotation?: number;
  readonly flip?: boolean;
  /** Factor on brightness. */
  readonly brightness?: number;
  /** Standard deviation of a Gaussian blur, in pixels of the mosaic. */
  readonly blur?: number;
  readonly jpegQuality?: number;
}

/** A picture with one face, and how much of its side the face takes from hairline to chin. */
export interface FacePicture {
  readonly image: RasterImage;
  readonly facePart: number;
}

const canvas = { width: 1280, height: 960 } as const;
const mostFaces = 20;

/** Head and shoulders of the portrait that comes with the repository, and the part of it that is face. */
const portraitHead: BoundingBox = { x: 120, y: 10, width: 200, height: 200 };
const portraitPart = 0.55;

export async function loadPortrait(path: string): Promise<FacePicture[]> {
  return [{ image: crop((await decode(path)).image, portraitHead), facePart: portraitPart }];
}

/** A sample of the pictures of a folder, the same for a seed. */
export async function loadFolder(folder: string, facePart: number, count: number, random: Random): Promise<FacePicture[]> {
  const names = (await readdir(folder)).filter((name) => /\.(jpe?g|png|webp)$/i.test(name)).toSorted();
  const chosen = shuffled(names, random).slice(0, count);
  return Promise.all(chosen.map(async (name) => ({ image: (await decode(join(folder, name))).image, facePart })));
}

/** How many faces of a condition's size fit with room between them. */
export function facesPerMosaic(size: number): number {
  return size === 0 ? 0 : Math.min(mostFaces, gridCells(size).length);
}

/** Pastes `pictures` on a background, each in a cell of its own. */
export async function makeMosaic(pictures: readonly FacePicture[], condition: Condition, random: Random): Promise<Mosaic> {
  const data = drawBackground(random);
  const image = createRasterImage(canvas.width, canvas.height, data);
  const cells = condition.size === 0 ? [] : shuffled(gridCells(condition.size), random).slice(0, pictures.length);
  const faces = cells.map((centre, index) => {
    const picture = pictures[index]!;
    paste(data, prepare(picture, condition), centre);
    return { centre, size: condition.size };
  });
  return { image: await degrade(image, condition), faces };
}

function gridCells(size: number): Point[] {
  const cell = Math.max(40, size * 2.1);
  const columns = Math.max(1, Math.floor(canvas.width / cell));
  const rows = Math.max(1, Math.floor(canvas.height / cell));
  return Array.from({ length: columns * rows }, (_, index) => ({
    x: Math.round((((index % columns) + 0.5) * canvas.width) / columns),
    y: Math.round(((Math.floor(index / columns) + 0.5) * canvas.height) / rows),
  }));
}

/** The face at its size, mirrored and turned as asked. */
function prepare({ image, facePart }: FacePicture, { size, flip = false, rotation = 0 }: Condition): RasterImage {
  const side = Math.max(8, Math.round(size / facePart));
  const scaled = resize(image, side, side);
  const angle = (rotation * Math.PI) / 180;
  const [cosine, sine] = [Math.cos(angle), Math.sin(angle)];
  const mirror = flip ? -1 : 1;
  const middle = side / 2;
  // From the pasted pixel back to the picture's: turn back, then mirror, about the middle.
  const a = mirror * cosine;
  const b = mirror * sine;
  return warpAffine(
    scaled,
    { a, b, tx: middle - (a + b) * middle, c: -sine, d: cosine, ty: middle - (cosine - sine) * middle },
    side,
    side,
  );
}

/** A round patch with a soft edge, so that no detector learns from the square. */
function paste(target: Uint8Array, source: RasterImage, centre: Point): void {
  const left = Math.round(centre.x - source.width / 2);
  const top = Math.round(centre.y - source.height / 2);
  const radius = source.width / 2;
  for (let y = 0; y < source.height; y++) {
    for (let x = 0; x < source.width; x++) {
      const [toX, toY] = [left + x, top + y];
      if (toX < 0 || toY < 0 || toX >= canvas.width || toY >= canvas.height) continue;
      const opacity = Math.min(1, Math.max(0, (1 - Math.hypot(x + 0.5 - radius, y + 0.5 - radius) / radius) * 8));
      for (let channel = 0; channel < 3; channel++) {
        const to = (toY * canvas.width + toX) * 3 + channel;
        target[to] = Math.round(target[to]! * (1 - opacity) + source.data[(y * source.width + x) * 3 + channel]! * opacity);
      }
    }
  }
}

/** A gradient with ellipses of skin-like and other colours and a little noise: things that are no faces, but might look like some. */
function drawBackground(random: Random): Uint8Array {
  const data = new Uint8Array(canvas.width * canvas.height * 3);
  const base = [0, 1, 2].map(() => 60 + random.integer(120));
  for (let index = 0; index < data.length; index++) data[index] = base[index % 3]! + ((index / 3) % canvas.width) / 32 + random.integer(12);
  for (let shape = 0; shape < 40; shape++) drawEllipse(data, random);
  return data;
}

function drawEllipse(data: Uint8Array, random: Random): void {
  const [centreX, centreY] = [random.integer(canvas.width), random.integer(canvas.height)];
  const [radiusX, radiusY] = [6 + random.integer(90), 6 + random.integer(90)];
  const light = 60 + random.integer(160);
  const colour = [light, Math.round(light * (0.6 + 0.4 * random.uniform())), Math.round(light * (0.5 + 0.5 * random.uniform()))];
  for (let y = Math.max(0, centreY - radiusY); y < Math.min(canvas.height, centreY + radiusY); y++) {
    const half = Math.floor(radiusX * Math.sqrt(1 - ((y - centreY) / radiusY) ** 2));
    for (let x = Math.max(0, centreX - half); x < Math.min(canvas.width, centreX + half); x++) data.set(colour, (y * canvas.width + x) * 3);
  }
}

async function degrade(image: RasterImage, { brightness = 1, blur = 0, jpegQuality }: Condition): Promise<RasterImage> {
  let pipeline = sharp(image.data, { raw: { width: image.width, height: image.height, channels: 3 } });
  if (brightness !== 1) pipeline = pipeline.linear(brightness, 0);
  if (blur > 0) pipeline = pipeline.blur(blur);
  if (jpegQuality !== undefined) return (await decode(await pipeline.jpeg({ quality: jpegQuality }).toBuffer())).image;
  return createRasterImage(image.width, image.height, new Uint8Array(await pipeline.removeAlpha().raw().toBuffer()));
}
