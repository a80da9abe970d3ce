import { type BuiltInTask, builtInTasks, isBuiltInTask } from "../core/index.ts";
import { metricById, type MetricId, titleOf } from "./metrics/registry.ts";
import {
  type Block,
  formatCount,
  formatShare,
  heading,
  numberTable,
  paragraph,
  renderBlocksAsMarkdown,
  type Table,
} from "../report/index.ts";
import { sliceTitle } from "./render/charts.ts";
import { formatEstimate } from "./render/format.ts";
import type { EvaluationData, EvaluationReport, ModelEvaluation, SplitRole, TaskReport } from "./report.ts";

/** What a card needs of a head's manifest. */
export interface CardModel {
  readonly id: string;
  readonly title: string;
  readonly file: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly input: { readonly width: number; readonly height: number; readonly colour: string };
  readonly template?: { readonly source: string } | undefined;
  readonly flipAveraging?: boolean | undefined;
  readonly outputs: readonly {
    readonly task: string;
    readonly labels: readonly string[];
    readonly temperature: number;
    readonly scaling?: unknown;
    readonly intervalMass?: number | undefined;
    readonly intervalTails?: { readonly source: string } | undefined;
  }[];
  readonly provenance: {
    readonly source: string;
    readonly licence: string;
    readonly url?: string | undefined;
    readonly training?: Readonly<Record<string, unknown>> | undefined;
  };
}

export interface ModelCardOptions {
  /** Markdown by a person: what was seen in the worst errors, and whatever else no number tells. */
  readonly notes?: string | undefined;
  /** What trains it again, from the data on. @default the `command` among its training facts */
  readonly command?: string | undefined;
}

/**
 * A model card (Mitchell et al., FAT* 2019) in Markdown, from the manifest and whatever was measured. Reports of other
 * files than the manifest's are left out: their numbers are not this model's.
 */
export function renderModelCard(model: CardModel, reports: readonly EvaluationReport[], options: ModelCardOptions = {}): string {
  const measured = reports.flatMap((report) => measuredTasks(model, report));
  const head = renderBlocksAsMarkdown([
    heading(1, model.title),
    paragraph(`Model card of ${model.id}. Written by npm run write -- cards from the manifest and the evaluation reports; do not edit.`),
    factsTable(model),
    ...purpose(model),
    ...provenance(model),
    ...accuracy(measured),
    ...besideOthers(model, reports),
    ...calibration(model, measured),
    heading(2, "Known failures"),
    ...knownFailures(measured),
  ]);
  const notes = options.notes === undefined ? "" : `\n${options.notes.trim()}\n`;
  return `${head}${notes}\n${renderBlocksAsMarkdown(retraining(model, options.command))}`;
}

/** One task on one split. */
interface Measured {
  readonly task: BuiltInTask;
  readonly report: TaskReport;
  readonly data: EvaluationData;
  readonly role: SplitRole;
}

function measuredTasks(model: CardModel, report: EvaluationReport): Measured[] {
  const evaluations: ModelEvaluation[] = [{ model: report.model, role: report.role, tasks: report.tasks }, ...report.others];
  return evaluations.flatMap(({ model: evaluated, role, tasks }) => {
    const head = evaluated.heads.find(({ sha256 }) => sha256 === model.sha256);
    return (head?.tasks ?? []).filter(isBuiltInTask).flatMap((task) => {
      const found = tasks[task];
      return found === undefined ? [] : [{ task, report: found, data: report.data, role }];
    });
  });
}

function factsTable({ id, file, bytes, sha256, input, outputs, template, provenance }: CardModel): Table {
  const rows = [
    ["id", id],
    [
      "tells",
      outputs.map(({ task, labels }) => `${task} (${task === "age" ? `${labels.length} one-year steps` : labels.join(", ")})`).join("; "),
    ],
    ["looks at", `${template === undefined ? "a whole picture" : "one face"}, ${input.width} x ${input.height} pixels, ${input.colour}`],
    ["crop", template?.source ?? "none: it sees whole pictures"],
    ["file", `${file}, ${(bytes / 1e6).toFixed(2)} MB, SHA-256 ${sha256}`],
    ["licence", provenance.licence],
  ];
  return { kind: "table", title: "Facts", columns: [{ title: "" }, { title: "" }], rows };
}

