import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type * as TensorFace from "../src/_entries/node.ts";
import { type Contestant, runTurns } from "./contest.ts";
import { machineText, today } from "./machine.ts";
import { makeVariants } from "./pictures.ts";
import { spread, spreadText } from "./statistics.ts";
import { numberList, readWords, wholeNumber } from "../scripts/words.ts";

/**
 * What worker threads bring, and what of a picture's way stays with the one thread that shares the pictures out.
 *
 *     npm run bench -- workers [--pictures 40] [--rounds 5] [--workers 0,1,2,4]
 *
 * A folder in turns, each count of workers in a process of its own; then, with the first thread kept from analysing anything, its own
 * processor time for a picture: what Amdahl's law calls serial.
 */
const { values } = readWords("npm run bench -- workers", {
  pictures: wholeNumber(40),
  rounds: wholeNumber(5),
  workers: numberList([0, 1, 2, 4]),
});
const counts = values.workers;

const folder = await mkdtemp(join(tmpdir(), "tensorface-workers-"));
try {
  const paths = await makeVariants(folder, values.pictures, { least: 480, most: 1920 });
  const share = await serialShare(paths);
  const [two, four, eight] = [2, 4, 8].map((many) => (1 / (share + (1 - share) / many)).toFixed(2));
  console.log(
    `Serial: ${(100 * share).toFixed(2)} % of the processor time. Amdahl's law, against one core: ${two} with 2, ${four} with 4, ${eight} with 8.`,
  );
  const contestants = counts.map((count): Contestant<string> => ({
    key: String(count),
    engine: "tensorface",
    options: { workers: count },
  }));
  const turns = await runTurns({ title: "workers", paths, rounds: values.rounds, warmUp: 1 }, contestants);
  console.log(`\n${today()}, ${machineText()}; ${paths.length} pictures.\n`);
  console.log("| workers | seconds | of the time without | processor time, ms a picture | peak memory, MiB | n |");
  console.log("| ---: | ---: | ---: | ---: | ---: | ---: |");
  for (const { key, answers, peakBytes } of turns) {
    const seconds = spread(answers.map(({ ms }) => ms / 1000));
    const ratio = spread(answers.map(({ ms }, round) => ms / turns[0]!.answers[round]!.ms));
    const work = spread(answers.map(({ processorMs }) => processorMs / paths.length));
    const cells = [key, spreadText(seconds, 1), spreadText(ratio, 2), spreadText(work, 1), Math.round(peakBytes / 2 ** 20), seconds.n];
    console.log(`| ${cells.join(" | ")} |`);
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}

/** Of the processor time of pictures that a worker analyses, the part of the thread that hands them over and takes the answers. */
async function serialShare(paths: readonly string[]): Promise<number> {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what the sources say that the build exports
  const { createAnalyzer } = (await import(pathToFileURL(join(import.meta.dirname, "../dist/index.js")).href)) as typeof TensorFace;
  await using analyzer = await createAnalyzer({ workers: 1 });
  const stop = new AbortController();
  // A stream can only be read in the thread that opened it; one that never ends keeps a place there.
  const held = Array.from({ length: 64 }, async () => analyzer.analyze(new ReadableStream<Uint8Array>({}), { signal: stop.signal }));
  const settled = Promise.allSettled(held);
  const analyzeAll = async (): Promise<unknown> => Promise.all(paths.map(async (path) => analyzer.analyze(path)));
  await analyzeAll();
  const [all, own] = [process.cpuUsage(), process.threadCpuUsage()];
  await analyzeAll();
  const [allNow, ownNow] = [process.cpuUsage(all), process.threadCpuUsage(own)];
  stop.abort();
  await settled;
  return (ownNow.user + ownNow.system) / (allNow.user + allNow.system);
}
