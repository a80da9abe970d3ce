import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { gradientImage } from "../../test/fuzz/pictures.ts";
import { sampleAnalysis } from "../../test/support/outcomes.ts";
import { runFilm } from "./film-run.node.ts";
import { openFilm } from "./open-film.node.ts";
import { createFilm } from "./write-film.node.ts";

/** How many times the frames of a film were let go. */
let letGo = 0;
vi.mock(import("./open-film.node.ts"), async (original) => {
  const real = await original();
  return {
    ...real,
    openFilm: async (...asked) => {
      const opened = await real.openFilm(...asked);
      async function* frames(...options: Parameters<typeof opened.frames>): ReturnType<typeof opened.frames> {
        try {
          yield* opened.frames(...options);
        } finally {
          letGo++;
        }
      }
      return { ...opened, frames };
    },
  };
});

let folder = "";
let film = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tensorface-film-"));
  film = join(folder, "clip.mp4");
  const image = gradientImage(640, 360);
  const writer = await createFilm(film);
  for (let index = 0; index < 6; index++) await writer.write({ time: index / 5, duration: 0.2, image });
  await writer.finish();
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const box = { x: 180, y: 80, width: 90, height: 100 };
const sample = sampleAnalysis("one");
const analyzer = { analyze: async () => ({ ...sample, faces: [{ ...sample.faces[0]!, box }] }) };
const write = async (): Promise<void> => undefined;

describe("tensorface analyze FILM", () => {
  it("writes lines for frames, the people, a table by second and the film with boxes, and leaves nothing else", async () => {
    const out = join(folder, "told.jsonl");
    const result = await runFilm(film, analyzer, { every: 2, out, annotate: join(folder, "boxes"), write });
    expect(result).toMatchObject({ frames: 6, tracks: 1 });
    const lines = (await readFile(out, "utf8")).trimEnd().split("\n");
    expect(lines.map((line) => JSON.parse(line).faces[0].isSeen)).toEqual([true, false, true, false, true, false]);
    expect(JSON.parse(await readFile(join(folder, "told.tracks.json"), "utf8")).tracks).toHaveLength(1);
    expect((await readFile(join(folder, "told.seconds.csv"), "utf8")).split("\r\n")[1]).toMatch(/^0,1,/);
    await using annotated = await openFilm(join(folder, "boxes/clip.mp4"));
    expect(annotated.duration).toBeCloseTo(1.2, 3);
    expect((await readdir(folder)).toSorted()).toEqual(["boxes", "clip.mp4", "told.jsonl", "told.seconds.csv", "told.tracks.json"]);
    expect(await readdir(join(folder, "boxes"))).toEqual(["clip.mp4"]);
  });

  it("gives lines alone where there is no file for them", async () => {
    const lines: string[] = [];
    await runFilm(film, analyzer, { every: 3, write: async (line) => void lines.push(line) });
    expect(lines).toHaveLength(6);
  });

  it("lets the film's frames go where a line cannot be written", async () => {
    const before = letGo;
    const full = async (): Promise<void> => {
      throw new Error("full");
    };
    await expect(runFilm(film, analyzer, { every: 3, write: full })).rejects.toThrow("full");
    expect(letGo).toBe(before + 1);
  });

  it("takes no film of larger frames than are allowed", async () => {
    await expect(runFilm(film, analyzer, { maxPixels: 640 * 360 - 1, write })).rejects.toMatchObject({ code: "TF_IMAGE_TOO_LARGE" });
    expect(await runFilm(film, analyzer, { maxPixels: 640 * 360, every: 3, write })).toMatchObject({ frames: 6 });
  });

  it("refuses names of what it does not write, and the film itself, before the work", async () => {
    const refused = { code: "TF_INVALID_ARGUMENT" };
    await expect(runFilm("none.mp4", analyzer, { out: join(folder, "told.csv"), write })).rejects.toMatchObject(refused);
    await expect(runFilm("none.avi", analyzer, { annotate: folder, write })).rejects.toMatchObject(refused);
    await expect(runFilm(film, analyzer, { annotate: folder, write })).rejects.toThrow("the input itself");
  });
});
