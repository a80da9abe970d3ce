import { float32Tensor } from "../core/index.ts";
import type { Graph } from "./model.ts";

/** Shorter constants are left alone: biases, scales. */
const smallestRounded = 1024;
/** Steps on each side of zero: with zero 255 values, which a file holds in one byte each. */
const steps = 127;

/**
 * The graph with every large weight tensor rounded to 255 values, which `encodeModel`'s `compact` then stores as 8-bit codes. The values
 * stand closer together towards zero, evenly in the square root of their size, as weights do themselves. Nothing else changes: the
 * engine computes in 32-bit floats, so the answers do not depend on a processor's integer kernels.
 */
export function roundWeights(graph: Graph): Graph {
  const initializers = new Map(
    [...graph.initializers].map(([name, tensor]) => {
      if (tensor.type !== "float32" || tensor.data.length < smallestRounded) return [name, tensor] as const;
      return [name, float32Tensor(tensor.shape, rounded(tensor.data))] as const;
    }),
  );
  return { ...graph, initializers };
}

function rounded(values: Float32Array): Float32Array {
  const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  if (largest === 0) return values;
  return values.map((value) => {
    const code = Math.round(Math.sqrt(Math.abs(value) / largest) * steps);
    // No -0: the file's list of values keeps one zero.
    return code === 0 ? 0 : Math.sign(value) * largest * (code / steps) ** 2;
  });
}
