import { type Tensor } from "../../core/index.ts";
import { attribute } from "../attributes.ts";
import { attributeOf, unsupported } from "./node.ts";
import {
  castTo,
  channelsFirst,
  type ComputedValue,
  computedInput,
  constantInput,
  constantOf,
  emit,
  floatData,
  integerInput,
  type Operation,
  pictureInput,
  rowMajor,
  type Rule,
  toChannelsFirst,
} from "./operation.ts";
import { applyFusedOps, elementwiseRules } from "./rules-elementwise.ts";

const matrixProduct: Rule = (operation) => {
  const { node } = operation;
  if (attributeOf(node, "transpose_a", "boolean") === true) throw unsupported(node, "a transposed left side is not read");
  const left = computedInput(operation, 0, "the left side");
  const right = computedInput(operation, 1, "the right side");
  const isTransposed = attributeOf(node, "transpose_b", "boolean") === true;
  if (left.shape.length > 2 && right.shape.length === 2 && !isTransposed) return productOfRows(operation, left, right);
  if (left.shape.length !== 2 || right.shape.length !== 2) throw unsupported(node, "only products of two matrices are read");
  const columns = right.shape[isTransposed ? 0 : 1]!;
  const product = emit(operation, "Gemm", [left.name, right.name], [left.shape[0]!, columns], {
    attributes: isTransposed ? { transB: attribute.int(1) } : {},
  });
  return applyFusedOps(operation, product);
};

/** Each row of the last axis by itself, as a Keras layer takes maps: TensorFlow's own operation takes matrices alone. */
function productOfRows(operation: Operation, left: ComputedValue, right: ComputedValue): ComputedValue {
  const product = emit(operation, "MatMul", [rowMajor(operation, left), right.name], [...left.shape.slice(0, -1), right.shape[1]!]);
  return applyFusedOps(operation, product);
}

/** TensorFlow's own operations know the last axis only; a Keras layer names its axis, and the rank is known just here. */
function requireLastAxis({ node }: Operation, rank: number): void {
  const axis = attributeOf(node, "axis", "number") ?? -1;
  if (axis !== -1 && axis !== rank - 1) throw unsupported(node, `works along axis ${axis} of ${rank}`);
}

const softmax: Rule = (operation) => {
  const { name, shape, layout } = computedInput(operation, 0, "the input");
  requireLastAxis(operation, shape.length);
  const axis = layout === "channelsFirst" ? 1 : -1;
  return emit(operation, "Softmax", [name], shape, { layout, attributes: { axis: attribute.int(axis) } });
};

/** The ONNX operations of a reduction: over whole pictures the one that engines are fastest at, and over any axes. */
interface Reduction {
  readonly global: "GlobalAveragePool" | "GlobalMaxPool";
  readonly any: "ReduceMean" | "ReduceMax";
}

function reduction(ops: Reduction): Rule {
  return (operation) => {
    const value = computedInput(operation, 0, "the input");
    const axes = integerInput(operation, 1, "the axes").map((axis) => (axis < 0 ? axis + value.shape.length : axis));
    // ONNX would take no axis for all of them.
    if (axes.length === 0) return value;
    const keeps = attributeOf(operation.node, "keep_dims", "boolean") ?? false;
    const isOverPictures =
      value.shape.length === 4 && axes.length === 2 && axes.includes(1) && axes.includes(2) && value.type === "float32";
    return isOverPictures ? reducePictures(operation, ops.global, value, keeps) : reduce(operation, ops.any, value, { axes, keeps });
  };
}

/** One number for each channel. */
function reducePictures(operation: Operation, op: Reduction["global"], value: ComputedValue, keeps: boolean): ComputedValue {
  const [batch, , , channels] = value.shape;
  const pooled = emit(operation, op, [channelsFirst(operation, value)], [batch!, 1, 1, channels!], { layout: "channelsFirst" });
  return keeps ? pooled : emit(operation, "Flatten", [pooled.name], [batch!, channels!]);
}

function reduce(
  operation: Operation,
  op: Reduction["any"],
  value: ComputedValue,
  { axes, keeps }: { readonly axes: readonly number[]; readonly keeps: boolean },
): ComputedValue {
  const name = keeps ? value.name : rowMajor(operation, value);
  const isTurned = keeps && value.layout === "channelsFirst";
  const listed = isTurned ? axes.map((axis) => toChannelsFirst.findIndex((each) => each === axis)) : axes;
  const shape = value.shape.flatMap((size, axis) => (axes.includes(axis) ? (keeps ? [1] : []) : [size]));
  return emit(operation, op, [name, operation.builder.integers(listed)], shape, {
    attributes: { keepdims: attribute.int(keeps ? 1 : 0) },
    layout: isTurned ? "channelsFirst" : "rowMajor",
    type: value.type,
  });
}

/** Where an operation of batch normalization keeps its constants. */
interface NormalizationInputs {
  readonly mean: Tensor;
  readonly variance: Tensor;
  readonly scale: Tensor | undefined;
  readonly offset: Tensor;
  readonly epsilon: number;
}

