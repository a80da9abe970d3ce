import type { DatasetInfo } from "./dataset-info.ts";
import { labelsInOrder } from "./tasks.ts";

/** `train 8, test 2`: what there is none of is not told. */
export function listCounts(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .filter(([, count]) => count > 0)
    .map(([name, count]) => `${name} ${count}`)
    .join(", ");
}

/** What an import did, for people: rows = faces + rejections, and what they are. */
export function describeImport({ counts, title, licence }: DatasetInfo, out: string): string {
  const lines = [
    `${title} (licence: ${licence})`,
    `${counts.rows} rows = ${counts.faces} faces + ${counts.rejections} rejected${counts.rejections > 0 ? ` (${listCounts(counts.rejectionsByReason)})` : ""}`,
    `splits: ${listCounts(counts.bySplit)}`,
  ];
  for (const [task, byClass] of Object.entries(counts.byLabel)) {
    // An object has whole numbers first, whatever the order in which they were counted.
    const counted = labelsInOrder(Object.keys(byClass)).map((name) => `${name} ${byClass[name]}`);
    if (counted.length > 0) lines.push(`${task}: ${counted.join(", ")}`);
  }
  if (counts.faces === 0) lines.push("no picture is there: rejections.jsonl holds the table, each row with its labels");
  if (Object.keys(counts.notes).length > 0) lines.push(`mended: ${listCounts(counts.notes)}`);
  return `${lines.join("\n")}\nwritten to ${out}\n`;
}
