import type { Tensor } from "../../src/core/index.ts";
import type { Graph } from "../../src/graph/index.ts";

/**
 * A fully convolutional detector for pictures of any size: its convolutions never knew the size, only the last reshapes and the
 * declared shapes did. `[N, anchors, columns]` then has as many anchors as the picture gives.
 */
export function freePictureSize(graph: Graph): Graph {
  const shapes = graph.nodes.flatMap(({ op, inputs }) => (op === "Reshape" ? [inputs[1]!] : []));
  const initializers = new Map(graph.initializers);
  for (const name of shapes) initializers.set(name, freeAnchors(name, initializers.get(name)));
  return {
    ...graph,
    initializers,
    inputs: graph.inputs.map((input) => ({ ...input, shape: [...input.shape.slice(0, 2), "height", "width"] })),
    outputs: graph.outputs.map((output) => ({ ...output, shape: [output.shape[0]!, "anchors", output.shape[2]!] })),
  };
}

/** `[0, 512, 16]` becomes `[0, -1, 16]`: ONNX copies the size at 0 and works out the one at -1. */
function freeAnchors(name: string, shape: Tensor | undefined): Tensor {
  if (shape?.type !== "int64" || shape.data.length !== 3) throw new RangeError(`"${name}" is not the shape [0, anchors, columns]`);
  return { ...shape, data: BigInt64Array.of(0n, -1n, shape.data[2]!) };
}
