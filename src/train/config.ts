import {
  isBuiltInTask,
  type TaskDefinition,
  taskDefinitionProblem,
  type TaskKind,
  taskKinds,
  TensorFaceError,
  whatWasMeant,
} from "../core/index.ts";
import { splits } from "../datasets/index.ts";
import { z } from "zod";
import { augmentationSchema, noAugmentation } from "./augment/options.ts";
import { layerSchema } from "./network/network-schema.ts";
import { scheduleSchema } from "./run/schedule.ts";
import { type TargetKind, targetSchema } from "./data/targets.ts";

/**
 * The configuration of a training: one object, read from a TypeScript or JSON file. Every field with a default is written
 * here and nowhere else; `docs/reference/configuration.md` is written from them.
 */

const share = z.number().min(0).max(1);
const size = z.int().positive();

const cropSchema = z.strictObject({
  /** Of its left edge, as a share of the picture's width. */
  x: z.number(),
  /** Of its upper edge, as a share of the picture's height. */
  y: z.number(),
  /** As a share of the picture's side. */
  side: z.number().positive(),
});

const sourceSchema = z.strictObject({
  /** Folder of an imported dataset (`tensorface dataset import`), from the working directory. */
  path: z.string(),
  /** Records of this split train. */
  train: z.enum(splits).default("train"),
  /**
   * What validates: a split, or a share of the training records that is then held out, whole subjects and duplicate groups
   * together, chosen by a hash of their names; `none` for nothing.
   */
  validation: z
    .union([
      z.strictObject({
        /** Records of this split validate. */
        split: z.enum(splits),
      }),
      z.strictObject({
        /** This share of the training records is held out. */
        fraction: share,
      }),
      z.literal("none"),
    ])
    .default({ split: "validation" }),
  /** The square that an unchanged picture shows, as shares of its sides. */
  crop: cropSchema.default({ x: 0, y: 0, side: 1 }),
  /** The labels after the decisions that `tensorface dataset apply` wrote, where it did; or as imported all the same. */
  labels: z.enum(["cleaned", "imported"]).default("cleaned"),
  /** This dataset's share of an epoch, relative to the others'. @default its number of training records */
  weight: z.number().positive().optional(),
});

const pictureSchema = z.strictObject({
  /** Side of the network's input, pixels. */
  side: size.max(512),
  /** Side of the pictures in memory: somewhat larger leaves detail for crops and turns. @default `side` */
  storedSide: size.max(640).optional(),
  /** Three channels or one. */
  colour: z.enum(["rgb", "grey"]),
  /** The network sees `(pixel - mean) / standardDeviation`. */
  mean: z.number().min(0).max(255).default(127.5),
  /** See `mean`; 0 to 255 as well. */
  standardDeviation: z.number().positive().default(64),
});

const featuresSchema = z.strictObject({
  /** The network, which stays as it is: the id of an installed model, or the path of a manifest. */
  model: z.string(),
  /**
   * The value of its graph that is read: a vector a picture, or maps, whose means are taken.
   * @default its value `features`; where it has none, what its last layer with weights reads
   */
  value: z.string().optional(),
});

const headSchema = z
  .strictObject({
    /** `age`, `gender`, `mood`, or a task of the user's own, which the fields below describe as `dataset.json` does. */
    task: z.string(),
    /** Of a task of the user's own: how it is answered. */
    kind: z.enum(taskKinds).exclude(["age"]).optional(),
    /** In the order of the head's columns. */
    labels: z.array(z.string()).optional(),
    /** Of a number: the least that is answered. */
    minimum: z.number().optional(),
    /** Of a number: the largest that is answered. */
    maximum: z.number().optional(),
    /** Of a number: what it is counted in. */
    unit: z.string().optional(),
    /** On the backbone's output; the last one gives the head's columns. */
    layers: z.array(layerSchema).min(1),
  })
  .superRefine(({ task: name, kind, labels, ...rest }, context) => {
    const message = isBuiltInTask(name)
      ? kind === undefined && labels === undefined
        ? undefined
        : `${name} is built in: its kind and labels are known`
      : kind === undefined
        ? `"${name}" is not built in, so "kind" must say how it is answered`
        : taskDefinitionProblem({ name, kind, labels, ...rest });
    if (message !== undefined) context.addIssue({ code: "custom", message });
  });

