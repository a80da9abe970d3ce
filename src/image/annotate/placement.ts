import type { BoundingBox, Point } from "../../core/index.ts";

export interface LabelRequest {
  /** The face that the label belongs to. */
  readonly box: BoundingBox;
  /** Sizes that the label may take, in pixels, best first. */
  readonly sizes: readonly LabelSize[];
}

export interface LabelSize {
  readonly width: number;
  readonly height: number;
}

export interface PlacedLabel {
  /** Index into {@link LabelRequest.sizes}. */
  readonly size: number;
  readonly x: number;
  readonly y: number;
  /** Touching its face, away from it, so that a line must join them, or over it or what else there is. */
  readonly stands: "beside" | "away" | "over";
}

/**
 * A label may leave its face where there is no room beside it. A name may not, since between two faces nobody knows whose it is: it stands
 * above the left corner of its box, or in it where the box is large.
 */
export type LabelKind = "label" | "name";

interface Position {
  readonly x: number;
  readonly y: number;
}

/** A pixel of somebody else's face weighs as much as this many of one's own. */
const otherFaceCost = 100;
/** A box this many times as large as its name, on either side, has room for it. */
const boxesAName = 3;
/** Corners to slide labels against are taken from the nearest obstacles only, so that a crowd costs no minutes. */
const nearestObstacles = 40;

/**
 * A place in a `width` x `height` picture for every label, given in the order of importance.
 *
 * A label stands above, below, right or left of its face if it can without covering another face or label; else anywhere free,
 * nearest first, joined by a line; else in a smaller size; and only where no room is left at all, where it covers least, of other faces
 * before its own.
 */
export function placeLabels(requests: readonly LabelRequest[], width: number, height: number, kind: LabelKind = "label"): PlacedLabel[] {
  const picture = { x: 0, y: 0, width, height };
  const faces = requests.map(({ box }) => box);
  const placed: BoundingBox[] = [];
  return requests.map((request) => {
    const others = [...faces.filter((box) => box !== request.box), ...placed];
    const label = placeLabel(request, others, picture, kind);
    placed.push({ x: label.x, y: label.y, ...sizeAt(request, label.size) });
    return label;
  });
}

function placeLabel(request: LabelRequest, others: readonly BoundingBox[], picture: BoundingBox, kind: LabelKind): PlacedLabel {
  const obstacles = [...others, request.box];
  for (const [index, size] of request.sizes.entries()) {
    const free = besideFace(request.box, size, picture).find((at) => isFree(at, size, obstacles, picture));
    const beside = kind === "label" ? free : nameOfBox(request.box, size, free, (at) => isFree(at, size, others, picture));
    if (beside !== undefined) return { size: index, ...beside, stands: "beside" };
    const away = kind === "label" ? nearestFree(request.box, size, obstacles, picture) : undefined;
    if (away !== undefined) return { size: index, ...away, stands: "away" };
  }
  return leastCovering(request, others, picture);
}

/** Above the left corner where that is free; else in this corner, where the box has room; else where else it is free. */
function nameOfBox(
  box: BoundingBox,
  size: LabelSize,
  free: Position | undefined,
  isFreeInside: (at: Position) => boolean,
): Position | undefined {
  if (free !== undefined && free.x === box.x && free.y < box.y) return free;
  const hasRoom = Math.min(box.width / size.width, box.height / size.height) >= boxesAName;
  return hasRoom && isFreeInside(box) ? { x: box.x, y: box.y } : free;
}

/** Above, below, right, left; each first flush with the face's edge, then centred, then flush with the other edge. */
function besideFace(box: BoundingBox, size: LabelSize, picture: BoundingBox): Position[] {
  const columns = [box.x, box.x + (box.width - size.width) / 2, box.x + box.width - size.width];
  const rows = [box.y, box.y + (box.height - size.height) / 2, box.y + box.height - size.height];
  const above = columns.map((x) => ({ x, y: box.y - size.height }));
  const below = columns.map((x) => ({ x, y: box.y + box.height }));
  const right = rows.map((y) => ({ x: box.x + box.width, y }));
  const left = rows.map((y) => ({ x: box.x - size.width, y }));
  const slidX = [...above, ...below].map(({ x, y }) => ({ x: slideInside(x, size.width, picture.width), y }));
  const slidY = [...right, ...left].map(({ x, y }) => ({ x, y: slideInside(y, size.height, picture.height) }));
  return [...slidX, ...slidY];
}

/** The free position nearest to the face. */
function nearestFree(box: BoundingBox, size: LabelSize, obstacles: readonly BoundingBox[], picture: BoundingBox): Position | undefined {
  return edgePositions(box, size, obstacles, picture)
    .map((at) => ({ at, distance: gap({ x: at.x, y: at.y, width: size.width, height: size.height }, box) }))
    .sort((a, b) => a.distance - b.distance)
    .find(({ at }) => isFree(at, size, obstacles, picture))?.at;
}

