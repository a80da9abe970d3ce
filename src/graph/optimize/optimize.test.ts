import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Float32Tensor, float32Tensor } from "../../core/index.ts";
import { createNodeRuntime } from "../../runtime/runtime.node.ts";
import { attribute, createGraphBuilder, encodeModel, type Graph, type GraphBuilder } from "../index.ts";
import { blockPictures, expandMisreadConstants, foldScales, mergeLimits, optimizeGraph, removeIdentities, removeUnused } from "./index.ts";

const operations = (graph: Graph): string[] => graph.nodes.map(({ op }) => op);
/** Without the identities that name the outputs. */
const steps = (graph: Graph): string[] => operations(graph).filter((op) => op !== "Identity");

async function run(graph: Graph, input: Float32Tensor): Promise<number[][]> {
  await using session = await createNodeRuntime().load(encodeModel(graph));
  const results = await session.run({ x: input });
  return graph.outputs.map(({ name }) => Array.from(results[name]!.data, Number));
}

function build(write: (builder: GraphBuilder, x: string) => readonly string[], shape: readonly (string | number)[]): Graph {
  const builder = createGraphBuilder("test");
  const outputs = write(builder, builder.input("x", shape));
  for (const [index, value] of outputs.entries())
    builder.output(value, ["a", "b", "c", "d", "e"].slice(0, shape.length), { name: `out${index}` });
  return builder.build();
}

const weights = float32Tensor([2, 3, 1, 1], Float32Array.of(1, -2, 3, 0.5, 0, -1));
const factors = float32Tensor([2, 1, 1], Float32Array.of(2, -3));
const picture = float32Tensor(
  [1, 3, 2, 2],
  Float32Array.from({ length: 12 }, (_, index) => index - 5),
);

