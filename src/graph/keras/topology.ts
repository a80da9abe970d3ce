import { z } from "zod";
import { type Float32Tensor, float32Tensor, TensorFaceError } from "../../core/index.ts";

/** A layer's settings as the file has them. */
export type LayerConfig = Readonly<Record<string, unknown>>;

/** A value in the model: which layer made it, in which of its calls, and which of its outputs it is. */
export interface ValueReference {
  readonly layer: string;
  readonly call: number;
  readonly output: number;
}

/** Numbers that stand in a call in the place of a value: what is added, multiplied with, and so on. */
export interface WrittenNumbers {
  readonly numbers: Float32Tensor;
}

/** Places along an axis as Python's slices say them; `null` is the whole way, one step at a time. */
export interface Slice {
  readonly start: number | null;
  readonly stop: number | null;
  readonly step: number | null;
}

/** What of a value is taken, as between brackets in Python: for each axis a slice or one place, an ellipsis for the axes between. */
export interface WrittenParts {
  readonly parts: readonly (Slice | number | "ellipsis")[];
}

/** What a call reads. */
export type CallInput = ValueReference | WrittenNumbers | WrittenParts;

/** A layer and what each of its calls reads. */
export interface Layer {
  readonly name: string;
  /** `Conv2D`, `Dense`, ...; models are layers too. */
  readonly className: string;
  /** Whether Keras 3 took it from its functions of arrays: some of these have the class of a layer, and settings of their own. */
  readonly isOperation: boolean;
  readonly config: LayerConfig;
  /** For each call its inputs. A layer that is used twice has two. */
  readonly calls: readonly (readonly CallInput[])[];
  /** What a layer that is itself a model consists of. */
  readonly model: LayersTopology | undefined;
}

/** The layers of a model, in the order of the file, and where it begins and ends. */
export interface LayersTopology {
  readonly name: string;
  readonly layers: readonly Layer[];
  readonly inputs: readonly ValueReference[];
  readonly outputs: readonly ValueReference[];
}

const layerSchema = z.object({
  class_name: z.string(),
  module: z.string().nullish(),
  config: z.unknown(),
  name: z.string().optional(),
  inbound_nodes: z.array(z.unknown()).default([]),
});
const functionalSchema = z.object({
  name: z.string().default("model"),
  layers: z.array(layerSchema),
  input_layers: z.array(z.unknown()),
  output_layers: z.array(z.unknown()),
});
/** What a sequential model was built by that no layer says: a list, or TensorFlow's form of one. */
const builtShapeSchema = z.union([z.array(z.unknown()), z.object({ items: z.array(z.unknown()) }).transform(({ items }) => items)]);
const sequentialSchema = z.union([
  z.object({ name: z.string().default("sequential"), layers: z.array(layerSchema), build_input_shape: z.unknown().optional() }),
  z.array(layerSchema).transform((layers) => ({ name: "sequential", layers, build_input_shape: undefined })),
]);
/** Keras 2: `["layer", call, output, {...}]`. */
const tupleSchema = z.tuple([z.string(), z.int(), z.int()]).rest(z.unknown());
/** Keras 3: a tensor that tells its history. */
const tensorSchema = z.object({
  class_name: z.literal("__keras_tensor__"),
  config: z.object({ keras_history: tupleSchema }),
});
const callSchema = z.object({ args: z.array(z.unknown()) });
/** Keras 2: numbers in the first place of a call. */
const constantSchema = z.tuple([z.literal("_CONSTANT_VALUE"), z.literal(-1), z.unknown()]).rest(z.unknown());
/** Keras 3: numbers that were an array. */
const arraySchema = z.object({ class_name: z.enum(["__tensor__", "__numpy__"]), config: z.object({ value: z.unknown() }) });
const sliceSchema = z.object({ start: z.int().nullable(), stop: z.int().nullable(), step: z.int().nullable() });
/** Keras 2 writes slices as they are, Keras 3 with their class. */
const partSchema = z.union([
  z.int(),
  sliceSchema,
  z.object({ class_name: z.literal("__slice__"), config: sliceSchema }).transform(({ config }) => config),
  z.object({ class_name: z.literal("__ellipsis__") }).transform(() => "ellipsis" as const),
]);
const partsSchema = z.union([
  partSchema.transform((part) => [part]),
  z.array(partSchema),
  z.object({ class_name: z.literal("__tuple__"), items: z.array(partSchema) }).transform(({ items }) => items),
]);
/** Where Keras 3 has its functions of arrays. */
const operationModule = /^keras\.(src\.)?ops\./;

