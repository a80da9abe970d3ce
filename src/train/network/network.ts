import { createRandom, elementCount, type Float32Tensor, float32Tensor, TensorFaceError } from "../../core/index.ts";
import { createGraphBuilder, type Graph } from "../../graph/index.ts";
import type { Layer } from "./layers.ts";
import { type Feature, lowerLayers, type Lowering } from "./lowering.ts";

/** Pictures, NCHW; the graph normalises them: `(pixel - mean) / standardDeviation`, per channel in units of 0..255. */
export interface PixelInput {
  readonly kind: "picture";
  readonly channels: 1 | 3;
  readonly height: number;
  readonly width: number;
  readonly mean: readonly number[];
  readonly standardDeviation: readonly number[];
}

/** Vectors of frozen features, `[N, size]` float32. */
export interface FeatureInput {
  readonly kind: "features";
  readonly size: number;
}

/** A head of a network as data: layers on the backbone's output. */
export interface HeadDefinition {
  /** Also the name of its output, logits `[N, K]`. */
  readonly name: string;
  /** On the backbone's output; must end in `[N, K]`. */
  readonly layers: readonly Layer[];
}

/** A network as data: one backbone, one or more heads on it. */
export interface NetworkDefinition {
  readonly input: PixelInput | FeatureInput;
  readonly backbone: readonly Layer[];
  readonly heads: readonly HeadDefinition[];
}

/** What training changes: by name, in the order of the layers. `decayed` tells weights from norms' scales and biases. */
export interface Parameter {
  readonly name: string;
  readonly initial: Float32Tensor;
  readonly decayed: boolean;
}

/** Running mean and variance of a batch norm. */
export interface Statistic {
  readonly name: string;
  /** How many numbers of one sample it is taken over. */
  readonly pixels: number;
  readonly initial: Float32Tensor;
}

/** A network that can be trained: its layers, and the weights that it begins with. */
export interface Network {
  readonly definition: NetworkDefinition;
  readonly parameters: readonly Parameter[];
  readonly statistics: readonly Statistic[];
  /** How many numbers training changes. */
  readonly parameterCount: number;
  /** Multiply-accumulate operations of one forward pass of one picture, in convolutions and dense layers. */
  readonly multiplyAccumulates: number;
  /** Logits of each head, by name. */
  readonly outputs: Readonly<Record<string, number>>;
}

/** Parameters and running statistics by name: all that inference needs. */
export type Weights = ReadonlyMap<string, Float32Tensor>;

export interface CreateNetworkOptions {
  /** Seed of the initial weights. @default 0 */
  readonly seed?: number | undefined;
}

/**
 * Checks a definition and gives it initial weights: He's for convolutions (2015), LeCun's for dense layers; the same for the
 * same seed. A parameter's values depend on its name, so that a new layer leaves those of the others alone.
 * @throws {TF_INVALID_ARGUMENT} when layers do not fit one another
 */
export function createNetwork(definition: NetworkDefinition, { seed = 0 }: CreateNetworkOptions = {}): Network {
  const random = createRandom(seed);
  const parameters: Parameter[] = [];
  const statistics: Statistic[] = [];
  let multiplyAccumulates = 0;
  const builder = createGraphBuilder("network");
  const outputs = lowerNetwork(definition, builder.input("input", []), {
    builder,
    parameter: ({ name, shape, decayed, initial }) => {
      const data = initial(random.fork(name), elementCount(shape));
      parameters.push({ name, decayed, initial: float32Tensor(shape, data) });
      return builder.input(name, shape);
    },
    mode: {
      kind: "training",
      statistic: ({ name, kind, channels }, _, pixels) => {
        const start = kind === "variance" ? 1 : 0;
        statistics.push({ name, pixels, initial: float32Tensor([channels], new Float32Array(channels).fill(start)) });
      },
      mask: (name) => builder.input(`mask/${name}`, []),
      scratch: (channels) => builder.constant(float32Tensor([channels])),
    },
    count: (operations) => (multiplyAccumulates += operations),
  });
  return {
    definition,
    parameters,
    statistics,
    parameterCount: parameters.reduce((sum, { initial }) => sum + initial.data.length, 0),
    multiplyAccumulates,
    outputs: Object.fromEntries([...outputs].map(([name, { shape }]) => [name, shape[0]!])),
  };
}

