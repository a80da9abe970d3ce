import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { constants } from "node:fs";
import { mkdir, mkdtemp, open, rm, symlink, truncate, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { setImmediate } from "node:timers/promises";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  difference,
  encodeAs,
  encodedFormats,
  exifBlock,
  gradientImage,
  pipelineOf,
  pngBomb,
  withJpegOrientation,
  withPngOrientation,
} from "../../test/fuzz/pictures.ts";
import { codedPicture, cropProperty, sizeProperty, writeHeif } from "../../test/support/heif.ts";
import { writeGif } from "../../test/support/gif.ts";
import { writeTiff } from "../../test/support/tiff.ts";
import { createRandom, type ErrorCode } from "../core/index.ts";
import { fromOtherRealm } from "../core/testing.ts";
import { decode, type PictureInput } from "./decode.node.ts";
import { decodeFrames } from "./frames.node.ts";
import { applyOrientation } from "./orient.ts";
import { filledImage, type RasterImage } from "./raster.ts";
import { sniffPicture } from "./sniff.ts";

const picture = gradientImage(48, 32);
const orientations = [1, 2, 3, 4, 5, 6, 7, 8] as const;
let folder = "";

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tensorface-decode-"));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

async function failure(work: Promise<unknown>): Promise<{ code: ErrorCode; message: string; hint: string }> {
  return work.then(
    () => expect.unreachable("nothing was thrown"),
    (error: { code: ErrorCode; message: string; hint: string }) => error,
  );
}

/** What a camera held in this orientation stores, made with sharp's rotation and mirroring one after the other. */
async function storedFor(image: RasterImage, orientation: number): Promise<RasterImage> {
  const degrees = [0, 0, 180, 180, 90, 270, 270, 90][orientation - 1]!;
  const isMirrored = [2, 4, 5, 7].includes(orientation);
  const turned = await rawOf(pipelineOf(image).rotate(degrees).png().toBuffer());
  return isMirrored ? rawOf(pipelineOf(turned).flop().png().toBuffer()) : turned;
}

async function rawOf(file: Promise<Buffer> | Buffer): Promise<RasterImage> {
  const { data, info } = await sharp(await file)
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, data };
}

