import { intervalLevel } from "../../core/index.ts";
import { type Block, formatCount, formatLevel, formatShare, paragraph } from "../../report/index.ts";
import { chanceOfAtMost } from "../binomial.ts";
import type { TaskReport } from "../report.ts";

/** Each of twelve decades is looked at: chance alone shall call one a failure in no more than one report of forty (Bonferroni). */
const decadeChance = 0.025 / 12;

/** Says in words that intervals hold fewer ages or numbers than they promise; nothing where they hold, or where chance may have done it. */
export function describeCoverage({
  intervalCoverage,
  intervals,
  errorByAge = [],
  intervalLevel: level = intervalLevel,
  kind,
}: TaskReport): Block[] {
  const promised = `The ${formatLevel(level)} ${kind === "number" ? "interval" : "age interval"}`;
  const own = intervals.intervalCoverage;
  const missed = errorByAge.flatMap(({ low, high, n, subjects = n, intervalCoverage: covered }) => {
    if (covered === undefined || chanceOfAtMost(covered, subjects, level) > decadeChance) return [];
    return [`${low}\u2013${high} (${formatShare(covered)} of n = ${formatCount(n)})`];
  });
  const overall =
    intervalCoverage === undefined || own === undefined || own.high >= level
      ? []
      : [
          `${promised} holds fewer ${kind === "number" ? "true numbers" : "ages"} than it promises: ${formatShare(intervalCoverage)} of these faces (${formatShare(own.low)} to ${formatShare(own.high)}). Take it for too narrow on faces like these.`,
        ];
  const subject = overall.length === 0 ? promised : "It";
  const decades = missed.length === 0 ? [] : [`${subject} holds fewer than ${formatLevel(level)} at the ages ${missed.join(", ")}.`];
  const sentences = [...overall, ...decades];
  return sentences.length === 0 ? [] : [paragraph(sentences.join(" "))];
}