const lossCommon = {
  /** The head that it trains. */
  head: z.string(),
  /** How labels become its target. */
  target: targetSchema,
  /** Factor in the sum. */
  scale: z.number().positive().default(1),
};

const lossSchema = z.discriminatedUnion("kind", [
  z
    .strictObject({
      kind: z.literal("crossEntropy"),
      ...lossCommon,
      /** Share of each target that goes to all classes alike. */
      labelSmoothing: share.default(0),
      /** A factor for each class, in the order of the head's columns. @default 1 for each */
      classWeights: z.array(z.number().min(0)).optional(),
    })
    .describe("Cross-entropy of a softmax, for one of several classes."),
  z.strictObject({ kind: z.literal("mass"), ...lossCommon }).describe("Minus the logarithm of the probability inside an age group."),
  z
    .strictObject({ kind: z.literal("binary"), ...lossCommon })
    .describe("For a head of one logit, whose sigmoid is the probability of the last label; and for tags, each with its own."),
  z
    .strictObject({
      kind: z.literal("distance"),
      ...lossCommon,
      /** Of the difference: its absolute value, or its square. */
      norm: z.enum(["l1", "l2"]).default("l2"),
    })
    .describe("Distance between a number and what the head says."),
  z
    .strictObject({
      kind: z.literal("distillation"),
      /** The head that it trains. */
      head: lossCommon.head,
      /** Factor in the sum. */
      scale: lossCommon.scale,
      /** What the other model said of the training faces. */
      teacher: z.strictObject({
        /** Files that `tensorface evaluate --model MODEL --predictions FILE` wrote on the training split of each dataset. */
        predictions: z.union([z.string().transform((file) => [file]), z.array(z.string()).min(1)]),
        /** The model's id in these files. */
        model: z.string(),
      }),
      /** Divides the logits of both before the softmax: the larger, the more the unlikely classes count. */
      temperature: z.number().min(1).max(20).default(2),
    })
    .describe("Cross-entropy with what another model said of the training faces, both softened (Hinton et al., 2015)."),
  z
    .strictObject({
      kind: z.literal("expectation"),
      ...lossCommon,
      /** Of the difference in years: its absolute value, or its square. */
      norm: z.enum(["l1", "l2"]).default("l1"),
    })
    .describe("Distance between the expected and the true age."),
]);

const optimiserSchema = z.discriminatedUnion("kind", [
  z
    .strictObject({
      kind: z.literal("sgd"),
      /** Share of the last step that the next one keeps. */
      momentum: share.default(0.9),
      /** Pull of the weights towards 0; norms and biases are spared. */
      weightDecay: z.number().min(0).default(5e-4),
    })
    .describe("Stochastic gradient descent with Nesterov momentum."),
  z
    .strictObject({
      kind: z.literal("adamw"),
      // At 1 a mean would never leave its start, and its correction divides by 0.
      /** Share that the mean of gradients keeps in a step. */
      beta1: share.lt(1).default(0.9),
      /** Share that the mean of their squares keeps in a step. */
      beta2: share.lt(1).default(0.999),
      /** Added to the root of the mean square. */
      epsilon: z.number().positive().default(1e-8),
      /** Pull of the weights towards 0; norms and biases are spared. */
      weightDecay: z.number().min(0).default(0.05),
    })
    .describe("Adam with decoupled weight decay (Loshchilov and Hutter, 2019)."),
]);

/** Numbers that validation gives, by `task.metric`. */
export const selectionMetrics = [
  "age.groupAccuracy",
  "age.oneOffAccuracy",
  "age.meanAbsoluteError",
  "gender.accuracy",
  "gender.balancedAccuracy",
  "mood.accuracy",
  "mood.balancedAccuracy",
] as const;

