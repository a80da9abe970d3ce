import { describe, expect, test } from "vitest";
import { createRandom, elementCount, float32Tensor, type Float32Tensor } from "../../core/index.ts";
import {
  constant,
  json,
  oneNode,
  placeholder,
  randomConstant,
  runImported,
  runOriginal,
  type WrittenGraph,
} from "../../../test/support/tensorflow-graph.ts";

function picture(shape: readonly number[]): Float32Tensor {
  const random = createRandom(3);
  return float32Tensor(
    shape,
    Float32Array.from({ length: elementCount(shape) }, () => 2 * random.uniform() - 1),
  );
}

const window = (padding: string, stride: number, dilation = 1): Readonly<Record<string, unknown>> => ({
  padding: json.text(padding),
  strides: json.numbers([1, stride, stride, 1]),
  dilations: json.numbers([1, dilation, dilation, 1]),
  data_format: json.text("NHWC"),
});
const pool = (padding: string, size: number, stride: number): Readonly<Record<string, unknown>> => ({
  ...window(padding, stride),
  ksize: json.numbers([1, size, size, 1]),
});
const filter = (...shape: number[]): ReturnType<typeof randomConstant> => randomConstant("filter", shape);
const axis = (value: number): ReturnType<typeof constant> => constant("axis", [], [value], "int32");
const named = (name: string, ...values: number[]): ReturnType<typeof constant> => constant(name, [values.length], values, "int32");
const list = (...values: number[]): ReturnType<typeof constant> => named("list", ...values);

/** `x[..., ::-1]` */
const backwards = (shape: readonly number[]): WrittenGraph =>
  oneNode(shape, { op: "StridedSlice", attr: { ellipsis_mask: { i: "1" }, begin_mask: { i: "2" }, end_mask: { i: "2" } } }, [
    named("begin", 0, 0),
    named("end", 0, 0),
    named("strides", 1, -1),
  ]);

