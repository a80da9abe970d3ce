import type * as Mediabunny from "mediabunny";
import type { Input, InputVideoTrack, VideoSample } from "mediabunny";
import { reasonOf, TensorFaceError, throwIfAborted } from "../core/index.ts";
import { applyOrientation, createRasterImage, type Orientation, type RasterImage } from "../image/index.ts";
import type { Film, FilmFrame } from "./film.ts";
import { assumedCoding, type ColourCoding, type PlanarFrame, rgbOfPlanes } from "./yuv.ts";

/** What of the library reads a film: named, so that a page is bundled with this much of it. */
export type FilmReader = Pick<typeof Mediabunny, "VideoSampleSink">;

/** The same as for pictures: nothing of a frame is decoded before. */
const mostPixels = 128_000_000;
/** A film that ends this much before its time, in seconds, was cut off: less may be the last frame's own. */
const shortBy = 0.2;

/** A film with what is needed to copy its sound. */
export interface OpenedFilm extends Film {
  readonly input: Input;
}

/**
 * A film as its container tells it. The input is disposed of with it, and when it is none.
 *
 * @throws {TF_VIDEO_UNSUPPORTED} when it is no film, holds sound alone, or is coded in a way that is not read
 * @throws {TF_VIDEO_CORRUPT} when it is damaged or cut off
 * @throws {TF_IMAGE_TOO_LARGE} for frames of more than 128 million pixels
 */
export async function readFilm(library: FilmReader, input: Input, source: string): Promise<OpenedFilm> {
  try {
    const track = await videoTrackOf(input, source);
    const { displayWidth: width, displayHeight: height } = await sizeOf(track);
    if (width * height > mostPixels)
      throw new TensorFaceError("TF_IMAGE_TOO_LARGE", `frames of ${source} have ${width} x ${height} pixels, the limit is ${mostPixels}`);
    const hasSound = (await input.getPrimaryAudioTrack()) !== null;
    const duration = (await track.getDurationFromMetadata()) ?? (await track.computeDuration());
    return {
      source,
      width,
      height,
      duration,
      hasSound,
      input,
      frames: ({ signal } = {}) => readFrames(library, track, { source, duration, signal }),
      [Symbol.asyncDispose]: async () => input.dispose(),
    };
  } catch (error) {
    input.dispose();
    throw asFilmError(error, source);
  }
}

async function sizeOf(track: InputVideoTrack): Promise<{ readonly displayWidth: number; readonly displayHeight: number }> {
  const [displayWidth, displayHeight] = await Promise.all([track.getDisplayWidth(), track.getDisplayHeight()]);
  return { displayWidth, displayHeight };
}

async function videoTrackOf(input: Input, source: string): Promise<InputVideoTrack> {
  const track = await input.getPrimaryVideoTrack();
  if (track === null) {
    const hasSound = (await input.getPrimaryAudioTrack()) !== null;
    if (hasSound) throw new TensorFaceError("TF_VIDEO_UNSUPPORTED", `${source} holds sound and no pictures`);
    throw new TensorFaceError("TF_VIDEO_CORRUPT", `${source} names no pictures: the part that says where they are is missing or cut off`);
  }
  if (!(await track.canDecode())) {
    const codec = (await track.getCodecParameterString()) ?? (await track.getCodec()) ?? "an unknown way";
    throw new TensorFaceError("TF_VIDEO_UNSUPPORTED", `${source} is coded in ${codec}, which is not read here`);
  }
  return track;
}

interface ReadOptions {
  readonly source: string;
  readonly duration: number;
  readonly signal: AbortSignal | undefined;
}

