import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isTensorFaceError, type Tensor } from "../core/index.ts";
import { createNodeRuntime } from "../runtime/runtime.node.ts";
import { attribute, createGraphBuilder, decodeModel, encodeModel, type Graph } from "./index.ts";

const float = (shape: readonly number[], ...values: number[]): Tensor => ({ type: "float32", shape, data: Float32Array.from(values) });

/** y = relu(x w + b), with an attribute of every kind that ONNX's own operators have here. */
function denseGraph(): Graph {
  const builder = createGraphBuilder("dense");
  const x = builder.input("x", ["N", 2]);
  const weights = builder.constant(float([3, 2], 1, 2, 3, 4, 5, 6), "weights");
  const sum = builder.op("Gemm", [x, weights, builder.constant(float([3], 0, -100, 0.5))], {
    transB: attribute.int(1),
    alpha: attribute.float(0.5),
  });
  builder.output(builder.op("Relu", [sum]), ["N", 3], { name: "y" });
  return builder.build();
}

describe("an encoded graph", () => {
  test("runs on the engine and gives what the graph says", async () => {
    await using session = await createNodeRuntime().load(encodeModel(denseGraph()));
    const { y } = await session.run({ x: float([2, 2], 1, 1, 10, -2) });
    // Rows of x times rows of the weights, halved, plus bias: (3, 7, 11) / 2 and (6, 22, 38) / 2.
    expect([...y!.data]).toEqual([1.5, 0, 6, 3, 0, 19.5]);
    expect(session.inputs).toEqual([{ name: "x", type: "float32", shape: ["N", 2] }]);
  });

  test("comes back as the same graph", () => {
    const graph = denseGraph();
    expect(decodeModel(encodeModel(graph))).toEqual(graph);
    // Node's Buffers share memory where plain arrays would copy.
    expect(decodeModel(Buffer.concat([encodeModel(graph)]))).toEqual(graph);
  });

  test("keeps attributes of every kind, tensors of every type and free sizes", () => {
    const tensors: readonly Tensor[] = [
      float([2], -1.5, Number.POSITIVE_INFINITY),
      { type: "uint8", shape: [1, 2], data: Uint8Array.of(0, 255) },
      { type: "int8", shape: [2], data: Int8Array.of(-128, 127) },
      { type: "int32", shape: [1], data: Int32Array.of(-(2 ** 31)) },
      { type: "int64", shape: [], data: BigInt64Array.of(-(2n ** 63n)) },
      { type: "bool", shape: [2], data: Uint8Array.of(1, 0) },
    ];
    const graph: Graph = {
      name: "everything",
      inputs: [{ name: "in", type: "float64", shape: ["N", 3, "height"] }],
      outputs: [{ name: "out", type: "bool", shape: [] }],
      nodes: [
        {
          name: "custom",
          op: "Custom",
          domain: "example.domain",
          inputs: ["in", "", "t0"],
          outputs: ["out"],
          attributes: {
            int: attribute.int(-(2 ** 40)),
            float: attribute.float(0.25),
            string: attribute.string("größer"),
            ints: attribute.ints([0, -1, 2 ** 52]),
            none: attribute.ints([]),
            floats: attribute.floats([1, -0.5]),
            strings: attribute.strings(["a", ""]),
            tensor: attribute.tensor(tensors[0]!),
          },
        },
      ],
      initializers: new Map(tensors.map((tensor, index) => [`t${index}`, tensor])),
      opsets: { "": 11, "example.domain": 3 },
    };
    expect(decodeModel(encodeModel(graph))).toEqual(graph);
  });

  test("keeps any numbers", () => {
    fc.assert(
      fc.property(fc.float32Array(), fc.bigInt64Array(), (floats, integers) => {
        const initializers = new Map<string, Tensor>([
          ["f", { type: "float32", shape: [floats.length], data: floats }],
          ["i", { type: "int64", shape: [integers.length], data: integers }],
        ]);
        const graph: Graph = { name: "", inputs: [], outputs: [], nodes: [], initializers, opsets: { "": 20 } };
        expect(decodeModel(encodeModel(graph))).toEqual(graph);
      }),
    );
  });
});