/** How deep models may stand in models: real ones reach three. */
const deepestNesting = 16;

/**
 * Reads the topology of a Keras model: what `model.to_json()`, TensorFlow.js's `modelTopology` and the attribute `model_config` of a
 * `.h5` file hold.
 * @throws {TF_GRAPH_INVALID} when it is none
 * @throws {TF_GRAPH_UNSUPPORTED_OP} for a model that is neither functional nor sequential
 */
export function readTopology(model: unknown): LayersTopology {
  const root = z.object({ class_name: z.string(), config: z.unknown() }).safeParse(unwrapped(model));
  if (!root.success) throw invalid(`not a Keras topology: ${z.prettifyError(root.error)}`);
  return readModel(root.data.class_name, root.data.config, 0);
}

/** TensorFlow.js keeps the topology under `model_config`, beside the version of Keras. */
function unwrapped(model: unknown): unknown {
  const wrapped = z.object({ model_config: z.unknown() }).safeParse(model);
  return wrapped.success ? wrapped.data.model_config : model;
}

function isModel(className: string): boolean {
  return className === "Model" || className === "Functional" || className === "Sequential";
}

function readModel(className: string, config: unknown, depth: number): LayersTopology {
  if (depth > deepestNesting) throw invalid(`models stand in models more than ${deepestNesting} deep`);
  if (className === "Sequential") return readSequential(config, depth);
  if (!isModel(className))
    throw new TensorFaceError("TF_GRAPH_UNSUPPORTED_OP", `the model is a ${className}; functional and sequential ones are read`);
  const parsed = functionalSchema.safeParse(config);
  if (!parsed.success) throw invalid(`the model's layers cannot be read: ${z.prettifyError(parsed.error)}`);
  const { name, layers, input_layers, output_layers } = parsed.data;
  return {
    name,
    layers: layers.map((layer) => readLayer(layer, depth, takesParts(layer) ? partReferences : references)),
    inputs: ends(input_layers),
    outputs: ends(output_layers),
  };
}

/** Each layer reads the one before it; an input that is not written down is the first layer's. */
function readSequential(config: unknown, depth: number): LayersTopology {
  const parsed = sequentialSchema.safeParse(config);
  if (!parsed.success) throw invalid(`the model's layers cannot be read: ${z.prettifyError(parsed.error)}`);
  const { name, layers, build_input_shape: built } = parsed.data;
  if (layers.length === 0) throw invalid(`model "${name}" has no layers`);
  const read = layers.map((layer) => readLayer(layer, depth, () => []));
  const hasInput = read[0]!.className === "InputLayer";
  const input: Layer = {
    name: `${name}/input`,
    className: "InputLayer",
    isOperation: false,
    config: { batch_input_shape: builtShapeSchema.safeParse(built).data, ...inputConfig(read[0]!) },
    calls: [[]],
    model: undefined,
  };
  const chain = hasInput ? read : [input, ...read];
  const linked = chain.map((layer, index) => withCalls(layer, [index === 0 ? [] : [firstValue(chain[index - 1]!.name)]]));
  return { name, layers: linked, inputs: [firstValue(linked[0]!.name)], outputs: [firstValue(linked.at(-1)!.name)] };
}

function withCalls(layer: Layer, calls: Layer["calls"]): Layer {
  return { ...layer, calls };
}

/** The shape that the first layer says it takes; a model inside says it by its own input. */
function inputConfig(first: Layer): LayerConfig {
  if (first.model === undefined) return first.config;
  const name = first.model.inputs[0]?.layer;
  return first.model.layers.find((layer) => layer.name === name)?.config ?? {};
}

function firstValue(layer: string): ValueReference {
  return { layer, call: 0, output: 0 };
}

function readLayer(
  { class_name: className, module, config, name, inbound_nodes: nodes }: z.infer<typeof layerSchema>,
  depth: number,
  readCall: (node: unknown) => readonly CallInput[],
): Layer {
  const settings = z.record(z.string(), z.unknown()).safeParse(config);
  const own = settings.success ? settings.data : {};
  const layerName = name ?? (typeof own["name"] === "string" ? own["name"] : undefined);
  if (layerName === undefined) throw invalid(`a layer of class ${className} has no name`);
  const model = isModel(className) ? readModel(className, config, depth + 1) : undefined;
  const isOperation = operationModule.test(module ?? "");
  const calls = nodes.map((node) => {
    try {
      return readCall(node);
    } catch (error) {
      if (!(error instanceof UnreadInput)) throw error;
      throw new TensorFaceError(
        "TF_GRAPH_UNSUPPORTED_OP",
        `layer "${layerName}" (${className}) reads what is neither a value of the model nor numbers: ${error.message}`,
      );
    }
  });
  return { name: layerName, className, isOperation, config: own, calls, model };
}

