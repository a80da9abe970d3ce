import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import type { NodeAnalyzerOptions } from "../src/_entries/node.ts";
import { type EngineName, engineNames } from "./engines/engine.ts";
import { quantile, spread, type Spread } from "./statistics.ts";

/** What an engine said of one picture. */
const saidSchema = z.array(
  z.object({
    box: z.object({ x: z.number(), y: z.number(), width: z.number(), height: z.number() }),
    probabilities: z.record(z.string(), z.number()),
  }),
);

export type SaidOfPicture = z.infer<typeof saidSchema>;

const answerSchema = z.union([
  z.object({ error: z.string() }),
  z.object({ name: z.string(), version: z.string(), setup: z.string() }),
  z.object({ peakBytes: z.number(), processorMs: z.number() }),
  z.object({ ms: z.number(), processorMs: z.number(), faces: z.number(), stages: z.record(z.string(), z.number()).optional() }),
  z.object({ said: z.array(saidSchema) }),
]);

/** Who takes part: an engine, or TensorFace as it was built elsewhere. */
export interface Contestant<Name extends string> {
  readonly key: Name;
  readonly engine: EngineName;
  /** The folder of a clone whose `dist` is loaded. @default this one */
  readonly build?: string | undefined;
  /** Of TensorFace. @default none */
  readonly options?: NodeAnalyzerOptions | undefined;
}

const rivals: readonly Contestant<EngineName>[] = engineNames.map((name) => ({ key: name, engine: name }));

/** What one engine did in one row. */
export interface EngineRow<Name extends string = EngineName> {
  readonly engine: Name;
  /** Milliseconds of a whole round: one picture, or the folder. */
  readonly time: Spread;
  /** Milliseconds of processor time of a round, of all threads. */
  readonly processorTime: Spread;
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
  /** All of the pictures are too large a file; what is counted is how many are refused for it. @default false */
  readonly areRefused?: boolean;
}

/** Warm: the engines are loaded once and take turns; who begins changes with every round. */
export async function runContest(contest: Contest): Promise<EngineRow[]> {
  return (await runTurns(contest, rivals)).map(({ key, answers, peakBytes }) => {
    const stages = medianStages(answers.map((answer) => answer.stages));
    const time = spread(answers.map(({ ms }) => ms));
    const processorTime = spread(answers.map(({ processorMs }) => processorMs));
    return Object.assign(
      { engine: key, time, processorTime, faces: answers.at(-1)!.faces, peakBytes },
      stages === undefined ? {} : { stages },
    );
  });
}

/** What one contestant did, round by round. */
export interface Turns<Name extends string> {
  readonly key: Name;
  readonly answers: readonly z.infer<typeof timeSchema>[];
  readonly peakBytes: number;
}

/** The rounds of a contest, as they are. */
export async function runTurns<Name extends string>(contest: Contest, contestants: readonly Contestant<Name>[]): Promise<Turns<Name>[]> {
  await using workers = await Workers.start(contestants);
  const answers = contestants.map(({ key }) => ({ key, answers: [] as z.infer<typeof timeSchema>[] }));
  for (let round = -contest.warmUp; round < contest.rounds; round++) {
    for (const { key, answers: given } of turnOrder(round, answers)) {
      const answer = timeSchema.parse(await workers.ask(key, workOf(contest)));
      if (round >= 0) given.push(answer);
    }
  }
  // Awaited here, since the engines end with this block.
  return await Promise.all(
    answers.map(async (turns) => {
      const { peakBytes } = lifeSchema.parse(await workers.ask(turns.key, { do: "life" }));
      return Object.assign(turns, { peakBytes });
    }),
  );
}

/** What each contestant says of some pictures. */
export async function askAll<Name extends string>(
  paths: readonly string[],
  contestants: readonly Contestant<Name>[],
): Promise<Record<Name, readonly SaidOfPicture[]>> {
  await using workers = await Workers.start(contestants);
  const said: Partial<Record<Name, readonly SaidOfPicture[]>> = {};
  for (const { key } of contestants)
    said[key] = z.object({ said: z.array(saidSchema) }).parse(await workers.ask(key, { do: "say", paths })).said;
  // eslint-disable-next-line typescript/no-unsafe-type-assertion -- each has been asked
  return said as Record<Name, readonly SaidOfPicture[]>;
}

