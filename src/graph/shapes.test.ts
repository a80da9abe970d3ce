import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { elementCount, float32Tensor, type Float32Tensor, isTensorFaceError } from "../core/index.ts";
import { createNodeRuntime } from "../runtime/runtime.node.ts";
import { attribute } from "./attributes.ts";
import { createGraphBuilder, type GraphBuilder } from "./builder.ts";
import { encodeModel } from "./encode.ts";
import type { Attribute, Graph } from "./model.ts";
import { inferShapes } from "./shapes.ts";

/** Shapes are the engine's, or a named error; `test/onnx` asks the same of ONNX's own tests. */
const runtime = createNodeRuntime();

type Build = (builder: GraphBuilder, x: string) => string;

function graphOf(shape: readonly number[], build: Build): Graph {
  const builder = createGraphBuilder("shapes");
  builder.output(build(builder, builder.input("x", shape)), [], { name: "y" });
  const graph = builder.build();
  return { ...graph, outputs: [{ name: "y", type: "float32", shape: [], isShapeUnknown: true }] };
}

const ones = (shape: readonly number[]): Float32Tensor => float32Tensor(shape, new Float32Array(elementCount(shape)).fill(1));

/** The engine's own shape; undefined where it refuses. */
async function engineShape(graph: Graph, shape: readonly number[]): Promise<readonly number[] | undefined> {
  try {
    await using session = await runtime.load(encodeModel(graph), { device: "cpu" });
    return (await session.run({ x: ones(shape) }))["y"]!.shape;
  } catch {
    return undefined;
  }
}

/** The inferred shape, or the code of the error. */
function outcome(graph: Graph): unknown {
  try {
    return inferShapes(graph).get("y")!.shape;
  } catch (error) {
    return isTensorFaceError(error) ? error.code : error;
  }
}

const ints = (values: Readonly<Record<string, number | readonly number[]>>): Record<string, Attribute> =>
  Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, typeof value === "number" ? attribute.int(value) : attribute.ints(value)]),
  );
const scales = (builder: GraphBuilder, ...values: number[]): string =>
  builder.constant(float32Tensor([values.length], Float32Array.from(values)));

const small = (min: number, max: number): fc.Arbitrary<number> => fc.integer({ min, max });
const pair = (min: number, max: number): fc.Arbitrary<readonly [number, number]> => fc.tuple(small(min, max), small(min, max));
const windows = fc.record({
  op: fc.constantFrom("MaxPool", "AveragePool", "Conv"),
  size: pair(3, 9),
  kernel: pair(1, 3),
  strides: pair(1, 3),
  dilations: pair(1, 2),
  pads: fc.tuple(small(0, 2), small(0, 2), small(0, 2), small(0, 2)),
  ceil: fc.boolean(),
  auto: fc.constantFrom("NOTSET", "VALID", "SAME_UPPER", "SAME_LOWER"),
});

