import type { Machine } from "../machine.ts";
import { spreadText } from "../statistics.ts";
import { createNetwork, type NetworkDefinition } from "../../src/train/network/index.ts";
import type { HeadResult } from "./head-race.ts";
import { type Race, type RaceResult, stepsPerRound } from "./race.ts";
import { headWork, reference } from "./reference.ts";

export interface TrainingReport {
  readonly date: string;
  readonly machine: Machine;
  readonly threads: number;
  readonly race: Race;
  readonly head: HeadResult;
  /** Floating-point operations a second of a large matrix product. */
  readonly matrixRate: number;
}

/** The report as Markdown. */
export function renderTraining({ date, machine, threads, race, head, matrixRate }: TrainingReport): string {
  const { multiplyAccumulates, parameterCount } = createNetwork(reference.definition);
  const [own, ...rivals] = race.results;
  const best = rivals.toSorted((a, b) => b.pace.median - a.pace.median)[0];
  return [
    `Measured on ${date}: ${machine.processor}, ${machine.cores} cores, ${machine.memoryGiB} GiB, ${machine.system}; ${threads} threads each.`,
    `Reference: a residual network at 64 pixels, ${(parameterCount / 1e6).toFixed(1)} M parameters, ${Math.round(multiplyAccumulates / 1e6)} M multiply-accumulates a picture,`,
    `batches of ${reference.batchSize}, cross-entropy, AdamW, clipping, moving average, float32; ${stepsPerRound} steps a round, in turns.`,
    "",
    "| engine | pictures a second, median (middle half) | GFLOP/s | of the matrix product's rate | CPU s a step | peak MiB | n |",
    "| --- | ---: | ---: | ---: | ---: | ---: | ---: |",
    ...race.results.map((result) => renderEngine(result, trainingOperations(reference.definition), matrixRate)),
    "",
    ...(best === undefined
      ? []
      : [`TensorFace trains ${(own!.pace.median / best.pace.median).toFixed(2)} times as many pictures a second as ${best.name}.`, ""]),
    `The matrix product (1024 cubed, float32, ONNX Runtime) ran at ${(matrixRate / 1e9).toFixed(1)} GFLOP/s.`,
    "",
    `Where a step's time goes, milliseconds by ONNX Runtime's profiler: ${renderStages(race.operations)}.`,
    "",
    ...renderHead(head, matrixRate),
  ].join("\n");
}

/** Of one sample: forward, the gradient of the input and that of the weights take about the same; a product and a sum are two. */
function trainingOperations(definition: NetworkDefinition): number {
  return 3 * 2 * createNetwork(definition).multiplyAccumulates;
}

function renderEngine({ name, version, pace, cpuSeconds, peakBytes }: RaceResult, operations: number, matrixRate: number): string {
  const rate = pace.median * operations;
  const cells = [
    `${name} ${version}`,
    spreadText(pace, 1),
    (rate / 1e9).toFixed(1),
    share(rate, matrixRate),
    cpuSeconds.toFixed(2),
    mebibytes(peakBytes),
    String(pace.n),
  ];
  return `| ${cells.join(" | ")} |`;
}

function renderHead({ time, cpuSeconds, loss, peakBytes, operations }: HeadResult, matrixRate: number): string[] {
  const { rows, columns, epochs, batchSize, definition } = headWork;
  const steps = Math.floor(rows / batchSize) * epochs;
  const rate = (steps * batchSize * trainingOperations(definition)) / time.median;
  return [
    `A head on frozen features, ${rows} x ${columns}: a norm, 256 hidden units, dropout, 7 classes; ${epochs} epochs, ${steps} steps of ${batchSize}, which`,
    `bring the training loss from ${Math.log(headWork.classes).toFixed(2)} (chance) to ${loss.toFixed(2)}: **${time.median.toFixed(1)} s** (${time.lowerQuartile.toFixed(1)} to ${time.upperQuartile.toFixed(1)}, n = ${time.n}), ${cpuSeconds.toFixed(1)} CPU s, ${(rate / 1e9).toFixed(1)} GFLOP/s`,
    `(${share(rate, matrixRate)} of the matrix product's rate), peak ${mebibytes(peakBytes)} MiB. Milliseconds a step: ${renderStages(operations)}.`,
  ];
}

/** The largest, and what the others are together. */
function renderStages(operations: Readonly<Record<string, number>>, count = 12): string {
  const total = Object.values(operations).reduce((sum, value) => sum + value, 0);
  const sorted = Object.entries(operations).toSorted((a, b) => b[1] - a[1]);
  const rest = sorted.slice(count).reduce((sum, [, value]) => sum + value, 0);
  const shown = [...sorted.slice(0, count), ["the rest", rest] as const];
  const digits = total < 20 ? 2 : 1;
  return `${total.toFixed(digits)} in all, of which ${shown.map(([name, value]) => `${name} ${value.toFixed(digits)} (${share(value, total)})`).join(", ")}`;
}

function share(part: number, whole: number): string {
  return `${Math.round((100 * part) / whole)} %`;
}

function mebibytes(bytes: number): string {
  return String(Math.round(bytes / 2 ** 20));
}
