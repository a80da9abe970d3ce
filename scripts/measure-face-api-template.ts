/**
 * Where the five landmarks stand in the crop that @vladmandic/face-api cuts for its heads, measured on a dataset's aligned crops:
 *
 *     node scripts/measure-face-api-template.ts --data .data/imported/fairface [--split train] [--limit 600]
 *
 * face-api cuts the smallest box around its 68 landmarks, a tenth of its size larger on each side, not turned, and fills the shorter
 * side up with black to a square. Here it finds that box itself, our detector gives the five landmarks, and the template is their median
 * in the square, made symmetric.
 */
import { openFaceApi } from "../bench/engines/face-api.ts";
import { quantile } from "../bench/statistics.ts";
import { estimateTemplate } from "../src/align/index.ts";
import { detectorOf, loadNetworks } from "../src/analyze/pipeline/index.ts";
import { type BoundingBox, type FaceLandmarks, landmarkNames, mapLandmarks } from "../src/core/index.ts";
import { decode } from "../src/image/decode.node.ts";
import { resizeCubic } from "../src/image/resize.node.ts";
import { openModelFolders } from "../src/models/models.node.ts";
import { createNodeRuntime } from "../src/runtime/runtime.node.ts";
import { drawnFaces, drawnFacesWords } from "./drawn-faces.ts";
import { locateOnCanvas, showOnCanvas } from "../src/predict/template/index.ts";
import { readWords } from "./words.ts";

const { values } = readWords("node scripts/measure-face-api-template.ts", drawnFacesWords);

const { title, faces } = await drawnFaces(values);
const findFaces = await openFaceApi();
const platform = { runtime: createNodeRuntime(), models: openModelFolders(), resize: resizeCubic };
const networks = await loadNetworks(platform, { tasks: [] });

const found: FaceLandmarks[] = [];
const shapes: number[] = [];
for (const { picture } of faces) {
  const shown = showOnCanvas((await decode(picture)).image);
  const { data, width, height } = shown.canvas;
  const people = await findFaces({ data: Int32Array.from(data), width, height });
  const landmarks = await locateOnCanvas(detectorOf(networks), shown);
  // Two faces in a crop leave open which box belongs to which landmarks.
  if (landmarks === undefined || people.length !== 1) continue;
  const { alignedBox } = people[0]!;
  shapes.push(alignedBox.width / alignedBox.height);
  found.push(inSquareAround(alignedBox, landmarks));
}
await networks.dispose();

const template = estimateTemplate(found.map((landmarks) => ({ landmarks, size: { width: 1, height: 1 } })));
console.log(`${found.length} of ${faces.length} faces of ${title}, ${values.split}, were found by both`);
console.log(`the box is ${quantile(shapes, 0.5).toFixed(3)} times as wide as high (median)`);
for (const name of landmarkNames) console.log(name, template[name].x.toFixed(4), template[name].y.toFixed(4));

/** Landmarks as fractions of the square around the middle of the box. */
function inSquareAround({ x, y, width, height }: BoundingBox, landmarks: FaceLandmarks): FaceLandmarks {
  const side = Math.max(width, height);
  const left = x + (width - side) / 2;
  const top = y + (height - side) / 2;
  return mapLandmarks(landmarks, (point) => ({ x: (point.x - left) / side, y: (point.y - top) / side }));
}
