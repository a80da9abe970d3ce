import { attribute } from "../attributes.ts";
import { elementTypeCodes } from "../onnx.ts";
import { floatAttribute, textAttribute } from "../shape-rule.ts";
import { unsupported } from "./convolution.ts";
import type { GradientContext, GradientRule } from "./context.ts";

/** Rules of operations that work on each element alone, with broadcasting where they take several inputs. */

/** A rule for one input: `local` gives dy/dx times the gradient. */
const unary =
  (local: (gradient: string, x: string, y: string, context: GradientContext) => string): GradientRule =>
  (node, [gradient], context) => [local(gradient!, node.inputs[0]!, node.outputs[0]!, context)];

/** Sums each result down to its input's shape. */
const binary =
  (left: BinaryLocal, right: BinaryLocal): GradientRule =>
  (node, [gradient], context, wanted) =>
    [left, right].map((local, index) => {
      if (!wanted[index]!) return undefined;
      const [a, b] = [node.inputs[0]!, node.inputs[1]!];
      return context.sumTo(local({ gradient: gradient!, a, b, y: node.outputs[0]! }, context), context.shape(index === 0 ? a : b));
    });
type BinaryLocal = (values: { gradient: string; a: string; b: string; y: string }, context: GradientContext) => string;

const pass: BinaryLocal = ({ gradient }) => gradient;
const negate: BinaryLocal = ({ gradient }, { op }) => op("Neg", [gradient]);

const where: GradientRule = (node, [gradient], context, wanted) => {
  const [condition, a, b] = node.inputs;
  const zero = context.scalar(0);
  return [
    undefined,
    wanted[1]! ? context.sumTo(context.op("Where", [condition!, gradient!, zero]), context.shape(a!)) : undefined,
    wanted[2]! ? context.sumTo(context.op("Where", [condition!, zero, gradient!]), context.shape(b!)) : undefined,
  ];
};

/** The larger (or smaller) operand gets the gradient; of equals, the first. */
const extreme =
  (comparison: "GreaterOrEqual" | "LessOrEqual"): GradientRule =>
  (node, [gradient], context) => {
    if (node.inputs.length !== 2) throw unsupported(node, "of more or fewer than two values");
    const [a, b] = node.inputs;
    const first = context.op(comparison, [a!, b!]);
    const zero = context.scalar(0);
    return [
      context.sumTo(context.op("Where", [first, gradient!, zero]), context.shape(a!)),
      context.sumTo(context.op("Where", [first, zero, gradient!]), context.shape(b!)),
    ];
  };

const pRelu: GradientRule = (node, [gradient], context, wanted) => {
  const [x, slope] = node.inputs;
  const isPositive = context.op("Greater", [x!, context.scalar(0)]);
  const toX = (): string => context.op("Where", [isPositive, gradient!, context.op("Mul", [gradient!, slope!])]);
  const toSlope = (): string => context.op("Where", [isPositive, context.scalar(0), context.op("Mul", [gradient!, x!])]);
  return [wanted[0]! ? toX() : undefined, wanted[1]! ? context.sumTo(toSlope(), context.shape(slope!)) : undefined];
};

const leakyRelu: GradientRule = (node, [gradient], { op, scalar }) => {
  const slope = scalar(floatAttribute(node, "alpha", 0.01));
  return [op("Where", [op("Greater", [node.inputs[0]!, scalar(0)]), gradient!, op("Mul", [gradient!, slope])])];
};

/** `x Phi(x)`; with `approximate: tanh`, Hendrycks and Gimpel's formula (2016). */
const gelu: GradientRule = (node, [gradient], context) => {
  const x = node.inputs[0]!;
  const slope = textAttribute(node, "approximate", "none") === "tanh" ? tanhGeluSlope(x, context) : exactGeluSlope(x, context);
  return [context.op("Mul", [gradient!, slope])];
};