describe("formats", () => {
  it.each(encodedFormats)("decodes %s to the picture's pixels", async (format) => {
    const file = await encodeAs(picture, format);
    const result = await decode(file);
    expect(result).toMatchObject({ format, originalWidth: 48, originalHeight: 32, scale: 1, source: "the picture" });
    const largestAllowed = { png: 0, webp: 0, tiff: 0, gif: 40, jpeg: 8, avif: 14 }[format];
    expect(difference(result.image, picture).largest).toBeLessThanOrEqual(largestAllowed);
  });

  it.each(encodedFormats)("reads the size of %s from the header", async (format) => {
    expect(sniffPicture(await encodeAs(gradientImage(301, 77), format), "x")).toMatchObject({ format, width: 301, height: 77 });
  });

  it("reads the size of lossy and of extended WebP", async () => {
    const lossy = await pipelineOf(picture).webp({ lossless: false }).toBuffer();
    const extended = await sharp({ create: { width: 48, height: 32, channels: 4, background: "#f008" } })
      .webp()
      .toBuffer();
    for (const file of [lossy, extended]) expect(sniffPicture(file, "x")).toMatchObject({ format: "webp", width: 48, height: 32 });
  });

  it("reads the picture of an AVIF sequence", async () => {
    const file = await encodeAs(picture, "avif");
    file.write("avis", 8, "latin1");
    expect(difference((await decode(file)).image, picture).largest).toBeLessThanOrEqual(14);
  });

  it("puts transparency on white", async () => {
    const background = { r: 255, g: 0, b: 0, alpha: 0.5 };
    const file = await sharp({ create: { width: 4, height: 4, channels: 4, background } })
      .png()
      .toBuffer();
    const { image } = await decode(file);
    expect([...image.data.subarray(0, 3)]).toEqual([255, 127, 127]);
    const empty = await sharp({ create: { width: 4, height: 4, channels: 4, background: "#0000" } })
      .webp()
      .toBuffer();
    expect((await decode(empty)).image.data.every((value) => value >= 254)).toBe(true);
  });

  it("scales 16 bits to 8 and does not clip them", async () => {
    const values = Uint16Array.from({ length: 48 }, (_, index) => index * 1394);
    const raw = { width: 4, height: 4, channels: 3 } as const;
    for (const kind of ["png", "tiff"] as const) {
      const file = await sharp(values, { raw }).toColourspace("rgb16").toFormat(kind, { compression: "lzw" }).toBuffer();
      const { image } = await decode(file);
      const worst = Math.max(...Array.from(values, (value, index) => Math.abs(value / 257 - image.data[index]!)));
      expect(worst, `for ${kind}`).toBeLessThanOrEqual(1);
    }
  });

  it("gives three equal channels for greyscale, of 8 and of 16 bits", async () => {
    const grey = await pipelineOf(picture).greyscale().png().toBuffer();
    const wide = await sharp(new Uint16Array([0, 65535, 32768, 1000]), { raw: { width: 2, height: 2, channels: 1 } })
      .toColourspace("grey16")
      .png()
      .toBuffer();
    for (const file of [grey, wide]) {
      const { data } = (await decode(file)).image;
      expect(data.every((value, index) => value === data[index - (index % 3)])).toBe(true);
    }
    expect([...(await decode(wide)).image.data].filter((_, index) => index % 3 === 0)).toEqual([0, 255, 128, 3]);
  });

  it("reads CMYK JPEG by its profile where it has one", async () => {
    const file = await pipelineOf(picture).withIccProfile("cmyk").toColourspace("cmyk").jpeg({ quality: 98 }).toBuffer();
    expect(await sharp(file).metadata()).toMatchObject({ space: "cmyk", hasProfile: true });
    expect(difference((await decode(file)).image, picture).mean).toBeLessThan(12);
  });

  it("reads CMYK JPEG without a profile as browsers do", async () => {
    // The right column is what Chromium's canvas gave for the same file; the JPEG itself costs a level or two.
    const cases = [
      { colour: [255, 255, 255], expected: [255, 255, 255] },
      { colour: [200, 30, 60], expected: [215, 1, 44] },
      { colour: [40, 90, 160], expected: [25, 96, 242] },
    ] as const;
    for (const { colour, expected } of cases) {
      const file = await pipelineOf(filledImage(16, 16, colour))
        .toColourspace("cmyk")
        .jpeg({ quality: 98 })
        .toBuffer();
      expect(await sharp(file).metadata()).toMatchObject({ space: "cmyk", hasProfile: false });
      expect(difference((await decode(file)).image, filledImage(16, 16, expected)).largest).toBeLessThanOrEqual(2);
      const scaled = await decode(file, { maxSide: 8 });
      expect(difference(scaled.image, filledImage(8, 8, expected)).largest).toBeLessThanOrEqual(2);
    }
  });

  it("reads palettes and interlaced PNG", async () => {
    const flat = filledImage(9, 9, [200, 30, 60]);
    const palette = await pipelineOf(flat).png({ palette: true, colours: 4 }).toBuffer();
    expect(difference((await decode(palette)).image, flat).largest).toBeLessThanOrEqual(2);
    const interlaced = await pipelineOf(picture).png({ progressive: true }).toBuffer();
    expect(difference((await decode(interlaced)).image, picture).largest).toBe(0);
  });

  it("turns an embedded colour profile into sRGB", async () => {
    const wide = await pipelineOf(picture).withIccProfile("p3").png().toBuffer();
    const stored = await sharp(wide, { ignoreIcc: true }).raw().toBuffer();
    expect(difference({ ...picture, data: stored }, picture).largest, "the stored numbers differ").toBeGreaterThan(5);
    expect(difference((await decode(wide)).image, picture).largest).toBeLessThanOrEqual(3);
  });

  it("takes numbers whose profile is sRGB as they are, which moves none by more than a level", async () => {
    const portrait = fileURLToPath(new URL("../../examples/astronaut.png", import.meta.url));
    const { icc } = await sharp(portrait).metadata();
    const profile = join(folder, "srgb.icc");
    await writeFile(profile, icc!);
    const random = createRandom(1);
    const noise = { width: 128, height: 128, data: Uint8Array.from({ length: 128 * 128 * 3 }, () => random.integer(256)) };
    for (const name of ["srgb", profile]) {
      const file = await pipelineOf(noise).withIccProfile(name).png().toBuffer();
      const stored = { ...noise, data: await sharp(file, { ignoreIcc: true }).raw().toBuffer() };
      const { image } = await decode(file);
      expect(difference(image, stored).largest).toBe(0);
      expect(difference(image, await rawOf(file)).largest).toBeLessThanOrEqual(1);
    }
  });

  it.each(["gif", "webp"] as const)("gives the first frame of an animated %s", async (format) => {
    const frames = await Promise.all(["#ff0000", "#0000ff"].map((background) => solid(background)));
    const file = await sharp(frames, { join: { animated: true } })
      .toFormat(format, { lossless: true })
      .toBuffer();
    expect((await sharp(file).metadata()).pages).toBe(2);
    const { image } = await decode(file);
    expect([image.width, image.height, ...image.data.subarray(0, 3)]).toEqual([16, 8, 255, 0, 0]);
  });

  function solid(background: string): Promise<Buffer> {
    return sharp({ create: { width: 16, height: 8, channels: 3, background } })
      .png()
      .toBuffer();
  }
});

