/** Evaluation: predictions and labels in, one report with intervals out, as JSON and as what renders it. */
export {
  type EvaluateOptions,
  evaluateModels,
  evaluateTasks,
  type EvaluationReport,
  evaluationReportSchema,
  type FaceAttributes,
  type FacePrediction,
  type ModelPredictions,
  renderHtml,
  renderMarkdown,
  renderTerminal,
  type ReportOrigin,
  type TaskReport,
  type TaskReports,
} from "../evaluate/index.ts";
