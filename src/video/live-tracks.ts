import type { AnalyzedFace } from "../analyze/index.ts";
import { secondsCsv } from "./results.ts";
import { unknownColours } from "./tracks/look.ts";
import { TrackSummarizer } from "./tracks/summary.ts";
import { type Track, Tracker } from "./tracks/tracker.ts";

/** The people before a camera, followed as they come. */
export interface LiveTracks {
  /** The faces of the next frame, at seconds from the beginning. */
  readonly add: (time: number, faces: readonly AnalyzedFace[]) => void;
  /** A row for each person and second, as of a film. */
  readonly table: () => string;
}

/** By motion and overlap alone: frames of a camera come too fast to be looked at for colours as well. */
export function createLiveTracks(): LiveTracks {
  const tracker = new Tracker();
  const people = new Map<Track, TrackSummarizer>();
  return {
    add: (time, faces) => {
      const tracks = tracker.add(
        time,
        faces.map(({ box }) => ({ box, colours: unknownColours })),
      );
      for (const [at, track] of tracks.entries()) {
        const person = people.get(track) ?? new TrackSummarizer(track.id);
        people.set(track, person);
        person.add(time, faces[at]!);
      }
    },
    table: () => secondsCsv({ tracks: tracker.tracks.map((track) => people.get(track)!.summary) }),
  };
}
