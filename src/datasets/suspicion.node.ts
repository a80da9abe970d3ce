import { rm } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { TensorFaceError } from "../core/index.ts";
import { pathKind, readNumberedLines, sortedNames, writeFileAtomically } from "../files/files.node.ts";
import { type Suspicion, suspicionSchema } from "./suspicion.ts";

function pathOf(directory: string, task: string): string {
  return join(directory, `suspicion-${task}.jsonl`);
}

/** The files that hold the ranking of a task each. */
async function rankingsIn(directory: string): Promise<string[]> {
  return (await sortedNames(directory)).map(({ name }) => name).filter((name) => /^suspicion-.+\.jsonl$/.test(name));
}

/** Whether the labels of any task are ranked. */
export async function isRanked(directory: string): Promise<boolean> {
  return (await rankingsIn(directory)).length > 0;
}

/** Takes away the rankings of all tasks: a review of other faces and labels would show what is no longer so. */
export async function forgetSuspicions(directory: string): Promise<void> {
  for (const name of await rankingsIn(directory)) await rm(join(directory, name), { force: true });
}

/** Keeps the ranking of a task below the dataset's folder. @throws {TF_OUTPUT_FULL | TF_OUTPUT_UNWRITABLE} */
export async function writeSuspicions(directory: string, task: string, suspicions: readonly Suspicion[]): Promise<string> {
  const path = pathOf(directory, task);
  await writeFileAtomically(path, suspicions.map((suspicion) => `${JSON.stringify(suspicion)}\n`).join(""));
  return path;
}

/** The ranking of a task, the worst first; `undefined` where none was made. @throws {TF_DATASET_INVALID} */
export async function readSuspicions(directory: string, task: string): Promise<Suspicion[] | undefined> {
  const path = pathOf(directory, task);
  if ((await pathKind(path)) !== "file") return undefined;
  const suspicions: Suspicion[] = [];
  let last = 0;
  try {
    for await (const { text, number } of readNumberedLines(path)) {
      last = number;
      suspicions.push(suspicionSchema.parse(JSON.parse(text)));
    }
  } catch (error) {
    if (error instanceof TensorFaceError) throw error;
    const what = error instanceof z.ZodError ? z.prettifyError(error) : "it is not JSON";
    throw new TensorFaceError("TF_DATASET_INVALID", `"${path}" line ${last} is no suspicion: ${what}`, {
      hint: "Run `tensorface dataset doubt` again.",
    });
  }
  return suspicions;
}
