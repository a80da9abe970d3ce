/**
 * Cuts every face of an imported dataset as serving would: found by the detector, brought to a head's template, with a margin around it, so that a
 * training may turn and move the crop without running over its edge. Pictures keep their splits. What is written is a table
 * (`labels.csv`) with its pictures, which `tensorface dataset import csv` reads.
 *
 *     node scripts/cut-faces.ts .data/imported/rafdb --template fer2013 --out .data/rafdb-found
 *
 * Where the detector finds nothing in the picture as it is, the picture is shown to it on a grey canvas, as for a template; where nothing is found
 * there either, the face is left out.
 */
import { mkdirSync } from "node:fs";
import { appendFile, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { cropToSource } from "../src/align/index.ts";
import { loadNetworks, locateFaces } from "../src/analyze/pipeline/index.ts";
import { createProgressLine } from "../src/report/progress.node.ts";
import { type FaceLandmarks, mainFace, mapLandmarks, type Point } from "../src/core/index.ts";
import { openDataset } from "../src/datasets/dataset.node.ts";
import type { FaceDetector } from "../src/detect/index.ts";
import { decode } from "../src/image/decode.node.ts";
import { encode } from "../src/image/encode.node.ts";
import { cutPicture, type RasterImage } from "../src/image/index.ts";
import { resizeCubic } from "../src/image/resize.node.ts";
import { openModelFolders } from "../src/models/models.node.ts";
import { datasetTemplates } from "../src/predict/index.ts";
import { locateOnCanvas, showOnCanvas } from "../src/predict/template/index.ts";
import { createNodeRuntime } from "../src/runtime/runtime.node.ts";
import { anyNumber, choice, neededText, readWords, wholeNumber } from "./words.ts";

const { values, operands } = readWords(
  "node scripts/cut-faces.ts",
  {
    template: choice(Object.keys(datasetTemplates), "fer2013"),
    out: neededText("DIR"),
    side: wholeNumber(112),
    // The crop's place in what is written, as a share of the side: what a recipe's `crop` gives back.
    margin: anyNumber(0.1),
  },
  { operands: ["DATASET"] },
);
const path = operands[0]!;
const template = datasetTemplates[values.template]!;
const { side, margin } = values;
const inset = ({ x, y }: Point): Point => ({ x: margin + (1 - 2 * margin) * x, y: margin + (1 - 2 * margin) * y });
const shown = { landmarks: mapLandmarks(template, inset) };

const dataset = await openDataset(path);
const records = await Array.fromAsync(dataset.records());
mkdirSync(join(values.out, "faces"), { recursive: true });
const networks = await loadNetworks({ runtime: createNodeRuntime(), models: openModelFolders(), resize: resizeCubic }, { tasks: [] });
const { detector } = networks;
if (detector === undefined) throw new Error("no detector is installed: npm ci");
const progress = createProgressLine({ write: (text) => process.stderr.write(text) });
const labelsFile = join(values.out, "labels.csv");
const landmarksFile = join(values.out, "landmarks.jsonl");
const known = new Map((await readFile(landmarksFile, "utf8").catch(() => "")).split("\n").flatMap(readLine));
const counts = { photograph: 0, canvas: 0, none: 0 };
const rows: string[] = [];
for (const [index, record] of records.entries()) {
  const name = record.id.slice(record.id.indexOf("/") + 1).replaceAll("/", "-");
  const file = `faces/${name}.png`;
  const how =
    known.get(record.id) ?? (await cut(detector, { id: record.id, from: dataset.picturePath(record), to: join(values.out, file) }));
  counts[how]++;
  if (how !== "none") rows.push([file, name, record.labels.mood ?? "", record.split].join(","));
  progress.update({ stage: "cut faces", done: index + 1, total: records.length });
}
await networks.dispose();
progress.clear();
await writeFile(labelsFile, `file,id,mood,split\n${rows.join("\n")}\n`);
console.log(JSON.stringify({ records: records.length, ...counts }));

type How = keyof typeof counts;

/** A line of an earlier run, which is not cut again. */
function readLine(line: string): [string, How][] {
  try {
    const { id, how }: { readonly id: string; readonly how: How } = JSON.parse(line);
    return [[id, how]];
  } catch {
    return [];
  }
}

async function cut(
  detector: FaceDetector,
  { id, from, to }: { readonly id: string; readonly from: string; readonly to: string },
): Promise<How> {
  const { image } = await decode(from, { maxSide: 1024 });
  const found = await find(detector, image);
  if (found !== undefined) {
    const toSource = cropToSource(found.landmarks, shown, { width: side, height: side });
    await writeFile(to, await encode(cutPicture(image, toSource, side, side), { format: "png" }));
  }
  const how = found?.how ?? "none";
  const landmarks = found && mapLandmarks(found.landmarks, ({ x, y }) => ({ x: x / image.width, y: y / image.height }));
  await appendFile(landmarksFile, `${JSON.stringify({ id, how, landmarks })}\n`);
  return how;
}

async function find(
  detector: FaceDetector,
  image: RasterImage,
): Promise<{ readonly how: How; readonly landmarks: FaceLandmarks } | undefined> {
  const { detections } = await locateFaces({ image, scale: 1 }, { detector, settings: {} });
  const direct = mainFace(image, detections);
  if (direct !== undefined) return { how: "photograph", landmarks: direct.landmarks };
  const onCanvas = showOnCanvas(image);
  const { a, d, tx, ty } = onCanvas.toCrop;
  const landmarks = await locateOnCanvas(detector, onCanvas);
  return landmarks && { how: "canvas", landmarks: mapLandmarks(landmarks, ({ x, y }) => ({ x: a * x + tx, y: d * y + ty })) };
}