describe("orientation", () => {
  it.each(orientations)("applyOrientation(%i) undoes what the camera did", async (orientation) => {
    expect(applyOrientation(await storedFor(picture, orientation), orientation)).toEqual(
      expect.objectContaining({ width: 48, height: 32 }),
    );
    expect(difference(applyOrientation(await storedFor(picture, orientation), orientation), picture).largest).toBe(0);
  });

  it.each(orientations)("is applied to JPEG (%i, both byte orders)", async (orientation) => {
    const jpeg = await encodeAs(await storedFor(picture, orientation), "jpeg");
    for (const littleEndian of [true, false]) {
      const result = await decode(withJpegOrientation(jpeg, orientation, littleEndian));
      expect(difference(result.image, picture).largest).toBeLessThanOrEqual(8);
      expect(result).toMatchObject({ originalWidth: 48, originalHeight: 32 });
    }
  });

  it.each(orientations)("agrees with sharp's own reading of JPEG, PNG, WebP and TIFF (%i)", async (orientation) => {
    for (const format of ["jpeg", "png", "webp", "tiff"] as const) {
      const file = await pipelineOf(picture).withMetadata({ orientation }).toFormat(format, { quality: 98 }).toBuffer();
      expect(sniffPicture(file, "x").orientation?.value ?? 1, `for ${format}`).toBe(orientation);
      const upright = await rawOf(sharp(file).autoOrient().png().toBuffer());
      expect(difference((await decode(file)).image, upright).largest, `for ${format}`).toBe(0);
    }
  });

  it("reads PNG's eXIf chunk", async () => {
    const png = withPngOrientation(await encodeAs(await storedFor(picture, 6), "png"), 6);
    expect(difference((await decode(png)).image, picture).largest).toBe(0);
  });

  it("takes a value outside 1..8 or damaged EXIF as upright", async () => {
    const jpeg = await encodeAs(picture, "jpeg");
    for (const odd of [0, 9, 65535]) expect(sniffPicture(withJpegOrientation(jpeg, odd), "x").orientation).toBeUndefined();
    const damaged = withJpegOrientation(jpeg, 6);
    damaged.writeUInt32LE(0xffffff, 2 + 4 + 6 + 4);
    expect(difference((await decode(damaged)).image, picture).largest).toBeLessThanOrEqual(8);
  });

  it("is what AVIF's own rotation says, in size too", async () => {
    const file = await pipelineOf(picture).withMetadata({ orientation: 6 }).avif({ quality: 90 }).toBuffer();
    const result = await decode(file, { maxSide: 24 });
    const full = await decode(file);
    expect([result.originalWidth, result.originalHeight]).toEqual([full.image.width, full.image.height]);
  });
});

it("keeps the proportions of an AVIF file of which a part alone is shown, also where it is scaled", async () => {
  const { configuration, data } = codedPicture(await encodeAs(picture, "avif"), "av1C");
  const properties = [configuration, sizeProperty(picture.width, picture.height), cropProperty(24, 32)];
  const file = writeHeif({ brand: "avif", primary: 1, items: [{ id: 1, type: "av01", data, properties }] });
  const whole = await decode(file);
  expect([whole.image.width, whole.image.height]).toEqual([24, 32]);
  const small = await decode(file, { maxSide: 16 });
  expect(small).toMatchObject({ originalWidth: 24, originalHeight: 32, scale: 0.5, image: { width: 12, height: 16 } });
});

describe("limits", () => {
  it("refuses a bomb by its header", async () => {
    const error = await failure(decode(pngBomb(50_000, 50_000), { source: "bomb.png" }));
    expect(error.code).toBe("TF_IMAGE_TOO_LARGE");
    expect(error.message).toContain("bomb.png has 50000 x 50000");
  });

  it.each([
    ["no pixel", { width: 0, height: 0, data: new Uint8Array() }],
    ["a broken side", { width: 1.5, height: 2, data: new Uint8Array(9) }],
    ["RGBA", { width: 2, height: 2, data: new Uint8Array(16) }],
    ["an array", { width: 1, height: 1, data: [1, 2, 3] }],
    ["a number", 7],
    ["nothing", undefined],
  ])("refuses %s as an argument", async (_, input) => {
    await expect(decode(input as never)).rejects.toMatchObject({ code: "TF_INVALID_ARGUMENT" });
  });

  it("says so when the bytes were given away", async () => {
    const view = new Uint8Array(8);
    const { buffer } = view;
    structuredClone(buffer, { transfer: [buffer] });
    await expect(decode(buffer)).rejects.toMatchObject({ code: "TF_INPUT_UNREADABLE", message: expect.stringContaining("transferred") });
    await expect(decode(view)).rejects.toMatchObject({ code: "TF_INPUT_UNREADABLE" });
  });

  it("keeps the limits of bytes and pixels exactly", async () => {
    const file = await encodeAs(picture, "png");
    await expect(decode(file, { maxBytes: file.length, maxPixels: 48 * 32 })).resolves.toMatchObject({ scale: 1 });
    expect((await failure(decode(file, { maxBytes: file.length - 1 }))).code).toBe("TF_IMAGE_TOO_LARGE");
    expect((await failure(decode(file, { maxPixels: 48 * 32 - 1 }))).code).toBe("TF_IMAGE_TOO_LARGE");
    expect((await failure(decode(picture, { maxPixels: 100 }))).code).toBe("TF_IMAGE_TOO_LARGE");
  });

  it("stops an endless stream at the limit", async () => {
    let produced = 0;
    const endless = async function* (): AsyncGenerator<Uint8Array> {
      for (;;) {
        produced += 1000;
        yield new Uint8Array(1000);
      }
    };
    expect((await failure(decode(endless(), { maxBytes: 10_000 }))).code).toBe("TF_IMAGE_TOO_LARGE");
    expect(produced).toBe(11_000);
  });

  it.each([{ maxBytes: 0 }, { maxPixels: -1 }, { maxSide: Number.NaN }])("refuses the option %o", async (options) => {
    expect((await failure(decode(picture, options))).code).toBe("TF_INVALID_ARGUMENT");
  });

  it("scales to maxSide and says by how much", async () => {
    const large = gradientImage(1600, 1200);
    for (const format of ["jpeg", "png"] as const) {
      const stored = await encodeAs(large, format);
      const file = format === "jpeg" ? withJpegOrientation(stored, 6) : withPngOrientation(stored, 6);
      const result = await decode(file, { maxSide: 400 });
      expect(result).toMatchObject({ originalWidth: 1200, originalHeight: 1600, scale: 0.25 });
      expect(difference(result.image, applyOrientation(gradientImage(400, 300), 6)).largest).toBeLessThanOrEqual(4);
    }
    const passed = await decode(large, { maxSide: 400 });
    expect([passed.image.width, passed.image.height, passed.scale]).toEqual([400, 300, 0.25]);
  });
});