/** The same of tasks that are not built in, by their kind. */
const ownMetrics: Readonly<Record<TaskKind, readonly string[]>> = {
  classes: ["accuracy", "balancedAccuracy"],
  ordered: ["accuracy", "balancedAccuracy", "oneOffAccuracy"],
  tags: ["accuracy"],
  number: ["meanAbsoluteError"],
  age: [],
};
/** A number that validation gives, as `mood.accuracy`: `TASK.METRIC`. */
export type SelectionMetric = string;

/** What the heads of a configuration tell beside the built-in tasks. */
export function ownTasks({ network }: Pick<TrainingConfig, "network">): TaskDefinition[] {
  return network.heads.flatMap(({ task: name, kind, labels, minimum, maximum, unit }) =>
    kind === undefined ? [] : [{ name, kind, labels, minimum, maximum, unit }],
  );
}

export const trainingConfigSchema = z.strictObject({
  /** Lower case, digits and dashes; names the output folder. */
  name: z.string().regex(/^[a-z0-9][a-z0-9-]*$/),
  /** What it is for, in a sentence. */
  description: z.string().default(""),
  /** Everything random follows from it. */
  seed: z.int().min(0).max(0xffffffff).default(1),
  /** What it learns from: one dataset, or several together. */
  data: z.array(sourceSchema).min(1).max(200),
  /** What the network sees: pictures. Either this or `features`. */
  picture: pictureSchema.optional(),
  /** What the network sees instead: features of another network, computed once. */
  features: featuresSchema.optional(),
  /** What the network begins with instead of random numbers. */
  initial: z
    .strictObject({
      /** A safetensors file with every weight of the backbone, and perhaps of heads, by their names here. */
      weights: z.string(),
      /** Training pictures whose statistics the batch norms take over, leaving what the network computes as it is; 0 for none. */
      calibration: z.int().min(0).max(100_000).default(512),
    })
    .optional(),
  /** Its layers, as data; the functions of `tensorface/train` write them. */
  network: z.strictObject({
    /** What all heads share; may be empty on `features`. */
    backbone: z.array(layerSchema),
    /** One for each task. */
    heads: z.array(headSchema).min(1),
  }),
  /** What is minimised: the sum of these. A face without the label of one has weight 0 in it. */
  losses: z.array(lossSchema).min(1),
  /** What a gradient does to the weights. */
  optimiser: optimiserSchema.prefault({ kind: "adamw" }),
  /** How the learning rate goes over the steps of the training. */
  schedule: scheduleSchema,
  /** Pictures in a step. */
  batchSize: size.max(4096).default(64),
  /** How often the training data is gone through. */
  epochs: size,
  /** Which pictures an epoch shows. */
  sampling: z
    .strictObject({
      /** Rare classes of `task` are shown more often: 0 as they come, 1 all equally often. */
      balance: z
        .strictObject({
          /** The task whose classes are meant. */
          task: z.string(),
          /** How far to go. */
          strength: share,
        })
        .optional(),
      /** Pictures in an epoch. @default as many as there are */
      epochLength: size.optional(),
    })
    .default({}),
  /** How pictures are changed at random before the network sees them; nothing where nothing is named. */
  augmentation: augmentationSchema.prefault({}),
  /** Share that the moving average of the weights keeps in a step; 0 for none. */
  averageDecay: z.number().min(0).lt(1).default(0.998),
  /** Largest global norm of a gradient; 0 for no limit. */
  clipNorm: z.number().min(0).default(5),
  /** How the network is judged while it trains, and which checkpoint is the best. */
  validation: z.strictObject({
    /** The best checkpoint has the best mean of these; an error, in years or in a number's own unit, counts as minus a hundredth of it. */
    select: z.array(z.string()).min(1),
    /** Means over a picture and its mirror image. */
    flip: z.boolean().default(false),
    /** Epochs between two validations; the last one always validates. */
    every: size.default(1),
  }),
  /** Stops when the selection has not risen for so many validations; 0 for never. */
  patience: z.int().min(0).default(0),
  /** A line of `metrics.jsonl` every so many steps. */
  logEvery: size.default(20),
  /** Minutes between checkpoints inside an epoch. */
  checkpointMinutes: z.number().positive().default(10),
});

