import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { clipSize, scenes } from "../../test/support/clips.ts";
import { difference } from "../../test/fuzz/pictures.ts";
import { firstFrames, writeKindOfClip } from "../../test/support/film-files.ts";
import { sampleAnalysis } from "../../test/support/outcomes.ts";
import { resize } from "../image/index.ts";
import { runBlur } from "./blur-run.node.ts";
import { runFilm } from "./film-run.node.ts";
import { openFilm } from "./open-film.node.ts";

/** Films that change in their middle, as browsers record calls: when the line is bad the picture becomes smaller. */
const scene = scenes.find(({ name }) => name === "two, apart")!;
const frames = 9;
let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tensorface-changes-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const box = { x: 60, y: 80, width: 90, height: 100 };
const sample = sampleAnalysis("one");
const analyzer = {
  analyze: async ({ width, height }: { readonly width: number; readonly height: number }) => {
    // Boxes are in pixels of the film: each frame comes in its size.
    expect([width, height]).toEqual([clipSize.width, clipSize.height]);
    return { ...sample, faces: [{ ...sample.faces[0]!, box }] };
  },
};

describe.each(["film.webm", "film.mp4"])("%s, whose frames become smaller and larger again", (name) => {
  let path = "";
  beforeAll(async () => {
    path = join(folder, name);
    await writeKindOfClip(path, scene, { frames, shrinkAt: (frame) => (frame >= 3 && frame < 6 ? 2 : 1) });
  });

  it("gives all of them in the film's size, with the same picture", async () => {
    const drawn = await firstFrames(scene, frames);
    await using film = await openFilm(path);
    expect(film).toMatchObject({ width: clipSize.width, height: clipSize.height });
    let count = 0;
    for await (const { index, time, picture } of film.frames()) {
      const image = await picture();
      expect([image.width, image.height]).toEqual([clipSize.width, clipSize.height]);
      expect(time).toBeCloseTo(index / clipSize.rate, 3);
      const [small, wanted] = [image, drawn[index]!.image].map((one) => resize(one, 160, 90));
      expect(difference(small!, wanted!).mean).toBeLessThan(4);
      count++;
    }
    expect(count).toBe(frames);
  });

  it("is told of, annotated and blurred from end to end", async () => {
    const told = await runFilm(path, analyzer, { every: 2, annotate: join(folder, "boxes"), write: async () => {} });
    expect(told).toMatchObject({ frames, tracks: 1 });
    const out = join(folder, `blurred-${name}`);
    const kept = { ...analyzer, [Symbol.asyncDispose]: async () => {} };
    expect(await runBlur(path, { out, effect: "fill", analyzer: async () => kept })).toEqual({ hidden: 1, kept: 0 });
    for (const written of [join(folder, "boxes", name), out]) {
      await using film = await openFilm(written);
      expect([film.width, film.height, (await Array.fromAsync(film.frames())).length]).toEqual([clipSize.width, clipSize.height, frames]);
    }
    await using blurred = await openFilm(out);
    for await (const { picture } of blurred.frames()) {
      const { data, width } = await picture();
      const middle = ((box.y + 50) * width + box.x + 45) * 3;
      for (const channel of [0, 1, 2]) expect(Math.abs(data[middle + channel]! - 40)).toBeLessThan(8);
    }
  });
});
