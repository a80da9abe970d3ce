import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { TensorFaceError } from "../../core/index.ts";
import type { FindRecipe } from "../plan/recipe.ts";
import type { ShardProcessOptions, ShardProgress, ShardReply, ShardRequest } from "./messages.ts";
import type { ShardStats } from "./stats.ts";

/** The process that looked at pictures ended in the middle of them. */
export class ProcessEnded extends Error {
  override readonly name = "ProcessEnded";
}

/** The process's file: TypeScript in a clone, JavaScript in the package. */
export function processFile(): string {
  const here = import.meta.url;
  return fileURLToPath(new URL(here.endsWith(".ts") ? "./shard-process.ts" : "./shard-process.js", here));
}

/**
 * A process that looks at pictures, so that whatever it meets does not end its parent, and so that its parent, which keeps locks and
 * answers Prometheus, is never held up by a network that runs.
 */
export class ShardProcess implements AsyncDisposable {
  readonly #file: string;
  readonly #options: ShardProcessOptions;
  #child: ChildProcess | undefined;

  constructor(file: string, options: ShardProcessOptions) {
    this.#file = file;
    this.#options = options;
  }

  /** Writes a shard. @throws {ProcessEnded}, or what the shard's work throws */
  async write(shard: number, onProgress: (progress: ShardProgress) => void): Promise<ShardStats> {
    const reply = await this.#ask({ kind: "write", shard }, onProgress);
    if (reply.kind !== "written") throw new TypeError(`a shard was asked for, and the answer is "${reply.kind}"`);
    return reply.stats;
  }

  /** Looks at pictures of a shard, by their places, and writes nothing. @throws {ProcessEnded} */
  async probe(shard: number, from: number, to: number): Promise<void> {
    await this.#ask({ kind: "probe", shard, from, to });
  }

  /** Ends the process at once; what it was writing is as if it had not begun. */
  async [Symbol.asyncDispose](): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const closed = once(child, "exit");
    child.kill("SIGKILL");
    await closed;
  }

  async #ask(request: ShardRequest, onProgress?: (progress: ShardProgress) => void): Promise<ShardReply> {
    if (this.#child === undefined) {
      const child = begin(this.#file);
      this.#child = child;
      child.once("exit", () => {
        if (this.#child === child) this.#child = undefined;
      });
      await exchange(child, { kind: "open", options: this.#options });
    }
    return exchange(this.#child, request, onProgress);
  }
}

/**
 * What an analyzer is made of, found out in a process beside: the memory that networks take goes with it, and a plan of a hundred million
 * pictures needs little.
 */
export const findRecipeApart: FindRecipe = async (models, options) => {
  const child = begin(processFile());
  try {
    const reply = await exchange(child, { kind: "recipe", models, options });
    if (reply.kind !== "recipe") throw new TypeError(`a recipe was asked for, and the answer is "${reply.kind}"`);
    return reply.recipe;
  } finally {
    child.kill("SIGKILL");
  }
};

function begin(file: string): ChildProcess {
  return fork(file, { stdio: ["ignore", "inherit", "inherit", "ipc"] });
}

async function exchange(child: ChildProcess, request: ShardRequest, onProgress?: (progress: ShardProgress) => void): Promise<ShardReply> {
  const { promise, resolve, reject } = Promise.withResolvers<ShardReply>();
  const hear = (reply: ShardReply): void => {
    if (reply.kind === "progress") onProgress?.(reply);
    else if (reply.kind === "failed") reject(new TensorFaceError(reply.error.code, reply.error.message, { hint: reply.error.hint }));
    else resolve(reply);
  };
  const end = (): void => {
    reject(new ProcessEnded());
  };
  child.on("message", hear);
  child.once("exit", end);
  child.once("error", end);
  try {
    if (child.exitCode !== null || child.signalCode !== null) end();
    else child.send(request, (error) => error !== null && end());
    return await promise;
  } finally {
    child.off("message", hear);
    child.off("exit", end);
    child.off("error", end);
  }
}
