import { expectCount, expectObject, expectOptions, expectThat, type OptionNames } from "../../core/index.ts";
import { averagePool, batchNorm, conv, convBlock, dense, globalPool, type Layer, maxPool, residual, squeezeExcite } from "./layers.ts";
import type { ActivationFunction } from "./layers.ts";
import type { HeadDefinition, NetworkDefinition, PixelInput } from "./network.ts";

/** Ready networks, as data. */

export interface ResidualNetworkOptions {
  readonly input: PixelInput;
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
const stemNames = { channels: true, stride: true } as const satisfies OptionNames<NonNullable<ResidualNetworkOptions["stem"]>>;
const residualNetworkOptionNames: OptionNames<ResidualNetworkOptions> = {
  input: true,
  heads: true,
  widths: true,
  blocks: true,
  stem: true,
  squeezeExcite: true,
  activation: true,
  dropout: true,
};

/**
 * A residual network of basic blocks (He et al., 2016) with a 3 x 3 stem, as it suits faces of 40 to 100 pixels.
 * Of the result a configuration takes the `backbone`; it says its own heads, so that `heads` is `{}` then.
 * @throws {TF_INVALID_ARGUMENT} when options or heads are missing
 */
export function residualNetwork(options: ResidualNetworkOptions): NetworkDefinition {
  expectOptions(options, residualNetworkOptionNames);
  expectObject("heads", options.heads);
  if (options.stem !== undefined) expectOptions(options.stem, stemNames, "stem");
  const { widths = [32, 64, 128, 256], activation: name = "relu" } = options;
  expectThat(Array.isArray(widths) && widths.length > 0, "widths must be a list of channels", widths);
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
    heads: denseHeads(options.heads, options.dropout),
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

/** How a face trunk is made. */
export interface FaceTrunkOptions {
  /** Blocks that are kept, 1 to 14, from the picture's side. @default 14 */
  readonly blocks?: number | undefined;
}
const faceTrunkOptionNames: OptionNames<FaceTrunkOptions> = { blocks: true };

/** Channels of each residual block of dlib's face recognition network; where they change, the block halves the picture. */
const faceTrunkBlocks = [32, 32, 32, 64, 64, 64, 64, 128, 128, 128, 256, 256, 256, 256] as const;
/** The last block halves the picture without more channels. */
const lastFaceTrunkBlock = faceTrunkBlocks.length - 1;

/**
 * The layers of dlib's face recognition network (King, 2017), a residual network of 29 convolutions, up to the mean over pixels,
 * for pictures of free size: to be started from its weights, which `scripts/face-trunk.ts` writes. Halving blocks pad below and to the right
 * only, and their shortcut is a mean over 2 x 2 pixels; its channels are a convolution here that begins as "the same, then zeros".
 * @throws {TF_INVALID_ARGUMENT} when `blocks` are out of their range
 */
export function faceTrunk(options: FaceTrunkOptions = {}): readonly Layer[] {
  expectOptions(options, faceTrunkOptionNames);
  const { blocks = faceTrunkBlocks.length } = options;
  expectCount("blocks", blocks, { least: 1, most: faceTrunkBlocks.length });
  const stem = [...convBlock(faceTrunkBlocks[0], "relu", { kernel: 7, stride: 2 }), maxPool({ kernel: 3, stride: 2, padding: 1 })];
  const body = faceTrunkBlocks.slice(0, blocks).map((channels, index) => {
    const isHalving = index === lastFaceTrunkBlock || (index > 0 && channels !== faceTrunkBlocks[index - 1]);
    const first = convBlock(channels, "relu", isHalving ? { stride: 2, padding: [0, 1] } : {});
    return residual([...first, conv(channels), batchNorm()], {
      shortcut: isHalving ? [averagePool(), conv(channels, { kernel: 1 })] : undefined,
      activation: "relu",
    });
  });
  return [...stem, ...body, globalPool()];
}

/** How a mobile network is made. */
export interface MobileNetworkOptions {
  readonly input: PixelInput;
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
const mobileNetworkOptionNames: OptionNames<MobileNetworkOptions> = {
  input: true,
  heads: true,
  stages: true,
  stem: true,
  activation: true,
  squeezeExcite: true,
  dropout: true,
};

/**
 * Inverted residuals with depthwise convolutions (Sandler et al., 2018; Howard et al., 2019).
 * Of the result a configuration takes the `backbone`; it says its own heads, so that `heads` is `{}` then.
 * @throws {TF_INVALID_ARGUMENT} when options or heads are missing
 */
export function mobileNetwork(options: MobileNetworkOptions): NetworkDefinition {
  expectOptions(options, mobileNetworkOptionNames);
  expectObject("heads", options.heads);
  if (options.stem !== undefined) expectOptions(options.stem, stemNames, "stem");
  const areStages = Array.isArray(options.stages) && options.stages.every((stage: unknown) => typeof stage === "object" && stage !== null);
  expectThat(areStages, "stages must be a list of { channels, blocks, stride, expansion }", options.stages);
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
    heads: denseHeads(options.heads, options.dropout),
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
function denseHeads(heads: Readonly<Record<string, number>>, rate = 0): readonly HeadDefinition[] {
  const drop: readonly Layer[] = rate > 0 ? [{ layer: "dropout", rate }] : [];
  return Object.entries(heads).map(([name, size]) => ({ name, layers: [...drop, dense(size)] }));
}
