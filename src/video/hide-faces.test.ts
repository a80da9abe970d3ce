import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from "vitest";
import { gradientImage } from "../../test/fuzz/pictures.ts";
import { sampleAnalysis } from "../../test/support/outcomes.ts";
import { followFaces, followToEnd } from "./analyze-film.ts";
import type { BlurEffect } from "./blur/paint.ts";
import { type CloserLook, hideFaces } from "./hide-faces.ts";
import { openFilm } from "./open-film.node.ts";
import { createFilm } from "./write-film.node.ts";

let folder = "";
let path = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tensorface-hide-"));
  path = join(folder, "clip.mp4");
  const writer = await createFilm(path);
  for (let index = 0; index < 9; index++) await writer.write({ time: index / 10, duration: 0.1, image: gradientImage(320, 240) });
  await writer.finish();
});
afterAll(() => rm(folder, { recursive: true, force: true }));

let looks = 0;
const analyzer = {
  analyze: async () => {
    looks++;
    const sample = sampleAnalysis("one");
    return {
      ...sample,
      faces: sample.faces.slice(0, 1).map((face) => Object.assign({}, face, { box: { x: 80, y: 60, width: 60, height: 70 } })),
    };
  },
};

async function hidden(name: string, effect: BlurEffect, closer?: CloserLook, sight = "usual") {
  await using film = await openFilm(path);
  const known = await followToEnd(followFaces(film, analyzer, { every: 5 }));
  looks = 0;
  const times: number[] = [];
  const options = { effect, keep: [], closer, sight, onFrame: (time: number) => void times.push(time) };
  const found = await hideFaces(film, await createFilm(join(folder, name), film), { analyzer, known }, options);
  return { found, looks, times, bytes: await readFile(join(folder, name)) };
}

test("another effect on a film that was looked at closely does not look again, and writes what it would have written", async () => {
  // A film says to the second when it was written.
  vi.useFakeTimers({ toFake: ["Date"] });
  onTestFinished(() => void vi.useRealTimers());
  const first = await hidden("first.mp4", "pixelate");
  expect(first.looks).toBeGreaterThan(2);
  const again = await hidden("again.mp4", "fill", first.found);
  expect(again.looks).toBe(0);
  expect(again.bytes).toEqual((await hidden("anew.mp4", "fill")).bytes);
  expect(again.bytes).not.toEqual(first.bytes);
  // The way is told to its end, whether it is two or one.
  for (const { times } of [first, again]) expect([times.toSorted((a, b) => a - b), times.at(-1)]).toEqual([times, expect.closeTo(0.9, 6)]);
  expect(again.times).toHaveLength(9);
});

test("what sees otherwise by now looks again: smaller faces that are asked for since are hidden too", async () => {
  const { found } = await hidden("usual.mp4", "fill");
  const other = await hidden("other.mp4", "fill", found, "of smaller faces");
  expect(other.looks).toBeGreaterThan(2);
  expect((await hidden("same.mp4", "fill", other.found, "of smaller faces")).looks).toBe(0);
});
