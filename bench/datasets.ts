/**
 * How long an import, the search for duplicates and a report take, and how much memory, on real data:
 *
 *   npm run bench:datasets -- [--fer2013 fer2013.csv] [--fairface DIR] [--utkface DIR] [--rounds 3]
 *
 * Each run is a process of its own and writes into a fresh folder. Prints the rows of the table in docs/datasets.md.
 */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { datasetInfoSchema } from "../src/datasets/dataset-info.ts";
import { describeMachine } from "./machine.ts";
import { type MeasuredRun, mebibytes, runToEnd } from "./measured-command.ts";
import { spread } from "./statistics.ts";

const { values } = parseArgs({
  options: {
    fer2013: { type: "string" },
    fairface: { type: "string" },
    utkface: { type: "string" },
    rounds: { type: "string", default: "3" },
  },
});
const formats = ["fer2013", "fairface", "utkface"] as const;
const rounds = Number(values.rounds);
const { processor, cores, memoryGiB, node } = describeMachine();
console.log(`${processor}, ${cores} cores, ${memoryGiB} GiB, Node ${node}, ${new Date().toISOString().slice(0, 10)}\n`);
console.log("| work | rows | seconds, median (least to most) | rows/s | largest memory | n |\n| --- | --: | --- | --: | --: | --: |");
for (const format of formats) {
  const source = values[format];
  if (source !== undefined) await measure(format, source);
}

async function measure(format: (typeof formats)[number], source: string): Promise<void> {
  const imports: MeasuredRun[] = [];
  const searches: MeasuredRun[] = [];
  const reports: MeasuredRun[] = [];
  let rows = 0;
  for (let round = 0; round < rounds; round++) {
    const folder = await mkdtemp(join(tmpdir(), "tensorface-bench-"));
    const out = join(folder, "data");
    imports.push(await runToEnd(["dataset", "import", format, source, "--out", out]));
    searches.push(await runToEnd(["dataset", "duplicates", out]));
    reports.push(await runToEnd(["dataset", "report", out, "--out", join(folder, "report.html")]));
    rows = datasetInfoSchema.parse(JSON.parse(await readFile(join(out, "dataset.json"), "utf8"))).counts.rows;
    await rm(folder, { recursive: true });
  }
  printRow(`import ${format}`, rows, imports);
  printRow(`duplicates, measuring included (${searches[0]!.stdout.split("\n")[0]})`, rows, searches);
  printRow("report, pictures measured before", rows, reports);
}

function printRow(work: string, rows: number, runs: readonly MeasuredRun[]): void {
  const seconds = runs.map((run) => run.seconds);
  const { median } = spread(seconds);
  const range = `${median.toFixed(1)} (${Math.min(...seconds).toFixed(1)} to ${Math.max(...seconds).toFixed(1)})`;
  const peak = mebibytes(Math.max(...runs.map(({ peakBytes }) => peakBytes)));
  console.log(`| ${work} | ${rows} | ${range} | ${Math.round(rows / median)} | ${peak} | ${runs.length} |`);
}
