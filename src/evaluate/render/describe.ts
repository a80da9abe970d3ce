import { builtInTasks, expectObject, expectThat, intervalLevel, isBuiltInTask, nounFor } from "../../core/index.ts";
import { metricById, type MetricId, metricOf, metricsOf, titleOf } from "../metrics/registry.ts";
import type { EvaluationReport, FaceCut, ModelEvaluation, SplitRole, TaskReport } from "../report.ts";
import {
  type Block,
  factsTable,
  formatCount,
  formatLevel,
  formatShare,
  heading,
  numberTable,
  paragraph,
  type Table,
} from "../../report/index.ts";
import { describeCoverage } from "./coverage.ts";
import { type Judged, judgedByAll, judgedIn } from "./judged.ts";
import { describeMistakes, picturesNote } from "./mistakes.ts";
import {
  ageErrorChart,
  confusionChart,
  cumulativeChart,
  cumulativeTitle,
  reliabilityChart,
  sliceMetric,
  sliceTitle,
  slicesChart,
} from "./charts.ts";
import { formatEstimate, formatInterval, formatValue } from "./format.ts";

/** A report as a page: facts about the data first, then every model's numbers, task by task. */

export interface DescribeOptions {
  /** Slices, errors by age and charts too. @default true */
  readonly details?: boolean;
  /** Pictures of mistakes as data URLs, by the face's id. */
  readonly pictures?: ReadonlyMap<string, string> | undefined;
}

export function describeReport(report: EvaluationReport, options: DescribeOptions = {}): Block[] {
  const isReport = (report as Partial<EvaluationReport> | null | undefined)?.schema === "tensorface.evaluation/1";
  expectThat(isReport, "report must be an evaluation, as evaluateModels gives it", report);
  expectObject("options", options);
  const { details = true, pictures } = options;
  const evaluations = [{ model: report.model, role: report.role, tasks: report.tasks }, ...report.others];
  const judged = judgedByAll(evaluations.map(({ model }) => model));
  return [
    heading(1, `${report.model.id} on ${report.data.name}, ${report.data.split}`),
    ...describeData(report, evaluations, judged),
    ...(pictures === undefined || pictures.size === 0 ? [] : [paragraph(picturesNote(pictures.size, report.data.name, judged))]),
    ...describeComparisons(report, judged),
    ...evaluations.flatMap(({ model, tasks }) => (Object.keys(tasks).length === 0 ? [nothingMeasured(model)] : [])),
    ...evaluations.flatMap((evaluation) => describeEvaluation(evaluation, { details, pictures, named: evaluations.length > 1 })),
  ];
}

/** A page without a number would leave its reader to guess why. */
function nothingMeasured(model: ModelEvaluation["model"]): Block {
  const { id, heads } = model;
  const told = heads.flatMap(({ tasks }) => tasks).join(", ");
  const { one } = judgedByAll([model]);
  const none = one === "face" ? "no face was found that has" : `no ${one} has`;
  return paragraph(`Nothing could be measured of ${id}: ${none} a label of what it tells (${told}).`);
}

const pathWords = {
  crop: "the dataset's own crops, brought to the crop that each head was trained on where their landmarks are known",
  photo: "found, aligned and cut out by the detector, as in use; of several faces the nearest to the middle",
} as const;

const roleWords: Readonly<Record<SplitRole, string>> = {
  training: "these faces stand where the model's training faces stood: the numbers flatter it",
  selection: "these faces stand where those stood that chose or calibrated the model: the numbers flatter it a little",
  "held out": "these faces stand apart from those that trained or chose the model",
  mixed: "some of these faces stand where those stood that trained or chose the model, see the note: the numbers may flatter it",
  unknown: "not known",
};

