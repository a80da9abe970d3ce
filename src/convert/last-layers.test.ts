import { expect, test } from "vitest";
import { float32Tensor } from "../core/index.ts";
import { attribute, createGraphBuilder, type Graph, type GraphBuilder } from "../graph/index.ts";
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

/** As converters to half precision leave it where they keep the types of inputs and outputs: every cast is one of float32 here. */
const cast = (builder: GraphBuilder, value: string, to = 1): string => builder.op("Cast", [value], { to: attribute.int(to) });

test("casts between floats, which networks in half precision have at their ends, hide neither probabilities nor features", () => {
  const dense = network((builder, maps) => {
    const weights = builder.constant(float32Tensor([4, 2]), "weights");
    const scores = builder.op("MatMul", [cast(builder, pooled(builder, maps)), weights]);
    return cast(builder, builder.op("Softmax", [cast(builder, scores)]));
  });
  expect(activationOf(dense, "scores")).toBe("none");
  expect(makerOf(dense, featuresBefore(dense, "scores"))).toBe("Cast");
  const maps = network((builder, each) => cast(builder, builder.op("Softmax", [pooled(builder, classes(builder, each))])));
  expect(makerOf(maps, featuresBefore(maps, "scores"))).toBe("Relu");
  // Whole numbers are no probabilities.
  const rounded = network((builder, each) => cast(builder, cast(builder, builder.op("Softmax", [pooled(builder, each)]), 6)));
  expect(activationOf(rounded, "scores")).toBe("softmax");
});

test("numbers of 8 bits, which quantised networks have in between and at their ends, hide neither probabilities nor features", () => {
  const rounded = (builder: GraphBuilder, value: string): string => {
    const zero = builder.constant({ type: "uint8", shape: [], data: Uint8Array.of(0) });
    const steps = [builder.scalar(1 / 256), zero];
    return builder.op("DequantizeLinear", [builder.op("QuantizeLinear", [value, ...steps]), ...steps]);
  };
  const graph = network((builder, maps) => {
    const codes = builder.constant({ type: "int8", shape: [4, 2], data: new Int8Array(8) }, "codes");
    const weights = builder.op("DequantizeLinear", [codes, builder.scalar(0.5)]);
    const scores = rounded(builder, builder.op("MatMul", [rounded(builder, pooled(builder, maps)), weights]));
    return rounded(builder, builder.op("Softmax", [scores]));
  });
  expect(activationOf(graph, "scores")).toBe("none");
  expect(makerOf(graph, featuresBefore(graph, "scores"))).toBe("DequantizeLinear");
});

test("an 8-bit softmax of the engine's own gives probabilities too", () => {
  const graph = network((builder, maps) => {
    const zero = builder.constant({ type: "uint8", shape: [], data: Uint8Array.of(0) });
    const steps = [builder.scalar(1 / 256), zero];
    const codes = builder.op("QuantizeLinear", [pooled(builder, maps), ...steps]);
    const soft = builder.op("QLinearSoftmax", [codes, ...steps, ...steps], { opset: attribute.int(13) }, { domain: "com.microsoft" });
    return builder.op("DequantizeLinear", [soft, ...steps]);
  });
  expect(activationOf(graph, "scores")).toBe("none");
});
