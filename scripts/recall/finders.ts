import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type * as TensorFlow from "@tensorflow/tfjs";
import type * as Wasm from "@tensorflow/tfjs-backend-wasm";
import type * as FaceApi from "@vladmandic/face-api";
import type { Config, Human } from "@vladmandic/human";
import { allowFileFetch, load, packageFolder, packageVersion, wasmFolder } from "../../bench/engines/rivals.ts";
import { createAnalyzer, type DetectorChoice } from "../../src/_entries/node.ts";
import type { BoundingBox } from "../../src/core/index.ts";
import type { RasterImage } from "../../src/image/index.ts";

/** Something that finds faces, and how it is set up. */
export interface Finder {
  readonly name: string;
  readonly find: (image: RasterImage) => Promise<BoundingBox[]>;
}

export const finderNames = ["blazeface", "ssd", "dlib", "human", "face-api"] as const;
export type FinderName = (typeof finderNames)[number];

export async function loadFinder(name: FinderName): Promise<Finder> {
  if (name === "human") return loadHuman();
  return name === "face-api" ? loadFaceApi() : loadOwn(name);
}

/** TensorFace as installed, with one of its detectors, no heads. */
async function loadOwn(detector: DetectorChoice): Promise<Finder> {
  const analyzer = await createAnalyzer({ detector, tasks: [] });
  return {
    name: `TensorFace ${detector}`,
    find: async (image) => (await analyzer.analyze(image)).faces.map(({ box }) => box),
  };
}

/** human with its default detector, thresholds and face mesh; up to 64 faces; the rest off. */
async function loadHuman(): Promise<Finder> {
  allowFileFetch();
  const folder = packageFolder("@vladmandic/human");
  const off = { enabled: false };
  const config: Partial<Config> = {
    backend: "wasm",
    wasmPath: wasmFolder(),
    modelBasePath: pathToFileURL(join(folder, "models/")).href,
    cacheSensitivity: 0,
    filter: off,
    face: {
      enabled: true,
      detector: { enabled: true, maxDetected: 64, skipTime: 0 },
      mesh: { enabled: true },
      iris: off,
      emotion: off,
      description: off,
    },
    body: off,
    hand: off,
    object: off,
    gesture: off,
  };
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the build for Node with WASM has the types of the main one
  const library = load(join(folder, "dist/human.node-wasm.js")) as { Human: new (config: Partial<Config>) => Human };
  const human = new library.Human(config);
  await human.load();
  return {
    name: `human ${await packageVersion("@vladmandic/human")}`,
    find: async (image) => {
      const tensor = human.tf.tensor(Int32Array.from(image.data), [1, image.height, image.width, 3], "int32");
      const { face, error } = await human.detect(tensor);
      human.tf.dispose(tensor);
      if (error !== null && error !== undefined) throw new Error(`human: ${error}`);
      return face.map(({ box: [x, y, width, height] }) => ({ x, y, width, height }));
    },
  };
}

/** face-api with SSD MobileNet V1, its best detector, at its default threshold. */
async function loadFaceApi(): Promise<Finder> {
  const folder = packageFolder("@vladmandic/face-api");
  /* oxlint-disable typescript/no-unsafe-type-assertion -- CommonJS builds, typed by their packages */
  const tf = load("@tensorflow/tfjs") as typeof TensorFlow;
  (load("@tensorflow/tfjs-backend-wasm") as typeof Wasm).setWasmPaths(wasmFolder());
  await tf.setBackend("wasm");
  await tf.ready();
  const faceapi = load(join(folder, "dist/face-api.node-wasm.js")) as typeof FaceApi;
  /* oxlint-enable typescript/no-unsafe-type-assertion */
  await faceapi.nets.ssdMobilenetv1.loadFromDisk(join(folder, "model"));
  const options = new faceapi.SsdMobilenetv1Options({ minConfidence: 0.5, maxResults: 100 });
  return {
    name: `face-api ${await packageVersion("@vladmandic/face-api")}`,
    find: async (image) => {
      const tensor = faceapi.tf.tensor3d(Int32Array.from(image.data), [image.height, image.width, 3], "int32");
      const found = await faceapi.detectAllFaces(tensor, options);
      tensor.dispose();
      return found.map(({ box: { x, y, width, height } }) => ({ x, y, width, height }));
    },
  };
}
