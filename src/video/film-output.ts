import type * as Mediabunny from "mediabunny";
import type { Input, InputAudioTrack, Output, OutputFormat, Target, VideoCodec } from "mediabunny";
import { TensorFaceError } from "../core/index.ts";
import type { FilmWriter } from "./film.ts";
import { assumedCoding, type ColourCoding, planesOfRgb } from "./yuv.ts";

/** What of the library writes a film: named, so that a page is bundled with this much of it. */
export type FilmWriterLibrary = Pick<
  typeof Mediabunny,
  "EncodedAudioPacketSource" | "EncodedPacketSink" | "Output" | "QUALITY_HIGH" | "VideoSample" | "VideoSampleSource"
>;

interface FilmOutput {
  readonly format: OutputFormat;
  readonly target: Target;
  readonly codec: VideoCodec;
  /** Whose sound is copied, as it is coded. */
  readonly from?: { readonly input: Input } | undefined;
}

/**
 * Begins a film in any place. Its frames have the times that they are given.
 * @throws {TF_VIDEO_UNSUPPORTED} when the container cannot hold the sound as it is
 */
export async function startFilm(library: FilmWriterLibrary, { format, target, codec, from }: FilmOutput): Promise<FilmWriter> {
  const output = new library.Output({ format, target });
  const pictures = new library.VideoSampleSource({ codec, quality: library.QUALITY_HIGH });
  output.addVideoTrack(pictures);
  const sound = from === undefined ? undefined : await copySound(library, from.input, output, format.getSupportedAudioCodecs());
  await output.start();
  return {
    write: async ({ time, duration, image }) => {
      const coding = assumedCoding(image.height);
      const { bytes, width, height } = planesOfRgb(image, coding);
      const layout = { format: "I420", codedWidth: width, codedHeight: height, colorSpace: colourSpaceOf(coding) } as const;
      using sample = new library.VideoSample(bytes, { ...layout, timestamp: time, duration });
      await sound?.until(time);
      await pictures.add(sample);
    },
    finish: async () => {
      await sound?.until(Infinity);
      await output.finalize();
    },
    cancel: async () => output.cancel(),
  };
}

/** Browsers' encoders write it into the film, and take BT.709 for what is not said. */
function colourSpaceOf({ matrix, fullRange }: ColourCoding): VideoColorSpaceInit {
  const name = matrix === "bt709" ? "bt709" : "smpte170m";
  return { primaries: name, transfer: name, matrix: name, fullRange };
}

interface SoundCopy {
  until(time: number): Promise<void>;
}

// eslint-disable-next-line max-params -- from where, to where, and what may go there
async function copySound(
  library: FilmWriterLibrary,
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
  library: FilmWriterLibrary,
  track: InputAudioTrack,
  source: InstanceType<FilmWriterLibrary["EncodedAudioPacketSource"]>,
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
