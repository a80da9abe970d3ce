import { batchNorm, conv, convBlock, dense, globalPool, type Layer, residual, squeezeExcite } from "./layers.ts";
import type { ActivationFunction } from "./layers.ts";
import type { HeadDefinition, NetworkDefinition, PictureInput } from "./network.ts";

/** Ready networks, as data. */

export interface ResidualNetworkOptions {
  readonly input: PictureInput;
  /** Logits of each head, by name. */
  readonly heads: Readonly<Record<string, number>>;
  /** Channels of each stage; every stage after the first halves height and width. @default [32, 64, 128, 256] */
  readonly widths?: readonly number[] | undefined;
  /** Blocks of each stage. @default one for each width */
  readonly blocks?: readonly number[] | undefined;
  /** Channels of the stem, and its stride. @default the first width, 1 */
  readonly stem?: { readonly channels?: number | undefined; readonly stride?: number | undefined } | undefined;
  /** Middle channels of squeeze and excitation as a share of the width; 0 for none. @default 0 */
  readonly squeezeExcite?: number | undefined;
  /** @default "relu" */
  readonly activation?: ActivationFunction | undefined;
  /** Dropout before the heads. @default 0 */
  readonly dropout?: number | undefined;
}

/** A residual network of basic blocks (He et al., 2016) with a 3 x 3 stem, as it suits faces of 40 to 100 pixels. */
export function residualNetwork(options: ResidualNetworkOptions): NetworkDefinition {
  const { widths = [32, 64, 128, 256], activation: name = "relu" } = options;
  const { channels: first = widths[0]!, stride: firstStride = 1 } = options.stem ?? {};
  let channels = first;
  const stages = widths.flatMap((width, stage) =>
    Array.from({ length: options.blocks?.[stage] ?? 1 }, (_, block) => {
      const stride = stage > 0 && block === 0 ? 2 : 1;
      const built = basicBlock({ from: channels, to: width, stride, activation: name, squeeze: options.squeezeExcite ?? 0 });
      channels = width;
      return built;
    }),
  );
  return {
    input: options.input,
    backbone: [...convBlock(first, name, { stride: firstStride }), ...stages, globalPool()],
    heads: denseHeads(options.heads, options.dropout ?? 0),
  };
}

interface BlockOptions {
  readonly from: number;
  readonly to: number;
  readonly stride: number;
  readonly activation: ActivationFunction;
  readonly squeeze: number;
}

function basicBlock({ from, to, stride, activation: name, squeeze }: BlockOptions): Layer {
  const body = [...convBlock(to, name, { stride }), conv(to), batchNorm({ initialScale: 0 })];
  const gate = squeeze > 0 ? [squeezeExcite(Math.max(4, Math.round(to * squeeze)))] : [];
  const shortcut = from === to && stride === 1 ? undefined : [conv(to, { kernel: 1, stride }), batchNorm()];
  return residual([...body, ...gate], { shortcut, activation: name });
}

export interface MobileNetworkOptions {
  readonly input: PictureInput;
  readonly heads: Readonly<Record<string, number>>;
  /** Channels, blocks, stride of the first block and growth inside the block, a stage. */
  readonly stages: readonly {
    readonly channels: number;
    readonly blocks: number;
    readonly stride: number;
    readonly expansion: number;
  }[];
  /** @default { channels: 16, stride: 2 } */
  readonly stem?: { readonly channels: number; readonly stride: number } | undefined;
  /** @default "hardSwish" */
  readonly activation?: ActivationFunction | undefined;
  /** Middle channels of squeeze and excitation as a share of the block's inside; 0 for none. @default 0 */
  readonly squeezeExcite?: number | undefined;
  /** @default 0 */
  readonly dropout?: number | undefined;
}

/** Inverted residuals with depthwise convolutions (Sandler et al., 2018; Howard et al., 2019). */
export function mobileNetwork(options: MobileNetworkOptions): NetworkDefinition {
  const { activation: name = "hardSwish", stem = { channels: 16, stride: 2 } } = options;
  let channels = stem.channels;
  const stages = options.stages.flatMap((stage) =>
    Array.from({ length: stage.blocks }, (_, block) => {
      const stride = block === 0 ? stage.stride : 1;
      const inside = channels * stage.expansion;
      const layers = invertedResidual({
        from: channels,
        inside,
        to: stage.channels,
        stride,
        activation: name,
        squeeze: options.squeezeExcite ?? 0,
      });
      channels = stage.channels;
      return layers;
    }),
  );
  return {
    input: options.input,
    backbone: [...convBlock(stem.channels, name, { stride: stem.stride }), ...stages.flat(), globalPool()],
    heads: denseHeads(options.heads, options.dropout ?? 0),
  };
}

function invertedResidual(options: BlockOptions & { readonly inside: number }): readonly Layer[] {
  const { from, inside, to, stride, activation: name, squeeze } = options;
  const expand = inside === from ? [] : convBlock(inside, name, { kernel: 1 });
  const gate = squeeze > 0 ? [squeezeExcite(Math.max(4, Math.round(inside * squeeze)))] : [];
  const isResidual = from === to && stride === 1;
  const project = [conv(to, { kernel: 1 }), batchNorm(isResidual ? { initialScale: 0 } : {})];
  const body = [...expand, ...convBlock(inside, name, { stride, groups: "depthwise" }), ...gate, ...project];
  return isResidual ? [residual(body)] : body;
}

/** One dense layer a head. */
export function denseHeads(heads: Readonly<Record<string, number>>, rate = 0): readonly HeadDefinition[] {
  const drop: readonly Layer[] = rate > 0 ? [{ layer: "dropout", rate }] : [];
  return Object.entries(heads).map(([name, size]) => ({ name, layers: [...drop, dense(size)] }));
}
