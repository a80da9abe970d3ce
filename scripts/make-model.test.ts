import { spawnSync } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import own from "../recipes/age-gender-own.ts";
import ownAgain from "../recipes/age-gender-own-again.ts";
import own64 from "../recipes/age-gender-own-64.ts";
import own96 from "../recipes/age-gender-own-96.ts";
import withoutResearch from "../recipes/age-gender-photographs-open.ts";
import again from "../recipes/mood-three-sets-again.ts";
import again64 from "../recipes/mood-three-sets-again-64.ts";
import both from "../recipes/mood-three-sets-both.ts";
import both64 from "../recipes/mood-three-sets-both-64.ts";
import photographs from "../recipes/age-gender-photographs.ts";
import withoutUtkface from "../recipes/age-gender-fairface.ts";
import { importDataset } from "../src/datasets/import/import.node.ts";
import { encode } from "../src/image/encode.node.ts";
import { filledImage } from "../src/image/index.ts";
import { parseTrainingConfig } from "../src/train/config.ts";
import { allowImportAgain } from "./steps.ts";

const run = (...args: readonly string[]): { readonly status: number | null; readonly stderr: string } =>
  spawnSync(process.execPath, ["scripts/make-model.ts", ...args], { encoding: "utf8" });

test("a model comes from raw data in steps that this command names", () => {
  const { status, stderr } = run("mood", "--dry");
  expect(status).toBe(0);
  const steps = stderr.split("\n").filter((line) => line.startsWith("> node "));
  const expected = [
    "face-trunk.ts --blocks 12 --grey",
    "train recipes/mood.ts --resume",
    "export recipes/mood.ts",
    "fit-scaling.ts --model .runs/mood/mood-4-draft.json",
    "--scaling .runs/mood/scaling-mood.json",
    "write-reports.ts mood-",
  ];
  expect(expected.filter((part) => !steps.some((step) => step.includes(part)))).toEqual([]);
});

test("a table says who made it, its faces are cut as serving cuts them, and a network of the repository begins the training", () => {
  const { status, stderr } = run("mood-photographs", "--dry");
  expect(status).toBe(0);
  expectInOrder(stderr, [
    "head-weights.ts recipes/initial/mood-4.json --colour",
    "--model recipes/initial/mood-4.json --flip --predictions .runs/teacher/mood-4-fer2013.jsonl",
    "train recipes/mood-photographs.ts --resume",
    "average-weights.ts recipes/mood-photographs.ts --share 0.4",
    "--weights .runs/mood-photographs/averaged.safetensors",
    "--crop-of fer2013",
    "fer2013:PublicTest:crop:2 rafdb:validation:crop:1 expw:validation:photo:1",
    "write-reports.ts mood-5 --data fer2013,rafdb,expw",
  ]);
});

test("age intervals are fitted on the sets with exact ages, into the model that was written", () => {
  const { status, stderr } = run("age-gender-five-sets", "--dry");
  expect(status).toBe(0);
  expectInOrder(stderr, [
    "--id age-gender-7 --out models",
    "fit-intervals.ts models/age-gender-7.json utkface appareal allagefaces",
    "write-reports.ts",
  ]);
});

test("a recipe that goes on from another is trained after it, and both are told of", () => {
  const { status, stderr } = run("mood-three-sets", "--dry");
  expect(status).toBe(0);
  expectInOrder(stderr, [
    "face-trunk.ts --blocks 12",
    "train recipes/mood-three-sets-64.ts --resume",
    "train recipes/mood-three-sets.ts --resume",
    "write-reports.ts mood-6 --data fer2013,rafdb,expw",
  ]);
  expect(stderr).not.toContain("mood-4");
});

test.each([
  ["mood-photographs", "head-weights.ts"],
  ["mood", "face-trunk.ts"],
])("--prepare stops before the first training of %s, a teacher's too", (name, made) => {
  const { status, stderr } = run(name, "--dry", "--prepare");
  expect(status).toBe(0);
  expect(stderr).toContain(made);
  expect(stderr).not.toContain("train recipes");
});

