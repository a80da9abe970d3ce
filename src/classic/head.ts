import { type Float32Tensor, float32Tensor, type Random, TensorFaceError } from "../core/index.ts";
import { differentiate } from "../graph/gradients/index.ts";
import { attribute, createGraphBuilder, encodeModel, type Graph, type GraphBuilder } from "../graph/index.ts";
import type { InferenceRuntime, InferenceSession } from "../runtime/index.ts";

/** The one layer that is trained. */
export interface ClassicHead {
  /** `[columns, classes]`. */
  readonly weights: Float32Tensor;
  /** `[classes]`. */
  readonly biases: Float32Tensor;
}

/** Examples as the layer takes them. */
export interface ClassicBatch {
  /** `[examples, columns]`. */
  readonly features: Float32Tensor;
  /** Class of each example. */
  readonly classes: Int32Array;
}

/** What the layer says of some examples. */
export interface ClassicAnswer {
  /** Before the softmax, `[examples, classes]`. */
  readonly logits: Float32Array;
  /** Mean over the examples, nats. */
  readonly crossEntropy: number;
}

/** The layer while it learns. */
export interface ClassicTrainer extends AsyncDisposable {
  readonly head: () => ClassicHead;
  /** One step of plain gradient descent; the answer is that of the layer before it. */
  step(batch: ClassicBatch): Promise<ClassicAnswer>;
  evaluate(batch: ClassicBatch): Promise<ClassicAnswer>;
}

const initialDeviation = 0.001;

/** Weights from a normal distribution cut off at two deviations, of deviation 0.001; biases of 0. */
export function initialHead(columns: number, classes: number, random: Random): ClassicHead {
  const draw = (): number => {
    for (;;) {
      const value = random.normal();
      if (Math.abs(value) <= 2) return value * initialDeviation;
    }
  };
  return {
    weights: float32Tensor([columns, classes], Float32Array.from({ length: columns * classes }, draw)),
    biases: float32Tensor([classes]),
  };
}

const names = {
  features: "features",
  truth: "truth",
  weights: "weights",
  biases: "biases",
  logits: "logits",
  loss: "loss",
  nextWeights: "next weights",
  nextBiases: "next biases",
} as const;

interface HeadSize {
  readonly columns: number;
  readonly classes: number;
}

/** Logits and mean softmax cross-entropy of a layer whose weights are inputs. */
function forwardGraph({ columns, classes }: HeadSize, examples: number | "N"): Graph {
  const builder = createGraphBuilder("classic");
  const { op } = builder;
  const features = builder.input(names.features, [examples, columns]);
  const truth = builder.input(names.truth, [examples, classes]);
  const weights = builder.input(names.weights, [columns, classes]);
  const biases = builder.input(names.biases, [classes]);
  const logits = op("Add", [op("MatMul", [features, weights]), biases]);
  builder.output(logits, [examples, classes], { name: names.logits });
  const products = op("Mul", [truth, op("LogSoftmax", [logits], { axis: attribute.int(1) })]);
  const sums = op("ReduceSum", [products, builder.integers([1])], { keepdims: attribute.int(0) });
  const mean = op("ReduceMean", [sums, builder.integers([0])], { keepdims: attribute.int(0) });
  builder.output(op("Neg", [mean]), [], { name: names.loss });
  return builder.build();
}

function stepGraph(size: HeadSize, batchSize: number, learningRate: number): Graph {
  const { graph, gradients } = differentiate(forwardGraph(size, batchSize), names.loss, [names.weights, names.biases]);
  const builder = createGraphBuilder("classic step", graph);
  descend(builder, names.weights, names.nextWeights, [size.columns, size.classes]);
  descend(builder, names.biases, names.nextBiases, [size.classes]);
  return builder.build();

  function descend(into: GraphBuilder, parameter: string, next: string, shape: readonly number[]): void {
    const change = into.op("Mul", [gradients.get(parameter)!, into.scalar(learningRate)]);
    into.output(into.op("Sub", [parameter, change]), shape, { name: next });
  }
}

export interface TrainerOptions {
  readonly batchSize: number;
  readonly learningRate: number;
}

/** Opens a layer for training: forward pass, loss, gradients and update are one graph on the engine. */
export async function openTrainer(runtime: InferenceRuntime, initial: ClassicHead, options: TrainerOptions): Promise<ClassicTrainer> {
  const [columns = 0, classes = 0] = initial.weights.shape;
  const size = { columns, classes };
  const stepping = await runtime.load(encodeModel(stepGraph(size, options.batchSize, options.learningRate)));
  const judging = await runtime.load(encodeModel(forwardGraph(size, "N"))).catch(async (error: unknown) => {
    await stepping.dispose();
    throw error;
  });
  let head = initial;
  const run = async (session: InferenceSession, { features, classes: truth }: ClassicBatch) => {
    const results = await session.run({
      [names.features]: features,
      [names.truth]: oneHot(truth, classes),
      [names.weights]: head.weights,
      [names.biases]: head.biases,
    });
    const [logits, loss] = [results[names.logits]!, Number(results[names.loss]!.data[0])];
    return { results, answer: { logits: Float32Array.from(logits.data, Number), crossEntropy: loss } };
  };
  return {
    head: () => head,
    async step(batch) {
      const { results, answer } = await run(stepping, batch);
      const [weights, biases] = [results[names.nextWeights], results[names.nextBiases]];
      if (weights?.type !== "float32" || biases?.type !== "float32" || !Number.isFinite(answer.crossEntropy)) {
        throw new TensorFaceError("TF_TRAINING_DIVERGED", `the cross-entropy became ${answer.crossEntropy}`, {
          hint: "Lower --learning_rate.",
        });
      }
      head = { weights, biases };
      return answer;
    },
    evaluate: async (batch) => (await run(judging, batch)).answer,
    async [Symbol.asyncDispose]() {
      await stepping.dispose();
      await judging.dispose();
    },
  };
}

function oneHot(truth: Int32Array, classes: number): Float32Tensor {
  const target = float32Tensor([truth.length, classes]);
  for (const [row, label] of truth.entries()) target.data[row * classes + label] = 1;
  return target;
}
