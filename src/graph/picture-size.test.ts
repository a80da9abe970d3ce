import { expect, test } from "vitest";
import { attribute } from "./attributes.ts";
import { createGraphBuilder } from "./builder.ts";
import type { Graph } from "./model.ts";
import { withPictureSize } from "./picture-size.ts";

const half = { width: 4, height: 4 };

/** A convolution over pictures of 8 x 8 pixels, and what makes two numbers of its map. */
function networkOf(finish: (builder: ReturnType<typeof createGraphBuilder>, map: string) => string): Graph {
  const builder = createGraphBuilder("pictures");
  const picture = builder.input("picture", ["N", 3, 8, 8]);
  const kernel = builder.constant({ type: "float32", shape: [2, 3, 3, 3], data: new Float32Array(54).fill(0.1) });
  const map = builder.op("Relu", [builder.op("Conv", [picture, kernel], { pads: attribute.ints([1, 1, 1, 1]) })]);
  builder.output(finish(builder, map), ["N", 2], { name: "answer" });
  return builder.build();
}

test("a network that ends in a mean over all places takes smaller pictures", () => {
  const graph = networkOf((builder, map) => builder.op("Flatten", [builder.op("GlobalAveragePool", [map])]));
  const smaller = withPictureSize(graph, half);
  expect(smaller?.inputs[0]?.shape).toEqual(["N", 3, 4, 4]);
  expect(smaller?.nodes).toEqual(graph.nodes);
  expect(graph.inputs[0]?.shape).toEqual(["N", 3, 8, 8]);
});

test("one that lays its map out in a row does not, nor does one that gives the map itself", () => {
  const matrix = { type: "float32", shape: [128, 2], data: new Float32Array(256) } as const;
  const rows = networkOf((builder, map) => builder.op("MatMul", [builder.op("Flatten", [map]), builder.constant(matrix)]));
  expect(withPictureSize(rows, half)).toBeUndefined();
  expect(
    withPictureSize(
      networkOf((_, map) => map),
      half,
    ),
  ).toBeUndefined();
});
