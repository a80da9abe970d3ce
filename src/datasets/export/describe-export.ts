import { counted } from "../../core/index.ts";
import { quoted } from "../../report/index.ts";
import { listCounts } from "../describe-import.ts";
import type { ExportSummary } from "./export.node.ts";

/** What an export did, for people. */
export function describeExport(
  { faces, pictures, leftOut, bySplit, lost = {}, cleaning, importArguments }: ExportSummary,
  out: string,
): string {
  const left = leftOut === 0 ? "" : `; ${leftOut} left out, of other splits or without such a label`;
  const lines = [`${counted(faces, "face")}, ${counted(pictures, "picture")} (${listCounts(bySplit)})${left}`];
  if (Object.keys(lost).length > 0) lines.push(`lost, for this layout has no place for it: ${listCounts(lost)}`);
  if (cleaning !== undefined) lines.push(`as cleaned: ${cleaning.dropped} dropped, ${cleaning.relabelled} with a new label`);
  const again = importArguments && `to read it again: tensorface dataset import ${importArguments.map(quoted).join(" ")} --out DIR\n`;
  return `${lines.join("\n")}\nwritten to ${out}\n${again ?? ""}`;
}