describe("factors and shifts behind a convolution", () => {
  test("go into its weights, in any order", async () => {
    const graph = build(
      (b, x) => {
        const convolved = b.op("Conv", [x, b.constant(weights), b.constant(float32Tensor([2], Float32Array.of(1, 2)))]);
        const shifted = b.op("Sub", [b.op("Mul", [b.constant(factors), convolved]), b.scalar(4)]);
        return [b.op("Div", [shifted, b.constant(factors)])];
      },
      [1, 3, 2, 2],
    );
    const optimized = optimizeGraph(graph);
    expect(operations(optimized)).toEqual(["Conv"]);
    const [expected, actual] = [await run(graph, picture), await run(optimized, picture)];
    for (const [index, value] of expected[0]!.entries()) expect(actual[0]![index]).toBeCloseTo(value, 5);
  });

  test("stay where the convolution is read by others too, or the constant varies along the picture", async () => {
    const graph = build(
      (b, x) => {
        const convolved = b.op("Conv", [x, b.constant(weights)]);
        const plane = b.constant(float32Tensor([1, 1, 2, 2], Float32Array.of(1, 2, 3, 4)));
        return [b.op("Mul", [convolved, b.constant(factors)]), b.op("Mul", [b.op("Conv", [x, b.constant(weights)]), plane])];
      },
      [1, 3, 2, 2],
    );
    const shared = build(
      (b, x) => {
        const convolved = b.op("Conv", [x, b.constant(weights)]);
        return [convolved, b.op("Mul", [convolved, b.constant(factors)])];
      },
      [1, 3, 2, 2],
    );
    expect(operations(foldScales(graph)).toSorted()).toEqual(["Conv", "Conv", "Identity", "Identity", "Mul"]);
    expect(await run(optimizeGraph(graph), picture)).toEqual(await run(graph, picture));
    expect(await run(optimizeGraph(shared), picture)).toEqual(await run(shared, picture));
    expect(operations(optimizeGraph(shared))).toContain("Mul");
  });

  test("go into a matrix product, whichever way its matrix lies", async () => {
    for (const transB of [0, 1]) {
      const matrix = float32Tensor(transB === 1 ? [2, 3] : [3, 2], Float32Array.of(1, 2, 3, 4, 5, 6));
      const graph = build(
        (b, x) => {
          const product = b.op("Gemm", [x, b.constant(matrix)], { transB: attribute.int(transB) });
          return [b.op("Mul", [product, b.constant(float32Tensor([2], Float32Array.of(10, -1)))])];
        },
        [1, 3],
      );
      const optimized = optimizeGraph(graph);
      expect(operations(optimized)).toEqual(["Gemm"]);
      const input = float32Tensor([1, 3], Float32Array.of(1, -1, 2));
      expect(await run(optimized, input)).toEqual(await run(graph, input));
    }
  });

  // Constants that stand along another axis of what is computed, or give it more axes.
  test.for<[string, number[], number[], string, number[]]>([
    ["a row of a volume", [2, 1, 1], [1, 3, 2, 2, 2], "Conv", [2, 3, 1, 1, 1]],
    ["a series of a batch", [2, 1, 1], [2, 3, 4], "Conv", [2, 3, 1]],
    ["more axes than a picture has", [1, 1, 2, 1, 1], [1, 3, 2, 2], "Conv", [2, 3, 1, 1]],
    ["more axes than a table has", [1, 1, 2], [2, 3], "Gemm", [3, 2]],
    ["more axes, of one number", [1, 1, 1], [2, 3], "Gemm", [3, 2]],
  ])("stay where they are no channels': %s", async ([, constant, shape, op, weightShape]) => {
    const count = (sizes: readonly number[]): number => sizes.reduce((product, size) => product * size, 1);
    const numbers = (sizes: readonly number[]): Float32Tensor =>
      float32Tensor(
        sizes,
        Float32Array.from({ length: count(sizes) }, (_, index) => index - 2.5),
      );
    const builder = createGraphBuilder("test");
    const computed = builder.op(op, [builder.input("x", shape), builder.constant(numbers(weightShape))]);
    const free = Array.from({ length: Math.max(shape.length, constant.length) }, (_, axis) => `d${axis}`);
    builder.output(builder.op("Mul", [computed, builder.constant(numbers(constant))]), free, { name: "y" });
    const graph = builder.build();
    const answer = async (asked: Graph): Promise<unknown> => {
      await using session = await createNodeRuntime().load(encodeModel(asked));
      const { y } = await session.run({ x: numbers(shape) });
      return [y!.shape, Array.from(y!.data, Number)];
    };
    expect(await answer(optimizeGraph(graph))).toEqual(await answer(graph));
  });

  test("go into the weights of volumes and series too", () => {
    for (const [shape, weightShape, constant] of [
      [
        [1, 3, 2, 2, 2],
        [2, 3, 1, 1, 1],
        [2, 1, 1, 1],
      ],
      [
        [1, 3, 4],
        [2, 3, 1],
        [2, 1],
      ],
    ] as const) {
      const builder = createGraphBuilder("test");
      const kernel = builder.constant({ ...weights, shape: weightShape });
      const scaled = builder.op("Mul", [
        builder.op("Conv", [builder.input("x", shape), kernel]),
        builder.constant({ ...factors, shape: constant }),
      ]);
      builder.output(scaled, shape, { name: "y" });
      expect(steps(optimizeGraph(builder.build()))).toEqual(["Conv"]);
    }
  });
});

describe("limits", () => {
  test("that follow each other become one that does the same", () => {
    const limit = fc.record({ op: fc.constantFrom("Relu", "Min", "Max", "Clip"), value: fc.integer({ min: -4, max: 4 }) });
    const evaluate = (graph: Graph, x: number): number => {
      const number = (name: string | undefined, missing: number): number => Number(graph.initializers.get(name ?? "")?.data[0] ?? missing);
      return graph.nodes.reduce((value, { op, inputs }) => {
        if (op === "Relu") return Math.max(value, 0);
        if (op === "Min") return Math.min(value, number(inputs[1], 0));
        if (op === "Max") return Math.max(value, number(inputs[1], 0));
        return Math.min(Math.max(value, number(inputs[1], -Infinity)), number(inputs[2], Infinity));
      }, x);
    };
    fc.assert(
      fc.property(fc.array(limit, { minLength: 1, maxLength: 5 }), fc.integer({ min: -9, max: 9 }), (limits, x) => {
        const builder = createGraphBuilder("limits");
        const last = limits.reduce(
          (value, { op, value: number }) => {
            if (op === "Relu") return builder.op("Relu", [value]);
            if (op === "Clip") return builder.op("Clip", [value, builder.scalar(number), builder.scalar(number + 2)]);
            return builder.op(op, [value, builder.scalar(number)]);
          },
          builder.input("x", [1]),
        );
        builder.output(last, [1]);
        const merged = mergeLimits(builder.build());
        expect(merged.nodes).toHaveLength(1);
        expect(evaluate(merged, x)).toBe(evaluate(builder.build(), x));
      }),
    );
  });

  test("that others read stay", () => {
    const graph = build(
      (b, x) => {
        const positive = b.op("Relu", [x]);
        return [b.op("Min", [positive, b.scalar(6)]), b.op("Neg", [positive])];
      },
      [1],
    );
    expect(operations(mergeLimits(graph))).toContain("Relu");
  });
});

