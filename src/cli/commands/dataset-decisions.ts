import type { ArgsDef } from "citty";
import { realpath } from "node:fs/promises";
import { join } from "node:path";
import { TensorFaceError } from "../../core/index.ts";
import { openDataset } from "../../datasets/dataset.node.ts";
import { lockFile } from "../../files/file-lock.node.ts";
import { pathKind, writeFileAtomically } from "../../files/files.node.ts";
import {
  cleanManifestFile,
  decisionsFile,
  readDecisions,
  removeCleanManifest,
  writeCleanManifest,
} from "../../datasets/review/decisions.node.ts";
import { mergeDecisions } from "../../datasets/review/index.ts";
import { type Command, defineCommand, usageError } from "../command.ts";
import { requireDirectory } from "../dataset/operands.ts";
import { sayNext } from "../dataset/terminal.ts";

const mergeArgs = {
  out: { type: "string", alias: "o", valueHint: "FILE", description: "the merged file (required)" },
} as const satisfies ArgsDef;

/** Keeps the work of a reviewer whose file is not merged. @throws {TF_DATASET_CONFLICT} when `out` is a file that is not among `inputs` */
async function checkMergeOutput(out: string, inputs: readonly string[]): Promise<void> {
  if ((await pathKind(out)) !== "file") return;
  const paths = await Promise.all(inputs.map((input) => realpath(input)));
  if (paths.includes(await realpath(out))) return;
  throw new TensorFaceError("TF_DATASET_CONFLICT", `"${out}" is there already, and is not among the files to merge`, {
    hint: "Choose another name, or name the file as an input too, so that its decisions are kept.",
  });
}

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
    // A review that goes on would write into a file that is no longer there.
    await using _lock = await lockFile(args.out);
    const { decisions, conflicts } = mergeDecisions(await Promise.all(args._.map(readDecisions)));
    await checkMergeOutput(args.out, args._);
    await writeFileAtomically(args.out, decisions.map((decision) => `${JSON.stringify(decision)}\n`).join(""));
    process.stdout.write(
      `${decisions.length} decisions from ${args._.length} files, ${conflicts.length} faces on which reviewers disagree\n`,
    );
    for (const { id, task, decisions: said } of conflicts) {
      const words = said.map((decision) => `${decision.reviewer}: ${decision.action === "relabel" ? decision.label : decision.action}`);
      process.stdout.write(`  ${id} (${task}): ${words.join(", ")}\n`);
    }
  },
});

const applyArgs = {
  decisions: { type: "string", valueHint: "FILE", description: `which decisions (default: ${decisionsFile} in DIR)` },
  undo: { type: "boolean", description: "remove the cleaned manifest: the dataset is as it was imported" },
} as const satisfies ArgsDef;

/** The decisions that a review of the dataset made. @throws {TF_INPUT_NOT_FOUND} when there was none */
async function requireReview(directory: string): Promise<string> {
  const path = join(directory, decisionsFile);
  if ((await pathKind(path)) !== "none") return path;
  throw new TensorFaceError("TF_INPUT_NOT_FOUND", `"${path}" does not exist: the labels were not reviewed`, {
    hint: "Run `tensorface dataset review` first, or name a file with --decisions.",
  });
}

export const datasetApplyCommand: Command = defineCommand({
  meta: { name: "apply", description: `Write ${cleanManifestFile}: the manifest after the decisions; the original stays.` },
  args: applyArgs,
  help: { operands: "DIR" },
  run: async ({ args }) => {
    const dataset = await openDataset(requireDirectory("apply", args._));
    if (args.undo === true) {
      await removeCleanManifest(dataset);
      process.stdout.write("the decisions are no longer applied\n");
      return;
    }
    const decisions = await readDecisions(args.decisions ?? (await requireReview(dataset.directory)));
    const { kept, dropped, relabelled, unknown } = await writeCleanManifest(dataset, decisions);
    process.stdout.write(`${kept} faces kept (${relabelled} with a new label), ${dropped} dropped\n`);
    if (unknown > 0) process.stderr.write(`${unknown} decisions are about faces that the manifest does not have\n`);
    process.stdout.write(`written to ${join(dataset.directory, cleanManifestFile)}\n`);
    sayNext(["dataset", "report", dataset.directory, "--out", "report.html"]);
  },
});
