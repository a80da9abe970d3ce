import { access } from "node:fs/promises";
import { registerHooks } from "node:module";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { z } from "zod";
import { isTensorFaceError, TensorFaceError } from "../../core/index.ts";
import { readTextFile } from "../../files/files.node.ts";
import { overrideConfig, parseTrainingConfig, type TrainingConfig } from "../config.ts";

/** The configuration of a file, with the changes of `--set`, checked. @throws {TF_CONFIG_INVALID | TF_INPUT_NOT_FOUND} */
export async function readConfig(path: string, changes: string | undefined): Promise<TrainingConfig> {
  return parseTrainingConfig(overrideConfig(await loadConfigFile(path), splitChanges(changes)), path);
}

/** Commas part the changes, except inside a value that is JSON. @throws {TF_CONFIG_INVALID} when such a value does not end */
export function splitChanges(text: string | undefined): string[] {
  const changes: string[] = [];
  let rest = text ?? "";
  while (rest !== "") {
    const end = changeEnd(rest);
    if (end > 0) changes.push(rest.slice(0, end));
    rest = rest.slice(end + 1);
  }
  return changes;
}

/** Where the first change ends: its comma, or the end of the text. */
function changeEnd(text: string): number {
  const path = /^[^=,]*=(?=[[{"])/.exec(text)?.[0];
  let depth = 0;
  let isQuoted = false;
  for (let index = path?.length ?? 0; index < text.length; index++) {
    const character = text[index]!;
    if (character === "," && depth <= 0 && !isQuoted) return index;
    if (path === undefined) continue;
    if (isQuoted && character === "\\") index++;
    else if (character === '"') isQuoted = !isQuoted;
    else if (!isQuoted) depth += "[{".includes(character) ? 1 : "]}".includes(character) ? -1 : 0;
  }
  if (depth <= 0 && !isQuoted) return text.length;
  throw new TensorFaceError("TF_CONFIG_INVALID", `--set: the value in "${text}" does not end`, {
    hint: "Close its brackets and quotes, and put the whole option in single quotes, which the shell takes away.",
  });
}

const moduleSchema = z.object({ default: z.unknown() });

async function loadConfigFile(path: string): Promise<unknown> {
  const file = resolve(path);
  try {
    // Some editors of Windows begin a file with the mark that tells its encoding.
    if (path.endsWith(".json")) return JSON.parse((await readTextFile(file)).replace(/^\uFEFF/, ""));
    await access(file);
    return moduleSchema.parse(await importModule(pathToFileURL(file).href)).default;
  } catch (error) {
    if (isTensorFaceError(error)) throw error;
    const isMissing = error instanceof Error && "code" in error && error.code === "ENOENT";
    if (isMissing) throw new TensorFaceError("TF_INPUT_NOT_FOUND", `"${path}" is not there`, { cause: error });
    throw new TensorFaceError("TF_CONFIG_INVALID", `${path}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}

/**
 * Imports a module, with TypeScript files as ES modules whatever the nearest package.json says: `npm init` writes there that they are
 * CommonJS, in which `import` is an error. Those of packages and `.cts` files stay what they are.
 */
async function importModule(url: string): Promise<unknown> {
  const hooks = registerHooks({
    load: (address, context, next) => {
      const isOwn = new URL(address).pathname.endsWith(".ts") && !address.includes("/node_modules/");
      return next(address, isOwn ? { ...context, format: "module-typescript" } : context);
    },
  });
  try {
    return await import(url);
  } finally {
    hooks.deregister();
  }
}