/** Cold: a new process, the engine loaded, and one picture analysed; the time from the start of the process. */
export async function runColdStart(path: string, rounds: number): Promise<EngineRow[]> {
  const times = new Map<EngineName, { readonly ms: number; readonly processorMs: number }[]>(engineNames.map((name) => [name, []]));
  const last = new Map<EngineName, { faces: number; peakBytes: number }>();
  for (let round = 0; round < rounds; round++) {
    for (const contestant of turnOrder(round, rivals)) {
      const { key } = contestant;
      const start = performance.now();
      using worker = new Worker();
      await worker.ask(loadOrder(contestant));
      const { faces } = timeSchema.parse(await worker.ask({ do: "one", path }));
      const ms = performance.now() - start;
      const { peakBytes, processorMs } = lifeSchema.parse(await worker.ask({ do: "life" }));
      times.get(key)!.push({ ms, processorMs });
      last.set(key, { faces, peakBytes });
    }
  }
  return engineNames.map((engine) => {
    const rounds = times.get(engine)!;
    const [time, processorTime] = [spread(rounds.map(({ ms }) => ms)), spread(rounds.map(({ processorMs }) => processorMs))];
    return Object.assign({ engine, time, processorTime }, last.get(engine)!);
  });
}

/** What the engines say of themselves. */
export async function describeEngines(): Promise<EngineFacts[]> {
  return (await describeContestants(rivals)).map(({ key, ...facts }) => Object.assign({ engine: key }, facts));
}

/** What the contestants say of themselves. */
export async function describeContestants<Name extends string>(
  contestants: readonly Contestant<Name>[],
): Promise<({ readonly key: Name } & z.infer<typeof factsSchema>)[]> {
  await using workers = await Workers.start(contestants);
  return contestants.map(({ key }) => Object.assign({ key }, workers.facts.get(key)!));
}

const timeSchema = z.object({
  ms: z.number(),
  processorMs: z.number(),
  faces: z.number(),
  stages: z.record(z.string(), z.number()).optional(),
});
/** Of a process since it began. */
const lifeSchema = z.object({ peakBytes: z.number(), processorMs: z.number() });
const factsSchema = z.object({ name: z.string(), version: z.string(), setup: z.string() });

function workOf({ paths, areRefused = false }: Contest): object {
  if (areRefused) return { do: "refuse", paths };
  return paths.length === 1 ? { do: "one", path: paths[0] } : { do: "many", paths };
}

function loadOrder({ engine, build, options }: Contestant<string>): object {
  return { do: "load", engine, build, options };
}

/** Who comes when: each begins once in as many rounds. */
export function turnOrder<Item>(round: number, items: readonly Item[]): Item[] {
  const first = ((round % items.length) + items.length) % items.length;
  return [...items.slice(first), ...items.slice(0, first)];
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

/** A process for each contestant, all loaded. */
class Workers<Name extends string> implements AsyncDisposable {
  readonly facts: Map<Name, z.infer<typeof factsSchema>> = new Map();
  readonly #workers: Map<Name, Worker> = new Map();

  static async start<Name extends string>(contestants: readonly Contestant<Name>[]): Promise<Workers<Name>> {
    const workers = new Workers<Name>();
    for (const contestant of contestants) {
      const worker = new Worker();
      workers.#workers.set(contestant.key, worker);
      workers.facts.set(contestant.key, factsSchema.parse(await worker.ask(loadOrder(contestant))));
    }
    return workers;
  }

  ask(key: Name, message: object): Promise<unknown> {
    return this.#workers.get(key)!.ask(message);
  }

  [Symbol.asyncDispose](): Promise<void> {
    for (const worker of this.#workers.values()) worker[Symbol.dispose]();
    return Promise.resolve();
  }
}
