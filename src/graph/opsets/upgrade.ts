import type { Tensor } from "../../core/index.ts";
import { attribute } from "../attributes.ts";
import type { GraphNode } from "../model.ts";
import { elementTypeCodes } from "../onnx.ts";
import { floatAttribute, integerAttribute, textAttribute } from "../shape-rule.ts";
import { type ConversionRule, type ConversionRules, inputsWith, unconvertible, withoutAttributes } from "./rule.ts";

/** What an operation of an older opset is in the opset that changed its meaning: rules by operation and that opset. */

const forAll = (operations: readonly string[], version: number, rule: ConversionRule): [string, Record<number, ConversionRule>][] =>
  operations.map((operation) => [operation, { [version]: rule }]);

/** An attribute that became an input. */
const listInput =
  (name: string, index: number): ConversionRule =>
  (node, { integers }) => {
    const list = node.attributes[name];
    if (list?.kind !== "ints") return [node];
    return [{ ...withoutAttributes(node, name), inputs: inputsWith(node, index, integers(list.value, `${node.name}/${name}`)) }];
  };

const floatScalar = (value: number): Tensor => ({ type: "float32", shape: [], data: Float32Array.of(value) });

/** Where implementations might have worked in place, for which nothing asks any more. */
const dropConsumed: ConversionRule = (node) => [withoutAttributes(node, "consumed_inputs")];

/** Before 7 the second operand fitted from axis `axis` on; without one from the end, as since then. */
const broadcast: ConversionRule = (node) => {
  if (node.attributes["axis"] !== undefined) throw unconvertible(node, "broadcasts along an axis");
  return [withoutAttributes(node, "broadcast")];
};

/** Before 6 a type was spelled. */
const castByName: ConversionRule = (node) => {
  const name = textAttribute(node, "to", "").toLowerCase();
  const names: Readonly<Record<string, number>> = {
    ...elementTypeCodes,
    float: elementTypeCodes.float32,
    double: elementTypeCodes.float64,
  };
  const code = names[name];
  if (code === undefined) throw unconvertible(node, `casts to "${name}"`);
  return [{ ...node, attributes: { to: attribute.int(code) } }];
};

/** Before 6 the constants had five digits. */
const seluConstants: ConversionRule = (node) => {
  const [alpha, gamma] = [floatAttribute(node, "alpha", 1.6732), floatAttribute(node, "gamma", 1.0507)];
  return [{ ...node, attributes: { alpha: attribute.float(alpha), gamma: attribute.float(gamma) } }];
};

/** Before 7 a layer trained unless it was told that it does not. */
const inferenceOnly: ConversionRule = (node) => {
  if (integerAttribute(node, "is_test", 0) === 0) throw unconvertible(node, "is in training mode");
  return [withoutAttributes(node, "is_test")];
};

const perChannelNorm: ConversionRule = (node) => {
  if (integerAttribute(node, "spatial", 1) === 0) throw unconvertible(node, "normalises every pixel by itself");
  return [withoutAttributes(node, "spatial")];
};

/** Before 14 several outputs meant training. */
const oneOutputNorm: ConversionRule = (node) => {
  if (node.outputs.slice(1).some((output) => output !== "")) throw unconvertible(node, "is in training mode");
  return [{ ...node, outputs: node.outputs.slice(0, 1) }];
};

/** Before 7 one slope a channel stood along the second axis. */
const channelSlopes: ConversionRule = (node, { constantOf, rankOf, constant }) => {
  const slope = constantOf(node.inputs[1]!);
  const rank = rankOf(node.inputs[0]!);
  if (slope === undefined || rank === undefined) throw unconvertible(node, "has slopes or a rank that are not known");
  const shape = slope.data.length === 1 ? [] : [slope.data.length, ...Array.from({ length: rank - 2 }, () => 1)];
  return [{ ...node, inputs: [node.inputs[0]!, constant({ ...slope, shape }, `${node.name}/slope`)] }];
};

const limitInputs: ConversionRule = (node, { constant }) => {
  const limits = (["min", "max"] as const).map((name) => {
    const limit = node.attributes[name];
    return limit?.kind === "float" ? constant(floatScalar(limit.value), `${node.name}/${name}`) : "";
  });
  const given = limits[1] === "" ? limits.slice(0, limits[0] === "" ? 0 : 1) : limits;
  return [{ ...withoutAttributes(node, "min", "max"), inputs: [node.inputs[0]!, ...given] }];
};

/** A mask of a layer that does not train says nothing; before 10 it also was of another type. */
const dropoutInputs: ConversionRule = (node, { constant, isUsed }) => {
  if (node.outputs.slice(1).some(isUsed)) throw unconvertible(node, "gives out a mask");
  const ratio = constant(floatScalar(floatAttribute(node, "ratio", 0.5)), `${node.name}/ratio`);
  return [{ ...withoutAttributes(node, "ratio"), inputs: [node.inputs[0]!, ratio], outputs: node.outputs.slice(0, 1) }];
};

