import { expect, test } from "vitest";
import { createRandom, float32Tensor } from "../core/index.ts";
import { roundWeights } from "./codebook.ts";
import { createGraphBuilder, encodeModel } from "./index.ts";

function graphWith(count: number): ReturnType<ReturnType<typeof createGraphBuilder>["build"]> {
  const random = createRandom(2);
  const builder = createGraphBuilder("weights");
  const weights = builder.constant(
    float32Tensor(
      [count, 1],
      Float32Array.from({ length: count }, () => random.normal() * 0.1),
    ),
    "weights",
  );
  builder.output(builder.op("MatMul", [builder.input("x", ["N", count]), weights]), ["N", 1], { name: "y" });
  return builder.build();
}

test("rounds to 255 values at most, small weights more finely than large ones, and only large tensors", () => {
  const graph = graphWith(40_000);
  const [before, after] = [graph, roundWeights(graph)].map(({ initializers }) => initializers.get("weights")!.data as Float32Array);
  expect(new Set(after).size).toBeLessThanOrEqual(255);
  const errors = [...before!].map((value, index) => ({ size: Math.abs(value), error: Math.abs(value - after![index]!) }));
  const largest = Math.max(...errors.map(({ size }) => size));
  // Half a step of the square root, at the weight's own size.
  for (const { size, error } of errors) expect(error).toBeLessThanOrEqual((Math.sqrt(size * largest) / 127) * 1.01 + largest / 127 ** 2);
  const small = graphWith(100);
  expect(roundWeights(small).initializers.get("weights")).toEqual(small.initializers.get("weights"));
});

test("stands in a quarter of the bytes", () => {
  const graph = graphWith(40_000);
  const [float, rounded] = [encodeModel(graph), encodeModel(roundWeights(graph), { compact: true })];
  expect(rounded.length / float.length).toBeLessThan(0.27);
});
