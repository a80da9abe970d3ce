import { type ElementType, TensorFaceError, type Tensor } from "../../core/index.ts";
import { attribute } from "../attributes.ts";
import type { GraphBuilder } from "../builder.ts";
import type { Attribute, GraphNode } from "../model.ts";
import type { ValueType } from "../shape-rule.ts";
import { inferNode } from "../shapes.ts";

/**
 * What a gradient rule writes its nodes with. The type of every value is known, of the new ones too.
 */
export interface GradientContext extends Pick<GraphBuilder, "scalar" | "integers"> {
  /** Channels that stand together in the engine's blocked layout; undefined where it has none. */
  readonly block: number | undefined;
  /** Adds a node and gives the name of its output. */
  readonly op: (op: string, inputs: readonly string[], attributes?: Readonly<Record<string, Attribute>>, domain?: string) => string;
  /** Adds a node of several outputs. */
  readonly multi: (
    op: string,
    count: number,
    inputs: readonly string[],
    attributes?: Readonly<Record<string, Attribute>>,
  ) => readonly string[];
  readonly constant: (tensor: Tensor) => string;
  readonly shape: (value: string) => readonly number[];
  readonly type: (value: string) => ElementType;
  /** The numbers of a constant, or undefined when it is none. */
  readonly constantOf: (value: string) => Tensor | undefined;
  readonly reshape: (value: string, shape: readonly number[]) => string;
  readonly transpose: (value: string, order: readonly number[]) => string;
  /** Sums over `axes`, which stay with size 1 unless `keep` is false. */
  readonly sum: (value: string, axes: readonly number[], keep?: boolean) => string;
  /** Sums a gradient down to the shape that was broadcast to it. */
  readonly sumTo: (gradient: string, shape: readonly number[]) => string;
  readonly slice: (value: string, axis: number, start: number, end: number, step?: number) => string;
  /** Zeros around a value: `before` and `after` along each axis. */
  readonly pad: (value: string, before: readonly number[], after: readonly number[]) => string;
  readonly concat: (values: readonly string[], axis: number) => string;
}

/**
 * The gradients of a node's inputs, given those of its outputs (undefined where an output has none). `wanted` tells for which
 * inputs somebody asks; the others may be undefined. A gradient may be smaller than its value when it broadcasts to it.
 */
export type GradientRule = (
  node: GraphNode,
  gradients: readonly (string | undefined)[],
  context: GradientContext,
  wanted: readonly boolean[],
) => readonly (string | undefined)[];

/** `types` and `constants` grow with every node that is added. */
export function createGradientContext(
  builder: GraphBuilder,
  types: Map<string, ValueType>,
  constants: Map<string, Tensor>,
  block: number | undefined,
): GradientContext {
  const remember = (name: string, tensor: Tensor): string => {
    types.set(name, { type: tensor.type, shape: tensor.shape });
    constants.set(name, tensor);
    return name;
  };
  const typeOf = (value: string): ValueType => {
    const type = types.get(value);
    if (type === undefined) throw new TensorFaceError("TF_GRAPH_INVALID", `"${value}" is no value of the graph`);
    return type;
  };
  const shape: GradientContext["shape"] = (value) => typeOf(value).shape;
  const op: GradientContext["op"] = (operation, inputs, attributes = {}, domain = "") => {
    const output = builder.op(operation, inputs, attributes, domain === "" ? {} : { domain });
    const node: GraphNode = { name: output, op: operation, domain, inputs, outputs: [output], attributes };
    types.set(output, inferNode(node, types, constants)[0]!);
    return output;
  };
  const multi: GradientContext["multi"] = (operation, count, inputs, attributes = {}) => {
    const outputs = builder.multi(operation, count, inputs, attributes);
    const made = inferNode({ name: outputs[0]!, op: operation, inputs, outputs, attributes }, types, constants);
    for (const [index, output] of outputs.entries()) types.set(output, made[index]!);
    return outputs;
  };
  const scalar = (value: number): string => remember(builder.scalar(value), { type: "float32", shape: [], data: Float32Array.of(value) });
  const integers = (values: readonly number[]): string =>
    remember(builder.integers(values), { type: "int64", shape: [values.length], data: BigInt64Array.from(values, BigInt) });
  const reshape = (value: string, wanted: readonly number[]): string =>
    sameShape(shape(value), wanted) ? value : op("Reshape", [value, integers(wanted)]);
  const sum = (value: string, axes: readonly number[], keep = true): string =>
    axes.length === 0 ? value : op("ReduceSum", [value, integers(axes)], { keepdims: attribute.int(keep ? 1 : 0) });
  return {
    block,
    op,
    multi,
    scalar,
    integers,
    constant: (tensor) => remember(builder.constant(tensor), tensor),
    shape,
    type: (value) => typeOf(value).type,
    constantOf: (value) => constants.get(value),
    reshape,
    transpose: (value, order) =>
      order.every((axis, index) => axis === index) ? value : op("Transpose", [value], { perm: attribute.ints(order) }),
    sum,
    sumTo: (gradient, wanted) => {
      const from = shape(gradient);
      const missing = from.length - wanted.length;
      const axes = from.flatMap((size, axis) => (axis < missing || (wanted[axis - missing] === 1 && size !== 1) ? [axis] : []));
      return reshape(sum(gradient, axes), wanted);
    },
    slice: (value, axis, start, end, step = 1) =>
      op("Slice", [value, integers([start]), integers([end]), integers([axis]), integers([step])]),
    pad: (value, before, after) =>
      [...before, ...after].every((size) => size === 0) ? value : op("Pad", [value, integers([...before, ...after])]),
    concat: (values, axis) => (values.length === 1 ? values[0]! : op("Concat", values, { axis: attribute.int(axis) })),
  };
}

export function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((size, axis) => size === b[axis]);
}
