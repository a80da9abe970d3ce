import { spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

const main = fileURLToPath(new URL("../src/cli/main.ts", import.meta.url));

/** What one run of the command took. */
export interface MeasuredRun {
  readonly seconds: number;
  /** Of the processor, by all threads of the process, as far as it was looked at last. */
  readonly processorSeconds: number;
  /** Largest resident size of the process. */
  readonly peakBytes: number;
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Bytes of a process that are resident now, and at most so far, from Linux's books; 0 once it has ended. */
export async function residentOf(pid: number): Promise<{ readonly now: number; readonly most: number }> {
  const status = await readFile(`/proc/${pid}/status`, "utf8").catch(() => "");
  const bytes = (field: string): number => Number(new RegExp(`^${field}:\\s+(\\d+) kB`, "m").exec(status)?.[1] ?? 0) * 1024;
  return { now: bytes("VmRSS"), most: bytes("VmHWM") };
}

/** Linux counts a process's time in hundredths of a second. */
const ticks = 100;

/** What a process has used of the processor so far, in seconds; 0 once it has ended. */
async function processorTimeOf(pid: number): Promise<number> {
  const text = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  // The name in brackets may hold spaces; user and system time are the 12th and 13th field after it.
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) / ticks;
}

/**
 * Runs `tensorface` from the sources in a process of its own, with its time and largest memory (Linux only: read from /proc ten
 * times a second).
 * @param killWhen asked ten times a second; true ends the process with SIGKILL, as a power cut would
 */
export async function runMeasured(words: readonly string[], killWhen?: () => Promise<boolean>): Promise<MeasuredRun> {
  const began = performance.now();
  const child = spawn(process.execPath, [main, ...words], { stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, NO_COLOR: "1" } });
  const printed = { stdout: "", stderr: "" };
  child.stdout.on("data", (chunk: Buffer) => (printed.stdout += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (printed.stderr += chunk.toString()));
  const { promise: closed, resolve } = Promise.withResolvers<{ code: number | null; signal: NodeJS.Signals | null }>();
  child.on("close", (code, signal) => resolve({ code, signal }));
  let [peakBytes, processorSeconds] = [0, 0];
  const poll = setInterval(() => {
    void residentOf(child.pid!).then(({ most }) => (peakBytes = Math.max(peakBytes, most)));
    void processorTimeOf(child.pid!).then((used) => (processorSeconds = Math.max(processorSeconds, used)));
    void killWhen?.().then((isDue) => isDue && child.kill("SIGKILL"));
  }, 100);
  const end = await closed;
  clearInterval(poll);
  return { seconds: (performance.now() - began) / 1000, processorSeconds, peakBytes, ...end, ...printed };
}

/** The same, for a run that must succeed. */
export async function runToEnd(words: readonly string[]): Promise<MeasuredRun> {
  const run = await runMeasured(words);
  if (run.code !== 0) throw new Error(`tensorface ${words.join(" ")} ended with ${run.code ?? run.signal}:\n${run.stderr}`);
  return run;
}

export function mebibytes(bytes: number): string {
  return `${Math.round(bytes / 2 ** 20)} MiB`;
}