/** `Phi(x) + x phi(x)`. */
function exactGeluSlope(x: string, { op, scalar }: GradientContext): string {
  const distribution = op("Mul", [scalar(0.5), op("Add", [scalar(1), op("Erf", [op("Mul", [x, scalar(Math.SQRT1_2)])])])]);
  const density = op("Mul", [op("Exp", [op("Mul", [op("Mul", [x, x]), scalar(-0.5)])]), scalar(1 / Math.sqrt(2 * Math.PI))]);
  return op("Add", [distribution, op("Mul", [x, density])]);
}

/** With `t = tanh(c (x + 0.044715 x^3))`: `(1 + t) / 2 + x (1 - t^2) c (1 + 3 * 0.044715 x^2) / 2`. */
function tanhGeluSlope(x: string, { op, scalar }: GradientContext): string {
  const c = Math.sqrt(2 / Math.PI);
  const square = op("Mul", [x, x]);
  const t = op("Tanh", [op("Mul", [x, op("Add", [scalar(c), op("Mul", [square, scalar(c * 0.044715)])])])]);
  const inner = op("Add", [scalar(c / 2), op("Mul", [square, scalar(1.5 * c * 0.044715)])]);
  const sech = op("Sub", [scalar(1), op("Mul", [t, t])]);
  const half = op("Mul", [scalar(0.5), op("Add", [scalar(1), t])]);
  return op("Add", [half, op("Mul", [x, op("Mul", [sech, inner])])]);
}

/** 0 below -3, 1 above 3, `(2 x + 3) / 6` between. */
const hardSwish = unary((gradient, x, _y, { op, scalar }) => {
  const middle = op("Add", [op("Mul", [x, scalar(1 / 3)]), scalar(0.5)]);
  const upper = op("Where", [op("Less", [x, scalar(3)]), middle, scalar(1)]);
  return op("Mul", [gradient, op("Where", [op("Greater", [x, scalar(-3)]), upper, scalar(0)])]);
});

const hardSigmoid: GradientRule = (node, [gradient], { op, scalar }) => {
  const y = node.outputs[0]!;
  const inside = op("And", [op("Greater", [y, scalar(0)]), op("Less", [y, scalar(1)])]);
  return [op("Where", [inside, op("Mul", [gradient!, scalar(floatAttribute(node, "alpha", 0.2))]), scalar(0)])];
};

/** `y = x s(a x)`, so `y' = s + a y (1 - s)`. With a = 1 it is SiLU. */
const quickGelu: GradientRule = (node, [gradient], { op, scalar }) => {
  const alpha = scalar(floatAttribute(node, "alpha", 1.702));
  const gate = op("Sigmoid", [op("Mul", [node.inputs[0]!, alpha])]);
  const rest = op("Mul", [op("Mul", [node.outputs[0]!, alpha]), op("Sub", [scalar(1), gate])]);
  return [op("Mul", [gradient!, op("Add", [gate, rest])])];
};

/** `p x^(p - 1)`; the exponent must be a constant, since its own gradient has no rule. */
const power: GradientRule = (node, [gradient], context) => {
  const [x, given] = node.inputs;
  const exponent =
    context.type(given!) === "float32" ? given! : context.op("Cast", [given!], { to: attribute.int(elementTypeCodes.float32) });
  const lower = context.op("Pow", [x!, context.op("Sub", [exponent, context.scalar(1)])]);
  const slope = context.op("Mul", [exponent, lower]);
  const known = context.constantOf(given!)?.data;
  // 0 times x^-1 is no number where x is 0.
  const isSafe = known !== undefined && Array.from(known, Number).every((value) => value !== 0);
  const zero = context.scalar(0);
  const safe = isSafe ? slope : context.op("Where", [context.op("Equal", [exponent, zero]), zero, slope]);
  return [context.sumTo(context.op("Mul", [gradient!, safe]), context.shape(x!))];
};

const inputOnly =
  (rule: GradientRule): GradientRule =>
  (node, gradients, context, wanted) => [rule(node, gradients, context, wanted)[0]];

