import type { VectorScaling } from "../core/index.ts";
import { evaluationReportSchema } from "./report.ts";

/**
 * The vector scalings that `evaluate --fit-scaling` found, by task, own ones too.
 * @param text of a report's JSON file
 * @returns nothing in it for what is no report, or one without scalings
 */
export function scalingsInReport(text: string): Readonly<Record<string, VectorScaling>> {
  const tasks = tasksInReport(text);
  const fits = Object.entries(tasks).flatMap(([task, report]) => {
    const fit = report?.scalingFit;
    return fit === undefined ? [] : [[task, { scale: fit.scale, bias: fit.bias }] as const];
  });
  return Object.fromEntries(fits);
}

function tasksInReport(text: string): ReturnType<typeof evaluationReportSchema.parse>["tasks"] {
  try {
    return evaluationReportSchema.parse(JSON.parse(text)).tasks;
  } catch {
    return {};
  }
}
