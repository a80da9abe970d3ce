import { elementCount, float32Tensor } from "../src/core/index.ts";
import { createGraphBuilder, decodeModel, encodeModel, type GraphNode, type ValueInfo } from "../src/graph/index.ts";
import type { NetworkInput } from "../src/models/index.ts";
import { createNodeRuntime } from "../src/runtime/runtime.node.ts";

/**
 * The floor of a network: its multiplications and additions, at the rate at which this machine multiplies matrices.
 * Nothing runs faster without another network or another machine; how far above it a measured time stands says what is left.
 */
const heavyOperations: readonly string[] = ["Conv", "ConvTranspose", "MatMul", "Gemm"];

/**
 * Floating-point operations of one run at batch 1 (a multiplication and an addition count as two), convolutions and
 * matrix products only. The sizes come from a run that gives every one of their results, so no rule about shapes is needed.
 */
export async function countOperations(model: Uint8Array, { name, width, height, colour }: NetworkInput): Promise<number> {
  const graph = decodeModel(model);
  const heavy = graph.nodes.filter(({ op }) => heavyOperations.includes(op));
  const known = new Set([...graph.outputs.map(({ name }) => name), ...graph.initializers.keys()]);
  // Weights that are kept as 8-bit numbers come out of a node too.
  const wanted = new Map(heavy.flatMap((node) => [node.inputs[1]!, node.outputs[0]!].map((name) => [name, node.op === "Conv" ? 4 : 2])));
  const added = [...wanted].filter(([name]) => !known.has(name)).map(([name, rank]) => freeOutput(name, rank));
  const outputs = [...graph.outputs, ...added];
  await using session = await createNodeRuntime().load(encodeModel({ ...graph, outputs }));
  const results = await session.run({ [name]: float32Tensor([1, colour === "grey" ? 1 : 3, height, width]) });
  const sizes = new Map([...graph.initializers, ...Object.entries(results)].map(([name, { shape }]) => [name, shape]));
  return heavy.reduce((sum, node) => sum + operationsOf(node, sizes), 0);
}

/** A value as an output of the graph, all of its sizes free. */
function freeOutput(name: string, rank: number): ValueInfo {
  return { name, type: "float32", shape: Array.from({ length: rank }, (_, axis) => `${name}/${axis}`) };
}

function operationsOf(node: GraphNode, sizes: ReadonlyMap<string, readonly number[]>): number {
  if (node.op === "ConvTranspose") throw new Error("ConvTranspose is not counted");
  const output = elementCount(sizes.get(node.outputs[0]!)!);
  const weights = sizes.get(node.inputs[1]!)!;
  // Convolutions: [out, in / groups, height, width]; each result is a sum over all but the first.
  if (node.op === "Conv") return 2 * output * elementCount(weights.slice(1));
  const isTransposed = node.op === "Gemm" && node.attributes["transB"]?.value === 1;
  return 2 * output * (isTransposed ? weights.at(-1)! : weights.at(-2)!);
}

const side = 1024;

/** Floating-point operations a second of a 1024 x 1024 x 1024 matrix product in ONNX Runtime, the best of `rounds`. */
export async function measureMatrixRate(rounds: number): Promise<number> {
  const builder = createGraphBuilder("matrix-product");
  const product = builder.op("MatMul", [builder.input("a", [side, side]), builder.input("b", [side, side])]);
  builder.output(product, [side, side], { name: "product" });
  await using session = await createNodeRuntime().load(encodeModel(builder.build()));
  const feeds = { a: float32Tensor([side, side]), b: float32Tensor([side, side]) };
  feeds.a.data.fill(0.5);
  feeds.b.data.fill(0.25);
  const fetches = { product: float32Tensor([side, side]) };
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < rounds; round++) {
    const start = performance.now();
    await session.run(feeds, fetches);
    best = Math.min(best, performance.now() - start);
  }
  return (2 * side ** 3) / (best / 1000);
}