/** Outside training it does nothing. In training its mask is its second output; what is kept was scaled by `1 / (1 - ratio)`. */
const dropout: GradientRule = (node, [gradient], { op, scalar, constantOf }) => {
  const [, ratioName = "", modeName = ""] = node.inputs;
  const mode = constantOf(modeName);
  if (modeName !== "" && mode === undefined) throw unsupported(node, "that learns only now whether it trains");
  if (Number(mode?.data[0] ?? 0) === 0) return [gradient];
  const [, mask = ""] = node.outputs;
  const constant = constantOf(ratioName);
  if (mask === "" || (ratioName !== "" && constant === undefined)) throw unsupported(node, "without a mask or a constant ratio");
  const ratio = Number(constant?.data[0] ?? 0.5);
  return [op("Where", [mask, op("Mul", [gradient!, scalar(1 / (1 - ratio))]), scalar(0)])];
};

/** Between floats of one kind a Cast changes nothing; any other cuts the gradient off. */
const cast: GradientRule = (node, [gradient], context) => {
  const [from, to] = [node.inputs[0]!, node.outputs[0]!].map((value) => context.type(value));
  if (from !== "float32" || to !== "float32") throw unsupported(node, `from ${from} to ${to}`);
  return [gradient];
};

/**
 * A hard sigmoid so steep that it is 0 at 0 and 1 from the smallest normal number on: the slope of Relu by its result, in one pass of vector instructions.
 * To compare and to choose are two passes number by number.
 */
const unitStep = { alpha: attribute.float(3e38), beta: attribute.float(0) };

export const elementwiseRules: Readonly<Record<string, GradientRule>> = {
  Identity: (_node, [gradient]) => [gradient],
  Add: binary(pass, pass),
  Sub: binary(pass, negate),
  Mul: binary(
    ({ gradient, b }, { op }) => op("Mul", [gradient, b]),
    ({ gradient, a }, { op }) => op("Mul", [gradient, a]),
  ),
  Div: binary(
    ({ gradient, b }, { op }) => op("Div", [gradient, b]),
    ({ gradient, b, y }, { op }) => op("Neg", [op("Div", [op("Mul", [gradient, y]), b])]),
  ),
  Max: extreme("GreaterOrEqual"),
  Min: extreme("LessOrEqual"),
  Where: where,
  Pow: inputOnly(power),
  PRelu: pRelu,
  LeakyRelu: leakyRelu,
  Relu: unary((gradient, _x, y, { op }) => op("Mul", [gradient, op("HardSigmoid", [y], unitStep)])),
  Sigmoid: unary((gradient, _x, y, { op, scalar }) => op("Mul", [gradient, op("Mul", [y, op("Sub", [scalar(1), y])])])),
  Tanh: unary((gradient, _x, y, { op, scalar }) => op("Mul", [gradient, op("Sub", [scalar(1), op("Mul", [y, y])])])),
  HardSwish: hardSwish,
  HardSigmoid: hardSigmoid,
  Gelu: gelu,
  "com.microsoft.QuickGelu": quickGelu,
  Softplus: unary((gradient, x, _y, { op }) => op("Mul", [gradient, op("Sigmoid", [x])])),
  Exp: unary((gradient, _x, y, { op }) => op("Mul", [gradient, y])),
  Log: unary((gradient, x, _y, { op }) => op("Div", [gradient, x])),
  Sqrt: unary((gradient, _x, y, { op, scalar }) => op("Div", [op("Mul", [gradient, scalar(0.5)]), y])),
  Reciprocal: unary((gradient, _x, y, { op }) => op("Neg", [op("Mul", [gradient, op("Mul", [y, y])])])),
  Neg: unary((gradient, _x, _y, { op }) => op("Neg", [gradient])),
  Abs: unary((gradient, x, _y, { op }) => op("Mul", [gradient, op("Sign", [x])])),
  Erf: unary((gradient, x, _y, { op, scalar }) =>
    op("Mul", [gradient, op("Mul", [scalar(2 / Math.sqrt(Math.PI)), op("Exp", [op("Neg", [op("Mul", [x, x])])])])]),
  ),
  Clip: unary((gradient, x, y, { op, scalar }) => op("Where", [op("Equal", [x, y]), gradient, scalar(0)])),
  Dropout: dropout,
  Cast: cast,
};
