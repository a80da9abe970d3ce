import { z } from "zod";
import { type Tensor, TensorFaceError } from "../../core/index.ts";
import type { TensorFlowGraph } from "../tensorflow/graph-model.ts";
import type { TensorFlowNode } from "../tensorflow/node.ts";
import { attributes, type LayerCall, type LayerRule, unsupported } from "./layer.ts";
import { layerRules, operationRules } from "./rules.ts";
import type { Layer, LayersTopology, ValueReference } from "./topology.ts";
import { type FindWeight, type LayerPath, type WeightSource, weightsByLayer } from "./weights.ts";

/** A Keras model as TensorFlow's operations, and where to find things in them. */
export interface LoweredModel {
  readonly graph: TensorFlowGraph;
  /** The node of each output of the model, in their order. */
  readonly outputs: readonly string[];
  /** The node of each layer's first output, by the layer's name; layers of models inside it by their own names too. */
  readonly layers: ReadonlyMap<string, string>;
}

/**
 * Writes the layers of a Keras model as the operations that TensorFlow runs for them, without those of training. The importer
 * of TensorFlow's graphs reads the result.
 * @param weights by name, `layer/weight`, or behind the names of the models around it; quantised ones already as float32
 * @throws {TF_GRAPH_UNSUPPORTED_OP} for a layer or a setting without a rule, which it names
 * @throws {TF_GRAPH_INVALID} for a layer without its weights, circles and missing layers
 */
export function lowerLayers(
  topology: LayersTopology,
  weights: Iterable<readonly [string, WeightSource]>,
  { kerasVersion = 2, savedByTensorFlowJs = false }: LowerOptions = {},
): LoweredModel {
  const target = { ...createTarget(weightsByLayer(weights)), kerasVersion, savedByTensorFlowJs };
  const outputs = lowerModel(target, topology, { given: undefined, within: [] });
  return { graph: { nodes: target.nodes, weights: target.constants }, outputs, layers: target.layers };
}

export interface LowerOptions {
  /** The major version of the Keras that saved the model. @default 2 */
  readonly kerasVersion?: number | undefined;
  /** Whether it was TensorFlow.js that saved the model. @default false */
  readonly savedByTensorFlowJs?: boolean;
}

interface LoweringTarget extends Pick<LayerCall, "kerasVersion" | "savedByTensorFlowJs"> {
  readonly nodes: TensorFlowNode[];
  readonly constants: Map<string, Tensor>;
  readonly layers: Map<string, string>;
  readonly weight: FindWeight;
  /** A name nobody has yet. */
  readonly unique: (wish: string) => string;
}

function createTarget(weight: LoweringTarget["weight"]): Omit<LoweringTarget, "kerasVersion" | "savedByTensorFlowJs"> {
  const taken = new Set<string>();
  const unique = (wish: string): string => {
    let name = wish;
    for (let count = 1; taken.has(name); count++) name = `${wish}_${count}`;
    taken.add(name);
    return name;
  };
  return { nodes: [], constants: new Map(), layers: new Map(), weight, unique };
}

/** Where a model stands. */
interface Surroundings {
  /** The nodes that a model inside another one reads; undefined for the outermost, whose inputs become placeholders. */
  readonly given: readonly string[] | undefined;
  /** The names of the models around its layers, without the outermost. */
  readonly within: readonly string[];
}

