import { describe, expect, test } from "vitest";
import { createRandom, float32Tensor, type Tensor } from "../core/index.ts";
import { createNodeRuntime } from "../runtime/runtime.node.ts";
import { attribute, createGraphBuilder, encodeModel, type Graph, quantizedValues, quantizeGraph, type ValueRange } from "./index.ts";

/** `Relu(Conv(x))`, then a residual block without an activation inside, then the mean over pixels. */
function network(): Graph {
  const random = createRandom(4);
  const builder = createGraphBuilder("small");
  const weight = (shape: readonly number[], deviation: number): string =>
    builder.constant(
      float32Tensor(
        shape,
        new Float32Array(shape.reduce((a, b) => a * b)).map(() => random.normal() * deviation),
      ),
      "weight",
    );
  const conv = (value: string, inputs: number, outputs: number): string =>
    builder.op("Conv", [value, weight([outputs, inputs, 3, 3], 0.3), weight([outputs], 0.2)], { pads: attribute.ints([1, 1, 1, 1]) });
  const first = builder.op("Relu", [conv(builder.input("x", ["N", 2, 6, 6]), 2, 8)], {}, { name: "first" });
  const sum = builder.op("Relu", [builder.op("Add", [conv(first, 8, 8), first])], {}, { name: "sum" });
  builder.output(builder.op("Flatten", [builder.op("GlobalAveragePool", [sum])]), ["N", 8], { name: "y" });
  return builder.build();
}

const graph = network();
const random = createRandom(9);
const x = float32Tensor(
  [16, 2, 6, 6],
  new Float32Array(16 * 72).map(() => random.normal()),
);
const wide = new Map<string, ValueRange>(quantizedValues(graph).map((name) => [name, { low: -6, high: 6 }]));

async function run(of: Graph): Promise<Tensor> {
  await using session = await createNodeRuntime().load(encodeModel(of), { device: "cpu" });
  return (await session.run({ x }))["y"]!;
}

function numbers(data: Tensor["data"]): number[] {
  return Array.from<number | bigint, number>(data, Number);
}

describe("quantisation to 8 bits", () => {
  test("a convolution's activation is quantised once, behind its Relu", () => {
    const values = quantizedValues(graph);
    expect(values).toEqual(expect.arrayContaining(["x", "first", "sum"]));
    // The input, the Relu of the stem, the residual branch, the Relu of the sum: not what stands before a Relu.
    expect(values).toHaveLength(4);
  });

  test("weights and biases become integers with a scale a channel", () => {
    const { initializers } = quantizeGraph(graph, wide);
    const types = [...initializers.values()].map(({ type }) => type);
    expect(types.filter((type) => type === "int8").length).toBe(4);
    const codes = [...initializers].find(([name, { type }]) => type === "int8" && name.endsWith(".codes"))![1].data;
    expect(Math.max(...numbers(codes).map(Math.abs))).toBe(63);
    const floats = [...initializers].filter(([name, { type, shape }]) => type === "float32" && shape.length > 1 && !name.includes("."));
    expect(floats).toEqual([]);
  });

  test("the answers are the float network's up to rounding", async () => {
    const [exact, rounded] = [await run(graph), await run(quantizeGraph(graph, wide))];
    const differences = numbers(exact.data).map((value, index) => Math.abs(value - Number(rounded.data[index])));
    expect(Math.max(...differences)).toBeLessThan(0.06);
    expect(Math.max(...differences)).toBeGreaterThan(0);
  });

  test("a channel whose weights have died keeps its bias", () => {
    const builder = createGraphBuilder("dead");
    const weights = float32Tensor([2, 1, 1, 1], Float32Array.of(1e-20, 0.5));
    const names = [builder.constant(weights, "w"), builder.constant(float32Tensor([2], Float32Array.of(-0.3, 0.2)), "b")];
    builder.output(builder.op("Conv", [builder.input("x", ["N", 1, 2, 2]), ...names], {}, { name: "y" }), ["N", 2, 2, 2], { name: "y" });
    const ranges = new Map(["x", "y"].map((name) => [name, { low: -1, high: 1 }]));
    const { initializers } = quantizeGraph(builder.build(), ranges);
    const [codes, scales] = ["b.codes", "b.scales"].map((name) => numbers(initializers.get(name)!.data));
    expect(codes!.map((code, channel) => code * scales![channel]!)).toEqual([expect.closeTo(-0.3, 3), expect.closeTo(0.2, 3)]);
  });

  test("a range that is too narrow clips, and one that is missing is an error", async () => {
    const narrow = await run(quantizeGraph(graph, new Map([...wide].map(([name]) => [name, { low: 0, high: 0.01 }]))));
    expect(Math.max(...numbers(narrow.data))).toBeLessThanOrEqual(0.0101);
    expect(() => quantizeGraph(graph, new Map())).toThrow(/range of/);
  });

  test("a pool between convolutions that says it has no gaps can be run: the engine's 8-bit pool does not know the word", async () => {
    const builder = createGraphBuilder("pooled");
    const weights = builder.constant(float32Tensor([2, 2, 1, 1], Float32Array.of(1, 0, 0, 1)), "weight");
    const first = builder.op("Conv", [builder.input("x", ["N", 2, 6, 6]), weights]);
    const gaps = { kernel_shape: attribute.ints([3, 3]), pads: attribute.ints([1, 1, 1, 1]), dilations: attribute.ints([1, 1]) };
    builder.output(builder.op("Conv", [builder.op("AveragePool", [first], gaps), weights]), ["N", 2, 6, 6], { name: "y" });
    const pooled = builder.build();
    const eightBit = quantizeGraph(pooled, new Map(quantizedValues(pooled).map((name) => [name, { low: -6, high: 6 }])));
    const [exact, rounded] = [numbers((await run(pooled)).data), numbers((await run(eightBit)).data)];
    expect(Math.max(...exact.map((value, index) => Math.abs(value - rounded[index]!)))).toBeLessThan(0.15);
  });
});
