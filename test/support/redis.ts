import { spawn, spawnSync } from "node:child_process";
import { randomInt } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

/** A Redis of its own, on a free port. */
export interface TestRedis extends AsyncDisposable {
  readonly url: string;
  /** Ends it as a power cut would, and starts it again with what its disk has. @param away ms between both */
  restart(away?: number): Promise<void>;
  /** It holds its connections and says nothing for so long, ms, or until that has happened. */
  freeze(away: number | Promise<unknown>): Promise<void>;
}

export const hasRedis = spawnSync("redis-server", ["--version"], { stdio: "ignore" }).status === 0;

/**
 * A port that nobody listens on, of those that a system gives no connection of its own accord: who knocks at a server that is away could be
 * given its very port, and keep it.
 */
async function freePort(): Promise<number> {
  for (;;) {
    const port = 20_000 + randomInt(10_000);
    const server = createServer().listen(port, "127.0.0.1");
    try {
      await once(server, "listening");
    } catch {
      continue;
    }
    server.close();
    await once(server, "close");
    return port;
  }
}

/** @param folder where its journal lies */
export async function startRedis(folder: string, policy = "noeviction"): Promise<TestRedis> {
  const port = await freePort();
  const words = [
    "--port",
    String(port),
    "--bind",
    "127.0.0.1",
    "--dir",
    folder,
    "--appendonly",
    "yes",
    "--appendfsync",
    "always",
    "--save",
    "",
  ];
  const begin = async (): Promise<ReturnType<typeof spawn>> => {
    const child = spawn("redis-server", [...words, "--maxmemory-policy", policy], { stdio: ["ignore", "pipe", "ignore"] });
    let printed = "";
    for await (const text of child.stdout) {
      printed += String(text);
      if (printed.includes("Ready to accept connections")) return child;
    }
    throw new Error(`redis-server ended: ${printed}`);
  };
  const end = async (): Promise<void> => {
    const closed = once(child, "exit");
    if (child.exitCode === null && child.signalCode === null) {
      child.kill("SIGKILL");
      await closed;
    }
  };
  let child = await begin();
  return {
    url: `redis://127.0.0.1:${port}`,
    async restart(away = 0) {
      await end();
      await sleep(away);
      child = await begin();
    },
    async freeze(away) {
      child.kill("SIGSTOP");
      await (typeof away === "number" ? sleep(away) : away);
      child.kill("SIGCONT");
    },
    [Symbol.asyncDispose]: end,
  };
}
