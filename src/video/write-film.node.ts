import { mkdir, realpath, rm } from "node:fs/promises";
import { dirname, extname, resolve } from "node:path";
import type { Input, InputAudioTrack, Output } from "mediabunny";
import { TensorFaceError } from "../core/index.ts";
import { commitPart, nameBeside, writeFailure } from "../files/files.node.ts";
import type { FilmWriter } from "./film.ts";
import { loadMediabunny, type MediabunnyLibrary } from "./mediabunny.node.ts";
import { assumedCoding, planesOfRgb } from "./yuv.ts";

/** Containers by the file's ending, and how pictures are coded in them. */
const containers = {
  ".mp4": { codec: "avc", create: (library: MediabunnyLibrary) => new library.Mp4OutputFormat() },
  ".mov": { codec: "avc", create: (library: MediabunnyLibrary) => new library.MovOutputFormat() },
  ".mkv": { codec: "avc", create: (library: MediabunnyLibrary) => new library.MkvOutputFormat() },
  ".webm": { codec: "vp9", create: (library: MediabunnyLibrary) => new library.WebMOutputFormat() },
} as const;

/** Endings of the films that can be written. */
const endings = [".mp4", ".mov", ".mkv", ".webm"] as const satisfies (keyof typeof containers)[];

/** @throws {TF_INVALID_ARGUMENT} for another ending */
export function checkFilmName(path: string): keyof typeof containers {
  const ending = extname(path).toLowerCase();
  const known = endings.find((name) => name === ending);
  if (known !== undefined) return known;
  throw new TensorFaceError("TF_INVALID_ARGUMENT", `films are written as ${endings.join(", ")}, not as "${ending}" (${path})`);
}

/**
 * Two names may mean the same place, by links.
 * @throws {TF_INVALID_ARGUMENT} when what is written would replace what is read
 */
export async function checkNotInput(out: string, input: string): Promise<void> {
  const place = async (path: string): Promise<string> => realpath(path).catch(() => resolve(path));
  if ((await place(out)) !== (await place(input))) return;
  throw new TensorFaceError("TF_INVALID_ARGUMENT", `${out} is the input itself: it would be lost`, { hint: "Choose another name." });
}

/**
 * Begins to write a film. Its frames have the times that they are given; the sound of `from` is copied as it is coded, and what else that
 * file tells (names, places, a thumbnail) is left behind. It stands under another name until it is whole.
 *
 * @throws {TF_INVALID_ARGUMENT} when the ending of `path` names no container that is written
 * @throws {TF_VIDEO_UNSUPPORTED} when the container cannot hold the sound as it is
 * @throws {TF_OUTPUT_UNWRITABLE} when there is no place for it
 */
export async function createFilm(path: string, from?: { readonly input: Input }): Promise<FilmWriter> {
  const { codec, create } = containers[checkFilmName(path)];
  const library = await loadMediabunny();
  const part = nameBeside(path, ".", `.${process.pid}.part`);
  await mkdir(dirname(path), { recursive: true }).catch((error: unknown) => {
    throw writeFailure(error, path);
  });
  const format = create(library);
  const output = new library.Output({ format, target: new library.FilePathTarget(part) });
  const pictures = new library.VideoSampleSource({ codec, quality: library.QUALITY_HIGH });
  output.addVideoTrack(pictures);
  const sound = from === undefined ? undefined : await copySound(library, from.input, output, format.getSupportedAudioCodecs());
  await output.start();
  return {
    write: async ({ time, duration, image }) => {
      const { bytes, width, height } = planesOfRgb(image, assumedCoding(image.height));
      using sample = new library.VideoSample(bytes, { format: "I420", codedWidth: width, codedHeight: height, timestamp: time, duration });
      await sound?.until(time);
      await pictures.add(sample);
    },
    finish: async () => {
      await sound?.until(Infinity);
      await output.finalize();
      await commitPart(part, path).catch((error: unknown) => {
        throw writeFailure(error, path);
      });
    },
    cancel: async () => {
      await output.cancel();
      await rm(part, { force: true });
    },
  };
}

interface SoundCopy {
  until(time: number): Promise<void>;
}

// eslint-disable-next-line max-params -- from where, to where, and what may go there
async function copySound(
  library: MediabunnyLibrary,
  input: Input,
  output: Output,
  supported: readonly string[],
): Promise<SoundCopy | undefined> {
  const track = await input.getPrimaryAudioTrack();
  const codec = await track?.getCodec();
  if (track === null || codec === undefined || codec === null) return undefined;
  if (!supported.includes(codec)) {
    throw new TensorFaceError("TF_VIDEO_UNSUPPORTED", `the sound is coded in ${codec}, which this kind of file does not hold`, {
      hint: "Write it with the ending of the film that it comes from, or as .mkv.",
    });
  }
  const source = new library.EncodedAudioPacketSource(codec);
  output.addAudioTrack(source);
  return createSoundCopy(library, track, source);
}

async function createSoundCopy(
  library: MediabunnyLibrary,
  track: InputAudioTrack,
  source: InstanceType<MediabunnyLibrary["EncodedAudioPacketSource"]>,
): Promise<SoundCopy> {
  const decoderConfig = await track.getDecoderConfig();
  const packets = new library.EncodedPacketSink(track).packets();
  let next = await packets.next();
  return {
    until: async (time) => {
      while (next.done !== true && next.value.timestamp <= time) {
        // Encoders write a moment of silence before the beginning; it is not heard.
        if (next.value.timestamp >= 0) await source.add(next.value, decoderConfig === null ? undefined : { decoderConfig });
        next = await packets.next();
      }
      if (time === Infinity) source.close();
    },
  };
}
