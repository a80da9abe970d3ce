import { z } from "zod";
import type { Tensor } from "../../core/index.ts";
import type { AttributeValue } from "../tensorflow/node.ts";
import { activate, leakyRelu } from "./activations.ts";
import {
  attributes,
  integers,
  type LayerCall,
  type LayerRule,
  onlyInput,
  pair,
  perChannel,
  requireChannelsLast,
  requiredWeight,
  scalar,
  setting,
  unsupported,
} from "./layer.ts";

/** What a layer does in training only. */
const passThrough: LayerRule = (call) => onlyInput(call);

type WindowAttributes = Readonly<Record<string, AttributeValue>>;

function windowAttributes(call: LayerCall, strides: readonly [number, number]): WindowAttributes {
  requireChannelsLast(call);
  const padding = setting(call, "padding", z.enum(["valid", "same"]), "valid");
  return {
    strides: attributes.numbers([1, ...strides, 1]),
    padding: attributes.text(padding.toUpperCase()),
    data_format: attributes.text("NHWC"),
  };
}

function convolutionAttributes(call: LayerCall): WindowAttributes {
  const dilation = pair(call, "dilation_rate", [1, 1]);
  return { ...windowAttributes(call, pair(call, "strides", [1, 1])), dilations: attributes.numbers([1, ...dilation, 1]) };
}

/** The bias, where the layer uses one, and the activation. */
function finish(call: LayerCall, value: string): string {
  const usesBias = setting(call, "use_bias", z.boolean(), true);
  return activate(call, usesBias ? call.add("BiasAdd", [value, call.constant(requiredWeight(call, "bias"))]) : value);
}

const convolution: LayerRule = (call) => {
  // In how many groups it sees the channels is told by the kernel's sizes, too.
  const filter = call.constant(requiredWeight(call, "kernel"));
  return finish(call, call.add("Conv2D", [onlyInput(call), filter], convolutionAttributes(call)));
};

/**
 * TensorFlow.js and Keras 2 call the filter `depthwise_kernel`, Keras 3 `kernel`. TensorFlow.js leaves the dilation out of what it
 * computes and writes it down all the same: a file that it saved does not tell by which of the two the filters were learnt.
 */
const depthwiseConvolution: LayerRule = (call) => {
  const [high, wide] = pair(call, "dilation_rate", [1, 1]);
  if (call.savedByTensorFlowJs && (high !== 1 || wide !== 1))
    throw unsupported(call, `TensorFlow.js computes it without its dilation (${high}, ${wide}); convert the model that Keras saved`);
  const filter = call.constant(call.weight("depthwise_kernel") ?? requiredWeight(call, "kernel"));
  return finish(call, call.add("DepthwiseConv2dNative", [onlyInput(call), filter], convolutionAttributes(call)));
};

const separableConvolution: LayerRule = (call) => {
  const depthwise = call.constant(requiredWeight(call, "depthwise_kernel"));
  const deep = call.add("DepthwiseConv2dNative", [onlyInput(call), depthwise], convolutionAttributes(call));
  const pointwise = call.constant(requiredWeight(call, "pointwise_kernel"));
  const unmoved = {
    strides: attributes.numbers([1, 1, 1, 1]),
    dilations: attributes.numbers([1, 1, 1, 1]),
    padding: attributes.text("VALID"),
    data_format: attributes.text("NHWC"),
  };
  return finish(call, call.add("Conv2D", [deep, pointwise], unmoved));
};

const dense: LayerRule = (call) =>
  finish(
    call,
    call.add("MatMul", [onlyInput(call), call.constant(requiredWeight(call, "kernel"))], { transpose_b: attributes.flag(false) }),
  );

const batchNormalization: LayerRule = (call) => {
  const axis = setting(call, "axis", z.union([z.int(), z.tuple([z.int()]).transform(([only]) => only)]), -1);
  const mean = requiredWeight(call, "moving_mean");
  const filled = (value: number): Tensor => ({ type: "float32", shape: mean.shape, data: new Float32Array(mean.data.length).fill(value) });
  const gamma = setting(call, "scale", z.boolean(), true) ? requiredWeight(call, "gamma") : filled(1);
  const beta = setting(call, "center", z.boolean(), true) ? requiredWeight(call, "beta") : filled(0);
  const statistics = [gamma, beta, mean, requiredWeight(call, "moving_variance")].map((tensor) => call.constant(tensor));
  const epsilon = setting(call, "epsilon", z.number(), 0.001);
  return call.add("FusedBatchNormV3", [onlyInput(call), ...statistics], {
    epsilon: attributes.number(epsilon),
    axis: attributes.number(axis),
    is_training: attributes.flag(false),
  });
};

