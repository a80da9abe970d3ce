import type { Tensor } from "../../core/index.ts";
import { attribute } from "../attributes.ts";
import type { Attribute, GraphNode } from "../model.ts";
import { integerAttribute, textAttribute } from "../shape-rule.ts";
import { type Conversion, type ConversionRule, type ConversionRules, unconvertible, withoutAttributes } from "./rule.ts";

/** What an operation is in the opsets before the one that made or changed it: rules by operation and that opset, down to 13. */

/** Writes several nodes that together make one output. */
function spell(node: GraphNode, { fresh, constant }: Conversion): SpelledOut {
  const nodes: GraphNode[] = [];
  return {
    op: (op, inputs, attributes = {}) => {
      const output = fresh(`${node.name}/${op}`);
      nodes.push({ name: output, op, inputs, outputs: [output], attributes });
      return output;
    },
    end: (op, inputs, attributes = {}) => [...nodes, { name: node.name, op, inputs, outputs: node.outputs, attributes }],
    scalar: (value) => constant({ type: "float32", shape: [], data: Float32Array.of(value) } satisfies Tensor, `${node.name}/${value}`),
  };
}

interface SpelledOut {
  readonly op: (op: string, inputs: readonly string[], attributes?: GraphNode["attributes"]) => string;
  /** The last node, which makes the output; gives all. */
  readonly end: (op: string, inputs: readonly string[], attributes?: GraphNode["attributes"]) => readonly GraphNode[];
  readonly scalar: (value: number) => string;
}

/** `x / 2 (1 + erf(x / sqrt 2))`, or Hendrycks and Gimpel's formula with tanh (2016). */
const gelu: ConversionRule = (node, conversion) => {
  const { op, end, scalar } = spell(node, conversion);
  const [x = ""] = node.inputs;
  const half = op("Mul", [x, scalar(0.5)]);
  if (textAttribute(node, "approximate", "none") === "none")
    return end("Mul", [half, op("Add", [op("Erf", [op("Mul", [x, scalar(Math.SQRT1_2)])]), scalar(1)])]);
  const cube = op("Mul", [op("Mul", [op("Mul", [x, x]), x]), scalar(0.044715)]);
  const inner = op("Mul", [op("Add", [x, cube]), scalar(Math.sqrt(2 / Math.PI))]);
  return end("Mul", [half, op("Add", [op("Tanh", [inner]), scalar(1)])]);
};

/** `x max(0, min(1, x / 6 + 1 / 2))`. */
const hardSwish: ConversionRule = (node, conversion) => {
  const { op, end } = spell(node, conversion);
  const [x = ""] = node.inputs;
  return end("Mul", [x, op("HardSigmoid", [x], { alpha: attribute.float(1 / 6), beta: attribute.float(0.5) })]);
};

/** `x tanh(log(1 + e^x))`. */
const mish: ConversionRule = (node, conversion) => {
  const { op, end } = spell(node, conversion);
  const [x = ""] = node.inputs;
  return end("Mul", [x, op("Tanh", [op("Softplus", [x])])]);
};

const inferenceNorm: ConversionRule = (node) => {
  if (integerAttribute(node, "training_mode", 0) === 1) throw unconvertible(node, "is in training mode");
  return [{ ...withoutAttributes(node, "training_mode"), outputs: node.outputs.slice(0, 1) }];
};

/** Before 18 the axes were an attribute, and none meant all. */
const axesAttribute: ConversionRule = (node, { constantOf }) => {
  const [x = "", axes = ""] = node.inputs;
  if (integerAttribute(node, "noop_with_empty_axes", 0) === 1) throw unconvertible(node, "reduces nothing where it has no axes");
  const list = constantOf(axes);
  if (axes !== "" && list === undefined) throw unconvertible(node, "has axes that are computed");
  const { attributes } = withoutAttributes(node, "noop_with_empty_axes");
  const given = list === undefined || list.data.length === 0 ? {} : { axes: attribute.ints(Array.from(list.data, Number)) };
  return [{ ...node, inputs: [x], attributes: { ...attributes, ...given } }];
};

const allAxes: ConversionRule = (node) => {
  if ((node.inputs[3] ?? "") !== "") throw unconvertible(node, "pads along listed axes");
  return [node];
};

