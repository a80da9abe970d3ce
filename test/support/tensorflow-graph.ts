import * as tf from "@tensorflow/tfjs";
import { createRandom, elementCount, float32Tensor, type Float32Tensor } from "../../src/core/index.ts";
import { encodeModel } from "../../src/graph/index.ts";
import { type ImportOptions, importTensorFlow, readGraphModel } from "../../src/graph/tensorflow/index.ts";
import { createNodeRuntime } from "../../src/runtime/runtime.node.ts";

/** A TensorFlow graph in the form of TensorFlow.js, with what stands in its files. */
export interface WrittenGraph {
  readonly nodes: readonly WrittenNode[];
  readonly weights: readonly WrittenWeight[];
}

interface WrittenNode {
  readonly name: string;
  readonly op: string;
  readonly input?: readonly string[];
  readonly attr?: Readonly<Record<string, unknown>>;
}

export interface WrittenWeight {
  readonly name: string;
  readonly dtype: "float32" | "int32";
  readonly shape: readonly number[];
  readonly values: readonly number[];
}

/** JSON attributes as protobuf writes them. */
export const json = {
  text: (value: string): unknown => ({ s: btoa(value) }),
  texts: (values: readonly string[]): unknown => ({ list: { s: values.map((value) => btoa(value)) } }),
  numbers: (values: readonly number[]): unknown => ({ list: { i: values.map(String) } }),
  float: (value: number): unknown => ({ f: value }),
  flag: (value: boolean): unknown => ({ b: value }),
  type: (value: string): unknown => ({ type: value }),
  shape: (sizes: readonly number[]): unknown => ({ shape: { dim: sizes.map((size) => ({ size: String(size) })) } }),
};

export function constant(
  name: string,
  shape: readonly number[],
  values: readonly number[],
  dtype: "float32" | "int32" = "float32",
): WrittenWeight {
  return { name, dtype, shape, values };
}

/** Numbers between -1 and 1 that are the same in every run. */
export function randomConstant(name: string, shape: readonly number[], seed = 1): WrittenWeight {
  const random = createRandom(seed).fork(name);
  return constant(
    name,
    shape,
    Array.from({ length: elementCount(shape) }, () => 2 * random.uniform() - 1),
  );
}

/** The graph `input` -> `node`, with constants. */
export function oneNode(shape: readonly number[], node: Omit<WrittenNode, "name">, weights: readonly WrittenWeight[] = []): WrittenGraph {
  const input = ["input", ...weights.map(({ name }) => name)];
  return { nodes: [placeholder(shape), { input, ...node, name: "result" }], weights };
}

export function placeholder(shape: readonly number[]): WrittenNode {
  return { name: "input", op: "Placeholder", attr: { dtype: json.type("DT_FLOAT"), shape: json.shape(shape) } };
}

function modelJson({ nodes, weights }: WrittenGraph): {
  modelTopology: { node: unknown[]; versions: unknown };
  weightsManifest: tf.io.WeightsManifestConfig;
} {
  const constants = weights.map(({ name, dtype }) => ({
    name,
    op: "Const",
    attr: { dtype: json.type(dtype === "int32" ? "DT_INT32" : "DT_FLOAT"), value: { tensor: {} } },
  }));
  const specs = weights.map(({ name, dtype, shape }) => ({ name, dtype, shape: [...shape] }));
  return {
    modelTopology: { node: [...constants, ...nodes], versions: { producer: 1 } },
    weightsManifest: [{ paths: ["weights.bin"], weights: specs }],
  };
}

function weightBytes({ weights }: WrittenGraph): Uint8Array {
  const parts = weights.map(({ dtype, values }) => (dtype === "int32" ? Int32Array.from(values) : Float32Array.from(values)));
  return new Uint8Array(Buffer.concat(parts.map(({ buffer }) => new Uint8Array(buffer))));
}

/** The graph's result by TensorFlow.js. */
export async function runOriginal(graph: WrittenGraph, input: Float32Tensor, node = "result"): Promise<Float32Tensor> {
  await tf.setBackend("cpu");
  const { modelTopology, weightsManifest } = modelJson(graph);
  const model = await tf.loadGraphModel(
    tf.io.fromMemory({ modelTopology, weightSpecs: weightsManifest[0]!.weights, weightData: weightBytes(graph).slice().buffer }),
  );
  const result = model.execute(tf.tensor(input.data, [...input.shape]), node) as tf.Tensor;
  return float32Tensor(result.shape, Float32Array.from(await result.data()));
}

/** The graph's result by the importer and ONNX Runtime; pictures go in and come out in TensorFlow's order of axes. */
export async function runImported(graph: WrittenGraph, input: Float32Tensor, options: ImportOptions = {}): Promise<Float32Tensor> {
  const imported = importTensorFlow(readGraphModel(modelJson(graph), weightBytes(graph)), { outputs: { out: "result" }, ...options });
  await using session = await createNodeRuntime().load(encodeModel(imported));
  const name = session.inputs[0]!.name;
  const { out } = await session.run({ [name]: turn(input, [0, 3, 1, 2]) });
  if (out?.type !== "float32") throw new Error(`the output is ${out?.type}`);
  return turn(out, [0, 2, 3, 1]);
}

function turn(tensor: Float32Tensor, order: readonly number[]): Float32Tensor {
  if (tensor.shape.length !== 4) return tensor;
  const turned = tf.transpose(tf.tensor(tensor.data, [...tensor.shape]), [...order]);
  return float32Tensor(turned.shape, Float32Array.from(turned.dataSync()));
}
