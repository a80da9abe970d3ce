import type { TopLevelSpec } from "vega-lite";
import { nounFor, type TaskDefinition, unreachable } from "../core/index.ts";
import { confusionChart } from "../evaluate/render/index.ts";
import {
  type Block,
  type Chart,
  chartColours,
  escapeHtml,
  factsTable,
  formatCount,
  formatShare,
  heading,
  numberTable,
  paragraph,
  renderBlocks,
  renderPage,
} from "../report/index.ts";
import type { Trial } from "./head/choose.ts";
import type { ConfidenceBin, TestMeasures } from "./measure.ts";
import type { RetrainResult } from "./options.ts";
import { describeResult } from "./describe.ts";

/** One example as the report shows it. */
export interface ShownExample {
  readonly file: string;
  /** What it is labelled, in words. */
  readonly label: string;
  /** What it was told, in words. */
  readonly answer: string;
  readonly confidence: number | undefined;
  readonly isRight: boolean;
  /** A data URL; undefined where pictures are left out. */
  readonly picture: string | undefined;
}

export interface ReportContents {
  readonly result: RetrainResult;
  readonly facts: readonly (readonly [string, string])[];
  readonly trials: readonly Trial[];
  /** Wrong with the most confidence, or with the largest error, first. */
  readonly worst: readonly ShownExample[];
  /** By label: some of its examples. */
  readonly sheets: readonly { readonly title: string; readonly examples: readonly ShownExample[] }[];
  readonly holds: string;
}

/** With more classes a matrix of all is not read any more. */
const mostInMatrix = 24;

const style = `
.sheet { display: grid; grid-template-columns: repeat(auto-fill, minmax(96px, 1fr)); gap: 14px 10px; margin: 12px 0 20px; max-width: 1080px; }
.sheet figure { min-width: 0; } .sheet img { display: block; width: 100%; max-width: 112px; height: auto; border-radius: 4px; border: 3px solid transparent; }
.sheet .wrong img { border-color: #cf7300; } .sheet figcaption { font-size: 0.75rem; line-height: 1.35; }
.sheet .wrong figcaption b { color: var(--ink); }
.warning { border-left: 4px solid #cf7300; background: var(--card); padding: 8px 12px; max-width: 75ch; }
`;

/** The report as one page without scripts and without anything from elsewhere. */
export async function renderRetrainReport(contents: ReportContents): Promise<string> {
  const { result, facts, trials, worst, sheets, holds } = contents;
  const { measures, task } = result;
  const title = `${result.manifest.id}: how well it tells ${task.name}`;
  const parts = [
    `<h1>${escapeHtml(title)}</h1>`,
    ...describeResult(result).map((line) => `<p>${escapeHtml(line)}</p>`),
    ...result.warnings.map((warning) => `<p class="warning">${escapeHtml(warning)}</p>`),
    await renderBlocks([factsTable("", facts)]),
    await renderBlocks(measureBlocks(task, measures)),
    await renderBlocks([heading(2, "How the head was chosen"), choiceChart(trials, measures.kind)]),
    worst.length === 0 ? "" : `<h2>The worst mistakes</h2>\n<p>${worstText(measures.kind)}</p>\n${sheet(worst)}`,
    sheets.length === 0
      ? ""
      : "<h2>Labels beside answers</h2>\n<p>Some pictures of each label; those with an orange edge were told otherwise.</p>",
    ...sheets.map(({ title: name, examples }) => `<h3>${escapeHtml(name)}</h3>\n${sheet(examples)}`),
    `<h2>What this page holds</h2>\n<p>${escapeHtml(holds)}</p>`,
  ];
  return renderPage(title, parts.join("\n"), { style });
}

function worstText(kind: TestMeasures["kind"]): string {
  return kind === "number"
    ? "The largest errors first."
    : "Wrong with the most confidence first. Some of them are wrong labels: look at those before you add pictures.";
}