/** What it is, the shape that goes in, the graph. */
const cases: readonly (readonly [string, readonly number[], WrittenGraph])[] = [
  ["Conv2D SAME, stride 2, even", [1, 8, 10, 3], oneNode([-1, 8, 10, 3], { op: "Conv2D", attr: window("SAME", 2) }, [filter(3, 3, 3, 5)])],
  ["Conv2D SAME, stride 2, odd", [2, 7, 9, 3], oneNode([-1, 7, 9, 3], { op: "Conv2D", attr: window("SAME", 2) }, [filter(5, 5, 3, 4)])],
  ["Conv2D SAME, even window", [1, 7, 8, 2], oneNode([-1, 7, 8, 2], { op: "Conv2D", attr: window("SAME", 1) }, [filter(2, 4, 2, 3)])],
  ["Conv2D SAME, free size", [1, 7, 8, 2], oneNode([-1, -1, -1, 2], { op: "Conv2D", attr: window("SAME", 2) }, [filter(3, 3, 2, 3)])],
  ["Conv2D VALID, stride 2", [1, 8, 9, 3], oneNode([-1, 8, 9, 3], { op: "Conv2D", attr: window("VALID", 2) }, [filter(3, 3, 3, 2)])],
  ["Conv2D, dilated", [1, 9, 9, 2], oneNode([-1, 9, 9, 2], { op: "Conv2D", attr: window("SAME", 1, 2) }, [filter(3, 3, 2, 2)])],
  [
    "Conv2D, explicit pads",
    [1, 6, 6, 2],
    oneNode(
      [-1, 6, 6, 2],
      { op: "Conv2D", attr: { ...window("EXPLICIT", 2), explicit_paddings: json.numbers([0, 0, 2, 1, 0, 3, 0, 0]) } },
      [filter(3, 3, 2, 2)],
    ),
  ],
  [
    "DepthwiseConv2dNative",
    [1, 7, 8, 3],
    oneNode([-1, 7, 8, 3], { op: "DepthwiseConv2dNative", attr: window("SAME", 2) }, [filter(3, 3, 3, 1)]),
  ],
  [
    "DepthwiseConv2dNative, multiplier 2",
    [1, 6, 6, 3],
    oneNode([-1, 6, 6, 3], { op: "DepthwiseConv2dNative", attr: window("SAME", 1) }, [filter(3, 3, 3, 2)]),
  ],
  ["MaxPool SAME", [1, 7, 8, 3], oneNode([-1, 7, 8, 3], { op: "MaxPool", attr: pool("SAME", 3, 2) })],
  ...[1, 2].map((size): (typeof cases)[number] => [
    `MaxPool SAME, ${size} pixels in steps of 3, free size`,
    [1, 6, 7, 3],
    oneNode([-1, -1, -1, 3], { op: "MaxPool", attr: pool("SAME", size, 3) }),
  ]),
  ...[6, 7, 8, 9, 10, 11].map((side): (typeof cases)[number] => [
    `MaxPool SAME, 3 pixels in steps of 5, free sizes, here ${side}`,
    [2, side, side + 4, 3],
    oneNode([-1, -1, -1, 3], { op: "MaxPool", attr: pool("SAME", 3, 5) }),
  ]),
  [
    "MaxPool SAME, 3 x 1 pixels in steps of 2, free size",
    [1, 7, 8, 2],
    oneNode([-1, -1, -1, 2], { op: "MaxPool", attr: { ...window("SAME", 2), ksize: json.numbers([1, 3, 1, 1]) } }),
  ],
  [
    "MaxPool SAME, 4 pixels in steps of 6, one free size",
    [1, 9, 8, 2],
    oneNode([-1, -1, 8, 2], { op: "MaxPool", attr: pool("SAME", 4, 6) }),
  ],
  ["AvgPool SAME, 3 pixels in steps of 5, free size", [1, 6, 9, 3], oneNode([-1, -1, -1, 3], { op: "AvgPool", attr: pool("SAME", 3, 5) })],
  [
    "Conv2D SAME, 3 pixels in steps of 5, free size",
    [1, 6, 9, 3],
    oneNode([-1, -1, -1, 3], { op: "Conv2D", attr: window("SAME", 5) }, [filter(3, 3, 3, 2)]),
  ],
  ["AvgPool SAME, free size", [1, 6, 7, 3], oneNode([-1, -1, -1, 3], { op: "AvgPool", attr: pool("SAME", 2, 2) })],
  [
    "Conv2D SAME, one pixel in steps, free size",
    [1, 6, 7, 3],
    oneNode([-1, -1, -1, 3], { op: "Conv2D", attr: window("SAME", 2) }, [filter(1, 1, 3, 2)]),
  ],
  ["MaxPool VALID", [1, 7, 8, 3], oneNode([-1, 7, 8, 3], { op: "MaxPool", attr: pool("VALID", 2, 2) })],
  ["AvgPool SAME leaves the border out", [1, 5, 6, 2], oneNode([-1, 5, 6, 2], { op: "AvgPool", attr: pool("SAME", 3, 1) })],
  [
    "_FusedConv2D, bias and Relu6",
    [1, 6, 6, 3],
    oneNode(
      [-1, 6, 6, 3],
      { op: "_FusedConv2D", attr: { ...window("SAME", 1), num_args: { i: "1" }, fused_ops: json.texts(["BiasAdd", "Relu6"]) } },
      [filter(3, 3, 3, 4), randomConstant("bias", [4])],
    ),
  ],
  [
    "_FusedConv2D, bias and Prelu",
    [1, 6, 6, 3],
    oneNode(
      [-1, 6, 6, 3],
      { op: "_FusedConv2D", attr: { ...window("SAME", 1), num_args: { i: "2" }, fused_ops: json.texts(["BiasAdd", "Prelu"]) } },
      [filter(3, 3, 3, 4), randomConstant("bias", [4]), randomConstant("slope", [1, 1, 4])],
    ),
  ],
  ["Prelu", [1, 4, 4, 3], oneNode([-1, 4, 4, 3], { op: "Prelu" }, [randomConstant("slope", [1, 1, 3])])],
  ["Add of a number a channel", [1, 4, 5, 3], oneNode([-1, 4, 5, 3], { op: "AddV2" }, [randomConstant("offset", [3])])],
  ["Mul of a whole plane", [1, 4, 5, 3], oneNode([-1, 4, 5, 3], { op: "Mul" }, [randomConstant("plane", [4, 5, 1])])],
  ["Sub of one number", [1, 4, 5, 3], oneNode([-1, 4, 5, 3], { op: "Sub" }, [constant("offset", [], [0.25])])],
  ["Maximum", [1, 4, 4, 2], oneNode([-1, 4, 4, 2], { op: "Maximum" }, [constant("limit", [], [0.1])])],
  ["Mean over the picture", [2, 4, 4, 3], oneNode([-1, 4, 4, 3], { op: "Mean", attr: { keep_dims: json.flag(false) } }, [list(1, 2)])],
  ["Mean over the picture, kept", [2, 4, 4, 3], oneNode([-1, 4, 4, 3], { op: "Mean", attr: { keep_dims: json.flag(true) } }, [list(2, 1)])],
  ["Mean over no axis", [1, 4, 4, 3], oneNode([-1, 4, 4, 3], { op: "Mean", attr: { keep_dims: json.flag(false) } }, [list()])],
  ["Max over no axis, kept", [2, 3], oneNode([-1, 3], { op: "Max", attr: { keep_dims: json.flag(true) } }, [list()])],
  ["Mean over channels", [1, 4, 4, 3], oneNode([-1, 4, 4, 3], { op: "Mean", attr: { keep_dims: json.flag(false) } }, [list(-1)])],
  [
    "Pad of channels",
    [1, 4, 5, 3],
    oneNode([-1, 4, 5, 3], { op: "Pad" }, [constant("paddings", [4, 2], [0, 0, 0, 0, 0, 0, 0, 2], "int32")]),
  ],
  [
    "Pad of the picture",
    [1, 4, 5, 3],
    oneNode([-1, 4, 5, 3], { op: "Pad" }, [constant("paddings", [4, 2], [0, 0, 1, 0, 2, 3, 0, 0], "int32")]),
  ],
  ["Reshape keeps TensorFlow's order", [2, 3, 4, 2], oneNode([-1, 3, 4, 2], { op: "Reshape" }, [list(-1, 6, 4)])],
  ["Reshape for one picture takes many", [1, 3, 4, 2], oneNode([1, 3, 4, 2], { op: "Reshape" }, [list(1, 12, 2)])],
  ["Squeeze", [2, 1, 1, 5], oneNode([-1, 1, 1, 5], { op: "Squeeze", attr: { squeeze_dims: json.numbers([1, 2]) } })],
  ["Squeeze of maps of any size", [2, 3, 4, 1], oneNode([-1, -1, -1, 1], { op: "Squeeze", attr: { squeeze_dims: json.numbers([3]) } })],
  ...(
    [
      ["the order of channels, backwards", [0, 0], [0, 0], [1, -1], { ellipsis_mask: 1, begin_mask: 2, end_mask: 2 }],
      ["every second row from the third last backwards", [0, -3], [0, 0], [1, -2], { begin_mask: 1, end_mask: 3 }],
      ["a margin less, two channels", [0, 1, 1, 1], [0, -1, 99, 3], [1, 1, 2, 1], { begin_mask: 1, end_mask: 1 }],
      ["one channel", [0, -1], [0, 0], [1, 1], { ellipsis_mask: 1, shrink_axis_mask: 2 }],
      ["one row, from the second column on", [0, 1, 1], [0, 2, 0], [1, 1, 1], { begin_mask: 1, end_mask: 5, shrink_axis_mask: 2 }],
    ] as const
  ).flatMap(([what, begin, end, strides, masks]) => {
    const attr = Object.fromEntries(Object.entries(masks).map(([name, value]) => [name, { i: String(value) }]));
    const lists = [named("begin", ...begin), named("end", ...end), named("strides", ...strides)];
    const filtered: WrittenGraph = {
      nodes: [
        placeholder([-1, 6, 7, 4]),
        { name: "convolved", op: "Conv2D", input: ["input", "filter"], attr: window("SAME", 1) },
        { name: "result", op: "StridedSlice", input: ["convolved", "begin", "end", "strides"], attr },
      ],
      weights: [filter(3, 3, 4, 4), ...lists],
    };
    return [
      [`StridedSlice: ${what}`, [2, 6, 7, 4], oneNode([-1, 6, 7, 4], { op: "StridedSlice", attr }, lists)],
      [`StridedSlice of maps: ${what}`, [2, 6, 7, 4], filtered],
    ] satisfies (typeof cases)[number][];
  }),
  ["StridedSlice of pictures of any size: channels backwards", [2, 3, 4, 3], backwards([-1, -1, -1, 3])],
  ["ReverseV2 of channels", [2, 3, 4, 3], oneNode([-1, -1, -1, 3], { op: "ReverseV2" }, [list(-1)])],
  ["ReverseV2 of rows and channels", [2, 3, 4, 3], oneNode([-1, 3, 4, 3], { op: "ReverseV2" }, [list(1, 3)])],
  ["ExpandDims", [1, 2, 3, 4], oneNode([-1, 2, 3, 4], { op: "ExpandDims" }, [axis(1)])],
  ["Transpose", [1, 2, 3, 4], oneNode([-1, 2, 3, 4], { op: "Transpose" }, [list(0, 2, 1, 3)])],
  ["Transpose of grey pictures of any size", [2, 3, 4, 1], oneNode([-1, -1, -1, 1], { op: "Transpose" }, [list(0, 2, 1, 3)])],
  ["Softmax over channels", [1, 2, 3, 4], oneNode([-1, 2, 3, 4], { op: "Softmax" })],
  [
    "LRN",
    [1, 2, 3, 7],
    oneNode([-1, 2, 3, 7], {
      op: "LRN",
      attr: { depth_radius: { i: "2" }, bias: json.float(2), alpha: json.float(0.5), beta: json.float(0.75) },
    }),
  ],
  ["Sigmoid", [1, 2, 3, 4], oneNode([-1, 2, 3, 4], { op: "Sigmoid" })],
  ["Relu6", [1, 2, 3, 4], oneNode([-1, 2, 3, 4], { op: "Relu6" })],
  ["LeakyRelu", [1, 2, 3, 4], oneNode([-1, 2, 3, 4], { op: "LeakyRelu", attr: { alpha: json.float(0.125) } })],
  ["Elu", [1, 2, 3, 4], oneNode([-1, 2, 3, 4], { op: "Elu" })],
  ["MatMul", [2, 5], oneNode([-1, 5], { op: "MatMul" }, [randomConstant("matrix", [5, 3])])],
  [
    "MatMul, transposed",
    [2, 5],
    oneNode([-1, 5], { op: "MatMul", attr: { transpose_b: json.flag(true) } }, [randomConstant("matrix", [3, 5])]),
  ],
  [
    "_FusedMatMul",
    [2, 5],
    oneNode([-1, 5], { op: "_FusedMatMul", attr: { num_args: { i: "1" }, fused_ops: json.texts(["BiasAdd", "Relu"]) } }, [
      randomConstant("matrix", [5, 3]),
      randomConstant("bias", [3]),
    ]),
  ],
  [
    "FusedBatchNormV3",
    [1, 3, 3, 2],
    oneNode([-1, 3, 3, 2], { op: "FusedBatchNormV3", attr: { epsilon: json.float(0.001), is_training: json.flag(false) } }, [
      randomConstant("scale", [2]),
      randomConstant("offset", [2]),
      randomConstant("mean", [2]),
      constant("variance", [2], [0.5, 2]),
    ]),
  ],
  ...[
    ["corners", false, false],
    ["aligned corners", true, false],
    ["half pixels", false, true],
  ].flatMap(([name, align_corners, half_pixel_centers]) =>
    [list(9, 13), list(3, 4)].map((size): (typeof cases)[number] => [
      `ResizeBilinear, ${String(name)}, to ${size.values.join(" x ")}`,
      [1, 5, 7, 2],
      oneNode(
        [-1, 5, 7, 2],
        {
          op: "ResizeBilinear",
          attr: { align_corners: json.flag(align_corners === true), half_pixel_centers: json.flag(half_pixel_centers === true) },
        },
        [size],
      ),
    ]),
  ),
  [
    "ResizeBilinear between values that lie as TensorFlow has them",
    [2, 9, 4, 3],
    {
      nodes: [
        placeholder([-1, 9, 4, 3]),
        { name: "wide", op: "Reshape", input: ["input", "list"] },
        { name: "resized", op: "ResizeBilinear", input: ["wide", "size"], attr: { half_pixel_centers: json.flag(true) } },
        { name: "positive", op: "Abs", input: ["resized"] },
        { name: "result", op: "Transpose", input: ["positive", "order"] },
      ],
      weights: [list(-1, 12, 3, 3), named("size", 6, 8), named("order", 0, 2, 1, 3)],
    },
  ],
  [
    "ConcatV2 of turned and unturned values",
    [1, 4, 4, 2],
    {
      nodes: [
        placeholder([-1, 4, 4, 2]),
        { name: "convolved", op: "Conv2D", input: ["input", "filter"], attr: window("SAME", 1) },
        { name: "flat", op: "Reshape", input: ["input", "list"] },
        { name: "again", op: "Reshape", input: ["flat", "square"] },
        { name: "result", op: "ConcatV2", input: ["convolved", "again", "axis"] },
      ],
      weights: [filter(3, 3, 2, 3), list(-1, 32), constant("square", [4], [-1, 4, 4, 2], "int32"), axis(3)],
    },
  ],
  [
    "Conv2D, dilated, free size",
    [1, 9, 8, 2],
    oneNode([-1, -1, -1, 2], { op: "Conv2D", attr: window("SAME", 1, 2) }, [filter(3, 3, 2, 2)]),
  ],
  [
    "constants that go along each other's rows",
    [2, 2],
    {
      nodes: [
        placeholder([-1, 2]),
        { name: "outer", op: "Mul", input: ["column", "row"] },
        { name: "result", op: "AddV2", input: ["input", "outer"] },
      ],
      weights: [constant("column", [2, 1], [1, 2]), constant("row", [1, 2], [5, 7])],
    },
  ],
  [
    "a normalization that is written out",
    [1, 4, 4, 3],
    {
      nodes: [
        placeholder([-1, 4, 4, 3]),
        { name: "convolved", op: "Conv2D", input: ["input", "filter"], attr: window("SAME", 1) },
        { name: "add", op: "AddV2", input: ["variance", "epsilon"] },
        { name: "Rsqrt", op: "Rsqrt", input: ["add"] },
        { name: "mul", op: "Mul", input: ["Rsqrt", "gamma"] },
        { name: "mul_1", op: "Mul", input: ["convolved", "mul"] },
        { name: "mul_2", op: "Mul", input: ["mean", "mul"] },
        { name: "sub", op: "Sub", input: ["beta", "mul_2"] },
        { name: "result", op: "AddV2", input: ["mul_1", "sub"] },
      ],
      weights: [
        filter(3, 3, 3, 2),
        constant("variance", [2], [0.5, 2]),
        constant("epsilon", [], [0.001]),
        ...["gamma", "mean", "beta"].map((name) => randomConstant(name, [2])),
      ],
    },
  ],
  [
    "Flatten by the sizes of what comes",
    [2, 2, 3, 4],
    {
      nodes: [
        placeholder([-1, 2, 3, 4]),
        { name: "Shape", op: "Shape", input: ["input"] },
        {
          name: "strided_slice",
          op: "StridedSlice",
          input: ["Shape", "zero", "first", "first"],
          attr: { shrink_axis_mask: { i: "1" } },
        },
        { name: "stack", op: "Pack", input: ["strided_slice", "rest"], attr: { N: { i: "2" }, axis: { i: "0" } } },
        { name: "result", op: "Reshape", input: ["input", "stack"] },
      ],
      weights: [named("zero", 0), named("first", 1), constant("rest", [], [-1], "int32")],
    },
  ],
  [
    "Flatten by the product of all sizes but the first",
    [2, 2, 3, 4],
    {
      nodes: [
        placeholder([-1, 2, 3, 4]),
        { name: "Shape", op: "Shape", input: ["input"] },
        { name: "strided_slice", op: "StridedSlice", input: ["Shape", "first", "zero", "first"], attr: { end_mask: { i: "1" } } },
        { name: "Prod", op: "Prod", input: ["strided_slice", "zero"] },
        { name: "stack", op: "Pack", input: ["minus", "Prod"], attr: { N: { i: "2" }, axis: { i: "0" } } },
        { name: "result", op: "Reshape", input: ["input", "stack"] },
      ],
      weights: [named("zero", 0), named("first", 1), constant("minus", [], [-1], "int32")],
    },
  ],
  [
    "Softmax in two dimensions and back, as slim's networks end",
    [2, 1, 1, 5],
    {
      nodes: [
        placeholder([-1, 1, 1, 5]),
        { name: "Reshape", op: "Reshape", input: ["input", "rows"] },
        { name: "Softmax", op: "Softmax", input: ["Reshape"] },
        { name: "Shape", op: "Shape", input: ["input"] },
        { name: "result", op: "Reshape", input: ["Softmax", "Shape"] },
      ],
      weights: [named("rows", -1, 5)],
    },
  ],
  ...["Softplus", "Selu", "Erf", "Square", "Exp"].map((op): (typeof cases)[number] => [op, [1, 2, 3, 4], oneNode([-1, 2, 3, 4], { op })]),
  ...["Rsqrt", "Log", "Reciprocal"].map((op): (typeof cases)[number] => [
    `${op} of what is above zero`,
    [1, 2, 3, 4],
    {
      nodes: [
        placeholder([-1, 2, 3, 4]),
        { name: "above", op: "AddV2", input: ["input", "two"] },
        { name: "result", op, input: ["above"] },
      ],
      weights: [constant("two", [], [2])],
    },
  ]),
  [
    "Conv2D, Mul, Add, Relu, Minimum, Maximum in one",
    [1, 6, 6, 3],
    {
      nodes: [
        placeholder([-1, 6, 6, 3]),
        { name: "convolved", op: "Conv2D", input: ["input", "filter"], attr: window("SAME", 2) },
        { name: "scaled", op: "Mul", input: ["convolved", "factors"] },
        { name: "shifted", op: "Add", input: ["shifts", "scaled"] },
        { name: "positive", op: "Relu", input: ["shifted"] },
        { name: "limited", op: "Minimum", input: ["positive", "six"] },
        { name: "result", op: "Maximum", input: ["limited", "zero"] },
      ],
      weights: [
        filter(3, 3, 3, 4),
        randomConstant("factors", [4]),
        randomConstant("shifts", [4]),
        constant("six", [], [0.6]),
        constant("zero", [], [0]),
      ],
    },
  ],
  ["Reshape, the pixels of all pictures in one list", [2, 3, 4, 2], oneNode([-1, 3, 4, 2], { op: "Reshape" }, [list(-1, 2)])],
  ["Reshape, the pixels of pictures of any size in one list", [2, 3, 4, 2], oneNode([-1, -1, -1, 2], { op: "Reshape" }, [list(-1, 2)])],
  [
    "Reshape of what was one list",
    [2, 3, 4, 2],
    {
      nodes: [
        placeholder([-1, 3, 4, 2]),
        { name: "rows", op: "Reshape", input: ["input", "list"] },
        { name: "result", op: "Reshape", input: ["rows", "longer"] },
      ],
      weights: [list(-1, 2), named("longer", -1, 6)],
    },
  ],
  [
    "Pack of lists, one after another",
    [2, 3],
    {
      nodes: [
        placeholder([-1, 3]),
        { name: "table", op: "Pack", input: ["one", "other"], attr: { N: { i: "2" }, axis: { i: "0" } } },
        { name: "result", op: "MatMul", input: ["input", "table"], attr: { transpose_b: json.flag(true) } },
      ],
      weights: [constant("one", [3], [0.5, 0.25, -2]), constant("other", [3], [1, 2, 3])],
    },
  ],
  [
    "Pack of lists, side by side",
    [2, 4, 5, 1],
    {
      nodes: [
        placeholder([-1, 4, 5, 1]),
        { name: "pads", op: "Pack", input: ["before", "behind"], attr: { N: { i: "2" }, axis: { i: "1" } } },
        { name: "result", op: "Pad", input: ["input", "pads"] },
      ],
      weights: [named("before", 0, 1, 2, 0), named("behind", 0, 3, 0, 0)],
    },
  ],
];

