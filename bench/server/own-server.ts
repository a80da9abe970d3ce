import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

/** Ends with the block that it serves, also where a measurement fails: else it would run on. */
export interface Server extends AsyncDisposable {
  readonly address: string;
  readonly process: ChildProcess;
}

/**
 * Starts a server that says its address in the first line.
 * @param words of the command `node`
 * @param onStart told of the process, before it says anything
 * @throws where it says something else, or ends before; it does not run on then
 */
export async function startServer(words: readonly string[], onStart?: (child: ChildProcess) => void): Promise<Server> {
  const child = spawn(process.execPath, words, { stdio: ["ignore", "pipe", "inherit"] });
  onStart?.(child);
  const end = async (): Promise<void> => {
    child.kill("SIGTERM");
    if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
  };
  const line = await firstLine(child);
  const address = /http:\S+/.exec(line)?.[0];
  if (address === undefined) {
    await end();
    throw new Error(`the server said "${line}"`);
  }
  return { address, process: child, [Symbol.asyncDispose]: end };
}

async function firstLine(child: ChildProcess): Promise<string> {
  const lines = createInterface({ input: child.stdout! });
  const ended = once(child, "exit").then(([code, signal]) => {
    throw new Error(`the server ended with ${code ?? signal}`);
  });
  const [line] = await Promise.race([once(lines, "line"), ended]);
  return String(line);
}
