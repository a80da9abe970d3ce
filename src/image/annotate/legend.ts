import type { Colour } from "../raster.ts";
import { blendMask, type Canvas } from "./paint.ts";
import { type AnnotationLine, drawName, lineColour } from "./plate.ts";
import { drawText, measureLine } from "./text.ts";

/** What is told of every face, a row each, in columns beside or below the picture. */
export interface Legend {
  /** Size of the picture with its legend, in pixels. */
  readonly width: number;
  readonly height: number;
  readonly entries: readonly LegendEntry[];
  readonly capHeight: number;
  readonly rowHeight: number;
  /** Width of the widest name, and of each line, with their margins. */
  readonly nameWidth: number;
  readonly lineWidths: readonly number[];
  /** The upper left corner of every entry. */
  readonly places: readonly { readonly x: number; readonly y: number }[];
}

export interface LegendEntry {
  readonly name: string;
  readonly lines: readonly AnnotationLine[];
  readonly tone: Colour;
  readonly isUnsure: boolean;
}

/** Below a picture that is wider than high, to the right of another: the longer side has room for more entries. */
export function planLegend(
  entries: readonly LegendEntry[],
  picture: { readonly width: number; readonly height: number },
  capHeight: number,
): Legend {
  const margin = Math.round(capHeight);
  const rowHeight = Math.round(capHeight * 2.1);
  const padded = (text: string): number => Math.ceil(measureLine(text, capHeight)) + margin;
  const nameWidth = Math.max(0, ...entries.map(({ name }) => padded(name)));
  const columns = Math.max(0, ...entries.map(({ lines }) => lines.length));
  const lineWidths = Array.from({ length: columns }, (_, column) =>
    Math.max(0, ...entries.map(({ lines }) => padded(lines[column]?.text ?? ""))),
  );
  const entryWidth = nameWidth + lineWidths.reduce((sum, width) => sum + width, 0) + 2 * margin;
  const isBelow = picture.width >= picture.height;
  const stacks = isBelow
    ? Math.max(1, Math.min(entries.length, Math.floor((picture.width - margin) / entryWidth)))
    : Math.ceil(entries.length / Math.max(1, Math.floor((picture.height - 2 * margin) / rowHeight)));
  const rows = Math.ceil(entries.length / stacks);
  const size = { width: stacks * entryWidth + margin, height: rows * rowHeight + 2 * margin };
  const left = (isBelow ? 0 : picture.width) + margin;
  const top = (isBelow ? picture.height : 0) + margin;
  return {
    width: isBelow ? Math.max(picture.width, size.width) : picture.width + size.width,
    height: isBelow ? picture.height + size.height : Math.max(picture.height, size.height),
    entries,
    capHeight,
    rowHeight,
    nameWidth,
    lineWidths,
    places: entries.map((_, index) => ({ x: left + Math.floor(index / rows) * entryWidth, y: top + (index % rows) * rowHeight })),
  };
}

export function drawLegend(canvas: Canvas, { entries, places, capHeight, rowHeight, nameWidth, lineWidths }: Legend): void {
  const margin = Math.round(capHeight * 0.45);
  for (const [index, { name, lines, tone, isUnsure }] of entries.entries()) {
    const { x, y } = places[index]!;
    const mask = drawText([name], capHeight, margin);
    drawName(canvas, { name: mask, tone, isUnsure }, { x, y, height: Math.min(rowHeight - 2, mask.height), top: y });
    let left = x + nameWidth;
    for (const [column, line] of lines.entries()) {
      blendMask(canvas, drawText([line.text], capHeight, margin), left, y, lineColour(line.isUnsure ?? false));
      left += lineWidths[column]!;
    }
  }
}
