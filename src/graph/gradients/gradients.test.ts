import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createRandom, elementCount, float32Tensor, type Float32Tensor } from "../../core/index.ts";
import { createNodeRuntime } from "../../runtime/runtime.node.ts";
import { attribute } from "../attributes.ts";
import { createGraphBuilder, type GraphBuilder } from "../builder.ts";
import { encodeModel } from "../encode.ts";
import type { Graph } from "../model.ts";
import { inferShapes } from "../shapes.ts";
import { differentiate } from "./differentiate.ts";
import { gradientRules } from "./rules.ts";

const runtime = createNodeRuntime();

/** Values of an input: kept away from zero where a function has a kink there. */
type Values = "normal" | "positive" | "apart" | "distinct";

interface Case {
  readonly shapes: readonly (readonly number[])[];
  readonly values?: Values;
  readonly build: (builder: GraphBuilder, inputs: readonly string[]) => string;
}

function draw(shape: readonly number[], values: Values, seed: number): Float32Tensor {
  const random = createRandom(seed);
  const count = elementCount(shape);
  const ranks = Array.from({ length: count }, (_, index) => index).sort(() => random.uniform() - 0.5);
  const one = {
    normal: () => random.normal(),
    positive: () => 0.5 + random.uniform(),
    apart: () => (random.uniform() < 0.5 ? -1 : 1) * (0.2 + random.uniform()),
    distinct: (index: number) => (ranks[index]! - count / 2) * 0.1 + 0.05,
  }[values];
  return float32Tensor(
    shape,
    Float32Array.from({ length: count }, (_, index) => one(index)),
  );
}

/** A graph whose loss is a random weighting of the case's output, so that every element of its gradient matters. */
function lossGraph({ shapes, build }: Case): Graph {
  const builder = createGraphBuilder("case");
  const inputs = shapes.map((shape, index) => builder.input(`x${index}`, shape));
  const value = build(builder, inputs);
  const shape = inferShapes(builder.build()).get(value)!.shape;
  const weights = builder.constant(draw(shape, "normal", 99));
  const loss = builder.op("ReduceSum", [builder.op("Mul", [value, weights])], { keepdims: attribute.int(0) });
  builder.output(loss, [], { name: "loss" });
  return builder.build();
}

/** Largest difference of the gradient from central differences, relative to the largest gradient. */
async function gradientError(given: Case, seed = 1): Promise<number> {
  const names = given.shapes.map((_, index) => `x${index}`);
  const { graph, gradients } = differentiate(lossGraph(given), "loss", names);
  const types = inferShapes(graph);
  const builder = createGraphBuilder("check", graph);
  for (const name of names) {
    expect(types.get(gradients.get(name)!)!.shape).toEqual(given.shapes[names.indexOf(name)]);
    builder.output(gradients.get(name)!, types.get(name)!.shape, { name: `d${name}` });
  }
  await using session = await runtime.load(encodeModel(builder.build()), { device: "cpu" });
  const feeds = Object.fromEntries(names.map((name, index) => [name, draw(given.shapes[index]!, given.values ?? "normal", seed + index)]));
  const analytic = await session.run(feeds);
  const step = 1e-2;
  let worst = 0;
  for (const name of names) {
    const actual = analytic[`d${name}`]!.data as Float32Array;
    const expected = new Float32Array(actual.length);
    const { data } = feeds[name]!;
    for (let index = 0; index < data.length; index++) {
      const original = data[index]!;
      const sides: number[] = [];
      for (const side of [step, -step]) {
        data[index] = original + side;
        sides.push((await session.run(feeds, ["loss"]))["loss"]!.data[0] as number);
      }
      data[index] = original;
      expected[index] = (sides[0]! - sides[1]!) / (2 * step);
    }
    const scale = Math.max(0.1, ...expected.map(Math.abs));
    worst = Math.max(worst, ...expected.map((value, index) => Math.abs(value - actual[index]!) / scale));
  }
  return worst;
}

