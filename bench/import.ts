import { spawnSync } from "node:child_process";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";

/**
 * How long `import "tensorface"` takes, of several builds in turns: wall and processor time of the import alone, in a process of its own each.
 *
 *     npm run bench -- import [--rounds N] [FILE...]     entries, as dist/index.js (the default) and that of an older build
 */

const { values, positionals } = parseArgs({
  options: { rounds: { type: "string", default: "20" } },
  allowPositionals: true,
});
const rounds = Number(values.rounds);
const entries = positionals.length === 0 ? ["dist/index.js"] : positionals;

interface ImportTime {
  readonly wallMs: number;
  /** User and system time, of all threads. */
  readonly cpuMs: number;
}

function importOnce(entry: string): ImportTime {
  const url = pathToFileURL(resolve(entry)).href;
  const program = `
    const [cpu, start] = [process.cpuUsage(), performance.now()];
    await import(${JSON.stringify(url)});
    const { user, system } = process.cpuUsage(cpu);
    process.stdout.write(JSON.stringify({ wallMs: performance.now() - start, cpuMs: (user + system) / 1000 }));`;
  const { stdout, status, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", program], { encoding: "utf8" });
  if (status !== 0) throw new Error(stderr);
  const time: ImportTime = JSON.parse(stdout);
  return time;
}

/** The value at a share of the sorted ones, between two by their distance. */
function quantile(numbers: readonly number[], share: number): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  const place = share * (sorted.length - 1);
  const [low, high] = [sorted[Math.floor(place)]!, sorted[Math.ceil(place)]!];
  return low + (place % 1) * (high - low);
}

function describe(numbers: readonly number[]): string {
  const [lower, middle, upper] = [0.25, 0.5, 0.75].map((share) => quantile(numbers, share).toFixed(1));
  return `${middle} ms (${lower} to ${upper})`;
}

const times = new Map(entries.map((entry) => [entry, [] as ImportTime[]]));
// The first of each fills the disk's cache.
for (const entry of entries) importOnce(entry);
for (let round = 0; round < rounds; round++)
  for (const entry of round % 2 === 0 ? entries : entries.toReversed()) times.get(entry)!.push(importOnce(entry));

console.log(`Node ${process.version}, ${rounds} times each, in turns; median (quartiles)`);
for (const [entry, all] of times) {
  const [wall, cpu] = [all.map(({ wallMs }) => wallMs), all.map(({ cpuMs }) => cpuMs)];
  const first = times.get(entries[0]!)!;
  const share =
    quantile(cpu, 0.5) /
    quantile(
      first.map(({ cpuMs }) => cpuMs),
      0.5,
    );
  console.log(`${entry}: ${describe(wall)}; processor ${describe(cpu)}, ${share.toFixed(2)} of the first`);
}
