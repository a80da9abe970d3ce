import sharp from "sharp";
import { type BoundingBox, type Point, type Random, shuffled } from "../../src/core/index.ts";
import { squareAround, squareToSource } from "../../src/detect/index.ts";
import { decode } from "../../src/image/decode.node.ts";
import { createRasterImage, cutPicture, type RasterImage } from "../../src/image/index.ts";

/** A picture without faces, with faces set into it, and parts of itself in the same way: nobody learns faces from how they were set in. */
export interface Scene {
  readonly image: RasterImage;
  readonly faces: readonly SetFace[];
}

export interface SetFace {
  readonly centre: Point;
  /** Hairline to chin, in pixels. */
  readonly size: number;
}

/** A picture of one face, and what part of its side the face takes from hairline to chin. */
export interface FaceFile {
  readonly path: string;
  readonly facePart: number;
}

export interface SceneStyle {
  /** Of the faces, hairline to chin, in pixels. */
  readonly size: number;
  /** Whether their pictures' borders are carried on around them. */
  readonly isExtended: boolean;
}

const canvas = { width: 1024, height: 768 } as const;
/** A cell takes so many sizes of a face: pictures whose border is carried on need more. */
const cellPart = { round: 1.9, extended: 2.6 };
const decoyShare = 0.25;
/** Part of a side by which a picture's border is carried on. */
const extension = 0.35;
/** What one of three is turned by at most, in radians. */
const mostTurned = 0.52;

/** As many faces as {@link makeScene} takes. */
export function facesPerScene(style: SceneStyle): number {
  const cells = gridCells(style).length;
  return cells - Math.round(cells * decoyShare);
}

/** @param background a picture without faces */
export async function makeScene(background: string, files: readonly FaceFile[], style: SceneStyle, random: Random): Promise<Scene> {
  const ground = { r: random.integer(256), g: random.integer(256), b: random.integer(256) };
  const pipeline = sharp(background).resize(canvas.width, canvas.height, { fit: "cover" }).flatten({ background: ground });
  const { image: plain } = await decode(await pipeline.toColourspace("srgb").png({ compressionLevel: 0 }).toBuffer());
  const image = createRasterImage(canvas.width, canvas.height, new Uint8Array(plain.data));
  const cells = shuffled(gridCells(style), random);
  const decoded = await Promise.all(files.map(async ({ path }) => (await decode(path)).image));
  const faces: SetFace[] = [];
  for (const [index, centre] of cells.entries()) {
    const file = files[index];
    const { size } = style;
    const box = file === undefined ? anywhere(plain, random) : { x: 0, y: 0, width: decoded[index]!.width, height: decoded[index]!.height };
    const side = Math.max(12, Math.round(size / (file?.facePart ?? 0.62)));
    setIn(image, tileOf(file === undefined ? plain : decoded[index]!, box, side, style, random), centre);
    if (file !== undefined) faces.push({ centre, size });
  }
  return { image: await asCamerasLeaveIt(image, style.size, random), faces };
}

function anywhere({ width, height }: RasterImage, random: Random): BoundingBox {
  const side = 40 + random.integer(260);
  return { x: random.integer(width - side), y: random.integer(height - side), width: side, height: side };
}

// eslint-disable-next-line max-params -- what, where in it, how large and how
function tileOf(image: RasterImage, box: BoundingBox, side: number, { isExtended }: SceneStyle, random: Random): RasterImage {
  const isMirrored = random.uniform() < 0.5;
  const angle = random.uniform() < 0.3 ? (2 * random.uniform() - 1) * mostTurned : 0;
  const part = isExtended ? 1 + 2 * extension : 1;
  const square = { ...squareAround(box, part), angle, isMirrored };
  const width = Math.round(side * part);
  return cutPicture(image, squareToSource(square, width), width, width);
}

/** With a soft round edge. */
function setIn(target: RasterImage, { width, data }: RasterImage, centre: Point): void {
  const left = Math.round(centre.x - width / 2);
  const top = Math.round(centre.y - width / 2);
  const radius = width / 2;
  for (let y = Math.max(0, -top); y < Math.min(width, target.height - top); y++) {
    for (let x = Math.max(0, -left); x < Math.min(width, target.width - left); x++) {
      const opacity = Math.min(1, Math.max(0, (1 - Math.hypot(x + 0.5 - radius, y + 0.5 - radius) / radius) * 7));
      const to = ((top + y) * target.width + left + x) * 3;
      const from = (y * width + x) * 3;
      for (let channel = 0; channel < 3; channel++) {
        target.data[to + channel] = Math.round(target.data[to + channel]! * (1 - opacity) + data[from + channel]! * opacity);
      }
    }
  }
}

async function asCamerasLeaveIt({ data, width, height }: RasterImage, size: number, random: Random): Promise<RasterImage> {
  let pipeline = sharp(data, { raw: { width, height, channels: 3 } });
  const kind = random.uniform();
  if (kind < 0.12) pipeline = pipeline.linear(0.2 + 0.6 * random.uniform(), 0);
  else if (kind < 0.25) pipeline = pipeline.blur(0.5 + random.uniform() * Math.min(2, size / 40));
  const isSqueezed = random.uniform() < 0.6;
  const quality = 30 + random.integer(65);
  return (await decode(await (isSqueezed ? pipeline.jpeg({ quality }) : pipeline.png({ compressionLevel: 0 })).toBuffer())).image;
}

function gridCells({ size, isExtended }: SceneStyle): Point[] {
  const cell = Math.max(36, size * (isExtended ? cellPart.extended : cellPart.round));
  const columns = Math.max(1, Math.floor(canvas.width / cell));
  const rows = Math.max(1, Math.floor(canvas.height / cell));
  return Array.from({ length: columns * rows }, (_, index) => ({
    x: Math.round((((index % columns) + 0.5) * canvas.width) / columns),
    y: Math.round(((Math.floor(index / columns) + 0.5) * canvas.height) / rows),
  }));
}
