import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** Whether a process hears the signals that it is sent: on Windows each of them ends it at once. */
export const hasSignals = process.platform !== "win32";

const main = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));

export interface Finished {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running {
  readonly child: ChildProcess;
  readonly finished: Promise<Finished>;
  /** What was printed so far. */
  readonly stdout: () => string;
  readonly stderr: () => string;
}

export interface StartOptions {
  readonly cwd?: string;
  /** @default nothing; "open" is a pipe that never ends */
  readonly stdin?: Uint8Array | "open";
  readonly env?: Readonly<Record<string, string>>;
  /** A file that standard output goes to. @default what is returned */
  readonly stdout?: string;
}

/** Starts the command `tensorface` from the sources, in a process of its own. */
export function start(words: readonly string[], { cwd, stdin, env, stdout: file }: StartOptions = {}): Running {
  const output = file === undefined ? "pipe" : openSync(file, "w");
  const child = spawn(process.execPath, [main, ...words], {
    ...(cwd === undefined ? {} : { cwd }),
    env: { ...process.env, NO_COLOR: "1", ...env },
    stdio: ["pipe", output, "pipe"],
  });
  if (typeof output === "number") closeSync(output);
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  child.stdout?.on("data", (chunk: Buffer) => stdout.push(chunk));
  child.stderr!.on("data", (chunk: Buffer) => stderr.push(chunk));
  child.stdin!.on("error", () => {});
  if (stdin !== "open") child.stdin!.end(stdin ?? new Uint8Array());
  const text = (chunks: readonly Buffer[]): string => Buffer.concat(chunks).toString();
  const { promise, resolve, reject } = Promise.withResolvers<Finished>();
  child.on("error", reject);
  child.on("close", (code, signal) => resolve({ code, signal, stdout: text(stdout), stderr: text(stderr) }));
  return { child, finished: promise, stdout: () => text(stdout), stderr: () => text(stderr) };
}

/** Runs the command to its end. */
export function run(words: readonly string[], options?: StartOptions): Promise<Finished> {
  return start(words, options).finished;
}
