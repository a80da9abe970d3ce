/**
 * How long an import, the search for duplicates and a report take, and how much memory, on real data:
 *
 *   npm run bench -- datasets [--fer2013 fer2013.csv] [--fairface DIR] [--utkface DIR] [--rounds 2] [--folder out/bench-datasets] [--resume]
 *
 * Each step is a process of its own and begins without anything that an earlier run left. What was measured is written down at
 * once, so that a run that was stopped goes on with `--resume`. Prints the rows of the table in docs/reference/datasets.md.
 */
import { appendFile, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { datasetInfoSchema } from "../src/datasets/index.ts";
import { machineText, today } from "./machine.ts";
import { mebibytes, runToEnd } from "./measured-command.ts";
import { spread } from "./statistics.ts";
import { anyText, endWithUsage, flag, readWords, wholeNumber } from "../scripts/words.ts";

const { values, usage } = readWords("npm run bench -- datasets", {
  fer2013: anyText(),
  fairface: anyText(),
  utkface: anyText(),
  rounds: wholeNumber(2),
  folder: anyText("out/bench-datasets"),
  resume: flag,
});
const formats = ["fer2013", "fairface", "utkface"] as const;
const steps = ["import", "duplicates", "report"] as const;
type Format = (typeof formats)[number];
type Step = (typeof steps)[number];

interface StepRule {
  readonly words: (format: Format, source: string, data: string) => string[];
  /** What the step must not find from a run that was stopped in it. */
  readonly leftovers: (data: string) => string[];
  readonly title: (measurement: Measurement) => string;
}

const rules: Readonly<Record<Step, StepRule>> = {
  import: {
    words: (format, source, data) => ["dataset", "import", format, source, "--out", data],
    leftovers: (data) => [data],
    title: ({ format }) => `import ${format}`,
  },
  duplicates: {
    words: (_format, _source, data) => ["dataset", "duplicates", data],
    leftovers: (data) => [join(data, "measures.jsonl")],
    title: ({ format, said }) => `duplicates of ${format}, measuring included (${said})`,
  },
  report: {
    words: (_format, _source, data) => ["dataset", "report", data, "--out", join(data, "report.html")],
    leftovers: () => [],
    title: ({ format }) => `report of ${format}, pictures measured before`,
  },
};

/** A line of `measured.jsonl`. */
const measurementSchema = z.strictObject({
  format: z.enum(formats),
  step: z.enum(steps),
  round: z.int(),
  source: z.string(),
  rows: z.int(),
  seconds: z.number(),
  peakBytes: z.number(),
  /** What the command said first: of duplicates, how many there are. */
  said: z.string(),
  machine: z.string(),
  date: z.string(),
});
type Measurement = z.infer<typeof measurementSchema>;

const machine = machineText();
const rounds = Array.from({ length: values.rounds }, (_, index) => index + 1);
const sources = formats.flatMap((format) => (values[format] === undefined ? [] : [{ format, source: values[format] }]));
if (sources.length === 0) endWithUsage(`give at least one of ${formats.map((format) => `--${format} SOURCE`).join(", ")}`, usage);
const log = join(values.folder, "measured.jsonl");

if (!values.resume) await rm(values.folder, { recursive: true, force: true });
await mkdir(values.folder, { recursive: true });
const measured = await readMeasured();
// Rounds outside, so that what else the machine does in a minute does not fall on one dataset alone.
for (const round of rounds) {
  for (const { format, source } of sources) {
    for (const step of steps) {
      if (measured.some((one) => one.format === format && one.source === source && one.step === step && one.round === round)) continue;
      measured.push(await measure(format, source, step, round));
    }
    await rm(dataFolder(format, round), { recursive: true, force: true });
  }
}
printTable();

function dataFolder(format: Format, round: number): string {
  return join(values.folder, `${format}-${round}`);
}

/** What earlier runs measured on this machine; a last line that a killed one left half written goes. */
async function readMeasured(): Promise<Measurement[]> {
  const text = await readFile(log, "utf8").catch(() => "");
  const whole = text.slice(0, text.lastIndexOf("\n") + 1);
  await writeFile(log, whole);
  const lines = whole.split("\n").filter((line) => line !== "");
  return lines.map((line) => measurementSchema.parse(JSON.parse(line))).filter((one) => one.machine === machine);
}

async function measure(format: Format, source: string, step: Step, round: number): Promise<Measurement> {
  const data = dataFolder(format, round);
  for (const path of rules[step].leftovers(data)) await rm(path, { recursive: true, force: true });
  const { seconds, peakBytes, stdout } = await runToEnd(rules[step].words(format, source, data));
  const { counts } = datasetInfoSchema.parse(JSON.parse(await readFile(join(data, "dataset.json"), "utf8")));
  const said = stdout.split("\n")[0] ?? "";
  const date = today();
  const measurement: Measurement = { format, step, round, source, rows: counts.rows, seconds, peakBytes, said, machine, date };
  await appendFile(log, `${JSON.stringify(measurement)}\n`);
  process.stderr.write(`round ${round} of ${rounds.length}: ${step} ${format} ${seconds.toFixed(1)} s, ${mebibytes(peakBytes)}\n`);
  return measurement;
}

function printTable(): void {
  const dates = [...new Set(measured.map(({ date }) => date))].sort();
  console.log(`${machine}, ${dates.join(" and ")}\n`);
  console.log("| work | rows | seconds, median (least to most) | rows/s | largest memory | n |\n| --- | --: | --- | --: | --: | --: |");
  for (const { format, source } of sources) {
    for (const step of steps) printRow(measured.filter((one) => one.format === format && one.source === source && one.step === step));
  }
}

function printRow(runs: readonly Measurement[]): void {
  const [first] = runs;
  if (first === undefined) return;
  const seconds = runs.map((run) => run.seconds);
  const { median } = spread(seconds);
  const range = `${median.toFixed(1)} (${Math.min(...seconds).toFixed(1)} to ${Math.max(...seconds).toFixed(1)})`;
  const peak = mebibytes(Math.max(...runs.map(({ peakBytes }) => peakBytes)));
  console.log(
    `| ${rules[first.step].title(first)} | ${first.rows} | ${range} | ${Math.round(first.rows / median)} | ${peak} | ${runs.length} |`,
  );
}
