import type { ArgsDef } from "citty";
import { join } from "node:path";
import { openDataset } from "../../datasets/dataset.node.ts";
import {
  cleanManifestFile,
  decisionsFile,
  readDecisions,
  removeCleanManifest,
  requireDecisions,
  writeCleanManifest,
} from "../../datasets/review/decisions.node.ts";
import { describeApplied, describeUnapplied } from "../../datasets/review/index.ts";
import { describeMerged, mergeDecisionFiles } from "../../datasets/review/merge.node.ts";
import { type Command, defineCommand, usageError } from "../command.ts";
import { requireDirectory } from "../dataset/operands.ts";
import { sayNext } from "../dataset/terminal.ts";

const mergeArgs = {
  out: { type: "string", alias: "o", valueHint: "FILE", description: "the merged file (required)" },
} as const satisfies ArgsDef;

export const datasetMergeCommand: Command = defineCommand({
  meta: { name: "merge-decisions", description: "Merge the decisions of several reviewers, and list where they disagree." },
  args: mergeArgs,
  help: {
    operands: "FILE... --out FILE",
    examples: [["tensorface dataset merge-decisions ada.jsonl grace.jsonl --out decisions.jsonl", "the latest word counts"]],
  },
  run: async ({ args }) => {
    if (args._.length === 0) throw usageError("dataset merge-decisions needs at least one FILE");
    if (args.out === undefined) throw usageError("dataset merge-decisions needs --out FILE");
    process.stdout.write(describeMerged(await mergeDecisionFiles(args._, args.out), args._.length));
  },
});

const applyArgs = {
  decisions: { type: "string", valueHint: "FILE", description: `which decisions (default: ${decisionsFile} in DIR)` },
  undo: { type: "boolean", description: "remove the cleaned manifest: the dataset is as it was imported" },
} as const satisfies ArgsDef;

export const datasetApplyCommand: Command = defineCommand({
  meta: { name: "apply", description: `Write ${cleanManifestFile}: the manifest after the decisions; the original stays.` },
  args: applyArgs,
  help: { operands: "DIR", examples: [["tensorface dataset apply data/mine", "training reads the cleaned labels from now on"]] },
  run: async ({ args }) => {
    const dataset = await openDataset(requireDirectory("apply", args._));
    if (args.undo === true) {
      await removeCleanManifest(dataset);
      process.stdout.write("the decisions are no longer applied\n");
      return;
    }
    const decisions = await readDecisions(args.decisions ?? (await requireDecisions(dataset.directory)));
    const applied = await writeCleanManifest(dataset, decisions);
    process.stdout.write(describeApplied(applied));
    process.stderr.write(describeUnapplied(applied));
    process.stdout.write(`written to ${join(dataset.directory, cleanManifestFile)}\n`);
    sayNext(["dataset", "report", dataset.directory, "--out", "report.html"]);
  },
});
