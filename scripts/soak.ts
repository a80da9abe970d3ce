/**
 * Many analyses in a row by the built package, as its users have it: resident memory must stay flat.
 *
 *   npm run bench -- soak [--count 1000] [--limit 5] [--pictures 24]
 *
 * The portrait again and again, or, with `--pictures`, so many files of different sizes in turns. After a fifth of the run the memory is
 * taken as the base, since engines fill their pools first. Exit code 1 when the mean of the last tenth is more than `limit` per cent above it.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { loadTensorFace } from "../bench/engines/tensorface.ts";
import { makeVariants, portrait } from "../bench/pictures.ts";

const { values } = parseArgs({
  options: {
    count: { type: "string", default: "1000" },
    limit: { type: "string", default: "5" },
    pictures: { type: "string", default: "1" },
  },
});
const count = Number(values.count);
/** As small as most crops and portraits are, so that thousands of them take minutes. */
const sides = { least: 320, most: 720 } as const;

const folder = await mkdtemp(join(tmpdir(), "tensorface-soak-"));
try {
  const pictures = values.pictures === "1" ? [portrait] : await makeVariants(folder, Number(values.pictures), sides);
  const engine = await loadTensorFace({});
  const samples: number[] = [];
  for (let index = 0; index < count; index++) {
    const { faces } = await engine.analyze(pictures[index % pictures.length]!);
    if (faces.length === 0) throw new Error(`analysis ${index + 1} found no face`);
    samples.push(process.memoryUsage.rss() / 2 ** 20);
    if ((index + 1) % 100 === 0) console.error(`${index + 1} of ${count}: ${samples.at(-1)!.toFixed(0)} MiB`);
  }
  const base = mean(samples.slice(Math.floor(count * 0.2), Math.floor(count * 0.3)));
  const end = mean(samples.slice(Math.floor(count * 0.9)));
  const growth = 100 * (end / base - 1);
  console.log(
    `${count} analyses of ${pictures.length} pictures: ${base.toFixed(0)} MiB after a fifth, ${Math.max(...samples).toFixed(0)} at most, ` +
      `${end.toFixed(0)} MiB at the end, ${growth.toFixed(1)} % growth (limit ${values.limit} %)`,
  );
  process.exitCode = growth > Number(values.limit) ? 1 : 0;
} finally {
  await rm(folder, { recursive: true, force: true });
}

function mean(numbers: readonly number[]): number {
  return numbers.reduce((sum, value) => sum + value, 0) / numbers.length;
}
