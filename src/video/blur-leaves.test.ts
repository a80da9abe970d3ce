import { appendFile, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sampleAnalysis } from "../../test/support/outcomes.ts";
import { portrait } from "../../test/support/pictures.ts";
import { gradientImage } from "../../test/fuzz/pictures.ts";
import { runBlur } from "./blur-run.node.ts";
import { loadMediabunny } from "./mediabunny.node.ts";
import { assumedCoding, planesOfRgb } from "./yuv.ts";

/** What else than pixels a file may hold of a face: none of it is in the file that is written. */
const secret = "the face is here as well, bytes 0123456789";
const box = { x: 180, y: 80, width: 90, height: 100 };
const sample = sampleAnalysis("one");
const analyzer = async () => ({
  analyze: async () => ({ ...sample, faces: sample.faces.slice(0, 1).map((face) => Object.assign({}, face, { box })) }),
  [Symbol.asyncDispose]: async () => {},
});

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tensorface-leaves-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** A part of a JPEG file with a marker of its own. */
function segment(marker: number, content: Buffer): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(content.length + 2);
  return Buffer.concat([Buffer.of(0xff, marker), length, content]);
}

/** As telephones write it: a small picture in EXIF, a list of further pictures (MPF), and those behind the end: a map of gain, of depth, the whole again. */
async function telephonePicture(): Promise<Buffer> {
  const whole = await sharp(portrait).jpeg().toBuffer();
  const small = await sharp(portrait)
    .resize(96, 96)
    .withExif({ IFD0: { ImageDescription: secret } })
    .jpeg()
    .toBuffer();
  const parts = [
    segment(0xe1, Buffer.concat([Buffer.from("Exif\0\0"), small])),
    segment(0xe1, Buffer.from(`http://ns.adobe.com/xap/1.0/\0<x:xmpmeta xmlns:x="adobe:ns:meta/">${secret}</x:xmpmeta>`)),
    segment(0xe2, Buffer.from(`MPF\0${secret}`)),
    segment(0xed, Buffer.from(`Photoshop 3.0\0${secret}`)),
    segment(0xfe, Buffer.from(secret)),
  ];
  return Buffer.concat([whole.subarray(0, 2), ...parts, whole.subarray(2), whole, Buffer.from(secret)]);
}

/** The markers of a JPEG file's parts before its pixels. */
function markersOf(jpeg: Buffer): number[] {
  const markers: number[] = [];
  for (let at = 2; jpeg[at + 1] !== 0xda; at += 2 + jpeg.readUInt16BE(at + 2)) markers.push(jpeg[at + 1]!);
  return markers;
}

describe("what is under the blur cannot be had back", () => {
  it.each(["jpg", "png", "webp"] as const)("from a picture's file beside its pixels: %s", async (ending) => {
    const [input, out] = [join(folder, `telephone-${ending}.jpg`), join(folder, `out.${ending}`)];
    await writeFile(input, await telephonePicture());
    expect((await readFile(input)).includes(secret)).toBe(true);
    await runBlur(input, { out, analyzer });
    const bytes = await readFile(out);
    expect(bytes.includes(secret)).toBe(false);
    const { exif, xmp, iptc, icc, comments } = await sharp(bytes).metadata();
    expect([exif, xmp, iptc, icc, comments]).toEqual([undefined, undefined, undefined, undefined, undefined]);
    if (ending !== "jpg") return;
    // JFIF and what decoding needs, and nothing behind the end.
    expect(markersOf(bytes).filter((marker) => marker > 0xe0 && marker !== 0xee)).toEqual([]);
    expect(bytes.indexOf(Buffer.of(0xff, 0xd9))).toBe(bytes.length - 2);
  });

  it("from a film's file: names, cover, further tracks, and bytes that nothing refers to", async () => {
    const [input, out] = [join(folder, "film.mp4"), join(folder, "out.mp4")];
    await writeTalkativeFilm(input);
    expect((await readFile(input)).includes(secret)).toBe(true);
    expect(await runBlur(input, { out, effect: "fill", analyzer })).toEqual({ hidden: 1, kept: 0 });
    const bytes = await readFile(out);
    expect(bytes.includes(secret)).toBe(false);

    const library = await loadMediabunny();
    using film = new library.Input({ source: new library.BufferSource(bytes), formats: library.ALL_FORMATS });
    const tags = await film.getMetadataTags();
    expect([tags.title, tags.comment, tags.images]).toEqual([undefined, undefined, undefined]);
    const tracks = await film.getTracks();
    expect(tracks.map(({ type }) => type)).toEqual(["video"]);
    const packets = await Array.fromAsync(new library.EncodedPacketSink(tracks[0]!).packets());
    // Each frame is one that is shown, and beside them there is room for where they are, and for nothing else.
    expect(packets).toHaveLength(6);
    const coded = packets.reduce((sum, { data }) => sum + data.byteLength, 0);
    expect(bytes.byteLength - coded).toBeLessThan(2000);
  });
});

async function writeTalkativeFilm(path: string): Promise<void> {
  const library = await loadMediabunny();
  const output = new library.Output({ format: new library.Mp4OutputFormat(), target: new library.FilePathTarget(path) });
  const tracks = [0, 1].map(() => new library.VideoSampleSource({ codec: "avc", quality: library.QUALITY_HIGH }));
  for (const track of tracks) output.addVideoTrack(track, { name: secret });
  const cover = await sharp(portrait)
    .resize(64, 64)
    .withExif({ IFD0: { ImageDescription: secret } })
    .jpeg()
    .toBuffer();
  output.setMetadataTags({ title: secret, comment: secret, images: [{ data: cover, mimeType: "image/jpeg", kind: "coverFront" }] });
  await output.start();
  const { bytes, width, height } = planesOfRgb(gradientImage(640, 360), assumedCoding(360));
  for (let index = 0; index < 6; index++) {
    const init = { format: "I420", codedWidth: width, codedHeight: height, timestamp: index / 10, duration: 0.1 } as const;
    for (const track of tracks) {
      using picture = new library.VideoSample(bytes, init);
      await track.add(picture);
    }
  }
  await output.finalize();
  // A part that no table refers to.
  const free = Buffer.concat([Buffer.alloc(4), Buffer.from("free"), Buffer.from(secret)]);
  free.writeUInt32BE(free.length);
  await appendFile(path, free);
}
