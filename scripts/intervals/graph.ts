import { ageCount, float32Tensor, largestTail } from "../../src/core/index.ts";
import { attribute, createGraphBuilder, type Graph } from "../../src/graph/index.ts";
import { hundred, leastVariance, type TailLines } from "./tails.ts";

/** What tells the kind of a picture: linear in what the network sees of it. */
export interface KindLayer {
  /** `[features, kinds]` */
  readonly weights: Float32Array;
  /** `[kinds]` */
  readonly bias: Float32Array;
}

/** The name of an output of logits, and what its manifest divides them by: the lines are drawn on answers as they are told. */
interface ToldLogits {
  readonly output: string;
  readonly temperature: number;
}

interface TailsNetwork {
  /** What the network's heads read: the name of its value. */
  readonly features: string;
  readonly age: ToldLogits;
  /** With the place of a woman among them. */
  readonly gender: ToldLogits & { readonly female: number };
  readonly kinds: KindLayer;
  readonly lines: TailLines;
}

/** A network that also tells what an age's interval leaves out on either side: one more output, `[N, 2]`; see `tailsOf`. */
export function withTails(graph: Graph, name: string, network: TailsNetwork): Graph {
  const { age, gender, kinds, lines } = network;
  const builder = createGraphBuilder(graph.name, graph);
  const { op, scalar } = builder;
  const named = (shape: readonly number[], data: ArrayLike<number>, wish: string): string =>
    builder.constant(float32Tensor(shape, Float32Array.from(data)), `${name}/${wish}`);
  // A product and a sum, not one fully connected layer: those are the network's own last ones.
  const layer = (
    values: string,
    shape: readonly [number, number],
    weights: ArrayLike<number>,
    bias: ArrayLike<number>,
    wish: string,
  ): string => op("Add", [op("MatMul", [values, named(shape, weights, wish)]), named([shape[1]], bias, `${wish}/bias`)]);
  // OpenCV's DNN knows no Max and Min with a constant.
  const atLeast = (value: string, least: number): string => op("Add", [op("Relu", [op("Add", [value, scalar(-least)])]), scalar(least)]);
  const softmax = (values: string): string => op("Softmax", [values], { axis: attribute.int(1) });

  const count = kinds.bias.length;
  const seen = softmax(layer(network.features, [kinds.weights.length / count, count], kinds.weights, kinds.bias, "kinds"));
  const told = ({ output, temperature }: ToldLogits): string => softmax(op("Div", [output, scalar(temperature)]));
  const years = told(age);
  const column = (value: (year: number) => number, wish: string): string =>
    op("MatMul", [
      years,
      named(
        [ageCount, 1],
        Array.from({ length: ageCount }, (_, year) => value(year / hundred)),
        wish,
      ),
    ]);
  const mean = column((year) => year, "years");
  const square = op("Mul", [mean, mean]);
  const variance = atLeast(op("Sub", [column((year) => year ** 2, "squares"), square]), leastVariance);
  const deviation = op("Mul", [op("Log", [variance]), scalar(0.5)]);
  const female = op("MatMul", [
    told(gender),
    named(
      [2, 1],
      [0, 1].map((index) => Number(index === gender.female)),
      "female",
    ),
  ]);
  const seenAndTold = [seen, mean, square, deviation, female, op("Mul", [female, mean])];
  const columns = op("Concat", seenAndTold, { axis: attribute.int(1) });
  const weights = lines.below.flatMap((below, index) => [below, lines.above[index]!]);
  const logits = layer(columns, [lines.below.length, 2], weights, lines.bias, "ends");
  const minus = (value: string): string => op("Mul", [value, scalar(-1)]);
  builder.output(minus(atLeast(minus(op("Sigmoid", [logits])), -largestTail)), ["N", 2], { name });
  return builder.build();
}
