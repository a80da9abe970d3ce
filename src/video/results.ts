import type { AnalyzedFace } from "../analyze/index.ts";
import type { BoundingBox } from "../core/index.ts";
import type { TrackSummary } from "./tracks/summary.ts";

/** What is told of one frame of a film: a line of the JSONL. */
export interface FrameAnalysis {
  readonly schema: "tensorface.frame/1";
  readonly source: string;
  /** From 0, in the order of display. */
  readonly frame: number;
  /** When it is shown, in seconds from the film's beginning, and for how long. */
  readonly time: number;
  readonly duration: number;
  /** By track. */
  readonly faces: readonly FaceInFrame[];
}

/** A face in a frame; what it tells stands there where the face was looked at. */
export interface FaceInFrame extends Pick<AnalyzedFace, "age" | "gender" | "mood" | "attributes"> {
  /** Whose face it is: the `id` of a {@link TrackSummary}. */
  readonly track: number;
  /** In pixels of the upright frame. */
  readonly box: BoundingBox;
  /** Whether it was found in this very frame; else the box is between two sights, or just beyond the first or last. */
  readonly isSeen: boolean;
}

/** What a film's container tells. */
export interface FilmFacts {
  readonly source: string;
  /** Of the upright frames, in pixels. */
  readonly width: number;
  readonly height: number;
  /** Seconds. */
  readonly duration: number;
}

/** A film, and the people in it: the contents of `tracks.json`. */
export interface VideoTracks extends FilmFacts {
  readonly schema: "tensorface.tracks/1";
  readonly frames: number;
  /** In the order of first sight. */
  readonly tracks: readonly TrackSummary[];
}

/** As a line of JSON: with four digits behind the point, which is more than anything here is known to. */
export function jsonLine(told: FrameAnalysis | VideoTracks): string {
  return `${JSON.stringify(told, rounded)}\n`;
}

/** The contents of `tracks.json`. */
export function tracksJson(told: VideoTracks): string {
  return `${JSON.stringify(told, rounded, 2)}\n`;
}

function rounded(_: string, value: unknown): unknown {
  return typeof value === "number" ? Math.round(value * 1e4) / 1e4 : value;
}

/** A table with one row for each person and second. */
export function secondsCsv({ tracks }: Pick<VideoTracks, "tracks">): string {
  const moods = [...new Set(tracks.flatMap(({ moods: curve }) => curve.flatMap(({ probabilities }) => Object.keys(probabilities))))];
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
  const rows = tracks.flatMap(({ id, age, gender, moods: curve, from, to }) => {
    const points = new Map(curve.map((point) => [point.time, point]));
    const numbers = [age?.years, age?.interval.low, age?.interval.high].map((value) => value?.toFixed(1) ?? "");
    const seconds = Array.from({ length: Math.floor(to) - Math.floor(from) + 1 }, (_, index) => Math.floor(from) + index);
    return seconds.map((second) => {
      const point = points.get(second);
      const told = [gender?.label ?? "", gender?.confidence.toFixed(3) ?? "", point?.label ?? ""];
      return { second, cells: [second, id, ...numbers, ...told, ...moods.map((name) => point?.probabilities[name]?.toFixed(3) ?? "")] };
    });
  });
  const ordered = rows.toSorted((a, b) => a.second - b.second);
  return [header, ...ordered.map(({ cells }) => cells)].map((cells) => `${cells.join(",")}\r\n`).join("");
}
