import { basename } from "node:path";
import { TensorFaceError } from "../core/index.ts";
import { readRegularFile } from "../files/files.node.ts";
import { type ImportOptions, importTensorFlow, readGraphDef } from "../graph/tensorflow/index.ts";
import type { ForeignInput, ForeignNetwork } from "./foreign-network.ts";
import { maximumModelBytes } from "./limits.ts";
import { describeGraph } from "./tensorflow-js.ts";

/** Where a frozen graph begins and ends. */
export interface GraphDefOptions {
  /** The node that takes the picture. @default the file's own, where it is one of the known networks, or its placeholder */
  readonly inputNode?: string | undefined;
  /** The node of the class scores. @default the one that no other node reads */
  readonly outputNode?: string | undefined;
}

/** A frozen graph that everybody uses, found by its nodes. */
interface KnownGraph {
  readonly input: NonNullable<ImportOptions["input"]>;
  readonly output: string;
  readonly described: ForeignInput;
  readonly name: string;
}

/**
 * `classify_image_graph_def.pb` of December 2015: Inception V3 with its features in `pool_3/_reshape`. What stands before `Mul` decodes
 * and resizes a JPEG; `Mul` itself is `(pixel - 128) / 128`, which is done outside here, as retrain.py did from 2017 on.
 */
const inception2015: KnownGraph = {
  input: { node: "Mul", name: "input", shape: ["N", 299, 299, 3] },
  output: "softmax",
  described: { width: 299, height: 299, colour: "rgb", mean: [128, 128, 128], standardDeviation: [128, 128, 128], fit: "stretch" },
  name: "inception-2015",
};

/** `inception_v3_2016_08_28_frozen.pb`: the same architecture from TensorFlow's slim models, for values from 0 to 1. */
const inception2016: KnownGraph = {
  input: { node: "input", shape: ["N", 299, 299, 3] },
  output: "InceptionV3/Predictions/Reshape_1",
  described: { width: 299, height: 299, colour: "rgb", mean: [0, 0, 0], standardDeviation: [255, 255, 255], fit: "stretch" },
  name: "inception-2016",
};

/**
 * A frozen TensorFlow graph, `.pb`.
 * @throws {TF_INPUT_NOT_FOUND | TF_INPUT_UNREADABLE | TF_INPUT_TOO_LARGE} when the file cannot be read
 * @throws {TF_GRAPH_INVALID | TF_GRAPH_UNSUPPORTED_OP} when it is no such graph, or does something that has no rule
 */
export async function readGraphDefFile(path: string, { inputNode, outputNode }: GraphDefOptions = {}): Promise<ForeignNetwork> {
  const source = readGraphDef(await readRegularFile(path, { maxBytes: maximumModelBytes }));
  const names = new Set(source.nodes.map(({ name }) => name));
  if (names.size === 0) throw new TensorFaceError("TF_GRAPH_INVALID", `"${path}" holds no TensorFlow graph`);
  const missing = [inputNode, outputNode].find((name) => name !== undefined && !names.has(name));
  if (missing !== undefined) throw new TensorFaceError("TF_GRAPH_INVALID", `the graph has no node "${missing}"`);
  const known = [inception2015, inception2016].find(({ input, output }) => names.has(output) && names.has(input.node));
  const input = inputNode === undefined ? known?.input : { node: inputNode };
  const output = outputNode ?? known?.output;
  const graph = importTensorFlow(source, {
    ...(input === undefined ? {} : { input }),
    ...(output === undefined ? {} : { outputs: { scores: output } }),
  });
  if (graph.outputs.length !== 1) throw severalEnds(graph.outputs.map(({ name }) => name));
  const described = describeGraph(graph, { format: "frozen TensorFlow graph", name: known?.name ?? basename(path, ".pb") });
  return inputNode === undefined && known !== undefined ? { ...described, input: known.described } : described;
}

function severalEnds(names: readonly string[]): TensorFaceError {
  return new TensorFaceError("TF_GRAPH_INVALID", `the graph ends at ${names.length} nodes: ${names.slice(0, 5).join(", ")}`, {
    hint: "Say which one gives the scores: --output-node NAME.",
  });
}
