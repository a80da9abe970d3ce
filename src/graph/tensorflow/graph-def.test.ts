import { describe, expect, test } from "vitest";
import { createRandom, float32Tensor, type Tensor } from "../../core/index.ts";
import { createNodeRuntime } from "../../runtime/runtime.node.ts";
import {
  constant,
  json,
  randomConstant,
  runOriginal,
  type WrittenGraph,
  type WrittenWeight,
} from "../../../test/support/tensorflow-graph.ts";
import { encodeModel } from "../index.ts";
import { field, writeMessage, type Writer } from "../protobuf.ts";
import { type ImportOptions, importTensorFlow, readGraphDef } from "./index.ts";

/** Field numbers of TensorFlow's protos, written down once more: the test must not share the reader's. */
const write = {
  text: (value: string) => (writer: Writer) => field.text(writer, 2, value),
  integer: (value: number) => (writer: Writer) => field.integer(writer, 3, value),
  float: (value: number) => (writer: Writer) => field.float(writer, 4, value),
  flag: (value: boolean) => (writer: Writer) => field.integer(writer, 5, Number(value)),
  type: (value: number) => (writer: Writer) => field.integer(writer, 6, value),
  integers: (values: readonly number[]) => (writer: Writer) => field.message(writer, 1, (list) => field.integers(list, 3, values)),
  shape: (sizes: readonly number[]) => (writer: Writer) =>
    field.message(writer, 7, (shape) => {
      for (const size of sizes) field.message(shape, 2, (dimension) => field.integer(dimension, 1, size));
    }),
  tensor: (weight: WrittenWeight, form: "content" | "values") => (writer: Writer) =>
    field.message(writer, 8, (tensor) => {
      const isInteger = weight.dtype === "int32";
      field.integer(tensor, 1, isInteger ? 3 : 1);
      field.message(tensor, 2, (shape) => {
        for (const size of weight.shape) field.message(shape, 2, (dimension) => field.integer(dimension, 1, size));
      });
      const data = isInteger ? Int32Array.from(weight.values) : Float32Array.from(weight.values);
      if (form === "content") field.bytes(tensor, 4, new Uint8Array(data.buffer));
      else if (isInteger) field.integers(tensor, 7, weight.values);
      else field.floats(tensor, 5, weight.values);
    }),
};

type AttributeWriter = (writer: Writer) => void;

function writeNode(
  writer: Writer,
  name: string,
  op: string,
  inputs: readonly string[],
  attributes: Readonly<Record<string, AttributeWriter>>,
): void {
  field.message(writer, 1, (node) => {
    field.text(node, 1, name);
    field.text(node, 2, op);
    for (const input of inputs) field.text(node, 3, input);
    for (const [key, value] of Object.entries(attributes)) {
      field.message(node, 5, (entry) => {
        field.text(entry, 1, key);
        field.message(entry, 2, value);
      });
    }
  });
}

const filter = randomConstant("filter", [3, 3, 3, 4]);
const [gamma, beta, mean] = ["gamma", "beta", "mean"].map((name) => randomConstant(name, [4])) as [
  WrittenWeight,
  WrittenWeight,
  WrittenWeight,
];
const variance = constant("variance", [4], [0.5, 1, 2, 0.1]);
const size = constant("size", [2], [9, 11], "int32");
const matrix = randomConstant("matrix", [8, 5]);
const bias = randomConstant("bias", [5]);
const flat = constant("flat", [2], [-1, 8], "int32");
const channelAxis = constant("axis", [], [3], "int32");
const batchAxis = constant("batch", [], [0], "int32");
const half = constant("half", [], [128]);
const scale = constant("scale", [], [1 / 128]);

const strides = (stride: number): AttributeWriter => write.integers([1, stride, stride, 1]);