const unary = (op: string, values: Values = "normal", attributes = {}, domain = ""): [string, Case] => [
  op,
  { shapes: [[2, 5]], values, build: (builder, [x]) => builder.op(op, [x!], attributes, domain === "" ? {} : { domain }) },
];
const binary = (op: string, a: readonly number[], b: readonly number[], values: Values = "positive"): [string, Case] => [
  `${op} [${a.join()}] [${b.join()}]`,
  { shapes: [a, b], values, build: (builder, inputs) => builder.op(op, inputs) },
];
const ints = (values: Readonly<Record<string, number | readonly number[]>>): Record<string, ReturnType<typeof attribute.int>> =>
  Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, typeof value === "number" ? attribute.int(value) : attribute.ints(value)]),
  );

const elementwise: readonly [string, Case][] = [
  unary("Relu", "apart"),
  unary("LeakyRelu", "apart", { alpha: attribute.float(0.2) }),
  unary("Sigmoid"),
  unary("Tanh"),
  unary("HardSwish"),
  unary("HardSigmoid", "apart"),
  unary("Gelu"),
  ["Gelu tanh", { shapes: [[2, 5]], build: (builder, [x]) => builder.op("Gelu", [x!], { approximate: attribute.string("tanh") }) }],
  unary("QuickGelu", "normal", { alpha: attribute.float(1) }, "com.microsoft"),
  unary("Softplus"),
  unary("Exp"),
  unary("Log", "positive"),
  unary("Sqrt", "positive"),
  unary("Reciprocal", "positive"),
  unary("Neg"),
  unary("Identity"),
  unary("Abs", "apart"),
  unary("Erf"),
  ["Clip", { shapes: [[2, 5]], values: "apart", build: (b, [x]) => b.op("Clip", [x!, b.scalar(-0.1), b.scalar(0.1)]) }],
  ["Cast", { shapes: [[2, 5]], build: (b, [x]) => b.op("Cast", [x!], ints({ to: 1 })) }],
  [
    "Pow by whole numbers",
    {
      shapes: [[2, 3]],
      values: "apart",
      build: (b, [x]) => b.op("Pow", [x!, b.integers([3, 0, 2])]),
    },
  ],
  ["SiLU", { shapes: [[2, 5]], build: (b, [x]) => b.op("Mul", [x!, b.op("Sigmoid", [x!])]) }],
  ["Pow", { shapes: [[2, 5]], values: "positive", build: (b, [x]) => b.op("Pow", [x!, b.scalar(3)]) }],
  [
    "PRelu",
    {
      shapes: [
        [2, 3, 2, 2],
        [3, 1, 1],
      ],
      values: "apart",
      build: (b, inputs) => b.op("PRelu", inputs),
    },
  ],
  ["Where", { shapes: [[2, 5], [5]], values: "apart", build: (b, [x, y]) => b.op("Where", [b.op("Greater", [x!, b.scalar(0)]), x!, y!]) }],
  ...["Add", "Sub", "Mul", "Div"].flatMap((op) => [
    binary(op, [2, 3], [2, 3]),
    binary(op, [2, 3, 4], [3, 1]),
    binary(op, [4], [2, 1, 4]),
    binary(op, [2, 1], [1, 3]),
    binary(op, [2, 3], []),
  ]),
  binary("Max", [2, 3], [3], "distinct"),
  binary("Min", [2, 3], [3], "distinct"),
];

const matrices: readonly [string, Case][] = [
  ...["Softmax", "LogSoftmax"].flatMap((op): [string, Case][] =>
    [1, -1, 0].map((axis) => [`${op} along ${axis}`, { shapes: [[3, 4]], build: (b, [x]) => b.op(op, [x!], ints({ axis })) }]),
  ),
  binary("MatMul", [3, 4], [4, 2]),
  binary("MatMul", [2, 3, 4], [4, 2]),
  binary("MatMul", [2, 3, 4], [2, 4, 2]),
  binary("MatMul", [5, 1, 3, 2], [2, 2, 3]),
  ...[0, 1, 2, 3].map((code): [string, Case] => {
    const [transA, transB] = [code & 1, code >> 1];
    const options = { ...ints({ transA, transB }), alpha: attribute.float(0.5), beta: attribute.float(2) };
    return [
      `Gemm transA ${transA} transB ${transB}`,
      { shapes: [transA ? [4, 3] : [3, 4], transB ? [2, 4] : [4, 2], [2]], build: (b, inputs) => b.op("Gemm", inputs, options) },
    ];
  }),
];

