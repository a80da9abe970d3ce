import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import sharp, { type OverlayOptions, type Sharp } from "sharp";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type AnalyzedFace, createAnalyzer, type FaceAnalysis } from "../src/_entries/node.ts";
import { roundOutcome } from "../src/analyze/rounding.ts";
import { WorkerThread } from "../src/analyze/schedule/worker-thread.node.ts";
import { type AgeGroup, builtInLabels, mainFace } from "../src/core/index.ts";
import { evaluateSource } from "../src/predict/evaluate.ts";
import { openModels } from "../src/predict/platform.ts";
import { settingsFor } from "../src/predict/testing.ts";
import { buildApp, createServerParts } from "../src/server/index.ts";
import { portrait } from "./support/pictures.ts";

/**
 * One way for a picture: the analyzer, a worker's thread, an evaluation on photographs and the server say the very same of 50 pictures, to the
 * last digit. What differs is when and where the steps run, alone or in a batch with other pictures' faces.
 */

/** With a group a year, an answer's age holds the whole distribution, which is what evaluations keep. */
const ageGroups: readonly AgeGroup[] = Array.from({ length: 101 }, (_, year) => ({ name: String(year), low: year, high: year }));
const grey = { r: 90, g: 110, b: 100 };

interface TestPicture {
  readonly file: string;
  readonly faces: "none" | "one" | "several";
}

let folder = "";
const pictures: TestPicture[] = [];
const pathOf = ({ file }: TestPicture): string => join(folder, file);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tensorface-one-way-"));
  const head = sharp(portrait).extract({ left: 120, top: 10, width: 210, height: 210 });
  const write = async (faces: TestPicture["faces"], picture: Sharp): Promise<void> => {
    const file = `${pictures.length}-${faces}.${pictures.length % 3 === 0 ? "jpg" : "png"}`;
    pictures.push({ file, faces });
    await picture.toFile(join(folder, file));
  };
  for (let index = 0; index < 10; index++)
    await write("one", sharp(portrait).extract({ left: 4 * index, top: 0, width: 300 + 9 * index, height: 250 + 17 * index }));
  for (let index = 0; index < 10; index++)
    await write("one", sharp(await head.clone().png().toBuffer()).rotate(5 * index - 22, { background: grey }));
  for (let index = 0; index < 9; index++) await write("one", head.clone().resize(80 + 31 * index));
  // Larger than what is looked at: decoded smaller, and told in its own pixels.
  await write("one", sharp(portrait).resize(2500));
  for (let index = 0; index < 8; index++)
    await write("none", sharp(portrait).extract({ left: 10 * index, top: 300, width: 120 + 20 * index, height: 180 }));
  for (let index = 0; index < 12; index++) await write("several", await mosaic(head, 2 + (index % 5), 64 + 5 * index));
  const rows = pictures.map(({ file }) => `${file},female`);
  await writeFile(join(folder, "faces.csv"), `file,gender\n${rows.join("\n")}\n`);
});
afterAll(async () => rm(folder, { recursive: true, force: true }));

/** Heads side by side, each a little smaller and more turned than the one before. */
async function mosaic(head: Sharp, count: number, side: number): Promise<Sharp> {
  const tiles = await Promise.all(
    Array.from({ length: count }, async (_, index): Promise<OverlayOptions> => {
      const turned = await head
        .clone()
        .resize(side - 4 * index)
        .png()
        .toBuffer();
      const input = await sharp(turned)
        .rotate(3 * index, { background: grey })
        .png()
        .toBuffer();
      return { input, left: (index % 3) * Math.round(side * 1.3), top: Math.floor(index / 3) * Math.round(side * 1.3) };
    }),
  );
  const size = { width: Math.round(side * 4), height: Math.round(side * 2.7) };
  const canvas = await sharp({ create: { ...size, channels: 3, background: grey } })
    .composite(tiles)
    .png()
    .toBuffer();
  return sharp(canvas);
}

