import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { FaceAnalysis } from "../src/analyze/analysis.ts";
import { createRandom } from "../src/core/index.ts";
import { evaluationReportSchema } from "../src/evaluate/index.ts";
import { headManifestSchema } from "../src/models/index.ts";
import { run } from "./support/command.ts";

/** From labels of one's own to a model that answers, without a line of code: every kind of task, on drawn pictures. */
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "own-training-"));
  await draw();
});
afterAll(() => rm(folder, { recursive: true }));

const side = 16;
const count = 120;
/** Light shades are "light", redness is a number, and a green or blue tint is a tag. */
async function draw(): Promise<void> {
  const random = createRandom(3);
  const rows = ["file,shade,tints,redness,step,split"];
  for (let index = 0; index < count; index++) {
    const [isLight, hasGreen, hasBlue] = [random.uniform() < 0.5, random.uniform() < 0.5, random.uniform() < 0.5];
    const redness = random.uniform();
    const step = Math.min(2, Math.floor(redness * 3));
    const value = (share: number): number => Math.round((isLight ? 90 : 20) + 120 * share + random.integer(10));
    const background = { r: value(redness), g: value(Number(hasGreen)), b: value(Number(hasBlue)) };
    const file = `${index}.png`;
    await sharp({ create: { width: side, height: side, channels: 3, background } })
      .png()
      .toFile(join(folder, file));
    const tints = [...(hasGreen ? ["green"] : []), ...(hasBlue ? ["blue"] : [])].join(";") || "none";
    const split = index % 3 === 0 ? "val" : "train";
    rows.push([file, isLight ? "light" : "dark", tints, (1 + 9 * redness).toFixed(2), ["low", "medium", "high"][step], split].join(","));
  }
  await writeFile(join(folder, "labels.csv"), rows.join("\n"));
}

const ok = async (...words: string[]) => {
  const result = await run(words, { cwd: folder });
  expect(result.stderr).not.toContain("[TF_");
  expect(result.code).toBe(0);
  return result;
};

const tasks = [
  {
    head: { task: "shade", kind: "classes", labels: ["dark", "light"] },
    loss: { kind: "crossEntropy", target: { kind: "class" } },
    select: "shade.balancedAccuracy",
  },
  {
    head: { task: "tints", kind: "tags", labels: ["blue", "green"] },
    loss: { kind: "binary", target: { kind: "tags" } },
    select: "tints.accuracy",
  },
  {
    head: { task: "step", kind: "ordered", labels: ["low", "medium", "high"] },
    loss: { kind: "crossEntropy", target: { kind: "class" } },
    select: "step.oneOffAccuracy",
  },
  {
    head: { task: "redness", kind: "number", minimum: 1, maximum: 10, unit: "points" },
    loss: { kind: "distance", target: { kind: "number" } },
    select: "redness.meanAbsoluteError",
  },
] as const;

test("labels of four tasks are trained on together, exported, and used by analyze", { timeout: 240_000 }, async () => {
  const kinds = "--kind=classes,tags,ordered,number";
  await ok("dataset", "import", "csv", "labels.csv", "--task", "shade,tints,step,redness", kinds, "--out", "data");
  const config = {
    name: "drawn",
    data: [{ path: "data" }],
    picture: { side, colour: "rgb" },
    network: {
      backbone: [
        { layer: "globalPool" },
        { layer: "flatten" },
        { layer: "dense", features: 32 },
        { layer: "activation", function: "relu" },
      ],
      heads: tasks.map(({ head }) => ({ ...head, layers: [{ layer: "dense", features: "labels" in head ? head.labels.length : 1 }] })),
    },
    losses: tasks.map(({ head, loss }) => ({ ...loss, head: head.task })),
    schedule: { kind: "constant", peak: 0.02 },
    batchSize: 16,
    epochs: 60,
    averageDecay: 0,
    validation: { select: tasks.map(({ select }) => select), every: 20 },
  };
  await writeFile(join(folder, "drawn.json"), JSON.stringify(config));
  const trained = await ok("train", "drawn.json");
  for (const { select } of tasks) expect(trained.stderr).toContain(select);
  await ok("export", "drawn.json", "--sees", "picture", "--out", "model");

  const manifest = headManifestSchema.parse(JSON.parse(await readFile(join(folder, "model", "drawn.json"), "utf8")));
  expect(manifest.outputs.map(({ task, kind, labels }) => ({ task, kind, labels }))).toEqual(
    tasks.map(({ head }) => ({ task: head.task, kind: head.kind, labels: "labels" in head ? head.labels : [] })),
  );
  expect(manifest.outputs[3]).toMatchObject({ interval: { level: 0.8 }, minimum: 1, maximum: 10, unit: "points" });

  await ok(
    "evaluate",
    "--data",
    "data",
    "--split",
    "validation",
    "--model",
    "model",
    "--replicates",
    "50",
    "--out",
    "report.json",
    "--html",
    "report.html",
  );
  const report = evaluationReportSchema.parse(JSON.parse(await readFile(join(folder, "report.json"), "utf8")));
  expect(Object.keys(report.tasks)).toEqual(["shade", "tints: blue", "tints: green", "step", "redness"]);
  expect(report.tasks["shade"]).toMatchObject({
    kind: "classes",
    labels: ["dark", "light"],
    n: 40,
    baseline: { accuracy: expect.any(Number) },
  });
  expect(report.tasks["shade"]!.accuracy).toBeGreaterThan(report.tasks["shade"]!.baseline.accuracy);
  expect(report.tasks["tints: blue"]!.accuracy).toBeGreaterThan(0.8);
  expect(report.tasks["step"]!.oneOffAccuracy).toBeGreaterThanOrEqual(report.tasks["step"]!.accuracy!);
  const number = report.tasks["redness"]!;
  expect(number).toMatchObject({ kind: "number", unit: "points", intervals: { meanAbsoluteError: { low: expect.any(Number) } } });
  expect(number.meanAbsoluteError).toBeLessThan(number.baseline.meanAbsoluteError!);
  // The interval was fitted on these very faces.
  expect(number.intervalCoverage).toBeGreaterThan(0.75);
  expect(await readFile(join(folder, "report.html"), "utf8")).toContain("Metrics of redness");

  const names = tasks.map(({ head }) => head.task).join(",");
  const { stdout } = await ok(
    "analyze",
    "0.png",
    "1.png",
    "2.png",
    "4.png",
    "5.png",
    "7.png",
    "--model",
    "model",
    "--tasks",
    names,
    "--format",
    "jsonl",
  );
  const analyses: FaceAnalysis[] = stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  const truth = (await readFile(join(folder, "labels.csv"), "utf8"))
    .split("\n")
    .slice(1)
    .map((row) => row.split(","));
  const right = analyses.map(({ source, attributes = {} }) => {
    const row = truth.find(([file]) => file === source)!;
    const { shade, tints, redness } = attributes;
    return [
      shade !== undefined && "label" in shade && shade.label === row[1],
      tints !== undefined && "labels" in tints && (tints.labels.toSorted().join(";") || "none") === row[2]!.split(";").toSorted().join(";"),
      redness !== undefined && "value" in redness && Math.abs(redness.value - Number(row[3])) < 2,
    ];
  });
  expect(analyses.every(({ faces }) => faces.length === 0)).toBe(true);
  expect(right.flat().filter(Boolean).length).toBeGreaterThanOrEqual(15);
});

