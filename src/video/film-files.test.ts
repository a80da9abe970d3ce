import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { difference, gradientImage } from "../../test/fuzz/pictures.ts";
import { diskOf } from "../../test/support/disk.ts";
import { createRandom, type TensorFaceError } from "../core/index.ts";
import { applyOrientation } from "../image/index.ts";
import { renderFilm } from "./annotate-film.ts";
import { loadMediabunny } from "./mediabunny.node.ts";
import { openFilm } from "./open-film.node.ts";
import { readFilm } from "./read-film.ts";
import { createFilm } from "./write-film.node.ts";
import { assumedCoding, planesOfRgb } from "./yuv.ts";

const picture = gradientImage(128, 96);
/** Unevenly long, as a telephone records in the dark. */
const times = [0, 0.04, 0.1, 0.14, 0.3, 0.34, 0.5, 0.7, 0.75, 0.8, 1.3, 1.4, 1.9, 2.0];
let folder = "";
let film = "";

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tensorface-film-"));
  film = join(folder, "film.mp4");
  const writer = await createFilm(film);
  for (const [index, time] of times.entries()) await writer.write({ time, duration: (times[index + 1] ?? 2.04) - time, image: picture });
  await writer.finish();
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function failure(work: Promise<unknown>): Promise<TensorFaceError> {
  return work.then(
    () => expect.unreachable("nothing was thrown"),
    (error: TensorFaceError) => error,
  );
}

async function readTimes(path: string): Promise<number[]> {
  await using opened = await openFilm(path);
  return (await Array.fromAsync(opened.frames(), ({ time }) => time)).map((time) => Math.round(time * 1000) / 1000);
}

/** A second of a turned film with sound, or sound alone; in MP4, what says where its parts are comes first. */
async function writeWithSound(path: string, hasPictures: boolean, { isNoise = false, soundSeconds = 1 } = {}): Promise<void> {
  const library = await loadMediabunny();
  const isMatroska = path.endsWith(".mkv");
  const output = new library.Output({
    format: isMatroska ? new library.MkvOutputFormat() : new library.Mp4OutputFormat({ fastStart: "in-memory" }),
    target: new library.FilePathTarget(path),
  });
  const sound = new library.AudioSampleSource({ codec: "aac", bitrate: 64_000 });
  const pictures = new library.VideoSampleSource({ codec: "avc", quality: library.QUALITY_HIGH });
  if (hasPictures) output.addVideoTrack(pictures, isMatroska ? {} : { rotation: 90 });
  output.addAudioTrack(sound);
  await output.start();
  const data = Float32Array.from({ length: soundSeconds * 48_000 }, (_, index) => Math.sin(index / 20));
  using beep = new library.AudioSample({ data, format: "f32", numberOfChannels: 1, sampleRate: 48_000, timestamp: 0 });
  await sound.add(beep);
  const { bytes, width, height } = planesOfRgb(picture, assumedCoding(96));
  const random = createRandom(1);
  const frames = hasPictures ? 10 : 0;
  for (let index = 0; index < frames; index++) {
    // No frame of noise is like the one before: each has many bytes.
    if (isNoise) for (let at = 0; at < bytes.length; at++) bytes[at] = random.integer(256);
    using sample = new library.VideoSample(bytes, {
      format: "I420",
      codedWidth: width,
      codedHeight: height,
      timestamp: index / 10,
      duration: 0.1,
    });
    await pictures.add(sample);
  }
  await output.finalize();
}