function sheet(examples: readonly ShownExample[]): string {
  const figures = examples.map(({ file, label, answer, confidence, isRight, picture }) => {
    const image =
      picture === undefined
        ? ""
        : `<img src="${picture}" alt="labelled ${escapeHtml(label)}, told ${escapeHtml(answer)}" title="${escapeHtml(file)}">`;
    const sure = confidence === undefined ? "" : ` ${formatShare(confidence, 0)}`;
    const caption = isRight ? `${escapeHtml(answer)}${sure}` : `<b>${escapeHtml(answer)}${sure}</b><br>labelled ${escapeHtml(label)}`;
    return `<figure${isRight ? "" : ' class="wrong"'}>${image}<figcaption>${caption}${picture === undefined ? `<br>${escapeHtml(file)}` : ""}</figcaption></figure>`;
  });
  return `<div class="sheet">\n${figures.join("\n")}\n</div>`;
}

function share(value: number | undefined): string {
  return value === undefined ? "–" : formatShare(value);
}

function measureBlocks(task: TaskDefinition, measures: TestMeasures): Block[] {
  const labels = task.labels ?? [];
  switch (measures.kind) {
    case "classes":
    case "ordered": {
      const rows = measures.classes.map(({ n, recall, precision }, index) => [
        labels[index]!,
        formatCount(n),
        share(recall),
        share(precision),
      ]);
      return [
        heading(2, "What is told of each label"),
        numberTable("By label", ["label", "pictures", "told right", "right where told"], rows),
        ...(labels.length <= mostInMatrix ? [confusionsOf(task.name, labels, measures)] : []),
        ...commonestConfusions(labels, measures.confusions),
        heading(2, "Whether its confidence can be believed"),
        reliabilityChart(measures.reliability),
        paragraph(
          `Confidence and accuracy are ${formatShare(measures.expectedCalibrationError)} apart on average over ten ranges of confidence (expected calibration error).`,
        ),
      ];
    }
    case "tags":
      return [
        heading(2, "What is told of each tag"),
        numberTable(
          "By tag",
          ["tag", "pictures with it", "told right", "always the commoner", "found", "right where told"],
          measures.tags.map(({ n, accuracy, baseline, recall, precision }, index) => [
            labels[index]!,
            formatCount(n),
            share(accuracy),
            share(baseline),
            share(recall),
            share(precision),
          ]),
        ),
      ];
    case "number":
      return [];
    default:
      return unreachable(measures);
  }
}

/** Pictures are counted: some are no faces, and none was looked for where all are cut alike. */
function confusionsOf(
  task: string,
  labels: readonly string[],
  { n, confusions }: Extract<TestMeasures, { readonly confusions: unknown }>,
): Chart {
  const chart = confusionChart(
    task,
    labels,
    confusions.map((row) => [...row]),
    { one: "picture", many: "pictures", answered: "pictures" },
  );
  return { ...chart, title: `Confusion matrix, ${task} (n = ${formatCount(n)} ${nounFor(n, "picture")})` };
}

function commonestConfusions(labels: readonly string[], confusions: readonly (readonly number[])[]): Block[] {
  const rows = confusionRows(labels, confusions);
  if (rows.length === 0) return [paragraph("Every picture was told its own label.")];
  return [numberTable("The commonest confusions", ["labelled", "told", "pictures", "of the label"], rows, { textColumns: [0, 1] })];
}

function confusionRows(labels: readonly string[], confusions: readonly (readonly number[])[]): string[][] {
  return confusions
    .flatMap((row, labelled) => {
      const total = row.reduce((sum, count) => sum + count, 0);
      return row.map((count, told) => ({ labelled, told, count, share: total === 0 ? 0 : count / total }));
    })
    .filter(({ labelled, told, count }) => labelled !== told && count > 0)
    .toSorted((a, b) => b.count - a.count)
    .slice(0, 12)
    .map(({ labelled, told, count, share: part }) => [labels[labelled]!, labels[told]!, formatCount(count), formatShare(part)]);
}

