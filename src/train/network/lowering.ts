import { type Float32Tensor, type Random, TensorFaceError, unreachable } from "../../core/index.ts";
import { attribute, type GraphBuilder } from "../../graph/index.ts";
import type { ActivationFunction, BatchNormLayer, ConvLayer, Layer, PoolLayer, SqueezeExciteLayer } from "./layers.ts";
import { foldBatchNorm } from "./folding.ts";

/** A value and its sizes without the batch: `[C, H, W]` or `[features]`. */
export interface Feature {
  readonly value: string;
  readonly shape: readonly number[];
}

/** What a layer asks for when it needs a parameter. */
export interface ParameterRequest {
  readonly name: string;
  readonly shape: readonly number[];
  readonly decayed: boolean;
  readonly initial: (random: Random, count: number) => Float32Array;
}

/** Running statistics that a layer keeps: their new values come from the batch. */
export interface StatisticRequest {
  readonly name: string;
  /** Means start at 0, variances at 1. */
  readonly kind: "mean" | "variance";
  readonly channels: number;
  /** Share that one step keeps. */
  readonly momentum: number;
}

/**
 * Where layers write their nodes. Training gives parameters as inputs of the graph and updates statistics; inference has both
 * as constants.
 */
export interface Lowering {
  readonly builder: GraphBuilder;
  /** The value of a parameter. */
  parameter(request: ParameterRequest): string;
  readonly mode:
    | {
        readonly kind: "training";
        /** Says what the batch's statistic is; the running one follows it. */
        statistic(request: StatisticRequest, batchValue: string, pixels: number): void;
        /** An input of random factors, 0 or `1 / (1 - rate)`, one a feature and sample. */
        mask(name: string, shape: readonly number[], rate: number): string;
        /** A constant that equals no other: the engine makes one of small equal ones, and norms write over theirs. */
        scratch(channels: number): string;
      }
    | {
        readonly kind: "inference";
        readonly weight: (name: string) => Float32Tensor;
        /** Whether convolutions take in the batch norms behind them. */
        readonly fold: boolean;
      };
  /** Counts multiply-accumulate operations a sample. */
  count(operations: number): void;
}

/** Writes layers one after another. @throws {TF_INVALID_ARGUMENT} when a layer does not fit what comes before it */
export function lowerLayers(layers: readonly Layer[], input: Feature, path: string, lowering: Lowering): Feature {
  let feature = input;
  for (let index = 0; index < layers.length; index++) {
    const layer = layers[index]!;
    const next = layers[index + 1];
    const name = `${path}.${index}`;
    if (layer.layer === "conv" && next?.layer === "batchNorm" && lowering.mode.kind === "inference" && lowering.mode.fold) {
      feature = foldedConv(layer, next, { feature, name, normName: `${path}.${index + 1}` }, lowering);
      index++;
    } else {
      feature = lowerLayer(layer, feature, name, lowering);
    }
  }
  return feature;
}

function lowerLayer(layer: Layer, feature: Feature, name: string, lowering: Lowering): Feature {
  switch (layer.layer) {
    case "conv":
      return convolution(layer, feature, name, lowering);
    case "batchNorm":
      return batchNormalisation(layer, feature, name, lowering);
    case "activation":
      return activate(layer.function, feature, name, lowering);
    case "residual": {
      const body = lowerLayers(layer.body, feature, `${name}.body`, lowering);
      const shortcut = lowerLayers(layer.shortcut ?? [], feature, `${name}.shortcut`, lowering);
      requireShape(name, shortcut.shape, body.shape);
      const sum = { value: lowering.builder.op("Add", [body.value, shortcut.value]), shape: body.shape };
      return layer.activation === undefined ? sum : activate(layer.activation, sum, name, lowering);
    }
    case "squeezeExcite":
      return squeezeAndExcite(layer, feature, name, lowering);
    case "maxPool":
    case "averagePool":
      return pool(layer, feature, name, lowering);
    case "globalPool":
      return globalPool(feature, name, lowering);
    case "flatten":
      return {
        value: lowering.builder.op("Flatten", [feature.value]),
        shape: [feature.shape.reduce((product, size) => product * size, 1)],
      };
    case "dense":
      return affine(feature, { name, features: layer.features, gain: layer.initialGain ?? 1 }, lowering);
    case "dropout":
      return drop(layer.rate, feature, name, lowering);
    default:
      return unreachable(layer);
  }
}