function purpose({ outputs }: CardModel): Block[] {
  const names = outputs.map(({ task }) => task).join(", ");
  const tellsMood = outputs.some(({ task }) => task === "mood");
  return [
    heading(2, "What it is for"),
    paragraph(
      `Apparent ${names} of faces in photographs: what people who label pictures would most likely say, with probabilities. For statistics over many faces, for sorting one's own pictures, for research and teaching.`,
    ),
    heading(2, "What it is not for"),
    paragraph(
      "It does not know who somebody is, and it does not know anybody's age, gender or feelings: it repeats how faces look to annotators, with their prejudices. Do not decide anything about a person with it: no access control, no proof of age, no hiring, no policing, no medicine.",
    ),
    ...(tellsMood
      ? [
          paragraph(
            "Inferring emotions of people at work or in schools from their faces is forbidden in the European Union (Regulation (EU) 2024/1689, Article 5(1)(f)), apart from medical and safety reasons. An expression is not a feeling.",
          ),
        ]
      : []),
  ];
}

function provenance({ provenance: { source, licence, url, training } }: CardModel): Block[] {
  const facts = Object.entries(training ?? {}).map(([name, value]) => [name, typeof value === "string" ? value : JSON.stringify(value)]);
  return [
    heading(2, "Data and licences"),
    paragraph(`${source}. Licence: ${licence}.${url === undefined ? "" : ` See ${url}.`}`),
    ...(facts.length === 0
      ? [paragraph("It was not trained by this project; what it was trained on is known only as far as its makers say.")]
      : [{ kind: "table" as const, title: "Training", columns: [{ title: "" }, { title: "" }], rows: facts }]),
  ];
}

const roleWords: Readonly<Record<SplitRole, string>> = {
  training: "trained on it",
  selection: "chosen on it",
  "held out": "held out",
  mixed: "trained or chosen on some of it",
  unknown: "role not known",
};

/** Which faces a number is about. */
function describeSplit({ data, role }: Measured): string {
  const sample = data.sample === undefined ? "" : `, random ${formatCount(data.sample.limit)}`;
  return `${data.name}, ${data.split}${sample}, ${data.path === "crop" ? "crops" : "whole photographs"} (${roleWords[role]})`;
}

const headline: readonly MetricId[] = [
  "accuracy",
  "balancedAccuracy",
  "oneOffAccuracy",
  "meanAbsoluteError",
  "expectedCalibrationError",
  "intervalCoverage",
];

function accuracy(measured: readonly Measured[]): Block[] {
  if (measured.length === 0)
    return [heading(2, "Accuracy"), paragraph("Not measured yet: no report under docs/lab/reports is about this file.")];
  const byTask = [...Map.groupBy(measured, ({ task }) => task)];
  return [
    heading(2, "Accuracy"),
    paragraph("With 95 % intervals. A face that the detector did not find counts as wrong."),
    ...byTask.map(([task, found]) => headlineTable(task, found)),
    ...accuracyByGroup(measured),
  ];
}

/** Nothing where the data has no labels to group by. */
function accuracyByGroup(measured: readonly Measured[]): Block[] {
  const tables = measured.flatMap((found) => groupTable(found));
  if (tables.length === 0) return [];
  return [
    heading(2, "Accuracy by group"),
    paragraph(
      "By the labels of the data, which are apparent attributes too. Race labels are used for this table alone; no model here tells them.",
    ),
    ...tables,
  ];
}

function headlineTable(task: BuiltInTask, measured: readonly Measured[]): Table {
  const ids = headline.filter((id) => measured.some(({ report }) => report[id] !== undefined));
  const rows = measured.map((found) => [
    describeSplit(found),
    formatCount(found.report.n),
    formatCount(found.report.notFound),
    ...ids.map((id) => formatEstimate(metricById(id), found.report[id], found.report.intervals[id])),
    formatShare(found.report.baseline.accuracy),
  ]);
  const titles = ids.map((id) => titleOf(metricById(id)));
  return numberTable(`Apparent ${task}`, ["data", "n", "not found", ...titles, "always the commonest"], rows);
}

