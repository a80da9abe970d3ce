import { join } from "node:path";
import type * as FaceApi from "@vladmandic/face-api";
import type * as TensorFlow from "@tensorflow/tfjs";
import type * as Wasm from "@tensorflow/tfjs-backend-wasm";
import type { BoundingBox } from "../../src/core/index.ts";
import type { BenchEngine, EngineResult, FoundFace } from "./engine.ts";
import { decodePixels, load, packageFolder, packageVersion, type Pixels, wasmFolder } from "./rivals.ts";

/** A face with the box that face-api's heads look at: the smallest around its 68 landmarks, 20 % larger. */
interface FaceApiFace extends FoundFace {
  readonly alignedBox: BoundingBox;
}

/** face-api, set up for the same answers: its best detector (SSD MobileNet V1), landmarks (its crops need them), age and gender, expressions. */
export async function loadFaceApi(): Promise<BenchEngine> {
  const findFaces = await openFaceApi();
  const analyze = async (path: string): Promise<EngineResult> => ({ faces: await findFaces(await decodePixels(path)) });
  return {
    name: "face-api",
    version: await packageVersion("@vladmandic/face-api"),
    setup: "WASM with SIMD (its Node build has no threads), SSD MobileNet V1, 68 landmarks, age and gender, expressions",
    analyze,
    analyzeAll: async (paths) => {
      let faces = 0;
      for (const path of paths) faces += (await analyze(path)).faces.length;
      return faces;
    },
  };
}

/** Its networks, loaded: pixels in, faces out. */
export async function openFaceApi(): Promise<(pixels: Pixels) => Promise<readonly FaceApiFace[]>> {
  const folder = packageFolder("@vladmandic/face-api");
  /* oxlint-disable typescript/no-unsafe-type-assertion -- CommonJS builds, typed by their packages */
  const tf = load("@tensorflow/tfjs") as typeof TensorFlow;
  const wasm = load("@tensorflow/tfjs-backend-wasm") as typeof Wasm;
  wasm.setWasmPaths(wasmFolder());
  await tf.setBackend("wasm");
  await tf.ready();
  const faceapi = load(join(folder, "dist/face-api.node-wasm.js")) as typeof FaceApi;
  /* oxlint-enable typescript/no-unsafe-type-assertion */
  const { ssdMobilenetv1, faceLandmark68Net, ageGenderNet, faceExpressionNet } = faceapi.nets;
  for (const net of [ssdMobilenetv1, faceLandmark68Net, ageGenderNet, faceExpressionNet]) await net.loadFromDisk(join(folder, "model"));
  const options = new faceapi.SsdMobilenetv1Options({ minConfidence: 0.5, maxResults: 64 });
  return async ({ data, width, height }) => {
    const tensor = faceapi.tf.tensor3d(data, [height, width, 3], "int32");
    try {
      const found = await faceapi.detectAllFaces(tensor, options).withFaceLandmarks().withFaceExpressions().withAgeAndGender();
      return found.map(({ detection, alignedRect, age, gender }) => ({
        box: plainBox(detection.box),
        alignedBox: plainBox(alignedRect.box),
        years: age,
        gender: gender === faceapi.Gender.MALE ? "male" : "female",
      }));
    } finally {
      tensor.dispose();
    }
  };
}

/** Its boxes compute their fields when asked: here are the numbers. */
function plainBox({ x, y, width, height }: BoundingBox): BoundingBox {
  return { x, y, width, height };
}