const moving: readonly [string, Case][] = [
  ["Reshape", { shapes: [[2, 6]], build: (b, [x]) => b.op("Reshape", [x!, b.integers([3, -1])]) }],
  ["Flatten", { shapes: [[2, 3, 2]], build: (b, [x]) => b.op("Flatten", [x!]) }],
  ["Squeeze", { shapes: [[2, 1, 3]], build: (b, [x]) => b.op("Squeeze", [x!, b.integers([1])]) }],
  ["Unsqueeze", { shapes: [[2, 3]], build: (b, [x]) => b.op("Unsqueeze", [x!, b.integers([0, 2])]) }],
  ["Transpose", { shapes: [[2, 3, 4]], build: (b, [x]) => b.op("Transpose", [x!], ints({ perm: [1, 2, 0] })) }],
  [
    "Concat",
    {
      shapes: [
        [2, 3],
        [2, 1],
        [2, 2],
      ],
      build: (b, inputs) => b.op("Concat", inputs, ints({ axis: 1 })),
    },
  ],
  [
    "Slice",
    {
      shapes: [[3, 7]],
      build: (b, [x]) => b.op("Slice", [x!, b.integers([1, -6]), b.integers([3, 6]), b.integers([0, 1]), b.integers([1, 2])]),
    },
  ],
  ["Pad that cuts off", { shapes: [[4, 3]], build: (b, [x]) => b.op("Pad", [x!, b.integers([-1, 2, 1, -1])]) }],
  ["Pad of one axis", { shapes: [[2, 3]], build: (b, [x]) => b.op("Pad", [x!, b.integers([1, 2]), "", b.integers([-1])]) }],
  ["Pad", { shapes: [[2, 3]], build: (b, [x]) => b.op("Pad", [x!, b.integers([1, 0, 2, 3])]) }],
  ["Expand", { shapes: [[2, 1, 3]], build: (b, [x]) => b.op("Expand", [x!, b.integers([2, 4, 3])]) }],
  [
    "Resize",
    {
      shapes: [[1, 2, 2, 3]],
      build: (b, [x]) =>
        b.op("Resize", [x!, "", "", b.integers([1, 2, 4, 9])], {
          mode: attribute.string("nearest"),
          coordinate_transformation_mode: attribute.string("asymmetric"),
          nearest_mode: attribute.string("floor"),
        }),
    },
  ],
  ...[
    ["half_pixel", "round_prefer_floor"],
    ["half_pixel", "round_prefer_ceil"],
    ["pytorch_half_pixel", "round_prefer_floor"],
  ].map(([coordinates, rounding]): [string, Case] => [
    `Resize by ${coordinates} and ${rounding}`,
    {
      shapes: [[1, 2, 2, 3]],
      build: (b, [x]) =>
        b.op("Resize", [x!, "", "", b.integers([1, 2, 4, 9])], {
          mode: attribute.string("nearest"),
          coordinate_transformation_mode: attribute.string(coordinates!),
          nearest_mode: attribute.string(rounding!),
        }),
    },
  ]),
  ...["ReduceSum", "ReduceMean", "ReduceSumSquare"].map((op): [string, Case] => [
    `${op} over nothing, which reduces nothing`,
    { shapes: [[2, 3]], build: (b, [x]) => b.op(op, [x!], ints({ noop_with_empty_axes: 1 })) },
  ]),
  ["ReduceMean over one axis twice", { shapes: [[2, 3]], build: (b, [x]) => b.op("ReduceMean", [x!, b.integers([1, -1])]) }],
  ...["ReduceSum", "ReduceMean", "ReduceSumSquare", "ReduceLogSumExp"].flatMap((op): [string, Case][] =>
    [
      [[1], 1],
      [[0, -1], 0],
      [[], 0],
    ].map(([axes, keepdims]) => [
      `${op} over [${String(axes)}]`,
      { shapes: [[2, 3, 4]], build: (b, [x]) => b.op(op, [x!, b.integers(axes as number[])], ints({ keepdims: keepdims as number })) },
    ]),
  ),
];

interface Window {
  readonly dilations: readonly [number, number];
  readonly groups: number;
  readonly inputs: number;
  readonly outputs: number;
  readonly kernel: readonly [number, number];
  readonly strides: readonly [number, number];
  readonly pads: readonly [number, number, number, number];
  readonly size: readonly [number, number];
}

