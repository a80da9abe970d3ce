/** Damaged pictures: whole files of every format and the ways in which files break. */
import { readFile } from "node:fs/promises";
import sharp from "sharp";
import type { Random } from "../../src/core/index.ts";
import { filledImage } from "../../src/image/index.ts";
import { portraitHeic } from "../support/heif.ts";
import { encodeAs, encodedFormats, gradientImage, pipelineOf, withJpegOrientation, withPngOrientation } from "./pictures.ts";

export interface SeedFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** One small file of every format, and of the variants whose decoders take other paths. */
export async function seedFiles(): Promise<SeedFile[]> {
  const image = gradientImage(40, 28);
  const plain = await Promise.all(encodedFormats.map(async (format) => ({ name: format, bytes: await encodeAs(image, format) })));
  const jpeg = plain.find(({ name }) => name === "jpeg")!.bytes;
  const png = plain.find(({ name }) => name === "png")!.bytes;
  const frames = await Promise.all([image, filledImage(40, 28, [9, 99, 199])].map((frame) => encodeAs(frame, "png")));
  return [
    ...plain,
    { name: "heic", bytes: await readFile(portraitHeic) },
    { name: "jpeg with orientation", bytes: withJpegOrientation(jpeg, 6) },
    { name: "png with orientation", bytes: withPngOrientation(png, 8) },
    { name: "progressive jpeg", bytes: await pipelineOf(image).jpeg({ progressive: true }).toBuffer() },
    { name: "cmyk jpeg", bytes: await pipelineOf(image).toColourspace("cmyk").jpeg().toBuffer() },
    { name: "palette png", bytes: await pipelineOf(image).png({ palette: true }).toBuffer() },
    { name: "16-bit png", bytes: await pipelineOf(image).toColourspace("rgb16").png().toBuffer() },
    { name: "lossy webp with alpha", bytes: await pipelineOf(image).ensureAlpha(0.5).webp().toBuffer() },
    { name: "deflate tiff", bytes: await pipelineOf(image).tiff({ compression: "deflate", tile: true }).toBuffer() },
    {
      name: "animated gif",
      bytes: await sharp(frames, { join: { animated: true } })
        .gif()
        .toBuffer(),
    },
    {
      name: "animated webp",
      bytes: await sharp(frames, { join: { animated: true } })
        .webp()
        .toBuffer(),
    },
  ];
}

/** A damaged copy. Headers are hit as often as the rest of the file, since that is where lies do harm. */
export function mutate(bytes: Uint8Array, random: Random): Uint8Array {
  const mutation = mutations[random.integer(mutations.length)]!;
  return mutation(Uint8Array.from(bytes), random);
}

type Mutation = (bytes: Uint8Array, random: Random) => Uint8Array;

const mutations: readonly Mutation[] = [
  function flipBits(bytes, random) {
    for (let count = 1 + random.integer(8); count > 0; count--) bytes[somewhere(bytes, random)]! ^= 1 << random.integer(8);
    return bytes;
  },
  function setBytes(bytes, random) {
    const extremes = [0, 1, 0x7f, 0x80, 0xfe, 0xff];
    for (let count = 1 + random.integer(4); count > 0; count--)
      bytes[somewhere(bytes, random)] = extremes[random.integer(extremes.length)]!;
    return bytes;
  },
  function liesAboutANumber(bytes, random) {
    const values = [0, 1, 0xff, 0x7fff, 0xffff, 0x10000, 0x7fffffff, 0xffffffff];
    // Files that were damaged before may be very short.
    if (bytes.length < 4) return bytes;
    const at = Math.min(somewhere(bytes, random), bytes.length - 4);
    new DataView(bytes.buffer).setUint32(at, values[random.integer(values.length)]!, random.integer(2) === 0);
    return bytes;
  },
  function cutOff(bytes, random) {
    return bytes.slice(0, random.integer(bytes.length + 1));
  },
  function removePart(bytes, random) {
    const start = somewhere(bytes, random);
    return joined(bytes.subarray(0, start), bytes.subarray(Math.min(bytes.length, start + 1 + random.integer(64))));
  },
  function repeatPart(bytes, random) {
    const start = somewhere(bytes, random);
    const part = bytes.subarray(start, start + 1 + random.integer(64));
    return joined(bytes.subarray(0, start), ...Array.from({ length: 1 + random.integer(20) }, () => part), bytes.subarray(start));
  },
  function appendNoise(bytes, random) {
    return joined(bytes, noise(1 + random.integer(200), random));
  },
  function noiseInside(bytes, random) {
    bytes.set(noise(Math.min(16, bytes.length), random), random.integer(Math.max(1, bytes.length - 16)));
    return bytes;
  },
];

function somewhere(bytes: Uint8Array, random: Random): number {
  return random.integer(random.integer(2) === 0 ? Math.min(64, bytes.length) : bytes.length);
}

function noise(length: number, random: Random): Uint8Array {
  return Uint8Array.from({ length }, () => random.integer(256));
}

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}
