import type { Float32Tensor } from "../../core/index.ts";
import { largestDeviation, type LinearHead } from "../../features/index.ts";
import { attribute, createGraphBuilder, type Graph } from "../../graph/index.ts";
import type { NoveltyModel } from "./novelty.ts";

/** Names of a taught network's outputs. */
export const answerOutput = "answer";
export const noveltyOutput = "novelty";

function tensor(shape: readonly number[], data: ArrayLike<number>): Float32Tensor {
  return { type: "float32", shape, data: Float32Array.from(data) };
}

/**
 * A head and its sense of what is usual as a network on features: `features` `[N, columns]` in, `answer` `[N, outputs]` (raw numbers)
 * and `novelty` `[N, 1]` (a distance) out.
 */
export function headGraph(head: LinearHead, novelty: NoveltyModel): Graph {
  const { columns, outputs, scaling, hidden } = head;
  const builder = createGraphBuilder("head");
  const input = builder.input("features", ["N", columns]);
  const centred = builder.op("Sub", [input, builder.constant(tensor([columns], scaling.mean), "mean")]);
  const scaled = builder.op("Mul", [centred, builder.constant(tensor([columns], scaling.inverse), "inverse deviation")]);
  const bounded = builder.op("Clip", [scaled, builder.scalar(-largestDeviation), builder.scalar(largestDeviation)]);
  const layer = (values: string, sizes: readonly [number, number], weights: Float32Array, bias: Float32Array): string =>
    builder.op("Gemm", [values, builder.constant(tensor(sizes, weights), "weights"), builder.constant(tensor([sizes[0]], bias), "bias")], {
      transB: attribute.int(1),
    });
  const units = hidden && builder.op("Relu", [layer(bounded, [hidden.units, columns], hidden.weights, hidden.bias)]);
  const answer = layer(units ?? bounded, [outputs, hidden?.units ?? columns], head.weights, head.bias);
  builder.output(answer, ["N", outputs], { name: answerOutput });
  const distance = addNovelty(builder, bounded, novelty);
  builder.output(distance, ["N", 1], { name: noveltyOutput });
  return builder.build();
}

/** The least of |x - c|^2 = |x|^2 - 2 x c + |c|^2 over the centres. */
function addNovelty(
  builder: ReturnType<typeof createGraphBuilder>,
  input: string,
  { columns, whitening, centres, classes }: NoveltyModel,
): string {
  const matrix = builder.constant(tensor([columns, columns], whitening), "whitening");
  const white = builder.op("Gemm", [input, matrix], { transB: attribute.int(1) });
  const length = builder.op("ReduceSum", [builder.op("Mul", [white, white]), builder.integers([1])], { keepdims: attribute.int(1) });
  const lengths = Array.from({ length: classes }, (_, label) =>
    centres.subarray(label * columns, (label + 1) * columns).reduce((sum, value) => sum + value * value, 0),
  );
  const cross = builder.op(
    "Gemm",
    [white, builder.constant(tensor([classes, columns], centres), "centres"), builder.constant(tensor([classes], lengths), "lengths")],
    { transB: attribute.int(1), alpha: attribute.float(-2) },
  );
  const squares = builder.op("ReduceMin", [builder.op("Add", [cross, length]), builder.integers([1])], { keepdims: attribute.int(1) });
  return builder.op("Sqrt", [builder.op("Relu", [squares])]);
}
