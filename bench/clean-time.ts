/**
 * How long `dataset clean` takes from pictures to the queue, and how much memory, at several sizes:
 *
 *     npm run bench -- clean DIR --task gender --counts 250,1000
 *
 *     npm run bench -- clean .cache/clean-photographs --photographs --task gender --counts 250,3000
 *
 * DIR is an imported dataset; its first records are copied into folders of their own, of which nothing was computed before. With `--photographs` it is
 * made first: of faces of the training parts of the imported FairFace and UTKFace, each in a wide picture of its own, as many of each age group and
 * gender. Beside the clock stand the processor's seconds: with a busy machine the clock says little.
 */
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { z } from "zod";
import { fairFaceAgeGroups, genders } from "../src/core/index.ts";
import { openDataset } from "../src/datasets/dataset.node.ts";
import { importDataset } from "../src/datasets/import/import.node.ts";
import { mebibytes, runToEnd } from "./measured-command.ts";
import { makePhotographs } from "./photographs/pictures.ts";
import { anyText, flag, numberList, readWords } from "../scripts/words.ts";

const { values, operands } = readWords(
  "npm run bench -- clean",
  { task: anyText(), counts: numberList([250, 1000]), features: anyText(), photographs: flag },
  { operands: ["DIR"] },
);
const directory = operands[0]!;
/** Faces that are set into photographs, and what part of a picture's side they take from hairline to chin. */
const photographed = [
  { path: ".data/imported/fairface", split: "train", facePart: 0.62 },
  { path: ".data/imported/utkface", split: "train", facePart: 0.75 },
];

if (values.photographs) await importPhotographs(Math.max(...values.counts));
const dataset = await openDataset(directory);
const all = (await Array.fromAsync(dataset.records())).map((record) => JSON.stringify(record));
const description: unknown = JSON.parse(await readFile(join(directory, "dataset.json"), "utf8"));
const root = resolve(directory, z.object({ root: z.string() }).parse(description).root);

for (const count of values.counts) {
  const folder = await mkdtemp(join(tmpdir(), "clean-time-"));
  try {
    await writeFile(join(folder, dataset.info.manifest), `${all.slice(0, count).join("\n")}\n`);
    await writeFile(join(folder, "dataset.json"), JSON.stringify(Object.assign({}, description, { root })));
    const task = values.task === undefined ? [] : ["--task", values.task];
    const features = values.features === undefined ? [] : ["--features", values.features];
    const run = await runToEnd(["dataset", "clean", folder, "--no-review", ...task, ...features]);
    const pictures = Math.min(count, all.length);
    const each = (seconds: number): string => ((1000 * seconds) / pictures).toFixed(1);
    console.log(
      `${pictures} pictures: ${run.seconds.toFixed(1)} s (${each(run.seconds)} ms each), processor ${run.processorSeconds.toFixed(1)} s (${each(run.processorSeconds)} ms each), peak ${mebibytes(run.peakBytes)}`,
    );
  } finally {
    await rm(folder, { recursive: true });
  }
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