describe("the shape of", () => {
  test("any window is the engine's, rounded up, dilated or padded by itself", async () => {
    let compared = 0;
    const property = fc.asyncProperty(windows, async ({ op, size, kernel, strides, dilations, pads, ceil, auto }) => {
      const shape = [1, 2, ...size];
      const graph = graphOf(shape, (b, x) => {
        const attributes = {
          ...ints({
            kernel_shape: kernel,
            strides,
            dilations,
            ...(auto === "NOTSET" && { pads }),
            ...(op !== "Conv" && { ceil_mode: Number(ceil) }),
          }),
          auto_pad: attribute.string(auto),
        };
        return b.op(op, op === "Conv" ? [x, b.constant(ones([3, 2, ...kernel]))] : [x], attributes);
      });
      const expected = await engineShape(graph, shape);
      const isRefused = op !== "Conv" && auto.startsWith("SAME") && dilations.some((step) => step !== 1);
      if (expected === undefined || isRefused) return;
      compared++;
      // Where no window fits the engine gives no pixel, or one by a division that rounds towards zero.
      const isWide = size.some((length, axis) => {
        const around = auto === "NOTSET" ? pads[axis]! + pads[axis + 2]! : 0;
        return !auto.startsWith("SAME") && (kernel[axis]! - 1) * dilations[axis]! + 1 > length + around;
      });
      expect(outcome(graph)).toEqual(isWide ? "TF_GRAPH_INVALID" : expected);
    });
    await fc.assert(property, { numRuns: 400, seed: 5 });
    expect(compared).toBeGreaterThan(180);
  });

  test.each<[string, readonly number[], Build]>([
    [
      "a pool whose last window would begin in the padding",
      [1, 1, 5, 5],
      (b, x) => b.op("MaxPool", [x], ints({ kernel_shape: [2, 2], strides: [2, 2], pads: [1, 1, 1, 1], ceil_mode: 1 })),
    ],
    ["Resize by sizes", [1, 2, 3, 4], (b, x) => b.op("Resize", [x, "", "", b.integers([1, 2, 7, 5])])],
    ["Resize by scales", [1, 2, 3, 7], (b, x) => b.op("Resize", [x, "", scales(b, 1, 1, 2.4, 0.7)])],
    ["Resize along two axes by sizes", [1, 2, 3, 4], (b, x) => b.op("Resize", [x, "", "", b.integers([6, 8])], ints({ axes: [2, 3] }))],
    ["Resize along two axes by scales", [1, 2, 3, 4], (b, x) => b.op("Resize", [x, "", scales(b, 2, 3)], ints({ axes: [-2, 3] }))],
    ["ReduceSum over nothing", [2, 3], (b, x) => b.op("ReduceSum", [x], ints({ noop_with_empty_axes: 1 }))],
    [
      "ReduceSum over an empty list",
      [2, 3],
      (b, x) => b.op("ReduceSum", [x, b.integers([])], ints({ noop_with_empty_axes: 1, keepdims: 0 })),
    ],
    ["ReduceMean over an empty list", [2, 3], (b, x) => b.op("ReduceMean", [x, b.integers([])], ints({ keepdims: 0 }))],
    [
      "ConvTranspose",
      [1, 2, 3, 3],
      (b, x) =>
        b.op("ConvTranspose", [x, b.constant(ones([2, 3, 3, 2]))], ints({ strides: [2, 2], dilations: [2, 1], output_padding: [1, 0] })),
    ],
    [
      "ConvTranspose that says its shape",
      [1, 2, 3, 3],
      (b, x) => b.op("ConvTranspose", [x, b.constant(ones([2, 3, 3, 3]))], ints({ strides: [2, 2], output_shape: [8, 7] })),
    ],
    ["Reshape that keeps a zero", [2, 0], (b, x) => b.op("Reshape", [x, b.integers([0, 5])], ints({ allowzero: 1 }))],
    [
      "Slice backwards past the start",
      [4],
      (b, x) => b.op("Slice", [x, b.integers([-9]), b.integers([-99]), b.integers([0]), b.integers([-1])]),
    ],
    ["Slice backwards", [7], (b, x) => b.op("Slice", [x, b.integers([-1]), b.integers([-99]), b.integers([0]), b.integers([-2])])],
    ["Flatten behind the last axis", [2, 3], (b, x) => b.op("Flatten", [x], ints({ axis: 2 }))],
    ["Flatten from the end", [2, 3, 4], (b, x) => b.op("Flatten", [x], ints({ axis: -1 }))],
    ["Split into unequal parts", [7], (b, x) => b.multi("Split", 3, [x], ints({ num_outputs: 3 }))[2]!],
    [
      "a reshape by its own size",
      [2, 3, 4],
      (b, x) =>
        b.op("Reshape", [
          x,
          b.op("Concat", [b.op("Slice", [b.op("Shape", [x]), b.integers([0]), b.integers([1])]), b.integers([-1])], ints({ axis: 0 })),
        ]),
    ],
    ["a number for each size", [2, 3], (b, x) => b.op("Add", [x, b.op("ConstantOfShape", [b.op("Shape", [x])])])],
    ["Pad that cuts off", [4, 3], (b, x) => b.op("Pad", [x, b.integers([-1, 2, 1, -1])])],
    [
      "Pad by what the sizes lack",
      [2, 5],
      (b, x) => {
        const lacking = b.op("Max", [b.op("Sub", [b.integers([4, 4]), b.op("Shape", [x])]), b.integers([0])]);
        return b.op("Pad", [x, b.op("Concat", [b.integers([0, 0]), lacking], ints({ axis: 0 }))]);
      },
    ],
    ["Tile", [2, 3], (b, x) => b.op("Tile", [x, b.integers([2, 1])])],
    ["DepthToSpace", [1, 8, 2, 3], (b, x) => b.op("DepthToSpace", [x], ints({ blocksize: 2 }))],
    ["SpaceToDepth", [1, 2, 4, 6], (b, x) => b.op("SpaceToDepth", [x], ints({ blocksize: 2 }))],
  ])("%s is the engine's", async (_name, shape, build) => {
    const graph = graphOf(shape, build);
    const expected = await engineShape(graph, shape);
    expect(expected).toBeDefined();
    expect(inferShapes(graph).get("y")!.shape).toEqual(expected);
  });
});

