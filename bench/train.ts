import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { z } from "zod";
import { measureMatrixRate } from "./floor.ts";
import { describeMachine } from "./machine.ts";
import { replaceBetweenMarkers } from "./report.ts";
import { quantile, spread, type Spread } from "./statistics.ts";
import { measureHead } from "./train/head.ts";
import { reference } from "./train/reference.ts";

/**
 * How fast a network trains, beside PyTorch on the same cores, in turns: `npm run bench:train`. PyTorch is used where a `python3` has
 * it (Debian: python3-torch; `PYTHON` names another one); without it TensorFace runs alone.
 * `--rounds 2` is a quick look; only `--write` changes docs/training.md.
 */
const { values } = parseArgs({ options: { rounds: { type: "string", default: "9" }, write: { type: "boolean", default: false } } });
const rounds = Number(values.rounds);
const stepsPerRound = 4;
const threads = 2;
const python = process.env["PYTHON"] ?? "/usr/bin/python3";

const factsSchema = z.looseObject({ version: z.string(), threads: z.number(), parameters: z.number() });
const runSchema = z.object({ seconds: z.number(), cpuSeconds: z.number(), loss: z.number() });

/** A process that answers each line with a line of JSON. */
class Trainer implements Disposable {
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;

  constructor(command: string, args: readonly string[], firstLine: string) {
    this.#child = spawn(command, args, { stdio: ["pipe", "pipe", "inherit"] });
    this.#lines = createInterface({ input: this.#child.stdout! })[Symbol.asyncIterator]();
    this.#child.stdin!.write(`${firstLine}\n`);
  }

