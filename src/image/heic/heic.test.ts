import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import sharp from "sharp";
import { beforeAll, describe, expect, it } from "vitest";
import { difference, exifBlock } from "../../../test/fuzz/pictures.ts";
import {
  auxiliaryProperty,
  codedPortrait,
  exifData,
  gridData,
  type HeifItem,
  mirrorProperty,
  portraitHeic,
  portraitSide,
  profileProperty,
  sizeProperty,
  turnProperty,
  writeHeif,
} from "../../../test/support/heif.ts";
import { portrait } from "../../../test/support/pictures.ts";
import type { TensorFaceError } from "../../core/index.ts";
import { decode } from "../decode.node.ts";
import { applyOrientation } from "../orient.ts";
import { crop, type RasterImage } from "../raster.ts";
import { sniffPicture } from "../sniff.ts";
import { loadHeif } from "./load.ts";
import { wrapAsPng } from "./png.ts";

let configuration: Uint8Array;
let data: Uint8Array;
let plain: RasterImage;

beforeAll(async () => {
  ({ configuration, data } = await codedPortrait());
  plain = (await decode(portraitHeic)).image;
});

function coded(id: number, properties: readonly Uint8Array[] = [], size = portraitSide): HeifItem {
  return { id, type: "hvc1", data, properties: [configuration, sizeProperty(size, size), ...properties] };
}

async function failure(work: Promise<unknown>): Promise<TensorFaceError> {
  return work.then(
    () => expect.unreachable("nothing was thrown"),
    (error: TensorFaceError) => error,
  );
}

/** Four tiles in a square. */
function grid(tiles: readonly Uint8Array[] = [data, data, data, data], side = 2 * portraitSide): Buffer {
  const items = tiles.map((tile, index): HeifItem => ({ ...coded(index + 2), data: tile }));
  const whole: HeifItem = {
    id: 1,
    type: "grid",
    data: gridData(2, 2, { width: side, height: side }),
    properties: [sizeProperty(side, side)],
  };
  return writeHeif({
    primary: 1,
    items: [whole, ...items],
    references: [{ type: "dimg", from: 1, to: items.map(({ id }) => id) }],
  });
}

describe("HEIC", () => {
  it("gives the picture that was coded", async () => {
    const original = await sharp(portrait).removeAlpha().resize(portraitSide, portraitSide).raw().toBuffer({ resolveWithObject: true });
    const decoded = await decode(await readFile(portraitHeic), { source: "IMG_0001.HEIC" });
    expect(decoded).toMatchObject({ format: "heic", originalWidth: 256, originalHeight: 256, scale: 1, source: "IMG_0001.HEIC" });
    expect(difference(decoded.image, { width: 256, height: 256, data: original.data }).mean).toBeLessThan(5);
  });

  it("is scaled like any other picture", async () => {
    const { image, scale, originalWidth } = await decode(portraitHeic, { maxSide: 64 });
    expect([image.width, image.height, scale, originalWidth]).toEqual([64, 64, 0.25, 256]);
  });

  it.each([
    { properties: [turnProperty(1)], orientation: 8 },
    { properties: [turnProperty(2)], orientation: 3 },
    { properties: [turnProperty(3)], orientation: 6 },
    { properties: [mirrorProperty(1)], orientation: 2 },
    { properties: [mirrorProperty(0)], orientation: 4 },
  ] as const)("is turned once, by its container, whatever EXIF repeats: $orientation", async ({ properties, orientation }) => {
    const file = writeHeif({
      primary: 1,
      items: [coded(1, properties), { id: 2, type: "Exif", data: exifData(exifBlock(orientation, false)) }],
      references: [{ type: "cdsc", from: 2, to: [1] }],
    });
    const { image } = await decode(file);
    expect(difference(image, applyOrientation(plain, orientation)).largest).toBe(0);
  });

  it("gives a grid whole, and cut where its tiles reach beyond", async () => {
    const whole = (await decode(grid())).image;
    expect([whole.width, whole.height]).toEqual([512, 512]);
    const part = crop(whole, { x: 256, y: 256, width: 256, height: 256 });
    expect(difference(part, plain).largest).toBeLessThanOrEqual(1);
    const cut = (await decode(grid(undefined, 400))).image;
    expect([cut.width, cut.height]).toEqual([400, 400]);
    expect(difference(cut, crop(whole, { x: 0, y: 0, width: 400, height: 400 })).largest).toBeLessThanOrEqual(1);
  });

  it("is the primary picture, not the first, and no map that belongs to it", async () => {
    const gainMap = coded(1, [auxiliaryProperty("urn:com:apple:photo:2020:aux:hdrgainmap"), turnProperty(1)]);
    const depthMap = coded(4, [auxiliaryProperty("urn:mpeg:hevc:2015:auxid:2"), turnProperty(1)]);
    // As ISO 21496-1 stores a gain map: an item that is made of the picture and the map.
    const toneMapped: HeifItem = { id: 5, type: "tmap", data: new Uint8Array(64), properties: [sizeProperty(portraitSide, portraitSide)] };
    const file = writeHeif({
      primary: 3,
      items: [gainMap, coded(2, [turnProperty(2)]), coded(3), depthMap, toneMapped],
      references: [
        { type: "auxl", from: 1, to: [3] },
        { type: "auxl", from: 4, to: [3] },
        { type: "dimg", from: 5, to: [3, 1] },
      ],
    });
    expect((await decode(file)).image).toEqual(plain);
  });

  it("honours its colour profile", async () => {
    const wide = await sharp({ create: { width: 8, height: 8, channels: 3, background: "#808080" } })
      .withIccProfile("p3")
      .png()
      .toBuffer();
    const profile = new Uint8Array((await sharp(wide).metadata()).icc!);
    const decoded = await decode(writeHeif({ primary: 1, items: [coded(1, [profileProperty(profile)])] }));
    const asPng = wrapAsPng({ ...plain, channels: 3, data: new Uint8Array(plain.data), profile });
    expect(difference(decoded.image, (await decode(asPng)).image).largest).toBeLessThanOrEqual(1);
    expect(difference(decoded.image, plain).largest).toBeGreaterThan(20);
  });

  it("is decoded on the thread that asks where no other may be started", async () => {
    const code = `import { decode } from ${JSON.stringify(new URL("../decode.node.ts", import.meta.url))};
      console.log((await decode(${JSON.stringify(portraitHeic)})).image.width);`;
    const flags = ["--permission", "--allow-fs-read=*", "--allow-addons", "--no-warnings", "--input-type=module"];
    const { stdout } = await promisify(execFile)(process.execPath, [...flags, "--eval", code]);
    expect(stdout.trim()).toBe("256");
  });

  it("is decoded many at a time", async () => {
    const pictures = await Promise.all(Array.from({ length: 5 }, async () => decode(portraitHeic)));
    for (const { image } of pictures) expect(image).toEqual(plain);
  });
});