/** Before 13 the sizes before `axis` were one and those from it on another: a softmax over all that follow. */
const flattenedSoftmax: ConversionRule = (node, { rankOf, fresh }) => {
  const axis = integerAttribute(node, "axis", 1);
  const rank = rankOf(node.inputs[0]!);
  const onLast = { ...node, attributes: { ...node.attributes, axis: attribute.int(-1) } };
  if (axis === -1 || (rank !== undefined && axis === rank - 1)) return [onLast];
  const [input, output] = [node.inputs[0]!, node.outputs[0]!];
  const [flat, soft, shape] = [fresh(`${node.name}/flat`), fresh(`${node.name}/soft`), fresh(`${node.name}/shape`)];
  const make = (op: string, inputs: readonly string[], made: string, attributes: GraphNode["attributes"] = {}): GraphNode => ({
    name: made,
    op,
    inputs,
    outputs: [made],
    attributes,
  });
  return [
    make("Flatten", [input], flat, { axis: attribute.int(axis) }),
    { ...onLast, name: soft, inputs: [flat], outputs: [soft] },
    make("Shape", [input], shape),
    { ...make("Reshape", [soft, shape], output), name: node.name },
  ];
};

const padInputs: ConversionRule = (node, conversion) => {
  const pads = node.attributes["pads"];
  if (pads?.kind !== "ints") throw unconvertible(node, "does not say how much it pads");
  const filler = conversion.constant(floatScalar(floatAttribute(node, "value", 0)), `${node.name}/value`);
  const list = conversion.integers(pads.value, `${node.name}/pads`);
  return [{ ...withoutAttributes(node, "pads", "value"), inputs: [node.inputs[0]!, list, filler] }];
};

const padsName: ConversionRule = (node) => {
  const { paddings } = node.attributes;
  return [
    paddings === undefined
      ? node
      : { ...withoutAttributes(node, "paddings"), attributes: { ...withoutAttributes(node, "paddings").attributes, pads: paddings } },
  ];
};

const sliceInputs: ConversionRule = (node, { integers }) => {
  const lists = (["starts", "ends", "axes"] as const).map((name) => {
    const list = node.attributes[name];
    return list?.kind === "ints" ? integers(list.value, `${node.name}/${name}`) : undefined;
  });
  if (lists[0] === undefined || lists[1] === undefined) throw unconvertible(node, "does not say where it begins and ends");
  const given = lists.filter((list) => list !== undefined);
  return [{ ...withoutAttributes(node, "starts", "ends", "axes"), inputs: [node.inputs[0]!, ...given] }];
};

const equalParts: ConversionRule = (node) => {
  const isGiven = (node.inputs[1] ?? "") !== "";
  return [isGiven ? node : { ...node, attributes: { ...node.attributes, num_outputs: attribute.int(node.outputs.length) } }];
};

const scaleAttributes: ConversionRule = (node) => {
  const scales = [1, 1, floatAttribute(node, "height_scale", Number.NaN), floatAttribute(node, "width_scale", Number.NaN)];
  return [{ ...node, attributes: { mode: attribute.string(textAttribute(node, "mode", "nearest")), scales: attribute.floats(scales) } }];
};

const scaleInput: ConversionRule = (node, { constant }) => {
  const scales = node.attributes["scales"];
  if (scales?.kind !== "floats") throw unconvertible(node, "does not say its scales");
  const tensor: Tensor = { type: "float32", shape: [scales.value.length], data: Float32Array.from(scales.value) };
  return [{ ...withoutAttributes(node, "scales"), inputs: [node.inputs[0]!, constant(tensor, `${node.name}/scales`)] }];
};

/** Before 11 coordinates were the target's divided by the scale, and a nearest pixel the one before, or behind where it shrinks. */
const statedCoordinates: ConversionRule = (node, { constantOf }) => {
  const [input = "", scales = ""] = node.inputs;
  const mode = textAttribute(node, "mode", "nearest");
  const numbers = Array.from(constantOf(scales)?.data ?? [], Number);
  const nearest = mode === "nearest" ? nearestBefore11(node, numbers) : undefined;
  return [
    {
      ...node,
      inputs: [input, "", scales],
      attributes: {
        mode: attribute.string(mode),
        coordinate_transformation_mode: attribute.string("asymmetric"),
        ...(nearest !== undefined && { nearest_mode: attribute.string(nearest) }),
      },
    },
  ];
};

function nearestBefore11(node: GraphNode, scales: readonly number[]): "floor" | "ceil" {
  if (scales.length > 0 && scales.every((scale) => scale >= 1)) return "floor";
  if (scales.length > 0 && scales.every((scale) => scale <= 1)) return "ceil";
  throw unconvertible(node, "enlarges one way and shrinks another, or by scales that are not known");
}

/** Before 13 an empty list stood for what is not given. */
const optionalSizes: ConversionRule = (node, { constantOf }) => {
  if (textAttribute(node, "coordinate_transformation_mode", "half_pixel") === "tf_half_pixel_for_nn")
    throw unconvertible(node, 'takes its pixels by "tf_half_pixel_for_nn"');
  const inputs = node.inputs.map((input) => (constantOf(input)?.data.length === 0 ? "" : input));
  return [{ ...node, inputs }];
};

