import { expectOptions, type OptionNames } from "../../core/index.ts";

/**
 * Layers as data: plain objects that can stand in a JSON file. Nothing here computes; `lowering.ts` turns them into
 * ONNX nodes, once for training and once for inference.
 */

/** A function that is applied to each number. */
export type ActivationFunction = "relu" | "prelu" | "hardSwish" | "silu" | "sigmoid" | "gelu";

/** Convolution: `[N, channels in, H, W]` to `[N, channels, H / stride, W / stride]`, rounded up where the kernel is odd and the padding is the default. */
export interface ConvLayer {
  readonly layer: "conv";
  /** Output channels. */
  readonly channels: number;
  /** Height and width of the kernel. @default 3 */
  readonly kernel?: number | undefined;
  /** @default 1 */
  readonly stride?: number | undefined;
  /** Zeros on each side, or `[before, after]`: above and left, below and right. @default half the kernel, rounded down */
  readonly padding?: number | readonly [number, number] | undefined;
  /** Groups of channels; `"depthwise"` is one a channel. @default 1 */
  readonly groups?: number | "depthwise" | undefined;
  /** Adds a number a channel; superfluous before a batch norm. @default false */
  readonly bias?: boolean | undefined;
}
const convNames: OptionNames<Omit<ConvLayer, "layer" | "channels">> = {
  kernel: true,
  stride: true,
  padding: true,
  groups: true,
  bias: true,
};

/** Batch normalisation (Ioffe and Szegedy, 2015) over everything but channels. */
export interface BatchNormLayer {
  readonly layer: "batchNorm";
  /** What the scale starts with; 0 on the last norm of a residual branch makes the block start as identity (Goyal et al., 2017). @default 1 */
  readonly initialScale?: number | undefined;
  /** Added to the variance. @default 1e-5 */
  readonly epsilon?: number | undefined;
  /** How much of the running statistics a step keeps, 0..1. @default 0.9 */
  readonly momentum?: number | undefined;
}
const batchNormNames: OptionNames<Omit<BatchNormLayer, "layer">> = { initialScale: true, epsilon: true, momentum: true };

/** Applies a function to each number; the shape stays. */
export interface ActivationLayer {
  readonly layer: "activation";
  readonly function: ActivationFunction;
}

/** `activation(shortcut(x) + body(x))` (He et al., 2016). */
export interface ResidualLayer {
  readonly layer: "residual";
  readonly body: readonly Layer[];
  /** Brings the input to the body's shape. @default the input as it is */
  readonly shortcut?: readonly Layer[] | undefined;
  /** After the sum. @default none */
  readonly activation?: ActivationFunction | undefined;
}
const residualNames: OptionNames<Omit<ResidualLayer, "layer" | "body">> = { shortcut: true, activation: true };

/** Channel attention (Hu et al., 2018): pool, shrink, ReLU, grow, gate, multiply. */
export interface SqueezeExciteLayer {
  readonly layer: "squeezeExcite";
  /** Width of the middle, in channels. */
  readonly channels: number;
}

/** The largest value, or the mean, of each window. */
export interface PoolLayer {
  readonly layer: "maxPool" | "averagePool";
  /** @default 2 */
  readonly kernel?: number | undefined;
  /** @default the kernel */
  readonly stride?: number | undefined;
  /** @default 0 */
  readonly padding?: number | undefined;
}
const poolNames: OptionNames<Omit<PoolLayer, "layer">> = { kernel: true, stride: true, padding: true };

/** Mean over height and width: `[N, C, H, W]` to `[N, C]`. */
export interface GlobalPoolLayer {
  readonly layer: "globalPool";
}

/** `[N, C, H, W]` to `[N, C * H * W]`. */
export interface FlattenLayer {
  readonly layer: "flatten";
}

/** `[N, features in]` to `[N, features]`, with bias. */
export interface DenseLayer {
  readonly layer: "dense";
  readonly features: number;
  /** Multiplies the initial weights' standard deviation; small values start the outputs near zero. @default 1 */
  readonly initialGain?: number | undefined;
}
const denseNames: OptionNames<Omit<DenseLayer, "layer" | "features">> = { initialGain: true };

/** Inverted dropout (Srivastava et al., 2014); nothing at inference. */
export interface DropoutLayer {
  readonly layer: "dropout";
  /** Probability that a value is dropped, 0..1. */
  readonly rate: number;
}

/** A layer of a network, as data. */
export type Layer =
  | ConvLayer
  | BatchNormLayer
  | ActivationLayer
  | ResidualLayer
  | SqueezeExciteLayer
  | PoolLayer
  | GlobalPoolLayer
  | FlattenLayer
  | DenseLayer
  | DropoutLayer;

/** Convolution: `[N, channels in, H, W]` to `[N, channels, H / stride, W / stride]`, rounded up where the kernel is odd and the padding is the default. */
export function conv(channels: number, options: Omit<ConvLayer, "layer" | "channels"> = {}): ConvLayer {
  expectOptions(options, convNames);
  return { layer: "conv", channels, ...options };
}

/** Batch normalisation (Ioffe and Szegedy, 2015) over everything but channels. */
export function batchNorm(options: Omit<BatchNormLayer, "layer"> = {}): BatchNormLayer {
  expectOptions(options, batchNormNames);
  return { layer: "batchNorm", ...options };
}

/** Applies a function to each number; the shape stays. */
export function activation(name: ActivationFunction): ActivationLayer {
  return { layer: "activation", function: name };
}

/** A residual block: `activation(shortcut(x) + body(x))` (He et al., 2016). */
export function residual(body: readonly Layer[], options: Omit<ResidualLayer, "layer" | "body"> = {}): ResidualLayer {
  expectOptions(options, residualNames);
  return { layer: "residual", body, ...options };
}

/**
 * Channel attention (Hu et al., 2018).
 * @param channels width of the middle
 */
export function squeezeExcite(channels: number): SqueezeExciteLayer {
  return { layer: "squeezeExcite", channels };
}

/** The largest value of each window: `[N, C, H, W]` to `[N, C, H', W']`, with `H' = (H + 2 * padding - kernel) / stride + 1`, rounded down. */
export function maxPool(options: Omit<PoolLayer, "layer"> = {}): PoolLayer {
  expectOptions(options, poolNames);
  return { layer: "maxPool", ...options };
}

/** The mean of each window, padding counted as zeros; shapes as of {@link maxPool}. */
export function averagePool(options: Omit<PoolLayer, "layer"> = {}): PoolLayer {
  expectOptions(options, poolNames);
  return { layer: "averagePool", ...options };
}

/** Mean over height and width: `[N, C, H, W]` to `[N, C]`. */
export function globalPool(): GlobalPoolLayer {
  return { layer: "globalPool" };
}

/** `[N, C, H, W]` to `[N, C * H * W]`. */
export function flatten(): FlattenLayer {
  return { layer: "flatten" };
}

/** Fully connected, with bias: `[N, features in]` to `[N, features]`. */
export function dense(features: number, options: Omit<DenseLayer, "layer" | "features"> = {}): DenseLayer {
  expectOptions(options, denseNames);
  return { layer: "dense", features, ...options };
}

/**
 * Inverted dropout (Srivastava et al., 2014); nothing at inference.
 * @param rate probability that a value is dropped, 0..1
 */
export function dropout(rate: number): DropoutLayer {
  return { layer: "dropout", rate };
}

/** Convolution, batch norm and activation: what most networks are made of. */
export function convBlock(channels: number, name: ActivationFunction, options: Omit<ConvLayer, "layer" | "channels"> = {}): Layer[] {
  return [conv(channels, options), batchNorm(), activation(name)];
}
