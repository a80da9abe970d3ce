import { existsSync } from "node:fs";
import { copyFile, mkdir, readdir, readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { delimiter, dirname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { z } from "zod";
import { TensorFaceError } from "../core/index.ts";
import { writeFailure, writeFileAtomically } from "../files/files.node.ts";
import { packageFolder } from "../files/package.node.ts";

/** What notebooks need of a machine: Jupyter, Deno as their kernel, and a folder in which both find TensorFace. */

/** Doors of the package that a notebook may open: all but the browser's. */
const doors = ["", "/datasets", "/train", "/evaluate", "/server", "/video", "/notebook"] as const;

/** Where a door's file is, in a clone and in the installed package. */
function doorPath(root: string, door: string): string {
  const name = door === "" ? "node" : door.slice(1);
  const source = join(root, "src", "_entries", `${name}.ts`);
  return existsSync(source) ? source : join(root, "dist", `${name === "node" ? "index" : name}.js`);
}

/** A program on the PATH; undefined where there is none of that name. */
export function findProgram(name: string, environment: NodeJS.ProcessEnv = process.env): string | undefined {
  const endings = process.platform === "win32" ? [".exe", ".cmd", ".bat"] : [""];
  const folders = (environment["PATH"] ?? "").split(delimiter).filter((folder) => folder !== "");
  return folders.flatMap((folder) => endings.map((ending) => join(folder, name + ending))).find((path) => existsSync(path));
}

/**
 * Deno, from the npm package of that name beside `from`, else from the PATH.
 * @throws {TF_TOOL_MISSING} when it is in neither
 */
export async function findDeno(from: string, environment: NodeJS.ProcessEnv = process.env): Promise<string> {
  const program = (await packagedDeno(from)) ?? findProgram("deno", environment);
  if (program !== undefined) return program;
  throw new TensorFaceError("TF_TOOL_MISSING", "Deno, which runs the cells of notebooks, is not installed", {
    hint: "Run `npm install deno` here, then the same command again.",
  });
}

/** The program itself and not the package's starter: a kernel is to be interrupted by its own process. */
async function packagedDeno(from: string): Promise<string | undefined> {
  const name = process.platform === "win32" ? "deno.exe" : "deno";
  const manifest = findModule("deno/package.json", from);
  if (manifest === undefined) return undefined;
  const folder = dirname(manifest);
  const beside = join(dirname(folder), "@deno");
  const builds = existsSync(beside) ? (await readdir(beside)).map((build) => join(beside, build, name)) : [];
  return [join(folder, name), ...builds].find((path) => existsSync(path));
}

/** The file that Node takes for a package when `folder` asks; undefined where none is installed. */
function findModule(name: string, folder: string): string | undefined {
  try {
    return createRequire(join(resolve(folder), "here.js")).resolve(name);
  } catch {
    return undefined;
  }
}

export interface Workplace {
  /** What Jupyter is started with, beside this process's environment. */
  readonly environment: Readonly<Record<string, string>>;
  /** The notebooks, in their order. */
  readonly notebooks: readonly string[];
}

/** Under this name notebooks ask for their kernel, which is the one that `deno jupyter --install` would give it too. */
const kernelName = "deno";

export interface WorkplaceOptions {
  /** The program. */
  readonly deno: string;
  /** Folder of the kernel's description and of what Deno keeps. */
  readonly cache: string;
}

/**
 * Makes a folder in which the notebooks run: copies those that are not there yet, and describes a kernel for this folder alone. Nothing is
 * written elsewhere.
 * @throws {TF_INPUT_NOT_FOUND} when this package has no notebooks, as where it was bundled
 * @throws {TF_OUTPUT_UNWRITABLE | TF_OUTPUT_FULL} when the folder cannot be made
 */
export async function setUpWorkplace(folder: string, { deno, cache }: WorkplaceOptions): Promise<Workplace> {
  const root = packageFolder();
  const source = root === undefined ? undefined : join(root, "notebooks");
  if (root === undefined || source === undefined || !existsSync(source))
    throw new TensorFaceError("TF_INPUT_NOT_FOUND", "the notebooks are not beside this program", {
      hint: "Install the package tensorface again.",
    });
  const names = (await readdir(source)).filter((name) => name.endsWith(".ipynb")).toSorted();
  try {
    await mkdir(folder, { recursive: true });
    for (const name of names) if (!existsSync(join(folder, name))) await copyFile(join(source, name), join(folder, name));
  } catch (error) {
    throw writeFailure(error, folder);
  }
  const settings = join(folder, "deno.json");
  // A clone's own folder has settings that hold wherever the clone is, and are kept in the repository.
  if (resolve(folder) !== source || !existsSync(settings)) await writeDenoSettings(settings, root);
  await writeKernel(resolve(cache), deno);
  return { environment: jupyterEnvironment(resolve(cache)), notebooks: names.map((name) => join(folder, name)) };
}

const denoSettings = z.looseObject({ imports: z.record(z.string(), z.string()).optional() });

/**
 * Tells Deno where TensorFace lies, now: it may have moved since the folder was made. What somebody added there is kept. A file that is no
 * plain JSON is left as it is.
 */
async function writeDenoSettings(path: string, root: string): Promise<void> {
  const before = existsSync(path) ? parseSettings(await readFile(path, "utf8")) : {};
  if (before === undefined) return;
  const after = { nodeModulesDir: "manual", ...before, imports: { ...before.imports, ...importsOf(root) } };
  await writeFileAtomically(path, `${JSON.stringify(after, undefined, 2)}\n`);
}

function parseSettings(text: string): z.infer<typeof denoSettings> | undefined {
  try {
    return denoSettings.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

/** TensorFace's doors, and the package that a notebook needs itself: as TensorFace finds it, wherever the folder is. */
function importsOf(root: string): Record<string, string> {
  const paths = doors.map((door): [string, string] => [`tensorface${door}`, doorPath(root, door)]);
  const fastify = findModule("fastify", root);
  if (fastify !== undefined) paths.push(["fastify", fastify]);
  return Object.fromEntries(paths.map(([name, path]) => [name, pathToFileURL(path).href]));
}

/** Describes the kernel, so that Jupyter finds it by `JUPYTER_PATH`. */
export async function writeKernel(cache: string, deno: string): Promise<void> {
  const kernel = {
    argv: [deno, "jupyter", "--kernel", "--conn", "{connection_file}"],
    display_name: "TypeScript (Deno)",
    language: "typescript",
    env: { DENO_DIR: join(cache, "deno"), DENO_NO_UPDATE_CHECK: "1", NO_COLOR: "1" },
  };
  await writeFileAtomically(join(cache, "kernels", kernelName, "kernel.json"), `${JSON.stringify(kernel, undefined, 2)}\n`);
}

/** Jupyter looks for kernels here first, and in its own places after that. */
function jupyterEnvironment(cache: string): Record<string, string> {
  return { JUPYTER_PATH: [cache, process.env["JUPYTER_PATH"]].filter((path) => path !== undefined && path !== "").join(delimiter) };
}

/** The same for a run that nobody watches: what Jupyter itself keeps goes there too, and nothing into the home folder. */
export function quietJupyterEnvironment(cache: string): Record<string, string> {
  const folder = resolve(cache);
  return {
    ...jupyterEnvironment(folder),
    JUPYTER_DATA_DIR: join(folder, "data"),
    JUPYTER_CONFIG_DIR: join(folder, "config"),
    JUPYTER_RUNTIME_DIR: join(folder, "runtime"),
    IPYTHONDIR: join(folder, "ipython"),
  };
}
