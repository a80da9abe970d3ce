import { builtInTasks, expectObject, isBuiltInTask, type TaskDefinition, TensorFaceError } from "../core/index.ts";
import { ageGroupSets, type AgeGroupSet, chooseAgeGroups } from "./age-groups.ts";
import { majorityBaseline } from "./baseline.ts";
import { bootstrap, type BootstrapOptions, defaultReplicates, defaultSeed, differenceInterval, subjectIndices } from "./bootstrap.ts";
import { confidenceLevel } from "./binomial.ts";
import { estimate } from "./estimate.ts";
import type { EvaluateOptions, ModelPredictions } from "./evaluate-options.ts";
import { foldScores } from "./folds.ts";
import { cumulativeScore, intervalCoverage, meanAbsoluteError, meanError } from "./metrics/age.ts";
import { reliabilityBins } from "./metrics/calibration.ts";
import { classScores, confusionMatrix } from "./metrics/classification.ts";
import { metricById, type MetricId, metricsOf } from "./metrics/registry.ts";
import { unitWeights, type Weights } from "./metrics/weights.ts";
import { worstMistakes } from "./mistakes.ts";
import type { FacePrediction } from "./prediction.ts";
import type { EvaluationData, EvaluationReport, ModelComparison, ModelEvaluation, TaskReport, TaskReports } from "./report.ts";
import { checkData, checkEvaluateOptions, checkModels, checkPredictions } from "./options-check.ts";
import { buildOwnSamples } from "./own-sample.ts";
import { buildSample, subSample, type TaskSample } from "./sample.ts";
import { sliceSample } from "./slices.ts";
import { fitScaling } from "./scaling-fit.ts";
import { fitTags, type TagFits } from "./tag-fit.ts";
import { fitPredictions } from "./temperature.ts";

/** The samples of all tasks, of tags one each. */
function samplesOf(predictions: readonly FacePrediction[], ageGroups: AgeGroupSet, tasks: readonly TaskDefinition[] = []): TaskSample[] {
  const builtIn = builtInTasks.flatMap((task) => buildSample(predictions, task, ageGroupSets[ageGroups]) ?? []);
  return [...builtIn, ...tasks.flatMap((task) => buildOwnSamples(predictions, task))];
}

/** What a report says of its making; passed in, so that the same predictions give the same report. */
export interface ReportOrigin {
  /** ISO 8601. */
  readonly created: string;
  /** Version of the package. */
  readonly version: string;
}

/**
 * All numbers of one model on one split. Pure: the same predictions, options and seed give the same report.
 * @throws {TF_INVALID_ARGUMENT} when `predictions` are none; for an answer that is no number, or has another length than its task has labels
 */
export function evaluateTasks(predictions: readonly FacePrediction[], options: EvaluateOptions = {}): TaskReports {
  checkPredictions("predictions", predictions);
  checkEvaluateOptions(options);
  return reportTasks({ predictions }, options);
}

function reportTasks({ predictions, told }: Pick<ModelPredictions, "predictions" | "told">, options: EvaluateOptions): TaskReports {
  const ageGroups = options.ageGroups ?? chooseAgeGroups(predictions);
  const tagFits = fitAllTags(predictions, options);
  return Object.fromEntries(
    samplesOf(predictions, ageGroups, options.tasks).map((sample) => {
      const fits = tagFits.get(sample.task) ?? fitsOf(sample, facesTold(predictions, sample.task, told), ageGroups, options);
      return [sample.task, { ...describeTask(sample, ageGroups, options), ...fits }];
    }),
  );
}

function fitAllTags(
  predictions: readonly FacePrediction[],
  { tasks = [], fitTemperature = false, fitScaling: fitsScaling = false }: EvaluateOptions,
): ReadonlyMap<string, TagFits> {
  const wanted = { temperature: fitTemperature, scaling: fitsScaling };
  return new Map(tasks.filter(({ kind }) => kind === "tags").flatMap((task) => fitTags(predictions, task, wanted)));
}

/** The faces without those of a label that the model does not tell: it gives it no probability at any temperature. */
function facesTold(predictions: readonly FacePrediction[], task: string, told: ModelPredictions["told"]): readonly FacePrediction[] {
  const labels = told?.[task];
  if (labels === undefined || (task !== "gender" && task !== "mood")) return predictions;
  return predictions.filter((face) => face.labels[task] === undefined || labels.includes(face.labels[task]));
}

