import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "csv-parse/sync";
import sharp from "sharp";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createAnalyzer } from "../src/_entries/node.ts";
import { expectHead } from "../src/models/index.ts";
import { openModelFolders } from "../src/models/models.node.ts";
import { run } from "./support/command.ts";
import { portrait } from "./support/pictures.ts";

/** The command as a user calls it, on the portrait: as it is, turned by 30 degrees, and cut off at the face. */
let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tensorface-crop-"));
  await sharp(portrait).toFile(join(folder, "face.png"));
  await sharp(portrait).rotate(30, { background: "#888899" }).jpeg({ quality: 92 }).toFile(join(folder, "face.jpg"));
  await sharp(portrait).extract({ left: 190, top: 60, width: 200, height: 200 }).toFile(join(folder, "edge.png"));
  await writeFile(join(folder, "text.jpg"), "no picture");
});
afterAll(() => rm(folder, { recursive: true, force: true }));

interface Row {
  readonly source: string;
  readonly crop: string;
  readonly error_code: string;
}

async function crop(out: string, ...words: string[]): Promise<{ code: number | null; stderr: string; rows: Row[] }> {
  const { code, stderr } = await run(["crop", "face.png", "face.jpg", "edge.png", "text.jpg", "--out", out, ...words], { cwd: folder });
  return { code, stderr, rows: parse(await readFile(join(folder, out, "crops.csv")), { columns: true }) as Row[] };
}

/** How far the eyes of the one face in a picture stand from level, in degrees, and the middle between them as shares of the picture. */
async function eyesIn(path: string): Promise<{ tilt: number; x: number; y: number }> {
  await using analyzer = await createAnalyzer({ tasks: [], workers: 0 });
  const { faces, width, height } = await analyzer.analyze(path);
  expect(faces).toHaveLength(1);
  const { leftEye, rightEye } = faces[0]!.landmarks;
  const tilt = (Math.atan2(rightEye.y - leftEye.y, rightEye.x - leftEye.x) * 180) / Math.PI;
  return { tilt, x: (leftEye.x + rightEye.x) / 2 / width, y: (leftEye.y + rightEye.y) / 2 / height };
}

test("a crop for each face and a line for what is no picture; one turned face stays turned, with --align it is upright", async () => {
  const plain = await crop("plain");
  expect(plain.rows.map(({ source, crop: file, error_code: error }) => [source, file, error])).toEqual([
    ["face.png", "face-face1.png", ""],
    ["face.jpg", "face-2-face1.png", ""],
    ["edge.png", "edge-face1.png", ""],
    ["text.jpg", "", "TF_IMAGE_FORMAT_UNSUPPORTED"],
  ]);
  expect(plain.code).toBe(1);
  expect(plain.stderr).toMatch(/^4 pictures done, 3 faces, 1 failed, in /);
  expect((await eyesIn(join(folder, "plain/face-2-face1.png"))).tilt).toBeGreaterThan(20);
  await crop("aligned", "--align", "--size", "160", "--format", "webp");
  const file = join(folder, "aligned/face-2-face1.webp");
  expect(await sharp(file).metadata()).toMatchObject({ format: "webp", width: 160, height: 160 });
  expect(Math.abs((await eyesIn(file)).tilt)).toBeLessThan(5);
});

test("--template: every face stands where the head wants it, in the size of its input", async () => {
  const { rows } = await crop("template", "--template", "mood", "--format", "jpeg");
  const { input, template } = expectHead(await openModelFolders().open("mood"));
  const { leftEye, rightEye } = template!.landmarks;
  for (const { crop: name } of rows.filter((row) => row.crop !== "")) {
    const file = join(folder, "template", name);
    expect(await sharp(file).metadata()).toMatchObject({ format: "jpeg", width: input.width, height: input.height });
    const eyes = await eyesIn(file);
    expect(Math.abs(eyes.tilt)).toBeLessThan(5);
    expect(Math.abs(eyes.x - (leftEye.x + rightEye.x) / 2)).toBeLessThan(0.05);
    expect(Math.abs(eyes.y - (leftEye.y + rightEye.y) / 2)).toBeLessThan(0.05);
  }
});

test("a model that is not there, and one that sees no face, are refused before any work", async () => {
  const of = (name: string) => run(["crop", "face.png", "--out", "none", "--template", name], { cwd: folder });
  expect(await of("no-such-head")).toMatchObject({ code: 1, stderr: expect.stringContaining('no model "no-such-head"') });
  expect(await of("facemesh")).toMatchObject({ code: 2, stderr: expect.stringContaining("tells nothing of a face") });
  await expect(readFile(join(folder, "none/crops.csv"))).rejects.toThrow("ENOENT");
});
