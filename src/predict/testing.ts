import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { float32Tensor, TensorFaceError, type Tensor } from "../core/index.ts";
import { decode } from "../image/decode.node.ts";
import { encode } from "../image/encode.node.ts";
import { type Colour, filledImage, resize } from "../image/index.ts";
import { type HeadManifest, headManifestSchema, type ModelManifest, modelManifestSchema } from "../models/index.ts";
import { fixedStore } from "../models/testing.ts";
import type { InferenceRuntime, InferenceSession } from "../runtime/index.ts";
import { namedBy } from "../runtime/testing.ts";
import type { EvaluationPlatform, EvaluationSettings } from "./evaluate.ts";

/** Drawn datasets, and heads that read the answer off a picture's colour: an evaluation without networks. */

const common = (id: string) => ({
  schema: "tensorface.model/1",
  id,
  title: id,
  file: `${id}.onnx`,
  bytes: 1,
  sha256: "0".repeat(64),
  input: { name: "picture", width: 8, height: 8, colour: "rgb", mean: [0], standardDeviation: [1] },
  provenance: { source: "drawn", licence: "MIT" },
});

const template = {
  landmarks: {
    leftEye: { x: 0.3, y: 0.4 },
    rightEye: { x: 0.7, y: 0.4 },
    nose: { x: 0.5, y: 0.6 },
    leftMouth: { x: 0.35, y: 0.75 },
    rightMouth: { x: 0.65, y: 0.75 },
  },
  source: "drawn",
};

/** A head that takes red for the age in years and green for the probability of "male", 255 being certain. */
export const colourHead: HeadManifest = headManifestSchema.parse({
  ...common("colour"),
  kind: "head",
  template,
  outputs: [
    { task: "age", output: "age", activation: "none", labels: Array.from({ length: 101 }, (_, year) => String(year)) },
    { task: "gender", output: "gender", activation: "none", labels: ["female", "male"] },
  ],
});

/** A head that says "male" of everybody. */
export const stubbornHead: ModelManifest = modelManifestSchema.parse({
  ...common("stubborn"),
  kind: "head",
  template,
  outputs: [{ task: "gender", output: "gender", activation: "none", labels: ["female", "male"] }],
});

const detectorManifests = [
  { ...common("finder"), kind: "detector", decoder: "blazeface", outputs: {}, scoreThreshold: 0.5 },
  { ...common("mesh"), kind: "landmarks", decoder: "facemesh", outputs: {} },
].map((manifest) => modelManifestSchema.parse(manifest));

/** One picture of a batch as the head's numbers. */
type Read = (mean: Colour) => Readonly<Record<string, readonly number[]>>;

const reads: Readonly<Record<string, Read>> = {
  colour: ([red, green]) => ({
    age: Array.from({ length: 101 }, (_, year) => Number(year === Math.round(red))),
    gender: [1 - green / 255, green / 255],
    tails: [0.05, 0.2],
  }),
  stubborn: () => ({ gender: [0.2, 0.8] }),
};

function meanColour(data: ArrayLike<number>, index: number): Colour {
  const plane = 64;
  const mean = (channel: number): number => {
    let sum = 0;
    for (let pixel = 0; pixel < plane; pixel++) sum += data[(index * 3 + channel) * plane + pixel]!;
    return sum / plane;
  };
  return [mean(0), mean(1), mean(2)];
}

function createSession(id: string, calls: string[]): InferenceSession {
  return {
    device: "drawn",
    inputs: [{ name: "picture", type: "float32", shape: ["N", 3, 8, 8] }],
    outputs: ["age", "gender", "tails"].map((name) => ({ name, type: "float32", shape: ["N", "?"] })),
    run: async (feeds, fetches) => {
      const read = reads[id];
      const { picture } = feeds;
      if (read === undefined || picture === undefined) throw new TensorFaceError("TF_RUNTIME_FAILED", `"${id}" cannot run`);
      const count = picture.shape[0]!;
      calls.push(`${id} ${count}`);
      const rows = Array.from({ length: count }, (_, index) => read(meanColour(Array.from(picture.data, Number), index)));
      const names = Array.isArray(fetches) ? fetches : [];
      return Object.fromEntries(
        names.map((name: string): [string, Tensor] => {
          const values = rows.flatMap((row) => row[name] ?? []);
          return [name, float32Tensor([count, values.length / count], Float32Array.from(values))];
        }),
      );
    },
    dispose: async () => undefined,
    [Symbol.asyncDispose]: async () => undefined,
  };
}

/** A platform whose heads read colours; `calls` tells which head ran on how many pictures. */
export function createColourPlatform(
  heads: readonly ModelManifest[] = [colourHead],
): EvaluationPlatform & { readonly calls: readonly string[] } {
  const calls: string[] = [];
  const runtime: InferenceRuntime = {
    name: "drawn",
    version: "0",
    devices: ["cpu"],
    load: async (model) => createSession(await namedBy(model), calls),
  };
  return {
    runtime,
    models: fixedStore([...heads, ...detectorManifests], async ({ id }) => new TextEncoder().encode(id)),
    decode: async (picture) => decode(picture),
    resize: async (image, width, height) => resize(image, width, height, { kernel: "cubic" }),
    now: () => new Date("2026-11-24T00:00:00Z"),
    version: "0.1.0",
    calls,
  };
}

/** Writes a picture of one colour. */
export async function drawPicture(path: string, colour: Colour): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, await encode(filledImage(16, 16, colour), { format: "png" }));
}

export const settingsFor = (data: string, changes: Partial<EvaluationSettings>): EvaluationSettings => ({
  data,
  format: undefined,
  split: "all",
  models: [],
  path: "crop",
  limit: undefined,
  seed: 1,
  replicates: 20,
  ageGroups: undefined,
  detector: "blazeface",
  device: undefined,
  flipAveraging: false,
  fitTemperature: false,
  fitScaling: false,
  predictions: undefined,
  formatOptions: {},
  ...changes,
});

const adienceHeader = "user_id\toriginal_image\tface_id\tage\tgender\tx\ty\tdx\tdy\ttilt_ang\tfiducial_yaw_angle\tfiducial_score";

/** A row of Adience's label files, with the colour that stands for what a head will say. */
export interface DrawnAdienceRow {
  readonly user: string;
  readonly age: string;
  readonly gender: string;
  readonly says: { readonly years: number; readonly male: number };
}

/** Writes an Adience folder in its published layout: a label file for each fold, and aligned pictures. */
export async function drawAdience(root: string, folds: readonly (readonly DrawnAdienceRow[])[]): Promise<void> {
  await mkdir(root, { recursive: true });
  for (const [fold, rows] of folds.entries()) {
    const lines = rows.map(
      ({ user, age, gender }, index) => `${user}\t${fold}-${index}.png\t${index}\t${age}\t${gender}\t0\t0\t9\t9\t0\t0\t9`,
    );
    await writeFile(join(root, `fold_${fold}_data.txt`), `${[adienceHeader, ...lines].join("\n")}\n`);
    for (const [index, { user, says }] of rows.entries()) {
      const file = `landmark_aligned_face.${index}.${fold}-${index}.png`;
      await drawPicture(join(root, "aligned", user, file), [says.years, Math.round(says.male * 255), 0]);
    }
  }
}
