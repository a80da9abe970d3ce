import { type BoundingBox, clipBox } from "../../core/index.ts";
import { type Colour, createRasterImage, type RasterImage } from "../raster.ts";
import { resize } from "../resize.ts";
import { blendMask, blendRectangle, type Canvas, drawLine } from "./paint.ts";
import { type PlacedLabel, placeLabels } from "./placement.ts";
import { drawText, shortenLine, type TextMask } from "./text.ts";

/** One face to mark. */
export interface Annotation {
  /** In pixels of the picture. */
  readonly box: BoundingBox;
  /** Text of the label, a line each; empty for a box alone. */
  readonly lines: readonly string[];
  /** Colour of the box and of the label's edge. @default yellow */
  readonly tone?: Colour | undefined;
}

export interface AnnotateOptions {
  /**
   * Pictures whose longer side is shorter are enlarged by a whole factor first, since no letter is legible in 32 pixels. Pixels of
   * the result; 1 keeps the size. @default 480
   */
  readonly minimumSide?: number | undefined;
}

/** Letters of 7 pixels are the smallest that stay legible; 9 are comfortable. */
const smallestCapHeight = 7;
const comfortableCapHeight = 9;
/** Capitals as a share of the longer side: legible when the picture is shown 1000 pixels wide. */
const capHeightShare = { least: 0.009, most: 0.02 };
/** A label about as wide as its face: capitals are a ninth of the face's width. */
const lettersAcrossFace = 9;
const defaultTone: Colour = [255, 209, 26];
const plateColour: Colour = [18, 20, 24];
const textColour: Colour = [255, 255, 255];

/**
 * A copy of the picture with every face boxed and labelled. Boxes are a light line between two dark ones and labels are white on a dark
 * plate, so both show on any background; labels cover no other face or label as long as there is room anywhere.
 *
 * @returns a new picture, a whole number of times as large where {@link AnnotateOptions.minimumSide} asks for it
 */
export function annotate(image: RasterImage, annotations: readonly Annotation[], options: AnnotateOptions = {}): RasterImage {
  const factor = Math.ceil((options.minimumSide ?? 480) / Math.max(image.width, image.height));
  const canvas = copyEnlarged(image, Math.max(1, factor));
  const marks = annotations.map((annotation) => prepare(annotation, Math.max(1, factor), canvas));
  for (const mark of marks) drawBox(canvas, mark);
  const labelled = marks.filter(({ labels }) => labels.length > 0);
  const places = placeLabels(
    labelled.map(({ outer, labels }) => ({ box: outer, sizes: labels.map(({ mask }) => mask) })),
    canvas.width,
    canvas.height,
  );
  // Lines first: none of them crosses a label's text then.
  for (const [index, place] of places.entries()) if (place.isAway) drawConnection(canvas, labelled[index]!, place);
  for (const [index, place] of places.entries()) drawLabel(canvas, labelled[index]!, place);
  return createRasterImage(canvas.width, canvas.height, canvas.data);
}

/** An annotation in the canvas's pixels, its label drawn in every size that it may take. */
interface Mark {
  readonly box: BoundingBox;
  /** The box with its lines. */
  readonly outer: BoundingBox;
  readonly lineWidth: number;
  readonly tone: Colour;
  readonly labels: readonly { readonly mask: TextMask; readonly edge: number }[];
}

function copyEnlarged(image: RasterImage, factor: number): Canvas {
  const { width, height, data } = factor === 1 ? image : resize(image, image.width * factor, image.height * factor);
  return { width, height, data: new Uint8ClampedArray(data) };
}

