import { expect, test } from "vitest";
import { createRandom, elementCount, float32Tensor, type Float32Tensor } from "../../core/index.ts";
import { createNodeRuntime } from "../../runtime/runtime.node.ts";
import { attribute } from "../attributes.ts";
import { createGraphBuilder } from "../builder.ts";
import { encodeModel } from "../encode.ts";
import { spellOutNorms } from "./spelled-norms.ts";

test.each([[[4, 3, 5, 2]], [[6, 3]]])("a norm of %s that is spelled out gives the same values and statistics", async (shape) => {
  const builder = createGraphBuilder("norm");
  const [x, scale, bias] = [builder.input("x", shape), builder.input("scale", [3]), builder.input("bias", [3])];
  const own = [0, 1].map((value) => builder.constant(float32Tensor([3], new Float32Array(3).fill(value))));
  const attributes = { training_mode: attribute.int(1), momentum: attribute.float(0), epsilon: attribute.float(1e-3) };
  const [y, mean, variance] = builder.multi("BatchNormalization", 3, [x, scale, bias, ...own], attributes);
  builder.output(builder.op("Relu", [y!]), shape, { name: "y" });
  builder.output(mean!, [3], { name: "mean" });
  builder.output(variance!, [3], { name: "variance" });
  const graph = builder.build();
  const spelled = spellOutNorms(graph);
  expect(spelled.nodes.map(({ op }) => op)).not.toContain("BatchNormalization");

  const random = createRandom(3);
  const draw = (sizes: readonly number[]): Float32Tensor =>
    float32Tensor(
      sizes,
      Float32Array.from({ length: elementCount(sizes) }, () => 3 + random.normal()),
    );
  const feeds = { x: draw(shape), scale: draw([3]), bias: draw([3]) };
  const runtime = createNodeRuntime();
  await using expected = await runtime.load(encodeModel(graph));
  await using actual = await runtime.load(encodeModel(spelled));
  const [before, after] = [await expected.run(feeds), await actual.run(feeds)];
  for (const name of ["y", "mean", "variance"]) {
    const [a, b] = [before[name]!.data, after[name]!.data];
    for (const [index, value] of Array.from(a, Number).entries()) expect(Number(b[index])).toBeCloseTo(value, 4);
  }
});
