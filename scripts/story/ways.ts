import { mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { type AnalyzedFace, annotateFaces, cropFaces, faceLines } from "../../src/analyze/index.ts";
import { createAnalyzer } from "../../src/analyze/create-analyzer.node.ts";
import { type ClassicOptions, labelImage, retrainClassic } from "../../src/classic/index.ts";
import { TensorFaceError } from "../../src/core/index.ts";
import { isPictureName } from "../../src/datasets/import/layout.node.ts";
import { decode } from "../../src/image/decode.node.ts";
import { encode } from "../../src/image/encode.node.ts";
import { annotate, type RasterImage } from "../../src/image/index.ts";
import type { ExampleSet } from "../../src/notebook/index.ts";
import { retrain } from "../../src/retrain/retrain.node.ts";

/** The two ways from class folders to an answer: that of 2017, and that of today. */

type Analyzer = Awaited<ReturnType<typeof createAnalyzer>>;

/** What a way is worth on one set. */
export interface Outcome {
  readonly set: string;
  readonly way: string;
  readonly right: { readonly value: number; readonly low: number; readonly high: number };
  /** Always the largest class. */
  readonly baseline: number;
  readonly asked: number;
  /** Pictures that were left out: no face was found, or they cannot be read. */
  readonly leftOut: number;
  readonly seconds: number;
}

/** A picture with what a way says of its faces. */
export interface Answer {
  readonly picture: RasterImage;
  /** A line for each face. */
  readonly faces: readonly string[];
}

export interface WayOptions {
  /** Folder of what is made. */
  readonly out: string;
  readonly steps: number;
  readonly say: (line: string) => void;
}

/** Pixels of a crop's sides: what Inception V3 takes. */
const cropSize = 299;

/**
 * dlib's detector cuts the faces out, Inception V3 looks, and one layer learns by retrain.py's protocol.
 * @returns `whole`: sets whose pictures were taken as they are
 */
export async function wayOf2017(sets: readonly ExampleSet[], group: string, { out, steps, say }: WayOptions) {
  await using detector = await createAnalyzer({ detector: "dlib", tasks: [] });
  const outcomes: Outcome[] = [];
  const whole: string[] = [];
  for (const set of sets) {
    const began = performance.now();
    say(`2017: ${set.name}: dlib's detector cuts the faces out`);
    const { folder, leftOut, isCut } = await cutFaces(detector, set, join(out, "2017", set.name));
    say(
      `2017: ${set.name}: Inception V3 looks${isCut ? "" : " at whole pictures, since most show dlib no face"}, and ${steps} steps are learnt`,
    );
    const { honest } = await retrainClassic(folder, protocol(out, set.name, steps));
    if (honest === undefined) throw new TensorFaceError("TF_EXAMPLES_FEW", `no picture of ${set.name} fell into the testing part`);
    const right = { value: honest.accuracy, ...honest.interval };
    const { n: asked, largest } = honest;
    outcomes.push({ set: set.name, way: "2017", right, baseline: largest.share, asked, leftOut, seconds: secondsSince(began) });
    if (!isCut) whole.push(set.name);
  }
  return { outcomes, whole, answer: await answerOf2017(detector, sets, group, out) };
}

/** The script's defaults, but for larger parts, as sets are smaller than they were. */
function protocol(out: string, name: string, steps: number): ClassicOptions {
  return {
    backbone: "nsfwjs/inception_v3",
    outputGraph: graphOf(out, name),
    outputLabels: labelsOf(out, name),
    summariesDir: join(out, "2017", `${name}-logs`),
    bottleneckDir: join(out, "2017", `${name}-bottlenecks`),
    howManyTrainingSteps: steps,
    evalStepInterval: Math.max(1, Math.floor(steps / 10)),
    testingPercentage: 30,
    validationPercentage: 20,
    // Every one, so that a small class may have none.
    validationBatchSize: -1,
    allFormats: true,
    mayEmpty: () => true,
  };
}

function graphOf(out: string, name: string): string {
  return join(out, "2017", `${name}.onnx`);
}

function labelsOf(out: string, name: string): string {
  return join(out, "2017", `${name}.txt`);
}

export interface Cut {
  /** Class folders that are learnt from. */
  readonly folder: string;
  readonly leftOut: number;
  readonly isCut: boolean;
}

/** The largest face of each picture, as a file of its own; the pictures as they are, where most show the detector none. */
export async function cutFaces(detector: Analyzer, { folder, classes }: ExampleSet, target: string): Promise<Cut> {
  await rm(target, { recursive: true, force: true });
  let [found, leftOut] = [0, 0];
  for (const label of classes) {
    await mkdir(join(target, label), { recursive: true });
    for (const path of await picturesIn(join(folder, label))) {
      const crop = await largestFace(detector, path);
      if (crop === undefined) leftOut++;
      else await writeFile(join(target, label, `${basename(path)}.jpg`), await encode(crop, { format: "jpeg", quality: 95 }));
      if (crop !== undefined) found++;
    }
  }
  return found >= leftOut ? { folder: target, leftOut, isCut: true } : { folder, leftOut: 0, isCut: false };
}

/** Paths of a class's pictures, by name. */
export async function picturesIn(folder: string): Promise<string[]> {
  const names = (await readdir(folder)).filter(isPictureName).toSorted();
  return names.map((name) => join(folder, name));
}

/** Undefined where none is found, or the picture cannot be read. */
async function largestFace(detector: Analyzer, path: string): Promise<RasterImage | undefined> {
  const decoded = await decode({ path }).catch(() => undefined);
  if (decoded === undefined) return undefined;
  const { faces } = await detector.analyze(decoded.image);
  return cropFaces(decoded.image, faces.toSorted(largestFirst).slice(0, 1), { size: cropSize })[0];
}

function largestFirst({ box: a }: AnalyzedFace, { box: b }: AnalyzedFace): number {
  return b.width * b.height - a.width * a.height;
}

async function answerOf2017(detector: Analyzer, sets: readonly ExampleSet[], group: string, out: string): Promise<Answer> {
  const { image } = await decode(group);
  const { faces } = await detector.analyze(image);
  const lines: string[][] = [];
  for (const [index, crop] of cropFaces(image, faces, { size: cropSize }).entries()) {
    const path = join(out, "2017", `group-${index + 1}.jpg`);
    await writeFile(path, await encode(crop, { format: "jpeg", quality: 95 }));
    const told = sets.map(async ({ name }) => {
      const [best] = await labelImage(path, { graph: graphOf(out, name), labels: labelsOf(out, name) });
      return `${name}: ${best!.label} ${best!.score.toFixed(2)}`;
    });
    lines.push(await Promise.all(told));
  }
  const annotations = faces.map(({ box }, index) => ({ box, name: String(index + 1), lines: lines[index]!.map((text) => ({ text })) }));
  return { picture: annotate(image, annotations), faces: lines.map((told) => told.join(", ")) };
}

/** `retrain` as it comes, with the two own networks that look; and one analysis that tells everything at once. */
export async function wayOfToday(sets: readonly ExampleSet[], group: string, { out, say }: WayOptions) {
  const outcomes: Outcome[] = [];
  const models: string[] = [];
  for (const { name, folder } of sets) {
    const began = performance.now();
    say(`today: ${name}: retrain`);
    const result = await retrain(folder, {
      out: join(out, "today", name),
      name,
      task: name.replaceAll(/[^a-z0-9]/gi, ""),
      kind: "classes",
      cache: join(out, "today", "cache"),
      backbone: "age-gender+mood",
    });
    const { measures, leftOut } = result;
    if (measures.kind !== "classes") throw new Error(`${name}: these are no classes`);
    const { accuracy: right, baseline, n } = measures;
    outcomes.push({
      set: name,
      way: "today",
      right,
      baseline: baseline.accuracy,
      asked: n,
      leftOut: leftOut.length,
      seconds: secondsSince(began),
    });
    models.push(result.out);
  }
  await using analyzer = await createAnalyzer({ models });
  return { outcomes, answer: await answerOfToday(analyzer, group) };
}

async function answerOfToday(analyzer: Analyzer, group: string): Promise<Answer> {
  const { image } = await decode(group);
  const analysis = await analyzer.analyze(image);
  return {
    picture: annotateFaces(image, analysis),
    faces: analysis.faces.map((face) =>
      faceLines(face)
        .map(({ text }) => text)
        .join(", "),
    ),
  };
}

function secondsSince(began: number): number {
  return (performance.now() - began) / 1000;
}