function conv({ groups, inputs, outputs, kernel, strides, pads, size, dilations }: Window): Case {
  const weights = [outputs * groups, inputs, ...kernel];
  const attributes = ints({ kernel_shape: kernel, strides, pads, dilations, group: groups });
  return {
    shapes: [[2, inputs * groups, ...size], weights, [outputs * groups]],
    build: (builder, values) => builder.op("Conv", values, attributes),
  };
}

const side = fc.integer({ min: 1, max: 3 });
const windows: fc.Arbitrary<Window> = fc
  .record({
    groups: side,
    inputs: side,
    outputs: side,
    kernel: fc.tuple(side, side),
    strides: fc.tuple(fc.integer({ min: 1, max: 2 }), fc.integer({ min: 1, max: 2 })),
    pads: fc.tuple(...([0, 1, 2, 3].map(() => fc.integer({ min: 0, max: 2 })) as [typeof side, typeof side, typeof side, typeof side])),
    size: fc.tuple(fc.integer({ min: 3, max: 6 }), fc.integer({ min: 3, max: 6 })),
    dilations: fc.tuple(fc.integer({ min: 1, max: 2 }), fc.integer({ min: 1, max: 2 })),
  })
  .filter(({ pads, kernel }) => pads.every((pad, index) => pad <= kernel[index % 2]!))
  .filter(({ pads, kernel, size, dilations }) =>
    size.every((length, axis) => length + pads[axis]! + pads[axis + 2]! > (kernel[axis]! - 1) * dilations[axis]!),
  );

type WindowOptions = readonly (readonly [string, Readonly<Record<string, number | readonly number[]>>])[];

const averagePools: WindowOptions = [
  ["padded, not counting", { kernel_shape: [3, 3], strides: [2, 1], pads: [1, 1, 1, 1] }],
  ["rounded up", { kernel_shape: [3, 2], strides: [2, 2], ceil_mode: 1 }],
  ["rounded up and padded", { kernel_shape: [2, 3], strides: [2, 2], pads: [1, 1, 1, 0], ceil_mode: 1 }],
  ["dilated", { kernel_shape: [2, 2], dilations: [2, 3], pads: [0, 1, 1, 0] }],
];
const maxPools: WindowOptions = [
  ["columns first", { storage_order: 1 }],
  ["rounded up", { strides: [2, 2], ceil_mode: 1 }],
  ["dilated", { dilations: [2, 2] }],
];

