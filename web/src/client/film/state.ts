import { computed, effect as watch, signal, untracked } from "@preact/signals";
import { type Attributes, isTensorFaceError, TensorFaceError } from "tensorface/browser";
import type { BlurEffect } from "../../../../src/video/index.ts";
import { createFilmPaths, type FilmPaths, type ShownFace } from "../../shared/film-paths.ts";
import type { FilmNews, FilmTable, PageFilmFacts, Person } from "../../shared/film-questions.ts";
import { explain } from "../../shared/words.ts";
import { announcement, getAnalyzer, notice, restarts } from "../state.ts";
import { download } from "../../shared/export.ts";

/** The films that were brought: gone through one after the other, one of them on screen. */

export type FilmStage = "waiting" | "opening" | "following" | "held" | "stopped" | "whole" | "failed";

export interface OpenFilm {
  readonly id: number;
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
  readonly looked: { readonly every: number; readonly isChosen: boolean } | undefined;
  readonly people: readonly Person[];
  /** What the visitor's models for whole pictures tell of the film. */
  readonly ofPictures: Attributes | undefined;
  /** Object URLs of people's small pictures, by track. */
  readonly portraits: ReadonlyMap<number, string>;
  /** Where its faces were found. */
  readonly paths: FilmPaths;
  /** Tracks that stay visible in the film without faces. */
  readonly kept: ReadonlySet<number>;
  /** How far the film without faces is written, 0..1; undefined while none is. */
  readonly written: number | undefined;
  /** Why something of it could not be saved, as a sentence. */
  readonly saveProblem: string | undefined;
}

export const films = signal<readonly OpenFilm[]>([]);
const selectedId = signal<number | undefined>(undefined);
/** The film on screen. */
export const film = computed(() => films.value.find(({ id }) => id === selectedId.value));
export const people = computed(() => film.value?.people ?? []);
/** Faces are looked for in every so-manieth frame; undefined: as often as there is time for while the film plays. */
export const every = signal<number | undefined>(undefined);
/** The time of the frame that is on screen, in seconds. */
export const shownTime = signal(0);
/** The track that pointer or keyboard is on. */
export const focusedTrack = signal<number | undefined>(undefined);
export const effect = signal<BlurEffect>("pixelate");

let lastId = 0;
/** Stops what is asked of the worker about a film: to follow it, or to write it. */
const following = new Map<number, AbortController>();
const writing = new Map<number, AbortController>();

/** Whether the worker has something of the film that can be saved. */
export const canSave = computed(() => film.value?.stage === "whole" || film.value?.stage === "stopped");

/** The film that is gone through now. */
export const underWay = computed(() => films.value.find(({ stage }) => stage === "opening" || stage === "following" || stage === "held"));

/** The faces of the frame on screen. */
export const shownFaces = computed((): readonly ShownFace[] => film.value?.paths.at(shownTime.value) ?? []);

/** The sight of a track that is nearest to a time; the next one in a direction, where one is given. */
export function sightOf(track: number, time: number, direction?: -1 | 0 | 1): number | undefined {
  return film.value?.paths.sightOf(track, time, direction);
}

/** What is known of a film before anybody looked. */
const unknown = () => ({
  stage: "waiting" as const,
  problem: undefined,
  facts: undefined,
  until: 0,
  looked: undefined,
  people: [],
  ofPictures: undefined,
  portraits: new Map<number, string>(),
  paths: createFilmPaths(),
  kept: new Set<number>(),
  written: undefined,
  saveProblem: undefined,
});

/** Adds films and goes through them in their order; the first of them is shown at once. */
export function addFilms(files: readonly File[]): void {
  const added = files.map((file): OpenFilm => ({ id: ++lastId, file, url: URL.createObjectURL(file), ...unknown() }));
  if (added.length === 0) return;
  notice.value = undefined;
  films.value = [...films.value, ...added];
  selectFilm(added[0]!.id);
  goOn();
}

export function selectFilm(id: number | undefined): void {
  if (id === selectedId.value) return;
  selectedId.value = id;
  shownTime.value = 0;
  focusedTrack.value = undefined;
}

function change(id: number, next: Partial<OpenFilm>): void {
  films.value = films.value.map((one) => (one.id === id ? { ...one, ...next } : one));
}

function find(id: number): OpenFilm | undefined {
  return films.value.find((one) => one.id === id);
}

/** Goes through the next film that waits, unless one is under way: the one on screen, else in their order. */
function goOn(): void {
  if (underWay.peek() !== undefined) return;
  const next = [film.peek(), ...films.peek()].find((one) => one?.stage === "waiting");
  if (next !== undefined) void follow(next);
}

/** The same film again, with what is set now. */
export function followAgain(): void {
  const again = film.value;
  if (again === undefined) return;
  forget(again);
  change(again.id, unknown());
  goOn();
}

/** A worker that was started anew knows nothing of any film, whatever tab is open. */
watch(() => {
  if (restarts.value > 0) untracked(followAllAgain);
});

function followAllAgain(): void {
  for (const one of films.value) {
    forget(one);
    change(one.id, unknown());
  }
  goOn();
}

