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

/** The parts of face-api that are used here. */
interface FaceApi {
  readonly nets: {
    readonly ssdMobilenetv1: FaceApiNetwork & {
      forwardInput(input: FaceApiInput): { boxes: TensorFlow.Tensor[]; scores: TensorFlow.Tensor[] };
    };
    readonly ageGenderNet: FaceApiNetwork & FaceApiHead<{ age: TensorFlow.Tensor; gender: TensorFlow.Tensor }>;
    readonly faceExpressionNet: FaceApiNetwork & FaceApiHead<TensorFlow.Tensor>;
  };
}

interface FaceApiNetwork {
  readonly isLoaded: boolean;
  loadFromWeightMap(weights: TensorFlow.NamedTensorMap): void;
}

interface FaceApiInput {
  toBatchTensor(): TensorFlow.Tensor;
}

interface FaceApiHead<Output> {
  readonly faceFeatureExtractor: { forwardInput(input: FaceApiInput): TensorFlow.Tensor };
  runNet(features: TensorFlow.Tensor): Output;
}

type FaceApiId = "ssd-mobilenet-v1" | "face-api-age-gender" | "face-api-expression";

function loadFaceApi(): FaceApi {
  return require("@vladmandic/face-api/dist/face-api.node-wasm.js") as FaceApi;
}

/** face-api's detector with its own decoding: boxes `[priors, 4]` (top, left, bottom, right, 0..1) and scores `[priors]`. */
export async function runSsd(tf: typeof TensorFlow, input: Float32Tensor): Promise<{ boxes: Float32Array; scores: Float32Array }> {
  const network = loadFaceApi().nets.ssdMobilenetv1;
  loadWeights(tf, network, "ssd-mobilenet-v1");
  // It scales pixels by itself; ours takes what it makes of them.
  const pixels = tf.mul(tf.add(toTensorFlow(tf, input), 1), 127.5);
  const { boxes, scores } = network.forwardInput({ toBatchTensor: () => pixels });
  return { boxes: Float32Array.from(await boxes[0]!.data()), scores: Float32Array.from(await scores[0]!.data()) };
}

/** face-api's age, one number a face, and its logits of male and female. */
export async function runAgeGender(tf: typeof TensorFlow, input: Float32Tensor): Promise<{ years: Float32Array; gender: Float32Array }> {
  const network = loadFaceApi().nets.ageGenderNet;
  loadWeights(tf, network, "face-api-age-gender");
  const { age, gender } = network.runNet(network.faceFeatureExtractor.forwardInput({ toBatchTensor: () => faceApiPixels(tf, input) }));
  return { years: Float32Array.from(await age.data()), gender: Float32Array.from(await gender.data()) };
}

/** face-api's logits of seven expressions, in its order. */
export async function runExpression(tf: typeof TensorFlow, input: Float32Tensor): Promise<{ mood: Float32Array }> {
  const network = loadFaceApi().nets.faceExpressionNet;
  loadWeights(tf, network, "face-api-expression");
  const logits = network.runNet(network.faceFeatureExtractor.forwardInput({ toBatchTensor: () => faceApiPixels(tf, input) }));
  return { mood: Float32Array.from(await logits.data()) };
}

/** Its heads normalise pixels by themselves; ours takes what they make of them. */
function faceApiPixels(tf: typeof TensorFlow, input: Float32Tensor): TensorFlow.Tensor {
  return tf.tidy(() => tf.add(tf.mul(toTensorFlow(tf, input), 255), tf.tensor1d([122.782, 117.001, 104.298])));
}

function loadWeights(tf: typeof TensorFlow, network: FaceApiNetwork, id: FaceApiId): void {
  if (network.isLoaded) return;
  const { package: name, files } = networkSources[id];
  const [manifest, weights] = files.map((file) => readFileSync(join(packageFolder(name)!, file)));
  const groups = JSON.parse(manifest!.toString()) as TensorFlow.io.WeightsManifestConfig;
  network.loadFromWeightMap(tf.io.decodeWeights(new Uint8Array(weights!).buffer, groups[0]!.weights));
}

function toTensorFlow(tf: typeof TensorFlow, { shape, data }: Float32Tensor): TensorFlow.Tensor {
  return tf.tidy(() => tf.transpose(tf.tensor(data, [...shape]), [0, 2, 3, 1]));
}
