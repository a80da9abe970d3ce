import { counted } from "../../src/core/index.ts";
import { type Spread, spreadText } from "../statistics.ts";
import type { AgainstReport, Side } from "./compare.ts";

/** The comparison as Markdown: two tables, and what the answers are worth. */
export function renderAgainst({ commit, setup, rows, answers, machine }: AgainstReport): string {
  return [
    `Against the build of commit \`${commit.slice(0, 7)}\`, in turns, on ${machine}. Before: ${setup.before}. Now: ${setup.now}. Ratios are those of the`,
    "rounds, now against before: median and middle half. Processor time is user and system time of all threads.",
    "",
    "| row | before, ms | now, ms | ratio | processor time before, ms | now, ms | ratio | peak memory before, MiB | now | ratio | n | measured |",
    "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | --- |",
    ...rows.map(({ title, date, time, processorTime, ratio, processorRatio, peakBytes }) => {
      const cells = [
        title,
        milliseconds(time.before),
        milliseconds(time.now),
        spreadText(ratio, 2),
        milliseconds(processorTime.before),
        milliseconds(processorTime.now),
        spreadText(processorRatio, 2),
        ...(peakBytes === undefined ? ["", "", ""] : memoryCells(peakBytes)),
        ratio.n,
        date,
      ];
      return `| ${cells.join(" | ")} |`;
    }),
    ...(answers === undefined
      ? []
      : [
          "",
          `The answers on ${answers.pictures} pictures with ${answers.faces} faces (${answers.date}): ${counted(answers.unmatched, "face was", "faces were")} found by one of the two only; of ${answers.differing} of the others`,
          `a probability differs by more than 0.01; none differs by more than ${answers.probability.toPrecision(2)}, no box by more than ${answers.pixels.toPrecision(2)} pixels.`,
        ]),
  ].join("\n");
}

function memoryCells({ before, now }: Readonly<Record<Side, number>>): string[] {
  return [Math.round(before / 2 ** 20).toString(), Math.round(now / 2 ** 20).toString(), (now / before).toFixed(2)];
}

function milliseconds({ median }: Spread): string {
  return median >= 100 ? Math.round(median).toString() : median.toFixed(1);
}
