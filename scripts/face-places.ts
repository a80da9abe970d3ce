/**
 * Places that a scan may name, cut out, for a network that says whether a face is there: at faces of imported datasets, beside them, and in pictures
 * without faces. What is written is a table (`labels.csv`) with its pictures, which `tensorface dataset import csv` reads.
 *
 *     node scripts/face-places.ts --without FOLDER --out .data/face-places
 *
 * `--without` is a folder of pictures, with its sub-folders, in none of which a face is; Debian's wallpapers and tuxpaint-stamps-default are such,
 * but for people and what is drawn like them. A part of them, and of the faces, validates.
 */
import { globSync } from "node:fs";
import { appendFile, mkdir, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import sharp from "sharp";
import { makePhotographs } from "../bench/photographs/pictures.ts";
import { type BoundingBox, createRandom, intersectionOverUnion, type Random, shuffled, transformPoint } from "../src/core/index.ts";
import { openDataset } from "../src/datasets/dataset.node.ts";
import type { FaceRecord } from "../src/datasets/index.ts";
import { blazeFace, createFaceDetector, type FaceMesh, squareAround, squareToSource } from "../src/detect/index.ts";
import { decode } from "../src/image/decode.node.ts";
import { encode } from "../src/image/encode.node.ts";
import { cutPicture, type RasterImage } from "../src/image/index.ts";
import { resizeCubic } from "../src/image/resize.node.ts";
import { findModel } from "../src/models/index.ts";
import { openModelFolders } from "../src/models/models.node.ts";
import { createProgressLine } from "../src/report/progress.node.ts";
import { createNodeRuntime } from "../src/runtime/runtime.node.ts";
import { neededText, readWords, wholeNumber } from "./words.ts";

const { values } = readWords("node scripts/face-places.ts", {
  without: neededText("DIR"),
  out: neededText("DIR"),
  seed: wholeNumber(11),
});

/** Side of what is written, and how much it shows, in longer sides of the detector's box: of it the recipe's crop is the middle. */
const view = { side: 60, margin: 1.3 / 0.8 };
/** A part of the pictures validates, by a draw for each. */
const validationShare = 1 / 10;
/** Part of a picture's side from hairline to chin, as docs/lab/detection.md says. */
const sources = [
  { name: "fairface", count: 5000, facePart: 0.62 },
  { name: "utkface", count: 800, facePart: 0.75 },
];
/** Hairline to chin, in pixels of the picture in which a face is found. */
const faceSize = { least: 14, most: 110 };
/** How the scan errs at faces of mosaics: where the box's middle is, in face sizes, and its size (n = 784; mean and deviation). */
const error = { x: { mean: 0.01, deviation: 0.12 }, y: { mean: 0.055, deviation: 0.085 }, logarithm: { mean: 0.13, deviation: 0.2 } };
/** Of the scan's places in a picture without faces: the surest, and some of the others. */
const placesWithout = { surest: 14, others: 10 };
/** What the scan names of a made photograph's surroundings: the same blurred border again and again. */
const placesBeside = 12;
const lowScore = 0.08;

const random = createRandom(values.seed);
const manifests = openModelFolders();
const detectorManifest = findModel(await manifests.manifests(), "blazeface");
if (detectorManifest.kind !== "detector") throw new Error("the detector is not what its id says");
const lowManifest = { ...detectorManifest, scoreThreshold: lowScore };
const nowhere = { x: 0, y: 0 };
/** Sees no face anywhere, so that every place is left. */
const blindMesh: FaceMesh = {
  locate: async (_copies, candidates) =>
    candidates.map(({ box }) => ({
      box,
      landmarks: { leftEye: nowhere, rightEye: nowhere, nose: nowhere, leftMouth: nowhere, rightMouth: nowhere },
      presence: 0,
    })),
};
await using session = await createNodeRuntime().load(await manifests.read(detectorManifest), { threads: 1, variedSizes: true });
const counts = { face: 0, none: 0 };
const table = join(values.out, "labels.csv");
for (const label of Object.keys(counts)) {
  await rm(join(values.out, label), { recursive: true, force: true });
  await mkdir(join(values.out, label), { recursive: true });
}
await writeFile(table, "file,face,split\n");
const progress = createProgressLine({ write: (text) => process.stderr.write(text) });
for (const source of sources) await atFaces(source);
await inPhotographs();
await withoutFaces(values.without);
progress.clear();
console.log(JSON.stringify(counts));

type Label = keyof typeof counts;

/** Faces of a dataset's training part, small and large, some dark, blurred or squeezed; and places beside them and of the wrong size. */
async function atFaces({ name, count, facePart }: (typeof sources)[number]): Promise<void> {
  const dataset = await openDataset(join(".data", "imported", name));
  const records = (await Array.fromAsync(dataset.records())).filter(({ split }) => split === "train");
  const chosen = shuffled(records, random.fork(name)).slice(0, count);
  for (const [index, record] of chosen.entries()) {
    const draw = random.fork(record.id);
    const size = Math.exp(between(draw, Math.log(faceSize.least), Math.log(faceSize.most)));
    const side = Math.max(16, Math.round(size / facePart));
    const image = await degraded(dataset.picturePath(record), side, draw);
    const split = splitOf(photographId(record));
    const face = side * facePart;
    const cutAt = async (label: Label, x: number, y: number, scale: number): Promise<void> => {
      const middle = { x: image.width / 2 + x * face, y: image.height / 2 + y * face };
      const box = { x: middle.x - (scale * face) / 2, y: middle.y - (scale * face) / 2, width: scale * face, height: scale * face };
      await write(image, box, { label, split, angle: draw.uniform() < 0.25 ? between(draw, -0.5, 0.5) : 0 });
    };
    const erring = ({ mean, deviation }: { readonly mean: number; readonly deviation: number }): number => mean + deviation * draw.normal();
    await cutAt("face", erring(error.x), erring(error.y), Math.exp(erring(error.logarithm)));
    if (draw.uniform() < 0.4) await cutAt("none", ...besideFace(draw));
    progress.update({ stage: `places at ${name}`, done: index + 1, total: chosen.length });
  }
}

/** Where no face is: beside one, on a part of it, at its edge; the middle and the size, in face sizes. */
function besideFace(draw: Random): [x: number, y: number, scale: number] {
  const direction = between(draw, 0, 2 * Math.PI);
  const at = (distance: number, scale: number): [number, number, number] => [
    Math.cos(direction) * distance,
    Math.sin(direction) * distance,
    scale,
  ];
  const kind = draw.integer(3);
  if (kind === 0) return at(between(draw, 0.6, 0.85), between(draw, 0.8, 1.2));
  if (kind === 1) return at(between(draw, 0, 0.3), between(draw, 0.25, 0.45));
  return at(0.5, between(draw, 0.35, 0.6));
}

/** A dataset's picture at a size, its border carried on, as cameras and the web leave it. */
async function degraded(path: string, side: number, draw: Random): Promise<RasterImage> {
  const around = Math.round(side * 0.6);
  const extended = sharp(path)
    .resize(side, side, { fit: "fill", kernel: "cubic" })
    .extend({ top: around, bottom: around, left: around, right: around, extendWith: "copy" });
  let pipeline = sharp(await extended.png({ compressionLevel: 0 }).toBuffer());
  const kind = draw.uniform();
  if (kind < 0.12) pipeline = pipeline.linear(between(draw, 0.2, 0.8), 0);
  else if (kind < 0.25) pipeline = pipeline.blur(between(draw, 0.5, 0.5 + Math.min(2, side / 40)));
  const isSqueezed = draw.uniform() < 0.6;
  const quality = 30 + draw.integer(65);
  return (await decode(await (isSqueezed ? pipeline.jpeg({ quality }) : pipeline.png({ compressionLevel: 0 })).toBuffer())).image;
}

/** Made photographs of training faces: what the scan names at the face and beside it. */
async function inPhotographs(): Promise<void> {
  const photographs = await makePhotographs({
    sources: sources.map(({ name, facePart }) => ({ path: join(".data", "imported", name), split: "train", facePart })),
    perCell: 33,
    seed: values.seed,
    folder: join(".cache", "face-places"),
  });
  for (const [index, { path, id, crop, faceSize: size }] of photographs.entries()) {
    const { image } = await decode(path);
    const split = splitOf(id);
    const offset = ({ x, y, width, height }: BoundingBox): number =>
      Math.hypot(x + width / 2 - crop.left - crop.side / 2, y + height / 2 - crop.top - crop.side / 2);
    const places = await namedPlaces(image);
    const at = places.filter(
      ({ width, x, y, height }) => offset({ x, y, width, height }) < size / 2 && width > size / 2 && width < size * 2,
    );
    const beside = places.filter((box) => offset(box) > 0.8 * Math.max(crop.side, box.width));
    for (const box of at.slice(0, 2)) await write(image, box, { label: "face", split });
    for (const box of beside.slice(0, placesBeside)) await write(image, box, { label: "none", split });
    progress.update({ stage: "places in made photographs", done: index + 1, total: photographs.length });
  }
}

async function withoutFaces(folder: string): Promise<void> {
  const names = globSync("**/*.{jpg,jpeg,png,webp}", { cwd: folder }).toSorted();
  for (const [index, name] of names.entries()) {
    const draw = random.fork(basename(name));
    const ground = { r: draw.integer(256), g: draw.integer(256), b: draw.integer(256) };
    const side = 320 + draw.integer(700);
    const picture = sharp(join(folder, name))
      .resize(side, side, { fit: "inside", withoutEnlargement: true })
      .flatten({ background: ground });
    const { image } = await decode(await picture.toColourspace("srgb").png({ compressionLevel: 0 }).toBuffer());
    const split = splitOf(name);
    const places = await namedPlaces(image);
    const others = places.slice(placesWithout.surest);
    const step = Math.max(1, Math.ceil(others.length / placesWithout.others));
    const chosen = [...places.slice(0, placesWithout.surest), ...others.filter((_, at) => at % step === 0)];
    for (const box of chosen) await write(image, box, { label: "none", split });
    progress.update({ stage: "places in pictures without faces", done: index + 1, total: names.length });
  }
}

/** All that the detector names with a low score, the surest first, each once. */
async function namedPlaces(image: RasterImage): Promise<BoundingBox[]> {
  const named: { readonly box: BoundingBox; readonly score: number }[] = [];
  const scanner = blazeFace(session, lowManifest);
  const decodeAll: typeof scanner.decode = (outputs, index, patch) => {
    const faces = scanner.decode(outputs, index, patch);
    for (const { box, score } of faces) {
      const { x, y } = transformPoint(patch.toSource, box);
      const end = transformPoint(patch.toSource, { x: box.x + box.width, y: box.y + box.height });
      named.push({ box: { x, y, width: end.x - x, height: end.y - y }, score });
    }
    return faces;
  };
  const detector = createFaceDetector({ ...scanner, decode: decodeAll }, blindMesh, resizeCubic);
  const options = { minFaceSize: Math.max(20, Math.max(image.width, image.height) / 64), maxFaces: 1, anyRotation: false };
  await (await detector.prepare(image, options)).detect();
  const kept: BoundingBox[] = [];
  for (const { box } of named.toSorted((a, b) => b.score - a.score)) {
    if (kept.every((other) => intersectionOverUnion(other, box) <= 0.3)) kept.push(box);
  }
  return kept;
}

/** Cuts a place out, or its mirror image. */
async function write(
  image: RasterImage,
  box: BoundingBox,
  { label, split, angle = 0 }: { readonly label: Label; readonly split: string; readonly angle?: number },
): Promise<void> {
  const toSource = squareToSource({ ...squareAround(box, view.margin), angle }, view.side);
  const file = `${label}/${++counts[label]}.png`;
  await writeFile(join(values.out, file), await encode(cutPicture(image, toSource, view.side, view.side), { format: "png" }));
  await appendFile(table, `${file},${label},${split}\n`);
}

/** The part of all places of a picture, by its name. */
function splitOf(name: string): string {
  return random.fork(`split ${name}`).uniform() < validationShare ? "validation" : "train";
}

/** What a made photograph of a record's face is called, so that both are on one side. */
function photographId({ source, id }: Pick<FaceRecord, "source" | "id">): string {
  return `${source}-${id}`.replaceAll(/[^\w.-]/g, "_");
}

function between(draw: Random, least: number, most: number): number {
  return least + draw.uniform() * (most - least);
}
