import type { FaceAnalyzer } from "../analyze/index.ts";
import { expectOptions, expectPath, expectSignal, expectThat, expectType, type OptionNames, type ProgressListener } from "../core/index.ts";
import type { RasterImage } from "../image/index.ts";
import { followFaces, followToEnd } from "./analyze-film.ts";
import { annotateFilm } from "./annotate-film.ts";
import { type BlurResult, runBlur } from "./blur-run.node.ts";
import { planOptionNames, type PlanOptions } from "./blur/plan.ts";
import { tellsSeconds } from "./film.ts";
import { type FilmInput, openFilm, type OpenFilmOptions } from "./open-film.node.ts";
import type { FrameAnalysis, VideoTracks } from "./results.ts";
import { checkFilmName, checkNotInput, createFilm } from "./write-film.node.ts";

/** What looks at a frame: an analyzer of `createAnalyzer`, with the tasks that are asked for. */
export type FrameAnalyzer = Pick<FaceAnalyzer<RasterImage>, "analyze">;

/** @throws {TF_INVALID_ARGUMENT} when there is no analyzer, or an option that can be no such thing */
function expectHowToLook<Options extends Pick<VideoOptions, "signal" | "onProgress">>(
  analyzer: FrameAnalyzer,
  options: Options,
  names: OptionNames<NoInfer<Options>>,
): void {
  const looks = typeof (analyzer as Partial<FrameAnalyzer> | null | undefined)?.analyze === "function";
  expectThat(looks, "analyzer must be what createAnalyzer gives", analyzer);
  expectOptions(options, names);
  expectSignal(options.signal);
  expectType("onProgress", options.onProgress, "function");
}

/** What is asked about a film. */
export interface VideoOptions extends OpenFilmOptions {
  /** Faces are looked for in every so-manieth frame. @default 5; of {@link blurFile} 3, in an animation 1 */
  readonly every?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** In seconds of the film. */
  readonly onProgress?: ProgressListener | undefined;
}
const videoOptionNames: OptionNames<VideoOptions> = {
  maxPixels: true,
  maxSeconds: true,
  source: true,
  every: true,
  signal: true,
  onProgress: true,
};

/**
 * What a film shows: an object for each frame, in order, and one about all people as the last. A frame comes as soon as it is known, about a
 * second and a half after it was read; whoever takes them slowly slows the reading. Nobody is recognised: a face is followed by motion, overlap and the
 * colours of hair and clothing.
 *
 * @throws {TF_VIDEO_UNSUPPORTED} when it is no film, holds sound alone, or is coded in a way that is not read; without the packages that read films
 * @throws {TF_VIDEO_CORRUPT} when it is damaged; when it was cut off, after the frames that are there
 * @throws {TF_INPUT_NOT_FOUND | TF_INPUT_UNREADABLE | TF_INPUT_EMPTY} when there is nothing to read
 * @throws {TF_IMAGE_TOO_LARGE | TF_INPUT_TOO_LARGE} when a frame or the film is larger or longer than allowed
 * @throws {TF_ABORTED} when the signal says so
 * @throws {TF_INVALID_ARGUMENT} without an analyzer, or when an option is out of its range
 *
 * @example
 * for await (const told of analyzeVideo("clip.mp4", analyzer)) {
 *   if (told.schema === "tensorface.frame/1") console.log(told.time, told.faces.length);
 *   else console.log(`${told.tracks.length} people`);
 * }
 */
export async function* analyzeVideo(
  input: FilmInput,
  analyzer: FrameAnalyzer,
  options: VideoOptions = {},
): AsyncGenerator<FrameAnalysis | VideoTracks, void, undefined> {
  expectHowToLook(analyzer, options, videoOptionNames);
  const { every, signal, onProgress, ...open } = options;
  await using film = await openFilm(input, open);
  const { told } = yield* followFaces(film, analyzer, { every, signal, onFrame: tellsSeconds(film, "follow", onProgress) });
  yield told;
}

/**
 * Writes a film with each face boxed and numbered by its track, and what is told of it. Sound and the times of the frames stay.
 * @param out .mp4, .mov, .mkv or .webm
 * @returns what is told of the people
 * @throws the codes of {@link analyzeVideo}
 * @throws {TF_INVALID_ARGUMENT} when `out` has another ending, or is the film itself
 * @throws {TF_OUTPUT_UNWRITABLE | TF_OUTPUT_FULL} when it cannot be written
 */
export async function annotateVideo(path: string, out: string, analyzer: FrameAnalyzer, options: VideoOptions = {}): Promise<VideoTracks> {
  expectPath("path", path);
  expectPath("out", out);
  expectHowToLook(analyzer, options, videoOptionNames);
  const { every, signal, onProgress, ...open } = options;
  checkFilmName(out);
  await checkNotInput(out, path);
  await using film = await openFilm(path, open);
  const following = followFaces(film, analyzer, { every, signal, onFrame: tellsSeconds(film, "follow", onProgress) });
  const followed = await followToEnd(following);
  await annotateFilm(film, await createFilm(out, film), followed, { signal, onFrame: tellsSeconds(film, "draw", onProgress) });
  return followed.told;
}

/** How faces in a file are hidden. */
export interface BlurFileOptions extends PlanOptions, Pick<VideoOptions, "every" | "signal" | "onProgress"> {
  /** Where the plan is written: what is hidden when and where, to be changed by hand. */
  readonly plan?: string | undefined;
  /** A plan that was made before: nothing is looked for again. */
  readonly render?: string | undefined;
}
const blurFileOptionNames: OptionNames<BlurFileOptions> = {
  ...planOptionNames,
  every: true,
  signal: true,
  onProgress: true,
  plan: true,
  render: true,
};

/**
 * Writes a film, or a picture, without faces. A film is gone through twice, so that a face is hidden in the frames before it was found, too. What is
 * written has new pixels and the old sound: no metadata, no thumbnail. No network finds every face: look at the result.
 *
 * What is transparent stays so where the format has a place for it, and is white in JPEG; within a hidden face it is hidden as well. Of an animation (GIF,
 * WebP) all frames are written, with their times. Several pictures of which only the first could be read are refused: animated PNG, sequences of AVIF,
 * pages of TIFF.
 * @param out of a film .mp4, .mov, .mkv or .webm; of a picture .jpg, .png, .webp, .gif; of an animation .webp, .gif; what is there already is replaced
 * @param analyzer hides no more faces of a picture or frame than its `maxFaces`, 256 where nothing was said: for crowds, make it with a larger one
 * @throws the codes of {@link annotateVideo}; of a picture those of `decode`
 * @throws {TF_IMAGE_TOO_LARGE} when all frames of an animation together have more than 128 million pixels
 */
export async function blurFile(path: string, out: string, analyzer: FrameAnalyzer, options: BlurFileOptions = {}): Promise<BlurResult> {
  expectPath("path", path);
  expectPath("out", out);
  expectHowToLook(analyzer, options, blurFileOptionNames);
  const kept = { analyze: analyzer.analyze.bind(analyzer), [Symbol.asyncDispose]: async () => {} };
  return runBlur(path, { ...options, out, analyzer: async () => kept });
}
