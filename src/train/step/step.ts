import { createRandom, type Float32Tensor, float32Tensor, type Tensor, TensorFaceError } from "../../core/index.ts";
import { blockConvolutions } from "../../graph/gradients/index.ts";
import { encodeModel } from "../../graph/index.ts";
import type { InferenceRuntime, InferenceSession } from "../../runtime/index.ts";
import { convolutionBlock } from "./block-size.ts";
import type { LossTerm } from "./losses.ts";
import type { OptimiserDefinition } from "./optimisers.ts";
import { buildStepGraph, type StepGraph, stepNames, type StepNetwork } from "./step-graph.ts";

export interface LossTarget {
  /** `[N, K]`, or `[N]` for an expectation loss. */
  readonly values: Float32Tensor;
  /** `[N]`; 0 where the sample has no such label. */
  readonly weights: Float32Tensor;
}

export interface TrainingBatch {
  /** `[N, C, H, W]`, uint8 0..255 (before normalisation), or `[N, features]` float32. N is the step's batch size. */
  readonly input: Tensor;
  /** By the name of the loss term. */
  readonly targets: Readonly<Record<string, LossTarget>>;
}

export interface StepSettings {
  readonly learningRate: number;
}

export interface StepResult {
  /** The sum that was minimised, in the batch. */
  readonly loss: number;
  /** Mean of each term over its weights; NaN where no sample had the label. */
  readonly losses: Readonly<Record<string, number>>;
  /** Global norm of the gradient before clipping. */
  readonly gradientNorm: number;
  /** Logits `[N, K]` of each head before the update; valid until the next run. */
  readonly logits: Readonly<Record<string, Float32Tensor>>;
}

/**
 * Names in a training state: `parameter/NAME`, `average/NAME` (moving average of the weights), `statistic/NAME`,
 * `optimiser/SLOT/NAME`, and `step`, a scalar that counts runs. All float32.
 */
export type TrainingState = ReadonlyMap<string, Float32Tensor>;

export interface TrainingStepOptions {
  /** Samples a run; fixed, since the graph is built for it. */
  readonly batchSize: number;
  /** Scales gradients down whose global norm is larger. @default no clipping */
  readonly clipNorm?: number | undefined;
  /** Share that the moving average of the weights keeps in a step; rises to it as `(1 + step) / (10 + step)`. @default no average */
  readonly averageDecay?: number | undefined;
  /** Seed of dropout. @default 0 */
  readonly seed?: number | undefined;
  /** @default the runtime's first device */
  readonly device?: string | undefined;
  readonly threads?: number | undefined;
  /** Path prefix of the engine's profile. */
  readonly profile?: string | undefined;
}

/**
 * One optimisation step after another, each a single session run. It owns its state; `state` copies it out.
 */
export interface TrainingStep extends AsyncDisposable {
  readonly batchSize: number;
  /** Runs so far. */
  readonly count: number;
  /**
   * @throws {TF_SHAPE_MISMATCH} when the batch does not fit the network
   * @throws {TF_INVALID_ARGUMENT} when a target is missing
   */
  run(batch: TrainingBatch, settings: StepSettings): Promise<StepResult>;
  /** A copy of everything that a resumed run needs. */
  state(): TrainingState;
  /** Weights for inference: the moving average where there is one, and running statistics. */
  weights(): ReadonlyMap<string, Float32Tensor>;
  /** Continues from a state, exactly. @throws {TF_INVALID_ARGUMENT} when names or shapes differ */
  restore(state: TrainingState): void;
  dispose(): Promise<void>;
}

/**
 * Which order the sums of a step are taken in: it counts up when that changes, since the same training then rounds otherwise. 2 since gradients of weights
 * are convolutions in blocks.
 */
export const stepArithmetic = 2;

/**
 * Builds the graph of a step and loads it.
 * @throws {TF_INVALID_ARGUMENT} when losses and network do not fit
 * @throws {TF_CONFIG_INVALID} when a batch leaves a batch norm one number a channel
 * @throws {TF_DEVICE_UNAVAILABLE} when the device is not there
 */
export async function createTrainingStep(
  runtime: InferenceRuntime,
  network: StepNetwork,
  losses: readonly LossTerm[],
  optimiser: OptimiserDefinition,
  options: TrainingStepOptions,
): Promise<TrainingStep> {
  const { device = runtime.devices[0], threads, profile } = options;
  const spelledNorms = device !== "cpu" && device !== "wasm";
  const block = device === "cpu" ? await convolutionBlock(runtime) : undefined;
  const built = buildStepGraph(network, losses, optimiser, { ...options, spelledNorms, block });
  const graph = block === undefined ? built.graph : blockConvolutions(built.graph, block);
  const session = await runtime.load(encodeModel(graph), { device, threads, profile });
  return new SessionStep(session, built, network, losses, options);
}

type State = Map<string, Float32Tensor>;

