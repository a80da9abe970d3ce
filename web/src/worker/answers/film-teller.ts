import { type FilmLook, TrackSummarizer } from "../../../../src/video/film.browser.ts";
import type { FilmLookNews, FilmNews } from "../../shared/film-questions.ts";

/** Tells the page how far a film is followed: where faces are a few times a second, who they are as often as it costs little. */
export interface FilmTeller {
  readonly look: (look: FilmLook) => void;
  /** Up to which second frames were gone through. */
  readonly frame: (until: number) => void;
  readonly finish: () => void;
}

/** A message for each frame would keep the page busy. */
const tellEveryMs = 200;
const sumUpEveryMs = 1000;
/** Summing up takes longer the longer a track is: it may take so much of the time. */
const mostShare = 0.05;

export function createTeller(tell: (news: FilmNews) => void): FilmTeller {
  const tracks = new Map<number, TrackSummarizer>();
  const changed = new Set<number>();
  let looks: FilmLookNews[] = [];
  let until = 0;
  let [toldAt, summedAt, pause] = [0, 0, sumUpEveryMs];
  const tellSeen = (): void => {
    tell({ kind: "seen", until, looks });
    looks = [];
    toldAt = performance.now();
  };
  const sumUp = (): void => {
    const start = performance.now();
    const people = [...changed].map((id) => tracks.get(id)!.summary);
    changed.clear();
    if (people.length > 0) tell({ kind: "people", people });
    summedAt = performance.now();
    pause = Math.max(sumUpEveryMs, (summedAt - start) / mostShare);
  };
  return {
    look: ({ time, faces }) => {
      for (const { track, face } of faces) {
        const person = tracks.get(track) ?? new TrackSummarizer(track);
        tracks.set(track, person);
        person.add(time, face);
        changed.add(track);
      }
      looks.push({ time, faces: faces.map(({ track, face }) => ({ track, box: face.box })) });
    },
    frame: (time) => {
      until = time;
      const now = performance.now();
      if (now - toldAt >= tellEveryMs) tellSeen();
      if (now - summedAt >= pause) sumUp();
    },
    finish: () => {
      tellSeen();
      sumUp();
    },
  };
}