async function* readFrames(
  library: FilmReader,
  track: InputVideoTrack,
  { source, duration, signal }: ReadOptions,
): AsyncGenerator<FilmFrame, void, undefined> {
  let index = 0;
  let end = 0;
  try {
    for await (const sample of new library.VideoSampleSink(track).samples()) {
      using held = sample;
      throwIfAborted(signal);
      // Frames that end before the beginning are there for the decoder alone.
      if (held.timestamp + held.duration <= 0) continue;
      end = held.timestamp + held.duration;
      let picture: Promise<RasterImage> | undefined;
      const { timestamp: time, duration: shown } = held;
      yield { index: index++, time, duration: shown, picture: async () => (picture ??= pictureOf(held)) };
      await picture;
    }
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

/** EXIF's names for a clockwise turn, and for one with the sides exchanged afterwards. */
const orientations: Readonly<Record<number, { readonly plain: Orientation; readonly flipped: Orientation }>> = {
  0: { plain: 1, flipped: 2 },
  90: { plain: 6, flipped: 5 },
  180: { plain: 3, flipped: 4 },
  270: { plain: 8, flipped: 7 },
};

async function pictureOf(sample: VideoSample): Promise<RasterImage> {
  const { plain, flipped } = orientations[sample.rotation] ?? orientations[0]!;
  return applyOrientation(await storedPicture(sample), sample.flip ? flipped : plain);
}

/** Of the frame's own planes: FFmpeg's conversion to RGB takes every film for one of BT.601. */
async function storedPicture(sample: VideoSample): Promise<RasterImage> {
  const { format } = sample;
  const { width, height } = sample.visibleRect;
  // A frame that stays with the graphics card does not say how it is laid out; it is told how to come.
  const options = format === null ? ({ format: "RGBA" } as const) : {};
  const bytes = new Uint8Array(sample.allocationSize(options));
  const planes = await sample.copyTo(bytes, options);
  if (format === null || /^(?:RGB|BGR)/.test(format))
    return packedPicture(bytes, planes[0]!, { width, height, isBlueFirst: format?.startsWith("BGR") === true });
  const parts = /^(?:I(420|422|444)|NV12)A?(?:P(10|12))?$/.exec(format);
  if (parts === null) throw new TensorFaceError("TF_VIDEO_UNSUPPORTED", `frames of the kind ${format} are not read here`);
  const frame: PlanarFrame = {
    width,
    height,
    bytes,
    planes,
    chroma: chromaOf(parts[1]),
    isInterleaved: format === "NV12",
    bits: Number(parts[2] ?? 8),
    coding: codingOf(sample, height),
  };
  return rgbOfPlanes(frame);
}

function chromaOf(text: string | undefined): PlanarFrame["chroma"] {
  if (text === "444") return 444;
  return text === "422" ? 422 : 420;
}

function codingOf({ colorSpace }: VideoSample, height: number): ColourCoding {
  const assumed = assumedCoding(height);
  const fullRange = colorSpace.fullRange ?? assumed.fullRange;
  if (colorSpace.matrix === "bt709") return { matrix: "bt709", fullRange };
  if (colorSpace.matrix === "bt470bg" || colorSpace.matrix === "smpte170m") return { matrix: "bt601", fullRange };
  return { matrix: assumed.matrix, fullRange };
}

function packedPicture(
  bytes: Uint8Array,
  { offset, stride }: { readonly offset: number; readonly stride: number },
  { width, height, isBlueFirst }: { readonly width: number; readonly height: number; readonly isBlueFirst: boolean },
): RasterImage {
  const data = new Uint8Array(width * height * 3);
  const [red, blue] = isBlueFirst ? [2, 0] : [0, 2];
  for (let y = 0, to = 0; y < height; y++) {
    for (let x = 0; x < width; x++, to += 3) {
      const from = offset + y * stride + x * 4;
      data[to] = bytes[from + red]!;
      data[to + 1] = bytes[from + 1]!;
      data[to + 2] = bytes[from + blue]!;
    }
  }
  return createRasterImage(width, height, data);
}

/** What the library says, as one of ours. */
export function asFilmError(error: unknown, source: string): TensorFaceError {
  if (error instanceof TensorFaceError) return error;
  const reason = reasonOf(error);
  if (error instanceof Error && error.name === "UnsupportedInputFormatError")
    return new TensorFaceError("TF_VIDEO_UNSUPPORTED", `${source} is no film that can be read`, { cause: error });
  return new TensorFaceError("TF_VIDEO_CORRUPT", `${source} could not be decoded: ${reason}`, { cause: error });
}
