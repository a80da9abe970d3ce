import { elementCount, TensorFaceError } from "../../core/index.ts";
import { attribute } from "../attributes.ts";
import type { GraphNode } from "../model.ts";
import { integerAttribute } from "../shape-rule.ts";
import { windowOf } from "../shapes-windows.ts";
import { blockedDomain, blockFilters, blockPixels, plainPixels, turnBlockedFilters } from "./blocked.ts";
import type { GradientContext, GradientRule } from "./context.ts";

/** Everything about one two-dimensional convolution: `g` groups of `inputs` to `outputs` channels. */
interface Convolution {
  readonly node: GraphNode;
  readonly batch: number;
  readonly groups: number;
  /** Channels of one group. */
  readonly inputs: number;
  readonly outputs: number;
  readonly kernel: readonly [number, number];
  /** Pixels that a window covers, with the gaps that dilations leave. */
  readonly extent: readonly [number, number];
  readonly dilations: readonly [number, number];
  readonly strides: readonly [number, number];
  /** Top, left, bottom, right. */
  readonly pads: readonly [number, number, number, number];
  readonly source: readonly [number, number];
  readonly result: readonly [number, number];
}

/** Rule of Conv, whose bias gradient is the sum over pictures and pixels. */
export const convolution: GradientRule = (node, [gradient], context, wanted) => {
  const layer = describe(node, context);
  return [
    wanted[0]! ? inputGradient(layer, gradient!, context) : undefined,
    wanted[1]! ? weightGradient(layer, gradient!, context) : undefined,
    wanted[2] === true ? context.sum(gradient!, [0, 2, 3], false) : undefined,
  ];
};

function describe(node: GraphNode, context: GradientContext): Convolution {
  const [batch, , ...source] = context.shape(node.inputs[0]!);
  const [outputs, inputs, ...kernel] = context.shape(node.inputs[1]!);
  const { strides, pads, extent, dilations, result } = windowOf(node, kernel, source);
  const groups = integerAttribute(node, "group", 1);
  return {
    node,
    batch: batch!,
    groups,
    inputs: inputs!,
    outputs: outputs! / groups,
    kernel: [kernel[0]!, kernel[1]!],
    extent: [extent[0]!, extent[1]!],
    dilations: [dilations[0]!, dilations[1]!],
    strides: [strides[0]!, strides[1]!],
    pads: [pads[0]!, pads[1]!, pads[2]!, pads[3]!],
    source: [source[0]!, source[1]!],
    result: [result[0]!, result[1]!],
  };
}

/**
 * With stride 1, and in blocks with stride 2, a convolution by the flipped and transposed weights, which ONNX Runtime's CPU kernels run faster than
 * ConvTranspose.
 */
function inputGradient(layer: Convolution, gradient: string, context: GradientContext): string {
  const { kernel, extent, dilations, strides, pads, groups, inputs, outputs, source, result } = layer;
  const weights = layer.node.inputs[1]!;
  const isDense = strides.every((stride) => stride === 1);
  // Before and after each axis; the source's size says how far the last windows went.
  const before = [0, 1].map((axis) => extent[axis]! - 1 - pads[axis]!);
  const after = [0, 1].map((axis) => source[axis]! - result[axis]! * strides[axis]! - before[axis]! + extent[axis]! - 1);
  const opposite = [...before, ...after];
  const { block } = context;
  const isBlocked =
    block !== undefined && groups === 1 && outputs % block === 0 && inputs % block === 0 && strides[0] * strides[1] <= maximumSpread;
  if ((isDense || isBlocked) && opposite.every((size) => size >= 0)) {
    const attributes = {
      kernel_shape: attribute.ints(kernel),
      dilations: attribute.ints(dilations),
      pads: attribute.ints(opposite),
      group: attribute.int(groups),
    };
    if (!isBlocked) return context.op("Conv", [gradient, flippedWeights(layer, context)], attributes);
    const shape = [outputs, inputs, ...kernel] as const;
    const filters = turnBlockedFilters(blockFilters(weights, shape, block, context), shape, block, context);
    const pixels = spreadPixels(layer, blockPixels(gradient, context), block, context);
    return plainPixels(context.op("Conv", [pixels, filters], attributes, blockedDomain), inputs, context);
  }
  const rest = [0, 1].map((axis) => source[axis]! - ((result[axis]! - 1) * strides[axis]! - pads[axis]! - pads[axis + 2]! + extent[axis]!));
  return context.op("ConvTranspose", [gradient, weights], {
    kernel_shape: attribute.ints(kernel),
    dilations: attribute.ints(dilations),
    strides: attribute.ints(strides),
    pads: attribute.ints(pads),
    output_padding: attribute.ints(rest),
    group: attribute.int(groups),
  });
}

