import { quantile } from "./bootstrap.ts";
import type { TaskReport } from "./report.ts";
import type { TaskSample } from "./sample.ts";

/** What always naming the commonest class, and for exact ages the median age, would reach on these very faces. */
export function majorityBaseline(sample: TaskSample): TaskReport["baseline"] {
  const counts = sample.classNames.map(() => 0);
  for (const truth of sample.truth) counts[truth]! += 1;
  const most = Math.max(...counts);
  return {
    label: sample.classNames[counts.indexOf(most)]!,
    accuracy: most / sample.count,
    balancedAccuracy: 1 / counts.filter((count) => count > 0).length,
    ...medianAge(sample),
  };
}

function medianAge({ years }: TaskSample): { years: number; meanAbsoluteError: number } | undefined {
  const ages = years?.truth.filter((age) => !Number.isNaN(age)).sort();
  if (ages === undefined || ages.length === 0) return undefined;
  const median = quantile(ages, 0.5);
  return { years: median, meanAbsoluteError: ages.reduce((sum, age) => sum + Math.abs(age - median), 0) / ages.length };
}
