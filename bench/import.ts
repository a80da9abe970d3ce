import { spawnSync } from "node:child_process";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { readWords, wholeNumber } from "../scripts/words.ts";
import { spread, spreadText } from "./statistics.ts";

/**
 * How long `import "tensorface"` takes, of several builds in turns: wall and processor time of the import alone, in a process of its own each.
 *
 *     npm run bench -- import [--rounds N] [FILE...]     entries, as dist/index.js (the default) and that of an older build
 */

const { values, operands } = readWords("npm run bench -- import", { rounds: wholeNumber(20) }, { more: "FILE" });
const { rounds } = values;
const entries = operands.length === 0 ? ["dist/index.js"] : operands;

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

const times = new Map(entries.map((entry) => [entry, [] as ImportTime[]]));
// The first of each fills the disk's cache.
for (const entry of entries) importOnce(entry);
for (let round = 0; round < rounds; round++)
  for (const entry of round % 2 === 0 ? entries : entries.toReversed()) times.get(entry)!.push(importOnce(entry));

console.log(`Node ${process.version}, ${rounds} times each, in turns; median and middle half`);
const first = times.get(entries[0]!)!;
for (const [entry, all] of times) {
  const wall = spread(all.map(({ wallMs }) => wallMs));
  const processor = spread(all.map(({ cpuMs }) => cpuMs));
  const ratio = spread(all.map(({ cpuMs }, round) => cpuMs / first[round]!.cpuMs));
  console.log(
    `${entry}: ${spreadText(wall, 1)} ms; processor ${spreadText(processor, 1)} ms, ${spreadText(ratio, 2)} of the first's, round by round`,
  );
}
