import { z } from "zod";
import { taskKinds } from "../core/index.ts";
import { type MetricId, metricIds } from "./metrics/registry.ts";

/**
 * The form of an evaluation: everything that the renderers show, nothing that they would have to compute. Shares are
 * 0..1, ages years. A metric that the data cannot give is absent.
 */

const share = z.number().min(0).max(1);
const count = z.int().min(0);

const intervalSchema = z.strictObject({ low: z.number(), high: z.number() });
const number = z.number().optional();
/** What each is stands in the registry of metrics. */
const metricValues = {
  accuracy: number,
  balancedAccuracy: number,
  macroF1: number,
  oneOffAccuracy: number,
  accuracyOfFound: number,
  balancedAccuracyOfFound: number,
  oneOffAccuracyOfFound: number,
  meanAbsoluteError: number,
  meanError: number,
  cumulativeScore5: number,
  intervalCoverage: number,
  meanIntervalWidth: number,
  setCoverage: number,
  meanSetSize: number,
  expectedCalibrationError: number,
  adaptiveCalibrationError: number,
  negativeLogLikelihood: number,
  brierScore: number,
} satisfies Record<MetricId, typeof number>;
const metricIntervals = z.partialRecord(z.enum(metricIds), intervalSchema);

const classScoresSchema = z.strictObject({
  label: z.string(),
  n: count,
  notFound: count,
  predicted: count,
  recall: share.optional(),
  precision: share.optional(),
  f1: share.optional(),
});

const reliabilityBinSchema = z.strictObject({
  low: share,
  high: share,
  n: count,
  confidence: share.optional(),
  accuracy: share.optional(),
});

/** By what faces are told apart in slices. */
export const sliceKeys = ["ageGroup", "gender", "race", "faceSize", "sharpness", "brightness"] as const;

const sliceSchema = z.strictObject({
  by: z.enum(sliceKeys),
  value: z.string(),
  n: count,
  notFound: count,
  metrics: z.partialRecord(z.enum(metricIds), z.number()),
  intervals: metricIntervals,
});

const temperatureFitSchema = z.strictObject({
  /** Divides the logits once more; the manifest's new temperature is the product of the two. */
  temperature: z.number().positive(),
  n: count,
  negativeLogLikelihood: z.strictObject({ before: z.number(), after: z.number() }),
  expectedCalibrationError: z.strictObject({ before: share, after: share }),
  /** Exact ages only. */
  intervalCoverage: z.strictObject({ before: share, after: share }).optional(),
  /** Exact ages only: with this temperature, the share of a distribution that an interval must take to hold the report's `intervalLevel` of these ages. */
  intervalMass: share.optional(),
});

const beforeAndAfter = z.strictObject({ before: z.number(), after: z.number() });

const scalingFitSchema = z.strictObject({
  /** For each class, in the order of the report's labels. */
  scale: z.array(z.number()),
  bias: z.array(z.number()),
  n: count,
  /** `after` is cross-validated over so many folds. */
  folds: count,
  accuracy: beforeAndAfter,
  negativeLogLikelihood: beforeAndAfter,
  expectedCalibrationError: beforeAndAfter,
});

const spreadSchema = z.strictObject({ mean: z.number(), standardDeviation: z.number() });

const foldsSchema = z.strictObject({
  accuracy: spreadSchema,
  oneOffAccuracy: spreadSchema.optional(),
  byFold: z.array(z.strictObject({ fold: count, n: count, accuracy: share, oneOffAccuracy: share.optional() })),
});

const taskReportSchema = z.strictObject({
  /** Labelled faces, found or not. */
  n: count,
  /** Faces that the detector did not find; they count as wrong, except in metrics "of found" and of probabilities. */
  notFound: count,
  /** Independent groups of faces over which intervals are drawn. */
  subjects: count,
  /** How a task that is not built in is answered; of a tag, `classes`. */
  kind: z.enum(taskKinds).optional(),
  /** What a number is counted in. */
  unit: z.string().optional(),
  /** The share of true ages or numbers that the model's intervals are to hold, where a calibration chose it. @default 0.8 */
  intervalLevel: share.optional(),
  /** Names of the classes, for gender, mood and tasks that are not built in; of numbers, ranges. */
  labels: z.array(z.string()).optional(),
  /** Names of the groups, for age. */
  groups: z.array(z.string()).optional(),
  ...metricValues,
  intervals: metricIntervals,
  /** Found faces; rows are annotated, columns predicted, in the order of the names. */
  confusionMatrix: z.array(z.array(count)),
  classes: z.array(classScoresSchema),
  reliability: z.array(reliabilityBinSchema),
  /** What always naming the commonest class, or the median age, of this very split would reach. */
  baseline: z.strictObject({
    label: z.string(),
    accuracy: share,
    balancedAccuracy: share,
    years: z.number().optional(),
    meanAbsoluteError: z.number().optional(),
  }),
  /** Exact ages only: share of faces at most `years` off. */
  cumulativeScore: z.array(z.strictObject({ years: count, share })).optional(),
  /** Exact ages only, by decade. */
  errorByAge: z
    .array(
      z.strictObject({
        low: count,
        high: count,
        n: count,
        meanAbsoluteError: z.number(),
        meanError: z.number(),
        interval: intervalSchema.optional(),
        /** Share of them inside the age interval. Absent in reports of earlier versions. */
        intervalCoverage: share.optional(),
        /** Independent groups among them. */
        subjects: count.optional(),
      }),
    )
    .optional(),
  /** The most confident wrong answers, the surest first; of numbers the largest errors, without a confidence. Where they were asked for. */
  mistakes: z
    .array(z.strictObject({ id: z.string(), annotated: z.string(), predicted: z.string(), confidence: share.optional() }))
    .optional(),
  /** How many were asked for: so many of `mistakes` are the surest of all, further ones of their kind. Absent in reports of earlier versions. */
  mistakesAsked: count.optional(),
  slices: z.array(sliceSchema),
  /** Datasets with folds only: each fold by itself, and mean and standard deviation (n - 1) over them, as Adience's protocol reports. */
  folds: foldsSchema.optional(),
  temperatureFit: temperatureFitSchema.optional(),
  scalingFit: scalingFitSchema.optional(),
});

