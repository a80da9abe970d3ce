/**
 * Made films with known truth: four people, made of the portrait's head and shoulders by mirroring, stretching and colouring, moved, turned, scaled,
 * hidden and crossing, before walls and before moving patterns, with the faults of cameras.
 */
import sharp from "sharp";
import { type BoundingBox, createRandom } from "../../src/core/index.ts";
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

type Rows = [[number, number, number], [number, number, number], [number, number, number]];

interface Person {
  readonly isMirrored: boolean;
  /** Width of the whole by that of the portrait. */
  readonly stretch: number;
  /** Of all; of hair and clothing alone. Rows of a matrix for red, green and blue. */
  readonly skin?: Rows;
  readonly cloth?: Rows;
}

/** One portrait cannot be four faces; it can be four looks, which is all that faces are followed by. */
const people = [
  { isMirrored: false, stretch: 1 },
  {
    isMirrored: true,
    stretch: 1,
    skin: [
      [0.5, 0.1, 0],
      [0.1, 0.5, 0.1],
      [0.1, 0.2, 0.5],
    ],
  },
  {
    isMirrored: true,
    stretch: 0.9,
    cloth: [
      [0.2, 0.2, 0.2],
      [0.5, 0.3, 0.2],
      [0.1, 0.2, 0.2],
    ],
  },
  {
    isMirrored: false,
    stretch: 1.1,
    skin: [
      [0.9, 0.1, 0],
      [0.1, 0.75, 0],
      [0, 0.1, 0.7],
    ],
    cloth: [
      [0.5, 0.4, 0.4],
      [0.5, 0.4, 0.3],
      [0.6, 0.4, 0.5],
    ],
  },
] as const satisfies readonly Person[];

export interface Actor {
  /** Which of the four. @default 0 */
  readonly person?: 0 | 1 | 2 | 3;
  readonly pose: (share: number) => Pose | undefined;
}

export interface Scene {
  readonly name: string;
  readonly frames: number;
  /** Those that come later stand in front. */
  readonly actors: readonly Actor[];
  /** A pillar before all. */
  readonly pillar?: { readonly left: number; readonly width: number };
  /** A pattern that passes by, instead of a wall; another one from each of these frames on: the film is cut there. */
  readonly cuts?: readonly number[];
  /** How far the camera shakes, in pixels to each side. */
  readonly shake?: number;
  /** For how much of a frame's time the shutter is open: what moves is blurred. @default 0 */
  readonly shutter?: number;
  /** How bright it is, and the deviation of the noise, of 255. @default 1, 0 */
  readonly light?: number;
  readonly noise?: number;
  /** Whether faces touch, so that nobody could say who is who. */
  readonly isTouching?: boolean;
  /** Whether it shows what is not reached. */
  readonly isBeyond?: boolean;
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
const busy = { cuts: [0] } as const;

/** Four who walk about, each in a lane. */
const crowd = (size: number): readonly Actor[] =>
  ([0, 1, 2, 3] as const).map((person) => ({
    person,
    pose: (share) => ({
      x: 90 + 150 * person + 35 * Math.sin(share * 6 + person * 2),
      y: 110 + 20 * person + 15 * Math.sin(share * 9 + person),
      size: size + 3 * person,
    }),
  }));

/** Two who sway, so many pixels to each side. */
const toAndFro = (reach: number): readonly Actor[] =>
  ([0, 2] as const).map((person) => ({
    person,
    pose: (share) => ({ x: 320 + (1 - person) * reach * Math.sin(share * 9), y: 110 + 65 * person, size: 50 }),
  }));

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
      { person: 1, pose: (share) => ({ x: glide(530, 390, share), y: 150, size: 58 }) },
    ],
  },
  {
    name: "two, crossing",
    frames: 60,
    actors: [
      { pose: (share) => ({ x: glide(110, 530, share), y: 110, size: 44 }) },
      { person: 1, pose: (share) => ({ x: glide(530, 110, share), y: 190, size: 66 }) },
    ],
  },
  { name: "four, shaken", frames: 75, actors: crowd(44), shake: 6, ...busy },
  { name: "four, small and noisy", frames: 50, actors: crowd(26), noise: 8, ...busy },
  { name: "fast, blurred", frames: 50, actors: toAndFro(120), shutter: 0.5, ...busy },
  { name: "dark", frames: 50, actors: crowd(50).slice(0, 3), light: 0.3, noise: 6, shutter: 0.5, ...busy },
  {
    name: "cut three times",
    frames: 80,
    actors: [
      { pose: (share) => (share < 0.3 ? { x: glide(180, 240, share * 3), y: 150, size: 70 } : undefined) },
      { person: 1, pose: (share) => (share < 0.3 ? { x: 460, y: 150, size: 60 } : undefined) },
      { person: 2, pose: (share) => (share >= 0.3 && share < 0.6 ? { x: 250, y: 150, size: 72 } : undefined) },
      { person: 3, pose: (share) => (share >= 0.6 && share < 0.85 ? { x: 255, y: 152, size: 76 } : undefined) },
      { person: 1, pose: (share) => (share >= 0.6 && share < 0.85 ? { x: 470, y: 155, size: 58 } : undefined) },
      { pose: (share) => (share >= 0.85 ? { x: 262, y: 150, size: 70 } : undefined) },
    ],
    cuts: [0, 24, 48, 68],
    shake: 2,
  },
  {
    name: "one leaves, another comes",
    frames: 75,
    actors: [
      { pose: (share) => ({ x: glide(420, 840, share), y: 150, size: 60 }) },
      { person: 3, pose: (share) => ({ x: glide(1080, 330, share), y: 165, size: 60 }) },
    ],
    ...busy,
  },
  {
    name: "two behind a pillar",
    frames: 75,
    actors: [
      { person: 2, pose: (share) => ({ x: glide(110, 530, share), y: 105, size: 46 }) },
      { person: 1, pose: (share) => ({ x: glide(540, 120, share), y: 215, size: 56 }) },
    ],
    pillar: { left: 290, width: 70 },
    shake: 3,
    ...busy,
  },
  {
    name: "two, one before the other",
    frames: 60,
    actors: [
      { pose: (share) => ({ x: glide(140, 500, share), y: 140, size: 52 }) },
      { person: 1, pose: (share) => ({ x: glide(500, 140, share), y: 155, size: 66 }) },
    ],
    isTouching: true,
    ...busy,
  },
  { name: "too fast", frames: 50, actors: toAndFro(230), shutter: 0.5, isBeyond: true, ...busy },
];

