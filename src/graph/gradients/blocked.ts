import type { Tensor } from "../../core/index.ts";
import { attribute } from "../attributes.ts";
import type { Attribute } from "../model.ts";

/** The domain of ONNX Runtime's own operations on blocked channels, `[N, C / block, H, W, block]`. */
export const blockedDomain = "com.microsoft.nchwc";

/** What blocked values are written with: a gradient context, or a pass over a graph. */
export interface BlockWriter {
  readonly op: (op: string, inputs: readonly string[], attributes?: Readonly<Record<string, Attribute>>, domain?: string) => string;
  readonly integers: (values: readonly number[]) => string;
  readonly constant: (tensor: Tensor) => string;
}

/** `[outputs, inputs, height, width]` of a convolution's weights. */
export type FilterShape = readonly [number, number, number, number];

/** `[N, C, H, W]` in blocks of channels, under the same shape. C must be a multiple of the block. */
export function blockPixels(value: string, { op }: BlockWriter): string {
  return op("ReorderInput", [value], {}, blockedDomain);
}

/** The way back, for so many channels. */
export function plainPixels(value: string, channels: number, { op }: BlockWriter): string {
  return op("ReorderOutput", [value], { channels: attribute.int(channels) }, blockedDomain);
}

/**
 * `[O, I, h, w]` to `[O / block, I / block, h, w, block of I, block of O]`, under the old shape. The kernel that brings pixels into blocks
 * does the first half, since it takes a tenth of the time of a general transpose; the second half moves whole blocks. Fewer inputs than a block, such as
 * colours, stay as they are: `[O / block, I, h, w, block of O]`.
 */
export function blockFilters(value: string, shape: FilterShape, block: number, writer: BlockWriter): string {
  const [outputs, inputs, height, width] = shape;
  const taps = height * width;
  const reshape = (from: string, to: readonly number[]): string => writer.op("Reshape", [from, writer.integers(to)]);
  const inner = blockPixels(reshape(value, [outputs / block, block, inputs, taps]), writer);
  if (taps === 1 || inputs < block) return reshape(inner, shape);
  const split = reshape(inner, [outputs / block, inputs / block, block, taps, block]);
  return reshape(writer.op("Transpose", [split], { perm: attribute.ints([0, 1, 3, 2, 4]) }), shape);
}

/** The filters of a convolution's input gradient, from its own in blocks: transposed, and turned by 180 degrees. */
export function turnBlockedFilters(value: string, shape: FilterShape, block: number, writer: BlockWriter): string {
  const [outputs, inputs, height, width] = shape;
  const taps = height * width;
  const [rows, columns] = [outputs / block, inputs / block];
  const order = Array.from({ length: columns * rows * taps }, (_, index) => {
    const [column, row, tap] = [Math.floor(index / (rows * taps)), Math.floor(index / taps) % rows, index % taps];
    return (row * columns + column) * taps + taps - 1 - tap;
  });
  const squares = writer.op("Reshape", [value, writer.integers([rows * columns * taps, block, block])]);
  // Not as a shared list, whose name says its numbers: this one has thousands.
  const places = writer.constant({ type: "int64", shape: [order.length], data: BigInt64Array.from(order, BigInt) });
  const moved = writer.op("Gather", [squares, places], { axis: attribute.int(0) });
  const turned = writer.op("Transpose", [moved], { perm: attribute.ints([0, 2, 1]) });
  return writer.op("Reshape", [turned, writer.integers([inputs, outputs, height, width])]);
}
