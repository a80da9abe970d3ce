/**
 * How long `dataset clean` takes from pictures to the queue, and how much memory, at several sizes:
 *
 *     npm run bench -- clean DIR --task gender --counts 250,1000
 *
 * DIR is an imported dataset; its first records are copied into folders of their own, of which nothing was computed before. Beside the clock stand
 * the processor's seconds: with a busy machine the clock says little.
 */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { z } from "zod";
import { openDataset } from "../src/datasets/dataset.node.ts";
import { mebibytes, runToEnd } from "./measured-command.ts";
import { anyText, numberList, readWords } from "../scripts/words.ts";

const { values, operands } = readWords(
  "npm run bench -- clean",
  { task: anyText(), counts: numberList([250, 1000]), features: anyText() },
  { operands: ["DIR"] },
);
const directory = operands[0]!;

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