function describeData(
  { data, bootstrap, created, version }: EvaluationReport,
  evaluations: readonly ModelEvaluation[],
  { many }: Judged,
): Block[] {
  const { "failed-picture": failed, ...others } = data.rejected;
  const rejected = Object.entries(others).map(([reason, count]) => `${reason} ${formatCount(count)}`);
  const rows: (readonly [string, string])[] = [
    ["data", `${data.name} (${data.format})`],
    ["split", data.split],
    [many, formatCount(data.n) + (data.available === undefined ? "" : ` of ${formatCount(data.available)}`)],
    ...(data.sample === undefined ? [] : [["sample", `${formatCount(data.sample.limit)} drawn with seed ${data.sample.seed}`] as const]),
    // How faces are cut out is no matter of whole pictures.
    ...(many === "faces" ? [["pictures", pathWords[data.path]] as const] : []),
    ...(data.cuts === undefined ? [] : [["cut", describeCuts(data.cuts)] as const]),
    ...(rejected.length === 0 ? [] : [["not used, in the whole dataset", rejected.join(", ")] as const]),
    ...(failed === undefined ? [] : [["could not be read", `${formatCount(failed)} of the split's pictures`] as const]),
    ...data.notes.map((note) => ["note", note] as const),
    ...evaluations.map(({ model, role }) => [`split for ${model.id}`, roleWords[role].replace(/\bfaces\b/g, many)] as const),
    [
      "intervals of shares",
      `${formatShare(bootstrap.level)}, Wilson's, with as many ${many} as they are worth; of means over classes put together`,
    ],
    [
      "other intervals, differences",
      `${formatShare(bootstrap.level)}, ${formatCount(bootstrap.replicates)} bootstrap draws of subjects, seed ${bootstrap.seed}`,
    ],
    ["made", `${created}, tensorface ${version}`],
  ];
  return [factsTable("What was evaluated", rows)];
}

const cutWords: Readonly<Record<FaceCut, string>> = {
  landmarks: "by where landmarks stand in the dataset's crops",
  "whole picture": "not at all: the whole picture, resized",
  detected: "found and aligned",
  "not found": "not found",
};

function describeCuts(cuts: NonNullable<EvaluationReport["data"]["cuts"]>): string {
  return cuts.map(({ source, cut, n }) => `${source}: ${formatCount(n)} ${cutWords[cut]}`).join("; ");
}

function describeComparisons({ model, tasks, others, comparisons }: EvaluationReport, { many }: Judged): Block[] {
  if (others.length === 0) return [];
  const rows = comparisons.map(({ task, metric: id, other, difference, interval }) => {
    const metric = metricOf(id, tasks[task] ?? {});
    const { title, unit, better } = metric;
    const sign = difference > 0 ? "+" : "";
    const clear = interval !== undefined && (interval.low > 0 || interval.high < 0);
    const isBetter = difference > 0 === (better === "higher");
    return [
      `${task}: ${title}`,
      other,
      sign + (unit === "share" ? `${(100 * difference).toFixed(1)} points` : formatValue(metric, difference)),
      interval === undefined ? "–" : formatInterval(metric, interval),
      clear ? (isBetter ? "better" : "worse") : "no clear difference",
    ];
  });
  const title = `${model.id} against the others, on the same ${many} (paired 95 % intervals)`;
  return [numberTable(title, ["", "against", "difference", "interval", `${model.id} is`], rows)];
}

function describeEvaluation(
  { model, tasks: reports }: ModelEvaluation,
  { details = true, pictures, named }: DescribeOptions & { readonly named: boolean },
): Block[] {
  const own = Object.keys(reports).filter((task) => !isBuiltInTask(task));
  return [...builtInTasks, ...own].flatMap((task) => {
    const report = reports[task];
    if (report === undefined) return [];
    const title = task[0]!.toUpperCase() + task.slice(1);
    const judged = judgedIn(model, task);
    return describeTask(heading(2, named ? `${title}: ${model.id}` : title), task, report, { details, pictures, judged });
  });
}

