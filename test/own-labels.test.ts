import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { FaceRecord } from "../src/datasets/index.ts";
import { encode } from "../src/image/encode.node.ts";
import { createRasterImage, filledImage } from "../src/image/index.ts";
import { drawnModel, drawnTasks } from "../src/models/testing.ts";
import { run } from "./support/command.ts";
import { portrait } from "./support/pictures.ts";

/** Labels of one's own on the command line, of every kind: from answers to labels, to doubts, to decisions. */
let folder: string;
const at = (name: string): string => join(folder, name);
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "own-labels-"));
});
afterAll(() => rm(folder, { recursive: true }));

async function tensorface(...words: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await run(words, { cwd: folder });
  if (code !== 0) throw new Error(`${words.join(" ")}: ${stderr}`);
  return stdout;
}

async function linesOf<Line>(path: string): Promise<Line[]> {
  const text = await readFile(at(path), "utf8");
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Line);
}

const side = 32;
/** Stripes on the left, bars on the right, and an edge whose place is a number. */
async function drawShapes(
  file: string,
  { stripes, bars, edge }: { stripes: boolean; bars: boolean; edge: number },
  shade: number,
): Promise<void> {
  const data = new Uint8Array(side * side * 3);
  for (let pixel = 0; pixel < side * side; pixel++) {
    const [x, y] = [pixel % side, Math.floor(pixel / side)];
    const isDark = y < 12 ? x < edge : x < side / 2 ? stripes && x % 4 < 2 : bars && y % 4 < 2;
    data.fill(isDark ? 20 + shade : 180 + shade, pixel * 3, pixel * 3 + 3);
  }
  await writeFile(file, await encode(createRasterImage(side, side, data), { format: "png" }));
}

describe("labels of one's own", () => {
  const count = 60;
  const turned = new Set([3, 40, 53]);
  const moved = new Set([10, 45]);

  beforeAll(async () => {
    await mkdir(at("shapes"));
    const rows = ["file,wears,edge"];
    for (let index = 0; index < count; index++) {
      const truth = { stripes: index % 2 === 0, bars: index % 3 === 0, edge: 6 + ((index * 7) % 20) };
      await drawShapes(at(`shapes/${index}.png`), truth, index % 9);
      const tags = [truth.bars === turned.has(index) ? "" : "bars", truth.stripes ? "stripes" : ""].filter((tag) => tag !== "");
      rows.push(`${index}.png,${tags.join(";") || "none"},${moved.has(index) ? 32 - truth.edge : truth.edge}`);
    }
    await writeFile(at("shapes/labels.csv"), rows.join("\n"));
    await tensorface("dataset", "import", "csv", "shapes/labels.csv", "--task", "wears,edge", "--kind", "tags,number", "--out", "data");
  }, 120_000);

  const idOf = (index: number): string => `csv/${index}.png`;
  interface Line {
    readonly id: string;
    readonly given: string;
    readonly suggested: string;
    readonly doubt: number;
  }

  // Every step is a process of its own.
  const patience = 120_000;

  test(
    "doubtful tags stand first, with the tags that the pictures speak for",
    async () => {
      await tensorface("dataset", "doubt", "data", "--task", "wears", "--features", "gradients");
      const lines = await linesOf<Line>("data/suspicion-wears.jsonl");
      expect(lines).toHaveLength(count);
      expect(new Set(lines.slice(0, turned.size).map(({ id }) => id))).toEqual(new Set([...turned].map(idOf)));
      const bars = (word: string): boolean => word.includes("bars");
      for (const line of lines.slice(0, turned.size)) {
        expect(line.doubt).toBeGreaterThan(0.5);
        expect(bars(line.suggested)).toBe(!bars(line.given));
        expect(line.suggested.includes("stripes")).toBe(line.given.includes("stripes"));
      }
    },
    patience,
  );

  test(
    "doubtful numbers stand first",
    async () => {
      await tensorface("dataset", "doubt", "data", "--task", "edge", "--features", "gradients");
      const lines = await linesOf<Line>("data/suspicion-edge.jsonl");
      const first = new Set(lines.slice(0, 2 * moved.size).map(({ id }) => id));
      // A moved edge that is in the middle is hardly moved.
      const far = [...moved].filter((index) => Math.abs(32 - 2 * (6 + ((index * 7) % 20))) > 6);
      expect(far.length).toBeGreaterThan(0);
      for (const index of far) expect(first).toContain(idOf(index));
    },
    patience,
  );

  test(
    "decisions on tags and numbers are applied and reported",
    async () => {
      const decided = { reviewer: "ann", at: "2026-11-28T10:00:00.000Z", action: "relabel" };
      const decisions = [
        { ...decided, id: idOf(3), task: "wears", label: "bars + stripes" },
        { ...decided, id: idOf(10), task: "edge", label: "16" },
      ];
      await writeFile(at("data/decisions.jsonl"), decisions.map((decision) => `${JSON.stringify(decision)}\n`).join(""));
      await tensorface("dataset", "apply", "data");
      const cleaned = new Map(
        (await linesOf<FaceRecord>("data/manifest.clean.jsonl")).map((record) => [record.id, record.labels.attributes]),
      );
      expect(cleaned.get(idOf(3))).toMatchObject({ wears: ["bars", "stripes"] });
      expect(cleaned.get(idOf(10))).toMatchObject({ edge: 16 });
      expect(cleaned.get(idOf(11))).toEqual({ wears: [], edge: 6 + ((11 * 7) % 20) });
      await tensorface("dataset", "report", "data", "--out", "report.html");
      expect(await readFile(at("report.html"), "utf8")).toMatch(/<h3>wears<\/h3>[^]*<h3>edge<\/h3>/);
    },
    patience,
  );
});