const spatial: readonly [string, Case][] = [
  ["GlobalAveragePool", { shapes: [[2, 3, 3, 2]], build: (b, [x]) => b.op("GlobalAveragePool", [x!]) }],
  [
    "AveragePool",
    { shapes: [[2, 3, 5, 4]], build: (b, [x]) => b.op("AveragePool", [x!], ints({ kernel_shape: [2, 2], strides: [2, 2] })) },
  ],
  [
    "AveragePool, overlapping and padded",
    {
      shapes: [[1, 2, 5, 4]],
      build: (b, [x]) =>
        b.op("AveragePool", [x!], ints({ kernel_shape: [3, 3], strides: [2, 1], pads: [1, 1, 1, 1], count_include_pad: 1 })),
    },
  ],
  [
    "MaxPool",
    {
      shapes: [[2, 2, 4, 4]],
      values: "distinct",
      build: (b, [x]) => b.op("MaxPool", [x!], ints({ kernel_shape: [2, 2], strides: [2, 2] })),
    },
  ],
  [
    "Conv, padded to the same size",
    {
      shapes: [
        [1, 2, 5, 4],
        [3, 2, 3, 2],
      ],
      build: (b, inputs) => b.op("Conv", inputs, { ...ints({ strides: [2, 1] }), auto_pad: attribute.string("SAME_LOWER") }),
    },
  ],
  ...averagePools.map(([what, window]): [string, Case] => [
    `AveragePool, ${what}`,
    { shapes: [[1, 2, 6, 5]], build: (b, [x]) => b.op("AveragePool", [x!], ints(window)) },
  ]),
  ...maxPools.map(([what, window]): [string, Case] => [
    `MaxPool, ${what}`,
    {
      shapes: [[2, 2, 5, 6]],
      values: "distinct",
      build: (b, [x]) => b.multi("MaxPool", 2, [x!], ints({ kernel_shape: [3, 2], ...window }))[0]!,
    },
  ]),
  [
    "MaxPool, overlapping and padded",
    {
      shapes: [[2, 2, 5, 5]],
      values: "distinct",
      build: (b, [x]) => b.op("MaxPool", [x!], ints({ kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] })),
    },
  ],
  [
    "BatchNormalization",
    {
      shapes: [[4, 3, 2, 3], [3], [3]],
      build: (b, inputs) => {
        const own = [0, 1].map((value) => b.constant(float32Tensor([3], new Float32Array(3).fill(value))));
        const attributes = { training_mode: attribute.int(1), momentum: attribute.float(0) };
        return b.multi("BatchNormalization", 3, [...inputs, ...own], attributes)[0]!;
      },
    },
  ],
  [
    "BatchNormalization with fixed statistics",
    {
      shapes: [[4, 3, 2, 3], [3], [3]],
      build: (b, inputs) => {
        const own = [
          [0.5, -1, 2],
          [1, 0.5, 3],
        ].map((values) => b.constant(float32Tensor([3], Float32Array.from(values))));
        return b.op("BatchNormalization", [...inputs, ...own]);
      },
    },
  ],
  ["Dropout outside training", { shapes: [[6, 6]], build: (b, [x]) => b.multi("Dropout", 2, [x!, b.scalar(0.5)])[0]! }],
  [
    "Dropout",
    {
      shapes: [[6, 6]],
      build: (b, [x]) => {
        // A ratio of 0 in training keeps every value: the random mask itself cannot be held still between runs.
        const training = b.constant({ type: "bool", shape: [], data: Uint8Array.of(1) });
        return b.multi("Dropout", 2, [x!, b.scalar(0), training])[0]!;
      },
    },
  ],
];

describe("gradients agree with central differences", () => {
  test.each([...elementwise, ...matrices, ...moving, ...spatial])("%s", async (_name, given) => {
    expect(await gradientError(given)).toBeLessThan(1e-2);
  });

  test("Conv with any groups, kernel, strides and pads", async () => {
    await fc.assert(
      fc.asyncProperty(windows, async (window) => {
        expect(await gradientError(conv(window))).toBeLessThan(1e-2);
      }),
      { numRuns: 40, seed: 7 },
    );
  });

  test("squeeze and excitation, whose gate broadcasts over pixels", async () => {
    const error = await gradientError({
      shapes: [
        [2, 4, 3, 3],
        [2, 4],
        [4, 2],
      ],
      build: (b, [x, squeeze, excite]) => {
        const pooled = b.op("Flatten", [b.op("GlobalAveragePool", [x!])]);
        const middle = b.op("Tanh", [b.op("Gemm", [pooled, squeeze!], ints({ transB: 1 }))]);
        const gate = b.op("Sigmoid", [b.op("Gemm", [middle, excite!], ints({ transB: 1 }))]);
        return b.op("Mul", [x!, b.op("Reshape", [gate, b.integers([2, 4, 1, 1])])]);
      },
    });
    expect(error).toBeLessThan(1e-2);
  });
});

function nearest(builder: GraphBuilder, x: string, coordinates: string, rounding: string): string {
  return builder.op("Resize", [x, "", "", builder.integers([1, 1, 4, 6])], {
    coordinate_transformation_mode: attribute.string(coordinates),
    nearest_mode: attribute.string(rounding),
  });
}

function truth(builder: GraphBuilder): string {
  return builder.constant({ type: "bool", shape: [], data: Uint8Array.of(1) });
}

