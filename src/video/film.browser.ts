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
import type { FaceAnalyzer } from "../analyze/index.ts";
import type { RasterImage } from "../image/index.ts";
import { createFilm } from "./create-film.browser.ts";
import type { FollowedFilm } from "./analyze-film.ts";
import { type BlurFilmOptions, type CloserLook, hideFaces } from "./hide-faces.ts";
import { type OpenedFilm, readFilm } from "./read-film.ts";

/** Films in a browser, by its own decoders and encoders (WebCodecs). All of it works in a worker. */
export { followFaces, type FilmLook, type FollowedFilm, type FollowOptions } from "./analyze-film.ts";
export type { CloserLook } from "./hide-faces.ts";
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

/** A film without faces, and what was found in it: another one of it need not look again. */
export interface BlurredFilm {
  readonly file: File;
  readonly closer: CloserLook;
}

/**
 * The film anew, without the faces: new pixels and the old sound, and nothing else of the file. It is gone through twice: whoever follows people looks as
 * often as there is time for, which is too seldom to hide everybody, so faces are looked for again, as `tensorface blur` does. With what an earlier call
 * found it is gone through once.
 *
 * @param analyzer asked for faces alone, after the first of them
 * @param known the tracks that `keep` chose from
 * @throws {TF_VIDEO_UNSUPPORTED} when this browser cannot encode it, or the sound does not go into the container
 */
export async function blurFilm(
  film: OpenedFilm,
  analyzer: Pick<FaceAnalyzer<RasterImage>, "analyze">,
  known: Pick<FollowedFilm, "tracks">,
  options: BlurFilmOptions,
): Promise<BlurredFilm> {
  const library = { EncodedAudioPacketSource, EncodedPacketSink, Output, QUALITY_HIGH, VideoSample, VideoSampleSource };
  // A browser that cannot write the film says so before anybody waits.
  const writer = await createFilm(library, film);
  const closer = await hideFaces(film, writer, { analyzer, known }, options);
  return { file: await writer.file(), closer };
}
