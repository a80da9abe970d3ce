import * as z from "zod/mini";
import {
  builtInLabels,
  type Conformal,
  isBuiltInTask,
  kindOfBuiltIn,
  smallestIntervalMass,
  type TaskDefinition,
  taskDefinitionProblem,
  type TaskKind,
  taskKinds,
  TensorFaceError,
} from "../core/index.ts";

/**
 * What travels with a network: how to prepare its input, what its outputs mean, where it comes from.
 * Training writes it, serving and evaluation read it; nothing about a network is guessed from tensor shapes.
 */

// Schemas of zod/mini: browsers load them before the first photo, and those of `zod` itself bring what writes JSON schemas.
const positive = (): z.ZodMiniNumber => z.number().check(z.positive());
const share = (): z.ZodMiniNumber => z.number().check(z.minimum(0), z.maximum(1));
const level = (): z.ZodMiniNumber => z.number().check(z.gt(0), z.lt(1));
const size = () => z.int().check(z.positive());

/** `value = (pixel - mean) / standardDeviation` per channel, pixels 0..255, layout NCHW, float32. */
const inputFields = z.strictObject({
  /** Name of the ONNX input, shape `[N, channels, height, width]`. */
  name: z.string(),
  width: size(),
  height: size(),
  /** `rgb`, `bgr`, or one channel of ITU-R BT.601 luma. */
  colour: z.enum(["rgb", "bgr", "grey"]),
  /** One for each channel, or one for all, in units of 0..255. */
  mean: z.array(z.number()),
  standardDeviation: z.array(positive()),
});
const inputSchema = inputFields.check(
  z.superRefine((input, context) => {
    const channels = input.colour === "grey" ? 1 : 3;
    for (const name of ["mean", "standardDeviation"] as const) {
      const { length } = input[name];
      if (length !== 1 && length !== channels)
        context.addIssue({ code: "custom", path: [name], message: `${length} numbers for ${channels} channels: one each is needed, or one for all` });
    }
  }),
);

const pointSchema = z.strictObject({ x: z.number(), y: z.number() });

/**
 * Where the five landmarks stand in the crop that the network was trained on, as fractions of its width and height
 * (they may lie outside 0..1). The crop of a face is the similarity transform that brings its landmarks closest to these.
 */
const templateSchema = z.strictObject({
  landmarks: z.strictObject({
    leftEye: pointSchema,
    rightEye: pointSchema,
    nose: pointSchema,
    leftMouth: pointSchema,
    rightMouth: pointSchema,
  }),
  /** Where the numbers come from. */
  source: z.string(),
});

/** What an interval's ends are to be. */
const isRising = ({ low, high }: { readonly low: number; readonly high: number }): boolean => low <= high;
const fallingInterval = "the interval's low end is above its high end";

/** How raw numbers become probabilities. `none`: they already are. */
const activationSchema = z.enum(["none", "softmax", "sigmoid"]);

/** An 80 % interval of a number as offsets from it, fitted on faces that chose nothing (split conformal prediction: Vovk et al., 2005). */
const numberIntervalSchema = z.strictObject({ level: level(), low: z.number(), high: z.number() }).check(z.refine(isRising, fallingInterval));

const promised = { level: level(), source: z.string() };
const group = { faces: size() };
const rangeGroup = { from: z.optional(z.number()), ...group };
const labelGroup = { labels: z.array(z.string()).check(z.minLength(1)), ...group };
const intervalMass = z.number().check(z.minimum(smallestIntervalMass), z.maximum(1));

/** What a calibration on labelled faces promises; see `core/conformal.ts`. */
const conformalSchema: z.ZodMiniType<Conformal> = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("age"),
    ...promised,
    groups: z.array(z.strictObject({ ...rangeGroup, mass: intervalMass })).check(z.minLength(1)),
  }),
  z.strictObject({
    kind: z.literal("number"),
    ...promised,
    groups: z
      .array(z.strictObject({ ...rangeGroup, low: z.number(), high: z.number() }).check(z.refine(isRising, fallingInterval)))
      .check(z.minLength(1)),
  }),
  z.strictObject({
    kind: z.literal("ordered"),
    ...promised,
    groups: z.array(z.strictObject({ ...labelGroup, mass: intervalMass })).check(z.minLength(1)),
  }),
  z.strictObject({
    kind: z.literal("classes"),
    ...promised,
    groups: z.array(z.strictObject({ ...labelGroup, probability: share() })).check(z.minLength(1)),
  }),
]);

