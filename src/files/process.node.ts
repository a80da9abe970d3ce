import { readFile, readlink } from "node:fs/promises";
import { hostname } from "node:os";
import { errnoOf } from "./failures.node.ts";

/** A process, so that another on the same machine can tell whether it still lives. */
export interface ProcessMark {
  /** The machine, and where processes are numbered by themselves (containers) the space that they are numbered in. */
  readonly host: string;
  readonly pid: number;
  /** When it began, in the system's own count; "" where the system does not tell. */
  readonly began: string;
}

/** The mark of this process. */
export async function ownMark(): Promise<ProcessMark> {
  const space = await readlink("/proc/self/ns/pid").catch(() => "");
  return { host: `${hostname()} ${space}`.trim(), pid: process.pid, began: await beginningOf(process.pid) };
}

/** Whether a process lives, and is not a later one that was given the same number. */
export async function isRunning(pid: number, beginning = ""): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (errnoOf(error) !== "EPERM") return false;
  }
  const now = beginning === "" ? "" : await beginningOf(pid);
  return now === "" || now === beginning;
}

/** When a process began, in the system's own count; "" where the system does not tell. */
export async function beginningOf(pid: number): Promise<string> {
  const text = await readFile(`/proc/${pid}/stat`, "latin1").catch(() => "");
  // The name before it may hold blanks and brackets; it is the 20th word behind them.
  return text.slice(text.lastIndexOf(")") + 2).split(" ")[19] ?? "";
}
