import type { Dimension } from "../model.ts";
import { attributeOf, type AttributeValue, type TensorFlowNode, unsupported } from "./node.ts";
import { channelsFirst, type ComputedValue, type Operation, rowMajor, type Rule } from "./operation.ts";

/**
 * Operations that TensorFlow was told to do channels first (`data_format` NCHW). The rules know TensorFlow's usual order; a picture that lies
 * channels first in both worlds is the same numbers under another shape, so that nothing is turned.
 */

/** Whether a node works channels first. */
export function isChannelsFirst(node: TensorFlowNode): boolean {
  return attributeOf(node, "data_format", "string") === "NCHW";
}

/** The rule for a node that works channels first, by the rule for channels last. */
export function channelsFirstRule(rule: Rule): Rule {
  return (operation) => {
    const [first, ...others] = operation.inputs;
    const node = withChannelsLast(operation.node);
    // Of vectors the channels are the last axis either way.
    if (first?.kind !== "computed" || first.shape.length !== 4) return rule({ ...operation, node });
    const made = rule({ ...operation, node, inputs: [asPicture(operation, first), ...others] });
    if (made.kind === "constant" || made.shape.length !== 4) throw unsupported(operation.node, "gives no picture, channels first");
    const [batch, height, width, channels] = made.shape;
    return { ...made, name: channelsFirst(operation, made), shape: [batch!, channels!, height!, width!], layout: "rowMajor" };
  };
}

function asPicture(operation: Operation, value: ComputedValue): ComputedValue {
  const [batch, channels, height, width] = value.shape;
  return { ...value, name: rowMajor(operation, value), shape: [batch!, height!, width!, channels!], layout: "channelsFirst" };
}

/** Attributes that list one number for each axis, and one that lists two. */
const perAxis = ["strides", "ksize", "dilations"] as const;
const lastOrder = [0, 2, 3, 1] as const;

function withChannelsLast(node: TensorFlowNode): TensorFlowNode {
  const changed: [string, AttributeValue][] = [["data_format", { kind: "string", value: "NHWC" }]];
  for (const name of perAxis) {
    const values = attributeOf(node, name, "numbers");
    if (values?.length === 4) changed.push([name, { kind: "numbers", value: lastOrder.map((axis) => values[axis]!) }]);
  }
  const pads = attributeOf(node, "explicit_paddings", "numbers");
  if (pads?.length === 8) {
    changed.push(["explicit_paddings", { kind: "numbers", value: lastOrder.flatMap((axis) => pads.slice(2 * axis, 2 * axis + 2)) }]);
  }
  return { ...node, attributes: new Map([...node.attributes, ...changed]) };
}

const channelCounts: readonly Dimension[] = [1, 3];

/** Whether a shape is that of pictures, `[N, channels, height, width]`, and cannot be that of pictures channels last. */
export function isPictureFirst([, channels, , last]: readonly Dimension[]): boolean {
  return channelCounts.includes(channels!) && !channelCounts.includes(last!);
}
