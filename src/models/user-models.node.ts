import { homedir } from "node:os";
import { join } from "node:path";
import { isTensorFaceError, TensorFaceError } from "../core/index.ts";
import { pathKind, sortedNames } from "../files/files.node.ts";
import { isModelId } from "./manifest.ts";
import { openModelFolder } from "./open.node.ts";
import { settledNames } from "./passing-folders.node.ts";
import type { OpenedModel, ReadModelOptions } from "./store.ts";

/**
 * The folder of the user's own models: a folder for each, by its id. What lies there is used where it is asked for by name and nowhere
 * else. `TENSORFACE_MODELS` names another folder; else it is where the platform keeps programs' data.
 */
export function userModelFolder(environment: NodeJS.ProcessEnv = process.env, platform: NodeJS.Platform = process.platform): string {
  const asked = environment["TENSORFACE_MODELS"];
  return asked !== undefined && asked !== "" ? asked : join(dataFolder(environment, platform), "tensorface", "models");
}

function dataFolder(environment: NodeJS.ProcessEnv, platform: NodeJS.Platform): string {
  if (platform === "darwin") return join(homedir(), "Library", "Application Support");
  if (platform === "win32") return environment["LOCALAPPDATA"] ?? join(homedir(), "AppData", "Local");
  // An empty variable counts as none, and a relative path is to be ignored (XDG Base Directory Specification 0.8).
  const asked = environment["XDG_DATA_HOME"];
  return asked?.startsWith("/") === true ? asked : join(homedir(), ".local", "share");
}

/** How often a model is looked for that somebody replaces again and again. */
const mostLooks = 5;

/** One of the user's models by its id; undefined where there is none. @throws {TF_MODEL_INVALID} when it cannot be read */
export async function findUserModel(folder: string, id: string): Promise<OpenedModel | undefined> {
  if (!isModelId(id)) return undefined;
  const path = join(folder, id);
  for (let look = 1; ; look++) {
    // One look at the folder sees a model either in its place or aside.
    if (!(await settledNames(folder)).includes(id) || (await pathKind(path)) === "file") return undefined;
    try {
      const found = await openModelFolder(path);
      if (found !== undefined) return { ...found, read: async (options) => readAsOpened(path, found, options) };
      if (look === mostLooks) return undefined;
    } catch (error) {
      // Somebody replaces or removes it at this moment.
      if (!isTensorFaceError(error, "TF_INPUT_NOT_FOUND") || look === mostLooks) throw error;
    }
  }
}

/** The network of a model, or the reason why it cannot be read any more: the manifest may be of another one by now. */
async function readAsOpened(path: string, opened: OpenedModel, options: ReadModelOptions | undefined): Promise<Uint8Array> {
  try {
    return await opened.read(options);
  } catch (error) {
    const isGone = (await pathKind(path)) === "none";
    const now = isGone ? undefined : await openModelFolder(path).catch(() => opened);
    if (now?.manifest.sha256 === opened.manifest.sha256) throw error;
    throw new TensorFaceError("TF_MODEL_NOT_FOUND", `model "${opened.manifest.id}" was ${isGone ? "removed" : "replaced"} after it was opened`, {
      hint: "Open it again.",
      cause: error,
    });
  }
}

/** The names of the user's models, in order: that of each is its folder's. */
export async function userModelIds(folder: string): Promise<string[]> {
  if ((await pathKind(folder)) !== "folder") return [];
  await settledNames(folder);
  return (await sortedNames(folder)).filter(({ isFolder }) => isFolder).map(({ name }) => name);
}
