import { loadMediabunny } from "../../src/video/mediabunny.node.ts";
import { createFilm } from "../../src/video/write-film.node.ts";
import { clipSize, drawScene, type Scene, type TrueFace } from "./clips.ts";

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
