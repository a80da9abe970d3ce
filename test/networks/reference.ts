import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type * as TensorFlow from "@tensorflow/tfjs";
import { networkSources, packageFolder } from "../../scripts/convert/sources.ts";
import type { Float32Tensor } from "../../src/core/index.ts";

const require = createRequire(import.meta.url);

/** The original networks, run by TensorFlow.js on its WebAssembly kernels: an implementation that shares nothing with ours. */
export async function startTensorFlow(): Promise<typeof TensorFlow> {
  // face-api's build brings the CommonJS copy; a second copy would not know its tensors.
  const tf = require("@tensorflow/tfjs") as typeof TensorFlow;
  const wasm = require("@tensorflow/tfjs-backend-wasm") as { setWasmPaths(folder: string): void };
  wasm.setWasmPaths(join(dirname(require.resolve("@tensorflow/tfjs-backend-wasm")), "/"));
  await tf.setBackend("wasm");
  return tf;
}

/** Runs one of human's graph models. Channels-first in, the outputs by TensorFlow's node names out. */
export async function runGraphModel(
  tf: typeof TensorFlow,
  id: "blazeface" | "facemesh" | "faceres" | "emotion",
  input: Float32Tensor,
  nodes: readonly string[],
): Promise<Float32Array[]> {
  const { package: name, files } = networkSources[id];
  const [modelFile, weightsFile] = files.map((file) => readFileSync(join(packageFolder(name)!, file)));
  const json = JSON.parse(modelFile!.toString()) as TensorFlow.io.ModelJSON;
  const handler = tf.io.fromMemory({
    modelTopology: json.modelTopology,
    weightSpecs: json.weightsManifest[0]!.weights,
    weightData: new Uint8Array(weightsFile!).buffer,
  });
  const model = await tf.loadGraphModel(handler);
  const picture = toTensorFlow(tf, input);
  const results = model.execute(picture, [...nodes]);
  const list = Array.isArray(results) ? results : [results];
  const numbers = await Promise.all(list.map(async (tensor) => Float32Array.from(await tensor.data())));
  tf.dispose([picture, ...list]);
  model.dispose();
  return numbers;
}

/** The part of face-api that is used here. */
interface FaceApi {
  readonly nets: {
    readonly ssdMobilenetv1: {
      isLoaded: boolean;
      loadFromDisk?(folder: string): Promise<void>;
      loadFromWeightMap(weights: TensorFlow.NamedTensorMap): void;
      forwardInput(input: { toBatchTensor(): TensorFlow.Tensor }): { boxes: TensorFlow.Tensor[]; scores: TensorFlow.Tensor[] };
    };
  };
}

/** face-api's detector with its own decoding: boxes `[priors, 4]` (top, left, bottom, right, 0..1) and scores `[priors]`. */
export async function runSsd(tf: typeof TensorFlow, input: Float32Tensor): Promise<{ boxes: Float32Array; scores: Float32Array }> {
  const faceApi = require("@vladmandic/face-api/dist/face-api.node-wasm.js") as FaceApi;
  const network = faceApi.nets.ssdMobilenetv1;
  if (!network.isLoaded) network.loadFromWeightMap(ssdWeights(tf));
  // It scales pixels by itself; ours takes what it makes of them.
  const pixels = tf.mul(tf.add(toTensorFlow(tf, input), 1), 127.5);
  const { boxes, scores } = network.forwardInput({ toBatchTensor: () => pixels });
  return { boxes: Float32Array.from(await boxes[0]!.data()), scores: Float32Array.from(await scores[0]!.data()) };
}

function ssdWeights(tf: typeof TensorFlow): TensorFlow.NamedTensorMap {
  const { package: name, files } = networkSources["ssd-mobilenet-v1"];
  const [manifest, weights] = files.map((file) => readFileSync(join(packageFolder(name)!, file)));
  const groups = JSON.parse(manifest!.toString()) as TensorFlow.io.WeightsManifestConfig;
  return tf.io.decodeWeights(new Uint8Array(weights!).buffer, groups[0]!.weights);
}

function toTensorFlow(tf: typeof TensorFlow, { shape, data }: Float32Tensor): TensorFlow.Tensor {
  return tf.tidy(() => tf.transpose(tf.tensor(data, [...shape]), [0, 2, 3, 1]));
}