function pooling(op: "MaxPool" | "AvgPool"): LayerRule {
  return (call) => {
    const size = pair(call, "pool_size", [2, 2]);
    const window = windowAttributes(call, pair(call, "strides", size));
    return call.add(op, [onlyInput(call)], { ...window, ksize: attributes.numbers([1, ...size, 1]) });
  };
}

function globalPooling(op: "Mean" | "Max"): LayerRule {
  return (call) => {
    requireChannelsLast(call);
    const keeps = setting(call, "keepdims", z.boolean(), false);
    return call.add(op, [onlyInput(call), call.constant(integers([1, 2]))], { keep_dims: attributes.flag(keeps) });
  };
}

/** Keras 2 and TensorFlow.js write `max_value` as null where there is none. */
const relu: LayerRule = (call) => {
  const input = onlyInput(call);
  const highest = setting(call, "max_value", z.number(), Number.POSITIVE_INFINITY);
  const slope = setting(call, "negative_slope", z.union([z.number(), z.tuple([z.number()]).transform(([only]) => only)]), 0);
  const threshold = setting(call, "threshold", z.union([z.number(), z.tuple([z.number()]).transform(([only]) => only)]), 0);
  if (threshold !== 0) throw unsupported(call, `the threshold ${threshold} is not read`);
  if (highest === 6 && slope === 0) return call.add("Relu6", [input]);
  const rectified = leakyRelu(call, input, slope);
  return Number.isFinite(highest) ? call.add("Minimum", [rectified, call.constant(scalar(highest))]) : rectified;
};

/** The slope is `alpha` in Keras 2 and `negative_slope` in Keras 3. */
const leaky: LayerRule = (call) =>
  leakyRelu(call, onlyInput(call), setting(call, "negative_slope", z.number(), setting(call, "alpha", z.number(), 0.3)));

const parametricRelu: LayerRule = (call) => call.add("Prelu", [onlyInput(call), call.constant(requiredWeight(call, "alpha"))]);

const elu: LayerRule = (call) => {
  const alpha = setting(call, "alpha", z.number(), 1);
  if (alpha !== 1) throw unsupported(call, `alpha ${alpha} is not read`);
  return call.add("Elu", [onlyInput(call)]);
};

const softmax: LayerRule = (call) => {
  const axis = setting(call, "axis", z.int(), -1);
  return call.add("Softmax", [onlyInput(call)], { axis: attributes.number(axis) });
};

/** The batch stays as it is: TensorFlow's importer takes a leading 1 for "as many as there are". */
function reshapeTo(call: LayerCall, sizes: readonly number[]): string {
  return call.add("Reshape", [onlyInput(call), call.constant(integers([1, ...sizes]))]);
}

const flatten: LayerRule = (call) => {
  requireChannelsLast(call);
  return reshapeTo(call, [-1]);
};

/** TensorFlow.js writes the size that follows from the others, -1, as null. */
const sizesSchema = z.array(
  z
    .int()
    .nullable()
    .transform((size) => size ?? -1),
);

const reshape: LayerRule = (call) => reshapeTo(call, setting<readonly number[]>(call, "target_shape", sizesSchema, []));

const permute: LayerRule = (call) => {
  const order = setting(call, "dims", z.array(z.int()), []);
  return call.add("Transpose", [onlyInput(call), call.constant(integers([0, ...order]))]);
};

function merging(op: string): LayerRule {
  return (call) => call.inputs.slice(1).reduce((sum, input) => call.add(op, [sum, input]), onlyInput(call));
}

function between(op: "Sub" | "RealDiv", what: string): LayerRule {
  return (call) => {
    if (call.inputs.length !== 2) throw unsupported(call, `${what} ${call.inputs.length} values`);
    return call.add(op, call.inputs);
  };
}
const subtract = between("Sub", "subtracts");
const divide = between("RealDiv", "divides");

const average: LayerRule = (call) => call.add("Mul", [merging("AddV2")(call), call.constant(scalar(1 / call.inputs.length))]);

