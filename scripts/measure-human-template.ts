/**
 * Where the five landmarks stand in the crop that @vladmandic/human cuts for its heads, measured on pictures of single faces:
 *
 *     node scripts/measure-human-template.ts FOLDER [--count 1500]
 *
 * human cuts the square around BlazeFace's box, 1.4 times as wide as the box's longer side, without turning it. Here the same
 * detector gives the box, the face mesh gives the landmarks, and the template is their median in that square, made symmetric.
 */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { estimateTemplate } from "../src/align/index.ts";
import {
  type BoundingBox,
  createRandom,
  type FaceLandmarks,
  float32Tensor,
  landmarkNames,
  mapLandmarks,
  shuffled,
  transformPoint,
} from "../src/core/index.ts";
import { blazeFace, createFaceMesh } from "../src/detect/index.ts";
import { decode } from "../src/image/decode.node.ts";
import { type RasterImage, warpToTensor } from "../src/image/index.ts";
import { findModel, type ModelManifest } from "../src/models/index.ts";
import { openModelFolders } from "../src/models/models.node.ts";
import type { InferenceSession } from "../src/runtime/index.ts";
import { createNodeRuntime } from "../src/runtime/runtime.node.ts";
import { readWords, wholeNumber } from "./words.ts";

/** human's `face.detector.scale`. */
const enlargement = 1.4;
/** The pictures are tight crops; a detector expects faces with surroundings. */
const surroundings = 1.6;

const { values, operands } = readWords("node scripts/measure-human-template.ts", { count: wholeNumber(1500) }, { operands: ["FOLDER"] });
const folder = operands[0]!;

const store = openModelFolders();
const manifests = await store.manifests();
const runtime = createNodeRuntime();
const load = async (manifest: ModelManifest): Promise<InferenceSession> => runtime.load(await store.read(manifest));
const detector = findModel(manifests, "blazeface");
const mesh = findModel(manifests, "facemesh");
if (detector.kind !== "detector" || mesh.kind !== "landmarks") throw new Error("the models are not what their ids say");
await using detectorSession = await load(detector);
await using meshSession = await load(mesh);
const scanner = blazeFace(detectorSession, detector);
const faceMesh = createFaceMesh(meshSession, mesh);

/** Landmarks as fractions of the crop. */
interface MeasuredCrop {
  readonly landmarks: FaceLandmarks;
  readonly size: { readonly width: 1; readonly height: 1 };
}

const names = readdirSync(folder).filter((name) => /\.(jpe?g|png)$/i.test(name));
const chosen = shuffled(names.toSorted(), createRandom(1)).slice(0, values.count);
const crops: MeasuredCrop[] = [];
for (const name of chosen) {
  const { image } = await decode(join(folder, name));
  const crop = await measure(image);
  if (crop !== undefined) crops.push(crop);
}
const template = estimateTemplate(crops);
console.log(`${crops.length} of ${chosen.length} pictures with a face`);
for (const point of landmarkNames) {
  const spread = (axis: "x" | "y"): string => deviation(crops.map(({ landmarks }) => landmarks[point][axis])).toFixed(3);
  console.log(point, template[point].x.toFixed(4), template[point].y.toFixed(4), `spread ${spread("x")} ${spread("y")}`);
}

async function measure(image: RasterImage): Promise<MeasuredCrop | undefined> {
  const box = await detectBox(image);
  if (box === undefined) return undefined;
  const [face] = await faceMesh.locate([image], [{ box, score: 1, angle: 0 }]);
  if (face === undefined || face.presence < 0.5) return undefined;
  const side = Math.max(box.width, box.height) * enlargement;
  const left = box.x + box.width / 2 - side / 2;
  const top = box.y + box.height / 2 - side / 2;
  const landmarks = mapLandmarks(face.landmarks, ({ x, y }) => ({ x: (x - left) / side, y: (y - top) / side }));
  return { landmarks, size: { width: 1, height: 1 } };
}

/** The box of the surest face, in pixels of the picture. */
async function detectBox(image: RasterImage): Promise<BoundingBox | undefined> {
  const { input } = scanner.manifest;
  const scale = (Math.max(image.width, image.height) * surroundings) / input.width;
  const toSource = {
    a: scale,
    b: 0,
    tx: (image.width - scale * input.width) / 2,
    c: 0,
    d: scale,
    ty: (image.height - scale * input.height) / 2,
  };
  const tensor = float32Tensor([1, 3, input.height, input.width]);
  warpToTensor(image, toSource, { ...input, border: [0, 0, 0] }, tensor.data);
  const outputs = await detectorSession.run({ [input.name]: tensor });
  const view = {
    toSource,
    width: input.width,
    height: input.height,
    angle: 0,
    cuts: { left: false, top: false, right: false, bottom: false },
    isCoarse: false,
  };
  const best = scanner.decode(outputs, 0, view).toSorted((a, b) => b.score - a.score)[0];
  if (best === undefined) return undefined;
  const { x, y } = transformPoint(toSource, best.box);
  return { x, y, width: best.box.width * scale, height: best.box.height * scale };
}

function deviation(values: readonly number[]): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
}