/** Every report that is about this file first, with the others on the same faces; nothing where it was measured alone. */
function besideOthers(model: CardModel, reports: readonly EvaluationReport[]): Block[] {
  const tables = reports
    .filter((report) => report.model.heads.some(({ sha256 }) => sha256 === model.sha256))
    .flatMap((report) => builtInTasks.flatMap((task) => besideTable(report, task)));
  if (tables.length === 0) return [];
  return [
    heading(2, "Beside other networks"),
    paragraph(
      `Other networks on the same faces, each looking at the crop that it was made for, as far as that is known. The difference is ${model.id}'s accuracy less the other's, with a paired 95 % interval.`,
    ),
    ...tables,
  ];
}

const besideColumns: readonly MetricId[] = ["accuracy", "balancedAccuracy", "oneOffAccuracy", "meanAbsoluteError"];

function besideTable(report: EvaluationReport, task: BuiltInTask): Block[] {
  const own = report.tasks[task];
  // Others may tell what this one does not.
  if (own === undefined) return [];
  const first: ModelEvaluation = { model: report.model, role: report.role, tasks: report.tasks };
  const evaluations = [first, ...report.others].filter(({ tasks: told }) => told[task] !== undefined);
  if (evaluations.length < 2) return [];
  const ids = besideColumns.filter((id) => evaluations.some(({ tasks: told }) => told[task]![id] !== undefined));
  const rows = evaluations.map(({ model, tasks: told }) => {
    const numbers = ids.map((id) => formatEstimate(metricById(id), told[task]![id], told[task]!.intervals[id]));
    return [model.id, numbers, model.id === report.model.id ? "" : accuracyDifference(report, task, model.id)].flat();
  });
  const split = describeSplit({ task, report: own, data: report.data, role: report.role });
  const titles = ids.map((id) => titleOf(metricById(id)));
  return [numberTable(`Apparent ${task}: ${split}, n = ${formatCount(own.n)}`, ["", ...titles, "difference"], rows)];
}

function accuracyDifference({ comparisons }: EvaluationReport, task: BuiltInTask, other: string): string {
  const found = comparisons.find(
    (comparison) => comparison.task === task && comparison.other === other && comparison.metric === "accuracy",
  );
  if (found === undefined) return "–";
  const points = (share: number): string => `${share > 0 ? "+" : ""}${(100 * share).toFixed(1)}`;
  const interval = found.interval === undefined ? "" : ` (${points(found.interval.low)} to ${points(found.interval.high)})`;
  return `${points(found.difference)} points${interval}`;
}

const groupKeys: readonly TaskReport["slices"][number]["by"][] = ["ageGroup", "gender", "race"];

function groupTable(found: Measured): Block[] {
  const { task, report } = found;
  const slices = report.slices.filter(({ by }) => groupKeys.includes(by));
  if (slices.length === 0) return [];
  const ids = (["accuracy", "meanAbsoluteError", "meanError"] as const).filter((id) =>
    slices.some(({ metrics }) => metrics[id] !== undefined),
  );
  const rows = slices.map(({ by, value, n, metrics, intervals }) =>
    [`${sliceTitle(by)}: ${value}`, formatCount(n)].concat(ids.map((id) => formatEstimate(metricById(id), metrics[id], intervals[id]))),
  );
  return [numberTable(`Apparent ${task} by group: ${describeSplit(found)}`, ["", "n", ...ids.map((id) => titleOf(metricById(id)))], rows)];
}

/** What the manifest does to the network's answers, in sentences. */
function calibrationFacts({ outputs, flipAveraging }: CardModel): string {
  const temperatures = outputs.map(({ task, temperature }) => `${task} ${temperature.toFixed(3)}`).join(", ");
  const scaled = outputs.filter(({ scaling }) => scaling !== undefined).map(({ task }) => task);
  const mass = outputs.find(({ intervalMass }) => intervalMass !== undefined)?.intervalMass;
  const tails = outputs.find(({ intervalTails }) => intervalTails !== undefined)?.intervalTails;
  return [
    `Temperatures in the manifest: ${temperatures} (1: as trained).`,
    ...(scaled.length === 0 ? [] : [`Before that, vector scaling: a factor and an offset for each class of ${scaled.join(" and ")}.`]),
    ...(mass === undefined ? [] : [`The 80 % age interval takes ${formatShare(mass)} of each distribution.`]),
    ...(tails === undefined
      ? []
      : [
          `What the 80 % age interval leaves out of a distribution on either side is told by the network for each face, fitted on ${tails.source}. The coverage above counts these same faces.`,
        ]),
    ...(flipAveraging === true ? ["Answers are means over the face and its mirror image."] : []),
  ].join(" ");
}

