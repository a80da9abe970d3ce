import { type BoundingBox, clipBox, type OptionNames } from "../../core/index.ts";
import { type Colour, createRasterImage, type RasterImage } from "../raster.ts";
import { resize } from "../resize.ts";
import { drawLegend, type Legend, planLegend } from "./legend.ts";
import { type Canvas, drawDashedFrame, drawFrame, drawLine, plateColour } from "./paint.ts";
import { connection, crossesAny, type LabelKind, type PlacedLabel, placeLabels } from "./placement.ts";
import { type AnnotationLine, drawPlate, type Plate, preparePlate } from "./plate.ts";

/** One face to mark. */
export interface Annotation {
  /** In pixels of the picture. */
  readonly box: BoundingBox;
  /** Stands at the box, and before the lines: a number. */
  readonly name: string;
  /** What is told of the face, a line each; empty for a box with its name alone. */
  readonly lines: readonly AnnotationLine[];
  /** Colour of the box and of its name's plate. @default yellow */
  readonly tone?: Colour | undefined;
  /** Dashes the box. @default false */
  readonly isUnsure?: boolean | undefined;
}

/** How faces are drawn on a picture. */
export interface AnnotateOptions {
  /**
   * Pictures whose longer side is shorter are enlarged by a whole factor first, for thumbnails that are looked at; boxes of the analysis fit
   * the result no longer then. In pixels of the result. @default 1, the picture's own size
   */
  readonly minimumSide?: number | undefined;
}
export const annotateOptionNames: OptionNames<AnnotateOptions> = { minimumSide: true };

/** With more faces than this, what is told of them goes into a legend: labels would bury the picture. */
const mostLabels = 11;
/** Letters of 7 pixels are the smallest that stay legible; 9 are comfortable. */
const smallestCapHeight = 7;
const comfortableCapHeight = 9;
/** Capitals as a share of the longer side: legible when the picture is shown 1000 pixels wide. */
const capHeightShare = { least: 0.009, most: 0.02 };
/** A label about as wide as its face: capitals are a ninth of the face's width. */
const lettersAcrossFace = 9;
const defaultTone: Colour = [255, 209, 26];

/**
 * A copy of the picture with every face boxed and named. What is told of a face stands in a label beside it, as long as every label has room
 * where it covers no face and no label, and no line to it crosses one; else all of it goes into a legend below a picture that is wider than
 * high, and to the right of one that is not. Boxes are a light line between two dark ones and letters stand on dark plates, so both show on
 * any background.
 *
 * @returns a new picture, with the given one in its upper left corner; a whole number of times as large where
 * {@link AnnotateOptions.minimumSide} asks for it
 */
export function annotate(image: RasterImage, annotations: readonly Annotation[], options: AnnotateOptions = {}): RasterImage {
  const factor = Math.max(1, Math.ceil((options.minimumSide ?? 1) / Math.max(image.width, image.height)));
  const picture = factor === 1 ? image : resize(image, image.width * factor, image.height * factor);
  const marks = annotations.map((annotation) => prepare(annotation, factor, picture));
  const places = marks.length > mostLabels ? undefined : placeClearly(marks, picture);
  const legend = places === undefined ? planLegend(marks, picture, legendCapHeight(picture)) : undefined;
  const canvas = createCanvas(picture, legend);
  for (const mark of marks) drawBox(canvas, mark);
  if (places !== undefined) drawLabels(canvas, marks, places);
  if (legend !== undefined) {
    drawNames(canvas, marks, picture);
    drawLegend(canvas, legend);
  }
  return createRasterImage(canvas.width, canvas.height, canvas.data);
}

/** An annotation in the picture's pixels. */
interface Mark {
  readonly box: BoundingBox;
  /** The box with its lines. */
  readonly outer: BoundingBox;
  readonly lineWidth: number;
  readonly name: string;
  readonly lines: readonly AnnotationLine[];
  readonly tone: Colour;
  readonly isUnsure: boolean;
}

interface Size {
  readonly width: number;
  readonly height: number;
}

function prepare({ box: { x, y, width, height }, ...annotation }: Annotation, factor: number, picture: Size): Mark {
  const box = clipBox({ x: x * factor, y: y * factor, width: width * factor, height: height * factor }, picture.width, picture.height);
  const lineWidth = Math.max(2, Math.round(Math.max(picture.width, picture.height) / 400));
  const reach = lineWidth / 2 + 1;
  const around = { x: box.x - reach, y: box.y - reach, width: box.width + 2 * reach, height: box.height + 2 * reach };
  const outer = clipBox(around, picture.width, picture.height);
  return { ...annotation, box, outer, lineWidth, tone: annotation.tone ?? defaultTone, isUnsure: annotation.isUnsure ?? false };
}

