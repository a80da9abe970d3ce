import { attribute } from "../attributes.ts";
import type { Attribute, Dimension } from "../model.ts";
import { attributeOf, type TensorFlowNode, unsupported } from "./node.ts";

/** A window that slides over height and width: of a convolution or of pooling. */
export interface Window {
  /** Height, width. */
  readonly size: readonly [number, number];
  readonly strides: readonly [number, number];
  readonly dilations: readonly [number, number];
}

/** Attributes for ONNX, and the sizes that come out. */
export interface PlacedWindow {
  readonly attributes: Readonly<Record<string, Attribute>>;
  /** Height, width. */
  readonly output: readonly [Dimension, Dimension];
}

/** Height and width of an attribute that lists all four axes. @throws {TF_GRAPH_UNSUPPORTED_OP} for another order than channels last */
export function spatialAttribute(node: TensorFlowNode, name: string): readonly [number, number] {
  const format = attributeOf(node, "data_format", "string") ?? "NHWC";
  if (format !== "NHWC") throw unsupported(node, `data format ${format} is not read`);
  const [, height = 1, width = 1] = attributeOf(node, name, "numbers") ?? [];
  return [height, width];
}

/**
 * Places a window on a picture the way TensorFlow does. `SAME` pads so that `ceil(size / stride)` positions fit, the odd pixel
 * below and to the right. Where the size is free and the window moves by more than one pixel, ONNX computes the same at run time
 * (`SAME_UPPER`); moving by one, or covering two pixels at most, it is the same for every size. Engines refuse dilated windows of `SAME_UPPER`,
 * and maxima where a window is smaller than its steps, which the caller places.
 * @throws {TF_GRAPH_UNSUPPORTED_OP} for an unknown padding
 */
export function placeWindow(node: TensorFlowNode, picture: readonly [Dimension, Dimension], window: Window): PlacedWindow {
  const padding = attributeOf(node, "padding", "string");
  const shared = { strides: attribute.ints(window.strides), dilations: attribute.ints(window.dilations) };
  const dependsOnSize = picture.some((size, axis) => typeof size === "string" && window.strides[axis] !== 1 && extent(window, axis) > 2);
  if (padding === "SAME" && dependsOnSize) {
    if (window.dilations.some((dilation) => dilation !== 1))
      throw unsupported(node, "a dilated window of a free size moves by more than one pixel");
    return { attributes: { ...shared, auto_pad: attribute.string("SAME_UPPER") }, output: placements(picture, window, "SAME") };
  }
  const pads = padding === "EXPLICIT" ? explicitPads(node) : padsFor(node, padding, picture, window);
  const output = placements(picture, window, pads);
  const isPadded = pads.some((pad) => pad !== 0);
  return { attributes: isPadded ? { ...shared, pads: attribute.ints(pads) } : shared, output };
}

/** Top, left, bottom, right, as ONNX orders them. */
type Pads = readonly [number, number, number, number];

function padsFor(node: TensorFlowNode, padding: string | undefined, picture: readonly [Dimension, Dimension], window: Window): Pads {
  if (padding === "VALID") return [0, 0, 0, 0];
  if (padding !== "SAME") throw unsupported(node, `padding ${padding} is not read`);
  const total = picture.map((size, axis) => {
    // The one number behind a window of two is not reached where the size is a multiple of the stride.
    if (typeof size === "string") return extent(window, axis) - 1;
    const stride = window.strides[axis]!;
    return Math.max(0, (Math.ceil(size / stride) - 1) * stride + extent(window, axis) - size);
  });
  const [vertical = 0, horizontal = 0] = total;
  return [vertical >> 1, horizontal >> 1, (vertical + 1) >> 1, (horizontal + 1) >> 1];
}

/** TensorFlow lists a pair for each axis: batch, height, width, channels. */
function explicitPads(node: TensorFlowNode): Pads {
  const [, , top = 0, bottom = 0, left = 0, right = 0] = attributeOf(node, "explicit_paddings", "numbers") ?? [];
  return [top, left, bottom, right];
}

function extent(window: Window, axis: number): number {
  return (window.size[axis]! - 1) * window.dilations[axis]! + 1;
}

function placements(picture: readonly [Dimension, Dimension], window: Window, pads: Pads | "SAME"): [Dimension, Dimension] {
  const along = (axis: 0 | 1): Dimension => {
    const size = picture[axis];
    const stride = window.strides[axis];
    const padded = pads === "SAME" ? undefined : pads[axis] + pads[axis + 2]!;
    const keepsSize = stride === 1 && (padded === undefined || padded === extent(window, axis) - 1);
    if (typeof size === "string") return keepsSize ? size : `${size}/${stride}`;
    if (pads === "SAME") return Math.ceil(size / stride);
    return Math.floor((size + pads[axis] + pads[axis + 2]! - extent(window, axis)) / stride) + 1;
  };
  return [along(0), along(1)];
}