test("the commands for datasets know such labels", { timeout: 120_000 }, async () => {
  await ok("dataset", "import", "csv", "labels.csv", "--task", "shade,redness", "--kind", "classes,number", "--out", "other");
  await ok("dataset", "duplicates", "other");
  await ok("dataset", "split", "other", "--folds", "3");
  expect((await ok("dataset", "doubt", "other", "--task", "shade", "--features", "gradients")).stdout).toContain("120 labels judged");
  await ok("dataset", "report", "other", "--out", "other.html");
  const page = await readFile(join(folder, "other.html"), "utf8");
  for (const words of ["Faces by shade", "Numbers", "Most doubtful labels"]) expect(page).toContain(words);
  expect((await ok("dataset", "doubt", "other", "--task", "redness", "--features", "gradients")).stdout).toContain("120 labels judged");
  const refused = await run(["dataset", "doubt", "other", "--task", "tints"], { cwd: folder });
  expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining('shade, redness, got "tints"') });
});

describe("a configuration that contradicts itself is refused", () => {
  const base = {
    name: "odd",
    data: [{ path: "data" }],
    picture: { side, colour: "rgb" },
    schedule: { kind: "constant", peak: 0.02 },
    epochs: 1,
    validation: { select: ["shade.accuracy"] },
  };
  const shade = { task: "shade", kind: "classes", labels: ["dark", "light"], layers: [{ layer: "dense", features: 2 }] };
  const loss = { kind: "crossEntropy", head: "shade", target: { kind: "class" } };
  const backbone = [{ layer: "globalPool" }];
  test.each<[string, object, RegExp]>([
    ["a head without a kind", { network: { backbone, heads: [{ ...shade, kind: undefined }] }, losses: [loss] }, /"kind" must say/],
    [
      "labels of a built-in task",
      { network: { backbone, heads: [{ ...shade, task: "mood" }] }, losses: [{ ...loss, head: "mood" }] },
      /built in/,
    ],
    [
      "a target of another kind",
      { network: { backbone, heads: [shade] }, losses: [{ ...loss, kind: "binary", target: { kind: "tags" } }] },
      /takes class, not tags/,
    ],
    [
      "a metric of another kind",
      { network: { backbone, heads: [shade] }, losses: [loss], validation: { select: ["shade.oneOffAccuracy"] } },
      /no head gives/,
    ],
    [
      "a head of another width",
      { network: { backbone, heads: [{ ...shade, layers: [{ layer: "dense", features: 3 }] }] }, losses: [loss] },
      /ends in 3 numbers/,
    ],
    [
      "labels that the data do not have",
      { network: { backbone, heads: [{ ...shade, labels: ["a", "b"] }] }, losses: [loss] },
      /no face has a label|does not give|select/,
    ],
  ])("%s", async (_, change, message) => {
    await mkdir(join(folder, "odd"), { recursive: true });
    await writeFile(join(folder, "odd.json"), JSON.stringify({ ...base, ...change }));
    const { stderr, code } = await run(["train", "odd.json", "--out", join("odd", String(Math.abs(message.source.length)))], {
      cwd: folder,
    });
    expect(code).not.toBe(0);
    expect(stderr).toMatch(message);
    expect(stderr).toContain("TF_CONFIG_INVALID");
  });
});
