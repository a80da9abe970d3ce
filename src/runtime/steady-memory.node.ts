import { setFlagsFromString } from "node:v8";

/**
 * Settings that keep the memory of a process level which runs for months; they are read when a process begins
 * (docs/lab/performance.md, "Memory over many analyses").
 *
 * glibc gives each thread that allocates an arena of its own, and pictures are decoded and scaled in a dozen threads: what one has freed
 * another cannot use. It also learns to cut buffers as large as pictures out of its heap, where a small neighbour keeps the gap that they
 * leave: from half a MiB on they shall be mapped, and go back to the system when they are freed.
 */
const malloc = { MALLOC_ARENA_MAX: "1", MALLOC_MMAP_THRESHOLD_: String(512 * 1024) } as const;
/** V8 lets its young generation grow to 128 MiB over thousands of pictures, though what is young here lives for one picture. */
const youngGeneration = { flag: "--max-semi-space-size", mebibytes: 16 } as const;

/** What {@link restartWithSteadyMemory} needs of a process. */
type Restartable = Pick<NodeJS.Process, "env" | "execPath" | "execArgv" | "argv"> & {
  readonly execve?: NodeJS.Process["execve"] | undefined;
};

/**
 * Begins this process again with the settings. It stays the same process: its number, streams and words are kept (execve(2)), so supervisors
 * and terminals see nothing of it. Does nothing where the young generation is limited already (a restarted process, or somebody's own
 * choice), or where a process cannot or may not do it; a setting of malloc that is there stays.
 * @param more flags of Node beside
 */
export function restartWithSteadyMemory(host: Restartable = process, more: readonly string[] = []): void {
  const words = [...host.execArgv, ...(host.env["NODE_OPTIONS"]?.split(/\s+/) ?? [])];
  if (host.execve === undefined || words.some((word) => word.startsWith(youngGeneration.flag))) return;
  const flags = [...host.execArgv, `${youngGeneration.flag}=${youngGeneration.mebibytes}`, ...more];
  try {
    host.execve(host.execPath, [host.execPath, ...flags, ...host.argv.slice(1)], { ...malloc, ...host.env });
  } catch {
    // Windows, Node's permissions and worker threads forbid it; the server runs as well without.
  }
}

/**
 * Keeps V8's young generation as large as it is, in all threads of this process and from now on: a command's to say, since a library leaves the
 * flags of its host alone. V8 doubles it, up to 64 MiB, whenever as much has outlived a collection, and of each picture 40 KB do: sharp's
 * objects are let go by full collections only. Pages that V8 gives up later it keeps for itself; and a film's frames that wait in the young
 * generation for their end make it twice as much.
 */
export function keepHeapSteady(): void {
  setFlagsFromString("--semi-space-growth-factor=1");
}