describe("imported operations give what TensorFlow.js gives", () => {
  test.each(cases)("%s", async (_, shape, graph) => {
    const input = picture(shape);
    const [expected, actual] = [await runOriginal(graph, input), await runImported(graph, input)];
    expect(actual.shape).toEqual(expected.shape);
    for (const [index, value] of expected.data.entries()) expect(actual.data[index]).toBeCloseTo(value, 5);
  });
});

test("Conv2D whose filter sees half of the channels is two convolutions side by side", async () => {
  const [groups, inputs, outputs] = [2, 3, 2];
  const whole = filter(3, 3, inputs, groups * outputs);
  const input = picture([2, 6, 5, groups * inputs]);
  const part = (values: ArrayLike<number>, size: number, group: number): number[] =>
    Array.from(values).filter((_, index) => Math.floor((index % (groups * size)) / size) === group);
  const actual = await runImported(oneNode([-1, 6, 5, groups * inputs], { op: "Conv2D", attr: window("SAME", 1) }, [whole]), input);
  for (let group = 0; group < groups; group++) {
    const own = constant("filter", [3, 3, inputs, outputs], part(whole.values, outputs, group));
    const one = oneNode([-1, 6, 5, inputs], { op: "Conv2D", attr: window("SAME", 1) }, [own]);
    const seen = float32Tensor([2, 6, 5, inputs], Float32Array.from(part(input.data, inputs, group)));
    const expected = await runOriginal(one, seen);
    for (const [index, value] of part(actual.data, outputs, group).entries()) expect(value).toBeCloseTo(expected.data[index]!, 5);
  }
});