describe("inputs", () => {
  let server: Server;
  let address = "";
  let file: Buffer;

  beforeAll(async () => {
    file = await encodeAs(picture, "png");
    await writeFile(join(folder, "a b.png"), file);
    server = createServer((request, response) => {
      if (request.url === "/a.png") response.end(file);
      else if (request.url === "/never") response.write(file.subarray(0, 20));
      else response.writeHead(request.url === "/500" ? 500 : 404).end();
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  it("reads paths, URLs, bytes, blobs and streams alike, and names them", async () => {
    const path = join(folder, "a b.png");
    const inputs: readonly [Parameters<typeof decode>[0], string][] = [
      [path, path],
      [pathToFileURL(path), String(pathToFileURL(path))],
      [`${address}/a.png`, `${address}/a.png`],
      [`data:image/png;base64,${file.toString("base64")}`, "the data URL"],
      [file, "the picture"],
      [new Uint8Array(file).buffer, "the picture"],
      [new Blob([new Uint8Array(file)]), "the picture"],
      [new File([new Uint8Array(file)], "me.png"), "me.png"],
      [Readable.from([file.subarray(0, 30), file.subarray(30)]), "the picture"],
      [new Blob([new Uint8Array(file)]).stream(), "the picture"],
      [new Response(new Uint8Array(file)), "the picture"],
      [await fetch(`${address}/a.png`), `${address}/a.png`],
      [fromOtherRealm(new File([new Uint8Array(file)], "me.png")), "me.png"],
      [fromOtherRealm(pathToFileURL(path)), String(pathToFileURL(path))],
      [picture, "the picture"],
    ];
    for (const [input, source] of inputs) {
      const result = await decode(input);
      expect(result.source).toBe(source);
      expect(difference(result.image, picture).largest, `for ${source}`).toBe(0);
    }
  });

  it.skipIf(process.platform === "win32")("reads named pipes, whose size nobody knows before", async () => {
    const pipe = join(folder, "pipe");
    await promisify(execFile)("mkfifo", [pipe]);
    const [result] = await Promise.all([decode(pipe), writeFile(pipe, file)]);
    expect(difference(result.image, picture).largest).toBe(0);
  });

  it("takes the path of a found file for a path, whatever it looks like", async () => {
    const before = process.cwd();
    process.chdir(folder);
    try {
      for (const path of ["http:127.0.0.1:9?.png", "data:,x.png", "file:x.png", "-"]) {
        await writeFile(path, file);
        const found = await decode({ path });
        expect([found.source, difference(found.image, picture).largest]).toEqual([path, 0]);
      }
    } finally {
      process.chdir(before);
    }
  });

  it.skipIf(process.platform === "win32")("opens no pipe, device or folder that was only found", async () => {
    await promisify(execFile)("mkfifo", [join(folder, "found-pipe")]);
    await symlink(join(folder, "found-pipe"), join(folder, "pipe.png"));
    await symlink("/dev/zero", join(folder, "endless.png"));
    await mkdir(join(folder, "folder.png"));
    for (const [name, what] of [
      ["pipe.png", "a pipe"],
      ["endless.png", "a device"],
      ["folder.png", "a folder"],
    ] as const) {
      const error = await failure(decode({ path: join(folder, name) }));
      expect([error.code, error.message]).toEqual(["TF_INPUT_UNREADABLE", expect.stringContaining(what)]);
    }
  });

  it.skipIf(process.platform === "win32")("gives a named pipe up when nobody writes into it", async () => {
    const pipe = join(folder, "silent-pipe");
    await promisify(execFile)("mkfifo", [pipe]);
    const stop = new AbortController();
    const reading = failure(decode(pipe, { signal: stop.signal }));
    setTimeout(() => stop.abort(), 50);
    expect((await reading).code).toBe("TF_ABORTED");
    // Nothing reads any more: opening the other end without waiting is refused.
    await expect(open(pipe, constants.O_WRONLY | constants.O_NONBLOCK)).rejects.toMatchObject({ code: "ENXIO" });
  });

  it("refuses a found file of which other bytes are known", async () => {
    const path = join(folder, "known.png");
    const bytes = await sharp(Buffer.alloc(48, 7), { raw: { width: 4, height: 4, channels: 3 } })
      .png()
      .toBuffer();
    await writeFile(path, bytes);
    const sha256 = createHash("sha256").update(bytes).digest("hex");
    expect((await decode({ path, sha256 })).image.width).toBe(4);
    const error = await failure(decode({ path, sha256: sha256.replace(/^./, (digit) => (digit === "0" ? "1" : "0")) }));
    expect([error.code, error.message]).toEqual(["TF_INPUT_CHANGED", `"${path}" has changed since its import`]);
  });

  it("refuses a found file that is too large, before a byte is read", async () => {
    await writeFile(join(folder, "sparse.png"), "");
    await truncate(join(folder, "sparse.png"), 2 ** 36);
    expect((await failure(decode({ path: join(folder, "sparse.png") }))).code).toBe("TF_IMAGE_TOO_LARGE");
  });

  it.each([
    [320, 240],
    [640, 480],
    [800, 600],
    [1024, 768],
    [2049, 100],
    [160, 2049],
  ])("gives a GIF file's whole screen, where its frame covers a part of it: %d x %d", async (width, height) => {
    const gif = writeGif(width, height, [{ x: 100, y: 50, width: 40, height: 30 }]);
    const decoded = await decode(gif);
    expect([decoded.originalWidth, decoded.originalHeight, decoded.image.width, decoded.image.height]).toEqual([
      width,
      height,
      width,
      height,
    ]);
    const isRed = (x: number, y: number): boolean => decoded.image.data[(y * width + x) * 3] === 200;
    expect([isRed(99, 60), isRed(100, 60), isRed(139, 60), isRed(140, 60), isRed(width - 1, height - 1)]).toEqual([
      false,
      true,
      true,
      false,
      false,
    ]);
    const small = await decode(gif, { maxSide: 80 });
    expect([Math.max(small.image.width, small.image.height), small.originalWidth, small.originalHeight]).toEqual([80, width, height]);
  });

  it.each([
    [641, 480],
    [640, 480],
    [160, 2049],
  ])("lets a GIF file's first frame be larger than its screen, as browsers do: %d x %d", async (width, height) => {
    const { image } = await decode(writeGif(width, height, [{ x: 0, y: 0, width: width + 20, height: height + 10 }]));
    expect([image.width, image.height]).toEqual([width + 20, height + 10]);
  });

  it.each<readonly [string, () => Promise<PictureInput>]>([
    [
      "a stream of a file",
      async () => {
        const stream = Readable.from([file]);
        await decode(stream);
        return stream;
      },
    ],
    [
      "an answer of fetch",
      async () => {
        const answer = new Response(new Uint8Array(file));
        await answer.arrayBuffer();
        return answer;
      },
    ],
    [
      "a web stream that somebody reads",
      async () => {
        const stream = new Blob([new Uint8Array(file)]).stream();
        stream.getReader();
        return stream;
      },
    ],
  ])("says that it was read before, not that it is empty or cannot be read: %s", async (_, used) => {
    const error = await failure(decode(await used()));
    expect(error).toMatchObject({
      code: "TF_INPUT_UNREADABLE",
      message: expect.stringContaining("was read before") as string,
      hint: expect.stringContaining("once") as string,
    });
  });

  it("says what came in the place of a picture", async () => {
    for (const [input, words] of [
      [42, "got 42"],
      [undefined, "got undefined"],
      [Promise.resolve("a.jpg"), "got a promise that was not awaited"],
    ] as const)
      expect((await failure(decode(input as never))).message).toContain(words);
  });

  it("says of an address of another kind that it is not read, not that there is no such file", async () => {
    const error = await failure(decode("s3://bucket/a.jpg"));
    expect(error).toMatchObject({ code: "TF_INPUT_UNREADABLE", hint: expect.stringContaining("https") as string });
    expect(error.message).toContain('"s3:"');
  });

  it("takes chunks of any kind of bytes from a stream, and refuses what is none", async () => {
    const whole = new Uint8Array(file).buffer;
    const streamOf = (...chunks: readonly unknown[]): AsyncIterable<Uint8Array> => Readable.from(chunks);
    for (const chunk of [whole, new Uint16Array(whole.slice(0, file.length & ~1)), new DataView(whole)]) {
      const rest = file.subarray(chunk.byteLength);
      expect(difference((await decode(streamOf(chunk, rest))).image, picture).largest).toBe(0);
    }
    for (const chunk of [7, { a: 1 }]) {
      const error = await failure(decode(streamOf(chunk)));
      expect([error.code, error.message]).toEqual(["TF_INVALID_ARGUMENT", expect.stringContaining("the picture")]);
    }
  });

  it("says what is wrong with an input, by name", async () => {
    await writeFile(join(folder, "empty.png"), "");
    await writeFile(join(folder, "text.jpg"), "hello, this is text");
    await writeFile(join(folder, "drawing.svg"), '<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>');
    const jpeg = await encodeAs(picture, "jpeg");
    await writeFile(join(folder, "cut.jpg"), jpeg.subarray(0, jpeg.length / 2));
    await writeFile(join(folder, "head.jpg"), jpeg.subarray(0, 12));
    const cases: readonly [string, ErrorCode][] = [
      ["nothing.jpg", "TF_INPUT_NOT_FOUND"],
      ["empty.png", "TF_INPUT_EMPTY"],
      ["text.jpg", "TF_IMAGE_FORMAT_UNSUPPORTED"],
      ["drawing.svg", "TF_IMAGE_FORMAT_UNSUPPORTED"],
      ["cut.jpg", "TF_IMAGE_CORRUPT"],
      ["head.jpg", "TF_IMAGE_CORRUPT"],
      [".", "TF_INPUT_UNREADABLE"],
    ];
    for (const [name, code] of cases) {
      const error = await failure(decode(join(folder, name)));
      expect([error.code, error.message], `for ${name}`).toEqual([code, expect.stringContaining(join(folder, name))]);
    }
    expect((await failure(decode(`${address}/404`))).code).toBe("TF_INPUT_NOT_FOUND");
    expect((await failure(decode(`${address}/500`))).code).toBe("TF_INPUT_UNREADABLE");
    const refused = await failure(decode("http://127.0.0.1:1/x.png"));
    expect([refused.code, refused.message]).toEqual([
      "TF_INPUT_UNREADABLE",
      expect.stringMatching(/fetch failed.*127\.0\.0\.1:1|bad port/),
    ]);
    expect((await failure(decode(""))).message).toContain('""');
    expect((await failure(decode("data:image/png;base64,"))).code).toBe("TF_INPUT_EMPTY");
  });

  it.each([
    ["<!-- a --><svg/>", "SVG"],
    ["BM123456", "BMP"],
    ["II+\u0000\u0008\u0000\u0000\u0000", "BigTIFF"],
    ["%PDF-1.4", "PDF"],
    ["\0\0\0\u0018ftyphevc\0\0\0\0", "HEIC"],
    ["\u00FF\n1234", "JPEG XL"],
  ])("names the refused format of %j: %s", async (start, name) => {
    const error = await failure(decode(Buffer.from(start, "latin1")));
    expect([error.code, error.message]).toEqual(["TF_IMAGE_FORMAT_UNSUPPORTED", expect.stringContaining(name)]);
    expect(error.hint).not.toBe("Use JPEG, PNG, WebP, AVIF, GIF, TIFF or HEIC.");
  });

  it.each([
    ["as most programs write it", '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'],
    ["with a declaration and a comment", '<?xml version="1.0" encoding="UTF-8"?>\n<!-- drawn by hand -->\n<svg/>'],
    ["with a byte order mark", "\uFEFF<svg/>"],
    ["with a long list of entities", `<?xml version="1.0"?><!DOCTYPE svg [${'<!ENTITY a "http://example.org/">'.repeat(60)}]><svg/>`],
  ])("refuses SVG %s, whatever its name, and says so", async (_, text) => {
    const [honest, lying] = [join(folder, "drawing.svg"), join(folder, "drawing.png")];
    await Promise.all([honest, lying].map(async (path) => writeFile(path, text)));
    for (const input of [honest, lying, Buffer.from(text), new Blob([text])]) {
      const error = await failure(decode(input));
      expect([error.code, error.message]).toEqual(["TF_IMAGE_FORMAT_UNSUPPORTED", expect.stringContaining("SVG")]);
      expect(error.hint).toContain("PNG");
    }
  });

  it.each(["jpeg", "png", "webp", "avif", "gif"] as const)("refuses %s files that are cut off", async (format) => {
    const whole = await encodeAs(gradientImage(200, 150), format);
    for (const share of [0.05, 0.3, 0.6, 0.9]) {
      const error = await failure(decode(whole.subarray(0, Math.floor(whole.length * share))));
      expect(["TF_IMAGE_CORRUPT", "TF_IMAGE_FORMAT_UNSUPPORTED"], `${share}`).toContain(error.code);
    }
  });

  it("lets a stream go when the signal fires while it waits for it", async () => {
    const cancelled = Promise.withResolvers<unknown>();
    const silent = new ReadableStream<Uint8Array>({ cancel: cancelled.resolve });
    const reason = new Error("enough");
    const controller = new AbortController();
    const readable = new Readable({ read: () => undefined });
    const work = [silent, readable].map((stream) => failure(decode(stream, { signal: controller.signal })));
    await setImmediate();
    controller.abort(reason);
    expect((await Promise.all(work)).map(({ code }) => code)).toEqual(["TF_ABORTED", "TF_ABORTED"]);
    expect(await cancelled.promise).toBe(reason);
    expect(readable.destroyed).toBe(true);
  });

  it("ends a download of which no more is wanted", async () => {
    const closed = Promise.withResolvers<void>();
    const large = createServer((request, response) => {
      request.socket.once("close", closed.resolve);
      response.writeHead(200, { "content-length": 1e9 });
      response.write("x".repeat(1000));
    }).listen(0);
    try {
      const { port } = large.address() as AddressInfo;
      expect((await failure(decode(`http://localhost:${port}/`))).code).toBe("TF_IMAGE_TOO_LARGE");
      await closed.promise;
    } finally {
      large.close();
      large.closeAllConnections();
    }
  });

  it("stops when the signal fires: before, while downloading, while decoding", async () => {
    const reason = new Error("enough");
    expect((await failure(decode(file, { signal: AbortSignal.abort(reason) }))).code).toBe("TF_ABORTED");
    expect((await failure(decode(`${address}/never`, { signal: AbortSignal.timeout(100) }))).code).toBe("TF_ABORTED");
    const silent = new ReadableStream<Uint8Array>();
    expect((await failure(decode(silent, { signal: AbortSignal.timeout(50) }))).code).toBe("TF_ABORTED");
    const controller = new AbortController();
    const large = await encodeAs(gradientImage(3000, 2000), "png");
    const work = failure(decode(large, { signal: controller.signal }));
    // The next turn: a clock may come when it is decoded.
    await setImmediate();
    controller.abort(reason);
    expect(await work).toMatchObject({ code: "TF_ABORTED", cause: reason });
  });

  it("finds the orientation beside other segments", async () => {
    const jpeg = await encodeAs(picture, "jpeg");
    const comment = Buffer.from([0xff, 0xfe, 0, 4, 65, 66, 0xff]);
    const file = withJpegOrientation(Buffer.concat([jpeg.subarray(0, 2), comment, jpeg.subarray(2)]), 3);
    expect(sniffPicture(file, "x")).toMatchObject({ width: 48, height: 32, orientation: { value: 3, littleEndian: true } });
    expect(exifBlock(3, true).readUInt16LE(18)).toBe(3);
  });
});

describe("text that is far too long to name anything", () => {
  const base64 = Buffer.alloc(300_000, "picture").toString("base64");

  it("is quoted in part, and bare base64 has a hint", async () => {
    const failed = await decode(base64).catch((error: unknown) => error);
    expect(failed).toMatchObject({ code: "TF_INPUT_NOT_FOUND", hint: expect.stringContaining("data:image/jpeg;base64,") });
    expect(String(failed).length).toBeLessThan(300);
    expect(String(failed)).toContain(base64.slice(0, 20));
  });

  it("also in an address that cannot be reached", async () => {
    const failed = await decode(`http://127.0.0.1:1/${base64}`).catch((error: unknown) => error);
    expect(failed).toMatchObject({ code: "TF_INPUT_UNREADABLE" });
    expect(String(failed).length).toBeLessThan(400);
  });
});

describe.each([8, 16] as const)("inks of %i bits in TIFF files", (bits) => {
  /** Red ink, and black: opaque, half transparent, transparent. */
  const inks = [
    [0, 1, 1, 0, 1],
    [0, 1, 1, 0, 0.5],
    [0, 1, 1, 0, 0],
    [0, 0, 0, 1, 0.5],
  ];
  const file = (): Uint8Array => {
    const most = 2 ** bits - 1;
    const samples = inks.flat().map((share) => Math.round(share * most));
    const bytes = bits === 8 ? Uint8Array.from(samples) : new Uint8Array(Uint16Array.from(samples).buffer);
    return writeTiff({ width: inks.length, height: 1, bits, photometric: 5, samples: bytes, channels: 5 });
  };

  it("that are half transparent lie on white by half", async () => {
    const { data } = (await decode(file())).image;
    const at = (pixel: number): number[] => [...data.subarray(pixel * 3, pixel * 3 + 3)];
    const [red, pink, nothing, grey] = [at(0), at(1), at(2), at(3)];
    expect(red[0]! - Math.max(red[1]!, red[2]!)).toBeGreaterThan(180);
    expect(nothing).toEqual([255, 255, 255]);
    for (const [channel, value] of pink.entries()) expect(Math.abs(value - (red[channel]! + 255) / 2)).toBeLessThanOrEqual(2);
    for (const value of grey) expect(Math.abs(value - 133)).toBeLessThanOrEqual(8);
  });

  it("stay half transparent where a picture keeps its transparency", async () => {
    const path = join(folder, `inks of ${bits}.tif`);
    await writeFile(path, file());
    const { opacity } = (await decodeFrames(path)).frame(0);
    expect(Array.from(opacity!.data).filter((_, index) => index % 3 === 0)).toEqual([255, 128, 0, 128]);
  });
});

describe("L*a*b* in TIFF files", () => {
  /** Lightness, a* and b* of D50 with the sRGB colour that they are. */
  const colours = [
    [50, 0, 0, [119, 119, 119]],
    [100, 0, 0, [255, 255, 255]],
    [54, 81, 70, [255, 0, 0]],
    [30, 68, -112, [0, 0, 255]],
  ] as const;
  const wide = 40;
  /** A band of each colour, 40 pixels wide. */
  const bands = (write: (view: DataView, at: number, lab: readonly [number, number, number]) => void, bytesEach: number): Uint8Array => {
    const samples = new Uint8Array(colours.length * wide * 3 * bytesEach);
    const view = new DataView(samples.buffer);
    for (const [band, [lightness, a, b]] of colours.entries()) {
      for (let x = 0; x < wide; x++) write(view, (band * wide + x) * 3 * bytesEach, [lightness, a, b]);
    }
    return samples;
  };
  const cie8 = bands((view, at, [lightness, a, b]) => {
    view.setUint8(at, Math.round(lightness * 2.55));
    view.setInt8(at + 1, a);
    view.setInt8(at + 2, b);
  }, 1);
  const icc8 = bands((view, at, [lightness, a, b]) => {
    view.setUint8(at, Math.round(lightness * 2.55));
    view.setUint8(at + 1, a + 128);
    view.setUint8(at + 2, b + 128);
  }, 1);
  const cie16 = bands((view, at, [lightness, a, b]) => {
    view.setUint16(at, Math.round(lightness * 655.35), true);
    view.setInt16(at + 2, a * 256, true);
    view.setInt16(at + 4, b * 256, true);
  }, 2);

  it.each([
    ["signed, 8 bits", { bits: 8, photometric: 8, samples: cie8 }, 8],
    ["as in ICC profiles, 8 bits", { bits: 8, photometric: 9, samples: icc8 }, 8],
    ["signed, 16 bits", { bits: 16, photometric: 8, samples: cie16 }, 8],
  ] as const)("%s: the colours are right, scaled too", async (_, form, tolerance) => {
    const file = writeTiff({ width: colours.length * wide, height: 1, ...form });
    for (const maxSide of [colours.length * wide, 40]) {
      const { image, originalWidth, format } = await decode(file, { maxSide });
      expect([image.width, originalWidth, format]).toEqual([maxSide, 160, "tiff"]);
      for (const [band, [, , , expected]] of colours.entries()) {
        const middle = Math.round(((band + 0.5) * image.width) / colours.length) * 3;
        for (const [channel, value] of expected.entries()) {
          expect(Math.abs(image.data[middle + channel]! - value)).toBeLessThanOrEqual(tolerance);
        }
      }
    }
  });

  it.each([
    ["signed, 8 bits", { bits: 8, photometric: 8, samples: cie8 }],
    ["as in ICC profiles, 8 bits", { bits: 8, photometric: 9, samples: icc8 }],
    ["signed, 16 bits", { bits: 16, photometric: 8, samples: cie16 }],
  ] as const)("%s: what is transparent is white, what is opaque has its colour", async (_, form) => {
    const bytesEach = form.bits / 8;
    const pixels = colours.length * wide;
    const samples = new Uint8Array(pixels * 4 * bytesEach);
    // Of each band the first half is transparent.
    for (let pixel = 0; pixel < pixels; pixel++) {
      samples.set(form.samples.subarray(pixel * 3 * bytesEach, (pixel + 1) * 3 * bytesEach), pixel * 4 * bytesEach);
      if (pixel % wide >= wide / 2) samples.fill(255, (pixel * 4 + 3) * bytesEach, (pixel + 1) * 4 * bytesEach);
    }
    const { image } = await decode(writeTiff({ width: pixels, height: 1, ...form, channels: 4, samples }));
    for (const [band, [, , , expected]] of colours.entries()) {
      const at = (x: number): number[] => [...image.data.subarray((band * wide + x) * 3, (band * wide + x + 1) * 3)];
      expect(at(wide / 4)).toEqual([255, 255, 255]);
      for (const [channel, value] of expected.entries()) expect(Math.abs(at((wide * 3) / 4)[channel]! - value)).toBeLessThanOrEqual(8);
    }
  });
});
