import { describe, expect, test } from "vitest";
import { createRandom, elementCount, float32Tensor, type Tensor } from "../../core/index.ts";
import { createNodeRuntime } from "../../runtime/runtime.node.ts";
import { attribute } from "../attributes.ts";
import { createGraphBuilder, type GraphBuilder } from "../builder.ts";
import { decodeModel } from "../decode.ts";
import { encodeModel } from "../encode.ts";
import type { Attribute, Dimension, Graph } from "../model.ts";
import { inferShapes } from "../shapes.ts";
import { convertOpset } from "./convert-opset.ts";

const runtime = createNodeRuntime();

/** A network in an older opset: one input `x`, one output `y`. */
interface Old {
  readonly opset: number;
  readonly shape: readonly number[];
  readonly build: (builder: GraphBuilder, x: string) => string;
}

function oldGraph({ opset, shape, build }: Old, free = false): Graph {
  const empty: Graph = { name: "old", inputs: [], outputs: [], nodes: [], initializers: new Map(), opsets: { "": opset } };
  const builder = createGraphBuilder("old", empty);
  const sizes: readonly Dimension[] = free ? ["N", ...shape.slice(1)] : shape;
  builder.output(build(builder, builder.input("x", sizes)), [], { name: "y" });
  const graph = builder.build();
  return { ...graph, outputs: graph.outputs.map(({ name, type }) => ({ name, type, shape: [], isShapeUnknown: true })) };
}

async function run(graph: Graph, x: Tensor): Promise<Tensor> {
  await using session = await runtime.load(encodeModel(graph), { device: "cpu" });
  return (await session.run({ x }))["y"]!;
}

function draw(shape: readonly number[]): Tensor {
  const random = createRandom(3);
  return float32Tensor(
    shape,
    Float32Array.from({ length: elementCount(shape) }, () => random.normal()),
  );
}

const ints = (values: Readonly<Record<string, number | readonly number[]>>): Record<string, Attribute> =>
  Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, typeof value === "number" ? attribute.int(value) : attribute.ints(value)]),
  );
const floats = (builder: GraphBuilder, ...values: number[]): string =>
  builder.constant(float32Tensor([values.length], Float32Array.from(values)));
const endless = 2 ** 63;

