import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { type EngineName, engineNames } from "./engines/engine.ts";
import { quantile, spread, type Spread } from "./statistics.ts";

const answerSchema = z.union([
  z.object({ error: z.string() }),
  z.object({ name: z.string(), version: z.string(), setup: z.string() }),
  z.object({ peakBytes: z.number() }),
  z.object({ ms: z.number(), faces: z.number(), stages: z.record(z.string(), z.number()).optional() }),
]);

/** What one engine did in one row. */
export interface EngineRow {
  readonly engine: EngineName;
  /** Milliseconds of a whole round: one picture, or the folder. */
  readonly time: Spread;
  readonly faces: number;
  readonly peakBytes: number;
  /** Median milliseconds of each stage. */
  readonly stages?: Readonly<Record<string, number>>;
}

export interface EngineFacts {
  readonly engine: EngineName;
  readonly name: string;
  readonly version: string;
  readonly setup: string;
}

export interface Contest {
  readonly title: string;
  readonly paths: readonly string[];
  /** Rounds that count; in each, every engine has its turn. */
  readonly rounds: number;
  /** Rounds before, which do not count. */
  readonly warmUp: number;
}

/** Warm: the engines are loaded once and take turns; who begins changes with every round. */
export async function runContest(contest: Contest): Promise<EngineRow[]> {
  await using workers = await Workers.start();
  const times = new Map<EngineName, z.infer<typeof timeSchema>[]>(engineNames.map((name) => [name, []]));
  for (let round = -contest.warmUp; round < contest.rounds; round++) {
    for (const name of turnOrder(round)) {
      const answer = timeSchema.parse(await workers.ask(name, workOf(contest.paths)));
      if (round >= 0) times.get(name)!.push(answer);
    }
  }
  // Awaited here, since the engines end with this block.
  return await Promise.all(
    engineNames.map(async (engine) => {
      const answers = times.get(engine)!;
      const { peakBytes } = z.object({ peakBytes: z.number() }).parse(await workers.ask(engine, { do: "memory" }));
      const time = spread(answers.map(({ ms }) => ms));
      const stages = medianStages(answers.map((answer) => answer.stages));
      return { engine, time, faces: answers.at(-1)!.faces, peakBytes, ...(stages === undefined ? {} : { stages }) };
    }),
  );
}

/** Cold: a new process, the engine loaded, and one picture analysed; the time from the start of the process. */
export async function runColdStart(path: string, rounds: number): Promise<EngineRow[]> {
  const times = new Map<EngineName, number[]>(engineNames.map((name) => [name, []]));
  const last = new Map<EngineName, { faces: number; peakBytes: number }>();
  for (let round = 0; round < rounds; round++) {
    for (const name of turnOrder(round)) {
      const start = performance.now();
      using worker = new Worker();
      await worker.ask({ do: "load", engine: name });
      const { faces } = timeSchema.parse(await worker.ask({ do: "one", path }));
      times.get(name)!.push(performance.now() - start);
      const { peakBytes } = z.object({ peakBytes: z.number() }).parse(await worker.ask({ do: "memory" }));
      last.set(name, { faces, peakBytes });
    }
  }
  return engineNames.map((engine) => ({ engine, time: spread(times.get(engine)!), ...last.get(engine)! }));
}

/** What the engines say of themselves. */
export async function describeEngines(): Promise<EngineFacts[]> {
  await using workers = await Workers.start();
  return engineNames.map((engine) => ({ engine, ...workers.facts.get(engine)! }));
}

const timeSchema = z.object({ ms: z.number(), faces: z.number(), stages: z.record(z.string(), z.number()).optional() });
const factsSchema = z.object({ name: z.string(), version: z.string(), setup: z.string() });

function workOf(paths: readonly string[]): object {
  return paths.length === 1 ? { do: "one", path: paths[0] } : { do: "many", paths };
}

function turnOrder(round: number): EngineName[] {
  const first = ((round % engineNames.length) + engineNames.length) % engineNames.length;
  return [...engineNames.slice(first), ...engineNames.slice(0, first)];
}

function medianStages(rows: readonly (Readonly<Record<string, number>> | undefined)[]): Record<string, number> | undefined {
  const known = rows.filter((row) => row !== undefined);
  if (known.length === 0) return undefined;
  return Object.fromEntries(
    Object.keys(known[0]!).map((stage) => [
      stage,
      quantile(
        known.map((row) => row[stage]!),
        0.5,
      ),
    ]),
  );
}

/** One process with one engine. */
class Worker implements Disposable {
  readonly #child: ChildProcess = fork(fileURLToPath(new URL("./worker.ts", import.meta.url)), {
    serialization: "json",
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });

  async ask(message: object): Promise<unknown> {
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    const onExit = (code: number | null, signal: string | null): void => {
      reject(new Error(`the engine's process ended with ${signal ?? `code ${code}`} at ${JSON.stringify(message)}`));
    };
    this.#child.once("message", resolve);
    this.#child.once("exit", onExit);
    this.#child.send(message);
    const answer = answerSchema.parse(await promise.finally(() => this.#child.off("exit", onExit)));
    if ("error" in answer) throw new Error(answer.error);
    return answer;
  }

  [Symbol.dispose](): void {
    this.#child.kill();
  }
}

/** A process for each engine, all loaded. */
class Workers implements AsyncDisposable {
  readonly facts: Map<EngineName, z.infer<typeof factsSchema>> = new Map();
  readonly #workers: Map<EngineName, Worker> = new Map();

  static async start(): Promise<Workers> {
    const workers = new Workers();
    for (const engine of engineNames) {
      const worker = new Worker();
      workers.#workers.set(engine, worker);
      workers.facts.set(engine, factsSchema.parse(await worker.ask({ do: "load", engine })));
    }
    return workers;
  }

  ask(engine: EngineName, message: object): Promise<unknown> {
    return this.#workers.get(engine)!.ask(message);
  }

  [Symbol.asyncDispose](): Promise<void> {
    for (const worker of this.#workers.values()) worker[Symbol.dispose]();
    return Promise.resolve();
  }
}