function convolution(layer: ConvLayer, feature: Feature, name: string, lowering: Lowering): Feature {
  const plan = planConvolution(layer, feature, name);
  const weights = lowering.parameter({
    name: `${name}.weight`,
    shape: plan.weights,
    decayed: true,
    initial: normal(Math.sqrt(2 / (plan.weights[1] * plan.kernel ** 2))),
  });
  const bias = layer.bias === true ? [lowering.parameter(zeroParameter(`${name}.bias`, [layer.channels]))] : [];
  return emitConvolution(plan, [feature.value, weights, ...bias], lowering);
}

interface ConvolutionPlan {
  readonly weights: readonly [number, number, number, number];
  readonly kernel: number;
  readonly stride: number;
  /** Zeros above and left, below and right. */
  readonly padding: readonly [number, number];
  readonly groups: number;
  readonly result: readonly [number, number, number];
}

function planConvolution(layer: ConvLayer, { shape }: Feature, name: string): ConvolutionPlan {
  const [channels, height, width] = picture(name, shape);
  const kernel = layer.kernel ?? 3;
  const stride = layer.stride ?? 1;
  const { padding: zeros = Math.floor(kernel / 2) } = layer;
  const padding = typeof zeros === "number" ? ([zeros, zeros] as const) : zeros;
  const groups = layer.groups === "depthwise" ? channels : (layer.groups ?? 1);
  if (channels % groups !== 0 || layer.channels % groups !== 0) {
    throw new TensorFaceError(
      "TF_INVALID_ARGUMENT",
      `layer "${name}": ${channels} to ${layer.channels} channels cannot be split into ${groups} groups`,
    );
  }
  const result = windowsOver(name, [height, width], { kernel, stride, padding });
  return {
    weights: [layer.channels, channels / groups, kernel, kernel],
    kernel,
    stride,
    padding,
    groups,
    result: [layer.channels, ...result],
  };
}

/** How many windows fit into rows and columns. @throws {TF_INVALID_ARGUMENT} when none does */
function windowsOver(
  name: string,
  source: readonly [number, number],
  { kernel, stride, padding }: Pick<ConvolutionPlan, "kernel" | "stride" | "padding">,
): readonly [number, number] {
  const count = (size: number): number => Math.floor((size + padding[0] + padding[1] - kernel) / stride) + 1;
  const [rows, columns] = [count(source[0]), count(source[1])];
  if (rows > 0 && columns > 0) return [rows, columns];
  throw new TensorFaceError(
    "TF_INVALID_ARGUMENT",
    `layer "${name}": a window of ${kernel} x ${kernel} does not fit into ${source.join(" x ")} pixels`,
  );
}

function emitConvolution(plan: ConvolutionPlan, inputs: readonly string[], lowering: Lowering): Feature {
  const { kernel, stride, padding, groups, result, weights } = plan;
  const value = lowering.builder.op("Conv", inputs, {
    kernel_shape: attribute.ints([kernel, kernel]),
    strides: attribute.ints([stride, stride]),
    pads: attribute.ints([padding[0], padding[0], padding[1], padding[1]]),
    group: attribute.int(groups),
  });
  lowering.count(result[1] * result[2] * weights.reduce((product, size) => product * size, 1));
  return { value, shape: result };
}

