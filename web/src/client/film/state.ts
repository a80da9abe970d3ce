import { computed, effect as watch, signal, untracked } from "@preact/signals";
import { type Attributes, isTensorFaceError, TensorFaceError } from "tensorface/browser";
import type { BlurEffect } from "../../../../src/video/index.ts";
import { createFilmPaths, type ShownFace } from "../../shared/film-paths.ts";
import type { FilmNews, FilmTable, PageFilmFacts, Person } from "../../shared/film-questions.ts";
import { explain } from "../../shared/words.ts";
import { announcement, getAnalyzer, restarts } from "../state.ts";
import { download } from "../../shared/export.ts";

/** One film: what is known of it, and what is done with it. */

export type FilmStage = "opening" | "following" | "held" | "stopped" | "whole" | "failed";

export interface OpenFilm {
  readonly file: File;
  /** Object URL of the file. */
  readonly url: string;
  readonly stage: FilmStage;
  /** Why it cannot be followed, as a sentence. */
  readonly problem: string | undefined;
  readonly facts: PageFilmFacts | undefined;
  /** Up to where it was gone through, in seconds. */
  readonly until: number;
  /** Faces were looked for in every so-manieth frame; on average, where nobody chose. Known at the end. */
  readonly looked?: { readonly every: number; readonly isChosen: boolean };
}

export const film = signal<OpenFilm | undefined>(undefined);
export const people = signal<readonly Person[]>([]);
/** What the visitor's models for whole pictures tell of the film. */
export const ofPictures = signal<Attributes | undefined>(undefined);
/** Object URLs of people's small pictures, by track. */
export const portraits = signal<ReadonlyMap<number, string>>(new Map());
/** Faces are looked for in every so-manieth frame; undefined: as often as there is time for while the film plays. */
export const every = signal<number | undefined>(undefined);
/** The time of the frame that is on screen, in seconds. */
export const shownTime = signal(0);
/** The track that pointer or keyboard is on. */
export const focusedTrack = signal<number | undefined>(undefined);
/** Tracks that stay visible in the film without faces. */
export const kept = signal<ReadonlySet<number>>(new Set());
export const effect = signal<BlurEffect>("pixelate");
/** How far a film without faces is written, 0..1; undefined while none is. */
export const written = signal<number | undefined>(undefined);
export const saveProblem = signal<string | undefined>(undefined);

const paths = createFilmPaths();
/** Counted up, so that who shows them looks again. */
const pathsChanged = signal(0);
let following: AbortController | undefined;
let writing: AbortController | undefined;

/** Whether the worker has a film of which something can be saved. */
export const canSave = computed(() => film.value?.stage === "whole" || film.value?.stage === "stopped");

/** The faces of the frame on screen. */
export const shownFaces = computed((): readonly ShownFace[] => {
  void pathsChanged.value;
  return paths.at(shownTime.value);
});

/** The sight of a track that is nearest to a time; the next one in a direction, where one is given. */
export const sightOf = paths.sightOf;

/** Opens a film and follows the people in it. */
export async function openFilm(file: File): Promise<void> {
  closeFilm();
  film.value = { file, url: URL.createObjectURL(file), stage: "opening", problem: undefined, facts: undefined, until: 0 };
  await follow(film.value);
}

/** The same film again, with what is set now. */
export async function followAgain(): Promise<void> {
  const again = film.value;
  if (again === undefined) return;
  forget();
  film.value = { ...again, stage: "opening", problem: undefined, until: 0 };
  await follow(film.value);
}

/** A worker that was started anew knows nothing of the film, whatever tab is open. */
watch(() => {
  if (restarts.value > 0) untracked(() => void followAgain());
});

