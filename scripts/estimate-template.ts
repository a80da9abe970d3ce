import { mkdir, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { drawFaces, openFaces } from "../src/datasets/labelled-faces.node.ts";
import { createProgressLine } from "../src/report/progress.node.ts";
import { canvasSide, cropShare, measureTemplate } from "../src/predict/template/index.ts";
import { datasetFormats } from "../src/datasets/index.ts";
import { createNodeRuntime } from "../src/runtime/runtime.node.ts";
import { anyText, choice, neededText, readWords, wholeNumber } from "./words.ts";

/**
 * Estimates where the five landmarks stand in a dataset's aligned crops: the template that makes serving cut the crop that a
 * head was trained on. Only numbers are written.
 *
 *     npm run write -- templates --data .data/fairface --format fairface --out recipes/templates/fairface.json
 */

const { values } = readWords("npm run write -- templates", {
  data: neededText("DIR"),
  format: choice(datasetFormats, "folder"),
  split: anyText("train"),
  limit: wholeNumber(4000),
  seed: wholeNumber(1),
  detector: choice(["blazeface", "ssd"], "blazeface"),
  out: neededText("FILE"),
});

const progress = createProgressLine({ write: (text) => process.stderr.write(text) });
const source = await openFaces(values.data, {
  format: values.format,
  split: values.split,
  formatOptions: {},
  signal: new AbortController().signal,
  onProgress: (update) => progress.update(update),
});
const faces = drawFaces(source.faces, values.limit, values.seed);
const measured = await measureTemplate(
  faces.map(({ picture }) => picture),
  { runtime: createNodeRuntime(), detector: values.detector, onProgress: (update) => progress.update(update) },
);
progress.clear();
const { found, count, landmarks } = measured;
if (landmarks === undefined) throw new Error(`no face was found in ${count} pictures`);

const result = {
  schema: "tensorface.template/1",
  dataset: values.format,
  split: values.split,
  n: count,
  found,
  foundRate: Math.round((found / count) * 1e4) / 1e4,
  seed: values.seed,
  detector: measured.detector,
  canvas: { side: canvasSide, cropShare },
  landmarks,
  medianAbsoluteDeviation: measured.medianAbsoluteDeviation,
};
await mkdir(dirname(values.out), { recursive: true });
await writeFile(values.out, `${JSON.stringify(result, undefined, 2)}\n`);
console.log(`${values.out}: ${found} of ${count} faces found\n${JSON.stringify(landmarks)}`);
