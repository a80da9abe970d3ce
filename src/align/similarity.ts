import type { AffineTransform, Point } from "../core/index.ts";

/**
 * The similarity transform (rotation, uniform scale, shift; no mirroring) that brings `from` closest to `to` in the sense of
 * least squares. In the plane the solution of Umeyama (1991, equations 40 to 43) is one complex division.
 *
 * @param from points, any unit
 * @param to as many points, in the space that the result maps to
 * @throws {RangeError} when there are fewer than two points, unequal counts, or all of `from` are one point
 */
export function estimateSimilarity(from: readonly Point[], to: readonly Point[]): AffineTransform {
  if (from.length < 2 || from.length !== to.length) {
    throw new RangeError(`a similarity needs two or more pairs of points, got ${from.length} and ${to.length}`);
  }
  const fromMean = meanPoint(from);
  const toMean = meanPoint(to);
  let dot = 0;
  let cross = 0;
  let spread = 0;
  for (const [index, point] of from.entries()) {
    const px = point.x - fromMean.x;
    const py = point.y - fromMean.y;
    const qx = to[index]!.x - toMean.x;
    const qy = to[index]!.y - toMean.y;
    dot += px * qx + py * qy;
    cross += px * qy - py * qx;
    spread += px * px + py * py;
  }
  if (spread === 0) throw new RangeError("the points of a similarity must not all be the same");
  const cosine = dot / spread;
  const sine = cross / spread;
  return {
    a: cosine,
    b: -sine,
    tx: toMean.x - cosine * fromMean.x + sine * fromMean.y,
    c: sine,
    d: cosine,
    ty: toMean.y - sine * fromMean.x - cosine * fromMean.y,
  };
}

/** The uniform scale of a similarity transform. */
export function similarityScale(transform: AffineTransform): number {
  return Math.hypot(transform.a, transform.c);
}

/** The rotation of a similarity transform in radians, -pi..pi; positive turns x towards y, which looks clockwise. */
export function similarityAngle(transform: AffineTransform): number {
  return Math.atan2(transform.c, transform.a);
}

function meanPoint(points: readonly Point[]): Point {
  let x = 0;
  let y = 0;
  for (const point of points) {
    x += point.x;
    y += point.y;
  }
  return { x: x / points.length, y: y / points.length };
}