/** A spread pixel may stand among so many, which is how many times the products grow; measured for strides of 2. */
const maximumSpread = 4;

/**
 * Each pixel of a gradient in blocks in the first corner of as many as a stride skips, zeros in the others. The kernels for blocks are so much faster than
 * ConvTranspose that it pays to multiply by those zeros.
 */
function spreadPixels({ batch, outputs, strides, result }: Convolution, blocked: string, block: number, context: GradientContext): string {
  const [height, width] = result;
  const apart = context.reshape(blocked, [(batch * outputs) / block, height, 1, width, block]);
  const spread = context.pad(apart, [0, 0, 0, 0, 0], [0, 0, strides[0] - 1, 0, (strides[1] - 1) * block]);
  return context.reshape(spread, [batch, outputs, height * strides[0], width * strides[1]]);
}

/** `[g * outputs, inputs, h, w]` to `[g * inputs, outputs, h, w]`, turned by 180 degrees: the taps in reverse order. */
function flippedWeights(layer: Convolution, context: GradientContext): string {
  const { groups, inputs, outputs, kernel, node } = layer;
  const taps = kernel[0] * kernel[1];
  const grouped = context.reshape(node.inputs[1]!, [groups, outputs, inputs, taps]);
  if (taps === 1) return context.reshape(context.transpose(grouped, [0, 2, 1, 3]), [groups * inputs, outputs, ...kernel]);
  // Reversing the first axis moves whole matrices, reversing the last one single numbers.
  const first = context.transpose(grouped, [3, 0, 2, 1]);
  const reversed = context.op("Gather", [first, context.integers(range(taps).toReversed())], { axis: attribute.int(0) });
  return context.reshape(context.transpose(reversed, [1, 2, 3, 0]), [groups * inputs, outputs, ...kernel]);
}

/**
 * `dW[o, i, a, b] = sum over n, y, x of G[n, o, y, x] X[n, i, y s + a, x s + b]`: matrix products whose inner dimension runs over
 * pixels, and sums over pictures. There are two ways to the sum: a product for each picture and their sum, or one product whose
 * inner dimension runs over pictures too, which needs transposes first but no matrix a picture. And two ways to the shifts, which
 * copy memory: X once for each tap of the kernel; or, with stride 1, X once for each column of the kernel and G once for each
 * row, with zero rows around. Then one product of 3 copies by 3 copies holds all 9 taps of a 3 x 3 kernel, but the zero rows
 * cost operations.
 */
function weightGradient(layer: Convolution, gradient: string, context: GradientContext): string {
  const { block } = context;
  if (block !== undefined && layer.groups === 1 && layer.batch % block === 0 && layer.outputs % block === 0)
    return blockedWeightGradient(layer, gradient, block, context);
  const { groups, inputs, outputs, kernel, strides, pads, result } = layer;
  const taps = kernel[0] * kernel[1];
  const padded = result[0] + kernel[0] - 1;
  const isDense = [...strides, ...layer.dilations].every((step) => step === 1);
  const isShared = taps > 1 && isDense && (groups > 1 || padded <= maximumPadding * result[0]);
  const [rows, columns] = isShared ? [kernel[0] * outputs, kernel[1] * inputs] : [outputs, taps * inputs];
  const pixels = (isShared ? padded : result[0]) * result[1];
  const perPicture = groups > 1 || rows * columns <= pixels * Math.min(rows, columns);

  const [x, g] = [layer.node.inputs[0]!, gradient].map((value) => (perPicture ? value : context.transpose(value, [1, 0, 2, 3])));
  const source = context.pad(x!, [0, 0, pads[0], pads[1]], [0, 0, pads[2], pads[3]]);
  const left = isShared ? shiftedRows(layer, g!, context) : g!;
  const right = isShared
    ? range(kernel[1]).map((b) => context.slice(source, 3, b, b + result[1]))
    : range(taps).map((t) => tap(layer, source, [Math.floor(t / kernel[1]), t % kernel[1]], context));
  const product = perPicture
    ? sumOfProducts(layer, { left, right, pixels }, context)
    : productOfSums(layer, { left, right, pixels }, context);
  const split = context.reshape(product, [groups, outputs, taps / right.length, right.length, inputs]);
  return context.reshape(context.transpose(split, [0, 1, 4, 2, 3]), [groups * outputs, inputs, ...kernel]);
}

