/**
 * Many analyses in a row: resident memory must stay flat.
 *
 *   npm run bench -- soak [--count 1000] [--limit 5]
 *
 * After a fifth of the run the memory is taken as the base, since engines fill their pools first. Exit code 1 when the mean of the
 * last tenth is more than `limit` per cent above it.
 */
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { createAnalyzer } from "../src/_entries/node.ts";

const { values } = parseArgs({ options: { count: { type: "string", default: "1000" }, limit: { type: "string", default: "5" } } });
const count = Number(values.count);
const portrait = fileURLToPath(new URL("../examples/astronaut.png", import.meta.url));

await using analyzer = await createAnalyzer();
const samples: number[] = [];
for (let index = 0; index < count; index++) {
  const { faces } = await analyzer.analyze(portrait);
  if (faces.length !== 1) throw new Error(`analysis ${index + 1} found ${faces.length} faces instead of 1`);
  samples.push(process.memoryUsage.rss() / 2 ** 20);
  if ((index + 1) % 100 === 0) console.error(`${index + 1} of ${count}: ${samples.at(-1)!.toFixed(0)} MiB`);
}
const base = mean(samples.slice(Math.floor(count * 0.2), Math.floor(count * 0.3)));
const end = mean(samples.slice(Math.floor(count * 0.9)));
const growth = 100 * (end / base - 1);
console.log(
  `${count} analyses: ${base.toFixed(0)} MiB after a fifth, ${end.toFixed(0)} MiB at the end, ${growth.toFixed(1)} % growth (limit ${values.limit} %)`,
);
process.exitCode = growth > Number(values.limit) ? 1 : 0;

function mean(numbers: readonly number[]): number {
  return numbers.reduce((sum, value) => sum + value, 0) / numbers.length;
}