// oxlint-disable-next-line max-params -- what it is called, what it is, and how it is shown
function describeTask(
  title: Block,
  task: string,
  report: TaskReport,
  { details = true, pictures, judged }: DescribeOptions & { readonly judged: Judged },
): Block[] {
  const names = report.labels ?? report.groups ?? [];
  const folds = report.folds === undefined ? [] : [foldsTable(report.folds)];
  const summary = [
    title,
    paragraph(describeFaces(report)),
    metricsTable(task, report),
    ...describeCoverage(report),
    ...folds,
    classesTable(report),
  ];
  if (!details) return summary;
  return [
    ...summary,
    { ...confusionChart(task, names, report.confusionMatrix, judged), table: confusionTable(names, report) },
    ...(report.kind === "number" ? [] : [{ ...reliabilityChart(task, report, judged), table: reliabilityTable(report, judged) }]),
    ...(report.errorByAge === undefined
      ? []
      : [{ ...ageErrorChart(report.errorByAge), table: errorTable(report.errorByAge, report.intervalLevel) }]),
    ...(report.cumulativeScore === undefined ? [] : [{ ...cumulativeChart(report), table: cumulativeTable(report) }]),
    ...(report.slices.length === 0 || report[sliceMetric(report).id] === undefined
      ? []
      : [{ ...slicesChart(task, report, judged), table: slicesTable(report) }]),
    ...describeMistakes(task, report, { pictures, judged }),
    ...(report.temperatureFit === undefined
      ? []
      : [temperatureTable(report.temperatureFit, report.intervalLevel ?? intervalLevel, judged)]),
    ...(report.scalingFit === undefined ? [] : [scalingTable(report.scalingFit, judged)]),
  ];
}

function describeFaces(report: TaskReport): string {
  const { n, notFound, subjects, baseline, kind, unit } = report;
  const counted = kind === "number" ? (unit === undefined ? "" : ` ${unit}`) : " years";
  const found = notFound === 0 ? "" : `, ${formatCount(notFound)} of them not found (counted as wrong)`;
  const grouped = subjects === n ? "" : `, ${formatCount(subjects)} ${nounFor(subjects, "subject")}`;
  const years =
    baseline.years === undefined
      ? ""
      : `; always ${Number(baseline.years.toPrecision(4))}${counted} has a mean absolute error of ${baseline.meanAbsoluteError!.toFixed(2)}${counted}`;
  return `n = ${formatCount(n)}${found}${grouped}. Always saying "${baseline.label}" reaches ${formatShare(baseline.accuracy)}${years}.`;
}

function metricsTable(task: string, report: TaskReport): Table {
  const rows = metricsOf({ task, kind: report.kind ?? "classes", unit: report.unit }).flatMap((metric) => {
    const value = report[metric.id];
    const interval = report.intervals[metric.id];
    if (value === undefined) return [];
    return [
      [titleOf(metric, report.intervalLevel), formatValue(metric, value), interval === undefined ? "" : formatInterval(metric, interval)],
    ];
  });
  return numberTable(`Metrics of ${task}`, ["", "value", "95 % interval"], rows);
}

function classesTable({ classes, notFound }: TaskReport): Table {
  const share = (value: number | undefined) => (value === undefined ? "–" : formatShare(value));
  const missed = notFound > 0;
  const rows = classes.map((scores) => [
    scores.label,
    formatCount(scores.n),
    ...(missed ? [formatCount(scores.notFound)] : []),
    share(scores.recall),
    share(scores.precision),
    scores.f1 === undefined ? "–" : scores.f1.toFixed(3),
  ]);
  return numberTable("Classes", ["", "n", ...(missed ? ["not found"] : []), "recall", "precision", "F1"], rows);
}

function foldsTable({ byFold, accuracy, oneOffAccuracy }: NonNullable<TaskReport["folds"]>): Table {
  const spread = ({ mean, standardDeviation }: typeof accuracy) => `${formatShare(mean)} ± ${(100 * standardDeviation).toFixed(1)}`;
  const rows = byFold.map((scores) => [
    `fold ${scores.fold}`,
    formatCount(scores.n),
    formatShare(scores.accuracy),
    ...(scores.oneOffAccuracy === undefined ? [] : [formatShare(scores.oneOffAccuracy)]),
  ]);
  const n = byFold.reduce((sum, scores) => sum + scores.n, 0);
  rows.push([
    "mean ± standard deviation",
    formatCount(n),
    spread(accuracy),
    ...(oneOffAccuracy === undefined ? [] : [spread(oneOffAccuracy)]),
  ]);
  return numberTable("Folds", ["", "n", "accuracy", ...(oneOffAccuracy === undefined ? [] : ["one-off accuracy"])], rows);
}

function confusionTable(names: readonly string[], { confusionMatrix }: TaskReport): Table {
  const rows = confusionMatrix.map((counts, row) => [names[row]!, ...counts.map((count) => formatCount(count))]);
  return numberTable("Confusion matrix: annotated in rows, predicted in columns", ["", ...names], rows);
}

