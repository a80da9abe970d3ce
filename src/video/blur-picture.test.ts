import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { crc32 } from "node:zlib";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { writeGif } from "../../test/support/gif.ts";
import {
  auxiliaryProperty,
  codedPortrait,
  type HeifItem,
  portraitHeic,
  portraitSide,
  sizeProperty,
  writeHeif,
} from "../../test/support/heif.ts";
import { sampleAnalysis } from "../../test/support/outcomes.ts";
import { writeTiff } from "../../test/support/tiff.ts";
import { decode } from "../image/decode.node.ts";
import { runBlur } from "./blur-run.node.ts";

const [width, height] = [120, 80];
const box = { x: 40, y: 20, width: 20, height: 24 };
const middle = { x: 50, y: 32 };
const sample = sampleAnalysis("one");

/** Finds a face in frames from `first` on; counts how often it was asked. */
function finder(first = 0) {
  const asked: string[] = [];
  let isReleased = false;
  const analyze = async (_: unknown, { source = "" }: { readonly source?: string | undefined } = {}) => {
    // As a real one does, it takes a while.
    await setImmediate();
    if (isReleased) throw new Error("the analyzer was released before its work was done");
    asked.push(source);
    const frame = Number(/frame (\d+)$/.exec(source)?.[1] ?? 0);
    return { ...sample, faces: frame < first ? [] : [{ ...sample.faces[0]!, box }] };
  };
  const release = async (): Promise<void> => {
    isReleased = true;
  };
  return { asked, analyzer: async () => ({ analyze, [Symbol.asyncDispose]: release }) };
}

/** Transparent to the left of the face's middle, red, half transparent in the last columns; what is transparent has another colour beneath. */
function drawing(shade = 200): Buffer {
  const data = Buffer.alloc(width * height * 4);
  for (let at = 0; at < width * height; at++) {
    const x = at % width;
    const alpha = x < middle.x ? 0 : x >= width - 10 ? 128 : 255;
    data.set(alpha === 0 ? [1, 2, 3, 0] : [shade, 40, 60, alpha], at * 4);
  }
  return data;
}

async function pixelsOf(path: string, page = 0): Promise<(x: number, y: number) => number[]> {
  const data = await sharp(path, { page }).ensureAlpha().raw().toBuffer();
  return (x, y) => [...data.subarray((y * width + x) * 4, (y * width + x) * 4 + 4)];
}

