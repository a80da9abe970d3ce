import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { VideoSampleInit } from "mediabunny";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { difference, gradientImage } from "../../test/fuzz/pictures.ts";
import { resize } from "../image/index.ts";
import { loadMediabunny } from "./mediabunny.node.ts";
import { openFilm } from "./open-film.node.ts";
import { assumedCoding, planesOfRgb } from "./yuv.ts";

/** Films as telephones and cameras write them, made with FFmpeg's own encoders. */
let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tensorface-kinds-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const picture = gradientImage(128, 96);

interface Kind {
  readonly codec: "avc" | "hevc" | "vp9";
  readonly format: "I420" | "I420P10";
  readonly bytes: Uint8Array;
  readonly frames?: number;
  /** What the container says besides. */
  readonly config?: Partial<VideoDecoderConfig>;
  readonly colorSpace?: VideoSampleInit["colorSpace"];
}

/** Coded first, and then put into the container with what it is to say: encoders leave some of it out. @returns the order in which times stand in it */
async function writeKind(path: string, { codec, format, bytes, frames = 12, config, colorSpace }: Kind): Promise<number[]> {
  const library = await loadMediabunny();
  const target = new library.BufferTarget();
  const coded = new library.Output({ format: new library.Mp4OutputFormat(), target });
  const pictures = new library.VideoSampleSource({ codec, quality: library.QUALITY_HIGH });
  coded.addVideoTrack(pictures);
  await coded.start();
  for (let index = 0; index < frames; index++) {
    const init = { format, codedWidth: 128, codedHeight: 96, timestamp: index / 10, duration: 0.1, ...(colorSpace && { colorSpace }) };
    using sample = new library.VideoSample(bytes, init);
    await pictures.add(sample);
  }
  await coded.finalize();
  using input = new library.Input({ source: new library.BufferSource(target.buffer!), formats: library.ALL_FORMATS });
  const track = (await input.getPrimaryVideoTrack())!;
  const decoderConfig = { ...(await track.getDecoderConfig())!, ...config };
  const output = new library.Output({ format: new library.Mp4OutputFormat(), target: new library.FilePathTarget(path) });
  const packets = new library.EncodedVideoPacketSource(codec);
  output.addVideoTrack(packets);
  await output.start();
  const times: number[] = [];
  for await (const packet of new library.EncodedPacketSink(track).packets()) {
    times.push(packet.timestamp);
    await packets.add(packet, { decoderConfig });
  }
  await output.finalize();
  return times;
}

/** Ten bits of the same brightness everywhere, and no colour. */
function greyOfTenBits(code: number): Uint8Array {
  const samples = new Uint16Array((128 * 96 * 3) / 2).fill(512);
  samples.fill(code, 0, 128 * 96);
  return new Uint8Array(samples.buffer);
}

describe("a film", () => {
  it("whose frames are stored in another order is given in that of display", async () => {
    const path = join(folder, "b-frames.mp4");
    const order = await writeKind(path, { codec: "avc", format: "I420", bytes: planesOfRgb(picture, assumedCoding(96)).bytes, frames: 30 });
    expect(order).not.toEqual(order.toSorted((a, b) => a - b));
    await using film = await openFilm(path);
    const times = await Array.fromAsync(film.frames(), ({ time }) => Math.round(time * 10));
    expect(times).toEqual(times.map((_, index) => index));
    expect(times).toHaveLength(30);
  });

  it("of wide pixels becomes one of square ones", async () => {
    const path = join(folder, "wide.mp4");
    const config = { displayAspectWidth: 256, displayAspectHeight: 96 };
    await writeKind(path, { codec: "avc", format: "I420", bytes: planesOfRgb(picture, assumedCoding(96)).bytes, config });
    await using film = await openFilm(path);
    expect(film).toMatchObject({ width: 256, height: 96 });
    for await (const { picture: read } of film.frames()) {
      const image = await read();
      expect([image.width, image.height]).toEqual([256, 96]);
      expect(difference(image, resize(picture, 256, 96)).mean).toBeLessThan(3);
    }
  });

  it.each([
    ["pq", 573],
    ["hlg", 721],
  ] as const)("of a high dynamic range (%s) becomes an ordinary picture", async (transfer, code) => {
    const path = join(folder, `${transfer}.mp4`);
    // The standard's names, which this compiler does not know yet.
    const colorSpace = { primaries: "bt2020", transfer, matrix: "bt2020-ncl", fullRange: false } as unknown as VideoColorSpaceInit;
    await writeKind(path, { codec: "hevc", format: "I420P10", bytes: greyOfTenBits(code), config: { colorSpace }, colorSpace });
    await using film = await openFilm(path);
    for await (const { picture: read } of film.frames()) {
      // White paper: without the curve it would be a middle grey of 148, or a light one of 191.
      for (const value of (await read()).data.subarray(0, 300)) expect(Math.abs(value - 237)).toBeLessThan(5);
    }
  });

  it("longer or larger than allowed is refused before it is decoded", async () => {
    const path = join(folder, "limits.mp4");
    await writeKind(path, { codec: "vp9", format: "I420", bytes: planesOfRgb(picture, assumedCoding(96)).bytes });
    await expect(openFilm(path, { maxSeconds: 1 })).rejects.toMatchObject({ code: "TF_INPUT_TOO_LARGE" });
    await expect(openFilm(path, { maxPixels: 128 * 96 - 1 })).rejects.toMatchObject({ code: "TF_IMAGE_TOO_LARGE" });
    await using film = await openFilm(path, { maxSeconds: 1.2, maxPixels: 128 * 96 });
    expect(await Array.fromAsync(film.frames())).toHaveLength(12);
  });
});