async function follow({ file }: OpenFilm): Promise<void> {
  const controller = new AbortController();
  const { signal: stop } = controller;
  following = controller;
  const isGone = (): boolean => following !== controller;
  const change = (next: Partial<OpenFilm>): void => {
    if (!isGone() && film.value !== undefined) film.value = { ...film.value, ...next };
  };
  const onNews = (news: FilmNews): void => {
    if (isGone()) return;
    if (news.kind === "opened") change({ facts: news.facts, stage: "following" });
    else if (news.kind === "people") takePeople(news.people);
    else if (news.kind === "portrait") takePortrait(news.track, news.picture);
    else {
      paths.add(news.looks);
      pathsChanged.value++;
      change({ until: news.until });
    }
  };
  try {
    const asked = { file, every: every.value };
    const { isWhole, attributes, ...told } = await getAnalyzer().ask("followFilm", asked, { signal: stop, onNews });
    change({ stage: isWhole ? "whole" : "stopped", looked: { every: told.every, isChosen: asked.every !== undefined } });
    if (!isGone()) ofPictures.value = attributes;
    if (!isGone()) announcement.value = `${isWhole ? "The whole film was gone through." : "Stopped."} ${countPeople()}.`;
  } catch (error) {
    change({ stage: "failed", problem: sentence(error) });
  }
}

function takePeople(changed: readonly Person[]): void {
  const all = new Map([...people.value, ...changed].map((person) => [person.id, person]));
  people.value = [...all.values()].toSorted((a, b) => a.id - b.id);
}

function takePortrait(track: number, picture: Blob): void {
  const before = portraits.value.get(track);
  if (before !== undefined) URL.revokeObjectURL(before);
  portraits.value = new Map(portraits.value).set(track, URL.createObjectURL(picture));
}

export function countPeople(): string {
  const { length } = people.value;
  return length === 0 ? "No face" : length === 1 ? "1 person" : `${length} people`;
}

/** Rests, or goes on. */
export function hold(isHeld: boolean): void {
  if (film.value === undefined) return;
  film.value = { ...film.value, stage: isHeld ? "held" : "following" };
  getAnalyzer()
    .ask("holdFilm", isHeld)
    .catch(() => undefined);
}

/** Ends early; what was found stays. */
export function stopFollowing(): void {
  following?.abort();
}

export function closeFilm(): void {
  forget();
  if (film.value !== undefined) URL.revokeObjectURL(film.value.url);
  film.value = undefined;
}

function forget(): void {
  following?.abort();
  following = undefined;
  writing?.abort();
  paths.clear();
  people.value = [];
  ofPictures.value = undefined;
  for (const url of portraits.value.values()) URL.revokeObjectURL(url);
  portraits.value = new Map();
  kept.value = new Set();
  shownTime.value = 0;
  saveProblem.value = undefined;
}

export function keep(track: number, isKept: boolean): void {
  const next = new Set(kept.value);
  if (isKept) next.add(track);
  else next.delete(track);
  kept.value = next;
}

const tableNames: Readonly<Record<FilmTable, string>> = { frames: "jsonl", tracks: "tracks.json", seconds: "seconds.csv" };

export async function saveTable(kind: FilmTable): Promise<void> {
  saveProblem.value = undefined;
  const name = film.value?.file.name ?? "film";
  try {
    download(await getAnalyzer().ask("filmTable", kind), `${name.replace(/\.\w+$/, "")}.${tableNames[kind]}`);
  } catch (error) {
    saveProblem.value = sentence(error);
  }
}

export async function saveBlurred(): Promise<void> {
  const duration = film.value?.facts?.duration ?? 0;
  writing = new AbortController();
  const { signal: stop } = writing;
  saveProblem.value = undefined;
  written.value = 0;
  try {
    const onNews = (time: number): void => void (written.value = duration === 0 ? 0 : Math.min(1, time / duration));
    const file = await getAnalyzer().ask("blurFilm", { effect: effect.value, keep: [...kept.value] }, { signal: stop, onNews });
    download(file, file.name);
    announcement.value = "The film without faces is saved.";
  } catch (error) {
    if (!stop.aborted) saveProblem.value = sentence(error);
  } finally {
    written.value = undefined;
  }
}

export function stopWriting(): void {
  writing?.abort();
}

function sentence(error: unknown): string {
  if (isTensorFaceError(error)) return explain(error.toJSON());
  return explain(new TensorFaceError("TF_RUNTIME_FAILED", String(error)).toJSON());
}
