/**
 * An import of very many rows, for real: is memory bounded, and does it go on where it was after `kill -9`?
 *
 *   npm run bench -- million [--rows 1000000] [--pictures 2000] [--verify] [--folder DIR]
 *
 * Writes a table of that many rows over small drawn pictures, imports it, kills the import in the middle, runs the same command
 * again, and checks that every row came out once, in order. One small import beside it says what memory costs without rows.
 * Pictures are read and hashed; only with --verify are they decoded too, which takes most of an ordinary import's time.
 */
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { mkdir, mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createRandom } from "../src/core/index.ts";
import { openDataset } from "../src/datasets/dataset.node.ts";
import { encode } from "../src/image/encode.node.ts";
import { createRasterImage } from "../src/image/index.ts";
import { machineText, today } from "./machine.ts";
import { mebibytes, runMeasured, runToEnd } from "./measured-command.ts";
import { anyText, flag, readWords, wholeNumber } from "../scripts/words.ts";

const { values } = readWords("npm run bench -- million", {
  rows: wholeNumber(1_000_000),
  pictures: wholeNumber(2000),
  verify: flag,
  folder: anyText(),
});
const { rows, pictures } = values;
const side = 48;

const folder = values.folder ?? (await mkdtemp(join(tmpdir(), "tensorface-million-")));
await mkdir(join(folder, "pictures"), { recursive: true });
await drawPictures();
const words = await writeTable("rows.csv", rows);
const small = await runToEnd(await writeTable("few.csv", Math.min(1000, rows)));

const journal = join(folder, "rows", ".import", "rows.jsonl");
const bytesOf = async (path: string): Promise<number> =>
  stat(path).then(
    ({ size }) => size,
    () => 0,
  );
const table = await bytesOf(join(folder, "rows.csv"));
// A line of the journal is longer than its row: half of the journal is there when it has about four times half of the table.
const killed = await runMeasured(words, async () => (await bytesOf(journal)) > table * 2);
if (killed.signal !== "SIGKILL") throw new Error(`the import was not killed in its middle: ${killed.stderr}`);
const keptBytes = await bytesOf(journal);
const resumed = await runToEnd(words);
await checkManifest();

const seconds = killed.seconds + resumed.seconds;
console.log(`${machineText()}, ${today()}, n = 1 run`);
console.log(
  `${rows} rows over ${pictures} pictures of ${side} x ${side}, each read, ${values.verify ? "decoded" : "its header checked"} and hashed; table ${mebibytes(table)}`,
);
console.log(`killed with SIGKILL after ${killed.seconds.toFixed(0)} s (${mebibytes(keptBytes)} of journal kept)`);
console.log(`resumed and finished in ${resumed.seconds.toFixed(0)} s; together ${(rows / seconds).toFixed(0)} rows/s`);
console.log(
  `peak memory ${mebibytes(killed.peakBytes)} before, ${mebibytes(resumed.peakBytes)} after; with 1,000 rows ${mebibytes(small.peakBytes)}`,
);
if (values.folder === undefined) await rm(folder, { recursive: true });

async function drawPictures(): Promise<void> {
  const random = createRandom(1);
  for (let n = 0; n < pictures; n++) {
    const data = Uint8Array.from({ length: side * side * 3 }, () => random.integer(256));
    await writeFile(
      join(folder, "pictures", `${n}.jpg`),
      await encode(createRasterImage(side, side, data), { format: "jpeg", quality: 60 }),
    );
  }
}

/** Ids run backwards, so that the sort has something to do. */
async function writeTable(name: string, count: number): Promise<string[]> {
  const file = createWriteStream(join(folder, name));
  file.write("id,path,mood,age\n");
  for (let n = 0; n < count; n++) {
    const line = `row${String(count - n).padStart(8, "0")},pictures/${n % pictures}.jpg,${n % 2 === 0 ? "happy" : "sad"},${n % 90}\n`;
    if (!file.write(line)) await once(file, "drain");
  }
  file.end();
  await once(file, "close");
  const words = ["dataset", "import", "csv", join(folder, name), "--out", join(folder, name.replace(".csv", ""))];
  return values.verify ? words : [...words, "--no-verify"];
}

async function checkManifest(): Promise<void> {
  const dataset = await openDataset(join(folder, "rows"));
  let expected = 1;
  for await (const { id } of dataset.records()) {
    if (id !== `csv/row${String(expected++).padStart(8, "0")}`) throw new Error(`record ${expected - 1} is "${id}"`);
  }
  if (expected - 1 !== rows || dataset.info.counts.faces !== rows) throw new Error(`${rows} rows became ${expected - 1} records`);
}
