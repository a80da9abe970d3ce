import * as tf from "@tensorflow/tfjs";
import { createRandom, elementCount, float32Tensor, type Float32Tensor } from "../../src/core/index.ts";
import { encodeModel } from "../../src/graph/index.ts";
import { readLayersModel } from "../../src/graph/keras/index.ts";
import { importTensorFlow } from "../../src/graph/tensorflow/index.ts";
import { createNodeRuntime } from "../../src/runtime/runtime.node.ts";

/** What TensorFlow.js writes of a layers model: the parsed `model.json`, and its weight files joined. */
export interface SavedModel {
  readonly model: unknown;
  readonly weights: Uint8Array;
}

/** The model as its files would hold it, with every weight drawn anew so that no statistic is left at 0 or 1. */
export async function saveLayersModel(model: tf.LayersModel): Promise<SavedModel> {
  const random = createRandom(11);
  model.setWeights(
    model.weights.map((weight) => {
      const draw = (): number => (weight.name.includes("variance") ? 0.5 + random.uniform() : random.uniform() - 0.5);
      const shape = weight.shape.map(Number);
      return tf.tensor(Array.from({ length: elementCount(shape) }, draw), shape);
    }),
  );
  const { promise, resolve } = Promise.withResolvers<tf.io.ModelArtifacts>();
  await model.save({
    save: async (artifacts) => {
      resolve(artifacts);
      return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: "JSON" } };
    },
  });
  const { modelTopology, weightSpecs, weightData } = await promise;
  if (!(weightData instanceof ArrayBuffer)) throw new Error("the weights are not in one piece");
  // What goes through a file comes back as plain JSON.
  const file = JSON.stringify({ modelTopology, weightsManifest: [{ paths: ["weights.bin"], weights: weightSpecs }] });
  return { model: JSON.parse(file), weights: new Uint8Array(weightData) };
}

/** Numbers between -1 and 1, the same in every run. */
export function randomPicture(shape: readonly number[], seed = 3): Float32Tensor {
  const random = createRandom(seed);
  return float32Tensor(
    shape,
    Float32Array.from({ length: elementCount(shape) }, () => 2 * random.uniform() - 1),
  );
}

/** What TensorFlow.js makes of the input; pictures lie channels last. */
export function predictByTensorFlow(model: tf.LayersModel, input: Float32Tensor): Float32Array {
  return tf.tidy(() => {
    const output = model.predict(tf.tensor(input.data, [...input.shape]));
    if (Array.isArray(output)) throw new Error("one output expected");
    return Float32Array.from(output.dataSync());
  });
}

/** What the importer and ONNX Runtime make of it, with pictures turned back to channels last. */
export async function predictByImport({ model, weights }: SavedModel, input: Float32Tensor): Promise<Float32Array> {
  const { graph, outputs } = readLayersModel(model, weights);
  await using session = await createNodeRuntime().load(encodeModel(importTensorFlow(graph, { outputs: { out: outputs[0]! } })));
  const name = session.inputs[0]!.name;
  const { out } = await session.run({ [name]: transposed(input, [0, 3, 1, 2]) });
  if (out?.type !== "float32") throw new Error(`the output is ${out?.type}`);
  return transposed(out, [0, 2, 3, 1]).data;
}

function transposed(tensor: Float32Tensor, order: readonly number[]): Float32Tensor {
  if (tensor.shape.length !== 4) return tensor;
  const turned = tf.transpose(tf.tensor(tensor.data, [...tensor.shape]), [...order]);
  return float32Tensor(turned.shape, Float32Array.from(turned.dataSync()));
}