/** The nodes of the model's outputs. */
function lowerModel(target: LoweringTarget, model: LayersTopology, { given, within }: Surroundings): readonly string[] {
  const layers = new Map(model.layers.map((layer) => [layer.name, layer]));
  const done = new Map<string, readonly string[]>();
  const open = new Set<string>();
  const first = firstCalls(model);
  const firstCall = ({ name, model: inner }: Layer): number => (inner === undefined ? 0 : (first.get(name) ?? 0));

  const valueOf = ({ layer: name, call, output }: ValueReference): string => {
    const node = outputsOf(name, call)[output];
    if (node === undefined) throw new TensorFaceError("TF_GRAPH_INVALID", `layer "${name}" has no output ${output}`);
    return node;
  };
  const outputsOf = (name: string, call: number): readonly string[] => {
    const key = `${call} ${name}`;
    const known = done.get(key);
    if (known !== undefined) return known;
    const layer = layers.get(name);
    if (layer === undefined) throw new TensorFaceError("TF_GRAPH_INVALID", `the model has no layer "${name}"`);
    if (open.has(key)) throw new TensorFaceError("TF_GRAPH_INVALID", `layer "${name}" depends on itself`);
    open.add(key);
    const result = lowerCall(layer, call);
    open.delete(key);
    done.set(key, result);
    if (call === firstCall(layer)) target.layers.set(name, result[0]!);
    return result;
  };
  const lowerCall = (layer: Layer, call: number): readonly string[] => {
    if (layer.className === "InputLayer") return [inputNode(layer)];
    const reads = layer.calls[call - firstCall(layer)];
    if (reads === undefined) throw new TensorFaceError("TF_GRAPH_INVALID", `layer "${layer.name}" is not called ${call + 1} times`);
    const inputs = reads.flatMap((read) => {
      if ("parts" in read) return [];
      return ["numbers" in read ? addConstant(target, `${layer.name}/Const`, read.numbers) : valueOf(read)];
    });
    const path = [...within, layer.name] as const;
    return layer.model === undefined
      ? [lowerLayer(target, layer, path, { inputs, parts: reads.find((read) => "parts" in read)?.parts })]
      : lowerModel(target, layer.model, { given: inputs, within: path });
  };
  const inputNode = (layer: Layer): string => {
    const place = model.inputs.findIndex(({ layer: name }) => name === layer.name);
    if (given === undefined) return addPlaceholder(target, layer);
    const node = given[place];
    if (node === undefined) throw new TensorFaceError("TF_GRAPH_INVALID", `model "${model.name}" is called without its input ${place}`);
    return node;
  };
  return model.outputs.map(valueOf);
}

/**
 * The number of each layer's first call. A model inside another one has been called before, when it was made: its calls here are
 * numbered from 1 in most files.
 */
function firstCalls(model: LayersTopology): ReadonlyMap<string, number> {
  const first = new Map<string, number>();
  const read = model.layers.flatMap(({ calls }) => calls.flat().flatMap((input) => ("layer" in input ? [input] : [])));
  const references = [...read, ...model.outputs];
  for (const { layer, call } of references) first.set(layer, Math.min(call, first.get(layer) ?? call));
  return first;
}

function addConstant({ nodes, constants, unique }: LoweringTarget, wish: string, tensor: Tensor): string {
  const name = unique(wish);
  nodes.push({ name, op: "Const", inputs: [], attributes: new Map() });
  constants.set(name, tensor);
  return name;
}

const shapeSchema = z.array(z.int().nullable());

function addPlaceholder(target: LoweringTarget, { name, config }: Layer): string {
  const parsed = shapeSchema.safeParse(config["batch_input_shape"] ?? config["batch_shape"]);
  const sizes = parsed.success ? parsed.data.map((size) => size ?? -1) : undefined;
  const node = target.unique(name);
  target.nodes.push({
    name: node,
    op: "Placeholder",
    inputs: [],
    attributes: new Map(sizes === undefined ? [] : [["shape", attributes.shape([-1, ...sizes.slice(1)])]]),
  });
  return node;
}

// eslint-disable-next-line max-params -- where to, what, where it stands, of what
function lowerLayer(target: LoweringTarget, layer: Layer, path: LayerPath, reads: Pick<LayerCall, "inputs" | "parts">): string {
  const rule = ruleOf(layer);
  if (rule === undefined) throw unsupported({ layer }, "the importer has no rule for this layer");
  const call: LayerCall = {
    kerasVersion: target.kerasVersion,
    savedByTensorFlowJs: target.savedByTensorFlowJs,
    layer,
    ...reads,
    weight: (name) => target.weight(path, name),
    add: (op, inputs, settings = {}) => {
      const name = target.unique(`${layer.name}/${op}`);
      target.nodes.push({ name, op, inputs, attributes: new Map(Object.entries(settings)) });
      return name;
    },
    constant: (tensor) => addConstant(target, `${layer.name}/Const`, tensor),
  };
  return rule(call);
}

function ruleOf({ className, isOperation }: Layer): LayerRule | undefined {
  const rules = isOperation ? operationRules : layerRules;
  return Object.hasOwn(rules, className) ? rules[className] : undefined;
}