const headOutputSchema = z
  .strictObject({
    /** `age`, `gender` and `mood` are built in; any other task is described by the fields here. */
    task: z.string(),
    /** How the task is answered. @default that of the built-in task */
    kind: z.optional(z.enum(taskKinds)),
    /**
     * Name of the ONNX output, shape `[N, labels.length]`; of two classes, `[N, 1]` is the probability of the last label; of a number, `[N, 1]`.
     */
    output: z.string(),
    activation: activationSchema,
    /** Words of the columns, in order. Age: the years of the columns, as text ("0", "1", ...). A number has none. */
    labels: z._default(z.array(z.string()), []),
    /** Divides the logits before the activation (for `none`, applied to the logarithm); fitted on validation data. @default 1 */
    temperature: z._default(positive(), 1),
    /**
     * Vector scaling, fitted on validation data: one factor and one offset for the logarithm of each probability, before the temperature;
     * of tags, for the logit of each. Logarithms and not the network's logits: with a factor for each class, what is added to all logits
     * would matter.
     */
    scaling: z.optional(z.strictObject({ scale: z.readonly(z.array(positive())), bias: z.readonly(z.array(z.number())) })),
    /**
     * Age: the share of a distribution that its interval takes, so that of many intervals 80 % hold the true age; fitted on validation
     * data (distributional conformal prediction: Chernozhukov, Wuthrich, Zhu, PNAS 2021). The probabilities stay as they are.
     * @default 0.8
     */
    intervalMass: z.optional(intervalMass),
    /**
     * Age: one more output of the network, `[N, 2]`, tells for each face which shares of its distribution lie below and above its interval: from what
     * is seen of it, for a scan of a print and a picture of the web are not told equally well. Takes the place of `intervalMass`; the probabilities stay as they are.
     */
    intervalTails: z.optional(z.strictObject({ output: z.string(), /** The faces that it was fitted on, in words. */ source: z.string() })),
    /** Number: where the true value is, beside the answer. */
    interval: z.optional(numberIntervalSchema),
    /**
     * What `tensorface calibrate` found on labelled faces: intervals, or sets of labels, that hold the true answer of new faces like
     * these. Takes the place of `intervalMass`, `intervalTails` and `interval`; the probabilities stay as they are.
     */
    conformal: z.optional(conformalSchema),
    /** Number: the bounds that an answer is kept within, and what it is counted in. */
    minimum: z.optional(z.number()),
    maximum: z.optional(z.number()),
    unit: z.optional(z.string().check(z.maxLength(20))),
  })
  .check(
    z.superRefine((output, context) => {
      for (const message of outputProblems(output)) context.addIssue({ code: "custom", message });
    }),
  );

interface OutputFields extends Omit<TaskDefinition, "name" | "kind"> {
  readonly task: string;
  readonly kind?: TaskKind | undefined;
  readonly activation: z.infer<typeof activationSchema>;
  readonly labels: readonly string[];
  readonly scaling?: { readonly scale: readonly number[]; readonly bias: readonly number[] } | undefined;
  readonly interval?: unknown;
  readonly intervalMass?: number | undefined;
  readonly intervalTails?: unknown;
  readonly conformal?: Conformal | undefined;
}

function* outputProblems(output: OutputFields): Generator<string> {
  const { task, labels, scaling, activation } = output;
  const kind = kindOf(output);
  if (kind === undefined) {
    yield `task "${task}" is not built in, so "kind" must say how it is answered: ${taskKinds.join(", ")}`;
    return;
  }
  const problem = taskDefinitionProblem({ ...output, name: task, kind });
  if (problem !== undefined) yield problem;
  if (scaling !== undefined && (scaling.scale.length !== labels.length || scaling.bias.length !== labels.length))
    yield `task "${task}" scales other logits than it has labels`;
  const known = task === "gender" || task === "mood" ? builtInLabels[task] : undefined;
  const unknown = labels.filter((label) => (kind === "age" ? !isYear(label) : known?.every((word) => word !== label)));
  if (unknown.length > 0) yield `${task} does not know the labels ${unknown.join(", ")}`;
  if (kind === "number" && activation !== "none") yield `task "${task}" is a number, so its activation is "none", not "${activation}"`;
  if (kind === "tags" && activation === "softmax") yield `the tags of "${task}" are not one of several, so softmax does not fit them`;
  if (kind === "number" && output.interval === undefined) yield `task "${task}" is a number and needs its "interval"`;
  if (kind !== "number" && output.interval !== undefined) yield `only a number has an "interval", "${task}" is of kind "${kind}"`;
  if (kind !== "age" && output.intervalMass !== undefined) yield `only age has an "intervalMass"`;
  if (kind !== "age" && output.intervalTails !== undefined) yield `only age has "intervalTails"`;
  if (output.intervalMass !== undefined && output.intervalTails !== undefined)
    yield `"intervalTails" of task "${task}" takes the place of "intervalMass": only one of them can be`;
  if (output.conformal !== undefined) yield* conformalProblems(task, kind, labels, output.conformal);
}