/** A convolution that has taken in the batch norm behind it. */
function foldedConv(
  layer: ConvLayer,
  norm: BatchNormLayer,
  at: { readonly feature: Feature; readonly name: string; readonly normName: string },
  lowering: Lowering,
): Feature {
  if (lowering.mode.kind !== "inference") throw new TypeError("only inference folds");
  const { weight } = lowering.mode;
  const plan = planConvolution(layer, at.feature, at.name);
  const folded = foldBatchNorm(
    { weight: weight(`${at.name}.weight`), bias: layer.bias === true ? weight(`${at.name}.bias`) : undefined },
    {
      scale: weight(`${at.normName}.scale`),
      bias: weight(`${at.normName}.bias`),
      mean: weight(`${at.normName}.mean`),
      variance: weight(`${at.normName}.variance`),
      epsilon: norm.epsilon ?? defaultEpsilon,
    },
  );
  const inputs = [
    at.feature.value,
    lowering.builder.constant(folded.weight, `${at.name}.weight`),
    lowering.builder.constant(folded.bias, `${at.name}.bias`),
  ];
  return emitConvolution(plan, inputs, lowering);
}

const defaultEpsilon = 1e-5;
const defaultMomentum = 0.9;

function batchNormalisation(layer: BatchNormLayer, feature: Feature, name: string, lowering: Lowering): Feature {
  const channels = feature.shape[0]!;
  const { builder, mode } = lowering;
  const epsilon = layer.epsilon ?? defaultEpsilon;
  const initialScale = layer.initialScale ?? 1;
  const scale = lowering.parameter({ name: `${name}.scale`, shape: [channels], decayed: false, initial: constantly(initialScale) });
  const bias = lowering.parameter(zeroParameter(`${name}.bias`, [channels]));
  if (mode.kind === "inference") {
    const [mean, variance] = ["mean", "variance"].map((kind) => builder.constant(mode.weight(`${name}.${kind}`), `${name}.${kind}`));
    const value = builder.op("BatchNormalization", [feature.value, scale, bias, mean!, variance!], { epsilon: attribute.float(epsilon) });
    return { value, shape: feature.shape };
  }
  // ONNX Runtime writes statistics over its last two inputs, so that no two layers may share them.
  const inputs = [feature.value, scale, bias, mode.scratch(channels), mode.scratch(channels)];
  const outputs = builder.multi("BatchNormalization", 3, inputs, {
    epsilon: attribute.float(epsilon),
    // With momentum 0 the "running" outputs are the batch's own statistics, which the gradient needs, whatever was there before.
    momentum: attribute.float(0),
    training_mode: attribute.int(1),
  });
  const pixels = feature.shape.slice(1).reduce((product, size) => product * size, 1);
  const momentum = layer.momentum ?? defaultMomentum;
  mode.statistic({ name: `${name}.mean`, kind: "mean", channels, momentum }, outputs[1]!, pixels);
  mode.statistic({ name: `${name}.variance`, kind: "variance", channels, momentum }, outputs[2]!, pixels);
  return { value: outputs[0]!, shape: feature.shape };
}

function activate(name: ActivationFunction, feature: Feature, path: string, lowering: Lowering): Feature {
  const { builder } = lowering;
  const { value, shape } = feature;
  switch (name) {
    case "relu":
      return { value: builder.op("Relu", [value]), shape };
    case "sigmoid":
      return { value: builder.op("Sigmoid", [value]), shape };
    case "gelu":
      return { value: builder.op("Gelu", [value]), shape };
    case "hardSwish":
      return { value: builder.op("HardSwish", [value]), shape };
    case "silu":
      return { value: builder.op("Mul", [value, builder.op("Sigmoid", [value])]), shape };
    case "prelu": {
      const request = { name: `${path}.slope`, shape: shape.map((size, axis) => (axis === 0 ? size : 1)) };
      const slope = lowering.parameter({ ...request, decayed: false, initial: constantly(0.25) });
      return { value: builder.op("PRelu", [value, slope]), shape };
    }
    default:
      return unreachable(name);
  }
}

function squeezeAndExcite(layer: SqueezeExciteLayer, feature: Feature, name: string, lowering: Lowering): Feature {
  const { builder } = lowering;
  const [channels] = picture(name, feature.shape);
  const pooled = globalPool(feature, name, lowering);
  const squeezed = affine(pooled, { name: `${name}.squeeze`, features: layer.channels, gain: Math.SQRT2 }, lowering);
  const middle = activate("relu", squeezed, name, lowering);
  const excited = affine(middle, { name: `${name}.excite`, features: channels, gain: 1 }, lowering);
  const gate = builder.op("Reshape", [builder.op("Sigmoid", [excited.value]), builder.integers([0, channels, 1, 1])]);
  return { value: builder.op("Mul", [feature.value, gate]), shape: feature.shape };
}

