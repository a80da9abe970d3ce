import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import sharp from "sharp";
import { createRandom, type TaskKind } from "../../src/core/index.ts";

/** Six tasks that somebody may have in mind, each with class folders that are drawn from the portrait: small, and made to be told apart. */
export interface DrawnTask {
  /** The folder, and what the answers are called. */
  readonly name: string;
  /** Undefined where the labels are built-in ones. */
  readonly kind?: Exclude<TaskKind, "age">;
  /** Names of the class folders, and what is drawn for each onto the head, pixels of {@link drawnSide}. */
  readonly classes: Readonly<Record<string, string>>;
}

const drawnSide = 192;
const portrait = fileURLToPath(new URL("../../examples/astronaut.png", import.meta.url));
/** Where the head stands in the portrait. */
const head = { left: 130, top: 20, width: 180, height: 180 } as const;

const mouth = (bend: number): string =>
  `<path d="M78 128 Q96 ${128 + bend} 114 128" stroke="#7a1f2a" stroke-width="6" fill="none" stroke-linecap="round"/>`;
const brows = (tilt: number): string =>
  `<path d="M66 ${88 - tilt} L88 ${88 + tilt} M104 ${88 + tilt} L126 ${88 - tilt}" stroke="#3b2416" stroke-width="5"/>`;
const helmet = `<path d="M46 66 A50 52 0 0 1 146 66 Z" fill="#f2c230"/><rect x="38" y="62" width="116" height="9" rx="4" fill="#d9a514"/>`;
const vest = `<path d="M20 192 L60 160 L132 160 L172 192 Z" fill="#ff6a13"/><rect x="20" y="176" width="152" height="7" fill="#e8f06b"/>`;
const cloth = `<rect x="64" y="108" width="64" height="44" rx="12" fill="#dfe9ee"/>`;
const shade = (share: number): string => `<rect width="192" height="192" fill="#2b2f77" fill-opacity="${share.toFixed(2)}"/>`;

function spread(labels: readonly string[], draw: (share: number) => string): Readonly<Record<string, string>> {
  return Object.fromEntries(labels.map((label, index) => [label, draw(index / (labels.length - 1))]));
}

export const drawnTasks: readonly DrawnTask[] = [
  {
    name: "moods",
    classes: {
      happy: mouth(22),
      sad: mouth(-22),
      neutral: mouth(0),
      angry: mouth(-8) + brows(9),
      surprise: `<ellipse cx="96" cy="130" rx="12" ry="16" fill="#5b1520"/>`,
      fear: mouth(-8) + brows(-9),
    },
  },
  { name: "smile", kind: "classes", classes: { smile: mouth(22), none: mouth(0) } },
  {
    name: "age-group",
    kind: "ordered",
    classes: spread(["0-2", "4-6", "8-12", "15-20", "25-32", "38-43", "48-53", "60-100"], (share) => shade(0.7 * share)),
  },
  { name: "mask", kind: "classes", classes: { mask: cloth, none: "" } },
  { name: "wears", kind: "tags", classes: { helmet, vest, "helmet+vest": helmet + vest, none: "" } },
  {
    name: "rating",
    kind: "number",
    classes: spread(
      Array.from({ length: 10 }, (_, index) => String(index + 1)),
      (share) => shade(0.7 * share),
    ),
  },
];

/** Writes `folder/TASK/CLASS/1.jpg` and so on, `count` pictures of each class, no two alike: mirrored, moved and lit by chance. */
export async function drawTasks(folder: string, count: number, tasks: readonly DrawnTask[] = drawnTasks): Promise<void> {
  for (const { name, classes } of tasks) {
    for (const [label, cover] of Object.entries(classes)) {
      await mkdir(join(folder, name, label), { recursive: true });
      for (let index = 1; index <= count; index++)
        await writeFile(join(folder, name, label, `${index}.jpg`), await drawFace(cover, `${name} ${label} ${index}`));
    }
  }
}

async function drawFace(cover: string, seed: string): Promise<Buffer> {
  const random = createRandom(19).fork(seed);
  const shift = () => random.integer(13) - 6;
  const face = await sharp(portrait)
    .extract({ ...head, left: head.left + shift(), top: head.top + shift() })
    .resize(drawnSide, drawnSide)
    .modulate({ brightness: 0.85 + 0.3 * random.uniform(), saturation: 0.6 + 0.6 * random.uniform(), hue: random.integer(20) })
    .png()
    .toBuffer();
  const drawing = Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" width="${drawnSide}" height="${drawnSide}">${cover}</svg>`);
  const covered = await sharp(face)
    .composite([{ input: drawing }])
    .png()
    .toBuffer();
  return sharp(covered)
    .flop(random.uniform() < 0.5)
    .rotate(random.integer(13) - 6, { background: "#8a8f86" })
    .resize(drawnSide, drawnSide)
    .jpeg({ quality: 90 })
    .toBuffer();
}
