import { packageVersion } from "../../files/package.node.ts";
import { openModels } from "../../predict/index.ts";
import type { Command } from "../command.ts";
import { createCalibrateCommand } from "./calibrate.ts";
import { createEvaluateCommand, type EvaluateDependencies } from "./evaluate.ts";

async function onThisMachine(): Promise<EvaluateDependencies> {
  const version = packageVersion();
  return { openModels: (models) => openModels(models, version), stdout: process.stdout, stderr: process.stderr };
}

export const calibrateCommand: Command = createCalibrateCommand(onThisMachine);
export const evaluateCommand: Command = createEvaluateCommand(onThisMachine);
