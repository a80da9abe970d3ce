import { homedir } from "node:os";
import { join } from "node:path";
import { pathKind, sortedNames } from "../files/files.node.ts";
import { isModelId } from "./manifest.ts";
import { openModelFolder } from "./open.node.ts";
import type { OpenedModel } from "./store.ts";

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

/** One of the user's models by its id; undefined where there is none. @throws {TF_MODEL_INVALID} when it cannot be read */
export async function findUserModel(folder: string, id: string): Promise<OpenedModel | undefined> {
  if (!isModelId(id)) return undefined;
  const path = join(folder, id);
  return (await pathKind(path)) === "folder" ? openModelFolder(path) : undefined;
}

/** The names of the user's models, in order: that of each is its folder's. */
export async function userModelIds(folder: string): Promise<string[]> {
  if ((await pathKind(folder)) !== "folder") return [];
  return (await sortedNames(folder)).filter(({ isFolder }) => isFolder).map(({ name }) => name);
}
