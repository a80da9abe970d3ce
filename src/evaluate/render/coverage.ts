import { intervalLevel } from "../../core/index.ts";
import { type Block, formatCount, formatShare, paragraph } from "../../report/index.ts";
import { wilsonInterval } from "../binomial.ts";
import type { TaskReport } from "../report.ts";

/**
 * Of the standard normal distribution, 1 - 0.025 / 12: each of twelve decades is looked at, and chance alone shall call one of them a
 * failure in no more than one report of forty (Bonferroni).
 */
const decadeQuantile = 2.8653;

/** Says in words that age intervals hold fewer ages than they promise; nothing where they hold, or where chance may have done it. */
export function describeCoverage({ intervalCoverage, intervals, errorByAge = [] }: TaskReport): Block[] {
  const promised = formatShare(intervalLevel, 0);
  const own = intervals.intervalCoverage;
  const missed = errorByAge.flatMap(({ low, high, n, subjects = n, intervalCoverage: covered }) => {
    if (covered === undefined || wilsonInterval(covered, subjects, decadeQuantile).high >= intervalLevel) return [];
    return [`${low}\u2013${high} (${formatShare(covered)} of n = ${formatCount(n)})`];
  });
  const overall =
    intervalCoverage === undefined || own === undefined || own.high >= intervalLevel
      ? []
      : [
          `The ${promised} age interval holds fewer ages than it promises: ${formatShare(intervalCoverage)} of these faces (${formatShare(own.low)} to ${formatShare(own.high)}). Take it for too narrow on faces like these.`,
        ];
  const subject = overall.length === 0 ? `The ${promised} age interval` : "It";
  const decades = missed.length === 0 ? [] : [`${subject} holds fewer than ${promised} at the ages ${missed.join(", ")}.`];
  const sentences = [...overall, ...decades];
  return sentences.length === 0 ? [] : [paragraph(sentences.join(" "))];
}