describe("a graph that works channels first gives what it gives channels last, whose answers TensorFlow.js has", () => {
  const order = [0, 3, 1, 2] as const;
  /** The axes of what lists one number, or two, for each of them. */
  const turnedList = (values: readonly string[]): string[] => {
    const each = values.length / 4;
    return order.flatMap((axis) => values.slice(each * axis, each * (axis + 1)));
  };
  const turnedNode = ({ attr = {}, ...node }: WrittenGraph["nodes"][number]): WrittenGraph["nodes"][number] => {
    const lists = Object.entries(attr).map(([name, value]) => {
      const numbers = (value as { list?: { i?: string[] } }).list?.i;
      return [name, numbers === undefined ? value : json.numbers(turnedList(numbers).map(Number))] as const;
    });
    return { ...node, attr: { ...Object.fromEntries(lists), data_format: json.text("NCHW") } };
  };
  const same = { data_format: json.text("NHWC") };
  const perChannel = (count: number): readonly ReturnType<typeof constant>[] => [
    randomConstant("scale", [count]),
    randomConstant("offset", [count]),
    randomConstant("mean", [count]),
    constant(
      "variance",
      [count],
      Array.from({ length: count }, (_, index) => 0.5 + index),
    ),
  ];
  const windows = cases.filter(([, , { nodes }]) =>
    ["Conv2D", "_FusedConv2D", "DepthwiseConv2dNative", "MaxPool", "AvgPool"].includes(nodes.at(-1)!.op),
  );
  const others: typeof cases = [
    ["BiasAdd", [2, 4, 5, 3], oneNode([-1, 4, 5, 3], { op: "BiasAdd", attr: same }, [randomConstant("offset", [3])])],
    // As many channels as columns: an order that is not looked at goes unnoticed.
    ["BiasAdd, as wide as deep", [2, 4, 3, 3], oneNode([-1, 4, 3, 3], { op: "BiasAdd", attr: same }, [randomConstant("offset", [3])])],
    [
      "FusedBatchNormV3",
      [2, 4, 5, 3],
      oneNode(
        [-1, 4, 5, 3],
        { op: "FusedBatchNormV3", attr: { ...same, epsilon: json.float(0.01), is_training: json.flag(false) } },
        perChannel(3),
      ),
    ],
  ];

  test.each([...windows, ...others])("%s", async (_, shape, graph) => {
    const input = picture(shape);
    const expected = await runOriginal(graph, input);
    // Between two turns: what comes in and goes out stays as it was.
    const [start, node] = [graph.nodes[0]!, graph.nodes.at(-1)!];
    const between: WrittenGraph = {
      nodes: [
        start,
        { name: "first", op: "Transpose", input: ["input", "to first"] },
        { ...turnedNode(node), name: "worked", input: ["first", ...(node.input ?? []).slice(1)] },
        { name: "last", op: "Transpose", input: ["worked", "to last"] },
        { name: "result", op: "Reshape", input: ["last", "flat"] },
      ],
      weights: [...graph.weights, named("to first", 0, 3, 1, 2), named("to last", 0, 2, 3, 1), named("flat", shape[0]!, -1)],
    };
    const actual = await runImported(between, input);
    expect(actual.data).toHaveLength(expected.data.length);
    for (const [index, value] of expected.data.entries()) expect(actual.data[index]).toBeCloseTo(value, 5);
  });

  test("pictures come in and maps go out as the graph has them", async () => {
    const graph = oneNode([-1, 7, 9, 3], { op: "Conv2D", attr: window("SAME", 2) }, [filter(5, 5, 3, 4)]);
    const input = picture([2, 7, 9, 3]);
    const expected = await runOriginal(graph, input);
    const turned: WrittenGraph = { nodes: [placeholder([-1, 3, 7, 9]), turnedNode(graph.nodes.at(-1)!)], weights: graph.weights };
    const actual = await runImported(turned, input);
    expect(actual.shape).toEqual(expected.shape);
    for (const [index, value] of expected.data.entries()) expect(actual.data[index]).toBeCloseTo(value, 5);
  });
});

