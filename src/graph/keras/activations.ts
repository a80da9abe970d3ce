import { z } from "zod";
import { attributes, type LayerCall, scalar, setting, unsupported } from "./layer.ts";

type Activation = (call: LayerCall, input: string) => string;

const single =
  (op: string): Activation =>
  (call, input) =>
    call.add(op, [input]);

/** `clip(0.2 x + 0.5, 0, 1)` in Keras 2 and TensorFlow.js, `relu6(x + 3) / 6` in Keras 3. */
const hardSigmoid: Activation = (call, input) => {
  if (call.kerasVersion >= 3) {
    const above = call.add("Relu6", [call.add("AddV2", [input, call.constant(scalar(3))])]);
    return call.add("Mul", [above, call.constant(scalar(1 / 6))]);
  }
  const scaled = call.add("Mul", [input, call.constant(scalar(0.2))]);
  const shifted = call.add("AddV2", [scaled, call.constant(scalar(0.5))]);
  return call.add("Minimum", [call.add("Maximum", [shifted, call.constant(scalar(0))]), call.constant(scalar(1))]);
};

/** `x relu6(x + 3) / 6`, in every Keras that knows it. */
const hardSwish: Activation = (call, input) => call.add("Mul", [input, hardSigmoid({ ...call, kerasVersion: 3 }, input)]);

/** `x (1 + erf(x / sqrt 2)) / 2`: Keras takes the approximation by tanh only where a layer of its own asks for it. */
const gelu: Activation = (call, input) => {
  const share = call.add("Erf", [call.add("Mul", [input, call.constant(scalar(Math.SQRT1_2))])]);
  const half = call.add("Mul", [input, call.constant(scalar(0.5))]);
  return call.add("Mul", [half, call.add("AddV2", [share, call.constant(scalar(1))])]);
};

const mish: Activation = (call, input) => call.add("Mul", [input, call.add("Tanh", [call.add("Softplus", [input])])]);

const swish: Activation = (call, input) => call.add("Mul", [input, call.add("Sigmoid", [input])]);

const activations: Readonly<Record<string, Activation>> = {
  linear: (_, input) => input,
  relu: single("Relu"),
  relu6: single("Relu6"),
  sigmoid: single("Sigmoid"),
  tanh: single("Tanh"),
  softmax: single("Softmax"),
  elu: single("Elu"),
  exponential: single("Exp"),
  hard_sigmoid: hardSigmoid,
  hard_silu: hardSwish,
  hard_swish: hardSwish,
  gelu,
  leaky_relu: (call, input) => leakyRelu(call, input, 0.2),
  mish,
  selu: single("Selu"),
  softplus: single("Softplus"),
  softsign: single("Softsign"),
  swish,
  silu: swish,
};

/**
 * Adds the activation that the layer names under `activation`, if any.
 * @throws {TF_GRAPH_UNSUPPORTED_OP} for one without a rule, which it names
 */
export function activate(call: LayerCall, input: string): string {
  const name = setting(call, "activation", z.string(), "linear");
  const rule = Object.hasOwn(activations, name) ? activations[name] : undefined;
  if (rule === undefined) throw unsupported(call, `the activation ${name} has no rule`);
  return rule(call, input);
}

/** `max(x, slope x)`. */
export function leakyRelu(call: LayerCall, input: string, slope: number): string {
  return slope === 0 ? call.add("Relu", [input]) : call.add("LeakyRelu", [input], { alpha: attributes.number(slope) });
}
