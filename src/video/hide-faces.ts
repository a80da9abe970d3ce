import type { FaceAnalyzer } from "../analyze/index.ts";
import type { RasterImage } from "../image/index.ts";
import { followFaces, type FollowedFilm, followToEnd } from "./analyze-film.ts";
import { renderFilm, type RenderOptions } from "./annotate-film.ts";
import { closeLook, keptAmong } from "./blur/closer.ts";
import { type BlurEffect, hideEllipses } from "./blur/paint.ts";
import { blurDefaults, createBlurPlan, ellipsesOf } from "./blur/plan.ts";
import type { Film, FilmWriter } from "./film.ts";

export interface BlurFilmOptions extends RenderOptions {
  readonly effect: BlurEffect;
  /** Tracks that stay visible, of those that are known. */
  readonly keep: readonly number[];
  /** Faces were looked for in every so-manieth frame, where somebody chose. They are hidden with no fewer looks, and at least as many as by `tensorface blur`. */
  readonly every?: number | undefined;
  /** What an earlier call found in the same film with the same `every`: it is not looked at again by the same `sight`. @default nothing */
  readonly closer?: CloserLook | undefined;
  /** Stands for what looks: another value once it sees otherwise, as after a change of settings. */
  readonly sight: unknown;
}

/** The tracks of a film that was looked at closely enough to hide everybody. */
export interface CloserLook extends Pick<FollowedFilm, "tracks"> {
  /** What looked. */
  readonly sight: unknown;
}

/**
 * Writes a film without faces, which somebody has followed as often as there was time for: too seldom to hide everybody, so they are looked for again.
 * @param known the tracks that `keep` chose from
 * @param options `onFrame` is told of the first half of the way, then of the second: seconds up to the film's duration, all in all; of the second
 *   alone where nothing is looked for
 * @returns what was found, for the next time
 */
// oxlint-disable-next-line max-params -- what is read, what is written, by whose sight and how
export async function hideFaces(
  film: Film,
  writer: FilmWriter,
  { analyzer, known }: { readonly analyzer: Pick<FaceAnalyzer<RasterImage>, "analyze">; readonly known: Pick<FollowedFilm, "tracks"> },
  { effect, keep, every = Infinity, closer, sight, signal, onFrame }: BlurFilmOptions,
): Promise<CloserLook> {
  const half =
    (begin: number) =>
    (time: number): void =>
      onFrame?.(begin + time / 2);
  const lookCloser = async (): Promise<CloserLook> => {
    const look = { ...closeLook(film, { every: Math.min(every, blurDefaults.every) }), answerSeconds: Infinity, signal, onFrame: half(0) };
    const { tracks } = await followToEnd(followFaces(film, analyzer, look)).catch(async (error: unknown) => {
      await writer.cancel();
      throw error;
    });
    return { tracks, sight };
  };
  const found = closer !== undefined && closer.sight === sight ? closer : await lookCloser();
  const ellipsesAt = ellipsesOf(createBlurPlan(film, found.tracks, { effect, keep: keptAmong(found.tracks, known.tracks, keep) }));
  const rendering = { signal, onFrame: found === closer ? onFrame : half(film.duration / 2) };
  await renderFilm(film, writer, rendering, (image, time) => hideEllipses(image, ellipsesAt(time), effect));
  return found;
}