/**
 * Checks that each batch norm has something to normalise: of a single number the mean is itself and the variance 0, so that every sample
 * becomes the norm's bias, and nothing before it would ever learn.
 * @throws {TF_CONFIG_INVALID} naming the first norm for which a batch has one number a channel
 */
export function checkBatchSize({ statistics }: Pick<Network, "statistics">, batchSize: number): void {
  const single = statistics.find(({ pixels }) => pixels * batchSize === 1);
  if (single === undefined) return;
  const norm = single.name.slice(0, single.name.lastIndexOf("."));
  throw new TensorFaceError(
    "TF_CONFIG_INVALID",
    `field "batchSize": the batch norm ${norm} has one number a channel in a batch of 1, which it makes 0, whatever it was`,
    { hint: "Take batches of 2 pictures or more, or leave that norm out." },
  );
}

/** Writes backbone and heads behind `input`, whose values are already normalised; gives the logits of each head. */
export function lowerNetwork(definition: NetworkDefinition, input: string, lowering: Lowering): ReadonlyMap<string, Feature> {
  const backbone = lowerLayers(definition.backbone, { value: input, shape: inputShape(definition) }, "backbone", lowering);
  const heads = definition.heads.map((head) => {
    const logits = lowerLayers(head.layers, backbone, `head.${head.name}`, lowering);
    if (logits.shape.length !== 1) {
      throw new TensorFaceError(
        "TF_INVALID_ARGUMENT",
        `head "${head.name}" ends in [${logits.shape.join()}]; expected one vector a sample`,
      );
    }
    return [head.name, logits] as const;
  });
  if (new Map(heads).size !== heads.length || heads.length === 0) {
    throw new TensorFaceError("TF_INVALID_ARGUMENT", "a network needs one head or more, each with a name of its own");
  }
  return new Map(heads);
}

/** Sizes of one sample: `[C, H, W]` or `[size]`. */
export function inputShape({ input }: NetworkDefinition): readonly number[] {
  return input.kind === "picture" ? [input.channels, input.height, input.width] : [input.size];
}

export interface InferenceGraphOptions {
  /** Takes batch norms into the convolutions before them. @default true */
  readonly fold?: boolean | undefined;
}

/**
 * The network for inference: batch norms folded into the convolutions before them, no dropout. Input `input`,
 * `[N, C, H, W]` normalised float32 or `[N, size]`; one output a head, its logits `[N, K]`, by the head's name.
 * @throws {TF_INVALID_ARGUMENT} when a weight is missing
 */
export function inferenceGraph(network: Network, weights: Weights, { fold = true }: InferenceGraphOptions = {}): Graph {
  const builder = createGraphBuilder("network");
  const weight = (name: string): Float32Tensor => {
    const tensor = weights.get(name);
    if (tensor === undefined) throw new TensorFaceError("TF_INVALID_ARGUMENT", `the weights lack "${name}"`);
    return tensor;
  };
  const outputs = lowerNetwork(network.definition, builder.input("input", ["N", ...inputShape(network.definition)]), {
    builder,
    parameter: ({ name }) => builder.constant(weight(name), name),
    mode: { kind: "inference", weight, fold },
    count: () => undefined,
  });
  for (const [name, { value, shape }] of outputs) builder.output(value, ["N", ...shape], { name });
  return builder.build();
}

/** The weights that a network starts with. */
export function initialWeights(network: Network): Map<string, Float32Tensor> {
  return new Map([...network.parameters, ...network.statistics].map(({ name, initial }) => [name, initial]));
}
