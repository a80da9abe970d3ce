import type { VectorScaling } from "../core/index.ts";
import { evaluationReportSchema } from "./report.ts";

/**
 * The vector scalings that `evaluate --fit-scaling` found, by task, own ones too. Those of tags, which a report tells one by one in the
 * order of the head's labels, are joined.
 * @param text of a report's JSON file
 * @returns nothing in it for what is no report, or one without scalings
 */
export function scalingsInReport(text: string): Readonly<Record<string, VectorScaling>> {
  const tasks = tasksInReport(text);
  const fits = new Map<string, VectorScaling>();
  for (const [name, report] of Object.entries(tasks)) {
    const [task, tag] = name.split(": ", 2);
    const fit = report?.scalingFit;
    if (fit === undefined || task === undefined) continue;
    const before = tag === undefined ? undefined : fits.get(task);
    fits.set(task, { scale: [...(before?.scale ?? []), ...fit.scale], bias: [...(before?.bias ?? []), ...fit.bias] });
  }
  return Object.fromEntries(fits);
}

function tasksInReport(text: string): ReturnType<typeof evaluationReportSchema.parse>["tasks"] {
  try {
    return evaluationReportSchema.parse(JSON.parse(text)).tasks;
  } catch {
    return {};
  }
}