const older: readonly (readonly [string, Old])[] = [
  ...[1, 2, 3, -1, -2].map((axis): [string, Old] => [
    `Softmax over what follows axis ${axis}`,
    { opset: 11, shape: [2, 3, 4, 2], build: (b, x) => b.op("Softmax", [x], ints({ axis })) },
  ]),
  ["Softmax without an axis", { opset: 7, shape: [2, 3, 4], build: (b, x) => b.op("Softmax", [x]) }],
  ["LogSoftmax", { opset: 9, shape: [2, 3, 4], build: (b, x) => b.op("LogSoftmax", [x], ints({ axis: 1 })) }],
  ["Hardmax", { opset: 11, shape: [2, 3, 4], build: (b, x) => b.op("Hardmax", [x]) }],
  ["Softmax behind a reshape by the picture's own size", { opset: 11, shape: [2, 3, 2, 2], build: flattenedHead }],
  ["ReduceMean, axes as attribute", { opset: 13, shape: [2, 3, 4], build: (b, x) => b.op("ReduceMean", [x], ints({ axes: [-1, 1] })) }],
  ["ReduceSum, axes as attribute", { opset: 11, shape: [2, 3], build: (b, x) => b.op("ReduceSum", [x], ints({ axes: [1], keepdims: 0 })) }],
  ["ReduceL2 over all", { opset: 13, shape: [2, 3], build: (b, x) => b.op("ReduceL2", [x], ints({ keepdims: 0 })) }],
  ["Squeeze", { opset: 11, shape: [2, 1, 3, 1], build: (b, x) => b.op("Squeeze", [x], ints({ axes: [1, -1] })) }],
  ["Unsqueeze", { opset: 9, shape: [2, 3], build: (b, x) => b.op("Unsqueeze", [x], ints({ axes: [0, 2] })) }],
  [
    "Slice to the end",
    { opset: 9, shape: [3, 7], build: (b, x) => b.op("Slice", [x], ints({ starts: [1, -3], ends: [endless, endless], axes: [0, 1] })) },
  ],
  ["Slice without axes", { opset: 7, shape: [3, 7], build: (b, x) => b.op("Slice", [x], ints({ starts: [0, 1], ends: [2, -1] })) }],
  [
    "Pad with a value",
    { opset: 7, shape: [2, 3], build: (b, x) => b.op("Pad", [x], { ...ints({ pads: [1, 0, 2, 3] }), value: attribute.float(0.5) }) },
  ],
  [
    "Pad by reflection",
    { opset: 10, shape: [3, 4], build: (b, x) => b.op("Pad", [x], { ...ints({ pads: [0, 2, 1, 0] }), mode: attribute.string("reflect") }) },
  ],
  ["Clip", { opset: 7, shape: [2, 9], build: (b, x) => b.op("Clip", [x], { min: attribute.float(-0.5), max: attribute.float(0.25) }) }],
  ["Clip below only", { opset: 10, shape: [2, 9], build: (b, x) => b.op("Clip", [x], { max: attribute.float(0.25) }) }],
  ["Dropout", { opset: 7, shape: [2, 9], build: (b, x) => b.op("Dropout", [x], { ratio: attribute.float(0.9) }) }],
  ["Dropout with a mask that nobody reads", { opset: 10, shape: [2, 9], build: (b, x) => b.multi("Dropout", 2, [x])[0]! }],
  [
    "Upsample, scales as attribute",
    { opset: 8, shape: [1, 2, 3, 2], build: (b, x) => b.op("Upsample", [x], { scales: attribute.floats([1, 1, 2, 3]) }) },
  ],
  ["Upsample to nearest", { opset: 9, shape: [1, 2, 3, 2], build: (b, x) => b.op("Upsample", [x, floats(b, 1, 1, 2.5, 3)]) }],
  [
    "Upsample, linear",
    {
      opset: 9,
      shape: [1, 2, 3, 4],
      build: (b, x) => b.op("Upsample", [x, floats(b, 1, 1, 2, 1.5)], { mode: attribute.string("linear") }),
    },
  ],
  ...[
    [1, 1, 2, 3.5],
    [1, 1, 0.6, 0.5],
  ].map((scales): [string, Old] => [
    `Resize to nearest by ${scales.slice(2).join(" and ")}`,
    { opset: 10, shape: [1, 2, 5, 4], build: (b, x) => b.op("Resize", [x, floats(b, ...scales)]) },
  ]),
  [
    "Resize, linear",
    { opset: 10, shape: [1, 2, 5, 4], build: (b, x) => b.op("Resize", [x, floats(b, 1, 1, 0.6, 2)], { mode: attribute.string("linear") }) },
  ],
  [
    "Resize whose empty lists stand for nothing",
    {
      opset: 11,
      shape: [1, 2, 5, 4],
      build: (b, x) => b.op("Resize", [x, floats(b), floats(b), b.integers([1, 2, 3, 9])], { mode: attribute.string("linear") }),
    },
  ],
  ["Split into equal parts", { opset: 13, shape: [2, 6], build: (b, x) => b.multi("Split", 3, [x], ints({ axis: 1 }))[1]! }],
  ["Split by a list", { opset: 11, shape: [2, 6], build: (b, x) => b.multi("Split", 2, [x], ints({ axis: 1, split: [4, 2] }))[1]! }],
  ["TopK", { opset: 9, shape: [2, 6], build: (b, x) => b.multi("TopK", 2, [x], ints({ k: 2 }))[0]! }],
  ["Constant", { opset: 9, shape: [2], build: (b, x) => b.op("Add", [x, b.op("Constant", [], { value: attribute.tensor(draw([2])) })]) }],
  ["Scatter", { opset: 9, shape: [3], build: (b, x) => b.op("Scatter", [x, b.integers([2, 0]), floats(b, 5, 6)]) }],
  [
    "BatchNormalization",
    { opset: 9, shape: [2, 3, 2, 2], build: (b, x) => b.op("BatchNormalization", [x, ...[1, 2, 3, 4].map((v) => floats(b, v, 1, 0.5))]) },
  ],
  [
    "BatchNormalization with a mark",
    {
      opset: 7,
      shape: [2, 3],
      build: (b, x) => b.op("BatchNormalization", [x, ...[1, 2, 3, 4].map((v) => floats(b, v, 1, 0.5))], ints({ spatial: 1 })),
    },
  ],
  [
    "Flatten, MatMul, Gemm of old",
    { opset: 7, shape: [2, 3, 2], build: (b, x) => b.op("Gemm", [b.op("Flatten", [x]), b.constant(draw([6, 4])), floats(b, 1, 2, 3, 4)]) },
  ],
  [
    "RoiAlign, whose pixels moved by half",
    {
      opset: 10,
      shape: [1, 1, 6, 6],
      build: (b, x) =>
        b.op(
          "RoiAlign",
          [x, b.constant(float32Tensor([1, 4], Float32Array.of(0.5, 1, 4, 5))), b.integers([0])],
          ints({ output_height: 3, output_width: 2 }),
        ),
    },
  ],
  [
    "GridSample, whose modes were renamed",
    {
      opset: 16,
      shape: [1, 2, 3, 4],
      build: (b, x) =>
        b.op("GridSample", [x, b.op("Constant", [], { value: attribute.tensor(draw([1, 2, 2, 2])) })], {
          mode: attribute.string("bilinear"),
        }),
    },
  ],
];

