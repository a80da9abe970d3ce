import { mkdir, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { parseArgs } from "node:util";
import { z } from "zod";
import { drawFaces, openFaces } from "../src/datasets/labelled-faces.node.ts";
import { createProgressLine } from "../src/report/progress.node.ts";
import { canvasSide, cropShare, measureTemplate } from "../src/predict/template/index.ts";
import { datasetFormats } from "../src/datasets/index.ts";
import { createNodeRuntime } from "../src/runtime/runtime.node.ts";

/**
 * Estimates where the five landmarks stand in a dataset's aligned crops: the template that makes serving cut the crop that a
 * head was trained on. Only numbers are written.
 *
 *     npm run write -- templates --data .data/fairface --format fairface --out recipes/templates/fairface.json
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

const progress = createProgressLine({ write: (text) => process.stderr.write(text) });
const source = await openFaces(settings.data, {
  format: settings.format,
  split: settings.split,
  formatOptions: {},
  signal: new AbortController().signal,
  onProgress: (update) => progress.update(update),
});
const faces = drawFaces(source.faces, settings.limit, settings.seed);
const measured = await measureTemplate(
  faces.map(({ picture }) => picture),
  { runtime: createNodeRuntime(), detector: settings.detector, onProgress: (update) => progress.update(update) },
);
progress.clear();
const { found, count, landmarks } = measured;
if (landmarks === undefined) throw new Error(`no face was found in ${count} pictures`);

const result = {
  schema: "tensorface.template/1",
  dataset: settings.format,
  split: settings.split,
  n: count,
  found,
  foundRate: Math.round((found / count) * 1e4) / 1e4,
  seed: settings.seed,
  detector: measured.detector,
  canvas: { side: canvasSide, cropShare },
  landmarks,
  medianAbsoluteDeviation: measured.medianAbsoluteDeviation,
};
await mkdir(dirname(settings.out), { recursive: true });
await writeFile(settings.out, `${JSON.stringify(result, undefined, 2)}\n`);
console.log(`${settings.out}: ${found} of ${count} faces found\n${JSON.stringify(landmarks)}`);
