import { z } from "zod";
import { quantile, spread, type Spread } from "../statistics.ts";
import { Trainer } from "./trainer.ts";

export interface HeadResult {
  /** Seconds from the building of the step to the end of the last epoch. */
  readonly time: Spread;
  /** Median CPU seconds, all threads together. */
  readonly cpuSeconds: number;
  /** Mean training loss of the last epoch. */
  readonly loss: number;
  readonly peakBytes: number;
  /** Milliseconds a step, by kind of operation. */
  readonly operations: Readonly<Record<string, number>>;
}

const runSchema = z.object({ seconds: z.number(), cpuSeconds: z.number(), loss: z.number() });
const profiledSteps = 102;

/** Trains the head `rounds` times from its beginning. */
export async function measureHead(rounds: number, threads: number, report: (line: string) => void): Promise<HeadResult> {
  using trainer = new Trainer({
    name: "the head",
    command: process.execPath,
    script: new URL("./head.ts", import.meta.url),
    firstLine: String(threads),
  });
  const runs: z.infer<typeof runSchema>[] = [];
  for (let round = 1; round <= rounds; round++) {
    const run = await trainer.ask("train", runSchema);
    report(`head, round ${round} of ${rounds}: ${run.seconds.toFixed(1)} s`);
    runs.push(run);
  }
  const { peakBytes } = await trainer.ask("memory", z.object({ peakBytes: z.number() }));
  const { operations } = await trainer.ask(`profile ${profiledSteps}`, z.object({ operations: z.record(z.string(), z.number()) }));
  const cpuSeconds = quantile(
    runs.map((run) => run.cpuSeconds),
    0.5,
  );
  return { time: spread(runs.map(({ seconds }) => seconds)), cpuSeconds, loss: runs.at(-1)!.loss, peakBytes, operations };
}