/** Frames of a scene, drawn one after the other. */
export async function* drawScene(scene: Scene): AsyncGenerator<ClipFrame, void, undefined> {
  const { frames, actors, pillar, cuts, shake = 0, shutter = 0, light = 1, noise = 0 } = scene;
  const random = createRandom(frames);
  const walls = await Promise.all((cuts ?? []).map(async (_, shot) => drawPattern(shot + 1)));
  const noises = noise === 0 ? undefined : Float32Array.from({ length: 65_537 }, () => noise * random.normal());
  // With an open shutter a frame is the mean of what was there meanwhile.
  const moments = shutter === 0 ? [0] : [0, 0.25, 0.5, 0.75, 1].map((part) => (part - 0.5) * shutter);
  for (let index = 0; index < frames; index++) {
    const [shakeX, shakeY] = [shake * (2 * random.uniform() - 1), shake * (2 * random.uniform() - 1)];
    const posesAt = (moment: number): readonly (Pose | undefined)[] =>
      actors.map(({ pose }) => shaken(pose(Math.min(1, Math.max(0, (index + moment) / (frames - 1)))), shakeX, shakeY));
    const shot = cuts?.findLastIndex((frame) => frame <= index) ?? 0;
    const shown = await Promise.all(
      moments.map(async (moment) => {
        const wall = walls[shot];
        const canvas = wall === undefined ? plainWall() : patternAt(wall, 60 + index / 2 + shakeX, 60 + shakeY);
        for (const [actor, pose] of posesAt(moment).entries()) if (pose !== undefined) await drawActor(canvas, actors[actor]!, pose);
        if (pillar !== undefined) drawPillar(canvas, pillar);
        return canvas;
      }),
    );
    const image = createRasterImage(
      clipSize.width,
      clipSize.height,
      developed(shown, { light, noise: noises, from: random.integer(4096) }),
    );
    yield { time: index / clipSize.rate, image, faces: facesOf(scene, posesAt(0)) };
  }
}

interface Development {
  readonly light: number;
  readonly noise: Float32Array | undefined;
  /** Where in the noise to begin. */
  readonly from: number;
}

