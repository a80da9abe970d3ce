import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { copyFile, cp, mkdir, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";

/** An earlier commit of this repository, built. */
export interface EarlierBuild {
  /** The commit's whole name. */
  readonly commit: string;
  /** A clone with its `dist`, and with today's networks. */
  readonly folder: string;
}

const here = fileURLToPath(new URL("../../", import.meta.url));
const lockSchema = z.object({ packages: z.record(z.string(), z.object({ version: z.string().optional() })) });
const modelSchema = z.looseObject({ kind: z.string(), file: z.string(), outputs: z.unknown() });

/**
 * Builds a commit in a folder of its own, which stays for the next time. Its networks are replaced by today's, so that what is compared is code.
 * @param ref any name of a commit
 * @throws {Error} when there is no such commit, or it cannot be built
 */
export async function buildEarlier(ref: string): Promise<EarlierBuild> {
  const commit = run("git", ["rev-parse", "--verify", `${ref}^{commit}`], here).trim();
  const folder = join(tmpdir(), "tensorface-against", commit);
  if (!existsSync(join(folder, "package.json"))) {
    await mkdir(join(folder, ".."), { recursive: true });
    run("git", ["worktree", "prune"], here);
    run("git", ["worktree", "add", "--detach", folder, commit], here);
  }
  await placeModules(folder);
  // Types are not measured, and writing them takes nine tenths of a build.
  if (!existsSync(join(folder, "dist/index.js")))
    run(process.execPath, ["node_modules/tsdown/dist/run.mjs", "--logLevel", "error", "--no-dts"], folder);
  await placeModels(folder);
  return { commit, folder };
}

/** The packages that are installed here serve where all of the earlier lock are among them, in the same versions. */
async function placeModules(folder: string): Promise<void> {
  const target = join(folder, "node_modules");
  if (existsSync(target)) return;
  const [before, now] = await Promise.all([readLock(folder), readLock(here)]);
  const isHere = Object.entries(before).every(([path, { version }]) => path === "" || now[path]?.version === version);
  if (isHere) await symlink(join(here, "node_modules"), target, "junction");
  else run("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], folder);
}

/** An earlier build refuses a manifest with a field that it does not know. These say how an answer is written, which takes no time. */
const laterFields: readonly string[] = ["intervalTails"];

function withoutLaterFields(manifest: z.infer<typeof modelSchema>): unknown {
  return JSON.parse(JSON.stringify(manifest, (key, value: unknown) => (laterFields.includes(key) ? undefined : value)));
}

async function readLock(folder: string): Promise<z.infer<typeof lockSchema>["packages"]> {
  return lockSchema.parse(JSON.parse(await readFile(join(folder, "package-lock.json"), "utf8"))).packages;
}

/** The heads, and what was converted from others: an earlier build may not know detectors that came later, and does not use them. */
async function placeModels(folder: string): Promise<void> {
  const [from, to] = [join(here, "models"), join(folder, "models")];
  for (const name of await readdir(to)) if (/\.(json|onnx)$/.test(name)) await rm(join(to, name));
  for (const name of (await readdir(from)).filter((each) => each.endsWith(".json") && each !== "index.json")) {
    const manifest = modelSchema.parse(JSON.parse(await readFile(join(from, name), "utf8")));
    if (manifest.kind !== "head") continue;
    await copyFile(join(from, manifest.file), join(to, manifest.file));
    await writeFile(join(to, name), JSON.stringify(withoutLaterFields(manifest)));
  }
  await cp(join(from, "converted"), join(to, "converted"), { recursive: true, force: true });
}

function run(command: string, words: readonly string[], cwd: string): string {
  const { status, stdout, error } = spawnSync(command, words, { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });
  if (status !== 0) throw new Error(`${command} ${words.join(" ")} in ${cwd} failed`, { cause: error });
  return stdout;
}