function pool(layer: PoolLayer, feature: Feature, name: string, lowering: Lowering): Feature {
  const [channels, height, width] = picture(name, feature.shape);
  const kernel = layer.kernel ?? 2;
  const stride = layer.stride ?? kernel;
  const padding = layer.padding ?? 0;
  if (padding >= kernel)
    throw new TensorFaceError("TF_INVALID_ARGUMENT", `layer "${name}": padding must be below the window's ${kernel}, got ${padding}`);
  const [rows, columns] = windowsOver(name, [height, width], { kernel, stride, padding: [padding, padding] });
  const window = {
    kernel_shape: attribute.ints([kernel, kernel]),
    strides: attribute.ints([stride, stride]),
    pads: attribute.ints([padding, padding, padding, padding]),
  };
  const { builder } = lowering;
  const value =
    layer.layer === "averagePool"
      ? builder.op("AveragePool", [feature.value], { ...window, count_include_pad: attribute.int(1) })
      : builder.op("MaxPool", [feature.value], window);
  return { value, shape: [channels, rows, columns] };
}

function globalPool(feature: Feature, name: string, { builder }: Lowering): Feature {
  const [channels] = picture(name, feature.shape);
  return { value: builder.op("Flatten", [builder.op("GlobalAveragePool", [feature.value])]), shape: [channels] };
}

function affine(
  feature: Feature,
  layer: { readonly name: string; readonly features: number; readonly gain: number },
  lowering: Lowering,
): Feature {
  if (feature.shape.length !== 1) {
    throw new TensorFaceError(
      "TF_INVALID_ARGUMENT",
      `layer "${layer.name}" takes vectors, got [${feature.shape.join()}]; put globalPool or flatten before it`,
    );
  }
  const inputs = feature.shape[0]!;
  const weights = lowering.parameter({
    name: `${layer.name}.weight`,
    shape: [layer.features, inputs],
    decayed: true,
    initial: normal(layer.gain / Math.sqrt(inputs)),
  });
  const bias = lowering.parameter(zeroParameter(`${layer.name}.bias`, [layer.features]));
  lowering.count(inputs * layer.features);
  const value = lowering.builder.op("Gemm", [feature.value, weights, bias], { transB: attribute.int(1) });
  return { value, shape: [layer.features] };
}

function drop(rate: number, feature: Feature, name: string, { builder, mode }: Lowering): Feature {
  if (!(rate >= 0 && rate < 1)) throw new TensorFaceError("TF_INVALID_ARGUMENT", `layer "${name}" drops ${rate}; expected 0 to below 1`);
  if (mode.kind === "inference" || rate === 0) return feature;
  return { value: builder.op("Mul", [feature.value, mode.mask(name, feature.shape, rate)]), shape: feature.shape };
}

function picture(name: string, shape: readonly number[]): readonly [number, number, number] {
  const [channels, height, width] = shape;
  if (channels === undefined || height === undefined || width === undefined) {
    throw new TensorFaceError("TF_INVALID_ARGUMENT", `layer "${name}" takes [C, H, W], got [${shape.join()}]`);
  }
  return [channels, height, width];
}

function requireShape(name: string, actual: readonly number[], expected: readonly number[]): void {
  if (actual.join() === expected.join()) return;
  throw new TensorFaceError("TF_INVALID_ARGUMENT", `layer "${name}": the shortcut gives [${actual.join()}], the body [${expected.join()}]`);
}

function normal(deviation: number): ParameterRequest["initial"] {
  return (random, count) => Float32Array.from({ length: count }, () => random.normal() * deviation);
}

function constantly(value: number): ParameterRequest["initial"] {
  return (_random, count) => new Float32Array(count).fill(value);
}

function zeroParameter(name: string, shape: readonly number[]): ParameterRequest {
  return { name, shape, decayed: false, initial: constantly(0) };
}
