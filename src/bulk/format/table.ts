import {
  type AnalyzedFace,
  answerInWords,
  type AttributeEstimate,
  type FaceAnalysis,
  type FailedAnalysis,
  type LabelEstimate,
  percent as percentInWords,
} from "../../analyze/index.ts";
import { type BuiltInTask, counted, isBuiltInTask } from "../../core/index.ts";
import { isFailed, type OutcomeWriter, type WriterTask } from "./writer.ts";
import { bar, createStyle, displayWidth, fitPath, fitText, padEnd, printable, type Style } from "../../report/terminal.node.ts";

export interface TableOptions {
  readonly tasks: readonly WriterTask[];
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
  const { tasks } = options;
  const ofFaces = tasks.filter(({ sees }) => sees === "face");
  let hasAnswers = false;
  return {
    begin: () => (options.isSinglePicture ? "" : rows.header),
    write: (outcome) => {
      if (!options.isSinglePicture) return rows.write(outcome);
      if (isFailed(outcome)) return `${failedLine(outcome, style)}\n`;
      hasAnswers = outcome.faces.length > 0 || outcome.attributes !== undefined;
      const title = `${style.strong(printable(outcome.source))}  ${pictureFacts(outcome, ofFaces.length > 0)}\n`;
      const whole = renderPicture(outcome, tasks, { style, width: options.width });
      if (outcome.faces.length > mostCards) return `${title}${whole}\n${rows.header}${rows.write(outcome)}`;
      return `${title}${whole}${outcome.faces.map((face, index) => renderCard(face, index, ofFaces, { style, width: options.width })).join("")}`;
    },
    end: () => (options.isSinglePicture && hasAnswers ? `\n${style.faint(legend(tasks))}\n` : ""),
  };
}

/** @param looksForFaces where only whole pictures are looked at, that there is no face is not known */
function pictureFacts({ width, height, faces, timings }: FaceAnalysis, looksForFaces: boolean): string {
  const count = faces.length === 0 ? "no face, " : `${counted(faces.length, "face")}, `;
  const milliseconds = Math.round(timings.decodeMs + timings.detectMs + timings.classifyMs);
  return `${width} x ${height} pixels, ${looksForFaces ? count : ""}${milliseconds} ms`;
}

function legend(tasks: readonly WriterTask[]): string {
  const age = tasks.some(({ name }) => name === "age") ? "Years in brackets: meant to hold the true age for 8 of 10 faces.\n" : "";
  return `${age}Guesses from looks with their probabilities, not facts about a person.`;
}

function failedLine({ source, error }: FailedAnalysis, style: Style): string {
  return `${style.strong(printable(source))}  ${style.warning(`failed: ${printable(error.message)}`)} [${error.code}]\n  ${error.hint}`;
}

/** Where cards are drawn. */
interface Canvas {
  readonly style: Style;
  /** Characters in a line. */
  readonly width: number;
}

/** Every probability of one face, a column a head. */
function renderCard(face: AnalyzedFace, index: number, tasks: readonly WriterTask[], { style, width: room }: Canvas): string {
  const { x, y, width, height } = face.box;
  const place = `${Math.round(width)} x ${Math.round(height)} pixels at ${Math.round(x)}, ${Math.round(y)}`;
  const columns = tasks.map((task) =>
    isBuiltInTask(task.name) ? cardColumn(face, task.name, style) : attributeCard(face.attributes?.[task.name], task, style),
  );
  return `\n  ${style.strong(`Face ${index + 1}`)}  ${place}, score ${face.score.toFixed(2)}\n\n${layColumns(columns, room)}\n`;
}

/** What is told of the whole picture. */
function renderPicture({ attributes }: FaceAnalysis, tasks: readonly WriterTask[], { style, width }: Canvas): string {
  if (attributes === undefined) return "";
  const told = tasks.filter(({ sees }) => sees === "picture");
  return `\n  ${style.strong("Picture")}\n\n${layColumns(
    told.map((task) => attributeCard(attributes[task.name], task, style)),
    width,
  )}\n`;
}