/** The picture that light of one or several moments leaves. */
function developed(moments: readonly Canvas[], { light, noise, from }: Development): Uint8ClampedArray {
  const data = new Uint8ClampedArray(moments[0]!.length);
  for (let at = 0; at < data.length; at++) {
    let sum = 0;
    for (const canvas of moments) sum += canvas[at]!;
    data[at] = (sum / moments.length) * light + (noise === undefined ? 0 : noise[(at + from * 16) % noise.length]!);
  }
  return data;
}

function shaken(pose: Pose | undefined, x: number, y: number): Pose | undefined {
  return pose === undefined ? undefined : { ...pose, x: pose.x + x, y: pose.y + y };
}

/** Those of which at most a fifth is hidden, by what stands before them or by the edge of the picture. */
function facesOf({ actors, pillar }: Scene, poses: readonly (Pose | undefined)[]): TrueFace[] {
  const boxes = poses.map((pose, actor) => (pose === undefined ? undefined : faceBox(pose, people[actors[actor]!.person ?? 0].stretch)));
  const { width, height } = clipSize;
  return boxes.flatMap((box, actor) => {
    if (box === undefined || sharedPart(box, { x: 0, y: 0, width, height }) < 0.8) return [];
    const before = [...boxes.slice(actor + 1), ...(pillar === undefined ? [] : [{ x: pillar.left, y: 0, width: pillar.width, height }])];
    const hidden = Math.max(0, ...before.map((other) => (other === undefined ? 0 : sharedPart(box, other))));
    return hidden > 0.2 ? [] : [{ actor, box }];
  });
}

type Canvas = Float32Array;

function plainWall(): Canvas {
  return Float32Array.from({ length: clipSize.width * clipSize.height * 3 }, (_, at) => 143 + 19 * (at % 3));
}

interface Pattern {
  readonly width: number;
  readonly data: Uint8Array;
}

/** Rectangles of all sizes and colours, and a fine grain: nothing that is a face, and much that has edges. */
async function drawPattern(seed: number): Promise<Pattern> {
  const random = createRandom(seed);
  const [width, height] = [clipSize.width + 240, clipSize.height + 120];
  const between = (from: number, to: number): number => Math.round(glide(from, to, random.uniform()));
  const tone = between(40, 160);
  const shapes = Array.from({ length: 90 }, () => {
    const fill = [0, 1, 2].map(() => Math.min(255, Math.max(0, tone + between(-60, 60)))).join();
    const place = `x="${between(-60, width)}" y="${between(-60, height)}" width="${between(12, 160)}" height="${between(12, 160)}"`;
    return `<rect ${place} rx="${between(0, 30)}" fill="rgb(${fill})"/>`;
  });
  const drawing = `<svg width="${width}" height="${height}"><rect width="100%" height="100%" fill="rgb(${tone},${tone},${tone})"/>${shapes.join("")}</svg>`;
  const pixels = await sharp(Buffer.from(drawing)).removeAlpha().raw().toBuffer();
  return { width, data: Uint8Array.from(pixels, (value) => Math.min(255, Math.max(0, value + between(-10, 10)))) };
}

function patternAt({ width, data }: Pattern, left: number, top: number): Canvas {
  const canvas = new Float32Array(clipSize.width * clipSize.height * 3);
  for (let y = 0; y < clipSize.height; y++) {
    const from = ((y + Math.round(top)) * width + Math.round(left)) * 3;
    canvas.set(data.subarray(from, from + clipSize.width * 3), y * clipSize.width * 3);
  }
  return canvas;
}

function drawPillar(canvas: Canvas, { left, width }: { readonly left: number; readonly width: number }): void {
  for (let y = 0; y < clipSize.height; y++)
    for (let x = left; x < left + width; x++) canvas.set([85, 80, 74], (y * clipSize.width + x) * 3);
}

interface Sprite {
  readonly width: number;
  readonly height: number;
  /** RGBA. */
  readonly data: Uint8Array;
}

const cutouts = new Map<number, Promise<Buffer>>();
const sprites = new Map<string, Promise<Sprite>>();