test.each([{}, { is_training: json.flag(true) }])(
  "FusedBatchNorm is refused in training mode, which is TensorFlow's default: %o",
  async (mode) => {
    const statistics = ["scale", "offset", "mean", "variance"].map((name) => constant(name, [3], [1, 1, 1]));
    const graph = oneNode([-1, 4, 5, 3], { op: "FusedBatchNormV3", attr: { epsilon: json.float(0.01), ...mode } }, statistics);
    await expect(runImported(graph, picture([2, 4, 5, 3]))).rejects.toMatchObject({
      code: "TF_GRAPH_UNSUPPORTED_OP",
      message: expect.stringContaining("batch statistics of training"),
    });
  },
);

const sliceOf = (
  begin: readonly number[],
  end: readonly number[],
  strides: readonly number[],
  masks: Readonly<Record<string, number>>,
): WrittenGraph => {
  const attr = Object.fromEntries(Object.entries(masks).map(([name, value]) => [name, { i: String(value) }]));
  const lists = [named("begin", ...begin), named("end", ...end), named("strides", ...strides)];
  return oneNode([-1, -1, 5, 3], { op: "StridedSlice", attr }, lists);
};

test("StridedSlice of one channel and backwards along columns, which TensorFlow.js does not compute", async () => {
  const input = picture([2, 4, 5, 3]);
  const graph = sliceOf([0, -1, -1], [0, 0, 0], [1, -2, 1], { ellipsis_mask: 1, end_mask: 2, shrink_axis_mask: 4 });
  const { shape, data } = await runImported(graph, input);
  expect(shape).toEqual([2, 4, 3]);
  const rows = Array.from({ length: 8 }, (_, row) => [4, 2, 0].map((column) => input.data[(row * 5 + column) * 3 + 2]!));
  expect([...data]).toEqual(rows.flat());
});

