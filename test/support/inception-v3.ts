import { createRandom, elementCount, float32Tensor, type Float32Tensor } from "../../src/core/index.ts";
import { attribute, createGraphBuilder, type Graph } from "../../src/graph/index.ts";
import { field, writeMessage, type Writer } from "../../src/graph/protobuf.ts";

/**
 * Inception V3 (Szegedy et al., 2015) in full, layer by layer under the names that it has in `classify_image_graph_def.pb`, with weights
 * drawn by chance. The same walk through the layers writes TensorFlow's file and builds the network in ONNX.
 */

type Padding = "SAME" | "VALID";
type Kernel = readonly [height: number, width: number];

interface ConvOptions {
  readonly stride?: number;
  readonly padding?: Padding;
}

/** Who writes the layers down; a value is what a layer gives, with its channels. */
interface Layers {
  readonly conv: (name: string, input: Value, kernel: Kernel, channels: number, options?: ConvOptions) => Value;
  readonly pool: (name: string, kind: "MaxPool" | "AvgPool", input: Value, stride: number, padding: Padding) => Value;
  readonly join: (name: string, inputs: readonly Value[]) => Value;
}

interface Value {
  readonly name: string;
  readonly channels: number;
}

const one: Kernel = [1, 1];
const three: Kernel = [3, 3];

/** The layers from the picture to 8 x 8 maps of 2,048 channels. */
function inceptionV3(layers: Layers, input: Value): Value {
  const { conv, pool } = layers;
  let value = conv("conv", input, three, 32, { stride: 2, padding: "VALID" });
  value = conv("conv_1", value, three, 32, { padding: "VALID" });
  value = conv("conv_2", value, three, 64);
  value = pool("pool", "MaxPool", value, 2, "VALID");
  value = conv("conv_3", value, one, 80, { padding: "VALID" });
  value = conv("conv_4", value, three, 192, { padding: "VALID" });
  value = pool("pool_1", "MaxPool", value, 2, "VALID");
  for (const [name, projected] of [
    ["mixed", 32],
    ["mixed_1", 64],
    ["mixed_2", 64],
  ] as const)
    value = blockOf35(layers, name, value, projected);
  value = reductionTo17(layers, "mixed_3", value);
  for (const [name, channels] of [
    ["mixed_4", 128],
    ["mixed_5", 160],
    ["mixed_6", 160],
    ["mixed_7", 192],
  ] as const)
    value = blockOf17(layers, name, value, channels);
  value = reductionTo8(layers, "mixed_8", value);
  value = blockOf8(layers, "mixed_9", value, "AvgPool");
  // The published file has a maximum here.
  return blockOf8(layers, "mixed_10", value, "MaxPool");
}

function blockOf35({ conv, pool, join }: Layers, name: string, input: Value, projected: number): Value {
  const middle = conv(`${name}/tower/conv`, input, one, 48);
  const doubled = conv(`${name}/tower_1/conv_1`, conv(`${name}/tower_1/conv`, input, one, 64), three, 96);
  return join(`${name}/join`, [
    conv(`${name}/conv`, input, one, 64),
    conv(`${name}/tower/conv_1`, middle, [5, 5], 64),
    conv(`${name}/tower_1/conv_2`, doubled, three, 96),
    conv(`${name}/tower_2/conv`, pool(`${name}/tower_2/pool`, "AvgPool", input, 1, "SAME"), one, projected),
  ]);
}

function reductionTo17({ conv, pool, join }: Layers, name: string, input: Value): Value {
  const tower = conv(`${name}/tower/conv_1`, conv(`${name}/tower/conv`, input, one, 64), three, 96);
  return join(`${name}/join`, [
    conv(`${name}/conv`, input, three, 384, { stride: 2, padding: "VALID" }),
    conv(`${name}/tower/conv_2`, tower, three, 96, { stride: 2, padding: "VALID" }),
    pool(`${name}/pool`, "MaxPool", input, 2, "VALID"),
  ]);
}

const wide: Kernel = [1, 7];
const high: Kernel = [7, 1];

