import { type AnalyzedFace, type Attributes, type Cell, csvRow, ownTaskColumns, taskOfAnswer } from "../analyze/index.ts";
import type { BoundingBox } from "../core/index.ts";
import type { AttributeCurves } from "./tracks/attributes.ts";
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
  /** What models of one's own for whole pictures tell, where the frame was looked at. */
  readonly attributes?: Attributes;
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
  /** Faces were looked for in every so-manieth frame; on average, where the machine decided. */
  readonly every: number;
  /** In the order of first sight. */
  readonly tracks: readonly TrackSummary[];
  /** What models of one's own for whole pictures tell of all frames, by task; absent where there are none. */
  readonly attributes?: Attributes;
  /** The same of each second. */
  readonly attributeCurves?: AttributeCurves;
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

type TableContents = Pick<VideoTracks, "tracks" | "attributeCurves">;

/**
 * A table with one row for each person and second; of models for whole pictures, one without a person too, for each second of which they
 * tell.
 */
export function secondsCsv(told: TableContents): string {
  const moods = [...new Set(told.tracks.flatMap(({ moods: curve }) => curve.flatMap(({ probabilities }) => Object.keys(probabilities))))];
  const header = [...columnNames, ...moods.map((name) => `mood_${name}`)];
  const own = ownColumnsOf(told, header);
  const rows = [...told.tracks.flatMap((track) => rowsOfTrack(track, moods, own)), ...rowsOfPicture(told, header.length, own)];
  const ordered = rows.toSorted((a, b) => a.second - b.second);
  return [[...header, ...own.map(({ name }) => name)], ...ordered.map(({ cells }) => cells)].map(csvRow).join("");
}

const columnNames = ["second", "track", "age", "age_low", "age_high", "gender", "gender_confidence", "mood"] as const;

/** A column of a task that is not built in. */
interface OwnColumn {
  readonly sees: "face" | "picture";
  readonly name: string;
  readonly value: (told: { readonly attributes: Attributes }) => Cell;
}

interface SecondRow {
  readonly second: number;
  readonly cells: readonly Cell[];
}

/** By what the tasks tell anywhere in the film. */
function ownColumnsOf({ tracks, attributeCurves = {} }: TableContents, taken: readonly string[]): OwnColumn[] {
  const ofFaces = new Map(tracks.flatMap((track) => Object.entries(track.attributeCurves ?? {})));
  const tasks = [
    ...[...ofFaces].map(([name, curve]) => taskOfAnswer(name, "face", curve[0]!)),
    ...Object.entries(attributeCurves).map(([name, curve]) => taskOfAnswer(name, "picture", curve[0]!)),
  ];
  return ownTaskColumns(tasks, taken).map(({ sees, column }) => ({ sees, name: column.name, value: column.value }));
}

/** What the tasks tell of a second. */
function atSecond(curves: AttributeCurves = {}): (second: number) => Attributes {
  const points = Object.entries(curves).map(([task, curve]) => [task, new Map(curve.map((point) => [point.time, point]))] as const);
  return (second) =>
    Object.fromEntries(
      points.flatMap(([task, curve]) => {
        const point = curve.get(second);
        return point === undefined ? [] : [[task, point]];
      }),
    );
}

// eslint-disable-next-line max-params -- whose rows, and which columns
function rowsOfTrack(track: TrackSummary, moods: readonly string[], own: readonly OwnColumn[]): SecondRow[] {
  const { id, age, gender, from, to } = track;
  const points = new Map(track.moods.map((point) => [point.time, point]));
  const numbers = [age?.years, age?.interval.low, age?.interval.high].map((value) => value?.toFixed(1));
  const attributesAt = atSecond(track.attributeCurves);
  const seconds = Array.from({ length: Math.floor(to) - Math.floor(from) + 1 }, (_, index) => Math.floor(from) + index);
  return seconds.map((second) => {
    const point = points.get(second);
    const built = [
      gender?.label,
      gender?.confidence.toFixed(3),
      point?.label,
      ...moods.map((name) => point?.probabilities[name]?.toFixed(3)),
    ];
    const attributes = attributesAt(second);
    const ofModels = own.map(({ sees, value }) => (sees === "face" ? value({ attributes }) : undefined));
    return { second, cells: [second, id, ...numbers, ...built, ...ofModels] };
  });
}

// eslint-disable-next-line max-params -- of what, and which columns
function rowsOfPicture({ attributeCurves = {} }: TableContents, width: number, own: readonly OwnColumn[]): SecondRow[] {
  const seconds = new Set(Object.values(attributeCurves).flatMap((curve) => curve.map(({ time }) => time)));
  const attributesAt = atSecond(attributeCurves);
  return [...seconds].map((second) => {
    const attributes = attributesAt(second);
    const blank = Array.from({ length: width - 1 }, () => undefined);
    return { second, cells: [second, ...blank, ...own.map(({ sees, value }) => (sees === "picture" ? value({ attributes }) : undefined))] };
  });
}