const raw = { raw: { width, height, channels: 4 } } as const;
const animationRaw = (frames: number) => ({ raw: { width, height: height * frames, channels: 4, pageHeight: height } }) as const;

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tensorface-layers-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe("a picture that is transparent in places", () => {
  it.each(["png", "webp", "gif"] as const)("stays so as %s, and loses what lay beneath", async (ending) => {
    const [input, out] = [join(folder, "drawing.png"), join(folder, `hidden.${ending}`)];
    await sharp(drawing(), raw).png().toFile(input);
    expect(await runBlur(input, { out, effect: "fill", analyzer: finder().analyzer })).toEqual({ hidden: 1, kept: 0 });
    const at = await pixelsOf(out);
    expect(at(5, 5)[3]).toBe(0);
    // Nothing of the colours that nobody could see: all of it has one.
    expect(at(5, 5)).not.toEqual([1, 2, 3, 0]);
    expect(at(80, 5)[3]).toBe(255);
    for (const [channel, value] of [200, 40, 60].entries()) expect(Math.abs(at(80, 5)[channel]! - value)).toBeLessThan(12);
    // The face itself is hidden on both sides of the edge, and so is the edge.
    for (const x of [middle.x - 4, middle.x + 4]) {
      expect(at(x, middle.y)[3]).toBe(255);
      for (const channel of [0, 1, 2]) expect(Math.abs(at(x, middle.y)[channel]! - 40)).toBeLessThan(8);
    }
  });

  it("keeps what is half transparent as it was", async () => {
    const [input, out] = [join(folder, "half.png"), join(folder, "half-hidden.png")];
    await sharp(drawing(), raw).png().toFile(input);
    await runBlur(input, { out, analyzer: finder().analyzer });
    const at = await pixelsOf(out);
    for (const [channel, value] of [200, 40, 60, 128].entries()) expect(Math.abs(at(width - 2, 5)[channel]! - value)).toBeLessThan(3);
  });

  it("hides what only the transparency shows, as blocks of it", async () => {
    const [input, out] = [join(folder, "stencil.png"), join(folder, "stencil-hidden.png")];
    // Black throughout: a face that is drawn with holes, here stripes of two pixels.
    const stencil = Buffer.alloc(width * height * 4);
    for (let at = 0; at < width * height; at++) stencil[at * 4 + 3] = at % 4 < 2 ? 255 : 0;
    await sharp(stencil, raw).png().toFile(input);
    await runBlur(input, { out, analyzer: finder().analyzer });
    const at = await pixelsOf(out);
    expect([0, 1, 2, 3].map((x) => at(x, 2)[3])).toEqual([255, 255, 0, 0]);
    const inside = [0, 1, 2, 3, 4, 5].map((x) => at(middle.x - 3 + x, middle.y)[3]!);
    expect(new Set(inside).size).toBeLessThanOrEqual(2);
    for (const alpha of inside) expect(Math.abs(alpha - 128)).toBeLessThan(50);
  });

  it("stays so out of HEIC", async () => {
    const [input, out] = [join(folder, "cut-out.heic"), join(folder, "cut-out.png")];
    const { configuration, data } = await codedPortrait();
    const picture = (id: number, ...properties: Uint8Array[]): HeifItem => ({
      id,
      type: "hvc1",
      data,
      properties: [configuration, sizeProperty(portraitSide, portraitSide), ...properties],
    });
    // The brightness of the one is the opacity of the other.
    const items = [picture(1), picture(2, auxiliaryProperty("urn:mpeg:hevc:2015:auxid:1"))];
    await writeFile(input, writeHeif({ primary: 1, items, references: [{ type: "auxl", from: 2, to: [1] }] }));
    await runBlur(input, { out, effect: "fill", analyzer: finder().analyzer });
    const shown = (await decode(portraitHeic)).image;
    const { data: pixels, info } = await sharp(out).raw().toBuffer({ resolveWithObject: true });
    expect([info.width, info.height, info.channels]).toEqual([portraitSide, portraitSide, 4]);
    for (const [x, y] of [
      [5, 5],
      [128, 200],
      [250, 120],
    ] as const) {
      const at = y * portraitSide + x;
      const [red, green, blue] = shown.data.subarray(at * 3);
      // ITU-R BT.601.
      expect(Math.abs(pixels[at * 4 + 3]! - (0.299 * red! + 0.587 * green! + 0.114 * blue!)), `${x}, ${y}`).toBeLessThan(6);
    }
  });

  it("stays so out of L*a*b*", async () => {
    const [input, out] = [join(folder, "lab.tiff"), join(folder, "lab.png")];
    // Red to the right of the face's middle, transparent to the left of it.
    const samples = new Uint8Array(width * height * 4);
    for (let at = 0; at < width * height; at++) samples.set([Math.round(54 * 2.55), 81, 70, at % width < middle.x ? 0 : 255], at * 4);
    await writeFile(input, writeTiff({ width, height, bits: 8, photometric: 8, channels: 4, samples }));
    await runBlur(input, { out, effect: "fill", analyzer: finder().analyzer });
    const at = await pixelsOf(out);
    expect(at(5, 5)[3]).toBe(0);
    for (const [channel, value] of [255, 0, 0, 255].entries()) expect(Math.abs(at(80, 5)[channel]! - value)).toBeLessThan(8);
  });

  it("comes upright", async () => {
    const [input, out] = [join(folder, "lying.png"), join(folder, "upright.png")];
    await sharp(drawing(), raw).withMetadata({ orientation: 3 }).png().toFile(input);
    await runBlur(input, { out, effect: "fill", analyzer: finder().analyzer });
    const at = await pixelsOf(out);
    expect([at(5, 5)[3], at(width - 5, 5)[3]]).toEqual([128, 0]);
  });

  it("is on white as JPEG, which has no place for it", async () => {
    const [input, out] = [join(folder, "drawing-2.png"), join(folder, "hidden.jpg")];
    await sharp(drawing(), raw).png().toFile(input);
    await runBlur(input, { out, analyzer: finder().analyzer });
    const at = await pixelsOf(out);
    expect(at(5, 5).every((value) => value > 250)).toBe(true);
  });
});