describe("differentiate", () => {
  test("names the operation that has no rule", () => {
    const given: Case = { shapes: [[3]], build: (b, [x]) => b.op("Cos", [x!]) };
    expect(() => differentiate(lossGraph(given), "loss", ["x0"])).toThrow(
      expect.objectContaining({ code: "TF_GRAPH_UNSUPPORTED_OP", message: expect.stringContaining("Cos") }),
    );
  });

  test.each(["Max", "Min"])("%s of three values is refused: only two would get a gradient", (op) => {
    const given: Case = { shapes: [[3]], build: (b, [x]) => b.op(op, [b.scalar(0), b.scalar(1), x!]) };
    expect(() => differentiate(lossGraph(given), "loss", ["x0"])).toThrow(expect.objectContaining({ code: "TF_GRAPH_UNSUPPORTED_OP" }));
  });

  test.each<[string, Case]>([
    ["Resize by rounding up", { shapes: [[1, 1, 2, 2]], build: (b, [x]) => nearest(b, x!, "asymmetric", "ceil") }],
    ["Resize by aligned corners", { shapes: [[1, 1, 2, 2]], build: (b, [x]) => nearest(b, x!, "align_corners", "floor") }],
    ["Resize by half pixels rounded down", { shapes: [[1, 1, 2, 2]], build: (b, [x]) => nearest(b, x!, "half_pixel", "floor") }],
    [
      "Resize by a scale that its size does not show",
      {
        shapes: [[2]],
        build: (b, [x]) =>
          b.op("Resize", [x!, "", b.constant(float32Tensor([1], Float32Array.of(2.2)))], {
            nearest_mode: attribute.string("floor"),
            coordinate_transformation_mode: attribute.string("asymmetric"),
          }),
      },
    ],
    [
      "Pad by reflection",
      { shapes: [[3, 3]], build: (b, [x]) => b.op("Pad", [x!, b.integers([1, 0, 1, 0])], { mode: attribute.string("reflect") }) },
    ],
    ["Dropout in training without its mask", { shapes: [[3]], build: (b, [x]) => b.op("Dropout", [x!, b.scalar(0.5), truth(b)]) }],
    ["Dropout by a ratio that is computed", { shapes: [[3], []], build: (b, [x, r]) => b.multi("Dropout", 2, [x!, r!, truth(b)])[0]! }],
    ["Pow by a parameter", { shapes: [[3], [3]], build: (b, inputs) => b.op("Pow", inputs) }],
    ["Clip at a parameter", { shapes: [[3], []], build: (b, [x, low]) => b.op("Clip", [x!, low!]) }],
    ["a mean of nothing", { shapes: [[2, 0]], build: (b, [x]) => b.op("ReduceMean", [x!, b.integers([1])]) }],
    ["a Cast that rounds", { shapes: [[3]], build: (b, [x]) => b.op("Cast", [b.op("Cast", [x!], ints({ to: 7 }))], ints({ to: 1 })) }],
    [
      "AveragePool that counts padding and rounds up",
      {
        shapes: [[1, 1, 5, 5]],
        build: (b, [x]) => b.op("AveragePool", [x!], ints({ kernel_shape: [2, 2], strides: [2, 2], ceil_mode: 1, count_include_pad: 1 })),
      },
    ],
  ])("refuses by name what it has no right gradient of: %s", (_name, given) => {
    const names = given.shapes.map((_, index) => `x${index}`);
    expect(() => differentiate(lossGraph(given), "loss", names)).toThrow(expect.objectContaining({ code: "TF_GRAPH_UNSUPPORTED_OP" }));
  });

  test("refuses a loss of many elements, and a parameter without influence", () => {
    const builder = createGraphBuilder("g");
    const x = builder.input("x", [3]);
    builder.input("unused", [3]);
    const y = builder.op("Exp", [x]);
    const loss = builder.op("ReduceSum", [y], { keepdims: attribute.int(0) });
    const graph = builder.build();
    expect(() => differentiate(graph, y, ["x"])).toThrow(expect.objectContaining({ code: "TF_GRAPH_INVALID" }));
    expect(() => differentiate(graph, loss, ["unused"])).toThrow(expect.objectContaining({ code: "TF_GRAPH_INVALID" }));
  });

  test("every rule of the registry is checked above", () => {
    const operations = new Set(
      [...elementwise, ...matrices, ...moving, ...spatial].flatMap(([, given]) =>
        lossGraph(given).nodes.map((node) => (node.domain === undefined || node.domain === "" ? node.op : `${node.domain}.${node.op}`)),
      ),
    );
    operations.add("Conv");
    expect(Object.keys(gradientRules).filter((name) => !operations.has(name))).toEqual([]);
  });
});