/** The picture to draw on, with room for the legend. */
function createCanvas(picture: RasterImage, legend: Legend | undefined): Canvas {
  const { width, height } = legend ?? picture;
  if (width === picture.width && height === picture.height) return { width, height, data: new Uint8ClampedArray(picture.data) };
  const data = new Uint8ClampedArray(width * height * 3);
  for (let index = 0; index < data.length; index++) data[index] = plateColour[index % 3]!;
  const rowLength = picture.width * 3;
  for (let y = 0; y < picture.height; y++) data.set(picture.data.subarray(y * rowLength, (y + 1) * rowLength), y * width * 3);
  return { width, height, data };
}

/** Heights of capitals to try: the one that suits face and picture, then smaller ones down to the smallest that is legible. */
function capHeights(box: BoundingBox, picture: Size): number[] {
  const side = Math.max(picture.width, picture.height);
  const least = Math.max(comfortableCapHeight, side * capHeightShare.least);
  const best = Math.min(Math.max(box.width / lettersAcrossFace, least), Math.max(least, side * capHeightShare.most));
  return [1, 0.8, 0.64].map((share) => Math.max(smallestCapHeight, Math.round(best * share)));
}

function legendCapHeight(picture: Size): number {
  return Math.round(Math.max(comfortableCapHeight, Math.max(picture.width, picture.height) * capHeightShare.least));
}

interface PlacedPlate {
  readonly place: PlacedLabel;
  readonly plate: Plate;
}

/** A label for every mark; undefined where one of them would hide something, or the line to it cross it. */
function placeClearly(marks: readonly Mark[], picture: Size): PlacedPlate[] | undefined {
  const placed = place("label", marks, picture);
  if (placed.some(({ place: { stands } }) => stands === "over")) return undefined;
  const labels = placed.map(({ place: { x, y }, plate: { width, height } }) => ({ x, y, width, height }));
  const isCrossed = ({ place: { stands } }: PlacedPlate, index: number): boolean => {
    if (stands !== "away") return false;
    const others = [...marks.map(({ outer }) => outer), ...labels].filter((box) => box !== labels[index] && box !== marks[index]!.outer);
    return crossesAny(connection(labels[index]!, marks[index]!.outer), others);
  };
  return placed.some(isCrossed) ? undefined : placed;
}

function place(kind: LabelKind, marks: readonly Mark[], picture: Size): PlacedPlate[] {
  const plates = marks.map((mark) => {
    const lines = kind === "label" ? mark.lines : [];
    return capHeights(mark.box, picture).map((capHeight) => preparePlate({ ...mark, lines }, capHeight));
  });
  const requests = marks.map(({ outer }, index) => ({ box: outer, sizes: plates[index]! }));
  const places = placeLabels(requests, picture.width, picture.height, kind);
  return places.map((placed, index) => ({ place: placed, plate: plates[index]![placed.size]! }));
}

function drawBox(canvas: Canvas, { box, lineWidth, tone, isUnsure }: Mark): void {
  drawFrame(canvas, box, lineWidth + 2, { colour: plateColour, opacity: 0.75 });
  if (isUnsure) drawDashedFrame(canvas, box, lineWidth, { colour: tone, opacity: 1 });
  else drawFrame(canvas, box, lineWidth, { colour: tone, opacity: 1 });
}

function drawLabels(canvas: Canvas, marks: readonly Mark[], places: readonly PlacedPlate[]): void {
  // Lines first: none of them crosses a label's text then.
  for (const [index, { place, plate }] of places.entries()) {
    if (place.stands !== "away") continue;
    const { outer, lineWidth, tone } = marks[index]!;
    const line = connection({ x: place.x, y: place.y, width: plate.width, height: plate.height }, outer);
    drawLine(canvas, line, lineWidth + 2, plateColour);
    drawLine(canvas, line, lineWidth, tone);
  }
  for (const { place, plate } of places) drawPlate(canvas, plate, place);
}

/** The name alone, at its box: what belongs to it stands in the legend. */
function drawNames(canvas: Canvas, marks: readonly Mark[], picture: Size): void {
  for (const { place: at, plate } of place("name", marks, picture)) drawPlate(canvas, plate, at);
}
