import { intersectionOverUnion } from "../../core/index.ts";
import type { FilmFacts } from "../results.ts";
import { everyFrames, noFartherThan, type Pace } from "../pace.ts";
import { boxAt, type PathPoint } from "../tracks/boxes.ts";
import { blurDefaults } from "./plan.ts";

/**
 * How closely faces are looked for where they are hidden: each look searches its whole frame, and no frame is far from the looks around it, since who comes
 * and goes between two searches would be seen.
 * @param every the widest step between two looks, in frames. @default 3
 * @param lead seconds before and after a track that are hidden too. @default 0.5
 * @throws {TF_INVALID_ARGUMENT} when `every` is no number of frames
 */
export function closeLook(
  { duration }: Pick<FilmFacts, "duration">,
  {
    every = blurDefaults.every,
    lead = blurDefaults.lead,
  }: { readonly every?: number | undefined; readonly lead?: number | undefined } = {},
): { readonly every: Pace; readonly searchSeconds: 0 } {
  return { every: noFartherThan(lead, duration, everyFrames(every)), searchSeconds: 0 };
}

interface FollowedTrack {
  readonly id: number;
  readonly points: readonly PathPoint[];
}

/** Two boxes of one face, of which one is the line between two looks, overlap by more than that. */
const sameFace = 0.3;
/** So many times as often as on somebody who is hidden a face must have been on somebody who stays. */
const surely = 4;

/**
 * Who stays visible, when a film is looked at more closely than when that was chosen: the tracks that are, in most of their looks, where a kept track
 * was. In doubt a face is hidden.
 * @param keep tracks of `earlier`
 */
export function keptAmong(closer: readonly FollowedTrack[], earlier: readonly FollowedTrack[], keep: readonly number[]): number[] {
  if (keep.length === 0) return [];
  const isKept = ({ points }: FollowedTrack): boolean => {
    let [kept, hidden] = [0, 0];
    for (const { time, box } of points) {
      const nearest = nearestTrack(earlier, time, box);
      if (nearest === undefined) continue;
      if (keep.includes(nearest.id)) kept++;
      else hidden++;
    }
    return kept > points.length / 2 && kept >= surely * hidden;
  };
  return closer.filter(isKept).map(({ id }) => id);
}

function nearestTrack(tracks: readonly FollowedTrack[], time: number, box: PathPoint["box"]): FollowedTrack | undefined {
  let [nearest, most]: [FollowedTrack | undefined, number] = [undefined, sameFace];
  for (const track of tracks) {
    const placed = boxAt(track, time, blurDefaults.lead);
    const overlap = placed === undefined ? 0 : intersectionOverUnion(placed.box, box);
    if (overlap > most) [nearest, most] = [track, overlap];
  }
  return nearest;
}
