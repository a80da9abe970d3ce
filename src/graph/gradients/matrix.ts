import { attribute } from "../attributes.ts";
import { floatAttribute, integerAttribute, positive } from "../shape-rule.ts";
import type { GradientContext, GradientRule } from "./context.ts";

/** Rules of matrix products and of softmax. */

const swapLast = (value: string, context: GradientContext): string => {
  const rank = context.shape(value).length;
  return context.transpose(value, [...Array(rank - 2).keys(), rank - 1, rank - 2]);
};

/** `Y = A B`: `dA = G B^T`, `dB = A^T G`. ONNX Runtime fuses the transposes into the products. */
const matMul: GradientRule = (node, [gradient], context, wanted) => {
  const [a, b] = node.inputs;
  const toA = (): string => context.sumTo(context.op("MatMul", [gradient!, swapLast(b!, context)]), context.shape(a!));
  const toB = (): string => context.sumTo(context.op("MatMul", [swapLast(a!, context), gradient!]), context.shape(b!));
  return [wanted[0]! ? toA() : undefined, wanted[1]! ? toB() : undefined];
};

const product = (a: string, b: string, transposeA: boolean, transposeB: boolean, context: GradientContext): string =>
  context.op("Gemm", [a, b], { transA: attribute.int(Number(transposeA)), transB: attribute.int(Number(transposeB)) });

/** `Y = alpha A' B' + beta C`, each of A and B perhaps transposed. */
const gemm: GradientRule = (node, [gradient], context, wanted) => {
  const [a, b, c] = node.inputs;
  const transposeA = integerAttribute(node, "transA", 0) === 1;
  const transposeB = integerAttribute(node, "transB", 0) === 1;
  const scale = (value: string, factor: number): string => (factor === 1 ? value : context.op("Mul", [value, context.scalar(factor)]));
  const alpha = floatAttribute(node, "alpha", 1);
  const toA = (): string =>
    transposeA ? product(b!, gradient!, transposeB, true, context) : product(gradient!, b!, false, !transposeB, context);
  const toB = (): string =>
    transposeB ? product(gradient!, a!, true, transposeA, context) : product(a!, gradient!, !transposeA, false, context);
  return [
    wanted[0]! ? scale(toA(), alpha) : undefined,
    wanted[1]! ? scale(toB(), alpha) : undefined,
    wanted[2] === true ? scale(context.sumTo(gradient!, context.shape(c!)), floatAttribute(node, "beta", 1)) : undefined,
  ];
};

/** `y (g - sum(g y))`. */
const softmax: GradientRule = (node, [gradient], context) => {
  const y = node.outputs[0]!;
  const axis = positive(integerAttribute(node, "axis", -1), context.shape(y).length);
  const inner = context.sum(context.op("Mul", [gradient!, y]), [axis]);
  return [context.op("Mul", [y, context.op("Sub", [gradient!, inner])])];
};

/** `g - exp(y) sum(g)`. */
const logSoftmax: GradientRule = (node, [gradient], context) => {
  const y = node.outputs[0]!;
  const axis = positive(integerAttribute(node, "axis", -1), context.shape(y).length);
  const share = context.op("Mul", [context.op("Exp", [y]), context.sum(gradient!, [axis])]);
  return [context.op("Sub", [gradient!, share])];
};

export const matrixRules: Readonly<Record<string, GradientRule>> = {
  MatMul: matMul,
  Gemm: gemm,
  Softmax: softmax,
  LogSoftmax: logSoftmax,
};
