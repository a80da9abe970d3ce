/**
 * How long `dataset clean` takes from pictures to the queue, and how much memory, at several sizes:
 *
 *     npm run bench -- clean DIR... --task gender --counts 250,1000
 *
 *     npm run bench -- clean .data/imported/fer2013 .data/imported/rafdb .data/imported/expw --task mood --counts 6000,40000
 *     npm run bench -- clean .cache/clean-photographs --photographs --task gender --counts 250,3000
 *
 * DIR are imported datasets. Of all together as many records as are asked for are drawn by chance, so that each size has the same mixture, and listed in
 * a folder of their own, of which nothing was computed before. By default networks that learnt from these faces are left out, as `dataset clean` does;
 * `--features` names others. With `--photographs` the only DIR is
 * made first: of faces of the training parts of the imported FairFace and UTKFace, each in a wide picture of its own, as many of each age group and
 * gender. Beside the clock stand the processor's seconds: with a busy machine the clock says little.
 */
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join, parse, relative, resolve } from "node:path";
import { createRandom, fairFaceAgeGroups, genders, shuffled } from "../src/core/index.ts";
import type { FaceRecord } from "../src/datasets/index.ts";
import { openDataset } from "../src/datasets/dataset.node.ts";
import { importDataset } from "../src/datasets/import/import.node.ts";
import { mebibytes, runToEnd } from "./measured-command.ts";
import { makePhotographs } from "./photographs/pictures.ts";
import { anyText, flag, numberList, readWords } from "../scripts/words.ts";

const { values, operands } = readWords(
  "npm run bench -- clean",
  { task: anyText(), counts: numberList([250, 1000]), features: anyText(), photographs: flag },
  { operands: ["DIR"], more: "DIR" },
);
const directory = operands[0]!;
if (values.photographs && operands.length > 1) throw new Error("--photographs makes one dataset: name one DIR");
/** Faces that are set into photographs, and what part of a picture's side they take from hairline to chin. */
const photographed = [
  { path: ".data/imported/fairface", split: "train", facePart: 0.62 },
  { path: ".data/imported/utkface", split: "train", facePart: 0.75 },
];

/** Above all pictures, wherever the datasets lie. */
const topFolder = parse(resolve(".")).root;

if (values.photographs) await importPhotographs(Math.max(...values.counts));
const lines = shuffled((await Promise.all(operands.map(rootedRecords))).flat(), createRandom(1)).map((record) => JSON.stringify(record));
const { info } = await openDataset(directory);
const description: unknown = JSON.parse(await readFile(join(directory, "dataset.json"), "utf8"));

for (const count of values.counts) {
  const folder = await mkdtemp(join(tmpdir(), "clean-time-"));
  try {
    await writeFile(join(folder, info.manifest), `${lines.slice(0, count).join("\n")}\n`);
    await writeFile(join(folder, "dataset.json"), JSON.stringify(Object.assign({}, description, { root: topFolder })));
    const task = values.task === undefined ? [] : ["--task", values.task];
    const features = values.features === undefined ? [] : ["--features", values.features];
    const run = await runToEnd(["dataset", "clean", folder, "--no-review", ...task, ...features]);
    const pictures = Math.min(count, lines.length);
    const each = (seconds: number): string => ((1000 * seconds) / pictures).toFixed(1);
    console.log(
      `${pictures} pictures: ${run.seconds.toFixed(1)} s (${each(run.seconds)} ms each), processor ${run.processorSeconds.toFixed(1)} s (${each(run.processorSeconds)} ms each), peak ${mebibytes(run.peakBytes)}`,
    );
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** All records of a dataset, with their files as seen from the top folder. */
async function rootedRecords(folder: string): Promise<FaceRecord[]> {
  const dataset = await openDataset(folder);
  const records = await Array.fromAsync(dataset.records());
  return records.map((record) => Object.assign({}, record, { file: relative(topFolder, resolve(dataset.picturePath(record))) }));
}

/** Makes at least so many photographs, those that are not there yet, and imports them as the dataset. */
async function importPhotographs(count: number): Promise<void> {
  const perCell = Math.ceil(count / (fairFaceAgeGroups.length * genders.length));
  const folder = join(directory, "photographs");
  await mkdir(folder, { recursive: true });
  const made = await makePhotographs({ sources: photographed, perCell, seed: 1, folder });
  const table = join(folder, "labels.csv");
  await writeFile(table, `file,gender\n${made.map(({ path, gender }) => `${basename(path)},${gender}\n`).join("")}`);
  await importDataset("csv", table, directory, { name: "photographs" });
}
