import { basename } from "node:path";
import { isTensorFaceError, TensorFaceError } from "../core/index.ts";
import { readRegularFile } from "../files/files.node.ts";
import { type ImportOptions, importTensorFlow, nodeOf, readGraphDef, type TensorFlowGraph } from "../graph/tensorflow/index.ts";
import type { ForeignInput, ForeignNetwork } from "./foreign-network.ts";
import { maximumModelBytes } from "./limits.ts";
import { describeGraph } from "./tensorflow-js.ts";

/** Where a frozen graph begins and ends, and which output of an ONNX file counts. */
export interface GraphDefOptions {
  /** The node that takes the picture; as below, TensorFlow's name of a node's first output, `NODE:0`, does too. @default the file's own, where it is one of the known networks, or its placeholder */
  readonly inputNode?: string | undefined;
  /** The node, or of an ONNX file the output, of the class scores. @default the one that no other node reads; the only one, or `logits` */
  readonly outputNode?: string | undefined;
}

/** A frozen graph that everybody uses, found by its nodes. */
interface KnownGraph {
  readonly input: NonNullable<ImportOptions["input"]>;
  readonly output: string;
  /** What the last layers read: left where others were put in their place, as retrain.py does. */
  readonly features?: string;
  readonly described: ForeignInput;
  readonly name: string;
  /** Another node at which pictures are fed. */
  readonly other?: Pick<KnownGraph, "input" | "described">;
}

/**
 * `classify_image_graph_def.pb` of December 2015: Inception V3 with its features in `pool_3/_reshape`. What stands before `Mul` decodes
 * and resizes a JPEG; `Mul` itself is `(pixel - 128) / 128`, which is done outside here, as retrain.py did from 2017 on.
 */
const inception2015: KnownGraph = {
  input: { node: "Mul", name: "input", shape: ["N", 299, 299, 3] },
  output: "softmax",
  features: "pool_3/_reshape",
  described: { width: 299, height: 299, colour: "rgb", mean: [128, 128, 128], standardDeviation: [128, 128, 128], fit: "stretch" },
  name: "inception-2015",
  // Where retrain.py fed in 2016: the graph centres the pixels itself.
  other: {
    input: { node: "ResizeBilinear", name: "input", shape: ["N", 299, 299, 3] },
    described: { width: 299, height: 299, colour: "rgb", mean: [0, 0, 0], standardDeviation: [1, 1, 1], fit: "stretch" },
  },
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
export async function readGraphDefFile(path: string, options: GraphDefOptions = {}): Promise<ForeignNetwork> {
  const [inputNode, outputNode] = [options.inputNode, options.outputNode].map((name) => (name === undefined ? undefined : nodeOf(name)));
  const source = parseGraph(await readRegularFile(path, { maxBytes: maximumModelBytes }), path);
  const names = new Set(source.nodes.map(({ name }) => name));
  const missing = [inputNode, outputNode].find((name) => name !== undefined && !names.has(name));
  if (missing !== undefined) throw new TensorFaceError("TF_GRAPH_INVALID", `the graph has no node "${missing}"`);
  const known = [inception2015, inception2016].find(
    ({ input, output, features = output }) => names.has(input.node) && (names.has(output) || names.has(features)),
  );
  const isWhole = known !== undefined && names.has(known.output);
  const fed = known?.other !== undefined && inputNode === known.other.input.node ? known.other : known;
  const isKnownInput = inputNode === undefined || inputNode === fed?.input.node;
  const input = isKnownInput ? fed?.input : { node: inputNode };
  const output = outputNode ?? (isWhole ? known.output : undefined);
  const graph = importTensorFlow(source, {
    ...(input === undefined ? {} : { input }),
    ...(output === undefined ? {} : { outputs: { scores: output } }),
  });
  if (graph.outputs.length !== 1) throw severalEnds(graph.outputs.map(({ name }) => name));
  const described = describeGraph(graph, { format: "frozen TensorFlow graph", name: isWhole ? known.name : basename(path, ".pb") });
  return isKnownInput && fed !== undefined ? { ...described, input: fed.described } : described;
}

/** @throws {TF_GRAPH_INVALID} for bytes that are no graph, or a part of one */
function parseGraph(bytes: Uint8Array, path: string): TensorFlowGraph {
  const refused = (reason: string, cause?: unknown): TensorFaceError =>
    new TensorFaceError("TF_GRAPH_INVALID", `"${path}" is no frozen TensorFlow graph: ${reason}`, {
      hint: "Copy the file again, or name another: a frozen graph has its weights inside, and one of a SavedModel or a checkpoint does not do.",
      cause,
    });
  try {
    const graph = readGraphDef(bytes);
    if (graph.nodes.length > 0) return graph;
  } catch (error) {
    if (!isTensorFaceError(error, "TF_GRAPH_INVALID")) throw error;
    throw refused(error.message, error);
  }
  throw refused("it has no nodes");
}

function severalEnds(names: readonly string[]): TensorFaceError {
  return new TensorFaceError("TF_GRAPH_INVALID", `the graph ends at ${names.length} nodes: ${names.slice(0, 5).join(", ")}`, {
    hint: "Say which one gives the scores: --output-node NAME.",
  });
}
