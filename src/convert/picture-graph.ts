import { isTensorFaceError } from "../core/index.ts";
import { attribute, type Dimension, type Graph, type GraphNode, inferShapes } from "../graph/index.ts";

/** Sizes that count channels of a picture: grey ones and coloured ones. */
const channelCounts: readonly Dimension[] = [1, 3];

/**
 * A network of pictures in the form that is worked with here: any number of pictures at once, channels first. What comes from Keras or
 * TensorFlow has its channels last at times, and exporters fix the batch of the example that they were given. A graph that reads
 * something else stays as it is.
 */
export function asPictureGraph(graph: Graph): Graph {
  return withFreeBatch(withChannelsFirst(graph));
}

export interface PictureSize {
  readonly width: number;
  readonly height: number;
}

/**
 * A network that takes pictures of another size, and sees of each its middle as the network did that it is made of.
 * @param graph reads one picture, `[N, channels, height, width]`
 * @param whole of the pictures that are given, in pixels
 * @param middle what is seen of them, not larger; of an odd rest, the larger half is below and to the right
 */
export function seeingMiddle(graph: Graph, whole: PictureSize, middle: PictureSize): Graph {
  const [input] = graph.inputs;
  const [batch, channels] = input!.shape;
  const starts = [(whole.height - middle.height) >> 1, (whole.width - middle.width) >> 1];
  const name = unusedName(graph, `${input!.name} middle`);
  const initializers = new Map(graph.initializers);
  const constant = (what: string, values: readonly number[]): string => {
    const written = unusedName(graph, `${name} ${what}`);
    initializers.set(written, { type: "int64", shape: [values.length], data: BigInt64Array.from(values, BigInt) });
    return written;
  };
  const ends = [starts[0]! + middle.height, starts[1]! + middle.width];
  const inputs = [input!.name, constant("starts", starts), constant("ends", ends), constant("axes", [2, 3])];
  const cut: GraphNode = { name, op: "Slice", inputs, outputs: [name], attributes: {} };
  const nodes = [cut, ...reading(graph, input!.name, name)];
  return { ...graph, inputs: [{ ...input!, shape: [batch!, channels!, whole.height, whole.width] }], nodes, initializers };
}

/** The nodes, with what read one value reading another one. */
function reading({ nodes }: Graph, before: string, after: string): GraphNode[] {
  return nodes.map((node) => ({ ...node, inputs: node.inputs.map((name) => (name === before ? after : name)) }));
}

/** A name that no value and no node has. */
function unusedName(graph: Graph, wanted: string): string {
  const taken = new Set([...graph.initializers.keys(), ...graph.nodes.flatMap(({ name, outputs }) => [name, ...outputs])]);
  let name = wanted;
  while (taken.has(name)) name += "'";
  return name;
}

/** `[N, height, width, channels]`, where nothing else can be meant. */
function withChannelsFirst(graph: Graph): Graph {
  const [input, ...others] = graph.inputs;
  if (input?.shape.length !== 4 || others.length > 0) return graph;
  const [batch, height, width, channels] = input.shape;
  if (!channelCounts.includes(channels!) || channelCounts.includes(height!)) return graph;
  const turned = unusedName(graph, `${input.name} channels last`);
  const turn = {
    name: turned,
    op: "Transpose",
    inputs: [input.name],
    outputs: [turned],
    attributes: { perm: attribute.ints([0, 2, 3, 1]) },
  };
  const nodes = [turn, ...reading(graph, input.name, turned)];
  return { ...graph, inputs: [{ ...input, shape: [batch!, channels!, height!, width!] }], nodes };
}

/**
 * Takes a batch that is fixed to one for one of any size. Where values are written in another shape that begins with 1, that is the batch
 * too: whether the network then answers each picture as it would alone is for the engine to say.
 */
function withFreeBatch(graph: Graph): Graph {
  const [input, ...others] = graph.inputs;
  if (input?.shape.length !== 4 || input.shape[0] !== 1 || others.length > 0) return graph;
  const initializers = new Map(graph.initializers);
  const keepsBatch = batchKeepers(graph);
  const nodes = graph.nodes.map((node): GraphNode => {
    const target = keepsBatch(node);
    if (target === undefined) return node;
    const name = `${node.outputs[0]!}/batch kept`;
    initializers.set(name, { type: "int64", shape: [target.length], data: BigInt64Array.from([0, ...target.slice(1)], BigInt) });
    return { ...node, inputs: [node.inputs[0]!, name] };
  });
  const free = (shape: readonly Dimension[]): readonly Dimension[] => (shape[0] === 1 ? shape.with(0, "N") : shape);
  const outputs = graph.outputs.map((output) => ({ ...output, shape: free(output.shape) }));
  return { ...graph, inputs: [{ ...input, shape: free(input.shape) }], outputs, nodes, initializers };
}

/** What a node writes its value's shape as, where it and the value's own begin with the one picture. */
function batchKeepers(graph: Graph): (node: GraphNode) => readonly number[] | undefined {
  const shapes = shapesOfOne(graph);
  const constants = new Map(graph.initializers);
  for (const { op, outputs, attributes } of graph.nodes)
    if (op === "Constant" && attributes["value"]?.kind === "tensor") constants.set(outputs[0]!, attributes["value"].value);
  return ({ op, domain = "", inputs, attributes }) => {
    const target = Array.from(constants.get(inputs[1] ?? "")?.data ?? [], Number);
    const isReshape = op === "Reshape" && domain === "" && (attributes["allowzero"]?.value ?? 0) === 0;
    return isReshape && target[0] === 1 && target.length > 1 && shapes.get(inputs[0]!)?.[0] === 1 ? target : undefined;
  };
}

/** Of every value, where they can be told; else of none. */
function shapesOfOne(graph: Graph): ReadonlyMap<string, readonly number[]> {
  try {
    return new Map([...inferShapes(graph)].map(([name, { shape }]) => [name, shape]));
  } catch (error) {
    if (!isTensorFaceError(error)) throw error;
    return new Map();
  }
}
