import type { ArgsDef } from "citty";
import { openDataset } from "../../datasets/dataset.node.ts";
import { splits } from "../../datasets/index.ts";
import { writeSuspicions } from "../../datasets/suspicion.node.ts";
import { type Command, defineCommand } from "../command.ts";
import { chooseTask, requireDirectory } from "../dataset/operands.ts";
import { describeDoubt, labelledRecords, rankByDoubt } from "../../predict/doubt/index.ts";
import { sayNext, withProgress } from "../dataset/terminal.ts";

const doubtArgs = {
  task: { type: "string", valueHint: "NAME", description: "which labels to judge (default: the only ones there are)" },
  split: { type: "enum", options: [...splits], description: "judge the faces of this split alone (default: all)" },
  features: { type: "string", valueHint: "LIST", description: "networks to describe faces with, or gradients (default: see below)" },
} as const satisfies ArgsDef;

export const datasetDoubtCommand: Command = defineCommand({
  meta: { name: "doubt", description: "Rank labels by how likely they are wrong." },
  args: doubtArgs,
  help: {
    operands: "DIR",
    examples: [["tensorface dataset doubt data/fer2013", "then: tensorface dataset review data/fer2013"]],
    notes: [
      "Every label is judged by what installed networks see of the face and by the labels of faces like it, five folds, so that nothing that judges a label has seen it. A network that was taught the task on these very faces is left out, since it would repeat their labels. The views are weighed by how well they foretell the labels; ages and ordered groups are judged by distance.",
      "Run `dataset faces` before, and networks are shown the face instead of the whole picture; with `dataset duplicates`, copies with contradicting labels stand first. `dataset clean` does all of it.",
    ],
  },
  run: async ({ args }) => {
    const dataset = await openDataset(requireDirectory("doubt", args._));
    const task = chooseTask(args.task, dataset.info);
    const records = await labelledRecords(dataset, task, args.split);
    const onNetworks = (names: readonly string[]): void => void process.stderr.write(`features: ${names.join(", ")}\n`);
    const ranked = await withProgress((onProgress, signal) =>
      rankByDoubt(dataset, records, { task, networks: args.features, onNetworks, onProgress, signal }),
    );
    const path = await writeSuspicions(dataset.directory, task, ranked.suspicions);
    process.stdout.write(`${describeDoubt(ranked)}\nwritten to ${path}\n`);
    sayNext(["dataset", "review", dataset.directory, "--task", task]);
  },
});