/** As PyTorch writes `x.flatten(1)`: the picture's own size, one number of it, joined with what is left. */
function flattenedHead(b: GraphBuilder, x: string): string {
  const first = b.op(
    "Gather",
    [b.op("Shape", [x]), b.constant({ type: "int64", shape: [], data: BigInt64Array.of(0n) })],
    ints({ axis: 0 }),
  );
  const size = b.op("Concat", [b.op("Unsqueeze", [first], ints({ axes: [0] })), b.integers([-1])], ints({ axis: 0 }));
  return b.op("Softmax", [b.op("Gemm", [b.op("Reshape", [x, size]), b.constant(draw([12, 3]))])], ints({ axis: 1 }));
}

describe("an older opset", () => {
  test.each(older)("%s", async (_name, old) => {
    const x = draw(old.shape);
    const expected = await run(oldGraph(old), x);
    for (const free of [false, true]) {
      const graph = oldGraph(old, free);
      const current = convertOpset(graph);
      expect(graph.opsets).toEqual({ "": old.opset });
      expect(current.opsets).toEqual({ "": 20 });
      const actual = await run(current, x);
      expect(actual.shape).toEqual(expected.shape);
      for (const [index, value] of expected.data.entries()) expect(Number(actual.data[index])).toBeCloseTo(Number(value), 5);
    }
  });

  test.each(older.filter(([name]) => !/TopK|RoiAlign|GridSample/.test(name)))("%s: its shape is the engine's", async (_name, old) => {
    const x = draw(old.shape);
    const { shape } = await run(oldGraph(old), x);
    expect(inferShapes(convertOpset(oldGraph(old))).get("y")!.shape).toEqual(shape);
  });

  test("is written and read as what it is", () => {
    const graph = oldGraph(older[0]![1]);
    expect(decodeModel(encodeModel(graph))).toEqual(graph);
  });

  test("that does not need a rule keeps its nodes as they are: a softmax over the last axis has one node", () => {
    const [softmax] = convertOpset(oldGraph({ opset: 11, shape: [2, 3], build: (b, x) => b.op("Softmax", [x], ints({ axis: 1 })) })).nodes;
    expect(softmax).toMatchObject({ op: "Softmax", inputs: ["x"], attributes: { axis: { value: -1 } } });
  });

  test("has no shapes before it is converted", () => {
    expect(() => inferShapes(oldGraph(older[0]![1]))).toThrow(
      expect.objectContaining({ code: "TF_GRAPH_INVALID", message: expect.stringContaining("opset") }),
    );
  });
});

const refused: readonly (readonly [string, Old])[] = [
  ["an operation of later opsets", { opset: 13, shape: [2], build: (b, x) => b.op("Gelu", [x]) }],
  ["an operation that nobody knows", { opset: 13, shape: [2], build: (b, x) => b.op("Frobnicate", [x]) }],
  ["an operation behind the current opset", { opset: 24, shape: [2], build: (b, x) => b.op("Swish", [x]) }],
  [
    "another meaning behind the current opset",
    { opset: 21, shape: [2, 4], build: (b, x) => b.op("GroupNormalization", [x, x, x], ints({ num_groups: 2 })) },
  ],
  [
    "blocks of a later opset",
    { opset: 21, shape: [4], build: (b, x) => b.op("QuantizeLinear", [x, b.scalar(1)], ints({ block_size: 2 })) },
  ],
  ["training before it was an attribute", { opset: 6, shape: [2, 3], build: (b, x) => b.op("BatchNormalization", [x, x, x, x, x]) }],
  ["a batch's statistics before 14", { opset: 9, shape: [2, 3], build: (b, x) => b.multi("BatchNormalization", 3, [x, x, x, x, x])[1]! }],
  ["an old mask", { opset: 10, shape: [2], build: (b, x) => b.multi("Dropout", 2, [x])[1]! }],
  ["broadcasting along an axis", { opset: 6, shape: [2, 3], build: (b, x) => b.op("Add", [x, x], ints({ broadcast: 1, axis: 0 })) }],
  ["a Resize both ways", { opset: 10, shape: [1, 1, 4, 4], build: (b, x) => b.op("Resize", [x, floats(b, 1, 1, 2, 0.5)]) }],
];