test("--dry makes nothing, not even a folder", async () => {
  const folder = await mkdtemp(join(tmpdir(), "tensorface-dry-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const { status } = spawnSync(process.execPath, [resolve("scripts/make-model.ts"), "mood", "--dry"], { cwd: folder });
  expect(status).toBe(0);
  expect(await readdir(folder)).toEqual([]);
});

test("a teacher is trained and asked before the model that learns from it", () => {
  const { status, stderr } = run("age-gender", "--dry");
  expect(status).toBe(0);
  expectInOrder(stderr, [
    "train recipes/age-gender-scratch.ts",
    "age-gender-scratch-fairface.jsonl",
    "age-gender-scratch-utkface.jsonl",
    "train recipes/age-gender-first.ts",
    "age-gender-first-utkface.jsonl",
    "train recipes/age-gender.ts",
  ]);
});

test("a stage says what it sees of the training faces before the next learns that", () => {
  const { status, stderr } = run("mood-three-sets-taught", "--dry", "--threads", "1");
  expect(status).toBe(0);
  expectInOrder(stderr, [
    "train recipes/mood-three-sets-more-64.ts --resume --threads 1",
    "export recipes/mood-three-sets-more-64.ts --id mood-three-sets-more-64",
    "--crop-of fer2013 --out .runs/teacher",
    "--flip --predictions .runs/teacher/mood-three-sets-more-64-fer2013.jsonl",
    "--flip --predictions .runs/teacher/mood-three-sets-more-64-rafdb.jsonl",
    "train recipes/mood-three-sets-taught.ts --resume --threads 1",
    "write-reports.ts mood-8",
  ]);
  expect(stderr).not.toContain("mood-three-sets-more-64-expw");
});

test("a stage that learnt from the answers of one before it gives answers in its turn", () => {
  const { status, stderr } = run("mood-three-sets-settled", "--dry");
  expect(status).toBe(0);
  expectInOrder(stderr, [
    "--predictions .runs/teacher/mood-three-sets-more-64-rafdb.jsonl",
    "train recipes/mood-three-sets-taught.ts --resume",
    "train recipes/mood-three-sets-falling-64.ts --resume",
    "--predictions .runs/teacher/mood-three-sets-falling-64-rafdb.jsonl",
    "train recipes/mood-three-sets-settled.ts --resume",
  ]);
});

test("moods begin at the public trunk again, and are taught by all that is said of the three sets, ExpW's faces as they are cut", () => {
  const { status, stderr } = run("mood-three-sets-again", "--dry");
  expect(status).toBe(0);
  expectInOrder(stderr, [
    "train recipes/mood-three-sets-settled.ts --resume",
    ...["fer2013", "rafdb", "expw-found"].map((name) => `--predictions .runs/teacher/mood-three-sets-settled-${name}.jsonl`),
    "train recipes/mood-three-sets-again-64.ts --resume",
    "train recipes/mood-three-sets-again.ts --resume",
    "write-reports.ts mood-10",
  ]);
  const [first, last] = [again64, again].map((recipe) => parseTrainingConfig(recipe, "recipe"));
  expect([first!.picture?.side, last!.picture?.side]).toEqual([64, 96]);
  expect(first!.initial?.weights).toBe(".cache/initial/face-trunk.safetensors");
});

test("moods go on from the public trunk's first part, taught in equal parts by both networks before", () => {
  const { status, stderr } = run("mood-three-sets-both", "--dry");
  expect(status).toBe(0);
  expectInOrder(stderr, [
    ...["fer2013", "rafdb", "expw-found"].map((name) => `--predictions .runs/teacher/mood-three-sets-settled-${name}.jsonl`),
    "train recipes/mood-three-sets-again-64.ts --resume",
    "train recipes/mood-three-sets-again.ts --resume",
    ...["fer2013", "rafdb", "expw-found"].map((name) => `--predictions .runs/teacher/mood-three-sets-again-${name}.jsonl`),
    "train recipes/mood-three-sets-both-64.ts --resume",
    "train recipes/mood-three-sets-both.ts --resume",
    "write-reports.ts mood-11",
  ]);
  expect(stderr.split("train recipes/mood-three-sets-again-64.ts")).toHaveLength(2);
  for (const recipe of [both64, both]) {
    const { losses } = parseTrainingConfig(recipe, "recipe");
    const taught = losses.flatMap((loss) => (loss.kind === "distillation" ? [{ by: loss.teacher.model, scale: loss.scale }] : []));
    expect(taught).toEqual([
      { by: "mood-three-sets-settled", scale: 0.25 },
      { by: "mood-three-sets-again", scale: 0.25 },
    ]);
  }
});

test("ages and genders are made from the public trunk alone, at more pixels from stage to stage", () => {
  const { status, stderr } = run("age-gender-own", "--dry");
  expect(status).toBe(0);
  expectInOrder(stderr, [
    "face-trunk.ts --blocks 13",
    "train recipes/age-gender-own-64.ts --resume",
    "train recipes/age-gender-own-96.ts --resume",
    "train recipes/age-gender-own.ts --resume",
    "write-reports.ts age-gender-8",
  ]);
  expect(stderr).not.toContain("head-weights");
  const sides = [own64, own96, own].map((recipe) => parseTrainingConfig(recipe, "recipe").picture?.side);
  expect(sides).toEqual([64, 96, 128]);
});

test("the network made at 128 pixels says what it sees of every training face before it is taught by that", () => {
  const { status, stderr } = run("age-gender-own-taught", "--dry");
  expect(status).toBe(0);
  expectInOrder(stderr, [
    "train recipes/age-gender-own.ts --resume",
    "export recipes/age-gender-own.ts --id age-gender-own",
    ...["fairface", "utkface", "appareal", "allagefaces", "fairface-men"].map(
      (name) => `--predictions .runs/teacher/age-gender-own-${name}.jsonl`,
    ),
    "train recipes/age-gender-own-taught.ts --resume",
    "write-reports.ts age-gender-9",
  ]);
});

test("a recipe that begins again at the public trunk is taught by the last of the networks before it, which are made first", () => {
  const { status, stderr } = run("age-gender-own-again", "--dry");
  expect(status).toBe(0);
  expectInOrder(stderr, [
    "face-trunk.ts --blocks 13",
    "train recipes/age-gender-own.ts --resume",
    "train recipes/age-gender-own-taught.ts --resume",
    ...["fairface", "utkface", "appareal", "allagefaces", "fairface-men"].map(
      (name) => `--predictions .runs/teacher/age-gender-own-taught-${name}.jsonl`,
    ),
    "train recipes/age-gender-own-again.ts --resume",
    "write-reports.ts age-gender-10",
  ]);
  const config = parseTrainingConfig(ownAgain, "recipe");
  expect(config.initial).toMatchObject({ weights: ".cache/initial/face-trunk.safetensors" });
  const taught = config.losses.filter((loss) => loss.kind === "distillation");
  expect(taught.map(({ head, teacher }) => [head, teacher.model])).toEqual([
    ["age", "age-gender-own-taught"],
    ["gender", "age-gender-own-taught"],
  ]);
});

test("the model without UTKFace never sees it, nor a teacher that did", () => {
  const { status, stderr } = run("age-gender-fairface", "--dry");
  expect(status).toBe(0);
  expect(stderr).toContain("train recipes/age-gender-fairface.ts");
  expect(stderr).not.toMatch(/utkface|scratch/);
  const config = parseTrainingConfig(withoutUtkface, "recipe");
  expect(config.data.map(({ path }) => path)).toEqual([".data/imported/fairface"]);
  expect(config.losses.map(({ kind, head }) => `${kind} ${head}`)).toEqual(["mass age", "crossEntropy gender"]);
});

test("the recipe of five sets has a variant without pictures for research alone", () => {
  const { status, stderr } = run("age-gender-photographs-open", "--dry");
  expect(status).toBe(0);
  expect(stderr).toContain("train recipes/age-gender-photographs-open.ts");
  expect(stderr).not.toMatch(/imported\/(?:utkface|appareal|allagefaces)/);
  const config = parseTrainingConfig(withoutResearch, "recipe");
  expect(config.data.map(({ path }) => path)).toEqual([".data/imported/fairface", ".data/imported/fairface-men"]);
  expect(config.losses.map(({ kind, head }) => `${kind} ${head}`)).toEqual(["mass age", "crossEntropy gender"]);
  expect(parseTrainingConfig(photographs, "recipe").data).toHaveLength(5);
});

test.each([
  ["mood-photographs", "mood-own-open"],
  ["age-gender-photographs", "age-gender-photographs-open"],
  ["age-gender-own", "age-gender-own-open"],
  ["age-gender-own-taught", "age-gender-own-open"],
  ["age-gender-own-again", "age-gender-own-open"],
  ["age-gender-five-sets", "age-gender-own-open"],
  ["mood-three-sets-settled", "mood-own-open"],
  ["mood-three-sets-again", "mood-own-open"],
  ["mood-three-sets-both", "mood-own-open"],
  ["mood", "mood"],
])("--open makes %s without pictures for research alone: %s", (asked, made) => {
  const { status, stderr } = run(asked, "--open", "--dry");
  expect(status).toBe(0);
  expect(stderr).toContain(`train recipes/${made}.ts`);
  expect(stderr).not.toMatch(/\.data\/(?:imported\/)?(?:rafdb|expw|utkface|appareal|allagefaces)/);
});

test("an unknown recipe is wrong use and the known ones are named", () => {
  const { status, stderr } = run("height");
  expect(status).toBe(2);
  expect(stderr).toContain(
    "age-gender|age-gender-fairface|age-gender-five-sets|age-gender-photographs|age-gender-photographs-open|age-gender-own|age-gender-own-taught|age-gender-own-again|age-gender-own-open|mood",
  );
});

test("an import whose duplicates were sorted before the stop is made again, one that was stopped goes on", async () => {
  const root = await mkdtemp(join(tmpdir(), "tensorface-make-model-"));
  onTestFinished(() => rm(root, { recursive: true, force: true }));
  const [source, out] = [join(root, "utkface"), join(root, "imported.new")];
  await mkdir(source);
  await writeFile(join(source, "30_0_0_20170101000000000.jpg.chip.png"), await encode(filledImage(8, 8, [9, 9, 9]), { format: "png" }));
  await importDataset("utkface", source, out);
  const manifest = join(out, "manifest.jsonl");
  const before = await readFile(manifest, "utf8");
  await writeFile(manifest, before.replace('"train"', '"validation"').replace('"source"', '"group":"g1","source"'));
  await expect(importDataset("utkface", source, out)).rejects.toMatchObject({ code: "TF_DATASET_CONFLICT" });
  allowImportAgain(out);
  await importDataset("utkface", source, out);
  expect(await readFile(manifest, "utf8")).toBe(before);
  await rm(join(out, "dataset.json"));
  allowImportAgain(out);
  expect(await readFile(manifest, "utf8")).toBe(before);
});

/** Every part is said, and each after the one before it. */
function expectInOrder(text: string, parts: readonly string[]): void {
  const order = parts.map((part) => text.indexOf(part));
  expect(order).not.toContain(-1);
  expect(order).toEqual(order.toSorted((a, b) => a - b));
}