  async read<Value>(schema: z.ZodType<Value>): Promise<Value> {
    const { value, done } = await this.#lines.next();
    if (done === true) throw new Error("a trainer ended early");
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

interface Result {
  readonly name: string;
  readonly version: string;
  /** Pictures a second. */
  readonly pace: Spread;
  /** Median CPU seconds of a step, all threads together. */
  readonly cpuSeconds: number;
  readonly peakBytes: number;
}

const names = { own: "TensorFace", torch: "PyTorch", torchLast: "PyTorch, channels last" } as const;
type Name = keyof typeof names;

function start(name: Name): Trainer {
  if (name === "own") return new Trainer(process.execPath, [fileURLToPath(new URL("./train/own.ts", import.meta.url))], String(threads));
  const work = { ...reference, threads, channelsLast: name === "torchLast" };
  return new Trainer(python, [fileURLToPath(new URL("./train/rival.py", import.meta.url))], JSON.stringify(work));
}

/** Every engine in turn; who begins changes with the round. The first round does not count. */
async function race(entrants: readonly Name[]): Promise<{ results: Result[]; operations: Record<string, number> }> {
  const trainers = new Map(entrants.map((name) => [name, start(name)]));
  const versions = new Map<Name, string>();
  for (const [name, trainer] of trainers) versions.set(name, (await trainer.read(factsSchema)).version);
  const runs = new Map<Name, z.infer<typeof runSchema>[]>(entrants.map((name) => [name, []]));
  for (let round = -1; round < rounds; round++) {
    const first = (round + entrants.length) % entrants.length;
    for (const name of [...entrants.slice(first), ...entrants.slice(0, first)]) {
      const run = await trainers.get(name)!.ask(`run ${stepsPerRound}`, runSchema);
      if (round >= 0) runs.get(name)!.push(run);
    }
  }
  const results: Result[] = [];
  for (const [name, trainer] of trainers) {
    const done = runs.get(name)!;
    const { peakBytes } = await trainer.ask("memory", z.object({ peakBytes: z.number() }));
    const cpuSeconds = quantile(
      done.map((run) => run.cpuSeconds / stepsPerRound),
      0.5,
    );
    const pace = spread(done.map(({ seconds }) => (reference.batchSize * stepsPerRound) / seconds));
    results.push({ name: names[name], version: versions.get(name)!, pace, cpuSeconds, peakBytes });
  }
  const { operations } = await trainers.get("own")!.ask("profile 6", z.object({ operations: z.record(z.string(), z.number()) }));
  for (const trainer of trainers.values()) trainer[Symbol.dispose]();
  return { results, operations };
}

const hasTorch = spawnSync(python, ["-c", "import torch"]).status === 0;
if (!hasTorch) console.error(`${python} has no torch: TensorFace runs alone`);
const { results, operations } = await race(hasTorch ? ["own", "torch", "torchLast"] : ["own"]);
const text = await render(results, operations);
console.log(text);
if (values.write) await writeFile("docs/training.md", replaceBetweenMarkers(await readFile("docs/training.md", "utf8"), text));

async function render(rows: readonly Result[], stages: Readonly<Record<string, number>>): Promise<string> {
  const { createNetwork } = await import("../src/train/network.ts");
  const { multiplyAccumulates, parameterCount } = createNetwork(reference.definition);
  // Forward, the gradient of the input and that of the weights take about the same.
  const operationsPerPicture = 3 * 2 * multiplyAccumulates;
  const matrixRate = await measureMatrixRate(20);
  const head = await measureHead();
  const machine = describeMachine();
  const own = rows[0]!;
  const rival = rows.slice(1).toSorted((a, b) => b.pace.median - a.pace.median)[0];
  const one = (value: number): string => value.toFixed(1);
  const lines = rows.map((row) => {
    const { median, lowerQuartile, upperQuartile, n } = row.pace;
    const rate = (median * operationsPerPicture) / 1e9;
    const cells = [
      `${row.name} ${row.version}`,
      `${one(median)} (${one(lowerQuartile)} to ${one(upperQuartile)})`,
      one(rate),
      `${Math.round((100e9 * rate) / matrixRate)} %`,
      row.cpuSeconds.toFixed(2),
      String(Math.round(row.peakBytes / 2 ** 20)),
      String(n),
    ];
    return `| ${cells.join(" | ")} |`;
  });
  const total = Object.values(stages).reduce((sum, value) => sum + value, 0);
  const shares = Object.entries(stages)
    .toSorted((a, b) => b[1] - a[1])
    .slice(0, 12)
    .map(([name, value]) => `${name} ${one(value)} (${Math.round((100 * value) / total)} %)`);
  return [
    `Measured on ${new Date().toISOString().slice(0, 10)}: ${machine.processor}, ${machine.cores} cores, ${machine.memoryGiB} GiB, ${machine.system}; ${threads} threads each.`,
    `Reference: a residual network at 64 pixels, ${one(parameterCount / 1e6)} M parameters, ${Math.round(multiplyAccumulates / 1e6)} M multiply-accumulates a picture, batches of`,
    `${reference.batchSize}, cross-entropy, AdamW, clipping, moving average, float32; ${stepsPerRound} steps a round, in turns.`,
    "",
    "| engine | pictures a second, median (middle half) | GFLOP/s | of the matrix product's rate | CPU s a step | peak MiB | n |",
    "| --- | ---: | ---: | ---: | ---: | ---: | ---: |",
    ...lines,
    "",
    ...(rival === undefined
      ? []
      : [
          `TensorFace trains ${(own.pace.median / rival.pace.median).toFixed(2)} times as many pictures a second as the faster PyTorch layout.`,
          "",
        ]),
    `The matrix product (1024 cubed, float32, ONNX Runtime) ran at ${one(matrixRate / 1e9)} GFLOP/s.`,
    "",
    `Where a step's time goes, milliseconds by ONNX Runtime's profiler, ${one(total)} in all: ${shares.join(", ")}.`,
    "",
    `Head on frozen features: ${head.rows} x ${head.columns} features, ${head.layers}, ${head.epochs} epochs, ${head.steps} steps of ${head.batchSize}: ${one(head.time.median)} s (${one(head.time.lowerQuartile)} to ${one(head.time.upperQuartile)}, n = ${head.time.n}).`,
    "",
  ].join("\n");
}