test.each([
  ["a part of the pictures", sliceOf([0], [2], [1], {}), "of the batch"],
  ["the pictures backwards", sliceOf([0], [0], [-1], { begin_mask: 1, end_mask: 1 }), "of the batch"],
  ["rows of any number", sliceOf([0, 1], [0, -1], [1, 1], { begin_mask: 1, end_mask: 1 }), "free size"],
  ["a new axis", sliceOf([0, 0], [0, 0], [1, 1], { begin_mask: 1, end_mask: 1, new_axis_mask: 2 }), "new axis"],
  ["more axes than there are", sliceOf([0, 0, 0, 0, 0], [0, 0, 0, 0, 0], [1, 1, 1, 1, 1], { begin_mask: 31, end_mask: 31 }), "5 axes of 4"],
  ["a channel that is not there", sliceOf([0, 3], [0, 4], [1, 1], { ellipsis_mask: 1, shrink_axis_mask: 2 }), "number 3 of 3"],
] as const)("StridedSlice of %s is refused by name", async (_, graph, reason) => {
  await expect(runImported(graph, picture([1, 6, 5, 3]))).rejects.toMatchObject({ message: expect.stringContaining(reason) });
});

test("Conv2D whose filter does not fit the channels is refused by name", async () => {
  const graph = oneNode([-1, 6, 5, 4], { op: "Conv2D", attr: window("SAME", 1) }, [filter(3, 3, 3, 2)]);
  await expect(runImported(graph, picture([1, 6, 5, 4]))).rejects.toMatchObject({
    code: "TF_GRAPH_UNSUPPORTED_OP",
    message: expect.stringContaining("3 to 2 channels"),
  });
});