/** All that is said, but how long it took and what the picture was called. */
function said({ timings: _timings, source: _source, ...rest }: FaceAnalysis): object {
  return rest;
}

describe("50 pictures, one by one, in a row, by a thread, an evaluation and the server", { timeout: 120_000 }, () => {
  const alone: FaceAnalysis[] = [];
  beforeAll(async () => {
    await using analyzer = await createAnalyzer({ workers: 0, ageGroups });
    for (const picture of pictures) alone.push(await analyzer.analyze(pathOf(picture)));
  }, 120_000);

  test("they show none, one and several faces", () => {
    const seen = alone.map(({ faces }) => ["none", "one"][faces.length] ?? "several");
    expect(seen).toEqual(pictures.map(({ faces }) => faces));
    expect(seen).toHaveLength(50);
  });

  test("in a row, whose faces share batches", async () => {
    await using analyzer = await createAnalyzer({ workers: 0, ageGroups });
    const row = await Array.fromAsync(analyzer.analyzeAll(pictures.map(pathOf)));
    expect(row.map((outcome) => ("error" in outcome ? outcome : said(outcome)))).toEqual(alone.map(said));
  });

  test("by a worker's thread", async () => {
    const thread = new WorkerThread({ ageGroups, threads: 1 });
    try {
      const found = await Promise.all(pictures.map(async (picture) => thread.analyze(pathOf(picture), {})));
      expect(found.map(said)).toEqual(alone.map(said));
    } finally {
      await thread.dispose();
    }
  });

  test("by an evaluation on photographs, of the face that each is about", async () => {
    const { platform } = await openModels([], "0");
    const never = new AbortController().signal;
    const settings = settingsFor(join(folder, "faces.csv"), { format: "csv", path: "photo", flipAveraging: undefined, replicates: 2 });
    const { predictions } = await evaluateSource(settings, platform, { stopping: never, now: never, onProgress: () => undefined });
    expect(predictions.failed).toEqual([]);
    const rows = new Map([...predictions.rows].map(([id, row]) => [basename(id), row]));
    for (const [index, { file }] of pictures.entries()) {
      const face = mainFace(alone[index]!, alone[index]!.faces);
      const row = rows.get(file)!;
      expect({ file, found: row.found }).toEqual({ file, found: face !== undefined });
      if (face === undefined) continue;
      const answers = Object.assign({}, ...Object.values(row.answers)) as object;
      expect({ file, answers }).toEqual({ file, answers: distributionsOf(face) });
      expect(row.attributes.faceSize).toBeCloseTo(Math.min(face.box.width, face.box.height), 9);
    }
  });

  test("by the server, in the digits that are written", async () => {
    const parts = await createServerParts({ workers: 0, ageGroups });
    const app = await buildApp(parts, { logLevel: "silent" });
    try {
      const answers: object[] = [];
      const post = async (picture: TestPicture): Promise<object> => {
        const headers = { "content-type": "application/octet-stream" };
        const { body } = await app.inject({ method: "POST", url: "/v1/analyze", payload: await readFile(pathOf(picture)), headers });
        return said(JSON.parse(body) as FaceAnalysis);
      };
      // A few at a time: on a busy machine the last of fifty would wait longer than the server lets a picture take.
      for (let start = 0; start < pictures.length; start += 5)
        answers.push(...(await Promise.all(pictures.slice(start, start + 5).map(post))));
      const written: unknown = JSON.parse(JSON.stringify(alone.map((analysis) => said(roundOutcome(analysis) as FaceAnalysis))));
      expect(answers).toEqual(written);
    } finally {
      await app.close();
      await parts.analyzer.dispose();
    }
  });
});

/** A face's answers as evaluations keep them: all probabilities, in this product's order of labels. */
function distributionsOf({ age, gender, mood }: AnalyzedFace): object {
  return {
    age: ageGroups.map(({ name }) => age!.probabilities[name]),
    gender: builtInLabels.gender.map((label) => gender!.probabilities[label]),
    mood: builtInLabels.mood.map((label) => mood!.probabilities[label]),
  };
}