/** Columns beside each other, empty ones left out; those that have no room go below. */
function layColumns(all: readonly (readonly Cell[])[], width: number): string {
  const rows: Cell[][][] = [];
  let left = 0;
  for (const column of all.filter((each) => each.length > 0)) {
    const needed = widthOf(column) + cardGap.length;
    if (rows.length === 0 || needed > left) {
      rows.push([]);
      // Two spaces stand before the first column, and no gap behind the last.
      left = width - 2 + cardGap.length;
    }
    rows.at(-1)!.push([...column]);
    left -= needed;
  }
  return rows.map((columns) => layRow(columns)).join("\n\n");
}

function widthOf(column: readonly Cell[]): number {
  return Math.max(cardColumnWidth, ...column.map(({ plain }) => plain));
}

function layRow(columns: readonly (readonly Cell[])[]): string {
  const height = Math.max(0, ...columns.map((column) => column.length));
  const widths = columns.map(widthOf);
  const lines = Array.from({ length: height }, (_, line) =>
    columns.map((column, index) => {
      const { text, plain } = column[line] ?? blankCell;
      return text + " ".repeat(widths[index]! - plain);
    }),
  );
  return lines.map((cells) => `  ${cells.join(cardGap)}`.trimEnd()).join("\n");
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
    ...shares.map(([label, share]) => shareCell(label, share, { isBest: share === best, width: 9 }, style)),
  ];
}

/** An answer to a task that is not built in, with its probabilities where it has some. */
function attributeCard(estimate: AttributeEstimate | undefined, { name, unit }: WriterTask, style: Style): Cell[] {
  if (estimate === undefined) return [];
  const title = fitText(`${name} ${answerOf(estimate, unit)}`, 60);
  const shares = "probabilities" in estimate ? Object.entries(estimate.probabilities) : [];
  const width = Math.min(24, Math.max(9, ...shares.map(([label]) => displayWidth(label) + 1)));
  const best = Math.max(...shares.map(([, share]) => share));
  return [
    { text: style.strong(title), plain: displayWidth(title) },
    ...shares.map(([label, share]) => shareCell(label, share, { isBest: share === best, width }, style)),
  ];
}

function answerOf(estimate: AttributeEstimate, unit: string | undefined): string {
  const text = printable(answerInWords(estimate));
  return unit === undefined ? text : `${text} ${printable(unit)}`;
}

// eslint-disable-next-line max-params -- what is shown, and how
function shareCell(
  label: string,
  share: number,
  { isBest, width }: { readonly isBest: boolean; readonly width: number },
  style: Style,
): Cell {
  const name = padEnd(fitText(printable(label), width - 1), width);
  const filled = bar(share, cardBarWidth);
  const rest = " ".repeat(cardBarWidth - filled.length);
  const text = `${isBest ? style.strong(name) : name}${style.bar(filled)}${rest} ${percent(share)}`;
  return { text, plain: width + cardBarWidth + 6 };
}

function ageText({ age }: AnalyzedFace): string {
  if (age === undefined) return "";
  return `${Math.round(age.years)} (${Math.round(age.interval.low)} to ${Math.round(age.interval.high)})`;
}

function labelOf(face: AnalyzedFace, head: "gender" | "mood"): string {
  const estimate: LabelEstimate<string> | undefined = face[head];
  return estimate?.set?.labels.join(" or ") ?? estimate?.label ?? "";
}

interface Rows {
  readonly header: string;
  write(outcome: FaceAnalysis | FailedAnalysis): string;
}

