/** Predictions in, one JSON report out, and what renders it. */
export { ageGroupSets, type AgeGroupSet, chooseAgeGroups } from "./age-groups.ts";
export { type CardModel, renderModelCard, type ModelCardOptions } from "./card.ts";
export { compareModels, evaluateModels, evaluateTasks, type ReportOrigin } from "./evaluate.ts";
export type { EvaluateOptions, ModelPredictions } from "./evaluate-options.ts";
export { type Metric, metricById, type MetricId, metricIds, metrics, metricsOf } from "./metrics/registry.ts";
export {
  type FaceAttributes,
  faceAttributesSchema,
  type FacePrediction,
  facePredictionSchema,
  intervalShareOf,
  intervalTailsSchema,
} from "./prediction.ts";
export {
  type EvaluatedHead,
  type EvaluatedModel,
  type EvaluationData,
  type EvaluationReport,
  evaluationReportSchema,
  type FaceCut,
  faceCuts,
  type ModelEvaluation,
  type SplitRole,
  splitRoles,
  type TaskReport,
  type TaskReports,
  type TemperatureFit,
} from "./report.ts";
export { renderHtml, type RenderHtmlOptions, renderMarkdown, renderTerminal } from "./render/render.ts";
export { applyTemperature, fitPredictions, fitTemperature, logitsOf, type TargetRange, temperatureLoss } from "./temperature.ts";
export { type ConformalFit, fitConformal, type FitConformalOptions, setLevel, smallestConformalGroup } from "./conformal.ts";
export { fitScaling } from "./scaling-fit.ts";
export { applyVectorScaling, fitVectorScaling, type FitVectorScalingOptions } from "./vector-scaling.ts";
export { wilsonInterval } from "./binomial.ts";
export { shareInterval } from "./class-intervals.ts";
export { bootstrap, percentileInterval } from "./bootstrap.ts";
export { estimate } from "./estimate.ts";
export { ageLabelIndex, type TaskSample } from "./sample.ts";
export { scalingsInReport } from "./scalings.ts";
