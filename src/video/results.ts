import type { AnalyzedFace } from "../analyze/index.ts";
import type { FollowedFilm } from "./analyze-film.ts";
import { boxAt } from "./tracks/boxes.ts";
import { type CurvePoint, moodCurve, summarizeLooks, type TimedLook, type TrackAnswers } from "./tracks/summary.ts";
import type { Track } from "./tracks/tracker.ts";

/** What is told of one person in a film: the contents of `tracks.json`. */
export interface TrackSummary extends TrackAnswers {
  readonly id: number;
  /** Seconds of the first and the last frame in which the face was found. */
  readonly from: number;
  readonly to: number;
  /** In how many frames it was found. */
  readonly looks: number;
  /** The mood in steps of a second. */
  readonly moods: readonly CurvePoint[];
}

export function summarizeTrack({ id, points }: Track<AnalyzedFace>): TrackSummary {
  const looks = looksOf(points);
  return { id, from: points[0]!.time, to: points.at(-1)!.time, looks: points.length, ...summarizeLooks(looks), moods: moodCurve(looks) };
}

function looksOf(points: Track<AnalyzedFace>["points"]): TimedLook[] {
  return points.map(({ time, face }) => ({ time, face }));
}

export interface FilmFacts {
  readonly source: string;
  readonly width: number;
  readonly height: number;
  readonly duration: number;
}

/** `tracks.json`: a film, and the people in it. */
export function tracksJson({ source, width, height, duration }: FilmFacts, { tracks, frames }: FollowedFilm): string {
  const people = tracks.map(summarizeTrack);
  const report = { schema: "tensorface.tracks/1", source, width, height, duration, frames: frames.length, tracks: people };
  return `${JSON.stringify(report, rounded, 2)}\n`;
}

/** One line for each frame, in the order of display: who is where, and whether the face was found there or is between two sights. */
export function* frameLines({ source }: Pick<FilmFacts, "source">, followed: FollowedFilm): Generator<string, void, undefined> {
  for (const [frame, { time, duration }] of followed.frames.entries()) {
    const faces = facesAt(followed, time).map(({ track, box, isSeen, face }) => {
      const { age, gender, mood } = face ?? {};
      return { track: track.id, box, isSeen, age, gender, mood };
    });
    yield `${JSON.stringify({ schema: "tensorface.frame/1", source, frame, time, duration, faces }, rounded)}\n`;
  }
}

export interface FaceAt {
  readonly track: Track<AnalyzedFace>;
  readonly box: AnalyzedFace["box"];
  readonly isSeen: boolean;
  /** What was told in this very frame; absent between two sights. */
  readonly face: AnalyzedFace | undefined;
}

/** The faces of a frame, by track: also in the frames between a track's ends and the looks before and after them. */
export function facesAt({ tracks, reach }: Pick<FollowedFilm, "tracks" | "reach">, time: number): FaceAt[] {
  return tracks.flatMap((track) => {
    const placed = boxAt(track, time, reach * 0.99);
    if (placed === undefined) return [];
    const face = placed.isSeen ? track.points.find((point) => Math.abs(point.time - time) < 1e-6)?.face : undefined;
    return [{ track, ...placed, face }];
  });
}

/** A table with one row for each person and second. */
export function secondsCsv({ tracks }: FollowedFilm): string {
  const moods = [...new Set(tracks.flatMap(({ points }) => points.flatMap(({ face }) => Object.keys(face.mood?.probabilities ?? {}))))];
  const header = [
    "second",
    "track",
    "age",
    "age_low",
    "age_high",
    "gender",
    "gender_confidence",
    "mood",
    ...moods.map((name) => `mood_${name}`),
  ];
  const rows = tracks.flatMap((track) => {
    const { id, age, gender, moods: curve, from, to } = summarizeTrack(track);
    const seconds = Array.from({ length: Math.floor(to) - Math.floor(from) + 1 }, (_, index) => Math.floor(from) + index);
    return seconds.map((second) => {
      const point = curve.find(({ time }) => time === second);
      const numbers = [age?.years, age?.interval.low, age?.interval.high].map((value) => value?.toFixed(1) ?? "");
      const told = [gender?.label ?? "", gender?.confidence.toFixed(3) ?? "", point?.label ?? ""];
      return { second, cells: [second, id, ...numbers, ...told, ...moods.map((name) => point?.probabilities[name]?.toFixed(3) ?? "")] };
    });
  });
  const ordered = rows.toSorted((a, b) => a.second - b.second);
  return [header, ...ordered.map(({ cells }) => cells)].map((cells) => `${cells.join(",")}\r\n`).join("");
}

/** More digits than anything here is known to would only be longer. */
function rounded(_: string, value: unknown): unknown {
  return typeof value === "number" ? Math.round(value * 1e4) / 1e4 : value;
}
