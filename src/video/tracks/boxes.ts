import type { BoundingBox } from "../../core/index.ts";

/** Where a face was found. */
export interface PathPoint {
  /** Seconds. */
  readonly time: number;
  readonly box: BoundingBox;
}

/** Where a track's face is at a time. */
export interface PlacedBox {
  readonly box: BoundingBox;
  /** Whether the face was found in this very frame; else it is between two sights, or beyond the ends. */
  readonly isSeen: boolean;
}

/**
 * The box of a track at a time: as it was found, or on the way from one sight to the next, straight and at an even pace. Beyond the ends,
 * for as long as `margin` says, it goes on as it went.
 *
 * @param margin seconds before the first sight and after the last one
 */
export function boxAt({ points }: { readonly points: readonly PathPoint[] }, time: number, margin = 0): PlacedBox | undefined {
  const [first, last] = [points[0]!, points.at(-1)!];
  if (time < first.time - margin - tolerance || time > last.time + margin + tolerance) return undefined;
  const after = indexAfter(points, time);
  const near = [points[after - 1], points[after]].find((point) => point !== undefined && Math.abs(point.time - time) <= tolerance);
  if (near !== undefined) return { box: near.box, isSeen: true };
  const isOutside = after === 0 || after === points.length;
  if (isOutside && points.length === 1) return { box: first.box, isSeen: false };
  const from = after === 0 ? first : points[Math.min(after, points.length - 1) - 1]!;
  const to = after === 0 ? points[1]! : points[Math.min(after, points.length - 1)]!;
  return { box: between(from, to, (time - from.time) / (to.time - from.time)), isSeen: false };
}

/** A track, and when it was not yet found and no longer found. */
interface BoundedPath {
  readonly points: readonly PathPoint[];
  readonly missedBefore: number;
  readonly missedAfter: number;
}

/** Where the faces of some tracks are at a time: also between a track's ends and the looks before and after them. */
export function placesAt<Track extends BoundedPath>(
  tracks: readonly Track[],
  time: number,
): readonly (PlacedBox & { readonly track: Track })[] {
  return tracks.flatMap((track) => {
    if (time <= track.missedBefore || time >= track.missedAfter) return [];
    return [{ track, ...boxAt(track, time, Infinity)! }];
  });
}

/** Less than the time between two frames of any film. */
const tolerance = 1e-6;

/** The first point later than `time`. */
function indexAfter(points: readonly PathPoint[], time: number): number {
  let [low, high] = [0, points.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (points[middle]!.time <= time) low = middle + 1;
    else high = middle;
  }
  return low;
}

function between(from: PathPoint, to: PathPoint, share: number): BoundingBox {
  const mix = (a: number, b: number): number => a + (b - a) * share;
  const width = Math.max(1, mix(from.box.width, to.box.width));
  const height = Math.max(1, mix(from.box.height, to.box.height));
  const x = mix(from.box.x + from.box.width / 2, to.box.x + to.box.width / 2);
  const y = mix(from.box.y + from.box.height / 2, to.box.y + to.box.height / 2);
  return { x: x - width / 2, y: y - height / 2, width, height };
}
