import type { BoxedFace } from "./boxes.ts";
import type { TableRow } from "./csv-rows.node.ts";
import type { SourceRejection } from "./source-row.ts";

/** Columns by which a table is known for one that `analyze --format csv` wrote: a row for each face, with its box. */
const marks = ["source", "width", "height", "face", "x", "y", "box_width", "box_height"] as const;

export const analysisFile = "source";
/** A detector's box ends at the brow and the chin: this much of its sides is taken around it, so that a head can be found again. */
export const analysisMargin = 0.4;

export function isAnalysisTable(headers: readonly string[]): boolean {
  return marks.every((name) => headers.includes(name));
}

/** A name as it was before a spreadsheet was kept from running it as a formula. */
export function plainName(cell: string): string {
  return /^'[=+\-@]/.test(cell) ? cell.slice(1) : cell;
}

/** Which face of a picture a row is of: none, where it is of the whole picture. */
export function readAnalyzedFace(row: TableRow): Pick<BoxedFace, "box" | "number"> | Pick<SourceRejection, "reason" | "detail"> {
  const cell = (name: string): string => row.cell(name);
  if (cell("error_code") !== "") return { reason: "unreadable-picture", detail: `${cell("error_code")}: ${cell("error_message")}` };
  const face = cell("face");
  if (face === "") return { box: undefined, number: 0 };
  const [x, y, across, down, width, height] = ["x", "y", "box_width", "box_height", "width", "height"].map((name) =>
    cell(name) === "" ? Number.NaN : Number(cell(name)),
  );
  if (![x, y, across, down, width, height].every(Number.isFinite) || across! <= 0 || down! <= 0)
    return { reason: "malformed-row", detail: "the columns x, y, box_width and box_height are no box" };
  return { box: { x: x!, y: y!, width: across!, height: down!, within: { width: width!, height: height! } }, number: face };
}