/** What networks and lists are made of elsewhere is read-only, and goes into a configuration as it is. */
type ReadonlyDeep<Value> = { readonly [Key in keyof Value]: ReadonlyDeep<Value[Key]> };

/**
 * What a configuration file holds; fields with defaults may be left out. An interface, so that declarations can name the type of a recipe that a module exports.
 * @see configuration.md
 */
export interface TrainingConfigInput extends ReadonlyDeep<z.input<typeof trainingConfigSchema>> {}
/** A configuration with every default filled in. @see configuration.md */
export type TrainingConfig = z.output<typeof trainingConfigSchema>;

/** A recipe in TypeScript: checks its types as it is written, and gives it back. */
export function defineTraining(config: TrainingConfigInput): TrainingConfigInput {
  return config;
}

/**
 * Checks a configuration and fills in its defaults.
 * @param source where it comes from, for the message. @default "the configuration"
 * @throws {TF_CONFIG_INVALID} naming every unknown, missing or wrong field
 */
export function parseTrainingConfig(value: unknown, source: string = "the configuration"): TrainingConfig {
  const result = trainingConfigSchema.safeParse(value, { error: nameKnownFields });
  if (!result.success) {
    const problems = result.error.issues.map((issue) => (issue.code === "unrecognized_keys" ? issue.message : describeIssue(issue)));
    throw configError(source, problems);
  }
  const problems = [...findContradictions(result.data)];
  if (problems.length > 0) throw configError(source, problems);
  return result.data;
}

function configError(source: string, problems: readonly string[]): TensorFaceError {
  return new TensorFaceError("TF_CONFIG_INVALID", `${source}: ${problems.join("; ")}`);
}

/** Only while it is checked a problem knows the schema of its object, which has the names. */
function nameKnownFields(issue: z.core.$ZodRawIssue): string | undefined {
  if (issue.code !== "unrecognized_keys" || !(issue.inst instanceof z.ZodObject)) return undefined;
  const known = Object.keys(issue.inst.shape);
  return issue.keys
    .map((key) => `unknown field "${[...(issue.path ?? []), key].map(String).join(".")}": ${whatWasMeant(key, known)}`)
    .join("; ");
}

/** A problem of a configuration as a sentence that names its field. */
export function describeIssue(issue: z.core.$ZodIssue): string {
  const path = issue.path.map(String).join(".");
  if (issue.code === "unrecognized_keys")
    return `unknown field ${issue.keys.map((key) => `"${path === "" ? key : `${path}.${key}`}"`).join(", ")}`;
  return path === "" ? issue.message : `field "${path}": ${issue.message}`;
}

/** Which targets each loss can use. */
const fittingTargets: Readonly<Record<Exclude<z.output<typeof lossSchema>["kind"], "distillation">, readonly TargetKind["kind"][]>> = {
  crossEntropy: ["gender", "mood", "ageDistribution", "class"],
  mass: ["ageGroup"],
  expectation: ["ageYears"],
  binary: ["isMale", "tags"],
  distance: ["number"],
};

/** The target of a task that is not built in. */
const ownTarget: Readonly<Partial<Record<TaskKind, TargetKind["kind"]>>> = {
  classes: "class",
  ordered: "class",
  tags: "tags",
  number: "number",
};