function reliabilityTable({ reliability }: TaskReport, { answered }: Judged): Table {
  const share = (value: number | undefined): string => (value === undefined ? "–" : formatShare(value));
  const rows = reliability
    .filter(({ n }) => n > 0)
    .map(({ low, high, n, confidence, accuracy }) => [
      `${(100 * low).toFixed(1)}–${formatShare(high)}`,
      formatCount(n),
      share(confidence),
      share(accuracy),
    ]);
  return numberTable(`Reliability: confidence against accuracy, ${answered}`, ["confidence", "n", "mean confidence", "accuracy"], rows);
}

function cumulativeTable(report: TaskReport): Table {
  const rows = (report.cumulativeScore ?? []).map(({ years, share }) => [String(years), formatShare(share)]);
  return numberTable(cumulativeTitle(report), ["error at most, years", "share of faces"], rows);
}

function temperatureTable({ temperature, n, ...fits }: NonNullable<TaskReport["temperatureFit"]>, level: number, { many }: Judged): Table {
  const rows = [
    ["negative log-likelihood, nats", fits.negativeLogLikelihood.before.toFixed(4), fits.negativeLogLikelihood.after.toFixed(4)],
    ["expected calibration error", formatShare(fits.expectedCalibrationError.before), formatShare(fits.expectedCalibrationError.after)],
  ];
  const { intervalCoverage, intervalMass } = fits;
  if (intervalCoverage !== undefined) {
    rows.push([
      `coverage of the ${formatLevel(level)} interval`,
      formatShare(intervalCoverage.before),
      formatShare(intervalCoverage.after),
    ]);
  }
  if (intervalMass !== undefined)
    rows.push([`share of the distribution that an interval of ${formatLevel(level)} takes`, "", formatShare(intervalMass)]);
  return numberTable(`Temperature ${temperature.toFixed(3)}, fitted on these n = ${formatCount(n)} ${many}`, ["", "before", "after"], rows);
}

function scalingTable({ n, folds, ...fit }: NonNullable<TaskReport["scalingFit"]>, { many }: Judged): Table {
  const rows = [
    ["accuracy", formatShare(fit.accuracy.before), formatShare(fit.accuracy.after)],
    ["negative log-likelihood, nats", fit.negativeLogLikelihood.before.toFixed(4), fit.negativeLogLikelihood.after.toFixed(4)],
    ["expected calibration error", formatShare(fit.expectedCalibrationError.before), formatShare(fit.expectedCalibrationError.after)],
  ];
  const title = `Vector scaling, fitted on these n = ${formatCount(n)} ${many}; cross-validated over ${folds} folds`;
  return numberTable(title, ["", "before", "after"], rows);
}

function errorTable(errors: NonNullable<TaskReport["errorByAge"]>, level: number = intervalLevel): Table {
  const rows = errors.map(({ low, high, n, meanAbsoluteError, meanError, interval, intervalCoverage }) => [
    `${low}–${high}`,
    formatCount(n),
    formatEstimate(metricById("meanAbsoluteError"), meanAbsoluteError, interval),
    formatValue({ unit: "years" }, meanError),
    intervalCoverage === undefined ? "–" : formatShare(intervalCoverage),
  ]);
  return numberTable(
    "Errors by exact age",
    ["age", "n", "mean absolute error", "mean error", `inside the ${formatLevel(level)} interval`],
    rows,
  );
}

const sliceColumns: readonly MetricId[] = ["accuracy", "oneOffAccuracy", "meanAbsoluteError"];

function slicesTable(report: TaskReport): Table {
  const { slices, notFound } = report;
  const columns = sliceColumns.filter((id) => slices.some(({ metrics }) => metrics[id] !== undefined)).map((id) => metricOf(id, report));
  const missed = notFound > 0;
  const rows = slices.map(({ by, value, n, notFound, metrics, intervals }) => {
    const numbers = columns.map((metric) => formatEstimate(metric, metrics[metric.id], intervals[metric.id]));
    return [`${sliceTitle(by)}: ${value}`, formatCount(n), missed ? formatCount(notFound) : [], numbers].flat();
  });
  const titles = columns.map((metric) => titleOf(metric));
  return numberTable("Slices (95 % intervals)", ["", "n", ...(missed ? ["not found"] : []), ...titles], rows);
}