function blockOf17({ conv, pool, join }: Layers, name: string, input: Value, channels: number): Value {
  const tower = conv(`${name}/tower/conv_1`, conv(`${name}/tower/conv`, input, one, channels), wide, channels);
  let long = conv(`${name}/tower_1/conv`, input, one, channels);
  long = conv(`${name}/tower_1/conv_1`, long, high, channels);
  long = conv(`${name}/tower_1/conv_2`, long, wide, channels);
  long = conv(`${name}/tower_1/conv_3`, long, high, channels);
  return join(`${name}/join`, [
    conv(`${name}/conv`, input, one, 192),
    conv(`${name}/tower/conv_2`, tower, high, 192),
    conv(`${name}/tower_1/conv_4`, long, wide, 192),
    conv(`${name}/tower_2/conv`, pool(`${name}/tower_2/pool`, "AvgPool", input, 1, "SAME"), one, 192),
  ]);
}

function reductionTo8({ conv, pool, join }: Layers, name: string, input: Value): Value {
  let long = conv(`${name}/tower_1/conv`, input, one, 192);
  long = conv(`${name}/tower_1/conv_1`, long, wide, 192);
  long = conv(`${name}/tower_1/conv_2`, long, high, 192);
  return join(`${name}/join`, [
    conv(`${name}/tower/conv_1`, conv(`${name}/tower/conv`, input, one, 192), three, 320, { stride: 2, padding: "VALID" }),
    conv(`${name}/tower_1/conv_3`, long, three, 192, { stride: 2, padding: "VALID" }),
    pool(`${name}/pool`, "MaxPool", input, 2, "VALID"),
  ]);
}

function blockOf8({ conv, pool, join }: Layers, name: string, input: Value, kind: "MaxPool" | "AvgPool"): Value {
  const tower = conv(`${name}/tower/conv`, input, one, 384);
  const doubled = conv(`${name}/tower_1/conv_1`, conv(`${name}/tower_1/conv`, input, one, 448), three, 384);
  return join(`${name}/join`, [
    conv(`${name}/conv`, input, one, 320),
    conv(`${name}/tower/mixed/conv`, tower, [1, 3], 384),
    conv(`${name}/tower/mixed/conv_1`, tower, [3, 1], 384),
    conv(`${name}/tower_1/mixed/conv`, doubled, [1, 3], 384),
    conv(`${name}/tower_1/mixed/conv_1`, doubled, [3, 1], 384),
    conv(`${name}/tower_2/conv`, pool(`${name}/tower_2/pool`, kind, input, 1, "SAME"), one, 192),
  ]);
}

const features = 2048;
const classes = 1008;

/** The same weights for both, by layer: filters `[height, width, from, to]` as TensorFlow has them. */
function weightsOf(name: string, [height, width]: Kernel, from: number, to: number) {
  const random = createRandom(1).fork(name);
  // As large as keeps the numbers alike from layer to layer (He et al., 2015); uniform, which is quicker to draw.
  const reach = Math.sqrt(6 / (height * width * from));
  const draw = (shape: readonly number[], low: number, top: number): Float32Tensor =>
    float32Tensor(
      shape,
      Float32Array.from({ length: elementCount(shape) }, () => low + (top - low) * random.uniform()),
    );
  return {
    filter: draw([height, width, from, to], -reach, reach),
    beta: draw([to], -0.1, 0.1),
    gamma: draw([to], 2, 3),
    mean: draw([to], -0.1, 0.1),
    variance: draw([to], 0.8, 1.2),
  };
}

function lastWeights(): { readonly matrix: Float32Tensor; readonly bias: Float32Tensor } {
  const { filter, beta } = weightsOf("softmax", one, features, classes);
  return { matrix: { ...filter, shape: [features, classes] }, bias: beta };
}

type AttributeWriter = (writer: Writer) => void;

