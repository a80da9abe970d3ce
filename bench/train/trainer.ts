import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { z } from "zod";

export interface TrainerCommand {
  /** What errors call it. */
  readonly name: string;
  readonly command: string;
  readonly script: URL;
  readonly firstLine: string;
}

/** A process that answers each line with a line of JSON. */
export class Trainer implements Disposable {
  readonly #name: string;
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;

  constructor({ name, command, script, firstLine }: TrainerCommand) {
    this.#name = name;
    this.#child = spawn(command, [fileURLToPath(script)], { stdio: ["pipe", "pipe", "inherit"] });
    this.#lines = createInterface({ input: this.#child.stdout! })[Symbol.asyncIterator]();
    // Writing to a process that has ended fails here; reading its answer then says which one it was.
    this.#child.stdin!.on("error", () => undefined);
    this.#child.stdin!.write(`${firstLine}\n`);
  }

  /** @throws {Error} when the process has ended */
  async read<Value>(schema: z.ZodType<Value>): Promise<Value> {
    const { value, done } = await this.#lines.next();
    if (done === true) throw new Error(`${this.#name} ended early (${this.#child.signalCode ?? this.#child.exitCode ?? "no code yet"})`);
    return schema.parse(JSON.parse(value));
  }

  async ask<Value>(line: string, schema: z.ZodType<Value>): Promise<Value> {
    this.#child.stdin!.write(`${line}\n`);
    return this.read(schema);
  }

  [Symbol.dispose](): void {
    this.#child.kill();
  }
}
