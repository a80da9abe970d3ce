import { mkdir, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { parseArgs } from "node:util";
import { z } from "zod";
import { estimateTemplate } from "../src/align/index.ts";
import { loadNetworks } from "../src/analyze/networks.ts";
import { drawFaces, type LabelledPicture, openFaces } from "../src/cli/evaluate/face-source.ts";
import { createProgressLine } from "../src/cli/progress.ts";
import { type FaceLandmarks, landmarkNames, type Point } from "../src/core/index.ts";
import { datasetFormats } from "../src/datasets/import/source-row.ts";
import type { FaceDetector } from "../src/detect/index.ts";
import { decode } from "../src/image/decode.node.ts";
import { resizeCubic } from "../src/image/resize.node.ts";
import { openModelFolders } from "../src/models/models.node.ts";
import { createNodeRuntime } from "../src/runtime/runtime.node.ts";
import { canvasSide, cropShare, locateOnCanvas, showOnCanvas } from "./template-canvas.ts";

/**
 * Estimates where the five landmarks stand in a dataset's aligned crops: the template that makes serving cut the crop that a
 * head was trained on. Only numbers are written.
 *
 *     npm run templates -- --data .data/fairface --format fairface --out recipes/templates/fairface.json
 */

const { values } = parseArgs({
  options: {
    data: { type: "string" },
    format: { type: "string" },
    split: { type: "string", default: "train" },
    limit: { type: "string", default: "4000" },
    seed: { type: "string", default: "1" },
    detector: { type: "string", default: "blazeface" },
    out: { type: "string" },
  },
});
const settings = z
  .object({
    data: z.string(),
    format: z.enum(datasetFormats),
    split: z.string(),
    limit: z.coerce.number().int().positive(),
    seed: z.coerce.number().int().min(0),
    detector: z.enum(["blazeface", "ssd"]),
    out: z.string(),
  })
  .parse(values);

async function locate(detector: FaceDetector, picture: LabelledPicture["picture"]): Promise<FaceLandmarks | undefined> {
  const { image } = await decode(picture);
  const shown = showOnCanvas(image);
  const { toCrop } = shown;
  const landmarks = await locateOnCanvas(detector, shown);
  if (landmarks === undefined) return undefined;
  const fraction = ({ x, y }: Point): Point => ({
    x: (toCrop.a * x + toCrop.tx) / image.width,
    y: (toCrop.d * y + toCrop.ty) / image.height,
  });
  return {
    leftEye: fraction(landmarks.leftEye),
    rightEye: fraction(landmarks.rightEye),
    nose: fraction(landmarks.nose),
    leftMouth: fraction(landmarks.leftMouth),
    rightMouth: fraction(landmarks.rightMouth),
  };
}

/** Median absolute deviation of each coordinate, as a fraction of the crop's side: how far the landmarks of a crop are from the template. */
function spreadAround(found: readonly FaceLandmarks[]): Record<string, Point> {
  const deviation = (numbers: readonly number[]): number => {
    const middle = median(numbers);
    return round(median(numbers.map((value) => Math.abs(value - middle))));
  };
  return Object.fromEntries(
    landmarkNames.map((name) => [
      name,
      { x: deviation(found.map((landmarks) => landmarks[name].x)), y: deviation(found.map((landmarks) => landmarks[name].y)) },
    ]),
  );
}

function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  return sorted[sorted.length >> 1]!;
}

function round(value: number): number {
  return Math.round(value * 1e4) / 1e4;
}

const progress = createProgressLine({ write: (text) => process.stderr.write(text) });
const source = await openFaces(settings.data, {
  format: settings.format,
  split: settings.split,
  formatOptions: {},
  signal: new AbortController().signal,
  onProgress: (update) => progress.update(update),
});
const faces = drawFaces(source.faces, settings.limit, settings.seed);
const networks = await loadNetworks(
  { runtime: createNodeRuntime(), models: openModelFolders(), resize: resizeCubic },
  { detector: settings.detector },
);
const found: FaceLandmarks[] = [];
for (const [index, face] of faces.entries()) {
  const landmarks = await locate(networks.detector, face.picture);
  if (landmarks !== undefined) found.push(landmarks);
  progress.update({ stage: "locate", done: index + 1, total: faces.length });
}
progress.clear();
await networks.dispose();

const template = estimateTemplate(found.map((landmarks) => ({ landmarks, size: { width: 1, height: 1 } })));
const result = {
  schema: "tensorface.template/1",
  dataset: settings.format,
  split: settings.split,
  n: faces.length,
  found: found.length,
  foundRate: round(found.length / faces.length),
  seed: settings.seed,
  detector: networks.ids.slice(0, 2),
  canvas: { side: canvasSide, cropShare },
  landmarks: Object.fromEntries(landmarkNames.map((name) => [name, { x: round(template[name].x), y: round(template[name].y) }])),
  medianAbsoluteDeviation: spreadAround(found),
};
await mkdir(dirname(settings.out), { recursive: true });
await writeFile(settings.out, `${JSON.stringify(result, undefined, 2)}\n`);
console.log(`${settings.out}: ${found.length} of ${faces.length} faces found\n${JSON.stringify(result.landmarks)}`);
