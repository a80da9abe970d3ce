import {
  createTensorPool,
  type Float32Tensor,
  groupOfNumber,
  type IntervalTails,
  largestTail,
  type LabelSet,
  type TaskKind,
  type Tensor,
  TensorFaceError,
} from "../core/index.ts";
import { type HeadManifest, type HeadOutput, outputKind } from "../models/index.ts";
import { toAgeDistribution } from "./age.ts";
import { ageShare, labelSet } from "./conformal.ts";
import { noveltyOf } from "./novelty.ts";
import { averageProbabilities, toProbabilities, toTagProbabilities } from "./probabilities.ts";

/** What a head needs of the runtime's sessions. */
interface HeadNetwork {
  run(feeds: Readonly<Record<string, Tensor>>, fetches?: readonly string[]): Promise<Record<string, Tensor>>;
}

/** A head's network with the manifest that explains it. */
export interface Head {
  readonly manifest: HeadManifest;
  readonly network: HeadNetwork;
}

/** What one output of a head says of one face, in a form that no longer depends on the network. */
export type HeadAnswer = AgeAnswer | LabelAnswer | TagsAnswer | NumberAnswer;

export interface AgeAnswer {
  readonly task: string;
  readonly kind: "age";
  /** `[101]`, one probability a year. */
  readonly distribution: Float64Array;
  /**
   * The share of the distribution that the interval takes, or leaves out below and above; undefined: it takes the level itself. See the manifest's
   * `intervalMass`, `intervalTails` and `conformal`.
   */
  readonly intervalShare: number | IntervalTails | undefined;
  /** What the network told of this face, whether or not a calibration takes its place; of a head with `intervalTails`. */
  readonly intervalTails?: IntervalTails | undefined;
  /** The share of true ages that intervals are to hold. */
  readonly intervalLevel: number;
}

/** One of several: classes, or groups that have an order. */
export interface LabelAnswer {
  readonly task: string;
  readonly kind: "classes" | "ordered";
  /** In the order of `labels`, sum 1. */
  readonly probabilities: Float64Array;
  readonly labels: readonly string[];
  /** The share of the head's held-out examples that were nearer to those it learned from, 0..1; absent where the head cannot tell. */
  readonly novelty?: number | undefined;
  /** The labels that a calibration keeps; absent where there was none. */
  readonly set?: LabelSet | undefined;
}

/** Any of several. */
export interface TagsAnswer {
  readonly task: string;
  readonly kind: "tags";
  /** In the order of `labels`, each 0..1 by itself. */
  readonly probabilities: Float64Array;
  readonly labels: readonly string[];
}

export interface NumberAnswer {
  readonly task: string;
  readonly kind: "number";
  readonly value: number;
  /** Meant to hold the true value for a share `level` of faces. */
  readonly interval: { readonly low: number; readonly high: number; readonly level: number };
}

export interface RunHeadOptions {
  /** Only these outputs of the network. @default all of the manifest */
  readonly tasks?: readonly string[] | undefined;
  /** Average over each crop and its mirror image. @default as the manifest says */
  readonly flipAveraging?: boolean | undefined;
}

/**
 * Runs a head once over a batch of crops.
 * @param crops `[N, channels, height, width]` as the manifest's input says
 * @returns for each crop one answer for each output asked for
 * @throws {TF_SHAPE_MISMATCH} when the network's output is not what the manifest says
 * @throws {TF_RUNTIME_FAILED} when the network's numbers are none
 */
export async function runHead(head: Head, crops: Float32Tensor, options: RunHeadOptions = {}): Promise<HeadAnswer[][]> {
  const { outputs, novelty } = head.manifest;
  const wanted = outputs.filter(({ task }) => options.tasks?.includes(task) ?? true);
  const isAveraged = options.flipAveraging ?? head.manifest.flipAveraging ?? false;
  const faces = isAveraged ? await runBoth(head, wanted, crops) : await runOnce(head, wanted, crops);
  return faces.map(({ rows, distance, tails }) => {
    const share = novelty === undefined || distance === undefined ? undefined : noveltyOf(distance, novelty.quantiles);
    return rows.map((row, index) => toAnswer(wanted[index]!, row, { novelty: share, tails }));
  });
}

/** What a network said of one face. */
interface FaceNumbers {
  /** By output: probabilities, or the one number of a head for numbers. */
  readonly rows: readonly Float64Array[];
  /** See the manifest's `novelty`. */
  readonly distance: number | undefined;
  /** See the manifest's `intervalTails`. */
  readonly tails: IntervalTails | undefined;
}

async function runOnce(head: Head, outputs: readonly HeadOutput[], crops: Float32Tensor): Promise<FaceNumbers[]> {
  const count = crops.shape[0]!;
  const { input, novelty } = head.manifest;
  const told = outputs.find(({ intervalTails }) => intervalTails !== undefined)?.intervalTails;
  const extras = [novelty, told].flatMap((extra) => extra?.output ?? []);
  const results = await head.network.run({ [input.name]: crops }, [...outputs.map(({ output }) => output), ...extras]);
  const tables = outputs.map((output) => rowsOf(head, { name: output.output, columns: columnsOf(output) }, results[output.output], count));
  const distances = novelty && rowsOf(head, { name: novelty.output, columns: [1] }, results[novelty.output], count);
  const tails = told && rowsOf(head, { name: told.output, columns: [2] }, results[told.output], count);
  return Array.from({ length: count }, (_, face) => ({
    rows: outputs.map((output, index) => calibrated(tables[index]![face]!, output)),
    distance: distances?.[face]![0],
    tails: tails && tailsOf(tails[face]!),
  }));
}