describe("a film", () => {
  it("comes back with its frames, at their uneven times", async () => {
    await using opened = await openFilm(film);
    expect(opened).toMatchObject({ width: 128, height: 96, hasSound: false, duration: expect.closeTo(2.04, 1) as number });
    expect(await readTimes(film)).toEqual(times);
    for await (const { picture: read } of opened.frames()) expect(difference(await read(), picture).mean).toBeLessThan(3);
  });

  // Matroska and WebM say of no frame how long it is: of the last one nobody knows.
  it.each(["mp4", "mkv", "webm"])("of a single frame is one (%s)", async (ending) => {
    const path = join(folder, `single.${ending}`);
    const writer = await createFilm(path);
    await writer.write({ time: 0, duration: 0, image: picture });
    await writer.finish();
    expect(await readTimes(path)).toEqual([0]);
  });

  it("is turned as its container says, and its sound is copied beside new pictures", async () => {
    const path = join(folder, "turned.mp4");
    await writeWithSound(path, true);
    await using opened = await openFilm(path);
    expect(opened).toMatchObject({ width: 96, height: 128, hasSound: true });
    const copy = join(folder, "copy.mkv");
    const writer = await createFilm(copy, opened);
    for await (const { time, duration, picture: read } of opened.frames()) {
      const image = await read();
      expect(difference(image, applyOrientation(picture, 6)).mean).toBeLessThan(3);
      await writer.write({ time, duration, image });
    }
    await writer.finish();
    await using copied = await openFilm(copy);
    expect(copied).toMatchObject({ width: 96, height: 128, hasSound: true });
    expect(await readTimes(copy)).toEqual(await readTimes(path));
  });

  it.each(["mp4", "mkv"])("is whole where its sound goes on without pictures: %s", async (ending) => {
    const path = join(folder, `sound-goes-on.${ending}`);
    await writeWithSound(path, true, { soundSeconds: 3 });
    expect(await readTimes(path)).toHaveLength(10);
  });

  it("of which the last picture stands for long is whole", async () => {
    const path = join(folder, "long-last.mp4");
    const writer = await createFilm(path);
    for (const [time, duration] of [
      [0, 0.5],
      [0.5, 6],
    ] as const)
      await writer.write({ time, duration, image: picture });
    await writer.finish();
    expect(await readTimes(path)).toEqual([0, 0.5]);
  });

  it("begins at its beginning, also where it was cut within a frame", async () => {
    const path = join(folder, "trimmed.mp4");
    const writer = await createFilm(path);
    for (const time of [-0.06, -0.02, 0.02]) await writer.write({ time, duration: 0.04, image: picture });
    await writer.finish();
    await using opened = await openFilm(path);
    const shown = await Array.fromAsync(opened.frames(), ({ index, time, duration }) => [index, time, duration]);
    expect(shown.map((each) => each.map((value) => Math.round(value * 1000) / 1000))).toEqual([
      [0, 0, 0.02],
      [1, 0.02, 0.04],
    ]);
  });

  it("is no film on a disk that fills up, also where a part of the last write fits", async () => {
    await using opened = await openFilm(film);
    const { size } = await stat(film);
    const path = join(folder, "too-large.mp4");
    for (const room of [0, Math.floor(size / 2)]) {
      const writer = await createFilm(path, undefined, { open: diskOf(room) });
      const writing = renderFilm(opened, writer, {}, (image) => image);
      await expect(writing).rejects.toMatchObject({ code: "TF_OUTPUT_FULL" });
      expect((await readdir(folder)).filter((name) => name.includes("too-large"))).toEqual([]);
    }
  });

  it("is removed when it is not written to its end", async () => {
    const writer = await createFilm(join(folder, "given-up.webm"));
    await writer.write({ time: 0, duration: 0.1, image: picture });
    await writer.cancel();
    expect((await readdir(folder)).filter((name) => name.startsWith("given-up"))).toEqual([]);
  });
});

describe("what is no film, or not a whole one", () => {
  it.each([
    ["text.mp4", "this is no film at all", "TF_VIDEO_UNSUPPORTED", /no film/],
    ["short.mp4", "hello\n", "TF_VIDEO_UNSUPPORTED", /no film that can be read/],
    ["eight.mp4", "12345678", "TF_VIDEO_UNSUPPORTED", /no film that can be read/],
    ["empty.mp4", "", "TF_INPUT_EMPTY", /0 bytes/],
  ] as const)("%s", async (name, text, code, words) => {
    await writeFile(join(folder, name), text);
    const error = await failure(openFilm(join(folder, name)));
    expect([error.code, error.message]).toEqual([code, expect.stringMatching(words)]);
  });

  it("has a frame of which the pixels cannot be had", async () => {
    const library = await loadMediabunny();
    class VideoSampleSink extends library.VideoSampleSink {
      override async *samples(): ReturnType<InstanceType<typeof library.VideoSampleSink>["samples"]> {
        for await (const sample of super.samples())
          yield Object.assign(sample, { copyTo: async () => Promise.reject(new Error("no memory")) });
      }
    }
    const input = new library.Input({ source: new library.FilePathSource(film), formats: library.ALL_FORMATS });
    await using opened = await readFilm({ VideoSampleSink }, input, { source: "f.mp4" });
    for await (const frame of opened.frames()) {
      await expect(frame.picture()).rejects.toMatchObject({ code: "TF_VIDEO_CORRUPT", message: "f.mp4 could not be decoded: no memory" });
      break;
    }
  });

  it("is not there", async () => {
    expect((await failure(openFilm(join(folder, "nowhere.mp4")))).code).toBe("TF_INPUT_NOT_FOUND");
  });

  it("holds sound alone", async () => {
    const path = join(folder, "sound.m4a");
    await writeWithSound(path, false);
    expect(await failure(openFilm(path))).toMatchObject({
      code: "TF_VIDEO_UNSUPPORTED",
      message: expect.stringContaining("sound") as string,
    });
  });

  it("was cut off: what is there is given first", async () => {
    const whole = join(folder, "sound-and-pictures.mp4");
    await writeWithSound(whole, true, { isNoise: true });
    const path = join(folder, "cut.mp4");
    const bytes = await readFile(whole);
    await writeFile(path, bytes.subarray(0, Math.floor(bytes.length / 2)));
    const seen: number[] = [];
    const read = async (): Promise<void> => {
      await using opened = await openFilm(path);
      for await (const { time } of opened.frames()) seen.push(time);
    };
    expect(await failure(read())).toMatchObject({ code: "TF_VIDEO_CORRUPT", message: expect.stringContaining("cut off") as string });
    expect(seen.length).toBeGreaterThan(0);
    const matroska = join(folder, "cut.mkv");
    await writeWithSound(matroska, true, { isNoise: true });
    await writeFile(matroska, (await readFile(matroska)).subarray(0, Math.floor(bytes.length / 2)));
    expect(await failure(readTimes(matroska))).toMatchObject({ code: "TF_VIDEO_CORRUPT" });
    await writeFile(path, (await readFile(film)).subarray(0, 400));
    expect((await failure(readTimes(path))).code).toMatch(/^TF_VIDEO_/);
  });
});
