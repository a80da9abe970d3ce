import { describe, expect, test } from "vitest";
import { createRandom, float32Tensor, isTensorFaceError, TensorFaceError } from "../../src/core/index.ts";
import {
  attribute,
  convertOpset,
  createGraphBuilder,
  decodeModel,
  encodeModel,
  exposeFeatures,
  type Graph,
} from "../../src/graph/index.ts";
import { differentiate } from "../../src/graph/gradients/differentiate.ts";
import { inferShapes } from "../../src/graph/shapes.ts";
import { importTensorFlow, readGraphDef } from "../../src/graph/tensorflow/index.ts";
import { field, writeMessage, type Writer } from "../../src/graph/protobuf.ts";
import { frozenNetwork } from "../../src/train/network/frozen-network.ts";
import { mutate } from "./mutate.ts";

/** Files of graphs that are damaged or lie: a graph or a coded error, soon, whatever is done with them afterwards. */

/** A network in which most of what files can say is said: old operators, lists, text, tensors, free sizes. */
function onnxFile(): Uint8Array {
  const empty: Graph = { name: "old", inputs: [], outputs: [], nodes: [], initializers: new Map(), opsets: { "": 11 } };
  const b = createGraphBuilder("old", empty);
  const x = b.input("x", ["N", 2, 6, 6]);
  const weights = b.constant(float32Tensor([3, 2, 3, 3], Float32Array.from({ length: 54 }, Math.sin)));
  const maps = b.op("Relu", [b.op("Conv", [x, weights], { pads: attribute.ints([1, 1, 1, 1]), auto_pad: attribute.string("NOTSET") })]);
  const pooled = b.op("MaxPool", [maps], { kernel_shape: attribute.ints([2, 2]), strides: attribute.ints([2, 2]) });
  const limited = b.op("Clip", [pooled, b.scalar(0), b.scalar(6)]);
  const mean = b.op("ReduceMean", [limited], { axes: attribute.ints([2, 3]), keepdims: attribute.int(0) });
  const size = b.op("Constant", [], { value: attribute.tensor({ type: "int64", shape: [2], data: BigInt64Array.of(-1n, 3n) }) });
  const flat = b.op("Reshape", [mean, size]);
  const dense = b.op("Gemm", [flat, b.constant(float32Tensor([3, 4])), b.constant(float32Tensor([4]))], { alpha: attribute.float(0.5) });
  b.output(b.op("Softmax", [dense], { axis: attribute.int(1) }), ["N", 4], { name: "y" });
  return encodeModel(b.build());
}

type Write = (writer: Writer) => void;

