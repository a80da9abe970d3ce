import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sampleAnalysis } from "../../test/support/outcomes.ts";
import { portrait } from "../../test/support/pictures.ts";
import { runBlur } from "./blur-run.node.ts";
import { createFilm } from "./write-film.node.ts";
import { openFilm } from "./open-film.node.ts";
import { gradientImage } from "../../test/fuzz/pictures.ts";

let folder = "";
let photo = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tensorface-blur-"));
  photo = join(folder, "photo.jpg");
  await sharp(portrait)
    .withExif({ IFD0: { Make: "A camera" }, IFD3: { GPSLatitudeRef: "N" } })
    .withXmp('<x:xmpmeta xmlns:x="adobe:ns:meta/"/>')
    .jpeg()
    .toFile(photo);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

let asked = 0;
let released = 0;
const box = { x: 180, y: 80, width: 90, height: 100 };
async function analyzer() {
  const sample = sampleAnalysis("one");
  const faces = sample.faces.slice(0, 1).map((face) => Object.assign({}, face, { box }));
  return {
    analyze: async () => {
      asked++;
      return { ...sample, faces };
    },
    [Symbol.asyncDispose]: async () => {
      released++;
    },
  };
}

describe("tensorface blur", () => {
  it("hides a face in a picture, and leaves what else the file told", async () => {
    const out = join(folder, "blurred.jpg");
    expect(await runBlur(photo, { out, analyzer })).toEqual({ hidden: 1, kept: 0 });
    expect(released).toBe(1);
    const metadata = await sharp(await readFile(out)).metadata();
    expect([metadata.exif, metadata.xmp, metadata.icc, metadata.iptc]).toEqual([undefined, undefined, undefined, undefined]);
    /** Steps from pixel to pixel: eyes and mouth have many, blocks few. */
    const roughness = async (path: string): Promise<number> => {
      const face = sharp(path).extract({ left: 200, top: 100, width: 50, height: 60 }).greyscale();
      const data = await face.raw().toBuffer();
      return data.reduce((sum, value, index) => sum + Math.abs(value - (data[index - 1] ?? value)), 0);
    };
    expect(await roughness(out)).toBeLessThan((await roughness(photo)) / 2);
  });

  it("renders a plan that was changed by hand, without looking again", async () => {
    const [plan, out] = [join(folder, "plan.json"), join(folder, "kept.png")];
    await runBlur(photo, { plan, analyzer });
    const text = await readFile(plan, "utf8");
    await writeFile(plan, text.replace('"keep": false', '"keep": true'));
    const before = asked;
    expect(await runBlur(photo, { render: plan, out, analyzer })).toEqual({ hidden: 0, kept: 1 });
    expect(asked).toBe(before);
    const [original, kept] = await Promise.all([photo, out].map(async (path) => sharp(path).removeAlpha().raw().toBuffer()));
    expect(kept!.equals(original!)).toBe(true);
  });

  it("hides a face in a film from before it was found", async () => {
    const film = join(folder, "film.mp4");
    const image = gradientImage(640, 360);
    const writer = await createFilm(film);
    for (let index = 0; index < 6; index++) await writer.write({ time: index / 10, duration: 0.1, image });
    await writer.finish();
    const out = join(folder, "film-blurred.mp4");
    expect(await runBlur(film, { out, effect: "fill", every: 4, analyzer })).toEqual({ hidden: 1, kept: 0 });
    await using opened = await openFilm(out);
    let frames = 0;
    for await (const frame of opened.frames()) {
      const { data, width } = await frame.picture();
      const middle = ((box.y + 50) * width + box.x + 45) * 3;
      for (const channel of [0, 1, 2]) expect(Math.abs(data[middle + channel]! - 40)).toBeLessThan(8);
      frames++;
    }
    expect(frames).toBe(6);
  });

  it.each([
    ["that comes between two looks, in a film of a frame a second", 1, 5, 1],
    ["that comes in the last frame", 25, 11, 10],
  ])("hides a face %s", async (_when, rate, count, first) => {
    const [film, out] = [join(folder, `from-${first}.mp4`), join(folder, `from-${first}-blurred.mp4`)];
    const image = gradientImage(640, 360);
    const writer = await createFilm(film);
    for (let index = 0; index < count; index++) await writer.write({ time: index / rate, duration: 1 / rate, image });
    await writer.finish();
    const sample = sampleAnalysis("one");
    const found = async (_: unknown, { source = "" }: { readonly source?: string | undefined } = {}) => {
      const frame = Number(/frame (\d+)$/.exec(source)?.[1]);
      return { ...sample, faces: frame < first ? [] : [{ ...sample.faces[0]!, box }] };
    };
    const finder = async () => ({ analyze: found, [Symbol.asyncDispose]: async () => {} });
    await runBlur(film, { out, effect: "fill", analyzer: finder });
    await using opened = await openFilm(out);
    for await (const { index, picture } of opened.frames()) {
      if (index < first) continue;
      const { data, width } = await picture();
      expect(Math.abs(data[((box.y + 50) * width + box.x + 45) * 3]! - 40), `frame ${index}`).toBeLessThan(8);
    }
  });

  it("refuses what says again how faces of a plan are hidden", async () => {
    const plan = join(folder, "plan-alone.json");
    await runBlur(photo, { plan, analyzer });
    for (const hiding of [{ effect: "fill" }, { margin: 1 }, { lead: 1 }, { keep: [1] }] as const)
      await expect(runBlur(photo, { render: plan, out: join(folder, "never.png"), analyzer, ...hiding })).rejects.toMatchObject({
        code: "TF_INVALID_ARGUMENT",
        message: expect.stringContaining(Object.keys(hiding)[0]!) as string,
      });
    expect(await runBlur(photo, { render: plan, out: join(folder, "plain.png"), keep: [], analyzer })).toEqual({ hidden: 1, kept: 0 });
  });

  it("refuses to replace what it reads, and an ending that it cannot write, before the work", async () => {
    await expect(runBlur(photo, { out: join(folder, "x.bmp"), analyzer })).rejects.toMatchObject({ code: "TF_INVALID_ARGUMENT" });
    await expect(runBlur(photo, { out: join(folder, "..", basename(folder), "photo.jpg"), analyzer })).rejects.toThrow("the input itself");
    await expect(runBlur(folder, { out: join(folder, "x.jpg"), analyzer })).rejects.toThrow("is a folder: blur takes one picture or film");
    await expect(runBlur("clip.mp4", { out: "x.avi", analyzer })).rejects.toMatchObject({ code: "TF_INVALID_ARGUMENT" });
  });
});