/** TensorFlow.js joins along the last axis whatever negative one it is told, and writes down what it was told. */
const concatenate: LayerRule = (call) => {
  const axis = setting(call, "axis", z.int(), -1);
  if (call.savedByTensorFlowJs && axis < -1)
    throw unsupported(call, `TensorFlow.js joins along the last axis and not along axis ${axis}; count it from the first axis`);
  return call.add("ConcatV2", [...call.inputs, call.constant(integers([axis]))]);
};

const marginsSchema = z.union([
  z.int().transform((each) => [
    [each, each],
    [each, each],
  ]),
  z.tuple([z.int(), z.int()]).transform(([height, width]) => [
    [height, height],
    [width, width],
  ]),
  z.tuple([z.tuple([z.int(), z.int()]), z.tuple([z.int(), z.int()])]),
]);

const zeroPadding: LayerRule = (call) => {
  requireChannelsLast(call);
  const margins = setting<readonly (readonly number[])[]>(call, "padding", marginsSchema, [
    [1, 1],
    [1, 1],
  ]).flat();
  const paddings: Tensor = { type: "int32", shape: [4, 2], data: Int32Array.of(0, 0, ...margins, 0, 0) };
  return call.add("Pad", [onlyInput(call), call.constant(paddings)]);
};

const resizing: LayerRule = (call) => {
  requireChannelsLast(call);
  const interpolation = setting(call, "interpolation", z.string(), "bilinear");
  const keepsAspect = setting(call, "crop_to_aspect_ratio", z.boolean(), false) || setting(call, "pad_to_aspect_ratio", z.boolean(), false);
  const isSmoothed = setting(call, "antialias", z.boolean(), false);
  if (interpolation !== "bilinear" || keepsAspect || isSmoothed)
    throw unsupported(call, "only bilinear resizing without antialiasing that ignores the aspect is read");
  const size = [setting(call, "height", z.int(), 0), setting(call, "width", z.int(), 0)];
  return call.add("ResizeBilinear", [onlyInput(call), call.constant(integers(size))], { half_pixel_centers: attributes.flag(true) });
};

const channelNumbers = z.union([z.number(), z.array(z.number())]);

const rescaling: LayerRule = (call) => {
  const numbers = (name: string, otherwise: number): Tensor => perChannel(setting(call, name, channelNumbers, otherwise));
  const scaled = call.add("Mul", [onlyInput(call), call.constant(numbers("scale", 1))]);
  return call.add("AddV2", [scaled, call.constant(numbers("offset", 0))]);
};

/** What Keras divides by where nothing varies. */
const smallestDeviation = 1e-7;

/** By means and variances that were learnt from data, or given; in the file they have the shape `[channels]`, or ones before it. */
const normalization: LayerRule = (call) => {
  const axis = setting(call, "axis", z.union([z.int(), z.tuple([z.int()]).transform(([only]) => only)]), -1);
  if (axis !== -1 && axis !== 3) throw unsupported(call, `works along axis ${axis}`);
  if (setting(call, "invert", z.boolean(), false)) throw unsupported(call, "what undoes a normalization is not read");
  const given = (name: string): Tensor => {
    const told = setting<number | readonly number[] | undefined>(
      call,
      name,
      z.union([channelNumbers, z.array(z.array(z.number())).transform((rows) => rows.flat())]),
      undefined,
    );
    return told === undefined ? requiredWeight(call, name) : perChannel(told);
  };
  const variance = given("variance");
  const factors = Float32Array.from(Array.from(variance.data, Number), (value) => 1 / Math.max(Math.sqrt(value), smallestDeviation));
  const centred = call.add("Sub", [onlyInput(call), call.constant(given("mean"))]);
  return call.add("Mul", [centred, call.constant({ type: "float32", shape: variance.shape, data: factors })]);
};

