import { spawn } from "node:child_process";
import { once } from "node:events";
import { cp, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import sharp from "sharp";
import { drawManyPictures, planFolder, workOn } from "../../test/support/bulk.ts";
import { portrait } from "../../test/support/pictures.ts";
import { turnOrder } from "../contest.ts";
import { runToEnd } from "../measured-command.ts";
import { spread, spreadText } from "../statistics.ts";

export interface RateOptions {
  readonly base: string;
  readonly pictures: number;
  readonly rounds: number;
}

/** `bulk work` beside `analyze FOLDER`, in turns, and what workers need to agree. */
export async function measureRates({ base, pictures, rounds }: RateOptions): Promise<void> {
  const at = (name: string): string => join(base, name);
  await copyPortrait(at("photos"), pictures);
  const seconds: Record<"analyze" | "bulk", number[]> = { analyze: [], bulk: [] };
  for (let round = 0; round < rounds; round++) {
    const out = at(`out-${round}`);
    await runToEnd(["bulk", "plan", at("photos"), "--out", out, "--shard-size", String(Math.ceil(pictures / 2))]);
    const works = { analyze: ["analyze", at("photos"), "--out", at(`${round}.jsonl`)], bulk: ["bulk", "work", out] } as const;
    for (const name of turnOrder(round, ["analyze", "bulk"] as const)) seconds[name].push((await runToEnd(works[name])).seconds);
  }
  tellSeconds(seconds, `${pictures} pictures`);
  tellShare("bulk work's rate beside analyze, start included", seconds.analyze, seconds.bulk);
  await measureAgreement(base, pictures / spread(seconds.bulk).median);
}

/**
 * Workers that are held to a core each: one with so many pictures; two with twice as many, on one plan; and two on plans of their own, which
 * agree on nothing: more than those the cores do not allow.
 */
export async function measureCores({ base, pictures, rounds }: RateOptions): Promise<void> {
  const at = (name: string): string => join(base, name);
  await copyPortrait(at("photos"), pictures);
  await copyPortrait(at("twice"), 2 * pictures);
  // Small shards: who is done waits no longer for the other than five pictures take.
  for (const inputs of ["photos", "twice"]) await planFolder(at(`${inputs}-plan`), { shardSize: 5, base, inputs: [inputs] });
  const planned = async (inputs: string, name: string): Promise<string> => {
    await cp(at(`${inputs}-plan`), at(name), { recursive: true });
    return at(name);
  };
  const runs: Record<"one" | "two" | "apart", WorkersRun[]> = { one: [], two: [], apart: [] };
  for (let round = 0; round < rounds; round++) {
    const one = await planned("photos", `one-${round}`);
    runs.one.push(await runWorkers([[round % 2, one]]));
    const two = await planned("twice", `two-${round}`);
    runs.two.push(await runWorkers([0, 1].map((core) => [core, two])));
    const apart = await Promise.all([0, 1].map((core) => planned("photos", `apart-${round}-${core}`)));
    runs.apart.push(await runWorkers(apart.map((out, core) => [core, out])));
    const last = Object.entries(runs).map(
      ([name, all]) => `${name} ${all.at(-1)!.seconds.toFixed(2)} s (${all.at(-1)!.processorSeconds.toFixed(2)} s)`,
    );
    console.log(`round ${round + 1}, time (of the processor): ${last.join(", ")}`);
  }
  const seconds = (name: keyof typeof runs): number[] => runs[name].map((run) => run.seconds);
  const processor = (name: keyof typeof runs): number[] => runs[name].map((run) => run.processorSeconds);
  tellSeconds({ one: seconds("one"), two: seconds("two"), apart: seconds("apart") }, `${pictures} pictures of each worker`);
  tellShare("two workers on one plan, of twice one", seconds("one"), seconds("two"));
  tellShare("two workers on plans of their own, of twice one", seconds("one"), seconds("apart"));
  tellShare("two workers on one plan, of two on their own", seconds("apart"), seconds("two"));
  tellShare(
    "the processor's time of one worker, of that of each of two on one plan",
    processor("one"),
    processor("two").map((both) => both / 2),
  );
}

async function copyPortrait(folder: string, count: number): Promise<void> {
  await mkdir(folder);
  for (let index = 0; index < count; index++)
    await sharp(portrait)
      .modulate({ brightness: 0.8 + (index % 40) / 100 })
      .jpeg({ quality: 90 })
      .toFile(join(folder, `${String(index).padStart(4, "0")}.jpg`));
}

function tellSeconds(seconds: Readonly<Record<string, readonly number[]>>, what: string): void {
  for (const [name, all] of Object.entries(seconds)) {
    console.log(`${name}: ${what} in ${spreadText(spread(all), 2)} s, n = ${all.length}`);
  }
}

/** One time over the other, round by round. */
function tellShare(what: string, of: readonly number[], over: readonly number[]): void {
  const share = spread(of.map((each, round) => each / over[round]!));
  console.log(`${what}: ${spreadText(share, 3)}, n = ${share.n}`);
}

interface WorkersRun {
  readonly seconds: number;
  /** Of the processor, theirs and their processes' together. */
  readonly processorSeconds: number;
}

/** Workers of one thread each, in processes of their own, each held to a core with all that it begins. @param at cores with their plans */
async function runWorkers(at: readonly (readonly [number, string])[]): Promise<WorkersRun> {
  const file = fileURLToPath(new URL("../../test/support/bulk-worker.ts", import.meta.url));
  const began = performance.now();
  const times = await Promise.all(
    at.map(async ([core, out]) => {
      const words = ["taskset", "-c", String(core), process.execPath, file, out, "{}"];
      const shell = spawn("bash", ["-c", 'TIMEFORMAT="%U %S"; time "$@"', "bash", ...words], { stdio: ["ignore", "ignore", "pipe"] });
      const [printed, [code]] = await Promise.all([text(shell.stderr), once(shell, "exit")]);
      const [, user, system] = /^([\d.]+) ([\d.]+)\s*$/m.exec(printed) ?? [];
      if (user === undefined || code !== 0) throw new Error(`a worker ended with ${code}: ${printed}`);
      return Number(user) + Number(system);
    }),
  );
  return { seconds: (performance.now() - began) / 1000, processorSeconds: times.reduce((sum, each) => sum + each, 0) };
}

/** What a shard costs beside its pictures: shards that are done at once. */
async function measureAgreement(base: string, rate: number): Promise<void> {
  const at = (name: string): string => join(base, name);
  const shards = 200;
  await drawManyPictures(at("few"), shards - 1);
  await planFolder(at("instant"), { shardSize: 1, base, inputs: ["few"] });
  process.env["BULK_PLAN"] = at("instant");
  const began = performance.now();
  await workOn(at("instant"), { process: fileURLToPath(new URL("instant-process.ts", import.meta.url)) });
  const perShard = (performance.now() - began) / shards;
  const share = perShard / ((10_000 / rate) * 1000 + perShard);
  console.log(
    `agreeing on a shard: ${perShard.toFixed(1)} ms (${shards} shards), ${(100 * share).toFixed(4)} % of a shard of 10,000 pictures`,
  );
}
