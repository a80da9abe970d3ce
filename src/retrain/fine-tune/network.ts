import { elementCount, type Float32Tensor, float32Tensor, isTensorFaceError, TensorFaceError } from "../../core/index.ts";
import { largestDeviation, type LinearHead } from "../../features/index.ts";
import { attribute, createGraphBuilder, type Graph, type GraphBuilder, type GraphNode } from "../../graph/index.ts";
import { expandConstants } from "../../graph/optimize/index.ts";
import { channelCount } from "../../image/index.ts";
import type { NetworkInput } from "../../models/index.ts";
import type { Parameter, Weights } from "../../train/network/index.ts";
import { buildStepGraph, parameterState, stepNames, type WrittenNetwork } from "../../train/step/index.ts";
import type { Backbone } from "../backbone.ts";
import type { Targets } from "../head/targets.ts";
import { headName, lossFor, type NumberScale } from "../loss-targets.ts";

/** Layers with weights that are learnt on, counted from the features back along each branch: the last three blocks of most networks. */
const learntLayers = 6;
const layersWithWeights: ReadonlySet<string> = new Set(["Conv", "Gemm", "MatMul"]);

/** Names of the head's parameters. */
const headNames = {
  weights: "head.weights",
  bias: "head.bias",
  hiddenWeights: "head.hidden.weights",
  hiddenBias: "head.hidden.bias",
} as const;

/** A backbone of which the last layers are learnt, with its head. */
export interface TunableNetwork extends WrittenNetwork {
  /** The backbone and head with other weights. */
  readonly withWeights: (weights: Weights) => { readonly backbone: Backbone; readonly head: LinearHead };
}

/**
 * The backbone's last layers and the head as something that is learnt together. Numbers are learnt at mean 0 and deviation 1.
 * @throws {TF_GRAPH_UNSUPPORTED_OP} naming the operation when its last layers cannot be learnt
 */
export function tunableNetwork(backbone: Backbone, head: LinearHead, scale: NumberScale): TunableNetwork {
  const graph = expandConstants(backbone.graph);
  const learnt = lastWeights(graph);
  if (learnt.size === 0) {
    throw new TensorFaceError(
      "TF_GRAPH_UNSUPPORTED_OP",
      `"${backbone.id}" has no last layers whose weights are constants: nothing of it can be learnt`,
    );
  }
  const parameters = [
    ...[...learnt].map(([name, tensor]): Parameter => ({ name, initial: tensor, decayed: tensor.shape.length > 1 })),
    ...headParameters(head, scale),
  ];
  return {
    parameters,
    statistics: [],
    outputs: { [headName]: head.outputs },
    forward: (batchSize) => writeForward({ graph, input: backbone.input, head, learnt, batchSize }),
    withWeights: (weights) => {
      const initializers = new Map([...graph.initializers].map(([name, tensor]) => [name, learnt.has(name) ? weights.get(name)! : tensor]));
      return { backbone: { ...backbone, graph: { ...graph, initializers } }, head: headOf(head, weights, scale) };
    },
  };
}

/** Whether a backbone's last layers can be learnt, before hours are spent. @throws {TF_GRAPH_UNSUPPORTED_OP} naming the operation */
export function requireTunable(backbone: Backbone): void {
  const { columns } = backbone;
  const targets: Targets = { kind: "classes", labels: 2, classes: new Int32Array(1) };
  const head: LinearHead = {
    columns,
    outputs: 2,
    scaling: { mean: new Float32Array(columns), inverse: new Float32Array(columns).fill(1) },
    weights: new Float32Array(2 * columns),
    bias: new Float32Array(2),
  };
  try {
    buildStepGraph(tunableNetwork(backbone, head, { mean: 0, deviation: 1 }), [lossFor(targets)], { kind: "adamw" }, { batchSize: 2 });
  } catch (error) {
    if (!(error instanceof TensorFaceError) || error.code !== "TF_GRAPH_UNSUPPORTED_OP") throw error;
    throw new TensorFaceError(error.code, `"${backbone.id}" cannot be fine-tuned: ${error.message}`, {
      cause: error,
      hint: "Leave --fine-tune out, or name another network with --backbone.",
    });
  }
}

/**
 * Of networks that nobody named, those whose last layers can be learnt; where somebody named them, each has to be.
 * @throws {TF_GRAPH_UNSUPPORTED_OP} naming the operation
 */
export function tunableOf(networks: readonly Backbone[], areNamed: boolean): readonly Backbone[] {
  return networks.filter((network) => {
    try {
      requireTunable(network);
      return true;
    } catch (error) {
      if (areNamed || !isTensorFaceError(error, "TF_GRAPH_UNSUPPORTED_OP")) throw error;
      return false;
    }
  });
}

/** The constants of the last layers, by name. */
function lastWeights({ nodes, outputs, initializers }: Graph): ReadonlyMap<string, Float32Tensor> {
  // How many layers with weights lie behind a value, on the longest way.
  const depths = new Map(outputs.map(({ name }) => [name, 0]));
  const learnt = new Map<string, Float32Tensor>();
  for (const node of nodes.toReversed()) {
    const depth = Math.max(...node.outputs.map((output) => depths.get(output) ?? -1));
    if (depth < 0) continue;
    const isLayer = layersWithWeights.has(node.op);
    if (isLayer && depth < learntLayers) for (const [name, tensor] of weightsOf(node, initializers)) learnt.set(name, tensor);
    for (const input of node.inputs) depths.set(input, Math.max(depths.get(input) ?? 0, depth + Number(isLayer)));
  }
  return new Map([...learnt].toReversed());
}

