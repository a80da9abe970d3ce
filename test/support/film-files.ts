import { extname } from "node:path";
import { concatenateBytes } from "../../src/core/index.ts";
import { applyOrientation, resize } from "../../src/image/index.ts";
import { loadMediabunny, type MediabunnyLibrary } from "../../src/video/mediabunny.node.ts";
import { createFilm } from "../../src/video/write-film.node.ts";
import { assumedCoding, planesOfRgb } from "../../src/video/yuv.ts";
import { type ClipFrame, clipSize, drawScene, type Scene, type TrueFace } from "./clips.ts";

/** Writes a scene as a film, beside the sound of another file; gives the faces of each frame. */
export async function writeClip(path: string, scene: Scene, sound?: string): Promise<readonly (readonly TrueFace[])[]> {
  const library = await loadMediabunny();
  const from =
    sound === undefined ? undefined : new library.Input({ source: new library.FilePathSource(sound), formats: library.ALL_FORMATS });
  const writer = await createFilm(path, from === undefined ? undefined : { input: from });
  const truth: (readonly TrueFace[])[] = [];
  for await (const { time, image, faces } of drawScene(scene)) {
    await writer.write({ time, duration: 1 / clipSize.rate, image });
    truth.push(faces);
  }
  await writer.finish();
  from?.dispose();
  return truth;
}

/** Writes a second of a tone, as `.m4a`. */
export async function writeSound(path: string): Promise<void> {
  const library = await loadMediabunny();
  const output = new library.Output({ format: new library.Mp4OutputFormat(), target: new library.FilePathTarget(path) });
  const source = new library.AudioSampleSource({ codec: "aac", bitrate: 64_000 });
  output.addAudioTrack(source);
  await output.start();
  const data = Float32Array.from({ length: 48_000 }, (_, index) => Math.sin(index / 20));
  using tone = new library.AudioSample({ data, format: "f32", numberOfChannels: 1, sampleRate: 48_000, timestamp: 0 });
  await source.add(tone);
  await output.finalize();
}

/** As many frames of a scene; no more are drawn. */
export async function firstFrames(scene: Scene, count: number): Promise<ClipFrame[]> {
  const frames: ClipFrame[] = [];
  for await (const frame of drawScene(scene)) if (frames.push(frame) >= count) break;
  return frames;
}

/** How a film of a scene is written; what a camera or a browser might do. */
export interface WrittenKind {
  /** Only the first so many frames. @default all */
  readonly frames?: number;
  /** By what the sides of a frame are divided: it may change in the middle of a film. @default 1 */
  readonly shrinkAt?: (frame: number) => number;
  /** When a frame is shown, in seconds. @default at an even pace */
  readonly timeOf?: (frame: number) => number;
  /** Nothing says how colours are coded. */
  readonly isUntagged?: boolean;
  /** Pixels lie on their side, and the container says how to turn them. */
  readonly isTurned?: boolean;
}

const kinds = {
  ".mp4": { codec: "avc", create: (library: MediabunnyLibrary) => new library.Mp4OutputFormat({ fastStart: "in-memory" }) },
  ".mov": { codec: "avc", create: (library: MediabunnyLibrary) => new library.MovOutputFormat() },
  ".mkv": { codec: "vp9", create: (library: MediabunnyLibrary) => new library.MkvOutputFormat() },
  ".webm": { codec: "vp9", create: (library: MediabunnyLibrary) => new library.WebMOutputFormat() },
} as const;

/** As {@link assumedCoding} codes colours at this size. */
const colorSpace = { primaries: "smpte170m", transfer: "smpte170m", matrix: "smpte170m", fullRange: false } as const;

/** Writes a scene as {@link WrittenKind} says; gives the faces of each frame. Stretches of one size are coded by themselves, and joined. */
export async function writeKindOfClip(path: string, scene: Scene, kind: WrittenKind = {}): Promise<readonly (readonly TrueFace[])[]> {
  const {
    frames = Infinity,
    shrinkAt = () => 1,
    timeOf = (frame: number) => frame / clipSize.rate,
    isTurned = false,
    isUntagged = false,
  } = kind;
  const library = await loadMediabunny();
  const { codec, create } = kinds[extname(path) as keyof typeof kinds];
  const all = await firstFrames(scene, frames);
  const output = new library.Output({ format: create(library), target: new library.FilePathTarget(path) });
  const packets = new library.EncodedVideoPacketSource(codec);
  output.addVideoTrack(packets, isTurned ? { rotation: 90 } : {});
  await output.start();
  for (let start = 0, end = 0; start < all.length; start = end) {
    const factor = shrinkAt(start);
    while (end < all.length && shrinkAt(end) === factor) end++;
    const target = new library.BufferTarget();
    const part = new library.Output({ format: new library.MkvOutputFormat(), target });
    const pictures = new library.VideoSampleSource({ codec, quality: library.QUALITY_HIGH });
    part.addVideoTrack(pictures);
    await part.start();
    for (let frame = start; frame < end; frame++) {
      const small = resize(all[frame]!.image, clipSize.width / factor, clipSize.height / factor);
      const { bytes, width, height } = planesOfRgb(isTurned ? applyOrientation(small, 8) : small, assumedCoding(clipSize.height));
      const timestamp = timeOf(frame);
      const duration = timeOf(frame + 1) - timestamp;
      using sample = new library.VideoSample(bytes, { format: "I420", codedWidth: width, codedHeight: height, timestamp, duration });
      await pictures.add(sample);
    }
    await part.finalize();
    using input = new library.Input({ source: new library.BufferSource(target.buffer!), formats: library.ALL_FORMATS });
    const track = (await input.getPrimaryVideoTrack())!;
    // Encoders leave it out.
    const decoderConfig = { ...(await track.getDecoderConfig())!, ...(isUntagged ? {} : { colorSpace }) };
    // The container has room for one size; frames of another bring their own.
    const sets = start === 0 || codec !== "avc" ? undefined : parameterSets(decoderConfig.description);
    for await (const packet of new library.EncodedPacketSink(track).packets()) {
      const withSets = sets === undefined || packet.type !== "key" ? packet : packet.clone({ data: concatenateBytes([sets, packet.data]) });
      await packets.add(withSets, { decoderConfig });
    }
  }
  await output.finalize();
  return all.map(({ faces }) => faces);
}

/** What H.264's configuration (ISO 14496-15) says of sizes, as it stands among the pictures: each set behind its length. */
function parameterSets(description: AllowSharedBufferSource | undefined): Uint8Array {
  const bytes = new Uint8Array(description as ArrayBuffer | Uint8Array<ArrayBuffer>);
  const sets: Uint8Array[] = [];
  let at = 5;
  for (const mask of [0x1f, 0xff]) {
    const count = bytes[at++]! & mask;
    for (let index = 0; index < count; index++) {
      const length = bytes[at]! * 256 + bytes[at + 1]!;
      sets.push(Uint8Array.of(0, 0, 0, length), bytes.slice(at + 2, at + 2 + length));
      at += 2 + length;
    }
  }
  return concatenateBytes(sets);
}