/**
 * The same sums as a convolution in blocks, in which pictures are what channels are elsewhere: X as `inputs` pictures of N channels, G as
 * `outputs` filters of N channels that are as large as the result. Strides of the layer are gaps in those filters, its gaps are strides, and what
 * comes out has the size of the kernel. No window is copied.
 */
function blockedWeightGradient(layer: Convolution, gradient: string, block: number, context: GradientContext): string {
  const { node, batch, inputs, outputs, kernel, extent, dilations, strides, pads, source, result } = layer;
  const { reshape, transpose } = context;
  const [height, width] = result;
  const inBlocks = reshape(blockPixels(gradient, context), [batch / block, block, outputs / block, height * width, block]);
  const filters = transpose(inBlocks, [2, 0, 3, 1, 4]);
  // Windows may reach beyond the last row and column, or leave some out.
  const beyond = [0, 1].map((axis) => (result[axis]! - 1) * strides[axis]! + extent[axis]! - source[axis]! - pads[axis]!);
  const pictures = transpose(node.inputs[0]!, [1, 0, 2, 3]);
  const shared = { dilations: attribute.ints(strides), strides: attribute.ints(dilations) };
  const convolve = (x: string, g: string, rows: number, around: readonly number[]): string =>
    context.op(
      "Conv",
      [x, reshape(g, [outputs, batch, rows, width])],
      { ...shared, kernel_shape: attribute.ints([rows, width]), pads: attribute.ints(around) },
      blockedDomain,
    );

  const count = Math.min(height, Math.ceil((outputs * batch * height * width * 4) / stripBytes));
  let product: string;
  if (count === 1 && Math.max(height, width) <= 4 && beyond.every((size) => size >= 0)) {
    product = convolve(blockPixels(pictures, context), filters, height, [pads[0], pads[1], ...beyond]);
  } else {
    // The kernels take pixels at an edge one by one: where these are many it is quicker to copy the pictures with zeros around them.
    const padded = context.pad(pictures, [0, 0, pads[0], pads[1]], [0, 0, ...beyond]);
    const [, , , columns] = context.shape(padded);
    const lines = reshape(blockPixels(padded, context), [inputs, batch / block, context.shape(padded)[2]!, columns! * block]);
    const edge = (strip: number): number => Math.round((strip * height) / count);
    const strips = range(count).map((strip) => {
      const [from, to] = [edge(strip), edge(strip + 1)];
      const first = from * strides[0];
      const part = cut(lines, 2, first, first + (to - from - 1) * strides[0] + extent[0], context);
      const x = reshape(part, [inputs, batch, context.shape(part)[2]!, columns!]);
      return convolve(x, cut(filters, 2, from * width, to * width, context), to - from, [0, 0, 0, 0]);
    });
    product = strips.length === 1 ? strips[0]! : context.op("Sum", strips);
  }
  // `[inputs, outputs / block, taps, block]`: whole rows move, then blocks are undone as those of pixels are.
  const taps = kernel[0] * kernel[1];
  const rows = transpose(reshape(product, [inputs, outputs / block, taps, block]), [1, 0, 2, 3]);
  const plain = plainPixels(reshape(rows, [outputs / block, block, inputs, taps]), block, context);
  return reshape(plain, [outputs, inputs, ...kernel]);
}

/**
 * Filters of G are read anew for each row of the result and each picture: those of more rows than a core's second cache holds come in strips, whose
 * sums are added.
 */
