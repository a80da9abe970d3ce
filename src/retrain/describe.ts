import { nounFor, unreachable } from "../core/index.ts";
import { formatCount, formatShare } from "../report/index.ts";
import type { MeasuredShare, TestMeasures } from "./measure.ts";
import type { FineTuning, RetrainResult } from "./options.ts";

/** What was made and how good it is, in a few sentences. */
export function describeResult(result: RetrainResult): string[] {
  const { examples, measures, task, testKind, leftOut, cleaning } = result;
  const { labels = [] } = task;
  const classes =
    task.kind === "number" ? "" : ` (${labels.map((label, index) => `${label} ${formatCount(result.counts[index]!)}`).join(", ")})`;
  const asked =
    testKind === "held out"
      ? `${formatCount(examples.tested)} ${nounFor(examples.tested, "picture that was", "pictures that were")} kept apart`
      : `${formatCount(examples.tested)} ${nounFor(examples.tested, "picture")}, each asked of a model that was made without it`;
  const changed = cleaning?.relabelled ?? 0;
  const reviewed = changed === 0 ? "" : `; ${formatCount(changed)} with another label since the review`;
  return [
    `${formatCount(examples.used)} ${nounFor(examples.used, "picture")}${classes}${leftOut.length === 0 ? "" : `; ${formatCount(leftOut.length)} left out: ${describeLeftOut(result)}`}${reviewed}.`,
    `${describeMeasures(measures, labels)} On ${asked}.`,
    ...(result.fineTuning === undefined ? [] : [`Fine-tuning: ${describeFineTuning(result.fineTuning)}.`]),
  ];
}

/** What learning the network on has brought, and which of the two is kept. */
export function describeFineTuning({ isKept, before, after, epoch, epochs, validated }: FineTuning): string {
  const kept = isKept ? "the network that was learnt on is kept" : "it was no better, so the network is kept as it was";
  return `loss on ${formatCount(validated)} ${nounFor(validated, "picture that validates", "pictures that validate")} ${before.toFixed(3)} before, ${after.toFixed(3)} after pass ${epoch} of ${epochs}; ${kept}`;
}

/** Reasons with their counts, the commonest first. */
export function describeLeftOut({ leftOut }: Pick<RetrainResult, "leftOut">): string {
  return [...Map.groupBy(leftOut, ({ reason }) => reason)]
    .toSorted(([, a], [, b]) => b.length - a.length)
    .map(([reason, files]) => `${reason} ${formatCount(files.length)}`)
    .join(", ");
}

function withInterval({ value, low, high }: MeasuredShare): string {
  return `${formatShare(value)} (95 % interval ${formatShare(low)} to ${formatShare(high)})`;
}

function describeMeasures(measures: TestMeasures, labels: readonly string[]): string {
  switch (measures.kind) {
    case "classes":
    case "ordered": {
      const { accuracy, baseline, balancedAccuracy, oneOffAccuracy } = measures;
      const beside = oneOffAccuracy === undefined ? "" : ` ${formatShare(oneOffAccuracy)} right or one beside it.`;
      return `Right: ${withInterval(accuracy)}. Always "${labels[baseline.label]}" would be right in ${formatShare(baseline.accuracy)}. Mean over labels: ${formatShare(balancedAccuracy)}.${beside}`;
    }
    case "tags":
      return `Tags told right: ${withInterval(measures.accuracy)}. Always the commoner would be right in ${formatShare(measures.baseline.accuracy)}.`;
    case "number": {
      const { meanAbsoluteError: error, baseline, coverage } = measures;
      return `Mean error: ${number(error.value)} (95 % interval ${number(error.low)} to ${number(error.high)}). Always ${number(baseline.value)} would be off by ${number(baseline.meanAbsoluteError)}. The 80 % interval holds ${formatShare(coverage)}.`;
    }
    default:
      return unreachable(measures);
  }
}

function number(value: number): string {
  return String(Number(value.toPrecision(3)));
}

/** Whether a model is told from one that always says the same; undefined when it is. */
export function warnOfChance(measures: TestMeasures): string | undefined {
  if (measures.kind === "number") {
    return measures.meanAbsoluteError.high >= measures.baseline.meanAbsoluteError
      ? "within chance: always saying the median may be as good. Do not use this model"
      : undefined;
  }
  const constant = measures.kind === "tags" ? "the commoner for each tag" : "the largest class";
  return measures.accuracy.low <= measures.baseline.accuracy
    ? `within chance: always saying ${constant} may be as good. Do not use this model`
    : undefined;
}
