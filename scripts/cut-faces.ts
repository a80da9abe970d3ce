/**
 * Cuts every face of an imported dataset as serving would: found by the detector, brought to a head's template, with a margin around it, so that a
 * training may turn and move the crop without running over its edge. Pictures keep their splits. What is written is a table
 * (`labels.csv`) with its pictures, which `tensorface dataset import csv` reads.
 *
 *     node scripts/cut-faces.ts .data/imported/rafdb --template fer2013 --out .data/rafdb-found
 *
 * Where the detector finds nothing in the picture as it is, the picture is shown to it on a grey canvas, as for a template; where nothing is found
 * there either, the face is left out. Pictures of faces that have left the dataset since the last run are removed from the folder.
 */
import { mkdirSync } from "node:fs";
import { appendFile, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { cropToSource } from "../src/align/index.ts";
import { loadNetworks, locateFaces } from "../src/analyze/pipeline/index.ts";
import { createProgressLine } from "../src/report/progress.node.ts";
import { builtInTasks, type FaceLandmarks, mainFace, mapLandmarks, type Point } from "../src/core/index.ts";
import { openDataset } from "../src/datasets/dataset.node.ts";
import { csvExporter } from "../src/datasets/export/csv.node.ts";
import { type FaceRecord, sideLabelsOf } from "../src/datasets/index.ts";
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

const lineSchema = z.object({ id: z.string(), sha256: z.string(), name: z.string(), how: z.enum(["photograph", "canvas", "none"]) });
type How = z.infer<typeof lineSchema>["how"];

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
const landmarksFile = join(values.out, "landmarks.jsonl");
/** The first line of the log: faces that were cut otherwise are cut again. */
const way = JSON.stringify({ template: values.template, side, margin });
const logged = await readLog();
const known = logged.isSame ? logged.known : new Map<string, Known>();
const names = new Set<string>();
const named = records.map((record) => ({ record, name: nameFor(record) }));
if (!logged.isSame) await beginLog();
const counts = { photograph: 0, canvas: 0, none: 0 };
const rows: FaceRecord[] = [];
for (const [index, { record, name }] of named.entries()) {
  const told = known.get(name);
  const how = told?.key === keyOf(record) ? told.how : await cut(detector, record, name);
  counts[how]++;
  if (how !== "none") rows.push({ ...record, id: `${record.source}/${name}`, file: fileOf(name) });
  progress.update({ stage: "cut faces", done: index + 1, total: records.length });
}
await networks.dispose();
progress.clear();
await writeLabels();
await removeOthers();
console.log(JSON.stringify({ records: records.length, ...counts }));

/** The id below the source's name as a name of a file; of two that become one the second has a number. */
function nameFor({ id }: FaceRecord): string {
  const wanted = id.slice(id.indexOf("/") + 1).replaceAll("/", "-");
  let name = wanted;
  for (let number = 2; names.has(name); number++) name = `${wanted}-${number}`;
  names.add(name);
  return name;
}

function fileOf(name: string): string {
  return `faces/${name}.png`;
}

/** The table, with all labels that the dataset has. */
async function writeLabels(): Promise<void> {
  const { info } = dataset;
  const { byLabel } = info.counts;
  const isLabelled = (task: string): boolean => Object.keys(byLabel[task] ?? {}).length > 0;
  const builtIn = builtInTasks.filter(isLabelled);
  const beside = [...new Set(rows.flatMap(({ labels }) => sideLabelsOf(labels)))];
  const labels = { info, builtIn, own: info.tasks ?? [], race: isLabelled("race"), beside };
  const sheet = await csvExporter(labels).open(values.out);
  for (const row of rows) await sheet.write(row);
  await sheet.commit();
}

function keyOf({ id, sha256 }: Pick<FaceRecord, "id" | "sha256">): string {
  return `${sha256} ${id}`;
}

/** The face that was cut in the same way last under a name, and how it was found. */
interface Known {
  readonly key: string;
  readonly how: How;
}

/** What earlier runs have cut, by name: where faces have left the dataset, another one may have the name now. */
interface Log {
  /** Whether they cut as this one does. */
  readonly isSame: boolean;
  readonly known: ReadonlyMap<string, Known>;
}

async function readLog(): Promise<Log> {
  const [first, ...lines] = (await readFile(landmarksFile, "utf8").catch(() => "")).split("\n");
  return { isSame: first === way, known: new Map(lines.flatMap(readLine)) };
}

/** All are cut anew; of those that have left the dataset the log says so, until their pictures are removed. */
async function beginLog(): Promise<void> {
  const left = [...logged.known.keys()].filter((name) => !names.has(name));
  const lines = left.map((name) => JSON.stringify({ id: "", sha256: "", name, how: "none" }));
  await writeFile(landmarksFile, [way, ...lines, ""].join("\n"));
}

/** Pictures that earlier runs have cut, and that no row of the table has. What this script did not write stays. */
async function removeOthers(): Promise<void> {
  const listed = new Set(rows.map(({ file }) => file));
  const files = [...new Set([...logged.known.keys(), ...names])].map((name) => fileOf(name));
  for (const file of files) if (!listed.has(file)) await rm(join(values.out, file), { force: true });
}

/** A line that a killed process left half written tells nothing: its face is cut again. */
function readLine(line: string): [string, Known][] {
  try {
    const { name, how, ...face } = lineSchema.parse(JSON.parse(line));
    return [[name, { key: keyOf(face), how }]];
  } catch {
    return [];
  }
}

async function cut(detector: FaceDetector, record: FaceRecord, name: string): Promise<How> {
  const { id, sha256 } = record;
  const { image } = await decode(dataset.picturePath(record), { maxSide: 1024 });
  const found = await find(detector, image);
  if (found !== undefined) {
    const toSource = cropToSource(found.landmarks, shown, { width: side, height: side });
    await writeFile(join(values.out, fileOf(name)), await encode(cutPicture(image, toSource, side, side), { format: "png" }));
  }
  const how = found?.how ?? "none";
  const landmarks = found && mapLandmarks(found.landmarks, ({ x, y }) => ({ x: x / image.width, y: y / image.height }));
  await appendFile(landmarksFile, `${JSON.stringify({ id, sha256, name, how, landmarks })}\n`);
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
