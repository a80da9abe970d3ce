import { access, readdir } from "node:fs/promises";
import { registerHooks } from "node:module";
import { basename, dirname, join, parse as parsePath, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { z } from "zod";
import { isTensorFaceError, TensorFaceError } from "../../core/index.ts";
import { readTextFile } from "../../files/files.node.ts";
import { packageFolder } from "../../files/package.node.ts";
import { overrideConfig, parseTrainingConfig, type TrainingConfig } from "../config.ts";

/**
 * The configuration of a file, with changes, checked.
 * @param path of a TypeScript, JavaScript or JSON file, or the name of a recipe of the package: `mood-first`
 * @param changes every value of `--set`, in order
 * @throws {TF_CONFIG_INVALID | TF_INPUT_NOT_FOUND}
 */
export async function readConfig(path: string, changes: readonly string[] = []): Promise<TrainingConfig> {
  return parseTrainingConfig(overrideConfig(await loadConfigFile(path), changes.flatMap(splitChanges)), path);
}

/** Commas part the changes, except inside a value that is JSON. @throws {TF_CONFIG_INVALID} when such a value does not end */
export function splitChanges(text: string): string[] {
  const changes: string[] = [];
  let rest = text;
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

const moduleSchema = z.object({ default: z.unknown().optional() });

async function loadConfigFile(path: string): Promise<unknown> {
  const file = await findConfigFile(path);
  try {
    // Some editors of Windows begin a file with the mark that tells its encoding.
    if (path.endsWith(".json")) return JSON.parse(await readTextFile(file));
    await access(file);
    const exported = moduleSchema.parse(await importModule(pathToFileURL(file).href)).default;
    if (exported !== undefined) return exported;
    const hint = "Write `export default defineTraining({ ... })`.";
    throw new TensorFaceError("TF_CONFIG_INVALID", `${path} has no default export`, { hint });
  } catch (error) {
    if (isTensorFaceError(error)) throw error;
    const isMissing = error instanceof Error && "code" in error && error.code === "ENOENT";
    if (isMissing) throw await missing(path, error);
    throw new TensorFaceError("TF_CONFIG_INVALID", `${path}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}

/** Whether the package runs from its sources, or as it was built. */
const isSource = import.meta.url.endsWith(".ts");

/** A file, else the recipe of that name: from the sources, or as it was built, since Node takes no types from files of packages. */
async function findConfigFile(path: string): Promise<string> {
  const file = resolve(path);
  const { name, ext, dir } = parsePath(path);
  const recipes = recipesFolder();
  const isOwn = recipes !== undefined && dirname(file) === recipes.sources;
  if (recipes === undefined || !(isOwn || (dir === "" && ext === "" && !(await exists(file))))) return file;
  const recipe = isSource ? join(recipes.sources, `${name}.ts`) : join(recipes.built, `${name}.js`);
  return (await exists(recipe)) ? recipe : file;
}

function recipesFolder(): { readonly sources: string; readonly built: string } | undefined {
  const folder = packageFolder();
  return folder === undefined ? undefined : { sources: join(folder, "recipes"), built: join(folder, "dist/recipes") };
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

async function missing(path: string, cause: unknown): Promise<TensorFaceError> {
  const files = await readdir(recipesFolder()?.sources ?? "").catch(() => []);
  const names = files.filter((file) => file.endsWith(".ts")).map((file) => basename(file, ".ts"));
  const hint = `Give a file with a configuration, or the name of a recipe: ${names.toSorted().join(", ")}.`;
  return new TensorFaceError("TF_INPUT_NOT_FOUND", `"${path}" is not there`, { cause, ...(names.length > 0 ? { hint } : {}) });
}

/**
 * Imports a module, with TypeScript files as ES modules whatever the nearest package.json says: `npm init` writes there that they are
 * CommonJS, in which `import` is an error. Those of packages and `.cts` files stay what they are. What they import of this package is
 * the one that runs, also where none is installed beside them.
 */
async function importModule(url: string): Promise<unknown> {
  const folder = packageFolder();
  const own = folder === undefined ? undefined : pathToFileURL(join(folder, isSource ? "src/_entries/train.ts" : "dist/train.js")).href;
  const hooks = registerHooks({
    resolve: (specifier, context, next) => next(specifier === "tensorface/train" && own !== undefined ? own : specifier, context),
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