/** Where one of the two is no constant of the graph: nothing. */
function weightsOf({ inputs }: GraphNode, initializers: Graph["initializers"]): readonly (readonly [string, Float32Tensor])[] {
  const [, ...constants] = inputs;
  return constants.flatMap((name) => {
    const tensor = initializers.get(name);
    return tensor?.type === "float32" && elementCount(tensor.shape) > 0 ? [[name, tensor] as const] : [];
  });
}

function headParameters({ columns, outputs, weights, bias, hidden }: LinearHead, { mean, deviation }: NumberScale): Parameter[] {
  const width = hidden?.units ?? columns;
  return [
    ...(hidden === undefined
      ? []
      : [
          { name: headNames.hiddenWeights, initial: float32Tensor([hidden.units, columns], hidden.weights.slice()), decayed: true },
          { name: headNames.hiddenBias, initial: float32Tensor([hidden.units], hidden.bias.slice()), decayed: false },
        ]),
    {
      name: headNames.weights,
      initial: float32Tensor(
        [outputs, width],
        weights.map((value) => value / deviation),
      ),
      decayed: true,
    },
    {
      name: headNames.bias,
      initial: float32Tensor(
        [outputs],
        bias.map((value) => (value - mean) / deviation),
      ),
      decayed: false,
    },
  ];
}

function headOf(head: LinearHead, weights: Weights, { mean, deviation }: NumberScale): LinearHead {
  const read = (name: string): Float32Array => weights.get(name)!.data;
  return {
    ...head,
    weights: read(headNames.weights).map((value) => value * deviation),
    bias: read(headNames.bias).map((value) => value * deviation + mean),
    ...(head.hidden && {
      hidden: { units: head.hidden.units, weights: read(headNames.hiddenWeights).slice(), bias: read(headNames.hiddenBias).slice() },
    }),
  };
}

interface ForwardOptions {
  readonly graph: Graph;
  readonly input: NetworkInput;
  readonly head: LinearHead;
  readonly learnt: ReadonlyMap<string, unknown>;
  readonly batchSize: number;
}

/** Pictures come as bytes, `[N, channels, height, width]`, channels as the network wants them. */
function writeForward({ graph, input, head, learnt, batchSize }: ForwardOptions): ReturnType<WrittenNetwork["forward"]> {
  const builder = createGraphBuilder("forward");
  const channels = channelCount(input);
  const bytes = builder.input(stepNames.input, [batchSize, channels, input.height, input.width], "uint8");
  const each = (values: readonly number[]): string =>
    builder.constant(
      float32Tensor(
        [1, channels, 1, 1],
        Float32Array.from({ length: channels }, (_, channel) => values[channel] ?? values[0]!),
      ),
    );
  const pixels = builder.op("Cast", [bytes], { to: attribute.int(1) });
  const normal = builder.op("Div", [builder.op("Sub", [pixels, each(input.mean)]), each(input.standardDeviation)]);
  const names = new Map([
    ["", ""],
    [graph.inputs[0]!.name, normal],
  ]);
  for (const [name, tensor] of graph.initializers)
    names.set(name, learnt.has(name) ? builder.input(parameterState(name), tensor.shape) : builder.constant(tensor, name));
  for (const node of graph.nodes) addRenamed(builder, node, names);
  const logits = addHead(builder, names.get(graph.outputs[0]!.name)!, head);
  return { graph: builder.build(), logits: new Map([[headName, logits]]) };
}

function addRenamed(builder: GraphBuilder, node: GraphNode, names: Map<string, string>): void {
  for (const output of node.outputs) if (output !== "") names.set(output, builder.unique(`network ${output}`));
  const rename = (name: string): string => names.get(name)!;
  builder.node({ ...node, name: builder.unique(`node ${node.name}`), inputs: node.inputs.map(rename), outputs: node.outputs.map(rename) });
}

function addHead(builder: GraphBuilder, features: string, { columns, outputs, scaling, hidden }: LinearHead): string {
  const constant = (values: Float32Array): string => builder.constant(float32Tensor([columns], values));
  const scaled = builder.op("Mul", [builder.op("Sub", [features, constant(scaling.mean)]), constant(scaling.inverse)]);
  const bounded = builder.op("Clip", [scaled, builder.scalar(-largestDeviation), builder.scalar(largestDeviation)]);
  const layer = (values: string, sizes: readonly [number, number], weights: string, bias: string): string =>
    builder.op("Gemm", [values, builder.input(parameterState(weights), sizes), builder.input(parameterState(bias), [sizes[0]])], {
      transB: attribute.int(1),
    });
  if (hidden === undefined) return layer(bounded, [outputs, columns], headNames.weights, headNames.bias);
  const units = builder.op("Relu", [layer(bounded, [hidden.units, columns], headNames.hiddenWeights, headNames.hiddenBias)]);
  return layer(units, [outputs, hidden.units], headNames.weights, headNames.bias);
}
