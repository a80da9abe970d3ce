import type { AffineTransform, BoundingBox, Point } from "../core/index.ts";

/** A square of the picture, in its pixels, turned so that what is in it stands upright. */
export interface TurnedSquare {
  readonly centre: Point;
  readonly side: number;
  /** Radians, positive clockwise as seen. */
  readonly angle: number;
  /** Left and right exchanged. */
  readonly isMirrored?: boolean;
}

/** The square about a box's middle, `margin` times as wide as its longer side. */
export function squareAround({ x, y, width, height }: BoundingBox, margin: number): Omit<TurnedSquare, "angle"> {
  return { centre: { x: x + width / 2, y: y + height / 2 }, side: Math.max(width, height) * margin };
}

/** Maps pixels of a `size` x `size` crop to pixels of the picture. */
export function squareToSource({ centre, side, angle, isMirrored = false }: TurnedSquare, size: number): AffineTransform {
  const scale = side / size;
  const cosine = scale * Math.cos(angle);
  const sine = scale * Math.sin(angle);
  const [a, c] = isMirrored ? [-cosine, -sine] : [cosine, sine];
  return { a, b: -sine, tx: centre.x - (a - sine) * (size / 2), c, d: cosine, ty: centre.y - (c + cosine) * (size / 2) };
}