describe("what engines have no blocked form of", () => {
  const convolved = (b: GraphBuilder, x: string): string => b.op("Conv", [x, b.constant(weights)]);

  test("a PRelu becomes two convolutions, whatever its slopes", async () => {
    const slopes = float32Tensor([2, 1, 1], Float32Array.of(-1.5, 1.25));
    const graph = build((b, x) => [b.op("PRelu", [convolved(b, x), b.constant(slopes)])], [1, 3, 2, 2]);
    const blocked = blockPictures(graph);
    expect(steps(blocked)).toEqual(["Conv", "Relu", "Conv", "Conv", "Add"]);
    await expectSameAnswers(graph, blocked);
  });

  test("a PRelu with one slope for each pixel stays", () => {
    const slopes = float32Tensor([2, 2, 2], new Float32Array(8).fill(0.1));
    const graph = build((b, x) => [b.op("PRelu", [convolved(b, x), b.constant(slopes)])], [1, 3, 2, 2]);
    expect(steps(blockPictures(graph))).toEqual(["Conv", "PRelu"]);
  });

  test("a PRelu with one slope for all channels becomes as many convolutions, as PyTorch's nn.PReLU() is exported", async () => {
    const slope = float32Tensor([1, 1, 1], Float32Array.of(0.25));
    const graph = build((b, x) => [b.op("PRelu", [convolved(b, x), b.constant(slope)])], [1, 3, 2, 2]);
    const blocked = blockPictures(graph);
    expect(steps(blocked)).toEqual(["Conv", "Relu", "Conv", "Conv", "Add"]);
    await expectSameAnswers(graph, blocked);
  });

  test("a PRelu with one slope for channels that nobody counts stays", async () => {
    const slope = float32Tensor([1, 1, 1], Float32Array.of(0.25));
    const graph = build((b, x) => [b.op("PRelu", [b.op("Concat", [x, x], { axis: attribute.int(1) }), b.constant(slope)])], [1, 3, 2, 2]);
    const blocked = blockPictures(graph);
    expect(steps(blocked)).toEqual(["Concat", "PRelu"]);
    await expectSameAnswers(graph, blocked);
  });

  test.each([
    ["volumes, whose slopes lie along their depth", [1, 1, 3, 2, 2]],
    ["one picture without a batch", [3, 2, 2]],
  ])("a PRelu of %s, stays", async (_, shape) => {
    const slopes = float32Tensor([3, 1, 1], Float32Array.of(-1.5, 1.25, 0.5));
    const graph = build((b, x) => [b.op("PRelu", [b.op("Neg", [x]), b.constant(slopes)])], shape);
    const blocked = blockPictures(graph);
    expect(steps(blocked)).toEqual(["Neg", "PRelu"]);
    await expectSameAnswers(graph, blocked, float32Tensor(shape, picture.data));
  });

  test("empty channels behind the others come from a convolution", async () => {
    const graph = build((b, x) => [b.op("Pad", [convolved(b, x), b.integers([0, 0, 0, 0, 0, 3, 0, 0]), b.scalar(0)])], [1, 3, 2, 2]);
    const blocked = blockPictures(graph);
    expect(steps(blocked)).toEqual(["Conv", "Conv"]);
    await expectSameAnswers(graph, blocked);
  });

  test.for([
    ["before the others", [0, 3, 0, 0, 0, 0, 0, 0], 0],
    ["around the picture too", [0, 0, 1, 0, 0, 3, 0, 0], 0],
    ["of ones", [0, 0, 0, 0, 0, 3, 0, 0], 1],
  ] as const)("channels %s are left to Pad", ([, pads, fill]) => {
    const graph = build((b, x) => [b.op("Pad", [convolved(b, x), b.integers(pads), b.scalar(fill)])], [1, 3, 2, 2]);
    expect(steps(blockPictures(graph))).toEqual(["Conv", "Pad"]);
  });

  test("a pool that goes into a sum is followed by a convolution, another is not", async () => {
    const pool = { kernel_shape: attribute.ints([2, 2]), strides: attribute.ints([2, 2]) };
    const graph = build(
      (b, x) => {
        const pooled = b.op("MaxPool", [convolved(b, x)], pool);
        return [b.op("Add", [pooled, pooled]), b.op("MaxPool", [convolved(b, x)], pool)];
      },
      [1, 3, 2, 2],
    );
    const blocked = blockPictures(graph);
    expect(steps(blocked)).toEqual(["Conv", "MaxPool", "Conv", "Add", "Conv", "MaxPool"]);
    await expectSameAnswers(graph, blocked);
  });

  test("a pool of volumes that goes into a sum is followed by none", async () => {
    const pool = { kernel_shape: attribute.ints([1, 2, 2]), strides: attribute.ints([1, 2, 2]) };
    const cube = float32Tensor([2, 3, 1, 1, 1], weights.data);
    const graph = build(
      (b, x) => {
        const pooled = b.op("MaxPool", [b.op("Conv", [x, b.constant(cube)])], pool);
        return [b.op("Add", [pooled, pooled])];
      },
      [1, 3, 1, 2, 2],
    );
    const blocked = blockPictures(graph);
    expect(steps(blocked)).toEqual(["Conv", "MaxPool", "Add"]);
    await expectSameAnswers(graph, blocked, float32Tensor([1, 3, 1, 2, 2], picture.data));
  });

  async function expectSameAnswers(graph: Graph, changed: Graph, input = picture): Promise<void> {
    const [expected, actual] = [await run(graph, input), await run(changed, input)];
    for (const [output, values] of expected.entries()) {
      expect(actual[output]).toHaveLength(values.length);
      for (const [index, value] of values.entries()) expect(actual[output]![index]).toBeCloseTo(value, 4);
    }
  }
});