const noWrap: ConversionRule = (node) => {
  if (textAttribute(node, "mode", "constant") === "wrap") throw unconvertible(node, "wraps around");
  return [node];
};

const wholeResize: ConversionRule = (node, conversion) => {
  if (node.attributes["axes"] !== undefined) throw unconvertible(node, "resizes along listed axes");
  return drop("antialias", "keep_aspect_ratio_policy")(node, conversion);
};

const oldCoordinates: ConversionRule = (node) => {
  if (textAttribute(node, "coordinate_transformation_mode", "half_pixel") === "half_pixel_symmetric")
    throw unconvertible(node, 'takes its pixels by "half_pixel_symmetric"');
  return [node];
};

/** Only equal parts need no list of their sizes. */
const countedParts: ConversionRule = (node) => {
  if (node.attributes["num_outputs"] !== undefined) throw unconvertible(node, "says only how many parts it makes");
  return [node];
};

const noExtremes: ConversionRule = (node) => {
  if (["min", "max"].includes(textAttribute(node, "reduction", "none"))) throw unconvertible(node, "keeps the extreme of what meets");
  return [node];
};

const axisAsInput: ConversionRule = (node) => {
  throw unconvertible(node, "takes its axis as an input");
};

const outputHalfPixel: ConversionRule = (node) => {
  if (textAttribute(node, "coordinate_transformation_mode", "half_pixel") !== "output_half_pixel")
    throw unconvertible(node, "takes its pixels half a pixel further");
  return [withoutAttributes(node, "coordinate_transformation_mode")];
};

const spelledGridMode: ConversionRule = (node) => {
  const names: Readonly<Record<string, string>> = { linear: "bilinear", cubic: "bicubic", nearest: "nearest" };
  const mode = textAttribute(node, "mode", "linear");
  return [{ ...node, attributes: { ...node.attributes, mode: attribute.string(names[mode] ?? mode) } }];
};

/** Leaves out attributes that say what the operation did before it had them. */
const drop =
  (...names: readonly string[]): ConversionRule =>
  (node) => {
    const needed = names.find((name) => !isNeutral(node.attributes[name]));
    if (needed !== undefined) throw unconvertible(node, `has ${needed}`);
    return [withoutAttributes(node, ...names)];
  };

/** None, no, no other rule, every pixel. */
function isNeutral(value: Attribute | undefined): boolean {
  // oxlint-disable-next-line typescript/switch-exhaustiveness-check -- what is of another kind is not neutral
  switch (value?.kind) {
    case undefined:
      return true;
    case "int":
      return value.value === 0;
    case "ints":
      return value.value.every((each) => each === 1);
    case "string":
      return value.value === "none" || value.value === "not_larger" || value.value === "stretch";
    default:
      return false;
  }
}

const listedAxes = "ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp ReduceMax ReduceMean ReduceMin ReduceProd ReduceSumSquare";
/** Only numbers of 8 bits ask how they are rounded, and those are not read. */
const dropSaturate: ConversionRule = (node) => [withoutAttributes(node, "saturate")];

export const downgradeRules: ConversionRules = {
  ...Object.fromEntries(listedAxes.split(" ").map((operation) => [operation, { 18: axesAttribute }])),
  ...Object.fromEntries(["GRU", "LSTM", "RNN"].map((operation) => [operation, { 14: drop("layout") }])),
  AveragePool: { 19: drop("dilations") },
  BatchNormalization: { 14: inferenceNorm },
  Cast: { 19: dropSaturate },
  DFT: { 20: axisAsInput },
  Gelu: { 20: gelu },
  GridSample: { 20: spelledGridMode },
  HardSwish: { 14: hardSwish },
  LpPool: { 18: drop("ceil_mode", "dilations") },
  Mish: { 18: mish },
  Pad: { 18: allAxes, 19: noWrap },
  QuantizeLinear: { 19: dropSaturate },
  Reshape: { 14: drop("allowzero") },
  Resize: { 18: wholeResize, 19: oldCoordinates },
  RoiAlign: { 16: outputHalfPixel },
  ScatterElements: { 16: drop("reduction"), 18: noExtremes },
  ScatterND: { 16: drop("reduction"), 18: noExtremes },
  Shape: { 15: drop("start", "end") },
  Split: { 18: countedParts },
};