describe("compact constants", () => {
  const size = 40_000;
  const run = async (data: Float32Array): Promise<{ readonly bytes: number; readonly result: Float32Array }> => {
    const builder = createGraphBuilder("compact");
    const weights = builder.constant({ type: "float32", shape: [2, size / 2], data }, "weights");
    builder.output(builder.op("Add", [builder.input("x", [1]), weights], {}, { name: "y" }), [2, size / 2]);
    const model = encodeModel(builder.build(), { compact: true });
    await using session = await createNodeRuntime().load(model);
    const { y } = await session.run({ x: float([1], 0) });
    return { bytes: model.length, result: Float32Array.from(y!.data, Number) };
  };

  test.each([
    ["8-bit codes", (index: number) => Math.fround((index % 256) * 0.0117 - 1.3), 1],
    ["half precision", (index: number) => (index - size / 2) / 16, 2],
    ["anything else", (index: number) => Math.fround(Math.sin(index)), 4],
  ])("lose no bit: %s", async (_, value, bytesEach) => {
    const data = Float32Array.from({ length: size }, (_, index) => (bytesEach === 2 ? Math.round(value(index)) + 0 : value(index)));
    const { bytes, result } = await run(data);
    expect(result).toEqual(data);
    expect(bytes).toBeGreaterThan(size * bytesEach);
    expect(bytes).toBeLessThan(size * bytesEach + 3000);
  });
});

describe("damaged bytes", () => {
  const bytes = encodeModel(denseGraph());
  const settles = (damaged: Uint8Array): boolean => {
    try {
      decodeModel(damaged);
      return true;
    } catch (error) {
      return isTensorFaceError(error);
    }
  };

  test("cut anywhere end in a coded error", () => {
    for (let length = 0; length < bytes.length; length++) expect(settles(bytes.subarray(0, length))).toBe(true);
    expect(() => decodeModel(bytes.subarray(0, 40))).toThrow(expect.objectContaining({ code: "TF_GRAPH_INVALID" }));
    expect(() => decodeModel(new Uint8Array())).toThrow("holds no ONNX graph");
  });

  test("changed anywhere end in a coded error or a graph", () => {
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.nat(255), (position, value) => {
        const changed = bytes.slice();
        changed[position] = value;
        expect(settles(changed)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});

describe("the builder", () => {
  test("keeps names unique and shares equal scalars and lists", () => {
    const builder = createGraphBuilder("names");
    const x = builder.input("Relu", [1]);
    expect([builder.op("Relu", [x]), builder.op("Relu", [x])]).toEqual(["Relu_1", "Relu_2"]);
    expect(builder.scalar(2)).toBe(builder.scalar(2));
    expect(builder.integers([1, 2])).not.toBe(builder.integers([12]));
    expect(builder.multi("Split", 2, [x], {}, { name: "halves" })).toEqual(["halves", "halves:1"]);
  });

  test("refuses values that nothing makes and names that are taken", () => {
    const builder = createGraphBuilder("wrong");
    builder.input("x", [1]);
    expect(() => builder.op("Relu", ["z"])).toThrow(expect.objectContaining({ code: "TF_GRAPH_INVALID" }));
    expect(() => builder.input("x", [1])).toThrow('two values are called "x"');
    expect(() => builder.output("z", [1])).toThrow('output "z" is made by no node');
  });

  test("continues an existing graph", () => {
    const graph = denseGraph();
    const builder = createGraphBuilder("more", graph);
    builder.output(builder.op("Neg", ["y"], {}, { name: "minus" }), ["N", 3]);
    const more = builder.build();
    expect(more.outputs.map(({ name }) => name)).toEqual(["y", "minus"]);
    expect(graph.outputs.map(({ name }) => name)).toEqual(["y"]);
    expect(more.nodes.length).toBe(graph.nodes.length + 1);
  });
});
