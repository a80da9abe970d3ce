import { readFile } from "node:fs/promises";
import { availableParallelism, cpus, release, totalmem, type } from "node:os";
import { z } from "zod";

/** What a number was measured on. */
export interface Machine {
  readonly processor: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly system: string;
  readonly node: string;
}

export function describeMachine(): Machine {
  return {
    processor: cpus()[0]?.model.trim() ?? "unknown",
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: describeSystem(type(), release()),
    node: process.versions.node,
  };
}

/** `AMD EPYC, 2 cores, 24 GiB, Linux 6.18, Node 24.21.0`. @default of the machine that this runs on */
export function machineText({ processor, cores, memoryGiB, system, node }: Machine = describeMachine()): string {
  return `${processor}, ${cores} cores, ${memoryGiB} GiB, ${system}, Node ${node}`;
}

/** A day as pages tell it: `2026-11-29`. */
export function today(): string {
  return new Date().toISOString().slice(0, 10);
}

/** `Linux 6.18`: what a reader can use. What follows in a release is the name of one build, and says whose machine it was. */
export function describeSystem(name: string, release: string): string {
  return `${name} ${release
    .split(".")
    .slice(0, 2)
    .join(".")
    .replace(/[^\d.].*$/, "")}`;
}

export async function packageVersionHere(): Promise<string> {
  const manifest: unknown = JSON.parse(await readFile(new URL("../package.json", import.meta.url), "utf8"));
  return z.object({ version: z.string() }).parse(manifest).version;
}