const upsampleAsResize: ConversionRule = (node, { constantOf }) => {
  const scales = Array.from(constantOf(node.inputs[1] ?? "")?.data ?? [], Number);
  if (textAttribute(node, "mode", "nearest") === "nearest" && !(scales.length > 0 && scales.every((scale) => scale >= 1)))
    throw unconvertible(node, "has scales that are not known, or shrink");
  return [{ ...node, op: "Resize" }];
};

const kInput: ConversionRule = (node, { integers }) => {
  const k = integers([integerAttribute(node, "k", 1)], `${node.name}/k`);
  return [{ ...withoutAttributes(node, "k"), inputs: [node.inputs[0]!, k] }];
};

const axisAttribute =
  (fallback: number): ConversionRule =>
  (node) => [node.attributes["axis"] === undefined ? { ...node, attributes: { ...node.attributes, axis: attribute.int(fallback) } } : node];

const halfPixelOutput: ConversionRule = (node) => [
  { ...node, attributes: { ...node.attributes, coordinate_transformation_mode: attribute.string("output_half_pixel") } },
];

const gridModes: Readonly<Record<string, string>> = { bilinear: "linear", bicubic: "cubic", nearest: "nearest" };

const gridModeName: ConversionRule = (node) => {
  const mode = textAttribute(node, "mode", "bilinear");
  return [{ ...node, attributes: { ...node.attributes, mode: attribute.string(gridModes[mode] ?? mode) } }];
};

const axisInput: ConversionRule = (node, { constant }) => {
  const axis: Tensor = { type: "int64", shape: [], data: BigInt64Array.of(BigInt(integerAttribute(node, "axis", 1))) };
  return [{ ...withoutAttributes(node, "axis"), inputs: inputsWith(node, 2, constant(axis, `${node.name}/axis`)) }];
};

const unreadable =
  (what: string): ConversionRule =>
  (node) => {
    throw unconvertible(node, what);
  };

const inPlaceBefore6 =
  "Abs Add BatchNormalization Ceil Clip Div Dropout Elu Exp Floor HardSigmoid InstanceNormalization LeakyRelu Log Max Mean Min Mul Neg PRelu Reciprocal Relu Sigmoid Sqrt Sub Sum Tanh";
const alignedBefore7 = "Add And Div Equal Gemm Greater Less Mul Or Pow Sub Xor";
const listedAxes = "ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp ReduceMax ReduceMean ReduceMin ReduceProd ReduceSumSquare";

const entries: readonly [string, Readonly<Record<number, ConversionRule>>][] = [
  ...forAll(inPlaceBefore6.split(" "), 6, dropConsumed),
  ...forAll(alignedBefore7.split(" "), 7, broadcast),
  ...forAll(listedAxes.split(" "), 18, listInput("axes", 1)),
  ["BatchNormalization", { 7: inferenceOnly, 9: perChannelNorm, 14: oneOutputNorm }],
  ["Cast", { 6: castByName }],
  ["Clip", { 11: limitInputs }],
  ["Concat", { 4: axisAttribute(1) }],
  ["DFT", { 20: axisInput }],
  ["Dropout", { 7: inferenceOnly, 12: dropoutInputs }],
  ...forAll(["GRU", "LSTM", "RNN"], 7, unreadable("may leave out its sequence")),
  ...forAll(["GlobalLpPool", "LpPool"], 2, unreadable("has a fractional order")),
  ["GridSample", { 20: gridModeName }],
  ...forAll(["Hardmax", "LogSoftmax", "Softmax"], 13, flattenedSoftmax),
  ["Pad", { 2: padsName, 11: padInputs }],
  ["PRelu", { 7: channelSlopes }],
  ["ReduceSum", { 13: listInput("axes", 1) }],
  ["Reshape", { 5: listInput("shape", 1) }],
  ["Resize", { 11: statedCoordinates, 13: optionalSizes }],
  ["RoiAlign", { 16: halfPixelOutput }],
  ["Scatter", { 11: (node) => [{ ...node, op: "ScatterElements" }] }],
  ["Selu", { 6: seluConstants }],
  ["Slice", { 10: sliceInputs }],
  ["Split", { 2: axisAttribute(0), 13: listInput("split", 1), 18: equalParts }],
  ["Squeeze", { 13: listInput("axes", 1) }],
  ["Tile", { 6: unreadable("repeats along one axis") }],
  ["TopK", { 10: kInput }],
  ["Unsqueeze", { 13: listInput("axes", 1) }],
  ["Upsample", { 7: scaleAttributes, 9: scaleInput, 10: upsampleAsResize }],
];

export const upgradeRules: ConversionRules = mergeSteps(entries);

function mergeSteps(all: typeof entries): ConversionRules {
  const rules: Record<string, Record<number, ConversionRule>> = {};
  for (const [operation, steps] of all) Object.assign((rules[operation] ??= {}), steps);
  return rules;
}
