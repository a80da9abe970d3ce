import { spawn } from "node:child_process";
import { once } from "node:events";
import { TensorFaceError } from "../core/index.ts";
import { findProgram, type Workplace } from "./workplace.ts";

/** Programs that show notebooks, the newest first. */
const viewers = ["jupyter-lab", "jupyter-notebook"] as const;

/** The program that shows notebooks. @throws {TF_TOOL_MISSING} with how to install it */
export function findJupyter(): string {
  const found = viewers.map((name) => findProgram(name)).find((path) => path !== undefined);
  if (found !== undefined) return found;
  throw new TensorFaceError("TF_TOOL_MISSING", `Jupyter is not installed: the PATH has neither ${viewers.join(" nor ")}`, {
    hint: "On Debian and Ubuntu: apt-get install jupyter-notebook. Elsewhere: pipx install jupyterlab. Or --no-open, and open the folder with what you have: it finds the kernel by JUPYTER_PATH=notebooks/.jupyter.",
  });
}

/**
 * Shows a notebook until Jupyter ends, on this process's terminal.
 * @param program as {@link findJupyter} finds it
 * @returns its exit code; undefined where a signal ended it
 */
export async function showInJupyter(
  program: string,
  notebook: string,
  { environment, flags }: Pick<Workplace, "environment"> & { readonly flags: readonly string[] },
): Promise<number | undefined> {
  const child = spawn(program, [...flags, notebook], { stdio: "inherit", env: { ...process.env, ...environment } });
  // Ctrl-C reaches Jupyter too, which asks before it ends; other wishes to stop reach this process alone.
  const ignore = (): void => undefined;
  const pass = (signal: NodeJS.Signals): void => void child.kill(signal);
  process.on("SIGINT", ignore).on("SIGTERM", pass).on("SIGHUP", pass);
  try {
    const [code] = await once(child, "exit");
    return typeof code === "number" ? code : undefined;
  } finally {
    process.off("SIGINT", ignore).off("SIGTERM", pass).off("SIGHUP", pass);
  }
}
