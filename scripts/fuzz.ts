/**
 * Throws damaged pictures at the decoder for as long as you like: `npm run fuzz -- [--minutes 5] [--seed N]`.
 * A file that breaks it is written to `out/`, and the command exits with 1.
 */
import { mkdir, writeFile } from "node:fs/promises";
import { createRandom } from "../src/core/index.ts";
import { decodeOutcome } from "../test/fuzz/check.ts";
import { mutate, seedFiles } from "../test/fuzz/mutate.ts";
import { anyNumber, readWords, wholeNumber } from "./words.ts";

const { values } = readWords("npm run fuzz --", { minutes: anyNumber(5), seed: wholeNumber() });
const { minutes, seed = Date.now() % 0x100000000 } = values;
const end = performance.now() + minutes * 60_000;
const files = await seedFiles();
const random = createRandom(seed);
const counts: Record<string, number> = {};
console.error(`fuzzing for ${minutes} minutes, seed ${seed}`);

let total = 0;
for (; performance.now() < end; total++) {
  const file = files[random.integer(files.length)]!;
  let bytes = file.bytes;
  for (let times = 1 + random.integer(3); times > 0; times--) bytes = mutate(bytes, random);
  try {
    const outcome = await decodeOutcome(bytes);
    counts[outcome] = (counts[outcome] ?? 0) + 1;
  } catch (error) {
    await mkdir("out", { recursive: true });
    await writeFile(`out/fuzz-${seed}-${total}.bin`, bytes);
    console.error(`damaged ${file.name} (out/fuzz-${seed}-${total}.bin):`, error);
    process.exitCode = 1;
    break;
  }
}
console.log(JSON.stringify({ seed, files: total, residentMiB: Math.round(process.memoryUsage.rss() / 2 ** 20), ...counts }));
