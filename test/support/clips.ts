/** Made films with known truth: the portrait's head and shoulders before a backdrop, moved, turned, scaled, hidden and crossing. */
import sharp from "sharp";
import type { BoundingBox } from "../../src/core/index.ts";
import { createRasterImage, type RasterImage } from "../../src/image/index.ts";
import { portrait } from "./pictures.ts";

export const clipSize = { width: 640, height: 360, rate: 25 } as const;

/** What of the portrait is shown, and where in it the face is, in its pixels: the box that the detector gives for the portrait. */
const cut = { left: 90, top: 0, width: 260, height: 300 } as const;
const faceInCut = { x: 88, y: 66, width: 96, height: 110 } as const;

/** Where an actor is in one frame: the middle of the face, its width in pixels, and how it is turned, in degrees clockwise. */
export interface Pose {
  readonly x: number;
  readonly y: number;
  readonly size: number;
  readonly turn?: number;
}

export interface Actor {
  /** Another person's colours: the same portrait, mirrored, darker and with clothing of another colour. */
  readonly isOther?: boolean;
  readonly pose: (share: number) => Pose | undefined;
}

export interface Scene {
  readonly name: string;
  readonly frames: number;
  /** Those that come later stand in front. */
  readonly actors: readonly Actor[];
  /** A pillar before all. */
  readonly pillar?: { readonly left: number; readonly width: number };
}

/** A face that can be seen in a frame; whose it is; and whether anything stands before it. */
export interface TrueFace {
  readonly actor: number;
  readonly box: BoundingBox;
}

export interface ClipFrame {
  readonly time: number;
  readonly image: RasterImage;
  readonly faces: readonly TrueFace[];
}

const glide = (from: number, to: number, share: number): number => from + (to - from) * share;

export const scenes: readonly Scene[] = [
  {
    name: "moved",
    frames: 50,
    actors: [{ pose: (share) => ({ x: 320 + 180 * Math.sin(share * 2 * Math.PI), y: 150 + 30 * Math.sin(share * 9), size: 60 }) }],
  },
  { name: "scaled", frames: 50, actors: [{ pose: (share) => ({ x: glide(200, 330, share), y: 150, size: glide(26, 110, share) }) }] },
  { name: "turned", frames: 50, actors: [{ pose: (share) => ({ x: 320, y: 150, size: 70, turn: 25 * Math.sin(share * 2 * Math.PI) }) }] },
  {
    name: "late and gone",
    frames: 50,
    actors: [{ pose: (share) => (share < 0.23 || share > 0.81 ? undefined : { x: glide(200, 420, share), y: 150, size: 64 }) }],
  },
  {
    name: "hidden",
    frames: 60,
    actors: [{ pose: (share) => ({ x: glide(120, 520, share), y: 150, size: 56 }) }],
    pillar: { left: 300, width: 60 },
  },
  {
    name: "two, apart",
    frames: 50,
    actors: [
      { pose: (share) => ({ x: glide(110, 260, share), y: 130, size: 54 }) },
      { isOther: true, pose: (share) => ({ x: glide(530, 390, share), y: 150, size: 58 }) },
    ],
  },
  {
    name: "two, crossing",
    frames: 60,
    actors: [
      { pose: (share) => ({ x: glide(110, 530, share), y: 110, size: 44 }) },
      { isOther: true, pose: (share) => ({ x: glide(530, 110, share), y: 190, size: 66 }) },
    ],
  },
];

/** Frames of a scene, drawn one after the other. */
export async function* drawScene({ frames, actors, pillar }: Scene): AsyncGenerator<ClipFrame, void, undefined> {
  const { width, height, rate } = clipSize;
  const persons = await Promise.all(actors.map(async ({ isOther = false }) => ({ isOther, cutout: await cutOut(isOther) })));
  for (let index = 0; index < frames; index++) {
    const poses = actors.map(({ pose }) => pose(index / (frames - 1)));
    const layers = await Promise.all(poses.map(async (pose, actor) => (pose === undefined ? undefined : layerOf(persons[actor]!, pose))));
    const front =
      pillar === undefined
        ? []
        : [
            {
              input: { create: { width: pillar.width, height, channels: 3 as const, background: "#55504a" } },
              left: pillar.left,
              top: 0,
            },
          ];
    const drawn = layers.flatMap((layer) => (layer === undefined ? [] : [layer]));
    const { data } = await sharp({ create: { width, height, channels: 3, background: "#8fa3b5" } })
      .composite([...drawn, ...front])
      .removeAlpha()
      .raw()
      .toBuffer({ resolveWithObject: true });
    const boxes = poses.map((pose) => (pose === undefined ? undefined : faceBox(pose)));
    const faces = boxes.flatMap((box, actor) => {
      if (box === undefined) return [];
      const before = [...boxes.slice(actor + 1), ...(pillar === undefined ? [] : [{ x: pillar.left, y: 0, width: pillar.width, height }])];
      const hidden = Math.max(0, ...before.map((other) => (other === undefined ? 0 : sharedPart(box, other))));
      return hidden > 0.2 ? [] : [{ actor, box }];
    });
    yield { time: index / rate, image: createRasterImage(width, height, new Uint8Array(data)), faces };
  }
}

