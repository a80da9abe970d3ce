import type { Tensor } from "../../core/index.ts";
import type { TrainingConfig } from "../config.ts";
import type { Predictor } from "../run/loop.ts";
import type { Network, Weights } from "../network/network.ts";
import type { TrainingStep } from "./step.ts";

/**
 * What the loop asks of whatever computes: networks, steps, predictions. The one in use builds ONNX graphs; tests put a few
 * lines of arithmetic in its place.
 */
export interface TrainingEngine {
  /** The network of a configuration, with initial values drawn from its seed; `featureSize` where it works on features. */
  buildNetwork(config: TrainingConfig, featureSize?: number): Network;
  /** The network with batch norms that know these pictures; it computes what it did. Batches are `[n, C, side, side]` uint8. */
  adaptNorms(network: Network, batches: AsyncIterable<Tensor>): Promise<Network>;
  createStep(network: Network, config: TrainingConfig): Promise<TrainingStep>;
  createPredictor(network: Network, weights: Weights): Promise<Predictor>;
}