/** In small, what Inception V3's classify_image_graph_def.pb is made of, in its own operations; or what retrain.py makes of it. */
function writeSmallInception(lastOp = "Softmax", isRetrained = false): Uint8Array {
  return writeMessage((graph) => {
    const constants = [filter, gamma, beta, mean, variance, size, matrix, bias, flat, channelAxis, batchAxis, half, scale];
    for (const [index, weight] of constants.entries()) {
      writeNode(graph, weight.name, "Const", [], {
        dtype: write.type(weight.dtype === "int32" ? 3 : 1),
        value: write.tensor(weight, index % 2 === 0 ? "content" : "values"),
      });
    }
    writeNode(graph, "DecodeJpeg/contents", "Const", [], { dtype: write.type(7) });
    writeNode(graph, "DecodeJpeg", "DecodeJpeg", ["DecodeJpeg/contents"], { channels: write.integer(3) });
    writeNode(graph, "Cast", "Cast", ["DecodeJpeg"], { SrcT: write.type(4), DstT: write.type(1) });
    writeNode(graph, "ExpandDims", "ExpandDims", ["Cast", "batch"], {});
    writeNode(graph, "ResizeBilinear", "ResizeBilinear", ["ExpandDims", "size"], { align_corners: write.flag(false) });
    writeNode(graph, "Sub", "Sub", ["ResizeBilinear", "half"], {});
    writeNode(graph, "Mul", "Mul", ["Sub", "scale"], {});
    writeNode(graph, "conv/Conv2D", "Conv2D", ["Mul", "filter"], { strides: strides(1), padding: write.text("SAME") });
    writeNode(graph, "conv/batchnorm", "BatchNormWithGlobalNormalization", ["conv/Conv2D", "mean", "variance", "beta", "gamma"], {
      variance_epsilon: write.float(0.001),
      scale_after_normalization: write.flag(true),
    });
    writeNode(graph, "conv/CheckNumerics", "CheckNumerics", ["conv/batchnorm"], { message: write.text("numbers") });
    writeNode(graph, "conv", "Relu", ["conv/CheckNumerics", "^Cast"], {});
    writeNode(graph, "largest", "MaxPool", ["conv"], { ksize: strides(3), strides: strides(2), padding: write.text("SAME") });
    writeNode(graph, "average", "AvgPool", ["conv"], { ksize: strides(3), strides: strides(2), padding: write.text("SAME") });
    writeNode(graph, "join", "Concat", ["axis", "largest", "average"], { N: write.integer(2) });
    writeNode(graph, "pool_3", "AvgPool", ["join"], {
      ksize: write.integers([1, 5, 6, 1]),
      strides: strides(1),
      padding: write.text("VALID"),
    });
    writeNode(graph, "pool_3/_reshape", "Reshape", ["pool_3", "flat"], {});
    const features = isRetrained ? "input/BottleneckInputPlaceholder" : "pool_3/_reshape";
    if (isRetrained)
      writeNode(graph, features, "PlaceholderWithDefault", ["pool_3/_reshape"], { dtype: write.type(1), shape: write.shape([-1, 8]) });
    writeNode(graph, "logits/MatMul", "MatMul", [features, "matrix"], {});
    writeNode(graph, "logits", "BiasAdd", ["logits/MatMul", "bias"], {});
    writeNode(graph, isRetrained ? "final_result" : "softmax", lastOp, ["logits"], {});
  });
}

/** The same from the decoded picture on, in operations that TensorFlow.js has. */
const reference: WrittenGraph = {
  nodes: [
    { name: "input", op: "Placeholder", attr: { dtype: json.type("DT_FLOAT"), shape: json.shape([-1, -1, -1, 3]) } },
    { name: "ResizeBilinear", op: "ResizeBilinear", input: ["input", "size"], attr: { align_corners: json.flag(false) } },
    { name: "Sub", op: "Sub", input: ["ResizeBilinear", "half"] },
    { name: "Mul", op: "Mul", input: ["Sub", "scale"] },
    {
      name: "conv/Conv2D",
      op: "Conv2D",
      input: ["Mul", "filter"],
      attr: { strides: json.numbers([1, 1, 1, 1]), dilations: json.numbers([1, 1, 1, 1]), padding: json.text("SAME") },
    },
    {
      name: "conv/batchnorm",
      op: "FusedBatchNormV3",
      input: ["conv/Conv2D", "gamma", "beta", "mean", "variance"],
      attr: { epsilon: json.float(0.001), is_training: json.flag(false) },
    },
    { name: "conv", op: "Relu", input: ["conv/batchnorm"] },
    { name: "largest", op: "MaxPool", input: ["conv"], attr: pool([3, 3], 2, "SAME") },
    { name: "average", op: "AvgPool", input: ["conv"], attr: pool([3, 3], 2, "SAME") },
    { name: "join", op: "ConcatV2", input: ["largest", "average", "axis"] },
    { name: "pool_3", op: "AvgPool", input: ["join"], attr: pool([5, 6], 1, "VALID") },
    { name: "pool_3/_reshape", op: "Reshape", input: ["pool_3", "flat"] },
    { name: "logits/MatMul", op: "MatMul", input: ["pool_3/_reshape", "matrix"] },
    { name: "logits", op: "AddV2", input: ["logits/MatMul", "bias"] },
    { name: "softmax", op: "Softmax", input: ["logits"] },
  ],
  weights: [filter, gamma, beta, mean, variance, size, matrix, bias, flat, channelAxis, half, scale],
};

