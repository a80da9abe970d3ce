import {
  BlobSource,
  EncodedAudioPacketSource,
  EncodedPacketSink,
  Input,
  MATROSKA,
  MP4,
  Output,
  QTFF,
  QUALITY_HIGH,
  VideoSample,
  VideoSampleSink,
  VideoSampleSource,
  WEBM,
} from "mediabunny";
import { TensorFaceError } from "../core/index.ts";
import { renderFilm, type RenderOptions } from "./annotate-film.ts";
import { type BlurEffect, hideEllipses } from "./blur/paint.ts";
import { createBlurPlan, ellipsesOf } from "./blur/plan.ts";
import { createFilm } from "./create-film.browser.ts";
import type { FollowedFilm } from "./analyze-film.ts";
import { type OpenedFilm, readFilm } from "./read-film.ts";

/** Films in a browser, by its own decoders and encoders (WebCodecs). All of it works in a worker. */
export { followFaces, type FilmLook, type FollowedFilm, type FollowOptions } from "./analyze-film.ts";
export { asItPlays } from "./pace.ts";
export { type FilmFacts, jsonLine, secondsCsv, tracksJson } from "./results.ts";
export { TrackSummarizer, type TrackSummary } from "./tracks/summary.ts";

/**
 * Opens a film: MP4, MOV, WebM and Matroska, of which a few megabytes are in memory.
 *
 * @throws {TF_VIDEO_UNSUPPORTED} when it is no film, holds sound alone, or is coded in a way that this browser does not decode
 * @throws {TF_VIDEO_CORRUPT | TF_INPUT_EMPTY | TF_IMAGE_TOO_LARGE}
 */
export async function openFilm(file: Blob, source: string): Promise<OpenedFilm> {
  if (file.size === 0) throw new TensorFaceError("TF_INPUT_EMPTY", `${source} is empty (0 bytes)`);
  if (globalThis.VideoDecoder === undefined) {
    throw new TensorFaceError("TF_VIDEO_UNSUPPORTED", "this browser gives pages no frames of films", {
      hint: globalThis.isSecureContext ? "A newer browser does." : "Browsers do so only for secure addresses: https, or this machine.",
    });
  }
  const input = new Input({ source: new BlobSource(file), formats: [MP4, QTFF, MATROSKA, WEBM] });
  return readFilm({ VideoSampleSink }, input, { source });
}

export interface BlurFilmOptions extends RenderOptions {
  readonly effect: BlurEffect;
  /** Tracks that stay visible. */
  readonly keep: readonly number[];
}

/**
 * The film anew, without the faces: new pixels and the old sound, and nothing else of the file.
 *
 * @throws {TF_VIDEO_UNSUPPORTED} when this browser cannot encode it, or the sound does not go into the container
 */
export async function blurFilm(film: OpenedFilm, { tracks }: FollowedFilm, options: BlurFilmOptions): Promise<File> {
  const { effect, keep, ...rest } = options;
  const plan = createBlurPlan(film, tracks, { effect, keep });
  const library = { EncodedAudioPacketSource, EncodedPacketSink, Output, QUALITY_HIGH, VideoSample, VideoSampleSource };
  const writer = await createFilm(library, film);
  const ellipsesAt = ellipsesOf(plan);
  await renderFilm(film, writer, rest, (image, time) => hideEllipses(image, ellipsesAt(time), effect));
  return writer.file();
}