/** Whether a layer is what `value[...]` became. */
function takesParts({ class_name: className, module }: z.infer<typeof layerSchema>): boolean {
  return className === "SlicingOpLambda" || (className === "GetItem" && operationModule.test(module ?? ""));
}

/** What a call reads that is not read here. */
class UnreadInput extends Error {}

/** What one call reads, in either of Keras's spellings. */
function references(node: unknown): CallInput[] {
  const call = callSchema.safeParse(node);
  if (call.success)
    return call.data.args.flatMap((value) => (numbersOf(value) === undefined && Array.isArray(value) ? value : [value])).map(toInput);
  if (!Array.isArray(node)) return [];
  const isOne = tupleSchema.safeParse(node).success || constantSchema.safeParse(node).success;
  return (isOne ? [node, ...secondOperand(node[3])] : node).map(toInput);
}

/** A value, and what of it is taken. */
function partReferences(node: unknown): CallInput[] {
  const call = callSchema.safeParse(node);
  if (call.success) return [toInput(call.data.args[0]), toParts(call.data.args[1])];
  const written = tupleSchema.safeParse(Array.isArray(node) && Array.isArray(node[0]) ? node[0] : node);
  const settings = z.object({ slice_spec: z.unknown() }).safeParse(written.data?.[3]);
  return [toInput(written.data), toParts(settings.data?.slice_spec)];
}

function toParts(value: unknown): WrittenParts {
  const parts = partsSchema.safeParse(value);
  if (!parts.success) throw new UnreadInput(`the part ${JSON.stringify(value ?? null).slice(0, 80)}`);
  return { parts: parts.data };
}

/** Keras 2: of a function of TensorFlow it stands among the settings. */
function secondOperand(settings: unknown): unknown[] {
  if (typeof settings !== "object" || settings === null) return [];
  if ("y" in settings) return [settings.y];
  if (!("bias" in settings)) return [];
  if ("data_format" in settings && settings.data_format === "NCHW") throw new UnreadInput('a bias along "NCHW"');
  return [settings.bias];
}

function toInput(value: unknown): CallInput {
  const tensor = tensorSchema.safeParse(value);
  const constant = constantSchema.safeParse(value);
  const array = arraySchema.safeParse(value);
  const numbers = numbersOf(constant.success ? constant.data[2] : array.success ? array.data.config.value : value);
  if (numbers !== undefined) return { numbers };
  const reference = tupleSchema.safeParse(tensor.success ? tensor.data.config.keras_history : value);
  if (!reference.success) throw new UnreadInput(JSON.stringify(value ?? null).slice(0, 80));
  return toReference(reference.data);
}

/** What is added to pictures has four axes at most. */
const mostAxes = 8;

/** A number, or numbers in lists of one length in lists; undefined for everything else. */
function numbersOf(value: unknown): Float32Tensor | undefined {
  const shape: number[] = [];
  let numbers: readonly unknown[] = [value];
  // From outside in, as long as everything is a list as long as the first one.
  while (Array.isArray(numbers[0]) && shape.length < mostAxes) {
    const size = numbers[0].length;
    if (!numbers.every((part) => Array.isArray(part) && part.length === size)) return undefined;
    shape.push(size);
    numbers = numbers.flat();
  }
  return numbers.length > 0 && numbers.every((each) => typeof each === "number")
    ? float32Tensor(shape, Float32Array.from(numbers))
    : undefined;
}

/** One end of a model is written as a list of three, several as a list of such lists. */
function ends(list: readonly unknown[]): ValueReference[] {
  return tupleSchema.safeParse(list).success ? [toReference(list)] : list.map(toReference);
}

function toReference(value: unknown): ValueReference {
  const parsed = tupleSchema.safeParse(value);
  if (!parsed.success) throw invalid(`what a layer reads cannot be read: ${JSON.stringify(value)?.slice(0, 80)}`);
  const [layer, call, output] = parsed.data;
  return { layer, call, output };
}

function invalid(reason: string): TensorFaceError {
  return new TensorFaceError("TF_GRAPH_INVALID", reason);
}