function* conformalProblems(task: string, kind: TaskKind, labels: readonly string[], conformal: Conformal): Generator<string> {
  if (conformal.kind !== kind) {
    yield `"conformal" of task "${task}" is of kind "${conformal.kind}", the task of kind "${kind}"`;
    return;
  }
  if (conformal.kind === "age" || conformal.kind === "number") {
    const starts = conformal.groups.map(({ from = Number.NEGATIVE_INFINITY }) => from);
    if (starts[0] !== Number.NEGATIVE_INFINITY) yield `the first group of "conformal" of task "${task}" has no "from"`;
    if (starts.some((from, index) => index > 0 && from <= starts[index - 1]!))
      yield `the groups of "conformal" of task "${task}" do not rise`;
    return;
  }
  const grouped = conformal.groups.flatMap((each) => each.labels);
  if (grouped.toSorted().join("\n") !== labels.toSorted().join("\n"))
    yield `the groups of "conformal" of task "${task}" do not have each of its labels once`;
}

function isYear(label: string): boolean {
  return label.trim() !== "" && Number.isFinite(Number(label));
}

/** How an output is answered; undefined where a manifest does not say it of a task that is not built in. */
function kindOf({ task, kind }: { readonly task: string; readonly kind?: TaskKind | undefined }): TaskKind | undefined {
  return kind ?? (isBuiltInTask(task) ? kindOfBuiltIn(task) : undefined);
}

/** How an output is answered. */
export function outputKind(output: { readonly task: string; readonly kind?: TaskKind | undefined }): TaskKind {
  return kindOf(output)!; // A manifest that does not say it is refused when it is read.
}

/** What an output tells, in the words that datasets and reports share. */
export function taskOf(output: HeadOutput): TaskDefinition {
  const { task: name, labels, minimum, maximum, unit } = output;
  const kind = outputKind(output);
  return kind === "number" ? { name, kind, minimum, maximum, unit } : { name, kind, labels };
}

/** Distances between two neighbouring shares of `novelty.quantiles`: at 0, 0.01, ... 1. */
const noveltyCount = 101;

/**
 * How unlike all examples a face is: one more output of the network, `[N, 1]`, a distance in the space of its features.
 * `quantiles` are the distances of examples that were held out of training at 0, 0.01, ... 1.
 */
const noveltySchema = z.strictObject({
  output: z.string(),
  quantiles: z
    .array(z.number().check(z.minimum(0)))
    .check(
      z.length(noveltyCount),
      z.refine((values) => values.every((value, index) => index === 0 || value >= values[index - 1]!), "the quantiles must not fall"),
    ),
});

const provenanceSchema = z.strictObject({
  /** Who made it and from what, in a sentence. */
  source: z.string(),
  licence: z.string(),
  url: z.optional(z.string()),
  /** How it was trained: recipe, data with rows, seed, date, results. Absent for networks of others. */
  training: z.optional(z.record(z.string(), z.unknown())),
});

/** Lower case, digits and dashes; also the file's stem. */
const idSchema = z.string().check(z.regex(/^[a-z0-9][a-z0-9-]*$/, "expected lower case letters, digits and dashes, as in my-mood-2"));

/** Whether a model may be called so. */
export function isModelId(id: string): boolean {
  return idSchema.safeParse(id).success;
}

const common = {
  schema: z.literal("tensorface.model/1"),
  id: idSchema,
  title: z.string(),
  /** ONNX file beside the manifest: a name, and no way to another folder. */
  file: z.string().check(z.regex(/^(?!\.{1,2}$)[^/\\:]+$/, "expected a file's name, without a folder")),
  bytes: size(),
  sha256: z.string().check(z.regex(/^[0-9a-f]{64}$/)),
  input: inputSchema,
  provenance: provenanceSchema,
  /** Among models for the same work, the one with the largest number is the default; the project's own always come first. @default 0 */
  preference: z._default(z.number(), 0),
};