describe("what is not needed", () => {
  test("is dropped: nodes, constants, identities", () => {
    const graph = build(
      (b, x) => {
        b.op("Exp", [b.constant(weights, "unused")]);
        return [b.op("Identity", [b.op("Neg", [b.op("Identity", [x])])])];
      },
      [1],
    );
    const cleaned = removeUnused(removeIdentities(graph));
    expect(operations(cleaned)).toEqual(["Neg"]);
    expect(cleaned.initializers.size).toBe(0);
    expect(cleaned.nodes[0]!.outputs).toEqual(["out0"]);
  });

  test("an identity stays where an output is an input, or two outputs are one value", async () => {
    const graph = build(
      (b, x) => {
        const value = b.op("Neg", [x]);
        return [x, value, value];
      },
      [1],
    );
    const input = float32Tensor([1], Float32Array.of(3));
    expect(await run(removeIdentities(graph), input)).toEqual([[3], [-3], [-3]]);
  });
});

describe("quantised constants that the engine would misread", () => {
  /** Two by two whole numbers with two steps along an axis, or one for all. */
  const quantized = (b: GraphBuilder, axis?: number): string => {
    const shape = axis === undefined ? [] : [2];
    const values = [Float32Array.of(0.5, 2), Int8Array.of(1, -1)] as const;
    const length = axis === undefined ? 1 : 2;
    const inputs = [
      b.constant({ type: "int8", shape: [2, 2], data: Int8Array.of(1, 2, 3, 4) }),
      b.constant({ type: "float32", shape, data: values[0].slice(0, length) }),
      b.constant({ type: "int8", shape, data: values[1].slice(0, length) }),
    ];
    return b.op("DequantizeLinear", inputs, axis === undefined ? {} : { axis: attribute.int(axis) });
  };
  const product = (op: string, axis: number | undefined, transposed = 0): Graph =>
    build((b, x) => [b.op(op, [x, quantized(b, axis)], op === "Gemm" ? { transB: attribute.int(transposed) } : {})], [3, 2]);

  test.each<[Graph, number[]]>([
    [product("MatMul", 0), [0, 0.5, 8, 10]],
    [product("Gemm", 0), [0, 0.5, 8, 10]],
    [product("Gemm", -1, 1), [0, 6, 1, 10]],
  ])("are float32", (graph, expected) => {
    const { nodes, initializers } = expandMisreadConstants(graph);
    expect(operations({ ...graph, nodes })).not.toContain("DequantizeLinear");
    expect([...initializers.values()].map(({ data }) => Array.from(data, Number))).toEqual([expected]);
  });

  test.each([product("MatMul", 1), product("MatMul", -1), product("Gemm", 1), product("Gemm", 0, 1), product("MatMul", undefined)])(
    "and no others",
    (graph) => {
      expect(expandMisreadConstants(graph)).toBe(graph);
    },
  );
});
