import type { Command } from "../command.ts";
import { createEvaluateCommand } from "./evaluate.ts";
import { openModels, packageVersion } from "../../predict/platform.ts";

/** `tensorface evaluate` on this machine. */
export const evaluateCommand: Command = createEvaluateCommand(async () => {
  const version = await packageVersion();
  return { openModels: (models) => openModels(models, version), stdout: process.stdout, stderr: process.stderr };
});
