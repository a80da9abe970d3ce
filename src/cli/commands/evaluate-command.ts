import type { Command } from "../command.ts";
import { createEvaluateCommand } from "./evaluate.ts";
import { packageVersion } from "../../files/package.node.ts";
import { openModels } from "../../predict/index.ts";

/** `tensorface evaluate` on this machine. */
export const evaluateCommand: Command = createEvaluateCommand(async () => {
  const version = packageVersion();
  return { openModels: (models) => openModels(models, version), stdout: process.stdout, stderr: process.stderr };
});
