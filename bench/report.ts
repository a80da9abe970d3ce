import type { EngineFacts, EngineRow } from "./contest.ts";
import { type Machine, machineText } from "./machine.ts";
import type { Spread } from "./statistics.ts";

export interface BenchRow {
  readonly title: string;
  /** When it was measured. */
  readonly date: string;
  /** Pictures of one round. */
  readonly pictures: number;
  /** Faces that are really there, in all pictures of a round. */
  readonly facesThere: number;
  readonly engines: readonly EngineRow[];
}

/** Operations of the networks that one portrait runs through, and the time they take at the machine's rate. */
export interface Floor {
  readonly operations: Readonly<Record<string, number>>;
  readonly operationsPerSecond: number;
  readonly milliseconds: number;
}

export interface BenchReport {
  readonly schema: "tensorface.benchmark/1";
  readonly date: string;
  readonly machine: Machine;
  readonly engines: readonly EngineFacts[];
  readonly rows: readonly BenchRow[];
  readonly floor: Floor;
}

/** Whether rows that were measured earlier may stand beside new ones: the report tells of one machine, and of each engine as it is now. */
export function isComparable(kept: Pick<BenchReport, "machine" | "engines">, now: Pick<BenchReport, "machine" | "engines">): boolean {
  const conditions = ({ machine, engines }: typeof kept): string => JSON.stringify([machineText(machine), engines]);
  return conditions(kept) === conditions(now);
}

/** The report as Markdown: a table, what it was measured on, the stages and the floor. */
export function renderReport(report: BenchReport): string {
  return [
    `${machineText(report.machine)}.`,
    "",
    ...report.engines.map(({ name, version, setup }) => `- ${name} ${version}: ${setup}`),
    "",
    ...table(report),
    "",
    "Times are the median of n rounds, with the middle half of them in brackets; processor time is that of all threads. Memory is the largest resident size of the process.",
    "",
    ...stagesAndFloor(report),
  ].join("\n");
}

function table({ rows, engines }: BenchReport): string[] {
  const names = new Map(engines.map(({ engine, name }) => [engine, name]));
  const lines = rows.flatMap((row) => {
    const own = row.engines.find(({ engine }) => engine === "tensorface")!;
    return row.engines.map(({ engine, time, processorTime, faces, peakBytes }, index) => {
      const cells = [
        index === 0 ? row.title : "",
        names.get(engine)!,
        withSpread(time),
        row.pictures === 1 ? "" : ((1000 * row.pictures) / time.median).toFixed(1),
        (time.median / own.time.median).toFixed(1),
        withSpread(processorTime),
        (processorTime.median / own.processorTime.median).toFixed(1),
        `${faces} of ${row.facesThere}`,
        `${Math.round(peakBytes / 2 ** 20)} MiB`,
        String(time.n),
        index === 0 ? row.date : "",
      ];
      return `| ${cells.join(" | ")} |`;
    });
  });
  return [
    "| row | engine | time, ms | pictures a second | times TensorFace | processor time, ms | times TensorFace | faces found | peak memory | n | measured |",
    "| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | --- |",
    ...lines,
  ];
}

function withSpread(time: Spread): string {
  const [lower, upper] = [time.lowerQuartile, time.upperQuartile].map((median) => milliseconds({ ...time, median }));
  return `${milliseconds(time)} (${lower} to ${upper})`;
}

function milliseconds({ median }: Spread): string {
  return median >= 100 ? Math.round(median).toString() : median.toFixed(1);
}

function stagesAndFloor({ rows, floor }: BenchReport): string[] {
  const staged = rows.flatMap((row) =>
    row.engines.filter(({ stages }) => stages !== undefined).map(({ stages }) => ({ row, stages: stages! })),
  );
  const [first] = staged;
  if (first === undefined) return [];
  const names = Object.keys(first.stages);
  const networks = Object.entries(floor.operations).map(([id, operations]) => `${id} ${(operations / 1e6).toFixed(0)}`);
  return [
    "Where TensorFace's time goes, median milliseconds:",
    "",
    `| row | ${names.join(" | ")} |`,
    `| --- | ${names.map(() => "---:").join(" | ")} |`,
    ...staged.map(({ row, stages }) => `| ${row.title} | ${names.map((name) => stages[name]!.toFixed(1)).join(" | ")} |`),
    "",
    `The floor for the portrait: its networks take ${(sum(Object.values(floor.operations)) / 1e6).toFixed(0)} million floating-point operations`,
    `(${networks.join(", ")}; each as often as it looks at a face), and this machine multiplies matrices at ${(floor.operationsPerSecond / 1e9).toFixed(0)} GFLOP/s`,
    `(1024 cubed, float32, ONNX Runtime): ${floor.milliseconds.toFixed(1)} ms, without decoding.`,
  ];
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** A page that has nothing but its markers. */
export const emptyPage = "# Performance\n\n<!-- benchmark:begin (written by `npm run bench -- --write`) -->\n<!-- benchmark:end -->\n";

/** The page with the part between the markers `<!-- NAME:begin -->` and `<!-- NAME:end -->` replaced. @throws {Error} when it has none */
export function replaceBetweenMarkers(page: string, content: string, name = "benchmark"): string {
  const opening = new RegExp(`<!-- ${name}:begin[^>]*-->`).exec(page);
  const to = page.indexOf(`<!-- ${name}:end -->`);
  if (opening === null || to < opening.index) throw new Error(`the page needs the lines <!-- ${name}:begin --> and <!-- ${name}:end -->`);
  return `${page.slice(0, opening.index + opening[0].length)}\n\n${content}\n\n${page.slice(to)}`;
}
