import type { ArgsDef } from "citty";
import { openDataset } from "../../datasets/dataset.node.ts";
import { exportDataset } from "../../datasets/export/export.node.ts";
import { describeExport, exportFormats } from "../../datasets/export/index.ts";
import { splits } from "../../datasets/index.ts";
import { type Command, defineCommand, usageError } from "../command.ts";
import { requireDirectory } from "../dataset/operands.ts";
import { withProgress } from "../dataset/terminal.ts";
import { quoted } from "../../report/index.ts";

const exportArgs = {
  format: { type: "enum", options: [...exportFormats], description: "the layout to write (required)" },
  out: { type: "string", alias: "o", valueHint: "PATH", description: "the folder to write, not there or empty (required)" },
  split: { type: "enum", options: [...splits], description: "one split alone (default: all)" },
  task: { type: "string", valueHint: "NAME", description: "the labels of one task alone, and the faces that have one (default: all)" },
  predictions: {
    type: "string",
    valueHint: "FILE",
    description: "label-studio: what `analyze --format jsonl` told of the pictures, as predictions beside the labels (default: none)",
  },
  link: { type: "boolean", description: "point at the pictures by symbolic links instead of copying them" },
} as const satisfies ArgsDef;

export const datasetExportCommand: Command = defineCommand({
  meta: { name: "export", description: "Write a dataset with its pictures in another layout, as the applied decisions left it." },
  args: exportArgs,
  help: {
    operands: "DIR --format FORMAT --out PATH",
    examples: [
      ["tensorface dataset export data/mine --format csv --out mine-csv", "labels.csv beside the pictures; `dataset import csv` reads it"],
      ["tensorface dataset export data/mine --format folders --task mood --out moods", "class folders: moods/train/happy/1.jpg"],
      ["tensorface dataset export data/mine --format coco --task gender --out mine-coco", "mine-coco/annotations/instances_train.json"],
      ["tensorface dataset export data/mine --format imagefolder --out mine-hf", "for load_dataset of Hugging Face"],
      [
        "tensorface dataset export data/mine --format label-studio --predictions told.jsonl --out mine-ls",
        "what networks told stands beside what people say",
      ],
    ],
    notes: [
      "jsonl and parquet are datasets that stand by themselves: every command opens them, and no field is lost. Other layouts hold no groups and folds, class folders no mood votes and deviations of guessed ages either; class folders and COCO hold one task, and in COCO a face's box is its whole picture. `dataset import` reads each of them again and needs to be told nothing.",
      "The folder appears when it is whole. An export replaces nothing.",
    ],
  },
  run: async ({ args, rawArgs }) => {
    const directory = requireDirectory("export", args._);
    const { format, out, split, task, predictions, link } = args;
    if (format === undefined) throw usageError("dataset export needs --format", `It is one of ${exportFormats.join(", ")}.`);
    if (out === undefined) throw usageError("dataset export needs --out PATH", "The dataset is written there.");
    const dataset = await openDataset(directory);
    const command = ["tensorface", "dataset", "export", ...rawArgs].map(quoted).join(" ");
    const summary = await withProgress(
      (onProgress, signal) => exportDataset(dataset, format, out, { split, task, predictions, link, command, onProgress, signal }),
      "stopping: nothing is written",
    );
    process.stdout.write(describeExport(summary, out));
  },
});
