import { concatenateBytes } from "../../core/index.ts";
import { bytesField, wireFields } from "../wire.ts";

/**
 * A convolution that the engine has fused with an addition (of a residual block's way around) can write its sums over the map that it adds to, but only
 * where the engine knows that both are of one size. Of a network for pictures of any size it does not know, and copies each such map first:
 * a fifth of the time of a scan over 640 x 480 pixels. That they are of one size is what an addition means, so it is told here.
 */

/** Fields of ONNX's messages, by their numbers in onnx.proto. */
const fields = {
  model: { graph: 7 },
  graph: { node: 1, valueInfo: 13 },
  node: { input: 1, output: 2, op: 4 },
  valueInfo: { name: 1, type: 2 },
  type: { tensor: 1 },
  tensor: { elementType: 1, shape: 2 },
  shape: { dimension: 1 },
  dimension: { symbol: 2 },
} as const;

/** Convolutions of the engine's own, in blocks of channels and not; both take what they add as their fourth input. */
const fusedConvolutions: readonly string[] = ["Conv", "FusedConv"];
const summand = 3;
/** Batch, channels, height, width. */
const rank = 4;
/** elementType = float32: its field's tag and the number, both varints. */
const float32Element = new Uint8Array([fields.tensor.elementType << 3, 1]);

/**
 * An ONNX model as the engine has optimised it, with the sizes of what fused convolutions add to and of their results declared to be the same.
 * A message may come in parts, so the declarations stand behind what was there.
 * @throws {TF_GRAPH_INVALID} when the bytes are no ONNX model
 */
export function declareSums(model: Uint8Array): Uint8Array {
  const sizes = new Map<string, number>();
  for (const graph of wireFields(model)) {
    if (graph.number !== fields.model.graph) continue;
    for (const { number, content } of wireFields(graph.content)) {
      if (number !== fields.graph.node) continue;
      const { op, inputs, output } = readNode(content);
      const added = inputs[summand];
      if (output === undefined || added === undefined || added === "" || !fusedConvolutions.includes(op)) continue;
      // Of a row of residual blocks all maps are of one size.
      const size = sizes.get(added) ?? sizes.size;
      sizes.set(added, size).set(output, size);
    }
  }
  if (sizes.size === 0) return model;
  const declarations = [...sizes].map(([name, size]) => bytesField(fields.graph.valueInfo, describeValue(name, size)));
  return concatenateBytes([model, bytesField(fields.model.graph, concatenateBytes(declarations))]);
}

interface WireNode {
  readonly op: string;
  readonly inputs: readonly string[];
  readonly output: string | undefined;
}

function readNode(node: Uint8Array): WireNode {
  const texts = (wanted: number): string[] =>
    wireFields(node)
      .filter(({ number }) => number === wanted)
      .map(({ content }) => new TextDecoder().decode(content))
      .toArray();
  return { op: texts(fields.node.op)[0] ?? "", inputs: texts(fields.node.input), output: texts(fields.node.output)[0] };
}

/** A ValueInfoProto: float32, its dimensions by names that all values of this size share. */
function describeValue(name: string, size: number): Uint8Array {
  const dimensions = Array.from({ length: rank }, (_, axis) =>
    bytesField(fields.shape.dimension, bytesField(fields.dimension.symbol, encode(`sum ${size}, ${axis}`))),
  );
  const tensor = concatenateBytes([float32Element, bytesField(fields.tensor.shape, concatenateBytes(dimensions))]);
  return concatenateBytes([
    bytesField(fields.valueInfo.name, encode(name)),
    bytesField(fields.valueInfo.type, bytesField(fields.type.tensor, tensor)),
  ]);
}

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