test("of a node's outputs the first is given, and no other", async () => {
  const graph = oneNode([-1, 2], { op: "Relu" });
  const input = picture([1, 2]);
  const first = await runImported(graph, input, { outputs: { out: "result:0" } });
  expect(first).toEqual(await runImported(graph, input));
  await expect(runImported(graph, input, { outputs: { out: "result:1" } })).rejects.toMatchObject({
    code: "TF_GRAPH_UNSUPPORTED_OP",
    message: expect.stringContaining('"result:1"') as string,
  });
});

test("maps of any size are written as rows of pixels for each of several pictures", async () => {
  const graph = oneNode([-1, -1, -1, 2], { op: "Reshape" }, [list(1, -1, 2)]);
  const input = picture([2, 3, 4, 2]);
  const rows = await runImported(graph, input);
  expect(rows.shape).toEqual([2, 12, 2]);
  expect(rows.data).toEqual(input.data);
});

/** Whole numbers go through some nodes, from `whole` to `made`, and are fractions again. */
function throughWholeNumbers(nodes: WrittenGraph["nodes"], weights: WrittenGraph["weights"] = []): WrittenGraph {
  return {
    nodes: [
      placeholder([-1, 3, 4, 2]),
      { name: "larger", op: "Mul", input: ["input", "ten"] },
      { name: "whole", op: "Cast", input: ["larger"], attr: { SrcT: json.type("DT_FLOAT"), DstT: json.type("DT_INT32") } },
      ...nodes,
      { name: "fractions", op: "Cast", input: ["made"], attr: { SrcT: json.type("DT_INT32"), DstT: json.type("DT_FLOAT") } },
      { name: "result", op: "Mul", input: ["fractions", "half"] },
    ],
    weights: [constant("ten", [], [10]), constant("half", [], [0.5]), ...weights],
  };
}