/** Field numbers of TensorFlow's protos. */
const write = {
  text:
    (value: string): AttributeWriter =>
    (writer) =>
      field.text(writer, 2, value),
  integer:
    (value: number): AttributeWriter =>
    (writer) =>
      field.integer(writer, 3, value),
  float:
    (value: number): AttributeWriter =>
    (writer) =>
      field.float(writer, 4, value),
  flag:
    (value: boolean): AttributeWriter =>
    (writer) =>
      field.integer(writer, 5, Number(value)),
  type:
    (value: number): AttributeWriter =>
    (writer) =>
      field.integer(writer, 6, value),
  integers:
    (values: readonly number[]): AttributeWriter =>
    (writer) =>
      field.message(writer, 1, (list) => field.integers(list, 3, values)),
  tensor:
    (type: number, shape: readonly number[], data: Float32Array | Int32Array): AttributeWriter =>
    (writer) =>
      field.message(writer, 8, (tensor) => {
        field.integer(tensor, 1, type);
        field.message(tensor, 2, (sizes) => {
          for (const size of shape) field.message(sizes, 2, (dimension) => field.integer(dimension, 1, size));
        });
        field.bytes(tensor, 4, new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
      }),
};

/** Numbers of TensorFlow's types. */
const types = { float: 1, integer: 3, byte: 4, text: 7 } as const;

type NodeWriter = (name: string, op: string, inputs: readonly string[], attributes?: Readonly<Record<string, AttributeWriter>>) => void;

function nodeWriter(graph: Writer): NodeWriter {
  return (name, op, inputs, attributes = {}) =>
    field.message(graph, 1, (writer) => {
      field.text(writer, 1, name);
      field.text(writer, 2, op);
      for (const input of inputs) field.text(writer, 3, input);
      for (const [key, value] of Object.entries(attributes)) {
        field.message(writer, 5, (entry) => {
          field.text(entry, 1, key);
          field.message(entry, 2, value);
        });
      }
    });
}

/** A frozen graph of another architecture: a dense layer on twelve numbers of a picture. */
export function writeOtherGraphDef(): Uint8Array {
  return writeMessage((graph) => {
    const node = nodeWriter(graph);
    const shape: AttributeWriter = (writer) =>
      field.message(writer, 7, (sizes) => {
        for (const size of [-1, 2, 2, 3]) field.message(sizes, 2, (dimension) => field.integer(dimension, 1, size));
      });
    node("image", "Placeholder", [], { dtype: write.type(types.float), shape });
    node("flat/shape", "Const", [], { dtype: write.type(types.integer), value: write.tensor(types.integer, [2], Int32Array.of(-1, 12)) });
    node("flat", "Reshape", ["image", "flat/shape"]);
    node("matrix", "Const", [], {
      dtype: write.type(types.float),
      value: write.tensor(types.float, [12, 2], new Float32Array(24).fill(0.5)),
    });
    node("scores", "MatMul", ["flat", "matrix"]);
  });
}

interface ConstantWriters {
  /** Numbers of a network. */
  readonly constant: (name: string, tensor: Float32Tensor) => void;
  /** Whole numbers: sizes, axes, shapes. */
  readonly whole: (name: string, shape: readonly number[], ...values: readonly number[]) => void;
}

function constantWriters(node: NodeWriter): ConstantWriters {
  return {
    constant: (name, { shape, data }) =>
      node(name, "Const", [], { dtype: write.type(types.float), value: write.tensor(types.float, shape, data) }),
    whole: (name, shape, ...values) =>
      node(name, "Const", [], { dtype: write.type(types.integer), value: write.tensor(types.integer, shape, Int32Array.from(values)) }),
  };
}

/**
 * In small what retrain.py leaves of `classify_image_graph_def.pb`: its front, one convolution instead of many, its features, which may be
 * fed, and a last layer of two classes.
 */
export function writeRetrainedGraphDef(): Uint8Array {
  return writeMessage((graph) => {
    const node = nodeWriter(graph);
    const { constant, whole } = constantWriters(node);
    writeFront(node, { constant, whole });
    constant("conv/filter", weightsOf("conv", [8, 8], 3, 4).filter);
    node("conv", "Conv2D", ["Mul", "conv/filter"], { strides: write.integers([1, 37, 37, 1]), padding: write.text("VALID") });
    node("pool_3", "AvgPool", ["conv"], {
      ksize: write.integers([1, 8, 8, 1]),
      strides: write.integers([1, 1, 1, 1]),
      padding: write.text("VALID"),
    });
    whole("pool_3/_reshape/shape", [2], -1, 4);
    node("pool_3/_reshape", "Reshape", ["pool_3", "pool_3/_reshape/shape"]);
    node("input/BottleneckInputPlaceholder", "PlaceholderWithDefault", ["pool_3/_reshape"], { dtype: write.type(types.float) });
    constant("final_training_ops/weights/final_weights", float32Tensor([4, 2], Float32Array.of(1, -1, 0.5, 2, 0, 1, -2, 1)));
    node("final_training_ops/Wx_plus_b/MatMul", "MatMul", ["input/BottleneckInputPlaceholder", "final_training_ops/weights/final_weights"]);
    node("final_result", "Softmax", ["final_training_ops/Wx_plus_b/MatMul"]);
  });
}

/** `classify_image_graph_def.pb` with other weights: from the bytes of a JPEG to 1,008 classes. */
export function writeInceptionGraphDef(): Uint8Array {
  return writeMessage((graph) => {
    const node = nodeWriter(graph);
    const { constant, whole } = constantWriters(node);
    writeFront(node, { constant, whole });
    const layers: Layers = {
      conv: (name, input, kernel, channels, { stride = 1, padding = "SAME" } = {}) => {
        const { filter, beta, gamma, mean, variance } = weightsOf(name, kernel, input.channels, channels);
        constant(`${name}/conv2d_params`, filter);
        node(`${name}/Conv2D`, "Conv2D", [input.name, `${name}/conv2d_params`], {
          T: write.type(types.float),
          strides: write.integers([1, stride, stride, 1]),
          padding: write.text(padding),
          use_cudnn_on_gpu: write.flag(true),
        });
        const norm = `${name}/batchnorm`;
        for (const [part, tensor] of Object.entries({ beta, gamma, moving_mean: mean, moving_variance: variance }))
          constant(`${norm}/${part}`, tensor);
        node(
          norm,
          "BatchNormWithGlobalNormalization",
          [`${name}/Conv2D`, `${norm}/moving_mean`, `${norm}/moving_variance`, `${norm}/beta`, `${norm}/gamma`],
          {
            T: write.type(types.float),
            variance_epsilon: write.float(0.001),
            scale_after_normalization: write.flag(false),
          },
        );
        node(`${name}/CheckNumerics`, "CheckNumerics", [norm], { T: write.type(types.float), message: write.text("not a number") });
        node(`${name}/control_dependency`, "Identity", [norm, `^${name}/CheckNumerics`], { T: write.type(types.float) });
        node(name, "Relu", [`${name}/control_dependency`], { T: write.type(types.float) });
        return { name, channels };
      },
      pool: (name, kind, input, stride, padding) => {
        node(name, kind, [input.name], {
          T: write.type(types.float),
          ksize: write.integers([1, 3, 3, 1]),
          strides: write.integers([1, stride, stride, 1]),
          padding: write.text(padding),
        });
        return { name, channels: input.channels };
      },
      join: (name, inputs) => {
        whole(`${name}/concat_dim`, [], 3);
        node(name, "Concat", [`${name}/concat_dim`, ...inputs.map((input) => input.name)], {
          N: write.integer(inputs.length),
          T: write.type(types.float),
        });
        return { name, channels: inputs.reduce((sum, { channels }) => sum + channels, 0) };
      },
    };
    const last = inceptionV3(layers, { name: "Mul", channels: 3 });
    node("pool_3", "AvgPool", [last.name], {
      ksize: write.integers([1, 8, 8, 1]),
      strides: write.integers([1, 1, 1, 1]),
      padding: write.text("VALID"),
    });
    whole("pool_3/_reshape/shape", [2], -1, features);
    node("pool_3/_reshape", "Reshape", ["pool_3", "pool_3/_reshape/shape"]);
    const { matrix, bias } = lastWeights();
    constant("softmax/weights", matrix);
    constant("softmax/biases", bias);
    node("softmax/logits/MatMul", "MatMul", ["pool_3/_reshape", "softmax/weights"], {
      transpose_a: write.flag(false),
      transpose_b: write.flag(false),
    });
    node("softmax/logits", "BiasAdd", ["softmax/logits/MatMul", "softmax/biases"]);
    node("softmax", "Softmax", ["softmax/logits"]);
  });
}

/** From the bytes of a JPEG to `(pixel - 128) / 128` at 299 x 299. */
function writeFront(node: NodeWriter, { constant, whole }: ConstantWriters): void {
  node("DecodeJpeg/contents", "Const", [], { dtype: write.type(types.text) });
  node("DecodeJpeg", "DecodeJpeg", ["DecodeJpeg/contents"], { channels: write.integer(3), ratio: write.integer(1) });
  node("Cast", "Cast", ["DecodeJpeg"], { SrcT: write.type(types.byte), DstT: write.type(types.float) });
  whole("ExpandDims/dim", [], 0);
  node("ExpandDims", "ExpandDims", ["Cast", "ExpandDims/dim"]);
  whole("ResizeBilinear/size", [2], 299, 299);
  node("ResizeBilinear", "ResizeBilinear", ["ExpandDims", "ResizeBilinear/size"], { align_corners: write.flag(false) });
  constant("Sub/y", float32Tensor([], Float32Array.of(128)));
  node("Sub", "Sub", ["ResizeBilinear", "Sub/y"]);
  constant("Mul/y", float32Tensor([], Float32Array.of(1 / 128)));
  node("Mul", "Mul", ["Sub", "Mul/y"]);
}

/** The network of {@link writeInceptionGraphDef} from `Mul` on, built in ONNX: `features` `[N, 2048]` and `softmax` `[N, 1008]`. */
export function buildInception(): Graph {
  const builder = createGraphBuilder("inception");
  const { op } = builder;
  const same = (padding: Padding, [height, width]: Kernel): readonly number[] => {
    // Strides of 2 are never padded here, and all kernels are odd.
    const [y, x] = padding === "SAME" ? [(height - 1) / 2, (width - 1) / 2] : [0, 0];
    return [y, x, y, x];
  };
  const layers: Layers = {
    conv: (name, input, kernel, channels, { stride = 1, padding = "SAME" } = {}) => {
      const { filter, beta, mean, variance } = weightsOf(name, kernel, input.channels, channels);
      const convolved = op("Conv", [input.name, builder.constant(outputsFirst(filter), "filter")], {
        strides: attribute.ints([stride, stride]),
        pads: attribute.ints(same(padding, kernel)),
      });
      const ones = float32Tensor([channels], new Float32Array(channels).fill(1));
      const norm = [ones, beta, mean, variance].map((tensor) => builder.constant(tensor, "norm"));
      return { name: op("Relu", [op("BatchNormalization", [convolved, ...norm], { epsilon: attribute.float(0.001) })]), channels };
    },
    pool: (_name, kind, input, stride, padding) => {
      const pooled = op(kind === "AvgPool" ? "AveragePool" : kind, [input.name], {
        kernel_shape: attribute.ints(three),
        strides: attribute.ints([stride, stride]),
        pads: attribute.ints(same(padding, three)),
      });
      return { name: pooled, channels: input.channels };
    },
    join: (_name, inputs) => ({
      name: op(
        "Concat",
        inputs.map((input) => input.name),
        { axis: attribute.int(1) },
      ),
      channels: inputs.reduce((sum, { channels }) => sum + channels, 0),
    }),
  };
  const last = inceptionV3(layers, { name: builder.input("input", ["N", 3, 299, 299]), channels: 3 });
  const pooled = builder.output(op("Flatten", [op("GlobalAveragePool", [last.name])]), ["N", features], { name: "features" });
  const { matrix, bias } = lastWeights();
  const logits = op("Gemm", [pooled, builder.constant(matrix, "matrix"), builder.constant(bias, "bias")]);
  builder.output(op("Softmax", [logits], { axis: attribute.int(1) }), ["N", classes], { name: "softmax" });
  return builder.build();
}

/** `[height, width, from, to]` to `[to, from, height, width]`. */
function outputsFirst({ shape: [height = 0, width = 0, from = 0, to = 0], data }: Float32Tensor): Float32Tensor {
  const turned = float32Tensor([to, from, height, width]);
  const area = height * width;
  for (let place = 0; place < area; place++)
    for (let input = 0; input < from; input++)
      for (let output = 0; output < to; output++)
        turned.data[(output * from + input) * area + place] = data[(place * from + input) * to + output]!;
  return turned;
}