async function cutOut(isOther: boolean): Promise<Buffer> {
  const mask = Buffer.from(
    `<svg width="${cut.width}" height="${cut.height}"><ellipse cx="136" cy="112" rx="82" ry="110"/><rect x="10" y="190" width="240" height="140" rx="60"/></svg>`,
  );
  const colours = isOther
    ? ([
        [0.5, 0.1, 0],
        [0.1, 0.5, 0.1],
        [0.1, 0.2, 0.5],
      ] as [[number, number, number], [number, number, number], [number, number, number]])
    : undefined;
  const person = sharp(portrait).removeAlpha().extract(cut);
  if (colours !== undefined) person.recomb(colours).flop();
  const pixels = await person.png().toBuffer();
  return sharp(pixels)
    .ensureAlpha()
    .composite([{ input: isOther ? await sharp(mask).flop().png().toBuffer() : mask, blend: "dest-in" }])
    .png()
    .toBuffer();
}

const drawnBefore = new Map<
  string,
  Promise<{ readonly data: Buffer; readonly info: { readonly width: number; readonly height: number } }>
>();

/** The cutout in a square with the face in its middle, about which it is turned. */
async function drawPerson(
  { isOther, cutout }: { readonly isOther: boolean; readonly cutout: Buffer },
  { size, turn = 0 }: Pose,
): Promise<{ readonly data: Buffer; readonly info: { readonly width: number; readonly height: number } }> {
  const scale = size / faceInCut.width;
  const [width, height] = [Math.round(cut.width * scale), Math.round(cut.height * scale)];
  const middle = middleOfFace(isOther);
  const reach = Math.ceil(Math.hypot(cut.width, cut.height) * scale);
  const [left, top] = [Math.round(reach - middle.x * scale), Math.round(reach - middle.y * scale)];
  const scaled = await sharp(cutout).resize(width, height, { fit: "fill" }).png().toBuffer();
  const square = await sharp({ create: { width: 2 * reach, height: 2 * reach, channels: 4, background: "#0000" } })
    .composite([{ input: scaled, left, top }])
    .png({ compressionLevel: 1 })
    .toBuffer();
  return sharp(square).rotate(turn, { background: "#0000" }).png({ compressionLevel: 1 }).toBuffer({ resolveWithObject: true });
}

/** The person at its place; what reaches beyond the picture is cut off. */
async function layerOf(
  { isOther, cutout }: { readonly isOther: boolean; readonly cutout: Buffer },
  pose: Pose,
): Promise<{ input: Buffer; left: number; top: number }> {
  const key = `${isOther} ${pose.size} ${pose.turn ?? 0}`;
  const drawing = drawnBefore.get(key) ?? drawPerson({ isOther, cutout }, pose);
  drawnBefore.set(key, drawing);
  const turned = await drawing;
  const [left, top] = [Math.round(pose.x - turned.info.width / 2), Math.round(pose.y - turned.info.height / 2)];
  const view = {
    left: Math.max(0, -left),
    top: Math.max(0, -top),
    width: Math.min(turned.info.width, clipSize.width - left) - Math.max(0, -left),
    height: Math.min(turned.info.height, clipSize.height - top) - Math.max(0, -top),
  };
  return { input: await sharp(turned.data).extract(view).png().toBuffer(), left: Math.max(0, left), top: Math.max(0, top) };
}

function middleOfFace(isOther: boolean): { readonly x: number; readonly y: number } {
  const x = faceInCut.x + faceInCut.width / 2;
  return { x: isOther ? cut.width - x : x, y: faceInCut.y + faceInCut.height / 2 };
}

function faceBox({ x, y, size }: Pose): BoundingBox {
  const height = (size * faceInCut.height) / faceInCut.width;
  return { x: x - size / 2, y: y - height / 2, width: size, height };
}

/** How much of `box` lies within `other`. */
function sharedPart(box: BoundingBox, other: BoundingBox): number {
  const across = Math.min(box.x + box.width, other.x + other.width) - Math.max(box.x, other.x);
  const down = Math.min(box.y + box.height, other.y + other.height) - Math.max(box.y, other.y);
  return (Math.max(0, across) * Math.max(0, down)) / (box.width * box.height);
}