async function follow({ id, file }: OpenFilm): Promise<void> {
  const controller = new AbortController();
  const { signal: stop } = controller;
  following.set(id, controller);
  const isGone = (): boolean => following.get(id) !== controller;
  const tell = (next: Partial<OpenFilm>): void => {
    if (!isGone()) change(id, next);
  };
  change(id, { stage: "opening" });
  const onNews = (news: FilmNews): void => {
    const now = find(id);
    if (isGone() || now === undefined) return;
    if (news.kind === "opened") tell({ facts: news.facts, stage: "following" });
    else if (news.kind === "people") tell({ people: joined(now.people, news.people) });
    else if (news.kind === "portrait") tell({ portraits: withPortrait(now.portraits, news.track, news.picture) });
    else {
      now.paths.add(news.looks);
      tell({ until: news.until });
    }
  };
  try {
    const asked = { film: id, file, every: every.value };
    const { isWhole, attributes, ...told } = await getAnalyzer().ask("followFilm", asked, { signal: stop, onNews });
    const looked = { every: told.every, isChosen: asked.every !== undefined };
    tell({ stage: isWhole ? "whole" : "stopped", looked, ofPictures: attributes });
    const now = find(id);
    if (!isGone() && now !== undefined && now === film.value)
      announcement.value = `${isWhole ? "The whole film was gone through." : "Stopped."} ${countPeople(now)}.`;
  } catch (error) {
    tell({ stage: "failed", problem: sentence(error) });
  }
  if (!isGone()) following.delete(id);
  goOn();
}

function joined(before: readonly Person[], changed: readonly Person[]): readonly Person[] {
  const all = new Map([...before, ...changed].map((person) => [person.id, person]));
  return [...all.values()].toSorted((a, b) => a.id - b.id);
}

function withPortrait(before: ReadonlyMap<number, string>, track: number, picture: Blob): ReadonlyMap<number, string> {
  const old = before.get(track);
  if (old !== undefined) URL.revokeObjectURL(old);
  return new Map(before).set(track, URL.createObjectURL(picture));
}

export function countPeople({ people: { length } }: Pick<OpenFilm, "people">): string {
  return length === 0 ? "No face" : length === 1 ? "1 person" : `${length} people`;
}

/** Rests, or goes on. */
export function hold({ id }: OpenFilm, isHeld: boolean): void {
  change(id, { stage: isHeld ? "held" : "following" });
  getAnalyzer()
    .ask("holdFilm", { film: id, isHeld })
    .catch(() => undefined);
}

/** Ends early; what was found stays. */
export function stopFollowing({ id }: OpenFilm): void {
  following.get(id)?.abort();
}

/** Takes a film away; the next one comes on screen. */
export function closeFilm(closed: OpenFilm): void {
  const index = films.value.findIndex(({ id }) => id === closed.id);
  const gone = films.value[index];
  if (gone === undefined) return;
  forget(gone);
  URL.revokeObjectURL(gone.url);
  films.value = films.value.filter(({ id }) => id !== gone.id);
  if (selectedId.value === gone.id) selectFilm((films.value[index] ?? films.value[index - 1])?.id);
  goOn();
}

/** Lets go what is known of a film, here and in the worker. */
function forget({ id, stage, portraits }: OpenFilm): void {
  for (const asked of [following, writing]) {
    asked.get(id)?.abort();
    asked.delete(id);
  }
  for (const url of portraits.values()) URL.revokeObjectURL(url);
  if (stage === "waiting") return;
  getAnalyzer()
    .ask("forgetFilm", id)
    .catch(() => undefined);
}

export function keep({ id, kept }: OpenFilm, track: number, isKept: boolean): void {
  const next = new Set(kept);
  if (isKept) next.add(track);
  else next.delete(track);
  change(id, { kept: next });
}

const tableNames: Readonly<Record<FilmTable, string>> = { frames: "jsonl", tracks: "tracks.json", seconds: "seconds.csv" };

export async function saveTable({ id, file }: OpenFilm, kind: FilmTable): Promise<void> {
  change(id, { saveProblem: undefined });
  try {
    download(await getAnalyzer().ask("filmTable", { film: id, kind }), `${file.name.replace(/\.\w+$/, "")}.${tableNames[kind]}`);
  } catch (error) {
    change(id, { saveProblem: sentence(error) });
  }
}

export async function saveBlurred({ id, facts, kept }: OpenFilm): Promise<void> {
  const duration = facts?.duration ?? 0;
  const controller = new AbortController();
  const { signal: stop } = controller;
  writing.set(id, controller);
  const tell = (next: Partial<OpenFilm>): void => {
    if (writing.get(id) === controller) change(id, next);
  };
  tell({ saveProblem: undefined, written: 0 });
  try {
    const onNews = (time: number): void => tell({ written: duration === 0 ? 0 : Math.min(1, time / duration) });
    const file = await getAnalyzer().ask("blurFilm", { film: id, effect: effect.value, keep: [...kept] }, { signal: stop, onNews });
    download(file, file.name);
    announcement.value = "The film without faces is saved.";
  } catch (error) {
    if (!stop.aborted) tell({ saveProblem: sentence(error) });
  }
  tell({ written: undefined });
}

export function stopWriting({ id }: OpenFilm): void {
  writing.get(id)?.abort();
}

function sentence(error: unknown): string {
  if (isTensorFaceError(error)) return explain(error.toJSON());
  return explain(new TensorFaceError("TF_RUNTIME_FAILED", String(error)).toJSON());
}
