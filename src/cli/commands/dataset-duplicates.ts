import type { ArgsDef } from "citty";
import { openDataset } from "../../datasets/dataset.node.ts";
import { markDuplicates } from "../../datasets/duplicates.node.ts";
import { describeDuplicates } from "../../datasets/index.ts";
import { renderDuplicatePage } from "../../datasets/report/duplicate-page.node.ts";
import { writeFileAtomically } from "../../files/files.node.ts";
import { type Command, defineCommand } from "../command.ts";
import { keepArg, keepNote } from "../dataset/keep.ts";
import { requireDirectory } from "../dataset/operands.ts";
import { sayNext, withProgress } from "../dataset/terminal.ts";

const duplicateArgs = {
  keep: keepArg,
  out: { type: "string", alias: "o", valueHint: "FILE.html", description: "also write a page that shows the copies side by side" },
} as const satisfies ArgsDef;

export const datasetDuplicatesCommand: Command = defineCommand({
  meta: { name: "duplicates", description: "Find exact and near copies of pictures, group them, and keep each group in one split." },
  args: duplicateArgs,
  help: {
    operands: "DIR",
    examples: [
      ["tensorface dataset duplicates data/utkface --out duplicates.html", "with a page to look at them"],
      ["tensorface dataset duplicates data/mine --keep before.jsonl", "after more rows: before.jsonl is the old manifest"],
    ],
    notes: ["Pairs go to duplicates.jsonl, groups into the manifest. Mirrored and turned copies are not looked for.", keepNote],
  },
  run: async ({ args }) => {
    const dataset = await openDataset(requireDirectory("duplicates", args._));
    const outcome = await withProgress((onProgress, signal) => markDuplicates(dataset, { keep: args.keep, onProgress, signal }));
    process.stdout.write(describeDuplicates(outcome));
    if (args.out !== undefined) {
      await writeFileAtomically(args.out, await renderDuplicatePage(dataset, outcome.records, outcome.pairs));
      process.stdout.write(`written to ${args.out}\n`);
    }
    sayNext(["dataset", "faces", dataset.directory]);
  },
});