/** A number has no probabilities that could be calibrated. */
function fitsOf(
  { task, kind }: TaskSample,
  predictions: readonly FacePrediction[],
  ageGroups: AgeGroupSet,
  options: EvaluateOptions,
): TagFits {
  const fitted = isBuiltInTask(task) ? task : options.tasks?.find(({ name }) => name === task && kind !== "number");
  if (fitted === undefined) return {};
  const temperatureFit = options.fitTemperature === true ? fitPredictions(predictions, fitted, ageGroupSets[ageGroups]) : undefined;
  const scalingFit = options.fitScaling === true ? fitScaling(predictions, fitted) : undefined;
  return { ...(temperatureFit === undefined ? {} : { temperatureFit }), ...(scalingFit === undefined ? {} : { scalingFit }) };
}

/**
 * Predictions of one or several models on the same faces in, the report out.
 * @throws {TF_INVALID_ARGUMENT} as {@link evaluateTasks}; without models, or when their predictions are not of the same faces in the same order
 */
export function evaluateModels(
  models: readonly ModelPredictions[],
  data: Omit<EvaluationData, "n" | "ageGroups">,
  origin: ReportOrigin,
  options: EvaluateOptions = {},
): EvaluationReport {
  checkEvaluateOptions(options);
  checkModels(models);
  const [first, ...others] = models;
  if (first === undefined) throw new TensorFaceError("TF_INVALID_ARGUMENT", "an evaluation needs at least one model");
  for (const { model, predictions } of models) checkPredictions(`predictions of ${model.id}`, predictions);
  checkData(data);
  expectObject("origin", origin);
  for (const other of others) assertSameFaces(first, other);
  const ageGroups = options.ageGroups ?? chooseAgeGroups(first.predictions);
  const settled = { ...options, ageGroups };
  const describe = ({ model, role, ...said }: ModelPredictions): ModelEvaluation => ({ model, role, tasks: reportTasks(said, settled) });
  return {
    schema: "tensorface.evaluation/1",
    ...origin,
    data: { ...data, n: first.predictions.length, ageGroups },
    ...describe(first),
    others: others.map((other) => describe(other)),
    comparisons: others.flatMap((other) => compareModels(first, other, settled)),
    bootstrap: { level: confidenceLevel, replicates: options.replicates ?? defaultReplicates, seed: options.seed ?? defaultSeed },
  };
}

function assertSameFaces(first: ModelPredictions, other: ModelPredictions): void {
  const same =
    first.predictions.length === other.predictions.length && first.predictions.every((face, row) => face.id === other.predictions[row]!.id);
  if (same) return;
  throw new TensorFaceError("TF_INVALID_ARGUMENT", `models "${first.model.id}" and "${other.model.id}" were not run on the same faces`);
}

function describeTask(sample: TaskSample, ageGroups: AgeGroupSet, options: EvaluateOptions): TaskReport {
  const weights = unitWeights(sample.count);
  const { metrics, intervals } = estimate(sample, metricsOf(sample), options);
  const matrix = confusionMatrix(sample, weights);
  const folds = foldScores(sample);
  const { task, kind, unit } = sample;
  const level = sample.faces.find(({ intervalLevels }) => intervalLevels?.[task] !== undefined)?.intervalLevels?.[task];
  return {
    n: sample.count,
    notFound: matrix.notFound.reduce((sum, count) => sum + count, 0),
    subjects: subjectIndices(sample).count,
    [task === "age" ? "groups" : "labels"]: [...sample.classNames],
    ...(isBuiltInTask(task) ? {} : { kind }),
    ...(unit === undefined ? {} : { unit }),
    ...(level === undefined ? {} : { intervalLevel: level }),
    ...metrics,
    intervals,
    confusionMatrix: matrix.counts.map((counts) => [...counts]),
    classes: classScores(sample.classNames, matrix),
    reliability: reliabilityBins(sample, weights),
    baseline: majorityBaseline(sample),
    ...describeErrors(sample, options),
    ...(options.mistakes === undefined || options.mistakes === 0
      ? {}
      : { mistakes: worstMistakes(sample, options.mistakes), mistakesAsked: options.mistakes }),
    slices: sliceSample(sample, ageGroups, options),
    ...(folds === undefined ? {} : { folds }),
  };
}