const headSchema = z.strictObject({
  id: z.string(),
  title: z.string(),
  tasks: z.array(z.string()),
  sha256: z.string(),
  bytes: count,
  licence: z.string(),
  /** Of heads that see whole pictures, in which no face is looked for. Absent in reports of earlier versions. */
  sees: z.literal("picture").optional(),
});

export const evaluatedModelSchema = z.strictObject({
  /** The heads' ids with " + " between. */
  id: z.string(),
  heads: z.array(headSchema),
  /** What found the faces in whole photographs. */
  detector: z.string().optional(),
});

/**
 * What a split was to a model; results on what it learnt or was chosen on flatter it. `mixed`: the faces differ, and the data's
 * notes count them.
 */
export const splitRoles = ["training", "selection", "held out", "mixed", "unknown"] as const;

/** By task; of tags one each, as `wears: hat`. */
const taskReportsSchema = z
  .object({
    age: taskReportSchema.optional(),
    gender: taskReportSchema.optional(),
    mood: taskReportSchema.optional(),
  })
  .catchall(taskReportSchema);

const evaluationSchema = z.strictObject({ model: evaluatedModelSchema, role: z.enum(splitRoles), tasks: taskReportsSchema });

const comparisonSchema = z.strictObject({
  task: z.string(),
  metric: z.enum(metricIds),
  /** Ids of the models; `difference` is the first one's value minus the second one's, on the same faces. */
  model: z.string(),
  other: z.string(),
  difference: z.number(),
  interval: intervalSchema.optional(),
});

/**
 * How a face was cut out. `landmarks`: its picture is a crop, brought to the head's own by where landmarks stand in its dataset's crops.
 * `whole picture`: where they stand is not known, so the picture is taken for the head's own crop. `detected`: found and aligned as in use.
 */
export const faceCuts = ["landmarks", "whole picture", "detected", "not found"] as const;

export const evaluationDataSchema = z.strictObject({
  name: z.string(),
  format: z.string(),
  split: z.string(),
  /** Faces evaluated. */
  n: count,
  /** Pictures of the split; more than `n` where a sample was drawn or some failed. */
  available: count.optional(),
  /** How a smaller sample was drawn. */
  sample: z.strictObject({ limit: count, seed: count }).optional(),
  /** `crop`: the picture is the crop. `photo`: faces are detected and aligned as in serving. */
  path: z.enum(["crop", "photo"]),
  /** Rows that could not be used, by reason, of the whole dataset: what is no face stands in no split. `failed-picture`: of this split. */
  rejected: z.record(z.string(), count),
  /** How the faces were cut out of their pictures, by the dataset that they come from. Absent in reports of earlier versions. */
  cuts: z.array(z.strictObject({ source: z.string(), cut: z.enum(faceCuts), n: count })).optional(),
  /** In which groups ages are judged. */
  ageGroups: z.string(),
  /** Further choices that change numbers: how odd labels were read, for example. */
  notes: z.array(z.string()),
});

/** Checks a report that was read from a file; a zod schema. */
export const evaluationReportSchema = z.strictObject({
  schema: z.literal("tensorface.evaluation/1"),
  /** When, by whom made: ISO 8601 and the package's version. */
  created: z.string(),
  version: z.string(),
  data: evaluationDataSchema,
  ...evaluationSchema.shape,
  /** Further models on the same faces. */
  others: z.array(evaluationSchema),
  comparisons: z.array(comparisonSchema),
  /** How the intervals that are no share's were drawn, and those of differences. */
  bootstrap: z.strictObject({ level: share, replicates: count, seed: count }),
});

/** A report, as it stands in its JSON file. */
export type EvaluationReport = z.infer<typeof evaluationReportSchema>;
/** What a report says of a model that was evaluated. */
export type EvaluatedModel = z.infer<typeof evaluatedModelSchema>;
export type EvaluatedHead = z.infer<typeof headSchema>;
/** What a report says of the data. */
export type EvaluationData = z.infer<typeof evaluationDataSchema>;
/** The numbers of one task; a metric that the data cannot give is absent. */
export type TaskReport = z.infer<typeof taskReportSchema>;
/** The numbers by task. */
export type TaskReports = z.infer<typeof taskReportsSchema>;
export type ModelEvaluation = z.infer<typeof evaluationSchema>;
export type ModelComparison = z.infer<typeof comparisonSchema>;
export type Slice = z.infer<typeof sliceSchema>;
export type SliceKey = (typeof sliceKeys)[number];
export type FaceCut = (typeof faceCuts)[number];
/** What a split was to a model: it trained it, chose it, or neither. */
export type SplitRole = (typeof splitRoles)[number];
export type ScalingFit = z.infer<typeof scalingFitSchema>;
export type TemperatureFit = z.infer<typeof temperatureFitSchema>;