async function drawActor(canvas: Canvas, { person = 0 }: Actor, pose: Pose): Promise<void> {
  // Sizes in quarters of a pixel: one drawing serves many frames.
  const drawn = { size: Math.round(pose.size * 4) / 4, turn: Math.round(pose.turn ?? 0) };
  const key = `${person} ${drawn.size} ${drawn.turn}`;
  const drawing = sprites.get(key) ?? drawSprite(person, drawn);
  sprites.set(key, drawing);
  const { width, height, data } = await drawing;
  const [left, top] = [Math.round(pose.x - width / 2), Math.round(pose.y - height / 2)];
  for (let y = Math.max(0, -top); y < Math.min(height, clipSize.height - top); y++) {
    for (let x = Math.max(0, -left); x < Math.min(width, clipSize.width - left); x++) {
      const from = (y * width + x) * 4;
      const share = data[from + 3]! / 255;
      if (share === 0) continue;
      const to = ((y + top) * clipSize.width + x + left) * 3;
      for (let channel = 0; channel < 3; channel++)
        canvas[to + channel] = canvas[to + channel]! * (1 - share) + data[from + channel]! * share;
    }
  }
}

/** The cutout in a square with the face in its middle, about which it is turned. */
async function drawSprite(person: number, { size, turn }: { readonly size: number; readonly turn: number }): Promise<Sprite> {
  const { isMirrored, stretch } = people[person]!;
  const cutout = cutouts.get(person) ?? cutOut(people[person]!);
  cutouts.set(person, cutout);
  const scale = size / faceInCut.width;
  // A narrower face of the same width is a taller one.
  const [width, height] = [Math.round(cut.width * scale), Math.round((cut.height * scale) / stretch)];
  const inMiddle = faceInCut.x + faceInCut.width / 2;
  const middle = { x: isMirrored ? cut.width - inMiddle : inMiddle, y: (faceInCut.y + faceInCut.height / 2) / stretch };
  const reach = Math.ceil(Math.hypot(cut.width, cut.height / stretch) * scale);
  const scaled = await sharp(await cutout)
    .resize(width, height, { fit: "fill" })
    .png({ compressionLevel: 1 })
    .toBuffer();
  const square = await sharp({ create: { width: 2 * reach, height: 2 * reach, channels: 4, background: "#0000" } })
    .composite([{ input: scaled, left: Math.round(reach - middle.x * scale), top: Math.round(reach - middle.y * scale) }])
    .png({ compressionLevel: 1 })
    .toBuffer();
  const { data, info } = await sharp(square)
    .rotate(turn, { background: "#0000" })
    .ensureAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, data: new Uint8Array(data) };
}

async function cutOut({ isMirrored, skin, cloth }: Person): Promise<Buffer> {
  const svg = (shapes: string): Buffer => Buffer.from(`<svg width="${cut.width}" height="${cut.height}">${shapes}</svg>`);
  const body = svg('<ellipse cx="136" cy="112" rx="82" ry="110"/><rect x="10" y="190" width="240" height="140" rx="60"/>');
  const face = svg('<ellipse cx="136" cy="121" rx="54" ry="66"/>');
  const pixels = async (colours: Rows | undefined): Promise<Buffer> => {
    const picture = sharp(portrait).removeAlpha().extract(cut);
    return (colours === undefined ? picture : picture.recomb(colours)).png().toBuffer();
  };
  const masked = async (picture: Buffer, mask: Buffer): Promise<Buffer> =>
    sharp(picture)
      .ensureAlpha()
      .composite([{ input: mask, blend: "dest-in" }])
      .png()
      .toBuffer();
  const around = await masked(await pixels(cloth ?? skin), body);
  const whole = await sharp(around)
    .composite([{ input: await masked(await pixels(skin), face) }])
    .png()
    .toBuffer();
  return isMirrored ? sharp(whole).flop().png().toBuffer() : whole;
}

function faceBox({ x, y, size }: Pose, stretch: number): BoundingBox {
  const height = (size * faceInCut.height) / faceInCut.width / stretch;
  return { x: x - size / 2, y: y - height / 2, width: size, height };
}

/** How much of `box` lies within `other`. */
function sharedPart(box: BoundingBox, other: BoundingBox): number {
  const across = Math.min(box.x + box.width, other.x + other.width) - Math.max(box.x, other.x);
  const down = Math.min(box.y + box.height, other.y + other.height) - Math.max(box.y, other.y);
  return (Math.max(0, across) * Math.max(0, down)) / (box.width * box.height);
}
