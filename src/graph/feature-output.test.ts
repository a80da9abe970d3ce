import { expect, test } from "vitest";
import { float32Tensor } from "../core/index.ts";
import { createNodeRuntime } from "../runtime/runtime.node.ts";
import { attribute, createGraphBuilder, encodeModel, exposeFeatures, type Graph } from "./index.ts";

/** `Relu(x)`, and two heads on it; or the second one on `x` itself. */
function network(isShared: boolean): Graph {
  const builder = createGraphBuilder("heads");
  const x = builder.input("x", ["N", 3]);
  const body = builder.op("Relu", [x]);
  const layer = (value: string, rows: number): string => {
    const weight = builder.constant(float32Tensor([rows, 3], new Float32Array(rows * 3).fill(1)), "weight");
    return builder.op("Gemm", [value, weight], { transB: attribute.int(1) });
  };
  builder.output(builder.op("Softmax", [layer(body, 4)]), ["N", 4], { name: "age" });
  builder.output(layer(isShared ? body : x, 2), ["N", 2], { name: "gender" });
  return builder.build();
}

test("what the heads read comes out beside them", async () => {
  const graph = exposeFeatures(network(true), "features")!;
  expect(graph.outputs.map(({ name, shape }) => [name, shape])).toEqual([
    ["age", ["N", 4]],
    ["gender", ["N", 2]],
    ["features", ["N", 3]],
  ]);
  await using session = await createNodeRuntime().load(encodeModel(graph), { device: "cpu" });
  const { features, gender } = await session.run({ x: float32Tensor([1, 3], Float32Array.of(-1, 2, 3)) });
  expect(Array.from(features!.data as Float32Array)).toEqual([0, 2, 3]);
  expect(Array.from(gender!.data as Float32Array)).toEqual([5, 5]);
});

test("an output that reads answers, and not what they read, is no head", () => {
  const builder = createGraphBuilder("beside", network(true));
  builder.output(builder.op("Sigmoid", ["age"]), ["N", 4], { name: "tails" });
  const graph = builder.build();
  expect(exposeFeatures(graph, "features", ["age", "gender"])?.outputs.map(({ name }) => name)).toEqual([
    "age",
    "gender",
    "tails",
    "features",
  ]);
  expect(exposeFeatures(network(false), "features", ["age", "gender"])).toBeUndefined();
});

test("heads that read different things have no features in common", () => {
  expect(exposeFeatures(network(false), "features")).toBeUndefined();
});
