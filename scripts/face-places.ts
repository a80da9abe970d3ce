/**
 * Places that a scan may name, cut out, for a network that says whether a face is there: at faces of imported datasets, beside them, and in pictures
 * without faces. What is written is a table (`labels.csv`) with its pictures, which `tensorface dataset import csv` reads.
 *
 *     node scripts/face-places.ts --without FOLDER --out .data/face-places
 *
 * `--without` is a folder of pictures, with its sub-folders, in none of which a person's face is; docs/lab/detection.md names the packages of Debian
 * from which ours came. A part of them, and of the faces, validates.
 */
import { globSync } from "node:fs";
import { appendFile, mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import sharp, { type Region } from "sharp";
import { createRandom, type Random, shuffled } from "../src/core/index.ts";
import { openDataset } from "../src/datasets/dataset.node.ts";
import { decode } from "../src/image/decode.node.ts";
import { encode } from "../src/image/encode.node.ts";
import type { RasterImage } from "../src/image/index.ts";
import { createProgressLine } from "../src/report/progress.node.ts";
import { cutPlace, type NamedPlace, openPlaceFinder } from "./face-places/places.ts";
import { facesPerScene, makeScene, type SetFace } from "./face-places/scene.ts";
import { neededText, readWords, wholeNumber } from "./words.ts";

const { values } = readWords("node scripts/face-places.ts", {
  without: neededText("DIR"),
  out: neededText("DIR"),
  scenes: wholeNumber(120),
  seed: wholeNumber(11),
});

/** A part of the scenes and of the pictures validates, by a draw for each. */
const validationShare = 1 / 12;
/** Part of a picture's side from hairline to chin, as docs/lab/photographs.md says. */
const sources = ["fairface", "fairface-men"].map((name) => ({ name, facePart: 0.62 }));
/** Hairline to chin, in pixels of the picture in which a face is found; small ones more often. */
const faceSize = { least: 17, most: 120 };
/** Of faces that look ahead, which the mesh knows, so many stay. */
const frontalShare = 0.6;
/** Of places beside faces and in what was set in like them. */
const noneShare = 0.3;
/** From how far the nose is beside the eyes' middle, in distances of the eyes, a head is turned. */
const turnedFrom = 0.3;
/** Of the scan's places in a picture without faces: the surest, and some of the others. */
const placesWithout = { surest: 12, others: 8 };
/** Below what the analyzer asks for, so that there are enough of them. */
const lowScore = 0.05;

const random = createRandom(values.seed);
await using finder = await openPlaceFinder(lowScore);
const counts = { face: 0, none: 0 };
const table = join(values.out, "labels.csv");
for (const label of Object.keys(counts)) {
  await rm(join(values.out, label), { recursive: true, force: true });
  await mkdir(join(values.out, label), { recursive: true });
}
await writeFile(table, "file,face,split\n");
const progress = createProgressLine({ write: (text) => process.stderr.write(text) });
const withoutFaces = globSync("**/*.{jpg,jpeg,png,webp}", { cwd: values.without }).toSorted();
await inScenes();
await inPicturesWithout();
progress.clear();
console.log(JSON.stringify(counts));

type Label = keyof typeof counts;

/** At faces of the training parts, set into pictures without faces, and at what was set in like them. */
async function inScenes(): Promise<void> {
  const faces = (await Promise.all(sources.map((source) => trainingFaces(source)))).flat();
  const left = shuffled(faces, random.fork("faces"));
  const grounds = shuffled(withoutFaces, random.fork("grounds"));
  for (let index = 0; index < values.scenes && left.length > 0; index++) {
    const draw = random.fork(`scene ${index}`);
    const size = between(draw, faceSize.least ** -0.5, faceSize.most ** -0.5) ** -2;
    const style = { size, isExtended: draw.uniform() < 0.5 };
    const background = join(values.without, grounds[index % grounds.length]!);
    const { image, faces: there } = await makeScene(background, left.splice(0, facesPerScene(style)), style, draw);
    const split = splitOf(`scene ${index}`);
    for (const place of await finder.find(image, size)) {
      const label = labelOf(place, there);
      if (label === "none" ? draw.uniform() < noneShare : label === "face" && (isTurned(place) || draw.uniform() < frontalShare)) {
        await write(image, place, { label: label!, split });
      }
    }
    progress.update({ stage: "places in scenes", done: index + 1, total: values.scenes });
  }
}

async function trainingFaces({ name, facePart }: (typeof sources)[number]): Promise<{ path: string; facePart: number }[]> {
  const dataset = await openDataset(join(".data", "imported", name));
  const records = (await Array.fromAsync(dataset.records())).filter(({ split }) => split === "train");
  return records.map((record) => ({ path: dataset.picturePath(record), facePart }));
}

/** Whether a place is at a face, where none is, or in between, which teaches nothing. */
function labelOf({ box }: NamedPlace, faces: readonly SetFace[]): Label | undefined {
  const middle = { x: box.x + box.width / 2, y: box.y + box.height / 2 };
  const side = Math.max(box.width, box.height);
  const near = faces.map(({ centre, size }) => ({ size, distance: Math.hypot(centre.x - middle.x, centre.y - middle.y) }));
  if (near.some(({ size, distance }) => distance < 0.35 * size && side > 0.6 * size && side < 2 * size)) return "face";
  // A little less than the face is beside it, a part of it, or much more than it.
  const isClear = ({ size, distance }: (typeof near)[number]): boolean =>
    distance > 0.6 * Math.max(side, size) || side < 0.4 * size || side > 3 * size;
  return near.every(isClear) ? "none" : undefined;
}

function isTurned({ keypoints }: NamedPlace): boolean {
  if (keypoints === undefined) return false;
  const { leftEye, rightEye, nose } = keypoints;
  const apart = Math.hypot(rightEye.x - leftEye.x, rightEye.y - leftEye.y);
  const along =
    ((nose.x - (leftEye.x + rightEye.x) / 2) * (rightEye.x - leftEye.x) +
      (nose.y - (leftEye.y + rightEye.y) / 2) * (rightEye.y - leftEye.y)) /
    apart;
  return Math.abs(along) > turnedFrom * apart;
}

async function inPicturesWithout(): Promise<void> {
  for (const [index, name] of withoutFaces.entries()) {
    const draw = random.fork(name);
    const split = splitOf(name);
    const picture = sharp(join(values.without, name)).flatten({
      background: { r: draw.integer(256), g: draw.integer(256), b: draw.integer(256) },
    });
    const { data, info } = await picture
      .toColourspace("srgb")
      .resize(1600, 1600, { fit: "inside", withoutEnlargement: true })
      .raw()
      .toBuffer({ resolveWithObject: true });
    for (const part of partsOf(info, draw)) {
      const side = 280 + draw.integer(560);
      const looked = sharp(data, { raw: info })
        .extract(part)
        .resize(side, side, { fit: "inside", withoutEnlargement: draw.uniform() < 0.7 });
      const { image } = await decode(await looked.png({ compressionLevel: 0 }).toBuffer());
      const places = (await finder.find(image)).toSorted((a, b) => b.score - a.score);
      const others = places.slice(placesWithout.surest);
      const step = Math.max(1, Math.ceil(others.length / placesWithout.others));
      for (const place of [...places.slice(0, placesWithout.surest), ...others.filter((_, at) => at % step === 0)]) {
        await write(image, place, { label: "none", split });
      }
    }
    progress.update({ stage: "places in pictures without faces", done: index + 1, total: withoutFaces.length });
  }
}

/** The whole picture, and of large ones four parts. */
function partsOf({ width, height }: { readonly width: number; readonly height: number }, draw: Random): Region[] {
  const whole = { left: 0, top: 0, width, height };
  const count = Math.max(width, height) > 900 ? 4 : 1;
  const parts = Array.from({ length: count }, () => {
    const side = Math.round(Math.min(width, height) * between(draw, 0.4, 0.8));
    return { left: draw.integer(width - side + 1), top: draw.integer(height - side + 1), width: side, height: side };
  });
  return [whole, ...parts];
}

async function write(
  image: RasterImage,
  { box }: NamedPlace,
  { label, split }: { readonly label: Label; readonly split: string },
): Promise<void> {
  const file = `${label}/${++counts[label]}.png`;
  await writeFile(join(values.out, file), await encode(cutPlace(image, box), { format: "png" }));
  await appendFile(table, `${file},${label},${split}\n`);
}

/** The part of all places of a picture. */
function splitOf(name: string): string {
  return random.fork(`split ${name}`).uniform() < validationShare ? "validation" : "train";
}

function between(draw: Random, least: number, most: number): number {
  return least + draw.uniform() * (most - least);
}
