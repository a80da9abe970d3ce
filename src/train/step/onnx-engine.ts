import { elementCount, type Float32Tensor, float32Tensor, type Tensor, TensorFaceError } from "../../core/index.ts";
import { encodeModel } from "../../graph/index.ts";
import type { InferenceRuntime, InferenceSession } from "../../runtime/index.ts";
import { lossTerms, networkDefinition } from "../definition.ts";
import type { TrainingEngine } from "./engine.ts";
import type { Predictor } from "../run/loop.ts";
import { adaptNorms } from "../network/initial.ts";
import { checkBatchSize, createNetwork, inferenceGraph, type Network, type NetworkDefinition } from "../network/network.ts";
import { createTrainingStep } from "./step.ts";
import type { HeadLogits } from "../run/validation-metrics.ts";

export interface OnnxEngineOptions {
  /** One of the runtime's devices. @default its first */
  readonly device?: string | undefined;
  /** Threads inside one operation. @default the engine's choice, all physical cores */
  readonly threads?: number | undefined;
}

/** The engine that the product uses: steps and predictions are ONNX graphs on the runtime given. */
export function createOnnxEngine(runtime: InferenceRuntime, options: OnnxEngineOptions = {}): TrainingEngine {
  return {
    buildNetwork: (config, featureSize) => {
      const network = createNetwork(networkDefinition(config, featureSize), { seed: config.seed });
      checkBatchSize(network, config.batchSize);
      return network;
    },
    adaptNorms: (network, batches) => adaptNorms(runtime, network, normalizeAll(batches, network.definition)),
    createStep: (network, config) =>
      createTrainingStep(runtime, network, lossTerms(config), config.optimiser, {
        batchSize: config.batchSize,
        clipNorm: config.clipNorm === 0 ? undefined : config.clipNorm,
        averageDecay: config.averageDecay === 0 ? undefined : config.averageDecay,
        seed: config.seed,
        ...options,
      }),
    createPredictor: async (network, weights) => {
      const session = await runtime.load(encodeModel(inferenceGraph(network, weights)), options);
      return createPredictor(session, network);
    },
  };
}

async function* normalizeAll(batches: AsyncIterable<Tensor>, definition: NetworkDefinition): AsyncGenerator<Float32Tensor> {
  for await (const batch of batches) yield normalizeBatch(batch, definition);
}

function createPredictor(session: InferenceSession, network: Network): Predictor {
  return {
    predict: async (batch) => {
      const outputs = await session.run({ input: normalizeBatch(batch, network.definition) });
      return network.definition.heads.map(({ name }): HeadLogits => {
        const logits = outputs[name];
        if (logits?.type !== "float32") throw new TensorFaceError("TF_GRAPH_INVALID", `head "${name}" gives no logits`);
        return { task: name, values: logits.data, width: network.outputs[name]! };
      });
    },
    [Symbol.asyncDispose]: () => session.dispose(),
  };
}

/** Features are what the network reads already. */
function normalizeBatch(batch: Tensor, definition: NetworkDefinition): Float32Tensor {
  return batch.type === "float32" ? batch : normalizePictures(batch, definition);
}

/** `(pixel - mean) / standardDeviation` for `[N, C, H, W]`, as the training graph does it itself. */
export function normalizePictures({ shape, data }: Tensor, { input }: NetworkDefinition): Float32Tensor {
  if (input.kind !== "picture") throw new TensorFaceError("TF_SHAPE_MISMATCH", "the network takes features, not pictures");
  const normalized = float32Tensor(shape);
  const area = input.height * input.width;
  const planes = elementCount(shape) / area;
  for (let plane = 0; plane < planes; plane++) {
    const mean = input.mean[plane % input.channels]!;
    const deviation = input.standardDeviation[plane % input.channels]!;
    for (let index = plane * area; index < (plane + 1) * area; index++) normalized.data[index] = (Number(data[index]) - mean) / deviation;
  }
  return normalized;
}
