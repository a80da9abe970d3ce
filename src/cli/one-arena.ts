/**
 * The setting of glibc's malloc by which all threads share one arena. By default each thread that allocates has its own, and pictures are
 * decoded and scaled in a dozen threads: what one has freed another cannot use, and a server's memory creeps up for hours
 * (docs/performance.md, "Memory over many analyses").
 */
const setting = "MALLOC_ARENA_MAX";

/** What {@link restartWithOneArena} needs of a process. */
type Restartable = Pick<NodeJS.Process, "platform" | "env" | "execPath" | "execArgv" | "argv"> & {
  readonly execve?: NodeJS.Process["execve"] | undefined;
};

/**
 * Begins this process again with one malloc arena, since the setting is read when a process begins. It stays the same process: its number,
 * streams and words are kept (execve(2)), so supervisors and terminals see nothing of it. Does nothing where the setting is made already,
 * where there is no glibc to read it, or where the process may not do it.
 */
export function restartWithOneArena(host: Restartable = process): void {
  if (host.platform !== "linux" || host.env[setting] !== undefined || host.execve === undefined) return;
  try {
    host.execve(host.execPath, [host.execPath, ...host.execArgv, ...host.argv.slice(1)], { ...host.env, [setting]: "1" });
  } catch {
    // Node's permissions and worker threads forbid it; the server runs as well without.
  }
}
