import type { ArgsDef } from "citty";
import { openDataset } from "../../datasets/dataset.node.ts";
import { splits, type Suspicion } from "../../datasets/index.ts";
import { writeSuspicions } from "../../datasets/suspicion.node.ts";
import { type Command, defineCommand } from "../command.ts";
import { openInstalledExtractors, readFaceCounts } from "../../predict/index.ts";
import { chooseTask, requireDirectory } from "../dataset/operands.ts";
import { labelledRecords, scoreDataset } from "../../predict/doubt/index.ts";
import { withProgress } from "../dataset/terminal.ts";

const scoreArgs = {
  task: { type: "string", valueHint: "NAME", description: "which labels to judge (default: the only ones there are)" },
  split: { type: "enum", options: [...splits], description: "judge the faces of this split alone (default: all)" },
  features: { type: "string", valueHint: "LIST", description: "networks to describe faces with, or gradients (default: see below)" },
} as const satisfies ArgsDef;

function describe(suspicions: readonly Suspicion[], path: string): string {
  const doubtful = suspicions.filter(({ isConfidentError }) => isConfidentError).length;
  const flagged = suspicions.filter(({ flags }) => flags.length > 0).length;
  return `${suspicions.length} labels judged: confident learning doubts ${doubtful}, ${flagged} are flagged for their picture\nwritten to ${path}\n`;
}

export const datasetScoreCommand: Command = defineCommand({
  meta: { name: "score", description: "Rank labels by how doubtful they are, by confident learning and by the pictures themselves." },
  args: scoreArgs,
  help: {
    operands: "DIR",
    examples: [["tensorface dataset score data/fer2013", "then: tensorface dataset review data/fer2013"]],
    notes: [
      "Every label is judged by a linear head that has not seen it: five folds, on features of a frozen network. By default that is the installed network of this project that tells the task, unless it was trained on these very labels, whose mistakes it would repeat; then the networks of others, and where none is installed, histograms of gradients.",
      "Run `dataset duplicates` and `dataset faces` before, and copies with contradicting labels and pictures without a face stand first too.",
    ],
  },
  run: async ({ args }) => {
    const dataset = await openDataset(requireDirectory("score", args._));
    const task = chooseTask(args.task, dataset.info);
    const records = await labelledRecords(dataset, task, args.split);
    await using opened = await openInstalledExtractors({ dataset, records, task }, args.features);
    process.stderr.write(`features: ${opened.extractors.map(({ name }) => name).join(", ")}\n`);
    const faceCounts = await readFaceCounts(dataset.directory);
    const suspicions = await withProgress((onProgress, signal) =>
      scoreDataset(dataset, records, { task, extractors: opened.extractors, faceCounts, onProgress, signal }),
    );
    process.stdout.write(describe(suspicions, await writeSuspicions(dataset.directory, task, suspicions)));
  },
});
