import { packageVersion } from "../../files/package.node.ts";
import { openModels } from "../../predict/index.ts";
import type { Command } from "../command.ts";
import { createCalibrateCommand } from "./calibrate.ts";

/** `tensorface calibrate` on this machine. */
export const calibrateCommand: Command = createCalibrateCommand(async () => {
  const version = packageVersion();
  return { openModels: (models) => openModels(models, version), stdout: process.stdout, stderr: process.stderr };
});