describe("HEIC that is not whole or not allowed", () => {
  it("is refused by its size before it is decoded", async () => {
    const error = await failure(decode(portraitHeic, { maxPixels: 65_535 }));
    expect([error.code, error.message]).toEqual(["TF_IMAGE_TOO_LARGE", expect.stringContaining("256 x 256")]);
  });

  it("is refused where a part is larger than its container says", async () => {
    const error = await failure(decode(writeHeif({ primary: 1, items: [coded(1, [], 16)] }), { maxPixels: 1000 }));
    expect(["TF_IMAGE_TOO_LARGE", "TF_IMAGE_CORRUPT"]).toContain(error.code);
  });

  it.each([10, 60, 300, 600, 2000, 8000])("is corrupt when it is cut off after %i bytes", async (length) => {
    const error = await failure(decode((await readFile(portraitHeic)).subarray(0, length)));
    expect(["TF_IMAGE_CORRUPT", "TF_IMAGE_FORMAT_UNSUPPORTED"]).toContain(error.code);
    expect(error.message).toMatch(/HEIC|not a picture/);
  });

  it("is corrupt when a tile of a grid is not there, or begins with anything else", async () => {
    const garbled = data.map((byte, index) => (index < 80 ? (byte * 7 + 3) & 255 : byte));
    for (const tile of [new Uint8Array(data.length), garbled]) {
      expect((await failure(decode(grid([data, tile, data, data])))).code).toBe("TF_IMAGE_CORRUPT");
    }
  });

  it("names what is to be installed when nothing decodes it", async () => {
    const error = await failure(loadHeif(() => Promise.reject(new Error("Cannot find package 'libheif-js'")), "npm install libheif-js"));
    expect([error.code, error.hint]).toEqual(["TF_IMAGE_FORMAT_UNSUPPORTED", "npm install libheif-js"]);
  });

  it("is no sequence", async () => {
    const file = Buffer.from("\0\0\0\u0018ftyphevc\0\0\0\0msf1hevc", "latin1");
    expect((await failure(decode(file))).message).toContain("HEIC sequence");
  });
});

describe("pixels as PNG", () => {
  it.each([3, 4] as const)("come back as they were, with %i channels and more than one block", async (channels) => {
    const pixels = Uint8Array.from({ length: 300 * 200 * channels }, (_, index) => (index * 37) & 255);
    const file = wrapAsPng({ width: 300, height: 200, channels, data: pixels });
    expect(sniffPicture(file, "x")).toMatchObject({ format: "png", width: 300, height: 200 });
    const read = await sharp(file).raw().toBuffer({ resolveWithObject: true });
    expect(read.info).toMatchObject({ width: 300, height: 200, channels });
    expect(new Uint8Array(read.data)).toEqual(pixels);
  });
});
