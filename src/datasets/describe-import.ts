import { counted } from "../core/index.ts";
import type { DatasetInfo } from "./dataset-info.ts";
import { notUniqueNote } from "./import/face-ids.ts";
import { labelsInOrder } from "./tasks.ts";

/** `train 8, test 2`: what there is none of is not told. */
export function listCounts(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .filter(([, count]) => count > 0)
    .map(([name, count]) => `${name} ${count}`)
    .join(", ");
}

/** Numbers of a task that are listed one by one. */
const listedNumbers = 12;

/** Where numbers lie, which are counted in two digits. @param numbers in their order */
function describeNumbers(counts: Readonly<Record<string, number>>, numbers: readonly string[]): string {
  const total = numbers.reduce((sum, number) => sum + counts[number]!, 0);
  let below = 0;
  const median = numbers.find((number) => (below += counts[number]!) * 2 >= total);
  return `${total} numbers, about ${numbers[0]} to ${numbers.at(-1)}, half of them up to ${median}`;
}

/** What was done where ids of the source are not unique. */
function describeUnsure(count: number, format: string): string {
  const ids = `the source's ids are not unique, so that the picture's path is the id of ${counted(count, "face")} with one`;
  const hasColumns = format === "csv" || format === "imagefolder";
  return hasColumns ? `${ids}; if it is a person's, say so with --columns subject=id: people are kept together then` : ids;
}

/** What had to be mended or supposed to read the rows of a source, for people. @param notes faces by note */
export function describeNotes({ [notUniqueNote]: unsure = 0, ...mended }: Readonly<Record<string, number>>, format: string): string[] {
  return [
    ...(Object.keys(mended).length > 0 ? [`mended: ${listCounts(mended)}`] : []),
    ...(unsure > 0 ? [describeUnsure(unsure, format)] : []),
  ];
}

/** What an import did, for people: rows = faces + rejections, and what they are. */
export function describeImport({ counts, format, title, licence, tasks = [] }: DatasetInfo, out: string): string {
  const lines = [
    `${title} (licence: ${licence})`,
    `${counted(counts.rows, "row")} = ${counted(counts.faces, "face")} + ${counts.rejections} rejected${counts.rejections > 0 ? ` (${listCounts(counts.rejectionsByReason)})` : ""}`,
    `splits: ${listCounts(counts.bySplit)}`,
  ];
  for (const [task, byClass] of Object.entries(counts.byLabel)) {
    // An object has whole numbers first, whatever the order in which they were counted.
    const names = labelsInOrder(Object.keys(byClass));
    const areNumbers = tasks.some(({ name, kind }) => name === task && kind === "number");
    const isLong = areNumbers && names.length > listedNumbers;
    if (names.length > 0)
      lines.push(`${task}: ${isLong ? describeNumbers(byClass, names) : names.map((name) => `${name} ${byClass[name]}`).join(", ")}`);
  }
  if (counts.faces === 0) lines.push("no picture is there: rejections.jsonl holds the table, each row with its labels");
  lines.push(...describeNotes(counts.notes, format));
  return `${lines.join("\n")}\nwritten to ${out}\n`;
}