describe("whole numbers stay whole numbers until they are cast", () => {
  const two = constant("two", [], [2], "int32");
  const pads = constant("pads", [4, 2], [0, 0, 1, 2, 0, 1, 0, 0], "int32");
  const wholes: readonly (readonly [string, WrittenGraph])[] = [
    ["Transpose", throughWholeNumbers([{ name: "made", op: "Transpose", input: ["whole", "list"] }], [list(0, 2, 1, 3)])],
    ["Pad", throughWholeNumbers([{ name: "made", op: "Pad", input: ["whole", "pads"] }], [pads])],
    ["PadV2", throughWholeNumbers([{ name: "made", op: "PadV2", input: ["whole", "pads", "two"] }], [pads, two])],
    ["ConcatV2", throughWholeNumbers([{ name: "made", op: "ConcatV2", input: ["whole", "whole", "axis"] }], [axis(1)])],
    ["Mul", throughWholeNumbers([{ name: "made", op: "Mul", input: ["whole", "two"] }], [two])],
    ["Abs", throughWholeNumbers([{ name: "made", op: "Abs", input: ["whole"] }])],
    ["Max", throughWholeNumbers([{ name: "made", op: "Max", input: ["whole", "axis"], attr: { keep_dims: json.flag(true) } }], [axis(1)])],
    [
      "Max over pictures",
      throughWholeNumbers([{ name: "made", op: "Max", input: ["whole", "list"], attr: { keep_dims: json.flag(true) } }], [list(1, 2)]),
    ],
    [
      "ResizeBilinear gives fractions",
      throughWholeNumbers([{ name: "made", op: "ResizeBilinear", input: ["whole", "list"] }], [list(5, 6)]),
    ],
  ];

  test.each(wholes)("%s", async (_, graph) => {
    const input = picture([2, 3, 4, 2]);
    const [expected, actual] = [await runOriginal(graph, input), await runImported(graph, input)];
    expect(actual.shape).toEqual(expected.shape);
    for (const [index, value] of expected.data.entries()) expect(actual.data[index]).toBeCloseTo(value, 5);
  });
});

test("a number that may be fed keeps its default", async () => {
  // TensorFlow.js wants it to be fed.
  const graph: WrittenGraph = {
    nodes: [
      placeholder([-1, 2]),
      { name: "keep", op: "PlaceholderWithDefault", input: ["one"], attr: { shape: json.shape([]) } },
      { name: "result", op: "Mul", input: ["input", "keep"] },
    ],
    weights: [constant("one", [], [1.5])],
  };
  expect((await runImported(graph, float32Tensor([1, 2], Float32Array.of(2, 4)))).data).toEqual(Float32Array.of(3, 6));
});
