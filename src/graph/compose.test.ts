import { describe, expect, test } from "vitest";
import { float32Tensor } from "../core/index.ts";
import { createNodeRuntime } from "../runtime/runtime.node.ts";
import { attribute } from "./attributes.ts";
import { createGraphBuilder } from "./builder.ts";
import { chainGraphs, truncateGraph } from "./compose.ts";
import { encodeModel } from "./encode.ts";
import type { Graph } from "./model.ts";

/** `middle = 2 x`, `y = relu(-middle)`, under a node name that is no value's. */
function backbone(): Graph {
  const builder = createGraphBuilder("backbone");
  const doubled = builder.op("Mul", [builder.input("x", ["N", 2, 1, 2]), builder.scalar(2)], {}, { name: "middle" });
  builder.node({ name: "Relu", op: "Neg", inputs: [doubled], outputs: ["turned"], attributes: {} });
  builder.output(builder.op("Relu", ["turned"], {}, { name: "last" }), ["N", 2, 1, 2], { name: "y" });
  return builder.build();
}

/** `y = relu(x + 1)`, with the same names. */
function head(): Graph {
  const builder = createGraphBuilder("head");
  const sum = builder.op("Add", [builder.input("x", ["N", 2]), builder.scalar(1)], {}, { name: "middle" });
  builder.output(builder.op("Relu", [sum]), ["N", 2], { name: "y" });
  return builder.build();
}

const runtime = createNodeRuntime();
const x = float32Tensor([1, 2, 1, 2], Float32Array.of(1, 2, -3, -5));

describe("graphs as parts", () => {
  test("a cut ends at the means of maps, and leaves out what comes after", async () => {
    const { graph, size } = truncateGraph(backbone(), "middle", "features");
    expect(size).toBe(2);
    expect(graph.nodes.map(({ op }) => op)).not.toContain("Relu");
    await using session = await runtime.load(encodeModel(graph));
    expect([...(await session.run({ x }))["features"]!.data]).toEqual([3, -8]);
    expect(() => truncateGraph(backbone(), "nowhere", "features")).toThrow(expect.objectContaining({ code: "TF_GRAPH_INVALID" }));
  });

  test("a chain computes one after the other, whatever names both use", async () => {
    const { graph } = truncateGraph(backbone(), "turned", "features");
    const chained = chainGraphs(graph, head());
    expect(new Set(chained.nodes.map(({ name }) => name)).size).toBe(chained.nodes.length);
    await using session = await runtime.load(encodeModel(chained));
    expect([...(await session.run({ x }))[chained.outputs[0]!.name]!.data]).toEqual([0, 9]);
  });

  test("a chain needs one value to pass on", () => {
    const builder = createGraphBuilder("two");
    const input = builder.input("x", [1]);
    for (const name of ["a", "b"]) builder.output(builder.op("Neg", [input], { unused: attribute.int(1) }), [1], { name });
    expect(() => chainGraphs(builder.build(), head())).toThrow(expect.objectContaining({ code: "TF_GRAPH_INVALID" }));
  });
});