/** `value[...]`, as TensorFlow writes it: numbers for each part, and masks of bits for what they do not count for. */
const takePart: LayerRule = (call) => {
  const parts = call.parts ?? [];
  const slices = parts.map((part) => {
    if (part === "ellipsis") return { start: 0, stop: 0, step: 1 };
    return typeof part === "number" ? { start: part, stop: part + 1, step: 1 } : part;
  });
  const mask = (isSet: (index: number) => boolean): AttributeValue =>
    attributes.number(parts.reduce<number>((bits, _, index) => bits + (isSet(index) ? 2 ** index : 0), 0));
  const lists = [slices.map(({ start }) => start ?? 0), slices.map(({ stop }) => stop ?? 0), slices.map(({ step }) => step ?? 1)];
  return call.add("StridedSlice", [onlyInput(call), ...lists.map((list) => call.constant(integers(list)))], {
    begin_mask: mask((index) => slices[index]!.start === null),
    end_mask: mask((index) => slices[index]!.stop === null),
    ellipsis_mask: mask((index) => parts[index] === "ellipsis"),
    shrink_axis_mask: mask((index) => typeof parts[index] === "number"),
  });
};

/** Keras 2 also calls choosing by a mask so. */
const bracketFunction: LayerRule = (call) => {
  const name = setting(call, "function", z.string(), "");
  if (name !== "__operators__.getitem") throw unsupported(call, `the function ${name} has no rule`);
  return takePart(call);
};

const flip: LayerRule = (call) => {
  const axes = setting(call, "axis", z.union([z.int().transform((axis) => [axis]), z.array(z.int())]), []);
  if (axes.length === 0) throw unsupported(call, "turns over all axes, the batch's as well");
  return call.add("ReverseV2", [onlyInput(call), call.constant(integers(axes))]);
};

const activation: LayerRule = (call) => activate(call, onlyInput(call));

/** What Keras 2 calls the functions of TensorFlow that stand between layers, by their names there. */
const functionRules: Readonly<Record<string, LayerRule>> = {
  "__operators__.add": merging("AddV2"),
  "math.add": merging("AddV2"),
  "math.divide": divide,
  "math.maximum": merging("Maximum"),
  "math.minimum": merging("Minimum"),
  "math.multiply": merging("Mul"),
  "math.subtract": subtract,
  "math.truediv": divide,
  "nn.bias_add": merging("AddV2"),
};

const tensorFlowFunction: LayerRule = (call) => {
  const name = setting(call, "function", z.string(), "");
  const rule = Object.hasOwn(functionRules, name) ? functionRules[name] : undefined;
  if (rule === undefined) throw unsupported(call, `the function ${name} has no rule`);
  return rule(call);
};

/** What becomes of the functions of arrays that Keras 3 finds between layers, by their classes. */
export const operationRules: Readonly<Record<string, LayerRule>> = {
  Add: merging("AddV2"),
  Divide: divide,
  Flip: flip,
  GetItem: takePart,
  Maximum: merging("Maximum"),
  Minimum: merging("Minimum"),
  Multiply: merging("Mul"),
  Subtract: subtract,
  TrueDivide: divide,
};

/** What becomes of each class of layer. Models and inputs have no rule: they are walked through. */
export const layerRules: Readonly<Record<string, LayerRule>> = {
  Activation: activation,
  ActivityRegularization: passThrough,
  Add: merging("AddV2"),
  AlphaDropout: passThrough,
  Average: average,
  AveragePooling2D: pooling("AvgPool"),
  BatchNormalization: batchNormalization,
  Concatenate: concatenate,
  Conv2D: convolution,
  Dense: dense,
  DepthwiseConv2D: depthwiseConvolution,
  Dropout: passThrough,
  ELU: elu,
  Flatten: flatten,
  GaussianDropout: passThrough,
  GaussianNoise: passThrough,
  GlobalAveragePooling2D: globalPooling("Mean"),
  GlobalMaxPooling2D: globalPooling("Max"),
  LeakyReLU: leaky,
  MaxPooling2D: pooling("MaxPool"),
  Maximum: merging("Maximum"),
  Minimum: merging("Minimum"),
  Multiply: merging("Mul"),
  Normalization: normalization,
  PReLU: parametricRelu,
  Permute: permute,
  RandomBrightness: passThrough,
  RandomContrast: passThrough,
  RandomFlip: passThrough,
  RandomRotation: passThrough,
  RandomTranslation: passThrough,
  RandomZoom: passThrough,
  ReLU: relu,
  Rescaling: rescaling,
  Reshape: reshape,
  Resizing: resizing,
  SeparableConv2D: separableConvolution,
  SlicingOpLambda: bracketFunction,
  Softmax: softmax,
  SpatialDropout2D: passThrough,
  Subtract: subtract,
  TFOpLambda: tensorFlowFunction,
  ZeroPadding2D: zeroPadding,
};
