import { spawnSync } from "node:child_process";
import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";

export interface StepOptions {
  /** Only say what would be done. @default false */
  readonly isDry?: boolean | undefined;
  /** Keep what the step prints to standard output away. @default false */
  readonly isQuiet?: boolean | undefined;
}

/** Runs the command `tensorface` from the sources as a step of a longer job; ends this process when it fails. */
export function runTensorFace(words: readonly string[], options?: StepOptions): void {
  runScript(["src/cli/main.ts", ...words], options);
}

/** Runs a script of the repository with its words as a step of a longer job; ends this process, with the step's code, when it fails. */
export function runScript(words: readonly string[], { isDry = false, isQuiet = false }: StepOptions = {}): void {
  console.error(`> node ${words.join(" ")}`);
  if (isDry) return;
  const { status } = spawnSync(process.execPath, words, { stdio: isQuiet ? ["ignore", "ignore", "inherit"] : "inherit" });
  if (status !== 0) process.exit(status ?? 1);
}

/**
 * Lets an import into `folder` begin anew where one had ended there, since later steps may have changed what it wrote, and an import
 * refuses to write over that. One that was stopped on the way stays, and goes on.
 */
export function allowImportAgain(folder: string): void {
  if (existsSync(join(folder, "dataset.json"))) rmSync(join(folder, "manifest.jsonl"), { force: true });
}
