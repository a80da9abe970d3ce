import { elementCount } from "../../core/index.ts";
import { attribute } from "../attributes.ts";
import { floatAttribute, integerAttribute } from "../shape-rule.ts";
import { unsupported } from "./convolution.ts";
import type { GraphNode } from "../model.ts";
import type { GradientContext, GradientRule } from "./context.ts";

/**
 * Batch normalisation with the batch's own statistics (Ioffe and Szegedy, 2015, section 3). Its second and third outputs must
 * be those statistics, which they are when the node's momentum is 0.
 *
 * `dx = s g - s (dscale (x - mean) / sigma + dbias) / M` a channel, with `s = scale / sigma` and M the pixels a channel: the second part is a norm of x
 * itself.
 */
const batchNormalization: GradientRule = (node, [gradient], context) => {
  const [x, scale] = node.inputs;
  const [, mean, variance] = node.outputs;
  if (integerAttribute(node, "training_mode", 0) !== 1) return fixedNormalization(node, gradient!, context);
  if (floatAttribute(node, "momentum", 0.9) !== 0 || mean === undefined || variance === undefined) {
    throw unsupported(node, "whose momentum is not 0: the batch's statistics cannot be read from its outputs");
  }
  const { op, scalar, sum } = context;
  const shape = context.shape(x!);
  const channels = shape[1]!;
  const axes = shape.flatMap((_, axis) => (axis === 1 ? [] : [axis]));
  const perChannel = [channels, ...shape.slice(2).map(() => 1)];
  const wide = (value: string): string => context.reshape(value, perChannel);
  const pixels = elementCount(shape) / channels;

  const epsilon = floatAttribute(node, "epsilon", 1e-5);
  const inverse = op("Reciprocal", [op("Sqrt", [op("Add", [variance, scalar(epsilon)])])]);
  const toBias = sum(gradient!, axes, false);
  const centred = op("Sub", [sum(op("Mul", [gradient!, x!]), axes, false), op("Mul", [mean, toBias])]);
  const toScale = op("Mul", [inverse, centred]);

  const a = op("Mul", [scale!, inverse]);
  const share = (total: string): string => op("Mul", [op("Mul", [a, total]), scalar(-1 / pixels)]);
  // A norm that is told its statistics does in one pass what would be three.
  const fromX = op("BatchNormalization", [x!, share(toScale), share(toBias), mean, variance], { epsilon: attribute.float(epsilon) });
  return [op("Add", [op("Mul", [gradient!, wide(a)]), fromX]), toScale, toBias];
};

/** With statistics that stay what they are: `dx = g scale / sigma`. */
function fixedNormalization(node: GraphNode, gradient: string, { op, scalar, sum, reshape, shape }: GradientContext): readonly string[] {
  const [x, scale, , mean, variance] = node.inputs;
  const sizes = shape(x!);
  const axes = sizes.flatMap((_, axis) => (axis === 1 ? [] : [axis]));
  const wide = (value: string): string => reshape(value, [sizes[1]!, ...sizes.slice(2).map(() => 1)]);
  const inverse = op("Reciprocal", [op("Sqrt", [op("Add", [variance!, scalar(floatAttribute(node, "epsilon", 1e-5))])])]);
  const normal = op("Mul", [op("Sub", [x!, wide(mean!)]), wide(inverse)]);
  return [
    op("Mul", [gradient, wide(op("Mul", [scale!, inverse]))]),
    sum(op("Mul", [gradient, normal]), axes, false),
    sum(gradient, axes, false),
  ];
}

export const normalisationRules: Readonly<Record<string, GradientRule>> = { BatchNormalization: batchNormalization };
