import { z } from "zod";
import { type Tensor, TensorFaceError } from "../../core/index.ts";
import type { AttributeValue } from "../tensorflow/node.ts";
import type { Layer, WrittenParts } from "./topology.ts";

/** A layer under conversion: what it reads, its weights, and where it writes TensorFlow's operations. */
export interface LayerCall {
  readonly layer: Layer;
  /** Nodes of the graph, one for each input. */
  readonly inputs: readonly string[];
  /** What is taken of the input, where the layer takes parts. */
  readonly parts?: WrittenParts["parts"] | undefined;
  /** The weight under this name, or undefined where the layer has none. */
  readonly weight: (name: string) => Tensor | undefined;
  /** Adds an operation and gives its node. */
  readonly add: (op: string, inputs: readonly string[], attributes?: Readonly<Record<string, AttributeValue>>) => string;
  readonly constant: (tensor: Tensor) => string;
  /** The major version of the Keras that saved the model; some layers changed. */
  readonly kerasVersion: number;
  /** Whether TensorFlow.js saved the model, which computes some layers otherwise than Keras. */
  readonly savedByTensorFlowJs: boolean;
}

/** Converts one call of a layer; gives the node of its output. */
export type LayerRule = (call: LayerCall) => string;

export function unsupported({ layer }: Pick<LayerCall, "layer">, reason: string): TensorFaceError {
  return new TensorFaceError("TF_GRAPH_UNSUPPORTED_OP", `layer "${layer.name}" (${layer.className}): ${reason}`);
}

/** The layer's one input. @throws {TF_GRAPH_INVALID} when it has none */
export function onlyInput({ layer, inputs }: LayerCall): string {
  const [input] = inputs;
  if (input === undefined) throw new TensorFaceError("TF_GRAPH_INVALID", `layer "${layer.name}" (${layer.className}) reads nothing`);
  return input;
}

/** A weight that the layer must have. @throws {TF_GRAPH_INVALID} when the file has none of that name */
export function requiredWeight({ layer, weight }: LayerCall, name: string): Tensor {
  const tensor = weight(name);
  if (tensor !== undefined) return tensor;
  throw new TensorFaceError("TF_GRAPH_INVALID", `layer "${layer.name}" (${layer.className}) has no weight "${name}" in the file`);
}

/** A setting of the layer, or `otherwise` where the file leaves it out. @throws {TF_GRAPH_INVALID} when it is of another kind */
export function setting<Value>({ layer }: LayerCall, name: string, schema: z.ZodType<Value>, otherwise: Value): Value {
  const value = layer.config[name];
  if (value === undefined || value === null) return otherwise;
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new TensorFaceError(
    "TF_GRAPH_INVALID",
    `layer "${layer.name}" (${layer.className}) has "${name}": ${JSON.stringify(value).slice(0, 60)}`,
  );
}

const pairSchema = z.union([z.number().transform((size): [number, number] => [size, size]), z.tuple([z.number(), z.number()])]);

/** A size for height and width, which the file may write as one number. */
export function pair(call: LayerCall, name: string, otherwise: readonly [number, number]): readonly [number, number] {
  return setting<readonly [number, number]>(call, name, pairSchema, otherwise);
}

/** @throws {TF_GRAPH_UNSUPPORTED_OP} for channels before height and width */
export function requireChannelsLast(call: LayerCall): void {
  const format = setting(call, "data_format", z.string(), "channels_last");
  if (format !== "channels_last") throw unsupported(call, `data format ${format} is not read`);
}

export const integers = (values: readonly number[]): Tensor => ({ type: "int32", shape: [values.length], data: Int32Array.from(values) });
/** One number, or one for each channel. */
export const perChannel = (value: number | readonly number[]): Tensor =>
  typeof value === "number" ? scalar(value) : { type: "float32", shape: [value.length], data: Float32Array.from(value) };
export const scalar = (value: number): Tensor => ({ type: "float32", shape: [], data: Float32Array.of(value) });

/** Attributes as TensorFlow's nodes carry them. */
export const attributes = {
  text: (value: string): AttributeValue => ({ kind: "string", value }),
  flag: (value: boolean): AttributeValue => ({ kind: "boolean", value }),
  number: (value: number): AttributeValue => ({ kind: "number", value }),
  numbers: (value: readonly number[]): AttributeValue => ({ kind: "numbers", value }),
  shape: (value: readonly number[]): AttributeValue => ({ kind: "shape", value }),
} as const;