/** One node of TensorFlow's `GraphDef`. */
function tensorFlowNode(name: string, op: string, inputs: readonly string[], attributes: Readonly<Record<string, Write>> = {}): Write {
  return (graph) =>
    field.message(graph, 1, (node) => {
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

const shapeOf =
  (id: number, sizes: readonly number[]): Write =>
  (writer) =>
    field.message(writer, id, (shape) => {
      for (const size of sizes) field.message(shape, 2, (dimension) => field.integer(dimension, 1, size));
    });

/** A constant of `values`, of which the last one stands for all that follow. */
function tensorFlowConstant(name: string, shape: readonly number[], values: readonly number[]): Write {
  return tensorFlowNode(name, "Const", [], {
    dtype: (value) => field.integer(value, 6, 1),
    value: (value) =>
      field.message(value, 8, (tensor) => {
        field.integer(tensor, 1, 1);
        shapeOf(2, shape)(tensor);
        field.floats(tensor, 5, values);
      }),
  });
}

const graphDef = (...nodes: readonly Write[]): Uint8Array =>
  writeMessage((graph) => {
    for (const node of nodes) node(graph);
  });

function tensorFlowFile(): Uint8Array {
  return graphDef(
    tensorFlowNode("x", "Placeholder", [], { dtype: (value) => field.integer(value, 6, 1), shape: shapeOf(7, [-1, 6, 6, 2]) }),
    tensorFlowConstant("weights", [3, 3, 2, 3], [0.5, -0.25]),
    tensorFlowConstant("bias", [3], [1]),
    tensorFlowNode("conv", "Conv2D", ["x", "weights"], {
      strides: (value) => field.message(value, 1, (list) => field.integers(list, 3, [1, 1, 1, 1])),
      padding: (value) => field.text(value, 2, "SAME"),
    }),
    tensorFlowNode("sum", "BiasAdd", ["conv", "bias"]),
    tensorFlowNode("y", "Relu", ["sum"]),
  );
}

/** Everything that is done with a file from elsewhere, as far as it goes. */
const ways: Readonly<Record<string, { readonly whole: Uint8Array; readonly use: (bytes: Uint8Array) => unknown }>> = {
  ONNX: {
    whole: onnxFile(),
    use: (bytes) => {
      const graph = convertOpset(decodeModel(bytes));
      encodeModel(graph);
      exposeFeatures(graph, "features");
      const inputs = graph.inputs.map(({ name, type, shape }) => ({
        name,
        type,
        shape: shape.map((size) => (typeof size === "string" ? 1 : size)),
      }));
      const fixed = { ...graph, inputs };
      inferShapes(fixed);
      frozenNetwork(bytes);
      const builder = createGraphBuilder("loss", { ...fixed, outputs: [] });
      const loss = builder.op("ReduceSum", [fixed.outputs[0]?.name ?? ""], { keepdims: attribute.int(0) });
      return differentiate(builder.build(), loss, [inputs[0]?.name ?? ""]);
    },
  },
  GraphDef: { whole: tensorFlowFile(), use: (bytes) => encodeModel(importTensorFlow(readGraphDef(bytes))) },
};

const runs = 3000;
/** What a file of a kilobyte may take of the processor at most: the whole one takes a hundredth. */
const patienceMs = 2000;

/** By this thread alone: on a busy machine it may have to wait for the processor. */
function processorMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

describe.each(Object.entries(ways))("a damaged %s file", (_name, { whole, use }) => {
  test("is read when it is whole", () => {
    expect(() => use(whole)).not.toThrow();
  });

  test(`gives a graph or a coded error soon, ${runs} times`, () => {
    const codes = new Map<string, number>();
    for (let seed = 0; seed < runs; seed++) {
      const random = createRandom(seed);
      let bytes = whole;
      for (let times = 1 + random.integer(3); times > 0; times--) bytes = mutate(bytes, random);
      const began = processorMs();
      let outcome = "read";
      try {
        use(bytes);
      } catch (error) {
        if (!isTensorFaceError(error)) throw new Error(`seed ${seed}: ${String(error)}`, { cause: error });
        outcome = error.code;
      }
      const took = processorMs() - began;
      if (took > patienceMs) throw new Error(`seed ${seed} took ${took} ms`);
      codes.set(outcome, (codes.get(outcome) ?? 0) + 1);
    }
    // The mutations are no use unless they reach what comes after the first byte.
    expect(codes.get("read")).toBeGreaterThan(runs / 100);
    expect(codes.get("TF_GRAPH_INVALID")).toBeGreaterThan(runs / 10);
    expect([...codes.keys()]).toContain("TF_GRAPH_UNSUPPORTED_OP");
  });
});

describe("a small GraphDef that asks for much", () => {
  const invalid: unknown = expect.objectContaining({ code: "TF_GRAPH_INVALID" });

  test.each([
    ["one huge side", [2 ** 31 - 1]],
    ["sides whose product is huge", [60_000, 60_000]],
    ["sides whose product is no number", Array.from({ length: 40 }, () => 2 ** 40)],
    ["a negative side", [-5]],
  ])("%s is refused before anything is made of it", (_name, shape) => {
    const bytes = graphDef(tensorFlowConstant("a", shape, [1]));
    expect(() => readGraphDef(bytes)).toThrow(invalid);
  });

  test("many large constants are refused together", () => {
    const bytes = graphDef(...Array.from({ length: 100 }, (_, index) => tensorFlowConstant(`c${index}`, [1000, 1000], [0])));
    expect(() => readGraphDef(bytes)).toThrow(invalid);
  });

  test("a large constant of one number is read: weights that start at zero are written so", () => {
    const { nodes } = readGraphDef(graphDef(tensorFlowConstant("a", [1000, 1000], [0.5])));
    const value = nodes[0]!.attributes.get("value");
    expect(value?.kind === "tensor" && [value.value.data.length, value.value.data[999_999]]).toEqual([1_000_000, 0.5]);
  });

  test("a chain of 20,000 nodes is walked, not called", () => {
    const links = Array.from({ length: 20_000 }, (_, index) =>
      tensorFlowNode(`n${index + 1}`, index % 2 === 0 ? "Identity" : "Tanh", [`n${index}`]),
    );
    const start = tensorFlowNode("n0", "Placeholder", [], { dtype: (value) => field.integer(value, 6, 1), shape: shapeOf(7, [-1, 4]) });
    expect(importTensorFlow(readGraphDef(graphDef(start, ...links))).nodes).toHaveLength(10_000);
  });
});

describe("an ONNX graph in a wrong order", () => {
  const node = (op: string, inputs: readonly string[], output: string) => ({ name: output, op, inputs, outputs: [output], attributes: {} });
  const file = (...nodes: readonly ReturnType<typeof node>[]): Uint8Array =>
    encodeModel({
      name: "order",
      inputs: [{ name: "x", type: "float32", shape: [1, 2] }],
      outputs: [{ name: "y", type: "float32", shape: [1, 2] }],
      nodes,
      initializers: new Map(),
      opsets: { "": 20 },
    });

  test.each([
    ["a circle", [node("Softmax", ["b"], "y"), node("Softmax", ["y"], "b")]],
    ["a value that nothing makes", [node("Relu", ["z"], "y")]],
    ["a value that is made twice", [node("Relu", ["x"], "y"), node("Neg", ["x"], "y")]],
    ["an output that nothing makes", [node("Relu", ["x"], "z")]],
  ])("%s is refused", (_name, nodes) => {
    expect(() => decodeModel(file(...nodes))).toThrow(TensorFaceError);
    expect(() => decodeModel(file(...nodes))).toThrow(expect.objectContaining({ code: "TF_GRAPH_INVALID" }));
  });

  test("20,000 nodes without names are converted", () => {
    const links = Array.from({ length: 20_000 }, (_, index) => ({
      name: "",
      op: "Clip",
      inputs: [index === 0 ? "x" : `v${index}`],
      outputs: [index === 19_999 ? "y" : `v${index + 1}`],
      attributes: { min: attribute.float(0) },
    }));
    const graph = decodeModel(file(...links.map((link) => ({ ...link, attributes: {} }))));
    const old: Graph = { ...graph, nodes: links, opsets: { "": 9 } };
    expect(convertOpset(old).initializers.size).toBe(20_000);
  });
});
