import { elementCount, type Float32Tensor, float32Tensor, type Tensor } from "../core/index.ts";
import { createRasterImage, type DecodedPicture, resize } from "../image/index.ts";
import type { ModelManifest } from "../models/index.ts";
import { fixedStore } from "../models/testing.ts";
import type { InferenceRuntime, InferenceSession } from "../runtime/index.ts";
import { namedBy } from "../runtime/testing.ts";
import type { AnalyzerPlatform } from "./platform.ts";

/** What tests watch and steer in the platform below. */
export interface FakePlatform extends AnalyzerPlatform<number> {
  readonly log: { decoding: number; mostDecoding: number; headBatches: number[]; sessionsOpen: number };
}

export interface FakePlatformOptions {
  /** Whether the detector sees a face in every picture. */
  readonly face: boolean;
  /** Milliseconds until picture `n` is decoded. */
  readonly delay?: (picture: number) => number;
  /** Throws for pictures that cannot be decoded. */
  readonly check?: (picture: number) => void;
}

const common = {
  schema: "tensorface.model/1",
  bytes: 1,
  sha256: "0".repeat(64),
  preference: 0,
  provenance: { source: "test", licence: "MIT" },
} as const;
const input = { name: "picture", width: 64, height: 64, colour: "rgb", mean: [0], standardDeviation: [1] } as const;
const point = (x: number, y: number) => ({ x, y });
const template = {
  landmarks: {
    leftEye: point(0.3, 0.4),
    rightEye: point(0.7, 0.4),
    nose: point(0.5, 0.6),
    leftMouth: point(0.35, 0.8),
    rightMouth: point(0.65, 0.8),
  },
  source: "test",
};

/** A detector, a mesh and two heads that share their crop. */
export const fakeManifests: readonly ModelManifest[] = [
  {
    ...common,
    id: "detector",
    title: "",
    file: "detector",
    kind: "detector",
    decoder: "blazeface",
    input: { ...input, mean: [0], standardDeviation: [1] },
    outputs: { scores16: "scores16", boxes16: "boxes16", scores32: "scores32", boxes32: "boxes32" },
    scoreThreshold: 0.5,
  },
  {
    ...common,
    id: "mesh",
    title: "",
    file: "mesh",
    kind: "landmarks",
    decoder: "facemesh",
    input: { ...input, mean: [0], standardDeviation: [1] },
    outputs: { points: "points", presence: "presence" },
  },
  {
    ...common,
    id: "faces",
    title: "",
    file: "faces",
    kind: "head",
    input: { ...input, mean: [0], standardDeviation: [1] },
    template,
    outputs: [
      { task: "gender", output: "gender", activation: "softmax", labels: ["female", "male"], temperature: 1 },
      { task: "age", output: "age", activation: "softmax", labels: ["10", "20", "70"], temperature: 1 },
    ],
  },
  {
    ...common,
    id: "moods",
    title: "",
    file: "moods",
    kind: "head",
    input: { ...input, mean: [0], standardDeviation: [1] },
    template,
    outputs: [{ task: "mood", output: "mood", activation: "softmax", labels: ["happy", "sad"], temperature: 1 }],
  },
];

/** A platform whose networks answer at once and whose pictures are numbers: the first pixel is the number. */
export function createFakePlatform(options: FakePlatformOptions): FakePlatform {
  const log = { decoding: 0, mostDecoding: 0, headBatches: [] as number[], sessionsOpen: 0 };
  return {
    log,
    decode: async (picture, { source }): Promise<DecodedPicture> => {
      log.mostDecoding = Math.max(log.mostDecoding, ++log.decoding);
      await new Promise((resolve) => setTimeout(resolve, options.delay?.(picture) ?? 0));
      log.decoding--;
      options.check?.(picture);
      const image = createRasterImage(64, 64, new Uint8Array(64 * 64 * 3).fill(picture % 256));
      return { image, source: source ?? `picture ${picture}`, originalWidth: 128, originalHeight: 128, scale: 0.5 };
    },
    resize: async (image, width, height) => resize(image, width, height, { kernel: "cubic" }),
    runtime: fakeRuntime(options.face, log),
    models: fixedStore(fakeManifests, async ({ id }) => new TextEncoder().encode(id)),
    concurrency: 4,
    nextTurn: async () => new Promise((resolve) => setImmediate(resolve)),
  };
}

function fakeRuntime(face: boolean, log: FakePlatform["log"]): InferenceRuntime {
  return {
    name: "fake",
    version: "1",
    devices: ["cpu"],
    load: async (model) => {
      log.sessionsOpen++;
      return fakeSession(await namedBy(model), face, log);
    },
  };
}

function fakeSession(id: string, face: boolean, log: FakePlatform["log"]): InferenceSession {
  const dispose = async (): Promise<void> => {
    log.sessionsOpen--;
  };
  return {
    device: "cpu",
    inputs: [{ name: "picture", type: "float32", shape: ["N", "C", "H", "W"] }],
    outputs: ["gender", "age", "mood"].map((name) => ({ name, type: "float32", shape: ["N", "?"] })),
    run: async (feeds) => {
      const crops = feeds["picture"]!;
      if (id === "faces") log.headBatches.push(crops.shape[0]!);
      return answer(id, crops, face);
    },
    dispose,
    [Symbol.asyncDispose]: dispose,
  };
}

function answer(id: string, crops: Tensor, face: boolean): Record<string, Tensor> {
  const count = crops.shape[0]!;
  if (id === "detector") return detectorAnswer(count, face);
  if (id === "mesh") return { points: filled([count, 1404], (index) => meshPoint(index % 1404)), presence: filled([count, 1], () => 1) };
  if (id === "moods") return { mood: filled([count, 2], (index) => index % 2) };
  return {
    gender: filled([count, 2], (index) => (index % 2 === 1 ? (crops.data[0] === 7 ? 5 : -5) : 0)),
    age: filled([count, 3], (index) => (index % 3 === 1 ? 100 : 0)),
  };
}

/** One face of 32 pixels in the middle, or none. */
function detectorAnswer(count: number, face: boolean): Record<string, Tensor> {
  const [fine, coarse] = [4 * 4 * 2, 2 * 2 * 6];
  return {
    scores16: filled([count, fine, 1], (index) => (face && index % fine === 0 ? 5 : -9)),
    boxes16: filled([count, fine, 16], (index) => [24, 24, 32, 32, 16, 16, 32, 16, 24, 24, 24, 32][index % 16] ?? 0),
    scores32: filled([count, coarse, 1], () => -9),
    boxes32: filled([count, coarse, 16], () => 0),
  };
}

/** A mesh that fills the middle of its crop; eyes and mouth stand where they should. */
function meshPoint(index: number): number {
  const number = Math.floor(index / 3);
  const place = new Map([
    [1, [32, 36]],
    [61, [26, 44]],
    [291, [38, 44]],
    [10, [32, 10]],
    [152, [32, 54]],
  ]);
  for (const eye of [33, 133, 159, 145]) place.set(eye, [24, 26]);
  for (const eye of [362, 263, 386, 374]) place.set(eye, [40, 26]);
  return [...(place.get(number) ?? [32, 32]), 0][index % 3]!;
}

function filled(shape: readonly number[], value: (index: number) => number): Float32Tensor {
  return float32Tensor(
    shape,
    Float32Array.from({ length: elementCount(shape) }, (_, index) => value(index)),
  );
}