class SessionStep implements TrainingStep {
  readonly batchSize: number;
  readonly #session: InferenceSession;
  readonly #built: StepGraph;
  readonly #losses: readonly LossTerm[];
  readonly #seed: number;
  readonly #weightNames: ReadonlyMap<string, string>;
  /** A run reads one and writes the other, since the engine may write an output before it has read every input. */
  #current: State;
  #spare: State;
  readonly #results: Record<string, Float32Tensor>;
  readonly #masks: ReadonlyMap<string, Float32Tensor>;

  constructor(
    session: InferenceSession,
    built: StepGraph,
    network: StepNetwork,
    losses: readonly LossTerm[],
    options: TrainingStepOptions,
  ) {
    this.batchSize = options.batchSize;
    this.#session = session;
    this.#built = built;
    this.#losses = losses;
    this.#seed = options.seed ?? 0;
    const kind = options.averageDecay === undefined ? undefined : "average";
    this.#weightNames = new Map([
      ...network.parameters.map(({ name }) => [name, `${kind ?? "parameter"}/${name}`] as const),
      ...network.statistics.map(({ name }) => [name, `${kind ?? "statistic"}/${name}`] as const),
    ]);
    this.#current = copyState(built.state);
    this.#spare = copyState(built.state);
    this.#results = resultTensors(network, losses, options.batchSize);
    this.#masks = new Map(built.masks.map(({ input, shape }) => [input, float32Tensor(shape)]));
  }

  get count(): number {
    return this.#current.get("step")!.data[0]!;
  }

  async run(batch: TrainingBatch, settings: StepSettings): Promise<StepResult> {
    this.#fillMasks();
    const next = Object.fromEntries([...this.#spare].map(([name, tensor]) => [stepNames.next(name), tensor]));
    await this.#session.run(this.#feeds(batch, settings), { ...next, ...this.#results });
    [this.#current, this.#spare] = [this.#spare, this.#current];
    return this.#result();
  }

  state(): TrainingState {
    return copyState(this.#current);
  }

  weights(): ReadonlyMap<string, Float32Tensor> {
    return new Map([...this.#weightNames].map(([name, state]) => [name, copyTensor(this.#current.get(state)!)]));
  }

  restore(state: TrainingState): void {
    for (const [name, { shape }] of this.#current) {
      const given = state.get(name)?.shape;
      if (given?.join() === shape.join()) continue;
      const found = given === undefined ? "nothing" : `[${given.join()}]`;
      throw new TensorFaceError("TF_INVALID_ARGUMENT", `the training state has ${found} for "${name}"; expected [${shape.join()}]`);
    }
    for (const [name, { data }] of this.#current) data.set(state.get(name)!.data);
  }

  async dispose(): Promise<void> {
    await this.#session.dispose();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.dispose();
  }

  #feeds(batch: TrainingBatch, { learningRate }: StepSettings): Record<string, Tensor> {
    const targets = this.#losses.flatMap(({ name }) => {
      const target = batch.targets[name];
      if (target === undefined) throw new TensorFaceError("TF_INVALID_ARGUMENT", `the batch has no target for the loss "${name}"`);
      return [
        [stepNames.target(name), target.values],
        [stepNames.weight(name), target.weights],
      ] as const;
    });
    return {
      ...Object.fromEntries(this.#current),
      ...Object.fromEntries(this.#masks),
      ...Object.fromEntries(targets),
      [stepNames.input]: batch.input,
      [stepNames.learningRate]: float32Tensor([], Float32Array.of(learningRate)),
    };
  }

  /** Masks depend on seed, layer and step alone, so that a resumed run draws the same. */
  #fillMasks(): void {
    for (const { input, rate } of this.#built.masks) {
      const random = createRandom(this.#seed).fork(input).fork(this.count);
      const { data } = this.#masks.get(input)!;
      for (let index = 0; index < data.length; index++) data[index] = random.uniform() < rate ? 0 : 1 / (1 - rate);
    }
  }

  #result(): StepResult {
    const value = (name: string): number => this.#results[name]!.data[0]!;
    const logits = Object.entries(this.#results).filter(([name]) => name.startsWith(stepNames.logits("")));
    return {
      loss: value(stepNames.loss),
      losses: Object.fromEntries(this.#losses.map(({ name }) => [name, value(stepNames.term(name))])),
      gradientNorm: value(stepNames.gradientNorm),
      logits: Object.fromEntries(logits.map(([name, tensor]) => [name.slice(stepNames.logits("").length), tensor])),
    };
  }
}

function resultTensors(network: StepNetwork, losses: readonly LossTerm[], batchSize: number): Record<string, Float32Tensor> {
  return Object.fromEntries([
    [stepNames.loss, float32Tensor([])],
    [stepNames.gradientNorm, float32Tensor([])],
    ...losses.map(({ name }) => [stepNames.term(name), float32Tensor([])] as const),
    ...Object.entries(network.outputs).map(([head, size]) => [stepNames.logits(head), float32Tensor([batchSize, size])] as const),
  ]);
}

function copyState(state: TrainingState): State {
  return new Map([...state].map(([name, tensor]) => [name, copyTensor(tensor)]));
}

function copyTensor({ shape, data }: Float32Tensor): Float32Tensor {
  return float32Tensor(shape, data.slice());
}
