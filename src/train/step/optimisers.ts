import type { GraphBuilder } from "../../graph/index.ts";

/** Stochastic gradient descent with Nesterov momentum (Sutskever et al., 2013). */
export interface SgdOptimiser {
  readonly kind: "sgd";
  /** @default 0.9 */
  readonly momentum?: number | undefined;
  /** Added to the gradient of weights, never to norms' and biases'. @default 5e-4 */
  readonly weightDecay?: number | undefined;
}

/** AdamW (Loshchilov and Hutter, 2019). */
export interface AdamWOptimiser {
  readonly kind: "adamw";
  /** @default 0.9 */
  readonly beta1?: number | undefined;
  /** @default 0.999 */
  readonly beta2?: number | undefined;
  /** @default 1e-8 */
  readonly epsilon?: number | undefined;
  /** Decoupled decay: a step multiplies weights by `1 - learningRate * weightDecay`; norms and biases are spared. @default 0.05 */
  readonly weightDecay?: number | undefined;
}

export type OptimiserDefinition = SgdOptimiser | AdamWOptimiser;

/** The values that one parameter's update reads. */
export interface UpdateValues {
  readonly parameter: string;
  /** Before clipping: see {@link StepScalars}. */
  readonly gradient: string;
  readonly slots: readonly string[];
  readonly decayed: boolean;
}

/** An optimiser as graph nodes: state goes in and comes out. Every slot starts with zeros in the parameter's shape. */
export interface OptimiserRule {
  readonly slots: readonly string[];
  /** Writes one parameter's update. */
  update(values: UpdateValues): { readonly parameter: string; readonly slots: readonly string[] };
}

/** Scalars of the graph that all updates of a step read. */
export interface StepScalars {
  readonly learningRate: string;
  /** 1 in the first step. */
  readonly step: string;
  /** Multiplies every gradient; undefined where none is clipped. */
  readonly clip: string | undefined;
}

/** Scalars are multiplied with one another first, since each pass over the parameters counts. */
export function optimiserRule(definition: OptimiserDefinition, scalars: StepScalars, builder: GraphBuilder): OptimiserRule {
  return definition.kind === "sgd" ? nesterov(definition, scalars, builder) : adamW(definition, scalars, builder);
}

/** `v = m v + g; p = p - rate (g + m v)`, with decay added to g. */
function nesterov(
  { momentum = 0.9, weightDecay = 5e-4 }: SgdOptimiser,
  { learningRate, clip }: StepScalars,
  { op, scalar }: GraphBuilder,
): OptimiserRule {
  return {
    slots: ["momentum"],
    update: ({ parameter, gradient, slots, decayed }) => {
      const decay = decayed && weightDecay > 0;
      const clipped = clip === undefined ? gradient : op("Mul", [gradient, clip]);
      const full = decay ? op("Add", [clipped, op("Mul", [parameter, scalar(weightDecay)])]) : clipped;
      const velocity = op("Add", [op("Mul", [slots[0]!, scalar(momentum)]), full]);
      const direction = op("Add", [full, op("Mul", [velocity, scalar(momentum)])]);
      return { parameter: op("Sub", [parameter, op("Mul", [direction, learningRate])]), slots: [velocity] };
    },
  };
}

/** `p = (1 - rate decay) p - rate / (1 - b1^t) m / (sqrt(v / (1 - b2^t)) + epsilon)`. */
function adamW(definition: AdamWOptimiser, { learningRate, step, clip }: StepScalars, { op, scalar }: GraphBuilder): OptimiserRule {
  const { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, weightDecay = 0.05 } = definition;
  const correction = (beta: number): string => op("Sub", [scalar(1), op("Pow", [scalar(beta), step])]);
  // Numerator and denominator are both multiplied with the root of the second correction.
  const root = op("Sqrt", [correction(beta2)]);
  const rate = op("Mul", [op("Div", [learningRate, correction(beta1)]), root]);
  const least = op("Mul", [scalar(epsilon), root]);
  const [share1, share2] = [scalar(1 - beta1), scalar(1 - beta2)];
  const ofGradient = clip === undefined ? share1 : op("Mul", [clip, share1]);
  const ofSquare = clip === undefined ? share2 : op("Mul", [op("Mul", [clip, clip]), share2]);
  const keep = op("Sub", [scalar(1), op("Mul", [learningRate, scalar(weightDecay)])]);
  return {
    slots: ["first", "second"],
    update: ({ parameter, gradient, slots, decayed }) => {
      const first = op("Add", [op("Mul", [slots[0]!, scalar(beta1)]), op("Mul", [gradient, ofGradient])]);
      const square = op("Mul", [gradient, gradient]);
      const second = op("Add", [op("Mul", [slots[1]!, scalar(beta2)]), op("Mul", [square, ofSquare])]);
      const scale = op("Add", [op("Sqrt", [second]), least]);
      const kept = decayed && weightDecay > 0 ? op("Mul", [parameter, keep]) : parameter;
      return { parameter: op("Sub", [kept, op("Div", [op("Mul", [first, rate]), scale])]), slots: [first, second] };
    },
  };
}
