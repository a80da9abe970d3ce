import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createAnalyzer, type FaceAnalyzer } from "../src/_entries/node.ts";
import type { RasterImage } from "../src/image/index.ts";
import { scenes } from "./support/clips.ts";
import { measureScene } from "./support/film-truth.ts";

/** Films with known truth: who is covered, who is mistaken for whom. All of them: `npm run bench -- films --parts truth`, docs/lab/video.md. */
const tried = ["late and gone", "hidden", "two, crossing", "four, shaken", "fast, blurred", "cut three times", "one leaves, another comes"];

let analyzer: FaceAnalyzer<RasterImage>;
beforeAll(async () => {
  analyzer = await createAnalyzer({ tasks: [], workers: 0 });
});
afterAll(async () => analyzer.dispose());

describe("made films", () => {
  const total = { faceFrames: 0, covered: 0, hidden: 0 };

  test.each(scenes.filter(({ name }) => tried.includes(name)))(
    "$name: nobody is taken for another",
    async (scene) => {
      const { faceFrames, covered, hidden, switches, mixed } = await measureScene(scene, analyzer);
      total.faceFrames += faceFrames;
      total.covered += covered;
      total.hidden += hidden;
      expect([switches, mixed]).toEqual([0, 0]);
    },
    120_000,
  );

  test("at least 98 % of face-frames are covered, and 99.9 % hidden", () => {
    expect(total.faceFrames).toBeGreaterThan(750);
    expect(total.covered / total.faceFrames).toBeGreaterThanOrEqual(0.98);
    expect(total.hidden / total.faceFrames).toBeGreaterThanOrEqual(0.999);
  });
});