type Layered = Extract<TopLevelSpec, { readonly layer: unknown }>["layer"][number];

const percent = "format(100 * datum.value, 'd') + ' %'";

function reliabilityChart(bins: readonly ConfidenceBin[]): Chart {
  const axis = { scale: { domain: [0, 1] }, axis: { labelExpr: percent, tickCount: 5 } };
  const spec: TopLevelSpec = {
    width: 300,
    height: 240,
    layer: [
      {
        data: { values: [{ at: 0 }, { at: 1 }] },
        mark: { type: "line", strokeDash: [5, 4], color: chartColours.soft },
        encoding: { x: { field: "at", type: "quantitative", ...axis }, y: { field: "at", type: "quantitative", ...axis } },
      },
      {
        data: { values: [...bins] },
        mark: { type: "point", filled: true, color: chartColours.accent, opacity: 0.9 },
        encoding: {
          x: { field: "confidence", type: "quantitative", title: "mean confidence of the range", ...axis },
          y: { field: "accuracy", type: "quantitative", title: "told right", ...axis },
          size: { field: "n", type: "quantitative", legend: null, scale: { range: [20, 260] } },
        },
      },
    ],
  };
  return {
    kind: "chart",
    title: "Confidence and accuracy",
    description: "On the dashed line it is right as often as it says. Larger dots are more pictures.",
    spec,
    table: numberTable(
      "",
      ["mean confidence", "told right", "pictures"],
      bins.map(({ confidence, accuracy, n }) => [formatShare(confidence), formatShare(accuracy), formatCount(n)]),
    ),
  };
}

function choiceChart(trials: readonly Trial[], kind: TestMeasures["kind"]): Chart {
  const unit = kind === "number" ? "mean squared error" : "mean loss (nats)";
  const families = { true: "one direction for all groups", false: "a direction for each" };
  const values = trials.flatMap(({ ridge, isOrdered, loss, hidden }) =>
    hidden === undefined ? [{ ridge, loss, family: families[`${isOrdered}`] }] : [],
  );
  const layered = trials.flatMap(({ hidden, loss }) => (hidden === undefined ? [] : [{ loss, ...hidden }]));
  const best = Math.min(...layered.map(({ loss }) => loss));
  const several = new Set(values.map(({ family }) => family)).size > 1;
  const lines: Layered = {
    data: { values },
    mark: { type: "line", point: true },
    encoding: {
      x: {
        field: "ridge",
        type: "quantitative",
        scale: { type: "log", reverse: true },
        title: "ridge: strong to weak",
        axis: { format: "~g", values: [10, 1, 0.1, 0.01] },
      },
      y: { field: "loss", type: "quantitative", title: `${unit}, unseen examples`, scale: { zero: false } },
      ...(several ? { color: { field: "family", type: "nominal" as const } } : {}),
    },
  };
  const level: Layered = {
    data: { values: [{ loss: best }] },
    mark: { type: "rule", strokeDash: [5, 4], color: chartColours.soft },
    encoding: { y: { field: "loss", type: "quantitative" } },
  };
  return {
    kind: "chart",
    title: "Candidates in cross-validation",
    description: `The lowest was taken. A family of heads is followed as long as it does better.${layered.length === 0 ? "" : " Dashed: the best head with a layer of units in between."}`,
    spec: { width: 300, height: 200, layer: layered.length === 0 ? [lines] : [lines, level] },
    table: numberTable(
      "",
      ["head", "ridge", unit],
      [
        ...values.map(({ family, ridge, loss }) => [family, String(ridge), loss.toFixed(4)]),
        ...layered.map(({ units, steps, loss }) => [`${units} units in between, ${steps} steps`, "–", loss.toFixed(4)]),
      ],
    ),
  };
}