describe("an animation", () => {
  const frames = 6;
  const delay = [40, 80, 120, 160, 200, 240];
  const animation = Buffer.concat(Array.from({ length: frames }, (_, index) => drawing(100 + 20 * index)));

  it.each([
    ["gif", "gif"],
    ["webp", "webp"],
    ["gif", "webp"],
    ["webp", "gif"],
  ] as const)("keeps all its frames and times, each without faces: %s to %s", async (from, to) => {
    const [input, out] = [join(folder, `animation.${from}`), join(folder, `from-${from}.${to}`)];
    await sharp(animation, animationRaw(frames))[from]({ delay, loop: 3 }).toFile(input);
    const { asked, analyzer } = finder(2);
    expect(await runBlur(input, { out, effect: "fill", analyzer })).toEqual({ hidden: 1, kept: 0 });
    // Looked for in each: from one frame to the next everything may be another.
    expect(asked).toHaveLength(frames);
    const metadata = await sharp(out, { pages: -1 }).metadata();
    expect([metadata.pages, metadata.width, metadata.pageHeight, metadata.loop]).toEqual([frames, width, height, 3]);
    expect(metadata.delay).toEqual(delay);
    for (let page = 0; page < frames; page++) {
      const at = await pixelsOf(out, page);
      expect(at(5, 5)[3], `frame ${page}`).toBe(0);
      expect(Math.abs(at(80, 5)[0]! - (100 + 20 * page)), `frame ${page}`).toBeLessThan(12);
      for (const channel of [0, 1, 2]) expect(Math.abs(at(middle.x + 4, middle.y)[channel]! - 40), `frame ${page}`).toBeLessThan(12);
    }
  });

  it.each([
    [320, 240],
    [640, 480],
    [1600, 1200],
    [2049, 100],
  ])("keeps what its frames show anywhere on its screen: %d x %d", async (screenWidth, screenHeight) => {
    const [input, out] = [join(folder, `screen-${screenWidth}.gif`), join(folder, `screen-${screenWidth}.webp`)];
    const parts = [100, 200].map((x) => ({ x, y: 50, width: 40, height: 30 }));
    await writeFile(input, writeGif(screenWidth, screenHeight, parts));
    await runBlur(input, { out, analyzer: finder().analyzer });
    const metadata = await sharp(out, { pages: -1 }).metadata();
    expect([metadata.width, metadata.pageHeight, metadata.delay]).toEqual([screenWidth, screenHeight, [100, 100]]);
    const second = await sharp(out, { page: 1 }).ensureAlpha().raw().toBuffer();
    const [red, , , alpha] = second.subarray((60 * screenWidth + 220) * 4);
    expect(Math.abs(red! - 200)).toBeLessThan(12);
    expect(alpha).toBe(255);
  });

  it("has a plan with times, which is rendered without looking again", async () => {
    const [input, plan, out] = [join(folder, "planned.gif"), join(folder, "plan.json"), join(folder, "planned.webp")];
    await sharp(animation, animationRaw(frames)).gif({ delay, loop: 0 }).toFile(input);
    await runBlur(input, { plan, effect: "fill", analyzer: finder().analyzer });
    const { asked, analyzer } = finder();
    expect(await runBlur(input, { render: plan, out, analyzer })).toEqual({ hidden: 1, kept: 0 });
    expect(asked).toEqual([]);
    const at = await pixelsOf(out, frames - 1);
    for (const channel of [0, 1, 2]) expect(Math.abs(at(middle.x + 4, middle.y)[channel]! - 40)).toBeLessThan(12);
  });

  it.each(["png", "jpg"])("is refused before the work where the file has place for one picture: %s", async (ending) => {
    const [input, out] = [join(folder, "refused.gif"), join(folder, `refused.${ending}`)];
    await sharp(animation, animationRaw(frames)).gif({ delay }).toFile(input);
    const { asked, analyzer } = finder();
    await expect(runBlur(input, { out, analyzer })).rejects.toMatchObject({
      code: "TF_INVALID_ARGUMENT",
      message: expect.stringContaining("6 frames") as string,
      hint: expect.stringContaining(".webp or .gif") as string,
    });
    expect(asked).toEqual([]);
  });

  it("is refused where all frames together are larger than a picture may be", async () => {
    const input = join(folder, "long.gif");
    const sides = Buffer.alloc(4);
    for (const at of [0, 2]) sides.writeUInt16LE(2000, at);
    // Two colours, and in each frame one pixel of the first.
    const screen = [Buffer.from("GIF89a"), sides, Buffer.of(0x80, 0, 0, 255, 255, 255, 0, 0, 0)];
    const pixel = Buffer.of(0x2c, 0, 0, 0, 0, 1, 0, 1, 0, 0, 2, 2, 0x44, 1, 0);
    await writeFile(input, Buffer.concat([...screen, ...Array.from({ length: 40 }, () => pixel), Buffer.of(0x3b)]));
    await expect(runBlur(input, { out: join(folder, "long.webp"), analyzer: finder().analyzer })).rejects.toMatchObject({
      code: "TF_IMAGE_TOO_LARGE",
      message: expect.stringContaining("40 frames of 2000 x 2000") as string,
    });
  });

  it("stops when it is told to", async () => {
    const input = join(folder, "stopped.gif");
    await sharp(animation, animationRaw(frames)).gif({ delay }).toFile(input);
    const stop = new AbortController();
    const analyze = async () => {
      stop.abort();
      return { ...sample, faces: [] };
    };
    const analyzer = async () => ({ analyze, [Symbol.asyncDispose]: async () => {} });
    await expect(runBlur(input, { out: join(folder, "stopped.webp"), signal: stop.signal, analyzer })).rejects.toMatchObject({
      code: "TF_ABORTED",
    });
  });
});

