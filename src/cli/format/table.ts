import type { AnalyzedFace, FaceAnalysis, FailedAnalysis } from "../../analyze/analysis.ts";
import type { BuiltInTask } from "../../core/index.ts";
import { isFailed, type OutcomeWriter } from "./writer.ts";
import { bar, createStyle, fitPath, padEnd, percent, printable, type Style } from "./text.ts";

export interface TableOptions {
  readonly heads: readonly BuiltInTask[];
  readonly isSinglePicture: boolean;
  readonly width: number;
  readonly colour: boolean;
}

/** Above this number of faces, one picture is shown as rows too: cards would run off the screen. */
const mostCards = 3;
const cardColumnWidth = 24;
const cardBarWidth = 9;
const cardGap = "   ";

/** For people: one picture as cards with every probability, several as one row a face. */
export function createTableWriter(options: TableOptions): OutcomeWriter {
  const style = createStyle(options.colour);
  const rows = createRows(options, style);
  let cards = 0;
  return {
    begin: () => (options.isSinglePicture ? "" : rows.header),
    write: (outcome) => {
      if (!options.isSinglePicture) return rows.write(outcome);
      if (isFailed(outcome)) return `${failedLine(outcome, style)}\n`;
      cards = outcome.faces.length;
      const title = `${style.strong(printable(outcome.source))}  ${pictureFacts(outcome)}\n`;
      if (cards > mostCards) return `${title}\n${rows.header}${rows.write(outcome)}`;
      return `${title}${outcome.faces.map((face, index) => renderCard(face, index, options.heads, style)).join("")}`;
    },
    end: () => (cards > 0 ? `\n${style.faint(legend(options.heads))}\n` : ""),
  };
}

function pictureFacts({ width, height, faces, timings }: FaceAnalysis): string {
  const count = faces.length === 0 ? "no face" : faces.length === 1 ? "1 face" : `${faces.length} faces`;
  const milliseconds = Math.round(timings.decodeMs + timings.detectMs + timings.classifyMs);
  return `${width} x ${height} pixels, ${count}, ${milliseconds} ms`;
}

function legend(heads: readonly BuiltInTask[]): string {
  const age = heads.includes("age") ? "Years in brackets: meant to hold the true age for 8 of 10 faces.\n" : "";
  return `${age}Guesses from looks with their probabilities, not facts about a person.`;
}

function failedLine({ source, error }: FailedAnalysis, style: Style): string {
  return `${style.strong(printable(source))}  ${style.warning(`failed: ${printable(error.message)}`)} [${error.code}]\n  ${error.hint}`;
}

/** Every probability of one face, a column a head. */
function renderCard(face: AnalyzedFace, index: number, heads: readonly BuiltInTask[], style: Style): string {
  const { x, y, width, height } = face.box;
  const place = `${Math.round(width)} x ${Math.round(height)} pixels at ${Math.round(x)}, ${Math.round(y)}`;
  const columns = heads.map((head) => cardColumn(face, head, style)).filter((column) => column.length > 0);
  const height_ = Math.max(0, ...columns.map((column) => column.length));
  const lines = Array.from({ length: height_ }, (_, line) =>
    columns.map((column) => column[line] ?? blankCell).map(({ text, plain }) => text + " ".repeat(Math.max(0, cardColumnWidth - plain))),
  );
  const body = lines.map((cells) => `  ${cells.join(cardGap)}`.trimEnd()).join("\n");
  return `\n  ${style.strong(`Face ${index + 1}`)}  ${place}, score ${face.score.toFixed(2)}\n\n${body}\n`;
}

/** A painted text and how wide it is without its paint. */
interface Cell {
  readonly text: string;
  readonly plain: number;
}
const blankCell: Cell = { text: "", plain: 0 };

function cardColumn(face: AnalyzedFace, head: BuiltInTask, style: Style): Cell[] {
  const estimate = face[head];
  if (estimate === undefined) return [];
  const title = head === "age" ? `Age ${ageText(face)}` : `${head === "gender" ? "Gender" : "Mood"} ${labelOf(face, head)}`;
  const shares: [string, number][] = Object.entries(estimate.probabilities);
  const best = Math.max(...shares.map(([, share]) => share));
  return [
    { text: style.strong(title), plain: title.length },
    ...shares.map(([label, share]) => shareCell(label, share, share === best, style)),
  ];
}

function shareCell(label: string, share: number, isBest: boolean, style: Style): Cell {
  const name = label.padEnd(9);
  const filled = bar(share, cardBarWidth);
  const rest = " ".repeat(cardBarWidth - filled.length);
  const text = `${isBest ? style.strong(name) : name}${style.bar(filled)}${rest} ${percent(share)}`;
  return { text, plain: name.length + cardBarWidth + 6 };
}

function ageText({ age }: AnalyzedFace): string {
  if (age === undefined) return "";
  return `${Math.round(age.years)} (${Math.round(age.interval.low)} to ${Math.round(age.interval.high)})`;
}

function labelOf(face: AnalyzedFace, head: "gender" | "mood"): string {
  return face[head]?.label ?? "";
}

interface Rows {
  readonly header: string;
  write(outcome: FaceAnalysis | FailedAnalysis): string;
}

/** One row a face, in columns whose widths do not depend on the pictures: the first row can be printed at once. */
function createRows({ heads, width }: TableOptions, style: Style): Rows {
  const headColumns = heads.map((head) => rowColumn(head, width >= 100));
  const fixed = headColumns.reduce((sum, column) => sum + column.width + 2, 0) + 14;
  const pathWidth = Math.min(Math.max(width - fixed, 16), 60);
  const line = (path: string, cells: readonly string[]): string => `${[fitPath(path, pathWidth), ...cells].join("  ").trimEnd()}\n`;
  const titles = ["Face", "Pixels".padStart(6), ...headColumns.map((column) => padEnd(column.title, column.width))];
  return {
    header: style.strong(line("Picture", titles)),
    write: (outcome) => {
      const source = printable(outcome.source);
      if (isFailed(outcome)) return line(source, [style.warning(`failed: ${printable(outcome.error.message)} [${outcome.error.code}]`)]);
      if (outcome.faces.length === 0) return line(source, ["no face"]);
      return outcome.faces
        .map((face, index) => {
          const facts = [String(index + 1).padStart(4), String(Math.round(face.box.width)).padStart(6)];
          return line(index === 0 ? source : "", [...facts, ...headColumns.map((column) => column.render(face, style))]);
        })
        .join("");
    },
  };
}

interface RowColumn {
  readonly title: string;
  readonly width: number;
  readonly render: (face: AnalyzedFace, style: Style) => string;
}

function rowColumn(head: BuiltInTask, hasBars: boolean): RowColumn {
  if (head === "age") return { title: "Age", width: 14, render: (face) => padEnd(ageText(face), 14) };
  const labelWidth = head === "gender" ? 6 : 8;
  const barWidth = hasBars ? 5 : 0;
  return {
    title: head === "gender" ? "Gender" : "Mood",
    width: labelWidth + barWidth + (hasBars ? 1 : 0) + 6,
    render: (face, style) => {
      const estimate = face[head];
      if (estimate === undefined) return "";
      const filled = bar(estimate.confidence, barWidth);
      const drawn = hasBars ? ` ${style.bar(filled)}${" ".repeat(barWidth - filled.length)}` : "";
      return `${estimate.label.padEnd(labelWidth)}${drawn} ${percent(estimate.confidence)}`;
    },
  };
}