export const headManifestSchema = z
  .strictObject({
    ...common,
    kind: z.literal("head"),
    /** What it looks at: a face that is found and cut out, or the whole picture, in which no face is looked for. @default "face" */
    sees: z.optional(z.enum(["face", "picture"])),
    /** How a whole picture is brought to the input's size: pressed into it, or its middle of the same proportions. @default "stretch" */
    fit: z.optional(z.enum(["stretch", "middle"])),
    /** Where a face is cut out; only a head that sees whole pictures has none. */
    template: z.optional(templateSchema),
    /** Answers are means over the face and its mirror image where nobody asks otherwise: such a head is measured so. @default false */
    flipAveraging: z.optional(z.boolean()),
    outputs: z.array(headOutputSchema).check(z.minLength(1)),
    novelty: z.optional(noveltySchema),
  })
  .check(
    z.superRefine((manifest, context) => {
      for (const message of headProblems(manifest)) context.addIssue({ code: "custom", message });
    }),
  );

interface HeadFields {
  readonly sees?: "face" | "picture" | undefined;
  readonly fit?: string | undefined;
  readonly template?: unknown;
  readonly outputs: readonly {
    readonly task: string;
    readonly output: string;
    readonly intervalTails?: { readonly output: string } | undefined;
  }[];
  readonly novelty?: { readonly output: string } | undefined;
}

function* headProblems({ sees = "face", fit, template, outputs, novelty }: HeadFields): Generator<string> {
  if (sees === "face" && template === undefined) yield `a head that sees faces needs a "template"; one that sees whole pictures says "sees": "picture"`;
  if (sees === "face" && fit !== undefined) yield `only a head that sees whole pictures has a "fit"`;
  const tasks = outputs.map(({ task }) => task);
  if (new Set(tasks).size < tasks.length) yield "two outputs tell the same task";
  const builtIn = tasks.find(isBuiltInTask);
  if (sees === "picture" && builtIn !== undefined) yield `${builtIn} is told of faces, not of whole pictures`;
  const tails = outputs.flatMap(({ intervalTails }) => intervalTails?.output ?? []);
  const names = [...outputs.map(({ output }) => output), ...tails, ...(novelty === undefined ? [] : [novelty.output])];
  if (new Set(names).size < names.length) yield "two outputs of the manifest are the same output of the network";
}

export const detectorManifestSchema = z.strictObject({
  ...common,
  kind: z.literal("detector"),
  /** Which decoder in `detect` reads its outputs. */
  decoder: z.enum(["ssd", "blazeface", "dlib"]),
  /** ONNX output names by the decoder's own words. */
  outputs: z.record(z.string(), z.string()),
  /** Detections below this raw score are dropped. */
  scoreThreshold: share(),
});

export const landmarkManifestSchema = z.strictObject({
  ...common,
  kind: z.literal("landmarks"),
  decoder: z.enum(["facemesh"]),
  outputs: z.record(z.string(), z.string()),
});

export const modelManifestSchema = z.discriminatedUnion("kind", [headManifestSchema, detectorManifestSchema, landmarkManifestSchema]);

export type NetworkInput = z.infer<typeof inputSchema>;
export type CropTemplate = z.infer<typeof templateSchema>;
export type HeadOutput = z.infer<typeof headOutputSchema>;
/** What travels with a network that tells something of a face or a picture. */
export type HeadManifest = z.infer<typeof headManifestSchema>;
/** What travels with a network that finds faces. */
export type DetectorManifest = z.infer<typeof detectorManifestSchema>;
/** What travels with a network that places landmarks on a face. */
export type LandmarkManifest = z.infer<typeof landmarkManifestSchema>;
/** What travels with a network: how its input is prepared, what its outputs mean, where it comes from. */
export type ModelManifest = HeadManifest | DetectorManifest | LandmarkManifest;

/** A head that looks at faces which are found and cut out. */
export type FaceHeadManifest = HeadManifest & { readonly template: CropTemplate };

export function seesFaces(manifest: HeadManifest): manifest is FaceHeadManifest {
  return manifest.sees !== "picture";
}

/** Where a head wants its face. @throws {TF_INVALID_ARGUMENT} when it sees whole pictures */
export function templateOf(manifest: HeadManifest): CropTemplate {
  if (seesFaces(manifest)) return manifest.template;
  throw new TensorFaceError("TF_INVALID_ARGUMENT", `model "${manifest.id}" sees whole pictures, so it has no template of a face`);
}

/** Everything of a one-file model's manifest but what its file says itself: it is kept in the ONNX file's metadata. */
export const embeddedKey = "tensorface";
/** There too: the SHA-256 of the file without this pair, so that damage is noticed. */
export const checksumKey = "tensorface.sha256";
