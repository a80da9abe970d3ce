import * as tf from "@tensorflow/tfjs";
import { beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { predictByImport, predictByTensorFlow, randomPicture, saveLayersModel } from "../../../test/support/layers-model.ts";
import type { Float32Tensor } from "../../core/index.ts";
import { createNodeRuntime } from "../../runtime/runtime.node.ts";
import { encodeModel } from "../index.ts";
import { importTensorFlow } from "../tensorflow/index.ts";
import { type LoweredModel, lowerLayers, readLayersModel, readTopology } from "./index.ts";

beforeAll(async () => {
  await tf.setBackend("cpu");
});

type Layer = tf.layers.Layer;

const shape = [9, 8, 4] as const;

/** The layers one behind the other. */
function chain(...layers: readonly Layer[]): tf.LayersModel {
  const input = tf.input({ shape: [...shape] });
  const output = layers.reduce<tf.SymbolicTensor>((value, layer) => layer.apply(value) as tf.SymbolicTensor, input);
  return tf.model({ inputs: input, outputs: output });
}

function merged(merge: Layer, count = 2): tf.LayersModel {
  const input = tf.input({ shape: [...shape] });
  const branches = Array.from({ length: count }, () => tf.layers.conv2d({ filters: 3, kernelSize: 1 }).apply(input) as tf.SymbolicTensor);
  return tf.model({ inputs: input, outputs: merge.apply(branches) as tf.SymbolicTensor });
}

function twice(): tf.LayersModel {
  const input = tf.input({ shape: [...shape] });
  const shared = tf.layers.conv2d({ filters: 4, kernelSize: 3, padding: "same", activation: "relu" });
  return tf.model({ inputs: input, outputs: shared.apply(shared.apply(input)) as tf.SymbolicTensor });
}

/** As Teachable Machine builds them: models in models in a model. */
function nested(): tf.LayersModel {
  const input = tf.input({ shape: [...shape] });
  const trunk = tf.model({
    inputs: input,
    outputs: tf.layers
      .batchNormalization({ name: "norm" })
      .apply(
        tf.layers.conv2d({ filters: 5, kernelSize: 3, strides: 2, padding: "same", useBias: false }).apply(input),
      ) as tf.SymbolicTensor,
  });
  const features = tf.sequential({ layers: [trunk, tf.layers.globalAveragePooling2d({})] });
  const head = tf.sequential({
    layers: [
      tf.layers.dense({ units: 6, activation: "relu", inputShape: [5] }),
      tf.layers.dense({ units: 3, activation: "softmax", useBias: false }),
    ],
  });
  return tf.sequential({ layers: [features, head] });
}

/** A model that is called twice inside another one. */
function modelTwice(): tf.LayersModel {
  const inner = tf.sequential({ layers: [tf.layers.dense({ units: 4, activation: "tanh", inputShape: [4] })] });
  const input = tf.input({ shape: [...shape] });
  const pooled = tf.layers.globalAveragePooling2d({}).apply(input) as tf.SymbolicTensor;
  const outputs = inner.apply(inner.apply(pooled)) as tf.SymbolicTensor;
  return tf.model({ inputs: input, outputs });
}

const { layers } = tf;
const cases: readonly (readonly [string, () => tf.LayersModel])[] = [
  ["Conv2D, same", () => chain(layers.conv2d({ filters: 5, kernelSize: 3, padding: "same", activation: "relu" }))],
  ["Conv2D, valid, stride 2, no bias", () => chain(layers.conv2d({ filters: 5, kernelSize: [3, 2], strides: 2, useBias: false }))],
  ["Conv2D, dilated", () => chain(layers.conv2d({ filters: 2, kernelSize: 3, dilationRate: 2 }))],
  ["DepthwiseConv2D", () => chain(layers.depthwiseConv2d({ kernelSize: 3, padding: "same", strides: 2, depthMultiplier: 2 }))],
  ["SeparableConv2D", () => chain(layers.separableConv2d({ filters: 6, kernelSize: 3, activation: "elu" }))],
  ["BatchNormalization", () => chain(layers.batchNormalization({ epsilon: 0.01 }))],
  ["BatchNormalization, neither scale nor centre", () => chain(layers.batchNormalization({ scale: false, center: false }))],
  [
    "BatchNormalization of vectors",
    () => chain(layers.globalAveragePooling2d({}), layers.dense({ units: 6 }), layers.batchNormalization({})),
  ],
  ["MaxPooling2D", () => chain(layers.maxPooling2d({ poolSize: 3, strides: 2, padding: "same" }))],
  ["AveragePooling2D, same", () => chain(layers.averagePooling2d({ poolSize: 3, strides: 1, padding: "same" }))],
  ["AveragePooling2D, stride of the pool", () => chain(layers.averagePooling2d({ poolSize: [3, 2] }))],
  ["GlobalAveragePooling2D and Dense", () => chain(layers.globalAveragePooling2d({}), layers.dense({ units: 7, activation: "softmax" }))],
  ["Dense of each pixel", () => chain(layers.conv2d({ filters: 4, kernelSize: 1 }), layers.dense({ units: 5, activation: "relu" }))],
  ["GlobalMaxPooling2D", () => chain(layers.globalMaxPooling2d({}))],
  ["Flatten and Dense", () => chain(layers.flatten({}), layers.dense({ units: 5, activation: "sigmoid" }))],
  ["Reshape", () => chain(layers.reshape({ targetShape: [12, 24] }))],
  ["Reshape with a free size", () => chain(layers.reshape({ targetShape: [6, -1] }))],
  ["Permute", () => chain(layers.permute({ dims: [3, 1, 2] }), layers.flatten({}))],
  ["ReLU with a limit", () => chain(layers.reLU({ maxValue: 0.4 }))],
  ["ReLU up to 6", () => chain(layers.reLU({ maxValue: 6 }))],
  ["LeakyReLU", () => chain(layers.leakyReLU({ alpha: 0.2 }))],
  ["LeakyReLU by default", () => chain(layers.leakyReLU({}))],
  ["PReLU", () => chain(layers.prelu({ sharedAxes: [1, 2] }))],
  ["PReLU of each pixel", () => chain(layers.prelu({}))],
  ["ELU", () => chain(layers.elu({}))],
  ["Softmax", () => chain(layers.globalAveragePooling2d({}), layers.softmax({}))],
  ["hard sigmoid", () => chain(layers.activation({ activation: "hardSigmoid" }))],
  ["swish", () => chain(layers.activation({ activation: "swish" }))],
  ...(["selu", "softplus", "softsign", "mish", "gelu"] as const).map(
    (activation) => [activation, () => chain(layers.activation({ activation }))] as const,
  ),
  ["tanh", () => chain(layers.activation({ activation: "tanh" }))],
  [
    "ZeroPadding2D",
    () =>
      chain(
        layers.zeroPadding2d({
          padding: [
            [0, 1],
            [2, 3],
          ],
        }),
        layers.conv2d({ filters: 2, kernelSize: 3 }),
      ),
  ],
  [
    "what only training does",
    () => chain(layers.dropout({ rate: 0.5 }), layers.gaussianNoise({ stddev: 1 }), layers.alphaDropout({ rate: 0.5 })),
  ],
  ["Rescaling", () => chain(layers.rescaling({ scale: 2, offset: -1 }))],
  ["Add", () => merged(layers.add(), 3)],
  ["Multiply", () => merged(layers.multiply())],
  ["Average", () => merged(layers.average(), 3)],
  ["Maximum", () => merged(layers.maximum())],
  ["Minimum", () => merged(layers.minimum())],
  ["Concatenate", () => merged(layers.concatenate({ axis: -1 }), 3)],
  ["Concatenate rows", () => merged(layers.concatenate({ axis: 1 }))],
  ["a layer that is used twice", twice],
  ["models in models", nested],
  ["a model that is used twice", modelTwice],
];

/** What a layer makes of a picture of one colour: its first pixel. */
async function numbersOf({ graph, outputs }: LoweredModel, colour: readonly number[]): Promise<number[]> {
  await using session = await createNodeRuntime().load(encodeModel(importTensorFlow(graph, { outputs: { out: outputs[0]! } })));
  const data = Float32Array.from({ length: 48 }, (_, index) => colour[Math.floor(index / 16)]!);
  const { out } = await session.run({ [session.inputs[0]!.name]: { type: "float32", shape: [1, 3, 4, 4], data } });
  return [0, 1, 2].map((channel) => Number(out!.data[channel * 16]));
}

describe("Keras layers", () => {
  test.each(cases)("%s gives what TensorFlow.js gives", async (_, build) => {
    const model = build();
    const saved = await saveLayersModel(model);
    const input = randomPicture([2, ...shape]);
    const expected = predictByTensorFlow(model, input);
    const actual = await predictByImport(saved, input);
    expect(actual.length).toBe(expected.length);
    const furthest = expected.reduce((most, value, index) => Math.max(most, Math.abs(value - actual[index]!)), 0);
    expect(furthest).toBeLessThan(1e-5);
  });

  const topology = (...layersOfIt: readonly unknown[]): unknown => ({
    class_name: "Sequential",
    config: {
      name: "net",
      layers: [{ class_name: "InputLayer", config: { name: "in", batch_input_shape: [null, 4, 4, 3] } }, ...layersOfIt],
    },
  });
  const layer = (className: string, config: Readonly<Record<string, unknown>> = {}): unknown => ({
    class_name: className,
    config: { name: "it", ...config },
  });

  test.each([
    ["a layer without a rule", layer("LSTM"), 'layer "it" (LSTM): the importer has no rule for this layer'],
    ["an inherited name is no rule", layer("constructor"), 'layer "it" (constructor): the importer has no rule'],
    ["an activation without a rule", layer("Activation", { activation: "celu" }), "the activation celu has no rule"],
    ["channels first", layer("MaxPooling2D", { data_format: "channels_first" }), "data format channels_first is not read"],
    ["a threshold", layer("ReLU", { threshold: 1 }), "the threshold 1 is not read"],
  ])("%s is named", (_, given, message) => {
    const lower = (): unknown => lowerLayers(readTopology(topology(given)), []);
    expect(lower).toThrow(expect.objectContaining({ code: "TF_GRAPH_UNSUPPORTED_OP", message: expect.stringContaining(message) }));
  });

  test("a convolution in groups has them from its kernel", () => {
    const config = { filters: 6, kernel_size: [2, 2], groups: 3, use_bias: false };
    const kernel = { type: "float32", shape: [2, 2, 1, 6], data: new Float32Array(24) } as const;
    const { graph, outputs } = lowerLayers(readTopology(topology(layer("Conv2D", config))), [["it/kernel", kernel]]);
    const { nodes } = importTensorFlow(graph, { outputs: { out: outputs[0]! } });
    expect(nodes.find(({ op }) => op === "Conv")?.attributes["group"]).toEqual({ kind: "int", value: 3 });
  });

  test.each(["Softmax", "BatchNormalization"])("%s along rows is named", (className) => {
    const weight = { type: "float32", shape: [4], data: Float32Array.of(1, 2, 3, 4) } as const;
    const weights = ["gamma", "beta", "moving_mean", "moving_variance"].map((name) => [`it/${name}`, weight] as const);
    const { graph, outputs } = lowerLayers(readTopology(topology(layer(className, { axis: 1 }))), weights);
    expect(() => importTensorFlow(graph, { outputs: { out: outputs[0]! } })).toThrow("works along axis 1 of 4");
  });

  test.each([
    ["no topology", {}, "not a Keras topology"],
    ["another kind of model", { class_name: "Subclassed", config: {} }, "the model is a Subclassed"],
    ["a missing layer", { class_name: "Model", config: { layers: [], input_layers: [], output_layers: [["a", 0, 0]] } }, 'no layer "a"'],
    [
      "a circle",
      {
        class_name: "Model",
        config: {
          layers: [{ class_name: "ReLU", config: {}, name: "a", inbound_nodes: [[["a", 0, 0, {}]]] }],
          input_layers: [],
          output_layers: ["a", 0, 0],
        },
      },
      "depends on itself",
    ],
    ["weights that are missing", topology(layer("Dense", { units: 3 })), 'layer "it" (Dense) has no weight "kernel"'],
  ])("%s is refused", (_, model, message) => {
    expect(() => lowerLayers(readTopology(model), [])).toThrow(message);
  });

  const filled = (value: number): Float32Tensor => ({ type: "float32", shape: [3, 3], data: new Float32Array(9).fill(value) });
  const plainDense = { use_bias: false, units: 3 };

  test("two weights of one name are refused, whichever came first, where a layer asks for them", () => {
    const weights = [
      ["a/it/kernel", filled(1)],
      ["b/it/kernel", filled(2)],
    ] as const;
    expect(() => lowerLayers(readTopology(topology(layer("Dense", plainDense))), weights)).toThrow('two weights are called "it/kernel"');
    expect(() => lowerLayers(readTopology(topology(layer("ReLU"))), weights)).not.toThrow();
  });

  /** The first number of each constant, by the order of the layers. */
  const kernels = (model: unknown, weights: readonly (readonly [string, Float32Tensor])[]): number[] =>
    [...lowerLayers(readTopology(model), weights).graph.weights.values()].map(({ data }) => Number(data[0]));

  test("a layer's weights are those of its group, whatever TensorFlow called them", () => {
    // A model that was built twice in one session of TensorFlow 1: names were counted on, groups were not.
    const dense = ["dense", "dense_1"].map((name) => ({ class_name: "Dense", config: { name, ...plainDense } }));
    const weights = [
      ["dense/dense_1/kernel:0", filled(1)],
      ["dense_1/dense_1_1/kernel:0", filled(2)],
    ] as const;
    expect(kernels(topology(...dense), weights)).toEqual([1, 2]);
  });

  test("layers of one name in two models inside have each their own weights", () => {
    const inner = (name: string): unknown => ({
      class_name: "Sequential",
      config: { name, layers: [{ class_name: "Dense", config: { name: "dense", batch_input_shape: [null, 3], ...plainDense } }] },
    });
    const weights = [
      ["right/dense/kernel:0", filled(2)],
      ["left/dense/kernel:0", filled(1)],
    ] as const;
    expect(kernels(topology(inner("left"), inner("right")), weights)).toEqual([1, 2]);
  });

  test.each([
    ["a list", [null, 5, 6, 3]],
    ["an object", { class_name: "TensorShape", items: [32, 5, 6, 3] }],
  ])("a sequential model that was built by its first pictures says their shape as %s", (_, shape) => {
    const model = {
      class_name: "Sequential",
      config: { name: "late", build_input_shape: shape, layers: [layer("ReLU")] },
    };
    const { graph, outputs } = lowerLayers(readTopology(model), []);
    expect(importTensorFlow(graph, { outputs: { out: outputs[0]! } }).inputs[0]!.shape).toEqual(["N", 3, 5, 6]);
  });

  test.each([
    ["statistics that were learnt", {}],
    ["statistics that are given", { mean: [1, 2, 3], variance: [4, 0.25, 0] }],
  ])("Normalization by %s", async (_, config) => {
    const vector = (...values: number[]): Float32Tensor => ({ type: "float32", shape: [3], data: Float32Array.from(values) });
    const weights = [
      ["it/mean", vector(1, 2, 3)],
      ["it/variance", vector(4, 0.25, 0)],
    ] as const;
    const read = lowerLayers(readTopology(topology(layer("Normalization", { axis: [-1], ...config }))), "mean" in config ? [] : weights);
    // What does not vary is divided by Keras' epsilon.
    expect(await numbersOf(read, [3, 3, 3])).toEqual([1, 2, 0]);
  });

  test("Rescaling by a number for each channel", async () => {
    const read = lowerLayers(readTopology(topology(layer("Rescaling", { scale: [1, 2, 0.5], offset: [0, -1, 1] }))), []);
    expect(await numbersOf(read, [3, 3, 3])).toEqual([3, 5, 2.5]);
  });

  test.each([
    ["values that are smoothed", { height: 2, width: 2, antialias: true }],
    ["channels first", { height: 2, width: 2, data_format: "channels_first" }],
  ])("Resizing of %s is refused", (_, config) => {
    const lower = (): unknown => lowerLayers(readTopology(topology(layer("Resizing", config))), []);
    expect(lower).toThrow(expect.objectContaining({ code: "TF_GRAPH_UNSUPPORTED_OP" }));
  });

  test("a dilated depthwise layer that TensorFlow.js saved is refused: it computes such layers without dilation", async () => {
    const { model, weights } = await saveLayersModel(chain(layers.depthwiseConv2d({ kernelSize: 3, dilationRate: 2, padding: "same" })));
    const read = (): unknown => readLayersModel(model, weights);
    expect(read).toThrow(expect.objectContaining({ code: "TF_GRAPH_UNSUPPORTED_OP", message: expect.stringContaining("dilation") }));

    const { modelTopology, ...rest } = z.object({ modelTopology: z.looseObject({}), weightsManifest: z.unknown() }).parse(model);
    const byKeras = { ...rest, modelTopology: { ...modelTopology, keras_version: "2.11.0" } };
    const { nodes } = readLayersModel(byKeras, weights).graph;
    expect(nodes.find(({ op }) => op === "DepthwiseConv2dNative")?.attributes.get("dilations")).toMatchObject({ value: [1, 2, 2, 1] });
  });

  test.each([
    ["tfjs-layers 4.22.0", (value: number) => 0.2 * value + 0.5],
    ["2.15.0", (value: number) => 0.2 * value + 0.5],
    ["3.8.0", (value: number) => value / 6 + 0.5],
  ])("the hard sigmoid of a converted model is that of the Keras which it was learnt with: %s", async (version, compute) => {
    const { model, weights } = await saveLayersModel(chain(layers.activation({ activation: "hardSigmoid" })));
    const { modelTopology, ...rest } = z.object({ modelTopology: z.looseObject({}), weightsManifest: z.unknown() }).parse(model);
    const input = randomPicture([1, ...shape]);
    const actual = await predictByImport(
      { model: { ...rest, modelTopology: { ...modelTopology, keras_version: version } }, weights },
      input,
    );
    for (const [index, value] of actual.entries()) expect(value).toBeCloseTo(compute(input.data[index]!), 5);
  });

  test("rows that TensorFlow.js was to join are refused where it joined channels: it takes any axis from the end for the last one", async () => {
    const { model, weights } = await saveLayersModel(merged(layers.concatenate({ axis: -2 })));
    const read = (): unknown => readLayersModel(model, weights);
    expect(read).toThrow(expect.objectContaining({ code: "TF_GRAPH_UNSUPPORTED_OP", message: expect.stringContaining("axis -2") }));
  });

  test("Keras 3 writes what a layer reads as a tensor with its history", () => {
    const tensor = { class_name: "__keras_tensor__", config: { shape: [null, 4], dtype: "float32", keras_history: ["in", 0, 0] } };
    const model = {
      class_name: "Functional",
      config: {
        name: "net",
        layers: [
          { class_name: "InputLayer", name: "in", config: { name: "in", batch_shape: [null, 4] }, inbound_nodes: [] },
          {
            class_name: "Activation",
            name: "act",
            config: { name: "act", activation: "relu" },
            inbound_nodes: [{ args: [tensor], kwargs: {} }],
          },
        ],
        input_layers: ["in", 0, 0],
        output_layers: ["act", 0, 0],
      },
    };
    const { graph, outputs } = lowerLayers(readTopology(model), []);
    expect(graph.nodes.map(({ op }) => op)).toEqual(["Placeholder", "Relu"]);
    expect(outputs).toEqual(["act/Relu"]);
  });

  describe("arithmetic that was written between layers", () => {
    const input = { class_name: "InputLayer", name: "in", config: { name: "in", batch_input_shape: [null, 4, 4, 3] }, inbound_nodes: [] };
    const functional = (...layersOfIt: readonly { readonly name: string }[]): unknown => ({
      class_name: "Functional",
      config: {
        name: "net",
        layers: [input, ...layersOfIt],
        input_layers: [["in", 0, 0]],
        output_layers: [[layersOfIt.at(-1)!.name, 0, 0]],
      },
    });
    const answer = (...layersOfIt: readonly { readonly name: string }[]): Promise<number[]> =>
      numbersOf(lowerLayers(readTopology(functional(...layersOfIt)), []), [255, 51, 0]);

    const tensor = (name: string): unknown => ({
      class_name: "__keras_tensor__",
      config: { shape: [null, 4, 4, 3], dtype: "float32", keras_history: [name, 0, 0] },
    });
    /** As Keras 3 writes it. */
    const operation = (className: string, ...args: readonly unknown[]) => ({
      module: "keras.src.ops.numpy",
      class_name: className,
      config: { name: className.toLowerCase() },
      registered_name: className,
      name: className.toLowerCase(),
      inbound_nodes: [{ args, kwargs: {} }],
    });
    /** As Keras 2 writes it. */
    const lambda = (name: string, called: string, first: readonly unknown[], settings: Readonly<Record<string, unknown>>) => ({
      class_name: "TFOpLambda",
      config: { name, trainable: true, dtype: "float32", function: called },
      name,
      inbound_nodes: [[...first, settings]],
    });
    const rounded = (values: readonly number[]): number[] => values.map((value) => Math.round(value * 1e5) / 1e5 + 0);

    test("by Keras 3, as its networks scale their pictures", async () => {
      const scaled = [operation("TrueDivide", tensor("in"), 127.5), operation("Subtract", tensor("truedivide"), 1)];
      expect(rounded(await answer(...scaled))).toEqual([1, -0.6, -1]);
      const others = [
        operation("Subtract", 1, tensor("in")),
        operation("Multiply", tensor("subtract"), [1, 2, 3]),
        operation("Maximum", tensor("multiply"), tensor("in")),
      ];
      expect(rounded(await answer(...others))).toEqual([255, 51, 3]);
    });

    test.each(["__tensor__", "__numpy__"])("by Keras 3, with numbers that were a %s", async (kind) => {
      const array = (...value: readonly number[]): unknown => ({ class_name: kind, config: { value: [[[value]]], dtype: "float32" } });
      const centred = [operation("Add", tensor("in"), array(-5, -1, 0)), operation("TrueDivide", tensor("add"), array(250, 10, 2))];
      expect(rounded(await answer(...centred))).toEqual([1, 5, 0]);
    });

    test("by Keras 2, with numbers and with values of the model", async () => {
      const scaled = [
        lambda("tf.math.truediv", "math.truediv", ["in", 0, 0], { y: 127.5, name: null }),
        lambda("tf.math.subtract", "math.subtract", ["tf.math.truediv", 0, 0], { y: 1, name: null }),
      ];
      expect(rounded(await answer(...scaled))).toEqual([1, -0.6, -1]);
      const others = [
        lambda("tf.math.subtract", "math.subtract", ["_CONSTANT_VALUE", -1, 0.5], { y: ["in", 0, 0], name: null }),
        lambda("tf.math.multiply", "math.multiply", ["tf.math.subtract", 0, 0], { y: [[[[1, 2, 3]]]] }),
        lambda("tf.__operators__.add", "__operators__.add", ["tf.math.multiply", 0, 0], { y: ["in", 0, 0], name: null }),
      ];
      expect(rounded(await answer(...others))).toEqual([0.5, -50, 1.5]);
      const centred = lambda("tf.nn.bias_add", "nn.bias_add", ["in", 0, 0], { bias: [-5, -1, 2], data_format: null, name: null });
      expect(rounded(await answer(centred))).toEqual([250, 50, 2]);
    });

    /** What stands between brackets, as Keras 3 writes it. */
    const slice = (start: number | null, stop: number | null, step: number | null): unknown => ({
      class_name: "__slice__",
      config: { start, stop, step },
    });
    const ellipsis = { class_name: "__ellipsis__", config: {} };
    /** As Keras 2 writes it. */
    const brackets = (spec: unknown, called = "__operators__.getitem") => ({
      ...lambda("tf.__operators__.getitem", called, ["in", 0, 0], { slice_spec: spec }),
      class_name: "SlicingOpLambda",
    });
    const lastBackwards = [{ class_name: "__ellipsis__" }, { start: null, stop: null, step: -1 }];

    test.each([
      ["by Keras 3", operation("GetItem", tensor("in"), [ellipsis, slice(null, null, -1)])],
      [
        "by Keras 3, in an .h5 file",
        operation("GetItem", tensor("in"), { class_name: "__tuple__", items: [ellipsis, slice(null, null, -1)] }),
      ],
      [
        "by Keras 3, axis by axis",
        operation("GetItem", tensor("in"), [...[1, 2, 3].map(() => slice(null, null, null)), slice(2, null, -1)]),
      ],
      ["by Keras 3, as a function", { ...operation("Flip", tensor("in")), config: { name: "flip", axis: -1 } }],
      ["by Keras 2", brackets(lastBackwards)],
      ["by Keras 2, in an .h5 file", brackets({ class_name: "__tuple__", items: lastBackwards })],
    ])("the order of channels is turned over %s", async (_, layerOfIt) => {
      expect(await answer(layerOfIt)).toEqual([0, 51, 255]);
    });

    test("Keras 2 turns channels over and takes means off them, as its ResNet50 does", async () => {
      const centred = lambda("tf.nn.bias_add", "nn.bias_add", ["tf.__operators__.getitem", 0, 0], { bias: [1, 2, 3], data_format: null });
      expect(await answer(brackets(lastBackwards), centred)).toEqual([1, 53, 258]);
    });

    test("a channel and a part of the rows are taken", async () => {
      const parts = operation("GetItem", tensor("in"), [slice(null, null, null), slice(1, -1, null), ellipsis, 1]);
      const { graph, outputs } = lowerLayers(readTopology(functional(parts)), []);
      expect(importTensorFlow(graph, { outputs: { out: outputs[0]! } }).outputs[0]!.shape).toEqual(["N", 2, 4]);
    });

    test.each([
      ["an operation that has the name of a layer and means something else", operation("Reshape", tensor("in")), "(Reshape)"],
      [
        "a function without a rule",
        lambda("resize", "image.resize", ["in", 0, 0], { size: [2, 2] }),
        "the function image.resize has no rule",
      ],
      ["a bias of rows", lambda("add", "nn.bias_add", ["in", 0, 0], { bias: [1, 2, 3, 4], data_format: "NCHW" }), '"NCHW"'],
      ["a part that is no part", operation("GetItem", tensor("in"), { class_name: "__tuple__" }), "(GetItem)"],
      ["a new axis", operation("GetItem", tensor("in"), [ellipsis, null]), "(GetItem)"],
      ["a place that is computed", operation("GetItem", tensor("in"), [slice(null, null, null), tensor("in")]), "(GetItem)"],
      ["what a mask chooses", brackets([], "compat.v1.boolean_mask"), "boolean_mask has no rule"],
      ["all axes turned over", { ...operation("Flip", tensor("in")), config: { name: "flip", axis: null } }, "the batch"],
    ])("%s is named", (_, layerOfIt, message) => {
      const lower = (): unknown => lowerLayers(readTopology(functional(layerOfIt)), []);
      expect(lower).toThrow(expect.objectContaining({ code: "TF_GRAPH_UNSUPPORTED_OP", message: expect.stringContaining(message) }));
    });
  });

  test("a file that is no layers model says so", () => {
    expect(() => readLayersModel({ format: "graph-model" }, new Uint8Array())).toThrow("not a TensorFlow.js layers model");
  });
});
