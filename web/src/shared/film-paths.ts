import type { BoundingBox } from "tensorface/browser";
import { placesAt } from "../../../src/video/index.ts";
import type { FilmLookNews } from "./film-questions.ts";

/** Where the faces of a film were found, as far as it was gone through; too many and too often changed for signals. */
export interface FilmPaths {
  readonly add: (looks: readonly FilmLookNews[]) => void;
  /** The faces of the frame that a player shows at a time, in seconds. */
  readonly at: (time: number) => readonly ShownFace[];
  /** The sight of a track that is nearest to a time; the next one in a direction, where one is given. */
  readonly sightOf: (track: number, time: number, direction?: -1 | 0 | 1) => number | undefined;
  readonly clear: () => void;
}

export interface ShownFace {
  readonly track: number;
  readonly box: BoundingBox;
  /** Whether it was found in this very frame; else it is on the way between two sights. */
  readonly isSeen: boolean;
}

interface PathPoint {
  readonly time: number;
  readonly box: BoundingBox;
}

interface Path {
  readonly id: number;
  readonly points: PathPoint[];
  /** The looks before the first sight and after the last one. */
  readonly missedBefore: number;
  missedAfter: number;
}

/** The container's times and the player's differ by how they are rounded, by less than this, in seconds. */
const rounding = 0.002;

export function createFilmPaths(): FilmPaths {
  const paths = new Map<number, Path>();
  const lookTimes: { readonly time: number }[] = [];
  return {
    add: (looks) => {
      for (const { time, faces } of looks) {
        const seen = new Set(faces.map(({ track }) => track));
        for (const path of paths.values()) if (!seen.has(path.id)) path.missedAfter = Math.min(path.missedAfter, time);
        for (const { track, box } of faces) {
          const path = paths.get(track) ?? {
            id: track,
            points: [],
            missedBefore: lookTimes.at(-1)?.time ?? -Infinity,
            missedAfter: Infinity,
          };
          paths.set(track, path);
          path.points.push({ time, box });
          path.missedAfter = Infinity;
        }
        lookTimes.push({ time });
      }
    },
    at: (time) => {
      // The very time of the look, where the frame on screen is one.
      const look = around(lookTimes, time).find((one) => one !== undefined && Math.abs(one.time - time) < rounding);
      return placesAt([...paths.values()], look?.time ?? time).map(({ track, box, isSeen }) => ({ track: track.id, box, isSeen }));
    },
    sightOf: (track, time, direction = 0) => {
      const points = paths.get(track)?.points ?? [];
      if (direction === 1) return around(points, time + rounding)[1]?.time;
      if (direction === -1) return around(points, time - rounding)[0]?.time;
      const [before, after] = around(points, time);
      if (before === undefined || after === undefined) return (before ?? after)?.time;
      return time - before.time <= after.time - time ? before.time : after.time;
    },
    clear: () => {
      paths.clear();
      lookTimes.length = 0;
    },
  };
}

/** What lies before a time, or at it, and what lies behind it. */
function around<Point extends { readonly time: number }>(
  points: readonly Point[],
  time: number,
): readonly [Point | undefined, Point | undefined] {
  let [low, high] = [0, points.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (points[middle]!.time <= time) low = middle + 1;
    else high = middle;
  }
  return [points[low - 1], points[low]];
}