describe("what has no form in the current opset", () => {
  test.each(refused)("%s is refused by name", (_name, old) => {
    const graph = oldGraph(old);
    expect(() => convertOpset(graph)).toThrow(
      expect.objectContaining({ code: "TF_GRAPH_UNSUPPORTED_OP", message: expect.stringContaining(`"${graph.nodes[0]!.name}"`) }),
    );
  });
});

const newer: readonly (readonly [string, Old])[] = [
  ["Gelu", { opset: 20, shape: [2, 9], build: (b, x) => b.op("Gelu", [x]) }],
  ["Gelu by tanh", { opset: 20, shape: [2, 9], build: (b, x) => b.op("Gelu", [x], { approximate: attribute.string("tanh") }) }],
  ["HardSwish", { opset: 20, shape: [2, 9], build: (b, x) => b.op("HardSwish", [b.op("Mul", [x, b.scalar(4)])]) }],
  ["Mish", { opset: 20, shape: [2, 9], build: (b, x) => b.op("Mish", [x]) }],
  ["ReduceMean", { opset: 20, shape: [2, 3, 4], build: (b, x) => b.op("ReduceMean", [x, b.integers([-1])], ints({ keepdims: 0 })) }],
  ["ReduceMax over all", { opset: 20, shape: [2, 3, 4], build: (b, x) => b.op("ReduceMax", [x]) }],
  [
    "Resize",
    {
      opset: 20,
      shape: [1, 2, 3, 3],
      build: (b, x) => b.op("Resize", [x, "", "", b.integers([1, 2, 6, 9])], { antialias: attribute.int(0) }),
    },
  ],
  ["Reshape", { opset: 20, shape: [2, 6], build: (b, x) => b.op("Reshape", [x, b.integers([0, 2, -1])], ints({ allowzero: 0 })) }],
  [
    "BatchNormalization",
    {
      opset: 20,
      shape: [2, 3],
      build: (b, x) => b.op("BatchNormalization", [x, ...[1, 2, 3, 4].map((v) => floats(b, v, 1, 0.5))], ints({ training_mode: 0 })),
    },
  ],
];

describe("opset 13", () => {
  test.each(newer)("%s answers the same", async (_name, given) => {
    const x = draw(given.shape);
    const expected = await run(oldGraph(given), x);
    const graph = convertOpset(oldGraph(given), 13);
    expect(graph.opsets).toEqual({ "": 13 });
    const actual = await run(graph, x);
    expect(actual.shape).toEqual(expected.shape);
    for (const [index, value] of expected.data.entries()) expect(Number(actual.data[index])).toBeCloseTo(Number(value), 5);
  });

  test.each([
    ["LayerNormalization", (b: GraphBuilder, x: string): string => b.op("LayerNormalization", [x, floats(b, 1, 1)])],
    ["antialias", (b: GraphBuilder, x: string): string => b.op("Resize", [x, "", "", b.integers([1, 1])], ints({ antialias: 1 }))],
    ["noop", (b: GraphBuilder, x: string): string => b.op("ReduceMean", [x], ints({ noop_with_empty_axes: 1 }))],
    ["training", (b: GraphBuilder, x: string): string => b.op("BatchNormalization", [x, x, x, x, x], ints({ training_mode: 1 }))],
  ])("%s is refused by name", (_name, build) => {
    expect(() => convertOpset(oldGraph({ opset: 20, shape: [2, 2], build }), 13)).toThrow(
      expect.objectContaining({ code: "TF_GRAPH_UNSUPPORTED_OP" }),
    );
  });

  test("is the oldest that is written, and the current one the newest", () => {
    const graph = oldGraph(newer[0]![1]);
    for (const target of [12, 21])
      expect(() => convertOpset(graph, target)).toThrow(expect.objectContaining({ code: "TF_INVALID_ARGUMENT" }));
  });
});