describe("no shape is invented for", () => {
  test.each<[string, string, readonly number[], Build]>([
    [
      "Resize that keeps proportions",
      "TF_GRAPH_UNSUPPORTED_OP",
      [1, 2, 3, 4],
      (b, x) =>
        b.op("Resize", [x, "", "", b.integers([6, 6])], {
          ...ints({ axes: [2, 3] }),
          keep_aspect_ratio_policy: attribute.string("not_larger"),
        }),
    ],
    [
      "Resize that crops",
      "TF_GRAPH_UNSUPPORTED_OP",
      [4],
      (b, x) =>
        b.op("Resize", [x, scales(b, 0.1, 0.5), "", b.integers([4])], {
          coordinate_transformation_mode: attribute.string("tf_crop_and_resize"),
        }),
    ],
    ["Resize of too few axes", "TF_GRAPH_INVALID", [1, 2, 3, 4], (b, x) => b.op("Resize", [x, "", "", b.integers([6, 8])])],
    ["Resize of nothing", "TF_GRAPH_INVALID", [4], (b, x) => b.op("Resize", [x])],
    ["a reduction whose axes are an attribute", "TF_GRAPH_INVALID", [2, 3], (b, x) => b.op("ReduceMean", [x], ints({ axes: [1] }))],
    ["Pad without its pads", "TF_GRAPH_INVALID", [2], (b, x) => b.op("Pad", [x], ints({ pads: [1, 1] }))],
    ["Slice without its ends", "TF_GRAPH_INVALID", [2], (b, x) => b.op("Slice", [x], ints({ starts: [0], ends: [1] }))],
    ["Unsqueeze without its axes", "TF_GRAPH_INVALID", [2], (b, x) => b.op("Unsqueeze", [x], ints({ axes: [0] }))],
    ["Squeeze of a wide axis", "TF_GRAPH_INVALID", [2, 3], (b, x) => b.op("Squeeze", [x, b.integers([1])])],
    ["Reshape into broken sizes", "TF_GRAPH_INVALID", [10], (b, x) => b.op("Reshape", [x, b.integers([3, -1])])],
    ["Reshape whose first size is not there", "TF_GRAPH_INVALID", [4], (b, x) => b.op("Reshape", [x, b.integers([4, 0])])],
    ["Concat of what does not fit", "TF_GRAPH_INVALID", [2, 3], (b, x) => b.op("Concat", [x, b.constant(ones([3, 3]))], ints({ axis: 1 }))],
    ["Transpose by a wrong order", "TF_GRAPH_INVALID", [2, 3], (b, x) => b.op("Transpose", [x], ints({ perm: [0, 0] }))],
    ["Gemm of more than matrices", "TF_GRAPH_INVALID", [1, 2, 3], (b, x) => b.op("Gemm", [x, b.constant(ones([3, 2]))])],
    [
      "a dilated pool that pads by itself",
      "TF_GRAPH_UNSUPPORTED_OP",
      [1, 1, 5, 5],
      (b, x) => b.op("MaxPool", [x], { ...ints({ kernel_shape: [2, 2], dilations: [2, 2] }), auto_pad: attribute.string("SAME_UPPER") }),
    ],
    ["a pool that fits nowhere", "TF_GRAPH_INVALID", [1, 1, 2, 2], (b, x) => b.op("MaxPool", [x], ints({ kernel_shape: [3, 3] }))],
    ["a convolution of one dimension", "TF_GRAPH_INVALID", [1, 2, 5], (b, x) => b.op("Conv", [x, b.constant(ones([3, 2, 3]))])],
    ["an axis that is not there", "TF_GRAPH_INVALID", [2, 3], (b, x) => b.op("ArgMax", [x], ints({ axis: 2 }))],
    ["more outputs than the operation has", "TF_GRAPH_UNSUPPORTED_OP", [2, 3], (b, x) => b.multi("Relu", 2, [x])[0]!],
    ["slopes that are wider than the value", "TF_GRAPH_INVALID", [3], (b, x) => b.op("PRelu", [x, b.constant(ones([2, 3]))])],
  ])("%s: a named error", (_name, code, shape, build) => {
    const graph = graphOf(shape, build);
    const isNamed: unknown = expect.objectContaining({
      code,
      message: expect.stringContaining(graph.nodes.find(({ op }) => op !== "Identity")!.op),
    });
    expect(() => inferShapes(graph)).toThrow(isNamed);
  });
});