describe("from answers to a model", () => {
  test("whole pictures: analyze, correct the table, import, export, import, retrain, analyze", async () => {
    await mkdir(at("shots"));
    await writeFile(at("red-or-not.onnx"), await drawnModel(drawnTasks[0], { id: "red-or-not", sees: "picture" }));
    for (let index = 0; index < 16; index++) {
      const red = index % 2 === 0 ? 200 + index : 20 + index;
      await writeFile(at(`shots/${index}.png`), await encode(filledImage(40, 40, [red, 230 - red, 30 + 5 * index]), { format: "png" }));
    }
    const csv = await tensorface("analyze", "shots", "--model", "red-or-not.onnx", "--tasks", "glasses", "--format", "csv");
    const [header, ...rows] = csv.trimEnd().split("\r\n");
    const column = header!.split(",").indexOf("glasses");
    expect(rows).toHaveLength(16);
    const corrected = rows.map((row) => {
      const cells = row.split(",");
      if (cells[0] === "shots/3.png") cells[column] = "glasses";
      return cells.join(",");
    });
    await writeFile(at("answers.csv"), [header, ...corrected].join("\r\n"));

    await tensorface("dataset", "import", "csv", "answers.csv", "--task", "glasses", "--out", "answers");
    const answers = await linesOf<FaceRecord>("answers/manifest.jsonl");
    expect(answers).toHaveLength(16);
    expect(answers.find(({ id }) => id === "csv/shots/3.png")?.labels).toEqual({ attributes: { glasses: "glasses" } });
    expect(answers.filter(({ labels }) => labels.attributes?.["glasses"] === "glasses")).toHaveLength(9);

    await tensorface("dataset", "export", "answers", "--format", "csv", "--out", "kept");
    await tensorface("dataset", "import", "csv", "kept/labels.csv", "--out", "again");
    const place = (record: FaceRecord): object => ({ ...record, file: "", officialSplit: "" });
    expect((await linesOf<FaceRecord>("again/manifest.jsonl")).map(place)).toEqual(answers.map(place));

    await tensorface("retrain", "again", "--crop", "whole", "--backbone", "mood", "--out", "taught");
    const told = JSON.parse(await tensorface("analyze", "shots/0.png", "--model", "taught", "--tasks", "glasses", "--format", "jsonl"));
    expect(Object.keys(told.attributes.glasses.probabilities)).toEqual(["glasses", "none"]);
  }, 120_000);

  test("faces: each becomes a picture with its labels, the built-in ones too", async () => {
    await mkdir(at("photos"));
    await writeFile(at("photos/astronaut.png"), await readFile(portrait));
    await writeFile(at("photos/empty.png"), await encode(filledImage(64, 64, [9, 9, 9]), { format: "png" }));
    await writeFile(at("photos/broken.png"), "no picture");
    await writeFile(at("wears.onnx"), await drawnModel(drawnTasks[1], { id: "wears" }));
    const { stdout, code } = await run(["analyze", "photos", "--model", "wears.onnx", "--format", "csv"], { cwd: folder });
    expect(code).toBe(1);
    await writeFile(at("faces.csv"), stdout);
    await tensorface("dataset", "import", "csv", "faces.csv", "--out", "built-in");
    const [face, ...more] = await linesOf<FaceRecord>("built-in/manifest.jsonl");
    expect(more).toEqual([]);
    expect(face).toMatchObject({
      id: "csv/photos/astronaut.png#1",
      file: expect.stringMatching(/^boxes\/photos\/astronaut\.png-1-\w{6}\.png$/),
      labels: { gender: "female", mood: "happy" },
    });
    expect(face!.labels.age!.low).toBeLessThan(face!.labels.age!.high);
    expect(face!.width).toBeGreaterThan(150);
    const rejections = await linesOf<{ readonly reason: string }>("built-in/rejections.jsonl");
    expect(rejections.map(({ reason }) => reason).toSorted()).toEqual(["unlabelled", "unreadable-picture"]);
  }, 120_000);
});