/**
 * Positions that touch obstacles or the picture's edges. Any free label can be slid left and up until it touches one (or right, or
 * down), so if there is room for it, there is room at one of these.
 */
function edgePositions(box: BoundingBox, size: LabelSize, obstacles: readonly BoundingBox[], picture: BoundingBox): Position[] {
  const near = [...obstacles].sort((a, b) => gap(a, box) - gap(b, box)).slice(0, nearestObstacles);
  const columns = [0, picture.width - size.width, box.x, ...near.flatMap(({ x, width }) => [x - size.width, x + width])];
  const rows = [0, picture.height - size.height, box.y, ...near.flatMap(({ y, height }) => [y - size.height, y + height])];
  return columns.flatMap((x) => rows.map((y) => ({ x, y })));
}

/** No room for any size: in or across its own face, where it covers least of the other faces and labels, then least of its own. */
function leastCovering(request: LabelRequest, others: readonly BoundingBox[], picture: BoundingBox): PlacedLabel {
  const { box } = request;
  const choices = request.sizes.flatMap((size, index) =>
    [...insideFace(box, size), ...edgePositions(box, size, [...others, box], picture)].map((at) => {
      const label = {
        x: slideInside(at.x, size.width, picture.width),
        y: slideInside(at.y, size.height, picture.height),
        ...size,
      };
      return { size: index, label, cost: coveredArea(label, others) * otherFaceCost + overlapArea(label, box) };
    }),
  );
  const beside = choices.filter(({ label }) => gap(label, box) === 0);
  const { size, label } = beside.reduce((best, choice) => (choice.cost < best.cost ? choice : best));
  return { size, x: label.x, y: label.y, stands: "over" };
}

/** In its corners, where a face shows least. */
function insideFace(box: BoundingBox, size: LabelSize): Position[] {
  const right = box.x + box.width - size.width;
  const bottom = box.y + box.height - size.height;
  return [
    { x: box.x, y: box.y },
    { x: right, y: box.y },
    { x: box.x, y: bottom },
    { x: right, y: bottom },
  ];
}

/** From the middle of a label to the nearest point of its face's box. */
export function connection(label: BoundingBox, box: BoundingBox): readonly [Point, Point] {
  const from = { x: label.x + label.width / 2, y: label.y + label.height / 2 };
  const to = { x: Math.min(Math.max(from.x, box.x), box.x + box.width), y: Math.min(Math.max(from.y, box.y), box.y + box.height) };
  return [from, to];
}

/** Whether a line crosses the inside of one of the boxes (Liang and Barsky, 1984). */
export function crossesAny([from, to]: readonly [Point, Point], boxes: readonly BoundingBox[]): boolean {
  return boxes.some(({ x, y, width, height }) => {
    const [startX, endX] = spanInside(from.x, to.x, x, x + width);
    const [startY, endY] = spanInside(from.y, to.y, y, y + height);
    return Math.max(startX, startY) < Math.min(endX, endY);
  });
}

/** The part of the way from `from` to `to`, 0..1, that lies between `low` and `high`; from 1 to 0 where none does. */
function spanInside(from: number, to: number, low: number, high: number): readonly [number, number] {
  if (from === to) return from > low && from < high ? [0, 1] : [1, 0];
  const [a, b] = [(low - from) / (to - from), (high - from) / (to - from)];
  return [Math.max(0, Math.min(a, b)), Math.min(1, Math.max(a, b))];
}

function isFree(at: Position, size: LabelSize, obstacles: readonly BoundingBox[], picture: BoundingBox): boolean {
  if (at.x < 0 || at.y < 0 || at.x + size.width > picture.width || at.y + size.height > picture.height) return false;
  return obstacles.every((box) => overlapArea({ x: at.x, y: at.y, ...size }, box) === 0);
}

function coveredArea(label: BoundingBox, others: readonly BoundingBox[]): number {
  return others.reduce((sum, box) => sum + overlapArea(label, box), 0);
}

function overlapArea(a: BoundingBox, b: BoundingBox): number {
  const width = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x);
  const height = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y);
  return width <= 0 || height <= 0 ? 0 : width * height;
}

/** Empty space between two boxes, in pixels; 0 where they touch. */
function gap(a: BoundingBox, b: BoundingBox): number {
  const dx = Math.max(0, a.x - b.x - b.width, b.x - a.x - a.width);
  const dy = Math.max(0, a.y - b.y - b.height, b.y - a.y - a.height);
  return Math.hypot(dx, dy);
}

function slideInside(position: number, size: number, limit: number): number {
  return Math.max(0, Math.min(position, limit - size));
}

function sizeAt(request: LabelRequest, index: number): LabelSize {
  return request.sizes[index]!;
}
