import { realpath } from "node:fs/promises";
import { counted, TensorFaceError } from "../../core/index.ts";
import { lockFile } from "../../files/file-lock.node.ts";
import { pathKind, writeFileAtomically } from "../../files/files.node.ts";
import { type MergedDecisions, mergeDecisions } from "./decisions.ts";
import { readDecisions } from "./decisions.node.ts";

/**
 * Merges files of decisions into one; it may be one of them.
 * @throws {TF_DATASET_CONFLICT} when `out` is a file that is not among `inputs`
 * @throws {TF_FOLDER_BUSY} when a review has it open
 * @throws the codes of {@link readDecisions}
 */
export async function mergeDecisionFiles(inputs: readonly string[], out: string): Promise<MergedDecisions> {
  // A review that goes on would write into a file that is no longer there.
  await using _lock = await lockFile(out);
  const merged = mergeDecisions(await Promise.all(inputs.map(readDecisions)));
  await checkMergeOutput(out, inputs);
  await writeFileAtomically(out, merged.decisions.map((decision) => `${JSON.stringify(decision)}\n`).join(""));
  return merged;
}

/** What a merge of so many files gave, for people. */
export function describeMerged(merged: MergedDecisions, files: number): string {
  const { decisions, conflicts } = merged;
  return `${counted(decisions.length, "decision")} from ${counted(files, "file")}, ${counted(conflicts.length, "face")} on which reviewers disagree\n${describeConflicts(merged)}`;
}

/** A line for each face on which reviewers disagree: who said what. */
export function describeConflicts({ conflicts }: Pick<MergedDecisions, "conflicts">): string {
  return conflicts
    .map(({ id, task, decisions: said }) => {
      const words = said.map(
        (decision) => `${decision.reviewer}: ${decision.action === "relabel" ? `→ ${decision.label}` : decision.action}`,
      );
      return `  ${id} (${task}): ${words.join(", ")}\n`;
    })
    .join("");
}

/** Keeps the work of a reviewer whose file is not merged. @throws {TF_DATASET_CONFLICT} when `out` is a file that is not among `inputs` */
async function checkMergeOutput(out: string, inputs: readonly string[]): Promise<void> {
  if ((await pathKind(out)) !== "file") return;
  const paths = await Promise.all(inputs.map((input) => realpath(input)));
  if (paths.includes(await realpath(out))) return;
  throw new TensorFaceError("TF_DATASET_CONFLICT", `"${out}" is there already, and is not among the files to merge`, {
    hint: "Choose another name, or name the file as an input too, so that its decisions are kept.",
  });
}
