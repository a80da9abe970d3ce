import type * as Mediabunny from "mediabunny";
import type { Input, InputVideoTrack } from "mediabunny";
import { reasonOf, TensorFaceError, throwIfAborted } from "../core/index.ts";
import type { RasterImage } from "../image/index.ts";
import type { Film, FilmFrame } from "./film.ts";
import { pictureOf, type Showing, type Size } from "./sample-picture.ts";

/** What of the library reads a film: named, so that a page is bundled with this much of it. */
export type FilmReader = Pick<typeof Mediabunny, "VideoSampleSink">;

/** A film that ends this much before its time, in seconds, was cut off: less may be the last frame's own. */
const shortBy = 0.2;

/** How much of a film is read. */
export interface FilmLimits {
  /** Pixels of a frame. @default 128000000 */
  readonly maxPixels?: number | undefined;
  /** Seconds of the film. @default none */
  readonly maxSeconds?: number | undefined;
}

/** The same as for pictures: nothing of a frame is decoded before. */
const defaultMaxPixels = 128_000_000;

export interface ReadFilmOptions extends FilmLimits {
  /** What messages and results call it. */
  readonly source: string;
}

/** A film with what is needed to copy its sound. */
export interface OpenedFilm extends Film {
  readonly input: Input;
}

/**
 * A film as its container tells it. The input is disposed of with it, and when it is none.
 *
 * @throws {TF_VIDEO_UNSUPPORTED} when it is no film, holds sound alone, or is coded in a way that is not read
 * @throws {TF_VIDEO_CORRUPT} when it is damaged or cut off
 * @throws {TF_IMAGE_TOO_LARGE} when a frame has more pixels than allowed
 * @throws {TF_INPUT_TOO_LARGE} when it is longer than allowed
 */
export async function readFilm(library: FilmReader, input: Input, { source, ...given }: ReadFilmOptions): Promise<OpenedFilm> {
  const limits = { maxPixels: given.maxPixels ?? defaultMaxPixels, maxSeconds: given.maxSeconds ?? Infinity };
  try {
    await checkFormat(input, source);
    const track = await videoTrackOf(input, source);
    const [width, height] = await Promise.all([track.getDisplayWidth(), track.getDisplayHeight()]);
    checkPixels({ width, height }, limits, source);
    const colours = await track.getColorSpace();
    const hasSound = (await input.getPrimaryAudioTrack()) !== null;
    const duration = (await track.getDurationFromMetadata()) ?? (await track.computeDuration());
    checkLength(duration, limits, source);
    return {
      source,
      width,
      height,
      duration,
      hasSound,
      input,
      frames: ({ signal } = {}) => readFrames(library, track, { source, width, height, colours, duration, signal, limits, input }),
      [Symbol.asyncDispose]: async () => input.dispose(),
    };
  } catch (error) {
    input.dispose();
    throw asFilmError(error, source);
  }
}

type SettledLimits = { readonly [Key in keyof FilmLimits]-?: number };

function checkPixels({ width, height }: Size, { maxPixels }: SettledLimits, source: string): void {
  if (width * height <= maxPixels) return;
  throw new TensorFaceError("TF_IMAGE_TOO_LARGE", `frames of ${source} have ${width} x ${height} pixels, the limit is ${maxPixels}`, {
    hint: "Scale the film down, or raise the limit.",
  });
}

function checkLength(seconds: number, { maxSeconds }: SettledLimits, source: string): void {
  if (seconds <= maxSeconds) return;
  throw new TensorFaceError("TF_INPUT_TOO_LARGE", `${source} is ${seconds.toFixed(1)} seconds long, the limit is ${maxSeconds}`, {
    hint: "Cut the film into shorter ones, or raise the limit.",
  });
}

