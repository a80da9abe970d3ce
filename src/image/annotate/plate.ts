import type { Colour } from "../raster.ts";
import { blendMask, blendRectangle, type Canvas, plateColour } from "./paint.ts";
import { drawText, type TextMask } from "./text.ts";

/** What is told of a face in one line of its label. */
export interface AnnotationLine {
  readonly text: string;
  /** Writes it in a softer colour. @default false */
  readonly isUnsure?: boolean | undefined;
}

/** A name and what is told beside it, drawn once and pasted where there is room. */
export interface Plate {
  readonly width: number;
  readonly height: number;
  readonly name: TextMask;
  /** Where the name's mask begins, so that it stands on the first line's base. */
  readonly nameTop: number;
  readonly lines: readonly { readonly mask: TextMask; readonly top: number; readonly isUnsure: boolean }[];
  readonly tone: Colour;
  readonly isUnsure: boolean;
}

interface PlateText {
  readonly name: string;
  readonly lines: readonly AnnotationLine[];
  readonly tone: Colour;
  readonly isUnsure: boolean;
}

const textColour: Colour = [255, 255, 255];
/** For what is told without being sure of it. */
const softColour: Colour = [176, 181, 190];
/** From one line to the next, in heights of a capital. */
const lineHeight = 1.75;

/** @param capHeight height of the capitals in pixels */
export function preparePlate({ name, lines, tone, isUnsure }: PlateText, capHeight: number): Plate {
  const margin = Math.round(capHeight * 0.6);
  const nameMargin = Math.max(2, Math.round(capHeight * 0.45));
  const nameMask = drawText([name], capHeight, nameMargin);
  const nameTop = lines.length === 0 ? 0 : margin - nameMargin;
  const masks = lines.map((line, index) => ({
    mask: drawText([line.text], capHeight, margin),
    top: Math.round(index * lineHeight * capHeight),
    isUnsure: line.isUnsure ?? false,
  }));
  const width = nameMask.width + Math.max(0, ...masks.map(({ mask }) => mask.width));
  const height = Math.max(nameMask.height, ...masks.map(({ mask, top }) => top + mask.height));
  return { width, height, name: nameMask, nameTop, lines: masks, tone, isUnsure };
}

export function drawPlate(canvas: Canvas, plate: Plate, at: { readonly x: number; readonly y: number }): void {
  const x = Math.round(at.x);
  const y = Math.round(at.y);
  blendRectangle(canvas, { x, y, width: plate.width, height: plate.height }, { colour: plateColour, opacity: 0.9 });
  drawName(canvas, plate, { x, y, height: plate.height, top: y + plate.nameTop });
  for (const { mask, top, isUnsure } of plate.lines) blendMask(canvas, mask, x + plate.name.width, y + top, lineColour(isUnsure));
}

/** Dark on the tone; of an unsure face the other way round. */
export function drawName(
  canvas: Canvas,
  { name, tone, isUnsure }: Pick<Plate, "name" | "tone" | "isUnsure">,
  { x, y, height, top }: { readonly x: number; readonly y: number; readonly height: number; readonly top: number },
): void {
  if (!isUnsure) blendRectangle(canvas, { x, y, width: name.width, height }, { colour: tone, opacity: 1 });
  blendMask(canvas, name, x, top, isUnsure ? tone : plateColour);
}

/** The colour of a line's letters. */
export function lineColour(isUnsure: boolean): Colour {
  return isUnsure ? softColour : textColour;
}
