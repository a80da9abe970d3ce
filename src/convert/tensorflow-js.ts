import { z } from "zod";
import { TensorFaceError } from "../core/index.ts";
import type { Graph } from "../graph/index.ts";
import { readLayersModel } from "../graph/keras/index.ts";
import { importTensorFlow, readGraphModel } from "../graph/tensorflow/index.ts";
import type { ForeignInput, ForeignNetwork } from "./foreign-network.ts";
import { activationOf, featuresBefore } from "./last-layers.ts";
import { asPictureGraph } from "./picture-graph.ts";

/** What the names in a converted network are. */
const outputName = "scores";

const modelSchema = z.object({ modelTopology: z.object({ node: z.array(z.unknown()).optional() }) });

/** The paths of the weight files that a `model.json` names, in the order in which they are joined. */
export function weightPaths(model: unknown): string[] {
  const manifest = z.object({ weightsManifest: z.array(z.object({ paths: z.array(z.string()) })) }).safeParse(model);
  if (!manifest.success) throw new TensorFaceError("TF_GRAPH_INVALID", "the file is no model.json of TensorFlow.js: it names no weights");
  return manifest.data.weightsManifest.flatMap(({ paths }) => paths);
}

/**
 * A network that TensorFlow.js saved: a layers model or a graph model.
 * @param model the parsed `model.json`
 * @param weights its weight files, joined in the order of {@link weightPaths}
 * @throws {TF_GRAPH_UNSUPPORTED_OP | TF_GRAPH_INVALID} as the importers do
 */
export function readTensorFlowJs(model: unknown, weights: Uint8Array, about: Pick<ForeignNetwork, "name">): ForeignNetwork {
  const parsed = modelSchema.safeParse(model);
  if (!parsed.success) throw new TensorFaceError("TF_GRAPH_INVALID", "the file is no model.json of TensorFlow.js: it has no topology");
  const isGraph = parsed.data.modelTopology.node !== undefined;
  const graph = isGraph ? oneOutput(importTensorFlow(readGraphModel(model, weights))) : convertLayers(model, weights);
  const format = isGraph ? "TensorFlow.js graph model" : "TensorFlow.js layers model";
  return describeGraph(graph, { ...about, format });
}

function convertLayers(model: unknown, weights: Uint8Array): Graph {
  const { graph, outputs } = readLayersModel(model, weights);
  const [output, ...others] = outputs;
  if (output === undefined || others.length > 0) throw severalOutputs(outputs);
  return importTensorFlow(graph, { outputs: { [outputName]: output } });
}

function oneOutput(graph: Graph): Graph {
  if (graph.outputs.length !== 1) throw severalOutputs(graph.outputs.map(({ name }) => name));
  return graph;
}

function severalOutputs(outputs: readonly string[]): TensorFaceError {
  return new TensorFaceError("TF_GRAPH_UNSUPPORTED_OP", `the network has ${outputs.length} outputs (${outputs.join(", ")}); one is read`);
}

/**
 * A converted graph with what can be read off it: sizes, features, and whether its scores are probabilities.
 * @param asked the output of the scores. @default the only one, `logits` where there is one of that name, else the first
 */
export function describeGraph(read: Graph, about: Pick<ForeignNetwork, "format" | "name">, asked?: string): ForeignNetwork {
  const graph = asPictureGraph(read);
  const output = asked ?? graph.outputs.find(({ name }) => name === "logits")?.name ?? graph.outputs[0]!.name;
  return {
    ...about,
    graph,
    output,
    features: featuresBefore(graph, output),
    input: inputSizes(graph),
    labels: undefined,
    activation: activationOf(graph, output),
    licence: undefined,
  };
}

/** @throws {TF_GRAPH_INVALID} for a graph that does not read one picture */
export function inputSizes({ inputs }: Graph): ForeignInput {
  const [input, ...others] = inputs;
  if (input === undefined || others.length > 0 || input.shape.length !== 4) {
    const found = inputs.map(({ name, shape }) => `${name} [${shape.join(", ")}]`).join(" and ");
    throw new TensorFaceError("TF_GRAPH_INVALID", `the network should read one picture, [N, channels, height, width]; it reads ${found}`);
  }
  const [, channels, height, width] = input.shape;
  return {
    ...(typeof height === "number" && typeof width === "number" ? { width, height } : {}),
    ...(channels === 1 ? { colour: "grey" as const } : {}),
  };
}