/** Kept within what an interval may leave out, whoever wrote the network. */
function tailsOf(row: Float32Array): IntervalTails {
  const [below, above] = Array.from(row, (tail) => Math.min(Math.max(tail, 0), largestTail));
  return { below: below!, above: above! };
}

/** Up to so many crops go in one batch with their mirror images: the network's weights are read once for both. Of more, this is no longer what takes the time. */
const mostTogether = 4;
const mirrorPool = createTensorPool();

/** The means over crops and mirror images. */
async function runBoth(head: Head, outputs: readonly HeadOutput[], crops: Float32Tensor): Promise<FaceNumbers[]> {
  const [count, ...size] = crops.shape;
  if (count! > mostTogether) {
    const asTheyAre = await runOnce(head, outputs, crops);
    return mirrorPool.lend(crops.shape, async (mirror) => {
      writeMirrored(crops, mirror.data);
      return average(asTheyAre, await runOnce(head, outputs, mirror));
    });
  }
  return mirrorPool.lend([2 * count!, ...size], async (both) => {
    both.data.set(crops.data);
    writeMirrored(crops, both.data.subarray(crops.data.length));
    const all = await runOnce(head, outputs, both);
    return average(all.slice(0, count), all.slice(count));
  });
}

/** How many columns a network's output may have: two classes may stand in one. */
export function columnsOf(output: HeadOutput): readonly number[] {
  const { labels } = output;
  const kind = outputKind(output);
  if (kind === "number") return [1];
  return labels.length === 2 && kind !== "tags" ? [2, 1] : [labels.length];
}

function calibrated(row: Float32Array, output: HeadOutput): Float64Array {
  const kind = outputKind(output);
  if (kind === "number") return Float64Array.from(row);
  return kind === "tags" ? toTagProbabilities(row, output) : toProbabilities(row, output);
}

function rowsOf(
  head: Head,
  { name, columns }: { readonly name: string; readonly columns: readonly number[] },
  tensor: Tensor | undefined,
  count: number,
): Float32Array[] {
  const found = tensor === undefined ? 0 : tensor.data.length / count;
  if (tensor?.type !== "float32" || !columns.includes(found)) {
    const got = tensor === undefined ? "nothing" : `${tensor.type} [${tensor.shape.join(",")}]`;
    throw new TensorFaceError(
      "TF_SHAPE_MISMATCH",
      `output "${name}" of model "${head.manifest.id}" should be float32 [${count},${columns[0]}], got ${got}`,
    );
  }
  const { data } = tensor;
  // The largest of numbers that are none would be the first class: an invented answer.
  if (data.some((value) => Number.isNaN(value) || value === Number.POSITIVE_INFINITY))
    throw new TensorFaceError("TF_RUNTIME_FAILED", `model "${head.manifest.id}" has no answer: its output "${name}" is not a number`, {
      hint: "The network overflows on this picture or device; try another --device, or another model.",
    });
  return Array.from({ length: count }, (_, face) => data.subarray(face * found, (face + 1) * found));
}

function average(a: readonly FaceNumbers[], b: readonly FaceNumbers[]): FaceNumbers[] {
  const mean = (one: number, other: number): number => (one + other) / 2;
  return a.map(({ rows, distance, tails }, face) => {
    const other = b[face]!;
    return {
      rows: rows.map((row, index) => averageProbabilities(row, other.rows[index]!)),
      distance: distance === undefined ? undefined : mean(distance, other.distance!),
      tails: tails && { below: mean(tails.below, other.tails!.below), above: mean(tails.above, other.tails!.above) },
    };
  });
}

/** The batch seen in a mirror. */
function writeMirrored({ data, shape }: Float32Tensor, target: Float32Array): void {
  const width = shape[3]!;
  for (let start = 0; start < data.length; start += width) {
    for (let from = start, to = start + width - 1; from < start + width; from++, to--) target[to] = data[from]!;
  }
}

interface ToldBeside {
  readonly novelty: number | undefined;
  readonly tails: IntervalTails | undefined;
}

function toAnswer(output: HeadOutput, row: Float64Array, { novelty, tails }: ToldBeside): HeadAnswer {
  const { task, labels, conformal } = output;
  const kind: TaskKind = outputKind(output);
  if (kind === "age") {
    const distribution = toAgeDistribution(row, labels.map(Number));
    const { share, level } = ageShare(output, distribution, tails);
    return {
      task,
      kind,
      distribution,
      intervalShare: share,
      intervalLevel: level,
      ...(tails === undefined ? {} : { intervalTails: tails }),
    };
  }
  if (kind === "number") return toNumber(output, row[0]!);
  if (kind === "tags") return { task, kind, probabilities: row, labels };
  const set = labelSet(row, labels, conformal);
  return { task, kind, probabilities: row, labels, ...(novelty === undefined ? {} : { novelty }), ...(set === undefined ? {} : { set }) };
}

function toNumber({ task, interval, conformal, minimum = -Infinity, maximum = Infinity }: HeadOutput, raw: number): NumberAnswer {
  const bounded = (value: number): number => Math.min(Math.max(value, minimum), maximum);
  if (conformal?.kind === "number") {
    // Fitted on numbers as they are told.
    const value = bounded(raw);
    const { low, high } = groupOfNumber(conformal.groups, value);
    return { task, kind: "number", value, interval: { low: bounded(value + low), high: bounded(value + high), level: conformal.level } };
  }
  const { low, high, level } = interval!; // A manifest of a number without one is refused.
  return { task, kind: "number", value: bounded(raw), interval: { low: bounded(raw + low), high: bounded(raw + high), level } };
}