function prepare(annotation: Annotation, factor: number, canvas: Canvas): Mark {
  const { x, y, width, height } = annotation.box;
  const box = clipBox({ x: x * factor, y: y * factor, width: width * factor, height: height * factor }, canvas.width, canvas.height);
  const lineWidth = Math.max(2, Math.round(Math.max(canvas.width, canvas.height) / 400));
  const reach = lineWidth / 2 + 1;
  const outer = clipBox(
    { x: box.x - reach, y: box.y - reach, width: box.width + 2 * reach, height: box.height + 2 * reach },
    canvas.width,
    canvas.height,
  );
  const labels =
    annotation.lines.length === 0 ? [] : capHeights(box, canvas).map((capHeight) => drawPlateText(annotation.lines, capHeight, canvas));
  return { box, outer, lineWidth, tone: annotation.tone ?? defaultTone, labels };
}

/** Heights of capitals to try: the one that suits face and picture, then smaller ones down to the smallest that is legible. */
function capHeights(box: BoundingBox, canvas: Canvas): number[] {
  const side = Math.max(canvas.width, canvas.height);
  const least = Math.max(comfortableCapHeight, side * capHeightShare.least);
  const best = Math.min(Math.max(box.width / lettersAcrossFace, least), Math.max(least, side * capHeightShare.most));
  return [1, 0.8, 0.64].map((share) => Math.max(smallestCapHeight, Math.round(best * share)));
}

function drawPlateText(lines: readonly string[], capHeight: number, canvas: Canvas): { readonly mask: TextMask; readonly edge: number } {
  const edge = Math.max(2, Math.round(capHeight / 5));
  const margin = Math.round(capHeight * 0.6);
  const room = Math.max(1, canvas.width - 2 * margin);
  const fitted = lines.map((line) => shortenLine(line, capHeight, room));
  const mask = drawText(fitted, capHeight, margin);
  return { mask, edge };
}

function drawBox(canvas: Canvas, { box, lineWidth, tone }: Mark): void {
  frame(canvas, box, lineWidth + 2, { colour: plateColour, opacity: 0.75 });
  frame(canvas, box, lineWidth, { colour: tone, opacity: 1 });
}

/** Four sides of the given thickness, centred on the box's edge. */
function frame(canvas: Canvas, box: BoundingBox, thickness: number, paint: { readonly colour: Colour; readonly opacity: number }): void {
  const half = thickness / 2;
  const outer = { x: box.x - half, y: box.y - half, width: box.width + thickness, height: box.height + thickness };
  const sideHeight = Math.max(0, box.height - thickness);
  blendRectangle(canvas, { ...outer, height: thickness }, paint);
  blendRectangle(canvas, { ...outer, y: box.y + box.height - half, height: thickness }, paint);
  blendRectangle(canvas, { x: outer.x, y: box.y + half, width: thickness, height: sideHeight }, paint);
  blendRectangle(canvas, { x: box.x + box.width - half, y: box.y + half, width: thickness, height: sideHeight }, paint);
}

function drawLabel(canvas: Canvas, { labels, tone }: Mark, place: PlacedLabel): void {
  const { mask, edge } = labels[place.size]!;
  const x = Math.round(place.x);
  const y = Math.round(place.y);
  blendRectangle(canvas, { x, y, width: mask.width, height: mask.height }, { colour: plateColour, opacity: 0.9 });
  blendRectangle(canvas, { x, y, width: edge, height: mask.height }, { colour: tone, opacity: 1 });
  blendMask(canvas, mask, x, y, textColour);
}

/** From the middle of the label to the nearest point of the box. */
function drawConnection(canvas: Canvas, { labels, outer, lineWidth, tone }: Mark, place: PlacedLabel): void {
  const { mask } = labels[place.size]!;
  const from = { x: place.x + mask.width / 2, y: place.y + mask.height / 2 };
  const to = {
    x: Math.min(Math.max(from.x, outer.x), outer.x + outer.width),
    y: Math.min(Math.max(from.y, outer.y), outer.y + outer.height),
  };
  drawLine(canvas, [from, to], lineWidth + 2, plateColour);
  drawLine(canvas, [from, to], lineWidth, tone);
}