/** A file of a few bytes makes the library fail in its search for the container's kind, and not say that it knows none. */
async function checkFormat(input: Input, source: string): Promise<void> {
  try {
    await input.getFormat();
  } catch (error) {
    // A disk's errors have a code.
    if (error instanceof Error && "code" in error) throw error;
    throw new TensorFaceError("TF_VIDEO_UNSUPPORTED", `${source} is no film that can be read`, { cause: error });
  }
}

async function videoTrackOf(input: Input, source: string): Promise<InputVideoTrack> {
  const track = await input.getPrimaryVideoTrack();
  if (track === null) {
    const hasSound = (await input.getPrimaryAudioTrack()) !== null;
    if (hasSound) {
      const hint = "There is nothing to be seen in it: choose the film.";
      throw new TensorFaceError("TF_VIDEO_UNSUPPORTED", `${source} holds sound and no pictures`, { hint });
    }
    throw new TensorFaceError("TF_VIDEO_CORRUPT", `${source} names no pictures: the part that says where they are is missing or cut off`);
  }
  if (!(await track.canDecode())) {
    const codec = (await track.getCodecParameterString()) ?? (await track.getCodec()) ?? "an unknown way";
    throw new TensorFaceError("TF_VIDEO_UNSUPPORTED", `${source} is coded in ${codec}, which is not read here`);
  }
  return track;
}

interface ReadOptions extends Showing {
  readonly source: string;
  readonly duration: number;
  readonly signal: AbortSignal | undefined;
  readonly limits: SettledLimits;
  readonly input: Input;
}

async function* readFrames(
  library: FilmReader,
  track: InputVideoTrack,
  { source, width, height, colours, duration, signal, limits, input }: ReadOptions,
): AsyncGenerator<FilmFrame, void, undefined> {
  let index = 0;
  let end = 0;
  try {
    for await (const sample of new library.VideoSampleSink(track).samples()) {
      using held = sample;
      throwIfAborted(signal);
      // Frames that end before the beginning are there for the decoder alone. One that begins there may be of unknown length.
      if (held.timestamp < 0 && held.timestamp + held.duration <= 0) continue;
      end = held.timestamp + held.duration;
      // What the container says of its frames may be false.
      checkLength(held.timestamp, limits, source);
      checkPixels({ width: held.codedWidth, height: held.codedHeight }, limits, source);
      let picture: Promise<RasterImage> | undefined;
      // A film that was trimmed without being coded anew begins within a frame.
      const time = Math.max(0, held.timestamp);
      const shown = Math.min(held.duration, end);
      const read = async (): Promise<RasterImage> =>
        pictureOf(held, { width, height, colours }).catch((error: unknown) => Promise.reject(asFilmError(error, source)));
      yield { index: index++, time, duration: shown, picture: async () => (picture ??= read()) };
      await picture;
    }
    if (end < duration - shortBy && (await goesOnWithout(input, duration))) end = duration;
  } catch (error) {
    throw asFilmError(error, source);
  }
  if (index === 0) throw new TensorFaceError("TF_VIDEO_CORRUPT", `${source} holds no frame that can be decoded`);
  if (end < duration - shortBy)
    throw new TensorFaceError(
      "TF_VIDEO_CORRUPT",
      `${source} ends after ${end.toFixed(1)} of ${duration.toFixed(1)} seconds: it was cut off`,
    );
}

/** Whether sound goes on to the end of a film without pictures: then nothing is missing. Matroska and WebM tell how long all of a film is. */
async function goesOnWithout(input: Input, duration: number): Promise<boolean> {
  if (!/^(Matroska|WebM)$/.test((await input.getFormat()).name)) return false;
  const sound = await input.getPrimaryAudioTrack();
  return sound !== null && (await sound.computeDuration()) >= duration - shortBy;
}

/** What the library says, as one of ours. */
export function asFilmError(error: unknown, source: string): TensorFaceError {
  if (error instanceof TensorFaceError) return error;
  const reason = reasonOf(error);
  return new TensorFaceError("TF_VIDEO_CORRUPT", `${source} could not be decoded: ${reason}`, { cause: error });
}
