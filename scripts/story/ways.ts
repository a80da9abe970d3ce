import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type AnalyzedFace, annotateFaces, cropFaces, faceLines } from "../../src/analyze/index.ts";
import { createAnalyzer } from "../../src/analyze/create-analyzer.node.ts";
import { labelImage, retrainClassic } from "../../src/classic/index.ts";
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
  /** Pictures that were left out: no face was found. */
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

/** dlib's detector cuts the faces out, Inception V3 looks, and one layer learns by retrain.py's protocol. */
export async function wayOf2017(sets: readonly ExampleSet[], group: string, { out, steps, say }: WayOptions) {
  await using detector = await createAnalyzer({ detector: "dlib", tasks: [] });
  const outcomes: Outcome[] = [];
  for (const { name, folder, classes } of sets) {
    const began = performance.now();
    say(`2017: ${name}: dlib's detector cuts the faces out`);
    const leftOut = await cutFaces(detector, folder, classes, join(out, "2017", name));
    say(`2017: ${name}: Inception V3 looks, and ${steps} steps are learnt`);
    const { honest } = await retrainClassic(join(out, "2017", name), {
      backbone: "nsfwjs/inception_v3",
      outputGraph: graphOf(out, name),
      outputLabels: labelsOf(out, name),
      summariesDir: join(out, "2017", `${name}-logs`),
      bottleneckDir: join(out, "2017", `${name}-bottlenecks`),
      howManyTrainingSteps: steps,
      evalStepInterval: Math.max(1, steps / 10),
      testingPercentage: 30,
      validationPercentage: 20,
      mayEmpty: () => true,
    });
    const right = { value: honest!.accuracy, ...honest!.interval };
    outcomes.push({
      set: name,
      way: "2017",
      right,
      baseline: honest!.largest.share,
      asked: honest!.n,
      leftOut,
      seconds: secondsSince(began),
    });
  }
  return { outcomes, answer: await answerOf2017(detector, sets, group, out) };
}

function graphOf(out: string, name: string): string {
  return join(out, "2017", `${name}.onnx`);
}

function labelsOf(out: string, name: string): string {
  return join(out, "2017", `${name}.txt`);
}

/** The largest face of each picture, as a file of its own. @returns how many pictures show none */
async function cutFaces(detector: Analyzer, folder: string, classes: readonly string[], target: string): Promise<number> {
  let missed = 0;
  for (const name of classes) {
    await mkdir(join(target, name), { recursive: true });
    for (const file of (await readdir(join(folder, name))).toSorted()) {
      const { image } = await decode(join(folder, name, file));
      const { faces } = await detector.analyze(image);
      const [crop] = cropFaces(image, faces.toSorted(largestFirst).slice(0, 1), { size: cropSize });
      if (crop === undefined) missed++;
      else await writeFile(join(target, name, `${file.replace(/\.\w+$/, "")}.jpg`), await encode(crop, { format: "jpeg", quality: 95 }));
    }
  }
  return missed;
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
      backbone: "age-gender-5+mood-5",
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