function calibration(model: CardModel, measured: readonly Measured[]): Block[] {
  const rows = measured.map((found) => [
    `${found.task}: ${describeSplit(found)}`,
    formatCount(found.report.n - found.report.notFound),
    ...(["expectedCalibrationError", "adaptiveCalibrationError", "negativeLogLikelihood"] as const).map((id) =>
      formatEstimate(metricById(id), found.report[id], undefined),
    ),
  ]);
  return [
    heading(2, "Calibration"),
    paragraph(calibrationFacts(model)),
    ...(rows.length === 0
      ? []
      : [
          numberTable(
            "How far confidence is from accuracy, found faces",
            ["", "n", "expected calibration error", "adaptive", "negative log-likelihood"],
            rows,
          ),
        ]),
  ];
}

/** Slices with fewer faces than this say more about chance than about the model. */
const enoughFaces = 30;

function knownFailures(measured: readonly Measured[]): Block[] {
  if (measured.length === 0) return [paragraph("Not measured yet.")];
  return measured.flatMap((found) => {
    const sentences = [...confusions(found), ...weakSlices(found), ...biases(found)];
    return sentences.length === 0 ? [] : [paragraph(`${found.task}, ${describeSplit(found)}: ${sentences.join(" ")}`)];
  });
}

/** The commonest mistakes, as shares of the class that they happen to. */
function confusions({ report }: Measured): string[] {
  const names = report.labels ?? report.groups ?? [];
  const mistakes = report.confusionMatrix.flatMap((counts, row) => {
    const n = report.classes[row]!.n;
    return counts.flatMap((count, column) =>
      column === row || count === 0 || n < enoughFaces ? [] : [{ row, column, share: count / n, n }],
    );
  });
  const worst = mistakes.toSorted((a, b) => b.share - a.share).slice(0, 3);
  if (worst.length === 0) return [];
  const words = worst.map(
    ({ row, column, share, n }) => `${names[row]!} called ${names[column]!} (${formatShare(share)} of ${formatCount(n)})`,
  );
  return [`Commonest mistakes: ${words.join(", ")}.`];
}

function weakSlices({ report }: Measured): string[] {
  const { accuracy: overall } = report;
  if (overall === undefined) return [];
  const weak = report.slices
    .filter(({ n, metrics, intervals }) => n >= enoughFaces && metrics.accuracy !== undefined && (intervals.accuracy?.high ?? 1) < overall)
    .toSorted((a, b) => a.metrics.accuracy! - b.metrics.accuracy!)
    .slice(0, 4);
  if (weak.length === 0) return [];
  const words = weak.map(
    ({ by, value, n, metrics }) => `${sliceTitle(by)} ${value} (${formatShare(metrics.accuracy!)}, n = ${formatCount(n)})`,
  );
  return [`Clearly less accurate than the whole (${formatShare(overall)}) on: ${words.join(", ")}.`];
}

/** Ages at which faces are called clearly too old or too young. */
function biases({ report }: Measured): string[] {
  const biased = (report.errorByAge ?? []).filter(({ n, meanError }) => n >= enoughFaces && Math.abs(meanError) >= 3);
  if (biased.length === 0) return [];
  const words = biased.map(
    ({ low, high, n, meanError }) =>
      `${low} to ${high} years ${Math.abs(meanError).toFixed(1)} too ${meanError > 0 ? "old" : "young"} (n = ${formatCount(n)})`,
  );
  return [`On average called: ${words.join(", ")}.`];
}

function retraining({ provenance: { training } }: CardModel, known: string | undefined): Block[] {
  const recipe = training?.["recipe"];
  const command = known ?? training?.["command"];
  return [
    heading(2, "How to retrain"),
    paragraph(
      training === undefined
        ? "This network comes from others and is kept as a baseline; there is no recipe for it here."
        : `Recipe: ${typeof recipe === "string" ? recipe : "see the training facts above"}.${typeof command === "string" ? ` Command: ${command}.` : ""} The data must be obtained from their makers; nothing of them is in this repository.`,
    ),
  ];
}
