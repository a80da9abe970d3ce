import { z } from "zod";
import { quantile, spread, type Spread } from "../statistics.ts";
import { reference } from "./reference.ts";
import { Trainer } from "./trainer.ts";

/** Everything that one engine did. */
export interface RaceResult {
  readonly name: string;
  readonly version: string;
  /** Pictures a second. */
  readonly pace: Spread;
  /** Median CPU seconds of a step, all threads together. */
  readonly cpuSeconds: number;
  readonly peakBytes: number;
}

export interface Race {
  /** TensorFace's first. */
  readonly results: readonly RaceResult[];
  /** Milliseconds a step of TensorFace's, by kind of operation. */
  readonly operations: Readonly<Record<string, number>>;
}

export interface RaceOptions {
  readonly rounds: number;
  readonly threads: number;
  /** A Python with torch; undefined where there is none. */
  readonly python: string | undefined;
  /** No round begins after so many seconds, but there is one in any case. */
  readonly limitSeconds: number;
  readonly report: (line: string) => void;
}

export const stepsPerRound = 4;
/** Two of them warm up. */
const profiledSteps = 6;

const runSchema = z.object({ seconds: z.number(), cpuSeconds: z.number(), loss: z.number() });
type Run = z.infer<typeof runSchema>;

const names = { own: "TensorFace", torchLast: "PyTorch, channels last", torch: "PyTorch, contiguous" } as const;
type Name = keyof typeof names;

interface Entrant {
  readonly name: string;
  readonly trainer: Trainer;
  readonly version: string;
  readonly runs: Run[];
}

/** Every engine in turn, one at a time; who begins changes with the round. The first round does not count. */
export async function race({ rounds, threads, python, limitSeconds, report }: RaceOptions): Promise<Race> {
  using stack = new DisposableStack();
  const end = performance.now() + 1000 * limitSeconds;
  const entrants: Entrant[] = [];
  for (const name of python === undefined ? (["own"] as const) : (["own", "torchLast", "torch"] as const)) {
    report(`${names[name]} starts`);
    const trainer = stack.use(start(name, threads, python));
    const { version } = await trainer.read(z.looseObject({ version: z.string() }));
    entrants.push({ name: names[name], trainer, version, runs: [] });
  }
  for (let round = 0; round <= rounds && (round <= 1 || performance.now() < end); round++) {
    const first = round % entrants.length;
    const paces: string[] = [];
    for (const { name, trainer, runs } of [...entrants.slice(first), ...entrants.slice(0, first)]) {
      const run = await trainer.ask(`run ${stepsPerRound}`, runSchema);
      if (round > 0) runs.push(run);
      paces.push(`${name} ${paceOf(run).toFixed(0)}`);
    }
    report(`${round === 0 ? "warm-up" : `round ${round} of ${rounds}`}, pictures a second: ${paces.join("; ")}`);
  }
  const results: RaceResult[] = [];
  for (const entrant of entrants) results.push(await summarise(entrant));
  report(`the engine's profiler, ${profiledSteps} steps`);
  const { operations } = await entrants[0]!.trainer.ask(
    `profile ${profiledSteps}`,
    z.object({ operations: z.record(z.string(), z.number()) }),
  );
  return { results, operations };
}

function start(name: Name, threads: number, python = "python3"): Trainer {
  if (name === "own")
    return new Trainer({
      name: names.own,
      command: process.execPath,
      script: new URL("./own.ts", import.meta.url),
      firstLine: String(threads),
    });
  const firstLine = JSON.stringify({ ...reference, threads, channelsLast: name === "torchLast" });
  return new Trainer({ name: names[name], command: python, script: new URL("./rival.py", import.meta.url), firstLine });
}

async function summarise({ name, version, trainer, runs }: Entrant): Promise<RaceResult> {
  const { peakBytes } = await trainer.ask("memory", z.object({ peakBytes: z.number() }));
  const cpuSeconds = quantile(
    runs.map((run) => run.cpuSeconds / stepsPerRound),
    0.5,
  );
  return { name, version, pace: spread(runs.map(paceOf)), cpuSeconds, peakBytes };
}

function paceOf({ seconds }: Run): number {
  return (reference.batchSize * stepsPerRound) / seconds;
}