describe("a file of several pictures that cannot all be written", () => {
  it("is refused: pages of TIFF", async () => {
    const input = join(folder, "pages.tiff");
    const page = await sharp(drawing(), raw).png().toBuffer();
    await sharp([page, page, page], { join: { animated: true } })
      .tiff()
      .toFile(input);
    await expect(runBlur(input, { out: join(folder, "page.png"), analyzer: finder().analyzer })).rejects.toMatchObject({
      code: "TF_IMAGE_FORMAT_UNSUPPORTED",
      message: expect.stringContaining("3 pages") as string,
    });
  });

  it("is refused: animated PNG", async () => {
    const input = join(folder, "animated.png");
    const still = await sharp(drawing(), raw).png().toBuffer();
    // Behind the header's chunk, "acTL" of two frames; nobody who reads the first one checks what follows.
    const control = Buffer.alloc(20);
    control.writeUInt32BE(8, 0);
    control.write("acTL", 4);
    control.writeUInt32BE(2, 8);
    control.writeUInt32BE(crc32(control.subarray(4, 16)), 16);
    await writeFile(input, Buffer.concat([still.subarray(0, 33), control, still.subarray(33)]));
    await expect(runBlur(input, { out: join(folder, "animated-out.png"), analyzer: finder().analyzer })).rejects.toMatchObject({
      code: "TF_IMAGE_FORMAT_UNSUPPORTED",
      message: expect.stringContaining("2 frames") as string,
    });
  });

  it("is refused: a sequence of AVIF pictures", async () => {
    const input = join(folder, "sequence.avif");
    const still = await sharp(drawing(), raw).avif().toBuffer();
    still.write("avis", 8);
    await writeFile(input, still);
    expect(await runBlur(input, { out: join(folder, "one-picture.png"), analyzer: finder().analyzer })).toEqual({ hidden: 1, kept: 0 });
    // Where the tracks of a sequence are told.
    const tracks = Buffer.alloc(8);
    tracks.writeUInt32BE(8, 0);
    tracks.write("moov", 4);
    await writeFile(input, Buffer.concat([still, tracks]));
    await expect(runBlur(input, { out: join(folder, "sequence.png"), analyzer: finder().analyzer })).rejects.toMatchObject({
      code: "TF_IMAGE_FORMAT_UNSUPPORTED",
    });
  });

  it("is no TIFF file with a small copy of its picture", async () => {
    const [input, out] = [join(folder, "with-copy.tiff"), join(folder, "with-copy.png")];
    const page = await sharp(drawing(), raw).png().toBuffer();
    const tiff = await sharp([page, page], { join: { animated: true } })
      .tiff({ compression: "deflate" })
      .toBuffer();
    await writeFile(input, markSecondPageReduced(tiff));
    expect(await runBlur(input, { out, analyzer: finder().analyzer })).toEqual({ hidden: 1, kept: 0 });
  });
});

/** Writes NewSubfileType 1 into the second directory. */
function markSecondPageReduced(tiff: Buffer): Buffer {
  const bytes = Buffer.from(tiff);
  const isLittle = bytes.toString("latin1", 0, 2) === "II";
  const short = (at: number): number => (isLittle ? bytes.readUInt16LE(at) : bytes.readUInt16BE(at));
  const long = (at: number): number => (isLittle ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at));
  const first = long(4);
  const second = long(first + 2 + short(first) * 12);
  const entry = Array.from({ length: short(second) }, (_, index) => second + 2 + index * 12).find((at) => short(at) === 254)!;
  if (isLittle) bytes.writeUInt32LE(1, entry + 8);
  else bytes.writeUInt32BE(1, entry + 8);
  return bytes;
}