/** One row a face, in columns whose widths do not depend on the pictures: the first row can be printed at once. */
function createRows({ tasks, width }: TableOptions, style: Style): Rows {
  const headColumns = tasks.map((task) => (isBuiltInTask(task.name) ? rowColumn(task.name, width >= 100) : attributeColumn(task)));
  const seesFaces = tasks.some(({ sees }) => sees === "face");
  const fixed = headColumns.reduce((sum, column) => sum + column.width + 2, 0) + 14;
  const pathWidth = Math.min(Math.max(width - fixed, 16), 60);
  const line = (path: string, cells: readonly string[]): string => `${[fitPath(path, pathWidth), ...cells].join("  ").trimEnd()}\n`;
  const titles = ["Face", "Pixels".padStart(6), ...headColumns.map((column) => padEnd(column.title, column.width))];
  return {
    header: style.strong(line("Picture", titles)),
    write: (outcome) => {
      const whole = printable(outcome.source);
      // A name that has no room in its column stands on a line of its own, where it can be read and copied.
      const hasRoom = displayWidth(whole) <= pathWidth;
      const heading = hasRoom ? "" : `${fitPath(whole, width).trimEnd()}\n`;
      const source = hasRoom ? whole : "";
      if (isFailed(outcome))
        return heading + line(source, [style.warning(`failed: ${printable(outcome.error.message)} [${outcome.error.code}]`)]);
      const cells = (face: AnalyzedFace | undefined): string[] => headColumns.map((column) => column.render(face, style, outcome));
      if (outcome.faces.length === 0 && outcome.attributes === undefined) return heading + line(source, ["no face"]);
      if (outcome.faces.length === 0) return heading + line(source, [padEnd(seesFaces ? "no face" : "", 12), ...cells(undefined)]);
      const rows = outcome.faces.map((face, index) => {
        const facts = [String(index + 1).padStart(4), String(Math.round(face.box.width)).padStart(6)];
        return line(index === 0 ? source : "", [...facts, ...cells(face)]);
      });
      return heading + rows.join("");
    },
  };
}

interface RowColumn {
  readonly title: string;
  readonly width: number;
  readonly render: (face: AnalyzedFace | undefined, style: Style, outcome: FaceAnalysis) => string;
}

/** A column as wide as its longest answer, within reason. What is told of the picture stands beside each of its faces. */
function attributeColumn({ name, labels = [], sees, kind, unit, hasSet }: WriterTask): RowColumn {
  const widths = labels.map((label) => displayWidth(label)).toSorted((a, b) => b - a);
  const [first = 0, second = 0] = widths;
  const longest =
    kind === "number" ? 18 + displayWidth(unit ?? "") : Math.max(first + (hasSet ? " or ".length + second : "perhaps ".length), 13);
  const width = Math.max(displayWidth(name), Math.min(longest, 28));
  return {
    title: fitText(name, width),
    width,
    render: (face, _style, outcome) => {
      const estimate = (sees === "picture" ? outcome : face)?.attributes?.[name];
      return padEnd(estimate === undefined ? "" : fitText(answerOf(estimate, unit), width), width);
    },
  };
}

function rowColumn(head: BuiltInTask, hasBars: boolean): RowColumn {
  if (head === "age") return { title: "Age", width: 14, render: (face) => padEnd(face === undefined ? "" : ageText(face), 14) };
  const labelWidth = head === "gender" ? 6 : 8;
  const barWidth = hasBars ? 5 : 0;
  return {
    title: head === "gender" ? "Gender" : "Mood",
    width: labelWidth + barWidth + (hasBars ? 1 : 0) + 6,
    render: (face, style) => {
      const estimate = face?.[head];
      if (estimate === undefined) return " ".repeat(labelWidth + barWidth + (hasBars ? 1 : 0) + 6);
      const filled = bar(estimate.confidence, barWidth);
      const drawn = hasBars ? ` ${style.bar(filled)}${" ".repeat(barWidth - filled.length)}` : "";
      return `${estimate.label.padEnd(labelWidth)}${drawn} ${percent(estimate.confidence)}`;
    },
  };
}

/** `0.984` as ` 98 %`, five characters wide; nothing is certain or impossible. */
function percent(share: number): string {
  return percentInWords(share).padStart(5);
}
