/**
 * Many analyses in a row by the built package, as its users have it: resident memory must stay flat.
 *
 *   npm run bench -- soak [--count 1000] [--limit 5] [--pictures 24] [--least 320] [--most 720] [--keep-young]
 *
 * The portrait again and again, or, with `--pictures`, so many files of different widths in turns; with `--keep-young` V8's young generation
 * stays as it is, as in `tensorface analyze`. After a fifth of the run the memory is
 * taken as the base, since engines fill their pools first. Exit code 1 when the mean of the last tenth is more than `limit` per cent above it.
 * On Linux it also tells where the memory lies, at both times.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadTensorFace } from "../bench/engines/tensorface.ts";
import { measureMemory, type MemoryParts, partNames } from "../bench/memory/parts.ts";
import { makeVariants, portrait } from "../bench/pictures.ts";
import { keepHeapSteady } from "../src/runtime/steady-memory.node.ts";
import { anyNumber, flag, readWords, wholeNumber } from "./words.ts";

const { values } = readWords("npm run bench -- soak", {
  count: wholeNumber(1000),
  limit: anyNumber(5),
  pictures: wholeNumber(1),
  // As small as most crops and portraits are, so that thousands of them take minutes.
  least: wholeNumber(320),
  most: wholeNumber(720),
  "keep-young": flag,
});
const { count, least, most } = values;
if (values["keep-young"]) keepHeapSteady();
const [isBase, isEnd] = [
  (index: number) => index >= Math.floor(count * 0.2) && index < Math.floor(count * 0.3),
  (index: number) => index >= Math.floor(count * 0.9),
];
/** Analyses from one look at the mappings to the next: a look takes about as long as a picture. */
const stride = Math.max(1, Math.floor(count / 200));

const folder = await mkdtemp(join(tmpdir(), "tensorface-soak-"));
try {
  const pictures = values.pictures === 1 ? [portrait] : await makeVariants(folder, values.pictures, { least, most });
  const engine = await loadTensorFace({});
  const samples: number[] = [];
  const parts: Record<"base" | "end", MemoryParts[]> = { base: [], end: [] };
  for (let index = 0; index < count; index++) {
    const { faces } = await engine.analyze(pictures[index % pictures.length]!);
    if (faces.length === 0) throw new Error(`analysis ${index + 1} found no face`);
    samples.push(process.memoryUsage.rss() / 2 ** 20);
    const isAsked = index % stride === 0 && process.platform === "linux";
    if (isAsked && (isBase(index) || isEnd(index))) parts[isBase(index) ? "base" : "end"].push(await measureMemory());
    if ((index + 1) % 100 === 0) console.error(`${index + 1} of ${count}: ${samples.at(-1)!.toFixed(0)} MiB`);
  }
  const base = mean(samples.filter((_, index) => isBase(index)));
  const end = mean(samples.filter((_, index) => isEnd(index)));
  const growth = 100 * (end / base - 1);
  console.log(
    `${count} analyses of ${pictures.length} pictures: ${base.toFixed(0)} MiB after a fifth, ${Math.max(...samples).toFixed(0)} at most, ` +
      `${end.toFixed(0)} MiB at the end, ${growth.toFixed(1)} % growth (limit ${values.limit} %), ${(process.cpuUsage().user / 1e6).toFixed(0)} s of the processor`,
  );
  if (parts.base.length > 0) for (const line of describeParts(parts)) console.log(line);
  process.exitCode = growth > values.limit ? 1 : 0;
} finally {
  await rm(folder, { recursive: true, force: true });
}

/** Means in MiB, as Markdown. */
function describeParts({ base, end }: Readonly<Record<"base" | "end", readonly MemoryParts[]>>): string[] {
  const row = (title: string, samples: readonly MemoryParts[]): string =>
    `| ${[title, ...partNames.map((name) => (mean(samples.map((sample) => sample[name])) / 2 ** 20).toFixed(1))].join(" | ")} |`;
  return [
    `| MiB | ${partNames.join(" | ")} |`,
    `| --- |${" ---: |".repeat(partNames.length)}`,
    row("after a fifth", base),
    row("last tenth", end),
  ];
}

function mean(numbers: readonly number[]): number {
  return numbers.reduce((sum, value) => sum + value, 0) / numbers.length;
}