/** Errors in years up to which the cumulative score is told. */
const cumulativeYears = Array.from({ length: 16 }, (_, years) => years);

function describeErrors(sample: TaskSample, options: BootstrapOptions): Pick<TaskReport, "cumulativeScore" | "errorByAge"> {
  const weights = unitWeights(sample.count);
  if (sample.task !== "age" || meanAbsoluteError(sample, weights) === undefined) return {};
  return {
    cumulativeScore: cumulativeYears.map((years) => ({ years, share: cumulativeScore(sample, weights, years)! })),
    errorByAge: Array.from({ length: 12 }, (_, decade) => decade * 10).flatMap((low) => describeDecade(sample, low, options)),
  };
}

function describeDecade(sample: TaskSample, low: number, options: BootstrapOptions): NonNullable<TaskReport["errorByAge"]> {
  const high = low + 9;
  const inside = (row: number) => {
    const age = sample.years?.truth[row] ?? Number.NaN;
    return age >= low && age <= high && sample.predicted[row]! >= 0;
  };
  const part = subSample(sample, inside);
  if (part === undefined) return [];
  const weights = unitWeights(part.count);
  const interval = estimate(part, [metricById("meanAbsoluteError")], options).intervals.meanAbsoluteError;
  const coverage = intervalCoverage(part, weights);
  return [
    {
      low,
      high,
      n: part.count,
      meanAbsoluteError: meanAbsoluteError(part, weights)!,
      meanError: meanError(part, weights)!,
      ...(interval === undefined ? {} : { interval }),
      ...(coverage === undefined ? {} : { intervalCoverage: coverage }),
      subjects: subjectIndices(part).count,
    },
  ];
}

/** The numbers by which models are compared. */
const comparedMetrics: readonly MetricId[] = [
  "accuracy",
  "balancedAccuracy",
  "oneOffAccuracy",
  "meanAbsoluteError",
  "negativeLogLikelihood",
];

/** Differences between two models on the same faces, with intervals from paired draws. */
export function compareModels(first: ModelPredictions, other: ModelPredictions, options: EvaluateOptions = {}): ModelComparison[] {
  const groups = options.ageGroups ?? chooseAgeGroups(first.predictions);
  const others = samplesOf(other.predictions, groups, options.tasks);
  return samplesOf(first.predictions, groups, options.tasks).flatMap((a) => {
    const b = others.find(({ task }) => task === a.task);
    return b === undefined ? [] : compareSamples({ task: a.task, model: first.model.id, other: other.model.id }, a, b, options);
  });
}

function compareSamples(
  what: Pick<ModelComparison, "task" | "model" | "other">,
  a: TaskSample,
  b: TaskSample,
  options: BootstrapOptions,
): ModelComparison[] {
  const compared = metricsOf(a).filter(({ id }) => comparedMetrics.includes(id));
  const paired = a.count === b.count && a.faces.every(({ id }, row) => id === b.faces[row]!.id);
  const differences = compared.map((metric) => ({
    ...metric,
    compute: (_: TaskSample, weights: Weights) => differenceOf(metric.compute(a, weights), metric.compute(b, weights)),
  }));
  const drawn = paired ? bootstrap(a, differences, options) : undefined;
  const { subjects } = subjectIndices(a);
  return compared.flatMap((metric) => {
    const { id, compute, isMeasured = () => true } = metric;
    const difference = differenceOf(compute(a, unitWeights(a.count)), compute(b, unitWeights(b.count)));
    if (difference === undefined) return [];
    const measured = new Set(subjects.filter((_, row) => isMeasured(a, row) && isMeasured(b, row)));
    const own = paired && measured.size > 1 ? metric.difference?.({ sample: a, rows: [...a.truth.keys()], subjects }, b) : undefined;
    const interval = own ?? (drawn && differenceInterval(metric, difference, drawn.get(id)!, measured.size));
    return [{ ...what, metric: id, difference, ...(interval === undefined ? {} : { interval }) }];
  });
}

/** Where one of the two has no value there is no difference: a draw may hold no face that was found. */
function differenceOf(value: number | undefined, other: number | undefined): number | undefined {
  return value === undefined || other === undefined ? undefined : value - other;
}