/** What each field allows and all together do not. */
function* findContradictions(config: TrainingConfig): Generator<string> {
  yield* findInputContradictions(config);
  const heads = config.network.heads.map(({ task }) => task);
  if (new Set(heads).size < heads.length) yield 'field "network.heads": two heads have the same task';
  for (const [index, loss] of config.losses.entries()) {
    if (!heads.includes(loss.head)) yield `field "losses.${index}.head": there is no head "${loss.head}"`;
    if (loss.kind !== "distillation" && !fittingTargets[loss.kind].includes(loss.target.kind))
      yield `field "losses.${index}.target": ${loss.kind} takes ${fittingTargets[loss.kind].join(" or ")}, not ${loss.target.kind}`;
  }
  yield* findOwnContradictions(config);
  for (const task of heads) {
    if (!config.losses.some(({ head }) => head === task)) yield `field "network.heads": no loss trains the head "${task}"`;
  }
  for (const metric of config.validation.select) {
    const own = ownTasks(config).flatMap(({ name, kind }) => ownMetrics[kind].map((each) => `${name}.${each}`));
    const builtIn = selectionMetrics.filter((each) => heads.includes(each.slice(0, each.indexOf("."))));
    if (![...builtIn, ...own].includes(metric)) yield `field "validation.select": no head gives "${metric}"`;
  }
}

/** Losses of tasks that are not built in learn from labels of their own kind, and no others do. */
function* findOwnContradictions(config: TrainingConfig): Generator<string> {
  const own = ownTasks(config);
  for (const [index, loss] of config.losses.entries()) {
    const task = own.find(({ name }) => name === loss.head);
    if (loss.kind === "distillation") {
      if (task !== undefined) yield `field "losses.${index}": a teacher tells built-in tasks alone, not "${task.name}"`;
      continue;
    }
    const wanted = task === undefined ? undefined : ownTarget[task.kind];
    const isOwn = Object.values(ownTarget).includes(loss.target.kind);
    if (wanted === undefined ? isOwn : wanted !== loss.target.kind)
      yield `field "losses.${index}.target": the head "${loss.head}" takes ${wanted ?? "a target of its own task"}, not ${loss.target.kind}`;
  }
}

function* findInputContradictions({ picture, features, augmentation, validation, network }: TrainingConfig): Generator<string> {
  if ((picture === undefined) === (features === undefined)) yield 'fields "picture" and "features": give one of the two';
  if (picture !== undefined && network.backbone.length === 0) yield 'field "network.backbone": pictures need layers';
  if (features === undefined) return;
  if (JSON.stringify(augmentation) !== JSON.stringify(noAugmentation))
    yield 'field "augmentation": features are computed once, of unchanged pictures';
  if (validation.flip) yield 'field "validation.flip": features have no mirror image';
}

/**
 * Changes fields of a configuration before it is checked: `["epochs=12", "schedule.peak=0.002"]`, values as JSON or plain text.
 * @throws {TF_CONFIG_INVALID} when an assignment has no `=`, or its path leads through something that is no object or to an
 * entry that a list does not have
 */
export function overrideConfig(value: unknown, assignments: readonly string[]): unknown {
  return assignments.reduce<unknown>((config, assignment) => {
    const at = assignment.indexOf("=");
    if (at <= 0) throw configError("--set", [`expected FIELD=VALUE, got "${assignment}"`]);
    return setPath(config, assignment.slice(0, at).split("."), readValue(assignment.slice(at + 1)));
  }, value);
}

function readValue(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

const objectSchema = z.record(z.string(), z.unknown());

/** @param depth how many words of `path` led to `target` */
function setPath(target: unknown, path: readonly string[], value: unknown, depth = 0): unknown {
  const key = path[depth];
  if (key === undefined) return value;
  const wrong = (why: string): TensorFaceError => configError("--set", [`"${path.join(".")}" is no field: ${why}`]);
  const above = path.slice(0, depth).join(".");
  if (Array.isArray(target)) {
    const index = [...target.keys()].find((index) => String(index) === key);
    if (index === undefined) throw wrong(`"${above}" is a list of ${target.length}, whose entries are named by their numbers from 0`);
    return target.with(index, setPath(target[index], path, value, depth + 1));
  }
  const parsed = objectSchema.safeParse(target ?? {});
  if (!parsed.success) throw wrong(`"${above}" is a value without fields`);
  return { ...parsed.data, [key]: setPath(parsed.data[key], path, value, depth + 1) };
}