const stripBytes = 2 ** 20;

/** A slice, or the value itself where that is all of it. */
function cut(value: string, axis: number, from: number, to: number, context: GradientContext): string {
  return from === 0 && to === context.shape(value)[axis] ? value : context.slice(value, axis, from, to);
}

/** Zero rows may make the shared product this much longer; beyond, a copy a tap is cheaper. */
const maximumPadding = 1.2;

/** The pixels of the padded source that one tap of the kernel meets: the result's size. */
function tap(layer: Convolution, source: string, at: readonly [number, number], context: GradientContext): string {
  const { strides, dilations, result, kernel } = layer;
  if (kernel.every((size) => size === 1) && strides.every((stride) => stride === 1)) return source;
  const list = context.integers;
  const starts = [0, 1].map((axis) => at[axis]! * dilations[axis]!);
  const ends = [0, 1].map((axis) => starts[axis]! + (result[axis]! - 1) * strides[axis]! + 1);
  return context.op("Slice", [source, list(starts), list(ends), list([2, 3]), list(strides)]);
}

/** `[N, C, h, w]` to `[N, C, kernel rows, h + kernel rows - 1, w]`: copy a stands `a` rows further down, zeros around it. */
function shiftedRows({ kernel, result }: Convolution, gradient: string, context: GradientContext): string {
  const [a, b, height, width] = context.shape(gradient);
  const withZeroRow = context.pad(gradient, [0, 0, 0, 0], [0, 0, 1, 0]);
  const rows = range(kernel[0]).flatMap((shift) =>
    range(result[0] + kernel[0] - 1).map((row) => (row >= shift && row - shift < height! ? row - shift : height!)),
  );
  const gathered = context.op("Gather", [withZeroRow, context.integers(rows)], { axis: attribute.int(2) });
  return context.reshape(gathered, [a!, b!, kernel[0], result[0] + kernel[0] - 1, width!]);
}

interface PixelProduct {
  /** Rows: channels of the gradient, perhaps in several shifts. */
  readonly left: string;
  /** Columns: shifts of the source, each with its channels. */
  readonly right: readonly string[];
  /** Inner dimension, a picture. */
  readonly pixels: number;
}

/** From `[N, C, ...pixels]`: a product a picture and group, then their sum `[g, rows, columns]`. */
function sumOfProducts(layer: Convolution, { left, right, pixels }: PixelProduct, context: GradientContext): string {
  const { groups, inputs, batch } = layer;
  const rows = context.reshape(left, [batch * groups, elementCount(context.shape(left)) / (batch * groups * pixels), pixels]);
  const columns = context.concat(
    right.map((copy) => context.reshape(copy, [batch * groups, inputs, pixels])),
    1,
  );
  const product = context.op("MatMul", [rows, context.transpose(columns, [0, 2, 1])]);
  const [, height, width] = context.shape(product);
  return context.sum(context.reshape(product, [batch, groups, height!, width!]), [0], false);
}

/** From `[C, N, ...pixels]`: one product, `[rows, columns]`. */
function productOfSums({ batch, inputs, kernel }: Convolution, { left, right, pixels }: PixelProduct, context: GradientContext): string {
  const stacked = context.concat([...right], 0);
  const columns = context.reshape(stacked, [right.length * inputs, batch * pixels]);
  if (context.shape(left).length === 4) {
    return context.op("Gemm", [context.reshape(left, [context.shape(left)[0]!, batch * pixels]), columns], { transB: attribute.int(1) });
  }
  // Shifts stand behind the pictures here: `[outputs, N, kernel rows, ...]`.
  const [outputs] = context.shape(left);
  const rows = context.transpose(left, [0, 2, 1, 3, 4]);
  return context.op("Gemm", [context.reshape(rows, [outputs! * kernel[0], batch * pixels]), columns], { transB: attribute.int(1) });
}

function range(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index);
}

/** Why a rule gives up. */
export function unsupported(node: GraphNode, what: string): TensorFaceError {
  return new TensorFaceError("TF_GRAPH_UNSUPPORTED_OP", `node "${node.name}": no gradient rule for ${node.op} ${what}`);
}
