import { mkdtemp, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import sharp from "sharp";
import { type Contest, runTurns } from "./contest.ts";
import { machineText, today } from "./machine.ts";
import { replaceBetweenMarkers } from "./report.ts";
import { spread } from "./statistics.ts";
import { flag, readWords, someOf, wholeNumber } from "../scripts/words.ts";

/**
 * How time and memory grow: with the faces of a picture, with its pixels, with the number of pictures, and with files that are too large to be
 * read. Each point is a process of its own.
 *
 *     npm run bench -- growth [--rows faces,pixels,pictures,refused] [--rounds 3] [--most 10000] [--write]
 */
const rowNames = ["faces", "pixels", "pictures", "refused"] as const;
type RowName = (typeof rowNames)[number];
const { values } = readWords("npm run bench -- growth", {
  rows: someOf(rowNames),
  rounds: wholeNumber(3),
  most: wholeNumber(10_000),
  write: flag,
});
const { rounds } = values;
const source = fileURLToPath(new URL("../examples/astronaut.png", import.meta.url));
/** Head and shoulders. */
const head = { left: 120, top: 10, width: 200, height: 200 } as const;
const canvas = { width: 4000, height: 3000 } as const;
const cell = { width: 160, height: 150 } as const;
const columns = canvas.width / cell.width;

interface Point {
  readonly size: number;
  readonly paths: readonly string[];
}

/** A canvas of 12 megapixels with this many heads on it. */
async function crowd(folder: string, count: number): Promise<Point> {
  const tile = await sharp(source).extract(head).resize(cell.height, cell.height).png().toBuffer();
  const path = join(folder, `faces-${count}.jpg`);
  const places = Array.from({ length: count }, (_, index) => ({
    input: tile,
    left: (index % columns) * cell.width,
    top: Math.floor(index / columns) * cell.height,
  }));
  await sharp({ create: { ...canvas, channels: 3, background: "#7d8792" } })
    .composite(places)
    .jpeg({ quality: 90 })
    .toFile(path);
  return { size: count, paths: [path] };
}

/** The portrait, enlarged. */
async function enlarged(folder: string, megapixels: number): Promise<Point> {
  const side = Math.round(Math.sqrt(megapixels * 1e6));
  const path = join(folder, `pixels-${megapixels}.jpg`);
  await sharp(source).resize(side, side, { kernel: "cubic" }).jpeg({ quality: 90 }).toFile(path);
  return { size: megapixels, paths: [path] };
}

/** Files of 1.9 GB that take no room on the disk: behind a picture's first bytes there is nothing. */
async function oversized(folder: string, count: number): Promise<Point> {
  const begin = (await readFile(source)).subarray(0, 4096);
  const paths = Array.from({ length: count }, (_, index) => join(folder, `oversized-${count}-${index}.png`));
  for (const path of paths) {
    await writeFile(path, begin);
    await truncate(path, 1.9e9);
  }
  return { size: count, paths };
}

async function pointsOf(row: RowName, folder: string): Promise<Point[]> {
  if (row === "faces") return Promise.all([1, 5, 20, 100, 500].map(async (count) => crowd(folder, count)));
  if (row === "pixels") {
    const points: Point[] = [];
    for (const megapixels of [1, 4, 12, 48, 108, 200]) points.push(await enlarged(folder, megapixels));
    return points;
  }
  if (row === "refused") return Promise.all([1, 16].map(async (count) => oversized(folder, count)));
  return [1, 10, 100, 1000, 10_000]
    .filter((count) => count <= values.most)
    .map((count) => ({ size: count, paths: Array.from({ length: count }, () => source) }));
}

const units: Readonly<Record<RowName, string>> = { faces: "faces", pixels: "megapixels", pictures: "pictures", refused: "files of 1.9 GB" };

async function measure(row: RowName, { size, paths }: Point): Promise<string> {
  const title = `${units[row]}: ${size}`;
  const areRefused = row === "refused";
  const contest: Contest = { title, paths, rounds: size >= 1000 ? 1 : rounds, warmUp: row === "pictures" ? 0 : 1, areRefused };
  const options = { maxFaces: 1000, limits: { maxPixels: 250_000_000 } };
  const [turns] = await runTurns(contest, [{ key: "now", engine: "tensorface", options }]);
  const { answers, peakBytes } = turns!;
  const { median, n } = spread(answers.map(({ processorMs }) => processorMs));
  console.error(`${title}: ${median.toFixed(0)} ms of the processor, ${(peakBytes / 2 ** 20).toFixed(0)} MiB`);
  return `| ${title} | ${answers.at(-1)!.faces} | ${median.toFixed(0)} | ${(median / size).toFixed(1)} | ${(peakBytes / 2 ** 20).toFixed(0)} | ${n} |`;
}

const folder = await mkdtemp(join(tmpdir(), "tensorface-growth-"));
try {
  const lines: string[] = [];
  for (const row of values.rows) for (const point of await pointsOf(row, folder)) lines.push(await measure(row, point));
  const text = [
    `${today()}, ${machineText()}; median of n rounds, processor time of all threads, one process for each line.`,
    "",
    "| size | faces found, or files refused | processor time, ms | of each | peak memory, MiB | n |",
    "| --- | ---: | ---: | ---: | ---: | ---: |",
    ...lines,
  ].join("\n");
  console.log(text);
  if (values.write) {
    const page = fileURLToPath(new URL("../docs/lab/performance.md", import.meta.url));
    await writeFile(page, replaceBetweenMarkers(await readFile(page, "utf8"), text, "growth"));
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}
