import type { ArgsDef } from "citty";
import { openDataset } from "../../datasets/dataset.node.ts";
import { describeKept, describeLeaks } from "../../datasets/index.ts";
import { resplitDataset } from "../../datasets/resplit.node.ts";
import { type Command, defineCommand, exitCodes, numberFlag, usageError } from "../command.ts";
import { keepArg, keepNote } from "../dataset/keep.ts";
import { requireDirectory } from "../dataset/operands.ts";

const splitArgs = {
  folds: { type: "string", valueHint: "K", description: "also give every face a cross-validation fold, 0 to K-1" },
  keep: keepArg,
  check: { type: "boolean", description: "change nothing; only say what stands in several splits" },
} as const satisfies ArgsDef;

export const datasetSplitCommand: Command = defineCommand({
  meta: { name: "split", description: "Keep subjects and duplicate groups in one split, make folds, and report what leaks." },
  args: splitArgs,
  help: {
    operands: "DIR",
    examples: [
      ["tensorface dataset split data/utkface --folds 5", "five folds without a subject or a duplicate in two"],
      ["tensorface dataset split data/utkface --check", "exit code 1 when something stands in several splits"],
    ],
    notes: [
      "Official parts stay as they are. Where a face goes is decided by a hash, so data that is added later moves only what it is linked with.",
      keepNote,
    ],
  },
  run: async ({ args }) => {
    if (args.check === true && args.keep !== undefined) throw usageError("--check changes nothing, so --keep does nothing with it");
    const dataset = await openDataset(requireDirectory("split", args._));
    const folds = numberFlag("folds", args.folds, { min: 2, max: 1000, whole: true });
    const { counts, moved, leaks, kept } = await resplitDataset(dataset, { folds, keep: args.keep, dryRun: args.check });
    process.stdout.write(`train ${counts.train}, validation ${counts.validation}, test ${counts.test}; ${moved} moved\n`);
    for (const line of describeKept(kept)) process.stdout.write(`${line}\n`);
    process.stdout.write(describeLeaks(leaks));
    if (args.check === true && leaks.length > 0) process.exitCode ??= exitCodes.failed;
  },
});
