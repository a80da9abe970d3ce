import type { Attributes, BoundingBox } from "tensorface/browser";
import type { FilmFacts, TrackSummary } from "../../../src/video/film.browser.ts";
import type { BlurEffect } from "../../../src/video/index.ts";

/** What the page asks of the worker about films, by the numbers that it gives them, and the answers. The worker keeps what it followed. */

export interface FollowAsk {
  readonly film: number;
  readonly file: File;
  /** Faces are looked for in every so-manieth frame; undefined: as often as there is time for while the film plays. */
  readonly every: number | undefined;
}

/** A face in a frame that was looked at. */
export interface SeenFace {
  readonly track: number;
  readonly box: BoundingBox;
}

export interface FilmLookNews {
  /** Seconds. */
  readonly time: number;
  readonly faces: readonly SeenFace[];
}

/** A person in a film, as the page shows them. */
export type Person = TrackSummary;

/** What is told while a film is followed. */
export type FilmNews =
  | { readonly kind: "opened"; readonly facts: PageFilmFacts }
  | ({ readonly kind: "seen" } & FollowedPart)
  | { readonly kind: "people"; readonly people: readonly Person[] }
  | { readonly kind: "portrait"; readonly track: number; readonly picture: Blob };

/** What was seen since it was told last. */
interface FollowedPart {
  /** Up to where the film was gone through, in seconds. */
  readonly until: number;
  readonly looks: readonly FilmLookNews[];
}

export interface PageFilmFacts extends FilmFacts {
  readonly hasSound: boolean;
}

export interface FollowAnswer {
  /** Whether the film was gone through to its end; it was stopped otherwise. */
  readonly isWhole: boolean;
  readonly frames: number;
  /** Faces were looked for in every so-manieth frame; on average, where nothing was chosen. */
  readonly every: number;
  /** What the visitor's models for whole pictures tell of all frames. */
  readonly attributes: Attributes | undefined;
}

/** What is told of a film, in the forms of the command line: of each frame, of the people, or a table by second. */
export type FilmTable = "frames" | "tracks" | "seconds";

export interface HoldAsk {
  readonly film: number;
  readonly isHeld: boolean;
}

export interface TableAsk {
  readonly film: number;
  readonly kind: FilmTable;
}

export interface BlurAsk {
  readonly film: number;
  readonly effect: BlurEffect;
  /** Tracks that stay visible. */
  readonly keep: readonly number[];
}
