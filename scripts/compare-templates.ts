/**
 * How a head answers when its crop is wider, tighter, higher or lower than its manifest says: a rival whose own crop cannot be had is
 * given the best of a few, chosen on faces that are not reported on.
 *
 *     node scripts/compare-templates.ts MODEL --data .data/imported/fairface [--split train] [--limit 600]
 */
import { loadNetworks } from "../src/analyze/pipeline/index.ts";
import { createCropPredictor, datasetTemplates, type PicturePrediction } from "../src/predict/index.ts";
import { builtInTasks, type FaceLandmarks, mapLandmarks, type Point } from "../src/core/index.ts";
import { evaluateTasks } from "../src/evaluate/index.ts";
import { decode } from "../src/image/decode.node.ts";
import { resizeCubic } from "../src/image/resize.node.ts";
import { templateOf } from "../src/models/index.ts";
import { measuredModelFolders, openModelFolders } from "../src/models/models.node.ts";
import { createNodeRuntime } from "../src/runtime/runtime.node.ts";
import { drawnFaces, drawnFacesWords } from "./drawn-faces.ts";
import { readWords } from "./words.ts";

const { values, operands } = readWords("node scripts/compare-templates.ts", drawnFacesWords, { operands: ["MODEL"] });
const model = operands[0]!;

/** Face sizes relative to the manifest's, and shifts downwards as shares of the crop. */
const candidates = [
  ...[0.75, 0.85, 0.925, 1, 1.08, 1.17, 1.3].map((size) => ({ size, down: 0 })),
  ...[-0.03, 0.03, 0.06, 0.09, 0.12].map((down) => ({ size: 1, down })),
  ...[0.06, 0.09].map((down) => ({ size: 0.925, down })),
];
const batchSize = 32;

const { title, faces } = await drawnFaces(values);
const platform = { runtime: createNodeRuntime(), models: openModelFolders(measuredModelFolders()), resize: resizeCubic };
const networks = await loadNetworks(platform, { models: [model] });
const head = networks.heads.find(({ manifest }) => manifest.id === model)!;
const template = templateOf(head.manifest);
const variants = candidates.map((candidate, index) => {
  const landmarks = moved(template.landmarks, candidate);
  return { ...head, manifest: { ...head.manifest, id: String(index), template: { ...template, landmarks } } };
});
const predict = createCropPredictor(variants, { flipAveraging: false, templates: datasetTemplates });

const said: PicturePrediction[] = [];
for (let start = 0; start < faces.length; start += batchSize) {
  const batch = faces.slice(start, start + batchSize);
  const inputs = await Promise.all(batch.map(async ({ picture, source }) => Object.assign(await decode(picture), { source })));
  said.push(...(await predict(inputs, new AbortController().signal)));
}
await networks.dispose();

console.log(`${model} on ${faces.length} faces of ${title}, ${values.split}: accuracy (age: of groups)`);
for (const [index, { size, down }] of candidates.entries()) {
  const predictions = faces.map(({ id, labels }, row) => {
    const probabilities = said[row]!.answers[String(index)]!;
    return { id, labels, found: true, probabilities, attributes: {} };
  });
  const reports = evaluateTasks(predictions, { replicates: 2 });
  const cells = builtInTasks.flatMap((task) => {
    const report = reports[task];
    if (report?.accuracy === undefined) return [];
    const error = report.meanAbsoluteError === undefined ? "" : `, ${report.meanAbsoluteError.toFixed(2)} years`;
    return [`${task} ${(100 * report.accuracy).toFixed(1)} %${error}`];
  });
  console.log(`face ${size} times, ${down} down: ${cells.join("; ")}`);
}

/** The template with the face larger around the crop's middle, then lower. */
function moved(landmarks: FaceLandmarks, { size, down }: { readonly size: number; readonly down: number }): FaceLandmarks {
  const move = ({ x, y }: Point): Point => ({ x: 0.5 + size * (x - 0.5), y: 0.5 + size * (y - 0.5) + down });
  return mapLandmarks(landmarks, move);
}
