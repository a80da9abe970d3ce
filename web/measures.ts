import { glob, readFile } from "node:fs/promises";
import { builtInTasks } from "../src/core/index.ts";
import { evaluationReportSchema, type ModelEvaluation, type TaskReport } from "../src/evaluate/index.ts";
import type { Measure, Share } from "./src/shared/measures.ts";

/** What the evaluation reports in a folder say of each head, as the models page shows it. */
export async function readMeasures(folder: string): Promise<readonly Measure[]> {
  const paths = (await Array.fromAsync(glob("*.json", { cwd: folder }))).toSorted();
  const lists = await Promise.all(paths.map(async (path) => measuresOf(JSON.parse(await readFile(`${folder}/${path}`, "utf8")))));
  return lists.flat();
}

function measuresOf(json: unknown): Measure[] {
  const { data, model, role, tasks, others, bootstrap } = evaluationReportSchema.parse(json);
  const evaluations: ModelEvaluation[] = [{ model, role, tasks }, ...others];
  return evaluations.flatMap((evaluation) =>
    evaluation.model.heads.flatMap(({ sha256, tasks }) =>
      builtInTasks
        .filter((task) => tasks.includes(task))
        .flatMap((task): Measure[] => {
          const report = evaluation.tasks[task];
          if (report?.accuracy === undefined) return [];
          const { name, split, path } = data;
          return [{ sha256, task, data: { name, split, path }, role: evaluation.role, level: bootstrap.level, ...numbers(report) }];
        }),
    ),
  );
}

function numbers(report: TaskReport): Omit<Measure, "sha256" | "task" | "data" | "role" | "level"> {
  const { n, baseline, meanAbsoluteError, expectedCalibrationError, intervalCoverage, labels, confusionMatrix } = report;
  return {
    n,
    accuracy: share(report.accuracy!, report.intervals.accuracy),
    baseline: { label: baseline.label, accuracy: baseline.accuracy },
    ...(meanAbsoluteError !== undefined && { meanAbsoluteError: share(meanAbsoluteError, report.intervals.meanAbsoluteError) }),
    ...(expectedCalibrationError !== undefined && { expectedCalibrationError }),
    ...(intervalCoverage !== undefined && { intervalCoverage }),
    groups: report.slices.flatMap(({ by, value, n, metrics, intervals }) =>
      metrics.accuracy === undefined ? [] : [{ by, value, n, accuracy: share(metrics.accuracy, intervals.accuracy) }],
    ),
    // For two labels the matrix says nothing that accuracy does not; age groups have their error by group.
    ...(labels !== undefined && labels.length > 2 && { confusion: { labels, counts: confusionMatrix } }),
  };
}

/** Rounded to what is shown: the page need not load seventeen digits. */
function share(value: number, interval: { readonly low: number; readonly high: number } | undefined): Share {
  const round = (number: number): number => Math.round(number * 1e6) / 1e6;
  return { value: round(value), ...(interval !== undefined && { low: round(interval.low), high: round(interval.high) }) };
}