/** `scale (x - mean) / sqrt(variance + epsilon) + offset` as one product and one sum; a convolution before it takes both in. */
function normalize(operation: Operation, { mean, variance, scale, offset, epsilon }: NormalizationInputs): ComputedValue {
  const data = (tensor: Tensor): Float32Array => floatData(operation, tensor, "a statistic");
  const factors = data(variance).map((value, index) => (scale === undefined ? 1 : data(scale)[index]!) / Math.sqrt(value + epsilon));
  const shifts = data(offset).map((value, index) => value - data(mean)[index]! * factors[index]!);
  const constant = (values: Float32Array): ReturnType<typeof constantOf> =>
    constantOf({ type: "float32", shape: [values.length], data: values });
  const scaled = elementwiseRules["Mul"]!({ ...operation, inputs: [computedInput(operation, 0, "the input"), constant(factors)] });
  const shifted = elementwiseRules["Add"]!({ ...operation, inputs: [scaled, constant(shifts)] });
  return computedInput({ ...operation, inputs: [shifted] }, 0, "the result");
}

const fusedBatchNorm: Rule = (operation) => {
  const { node } = operation;
  // TensorFlow's default, which files without defaults leave out.
  if (attributeOf(node, "is_training", "boolean") ?? true) throw unsupported(node, "batch statistics of training are not read");
  requireLastAxis(operation, computedInput(operation, 0, "the input").shape.length);
  return normalize(operation, {
    scale: constantInput(operation, 1, "the scale"),
    offset: constantInput(operation, 2, "the offset"),
    mean: constantInput(operation, 3, "the mean"),
    variance: constantInput(operation, 4, "the variance"),
    epsilon: attributeOf(node, "epsilon", "number") ?? 1e-4,
  });
};

/** The first form that TensorFlow had; `gamma` counts only where it scales after normalization. */
const globalNormalization: Rule = (operation) => {
  const scales = attributeOf(operation.node, "scale_after_normalization", "boolean") ?? false;
  return normalize(operation, {
    mean: constantInput(operation, 1, "the mean"),
    variance: constantInput(operation, 2, "the variance"),
    offset: constantInput(operation, 3, "beta"),
    scale: scales ? constantInput(operation, 4, "gamma") : undefined,
    epsilon: attributeOf(operation.node, "variance_epsilon", "number") ?? 0.001,
  });
};

/** Of Inception V1 and AlexNet: by the squares of channels around. ONNX divides their factor by how many they are. */
const localResponse: Rule = (operation) => {
  const { node } = operation;
  const { name, value } = pictureInput(operation);
  const size = 2 * (attributeOf(node, "depth_radius", "number") ?? 5) + 1;
  return emit(operation, "LRN", [name], value.shape, {
    attributes: {
      size: attribute.int(size),
      alpha: attribute.float((attributeOf(node, "alpha", "number") ?? 1) * size),
      beta: attribute.float(attributeOf(node, "beta", "number") ?? 0.5),
      bias: attribute.float(attributeOf(node, "bias", "number") ?? 1),
    },
    layout: "channelsFirst",
  });
};

/** Gives fractions of whatever comes in. */
const resizeBilinear: Rule = (operation) => {
  const { node, builder } = operation;
  const value = castTo(operation, pictureInput(operation).value, "float32");
  const name = channelsFirst(operation, value);
  const [height = 0, width = 0] = integerInput(operation, 1, "the size");
  const shape = [value.shape[0]!, height, width, value.shape[3]!];
  // Not by `axes`: ONNX Runtime loses them where it moves a Transpose past the operation.
  const kept = builder.op("Slice", [builder.op("Shape", [name]), builder.integers([0]), builder.integers([2])]);
  const sizes = builder.op("Concat", [kept, builder.integers([height, width])], { axis: attribute.int(0) });
  return emit(operation, "Resize", [name, "", "", sizes], shape, {
    attributes: {
      mode: attribute.string("linear"),
      coordinate_transformation_mode: attribute.string(
        sampling(attributeOf(node, "align_corners", "boolean"), attributeOf(node, "half_pixel_centers", "boolean")),
      ),
    },
    layout: "channelsFirst",
  });
};

/** ONNX's word for where TensorFlow reads: by default it takes pixel corners for their centres. */
function sampling(alignCorners = false, halfPixelCenters = false): string {
  if (alignCorners) return "align_corners";
  return halfPixelCenters ? "half_pixel" : "asymmetric";
}

/** Operations that mix numbers: sums over axes, products, normalization, resampling. */
export const mixingRules: Readonly<Record<string, Rule>> = {
  MatMul: matrixProduct,
  _FusedMatMul: matrixProduct,
  Softmax: softmax,
  Mean: reduction({ global: "GlobalAveragePool", any: "ReduceMean" }),
  Max: reduction({ global: "GlobalMaxPool", any: "ReduceMax" }),
  FusedBatchNorm: fusedBatchNorm,
  FusedBatchNormV2: fusedBatchNorm,
  FusedBatchNormV3: fusedBatchNorm,
  BatchNormWithGlobalNormalization: globalNormalization,
  LRN: localResponse,
  ResizeBilinear: resizeBilinear,
};