function pool([height, width]: readonly [number, number], stride: number, padding: string): Readonly<Record<string, unknown>> {
  return {
    ksize: json.numbers([1, height, width, 1]),
    strides: json.numbers([1, stride, stride, 1]),
    padding: json.text(padding),
  };
}

const random = createRandom(5);
const height = 14;
const width = 10;
const pixels = Uint8Array.from({ length: height * width * 3 }, () => random.integer(256));
const decoded = float32Tensor([1, height, width, 3], Float32Array.from(pixels));

async function run(options: ImportOptions, input: Tensor, bytes = writeSmallInception()): Promise<Record<string, Tensor>> {
  await using session = await createNodeRuntime().load(encodeModel(importTensorFlow(readGraphDef(bytes), options)));
  return session.run({ [session.inputs[0]!.name]: input });
}

/** The largest difference of two lists of numbers. */
function apart(actual: Tensor | undefined, expected: Float32Array): number {
  const values = Array.from(actual?.data ?? [], Number);
  return Math.max(
    Math.abs(values.length - expected.length),
    ...expected.map((value, index) => Math.abs(value - (values[index] ?? Number.NaN))),
  );
}

describe("a frozen graph", () => {
  test("takes the decoded picture where it would decode one itself", async () => {
    const results = await run({}, { type: "uint8", shape: [height, width, 3], data: pixels });
    expect(Object.keys(results)).toEqual(["softmax"]);
    expect(apart(results["softmax"], (await runOriginal(reference, decoded, "softmax")).data)).toBeLessThan(1e-5);
  });

  test("gives features when it is cut before its last layer, for many pictures at once", async () => {
    const resized = await runOriginal(reference, decoded, "ResizeBilinear");
    const input = float32Tensor([2, 3, 9, 11]);
    for (let index = 0; index < input.data.length; index++) {
      const pixel = index % 99;
      const channel = Math.floor(index / 99) % 3;
      input.data[index] = resized.data[pixel * 3 + channel]!;
    }
    const { features } = await run(
      { input: { node: "ResizeBilinear", name: "picture", shape: ["N", 9, 11, 3] }, outputs: { features: "pool_3" } },
      input,
    );
    const expected = (await runOriginal(reference, decoded, "pool_3")).data;
    expect(features!.shape).toEqual([2, 8, 1, 1]);
    expect(apart(features, Float32Array.from([...expected, ...expected]))).toBeLessThan(1e-5);
  });

  test("that retrain.py wrote goes from the picture to its classes, though features may be fed there", async () => {
    const results = await run({}, { type: "uint8", shape: [height, width, 3], data: pixels }, writeSmallInception("Softmax", true));
    expect(Object.keys(results)).toEqual(["final_result"]);
    expect(apart(results["final_result"], (await runOriginal(reference, decoded, "softmax")).data)).toBeLessThan(1e-5);
  });

  test("may be cut at a node whose shape follows from those before it", () => {
    const { inputs } = importTensorFlow(readGraphDef(writeSmallInception()), { input: { node: "Mul" }, outputs: { out: "softmax" } });
    expect(inputs).toEqual([{ name: "Mul", type: "float32", shape: ["N", 3, 9, 11] }]);
  });

  test("has its weights of 8 bits as the numbers that they stand for", async () => {
    const codes = Uint8Array.of(0, 255, 51, 102);
    const bytes = writeMessage((graph) => {
      writeNode(graph, "x", "Placeholder", [], { dtype: write.type(1), shape: write.shape([-1, 2]) });
      const limits = [constant("low", [], [-1]), constant("high", [], [4])];
      for (const limit of limits) writeNode(graph, limit.name, "Const", [], { dtype: write.type(1), value: write.tensor(limit, "values") });
      writeNode(graph, "codes", "Const", [], {
        dtype: write.type(12),
        value: (writer) =>
          field.message(writer, 8, (tensor) => {
            field.integer(tensor, 1, 12);
            field.message(tensor, 2, (shape) => {
              for (const length of [2, 2]) field.message(shape, 2, (dimension) => field.integer(dimension, 1, length));
            });
            field.bytes(tensor, 4, codes);
          }),
      });
      writeNode(graph, "weights", "Dequantize", ["codes", "low", "high"], { mode: write.text("MIN_FIRST") });
      writeNode(graph, "y", "MatMul", ["x", "weights"], {});
    });
    const { y } = await run({}, float32Tensor([2, 2], Float32Array.of(1, 0, 0, 1)), bytes);
    expect(apart(y, Float32Array.of(-1, 4, 0, 1))).toBeLessThan(1e-5);
  });

  test("has whole numbers of 64 bits to the last", () => {
    const bytes = writeMessage((graph) =>
      writeNode(graph, "end", "Const", [], {
        value: (writer) =>
          field.message(writer, 8, (tensor) => {
            field.integer(tensor, 1, 9);
            field.message(tensor, 2, (shape) => field.message(shape, 2, (dimension) => field.integer(dimension, 1, 3)));
            field.integers(tensor, 10, [-1, 2 ** 63]);
          }),
      }),
    );
    const value = readGraphDef(bytes).nodes[0]?.attributes.get("value");
    const largest = 2n ** 63n - 1n;
    expect(value).toEqual({ kind: "tensor", value: { type: "int64", shape: [3], data: BigInt64Array.of(-1n, largest, largest) } });
  });

  test("has its normalization inside the convolution", () => {
    const graph = importTensorFlow(readGraphDef(writeSmallInception()));
    const ops = graph.nodes.map(({ op }) => op);
    expect(ops).toEqual([
      "Cast",
      "Unsqueeze",
      "Transpose",
      // All sizes of the result: which axes are resized, the engine may lose.
      "Shape",
      "Slice",
      "Concat",
      "Resize",
      "Sub",
      "Mul",
      "Conv",
      "Relu",
      "MaxPool",
      "AveragePool",
      "Concat",
      "AveragePool",
      "Reshape",
      "Gemm",
      "Softmax",
    ]);
  });

  test("names the operation that has no rule, and its node", () => {
    const bytes = writeSmallInception("Quux");
    expect(() => importTensorFlow(readGraphDef(bytes))).toThrow(
      expect.objectContaining({ code: "TF_GRAPH_UNSUPPORTED_OP", message: expect.stringMatching(/"softmax" \(Quux\)/) }),
    );
    // What the outputs do not need may be anything.
    expect(() => importTensorFlow(readGraphDef(bytes), { outputs: { out: "logits" } })).not.toThrow();
  });

  test("refuses what is missing, circular or unknown", () => {
    const invalid = expect.objectContaining({ code: "TF_GRAPH_INVALID" });
    const graph = readGraphDef(writeSmallInception());
    expect(() => importTensorFlow(graph, { outputs: { out: "nothing" } })).toThrow('the graph has no node "nothing"');
    expect(() => importTensorFlow(graph, { input: { node: "DecodeJpeg/contents" }, outputs: { out: "DecodeJpeg/contents" } })).toThrow(
      "does not say its shape",
    );
    expect(() => importTensorFlow(graph, { outputs: { out: "filter" } })).toThrow("does not depend on the input");
    const circle = { weights: new Map(), nodes: [{ name: "a", op: "Relu", inputs: ["a"], attributes: new Map() }] };
    expect(() => importTensorFlow(circle, { outputs: { out: "a" } })).toThrow("depends on itself");
    expect(() => readGraphDef(writeSmallInception().subarray(0, 1000))).toThrow(invalid);
  });
});
