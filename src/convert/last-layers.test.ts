import { expect, test } from "vitest";
import { float32Tensor } from "../core/index.ts";
import { createGraphBuilder, type Graph, type GraphBuilder } from "../graph/index.ts";
import { activationOf, featuresBefore } from "./last-layers.ts";

/** A convolution with a name for what it gives, and what `end` makes of it. */
function network(end: (builder: GraphBuilder, maps: string) => string): Graph {
  const builder = createGraphBuilder("net");
  const picture = builder.input("picture", ["N", 3, 8, 8]);
  const maps = builder.op("Relu", [builder.op("Conv", [picture, builder.constant(float32Tensor([4, 3, 1, 1]), "first")])]);
  builder.output(end(builder, maps), ["N", 2], { name: "scores" });
  return builder.build();
}

const makerOf = (graph: Graph, value: string | undefined) => graph.nodes.find(({ outputs }) => outputs.includes(value ?? ""))?.op;
const pooled = (builder: GraphBuilder, maps: string): string => builder.op("Flatten", [builder.op("GlobalAveragePool", [maps])]);
const classes = (builder: GraphBuilder, maps: string): string =>
  builder.op("Conv", [maps, builder.constant(float32Tensor([2, 4, 1, 1]), "classes")]);

test("scores that are only written down in another shape still come from the layer before", () => {
  const graph = network((builder, maps) => {
    const scores = builder.op("MatMul", [pooled(builder, maps), builder.constant(float32Tensor([4, 2]), "weights")]);
    return builder.op("Reshape", [scores, builder.integers([-1, 2])]);
  });
  expect(makerOf(graph, featuresBefore(graph, "scores"))).toBe("Flatten");
});

test("a convolution whose maps become probabilities decides: what it reads are the features", () => {
  const graph = network((builder, maps) => builder.op("Softmax", [pooled(builder, classes(builder, maps))]));
  expect(makerOf(graph, featuresBefore(graph, "scores"))).toBe("Relu");
});

test("a network that ends in maps and their mean has no last layers", () => {
  const graph = network((builder, maps) => pooled(builder, classes(builder, maps)));
  expect(featuresBefore(graph, "scores")).toBeUndefined();
});

test.each(["Softmax", "Sigmoid"])("probabilities of a %s stay probabilities in another shape, and are not made a second time", (op) => {
  const graph = network((builder, maps) => {
    const probabilities = builder.op(op, [builder.op("GlobalAveragePool", [classes(builder, maps)])]);
    return builder.op("Reshape", [probabilities, builder.integers([-1, 2])]);
  });
  expect(activationOf(graph, "scores")).toBe("none");
  expect(
    activationOf(
      network((builder, maps) => pooled(builder, classes(builder, maps))),
      "scores",
    ),
  ).toBe("softmax");
});
