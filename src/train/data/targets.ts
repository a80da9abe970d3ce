import { ageCount, float32Tensor, genders, maximumAge, moods, softmax, type TaskDefinition } from "../../core/index.ts";
import type { FaceLabels } from "../../datasets/index.ts";
import { z } from "zod";
import type { MixPlan } from "../augment/plan.ts";
import type { LossTarget } from "../step/step.ts";

/** How a label becomes the target of a loss term. */
export const targetSchema = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("gender") }).describe("One-hot `[N, 2]`, `female male`."),
  z.strictObject({ kind: z.literal("isMale") }).describe("`[N, 1]`: 1 for male, 0 for female."),
  z
    .strictObject({
      kind: z.literal("mood"),
      /** The share of votes that is mixed with the annotated mood, where there are votes. */
      votes: z.number().min(0).max(1).default(0),
    })
    .describe("`[N, 7]`: the annotated mood."),
  z
    .strictObject({
      kind: z.literal("ageDistribution"),
      /** Standard deviation, in years; a label that has one of its own keeps that. */
      deviation: z.number().positive().default(2),
    })
    .describe(
      "`[N, 101]`: a Gaussian around an exact age, as wide as its label's deviation where it has one, cut off at 0 and 100; groups have none.",
    ),
  z.strictObject({ kind: z.literal("ageGroup") }).describe("`[N, 101]`: 1 for the years of an age group, 0 outside; exact ages have none."),
  z.strictObject({ kind: z.literal("ageYears") }).describe("`[N]`: an exact age in years; groups have none."),
  z
    .strictObject({ kind: z.literal("class") })
    .describe("One-hot `[N, labels]`, in the order of the head's labels: of classes and groups of the user's own."),
  z.strictObject({ kind: z.literal("tags") }).describe("`[N, labels]`: 1 for each tag that is there."),
  z.strictObject({ kind: z.literal("number") }).describe("`[N]`: a number as it is labelled."),
]);

export type TargetKind = z.output<typeof targetSchema>;

/** Target and weight of every sample for one loss term: encoded once, gathered for every batch. */
export interface TargetTable {
  /** Numbers a sample; 1 for a target `[N]`. */
  readonly width: number;
  /** Whether a batch's target is `[N]`, not `[N, width]`. */
  readonly scalar: boolean;
  /** `[samples, width]`. */
  readonly values: Float32Array;
  /** `[samples]`: 0 where the label is missing. */
  readonly weights: Float32Array;
}

/** How many columns a target has. @param task what the head tells, where that is not built in */
function targetWidth(target: TargetKind, task: TaskDefinition | undefined): number {
  switch (target.kind) {
    case "gender":
      return genders.length;
    case "mood":
      return moods.length;
    case "ageDistribution":
    case "ageGroup":
      return ageCount;
    case "isMale":
    case "ageYears":
    case "number":
      return 1;
    case "class":
    case "tags":
      return task?.labels?.length ?? 0;
    default:
      return target satisfies never;
  }
}

/** Encodes the labels of all samples for one loss term. @param task what its head tells, where that is not built in */
export function encodeTargets(target: TargetKind, labels: readonly FaceLabels[], task?: TaskDefinition): TargetTable {
  const width = targetWidth(target, task);
  const values = new Float32Array(labels.length * width);
  const weights = new Float32Array(labels.length);
  for (const [index, label] of labels.entries()) {
    const encoded = encodeTarget(target, label, task);
    if (encoded === undefined) continue;
    values.set(encoded, index * width);
    weights[index] = 1;
  }
  return { width, scalar: target.kind === "ageYears" || target.kind === "number", values, weights };
}

/**
 * What a teacher said of each sample, softened by `temperature`: `p^(1 / T)`, sum 1. Weight 0 where it said nothing.
 * @param answers probabilities of each sample, or undefined
 * @param width classes of the head
 */
export function encodeTeacher(answers: readonly (readonly number[] | undefined)[], width: number, temperature: number): TargetTable {
  const values = new Float32Array(answers.length * width);
  const weights = new Float32Array(answers.length);
  for (const [index, probabilities] of answers.entries()) {
    if (probabilities === undefined) continue;
    values.set(
      softmax(
        probabilities.map((probability) => Math.log(Math.max(probability, smallestProbability))),
        temperature,
      ),
      index * width,
    );
    weights[index] = 1;
  }
  return { width, scalar: false, values, weights };
}

/** Keeps logarithms finite. */
const smallestProbability = 1e-12;

/** The target of one sample; undefined where its labels do not tell. */
function encodeTarget(
  target: TargetKind,
  { age, gender, mood, moodVotes, attributes }: FaceLabels,
  { name = "", labels = [] }: Partial<TaskDefinition> = {},
): ArrayLike<number> | undefined {
  const own = attributes?.[name];
  switch (target.kind) {
    case "gender":
      return gender && oneHot(genders.indexOf(gender), genders.length);
    case "isMale":
      return gender && [gender === "male" ? 1 : 0];
    case "mood":
      return mood && encodeMood(moods.indexOf(mood), moodVotes, target.votes);
    case "ageDistribution":
      return age?.low === age?.high && age !== undefined
        ? ageGaussian(Math.min(age.low, maximumAge), deviationOf(age, target.deviation))
        : undefined;
    case "ageGroup":
      return age !== undefined && age.low < age.high ? ageMask(age.low, age.high) : undefined;
    case "ageYears":
      return age !== undefined && age.low === age.high ? [Math.min(age.low, maximumAge)] : undefined;
    case "class":
      // A label that the head does not have is none to it.
      return typeof own === "string" && labels.includes(own) ? oneHot(labels.indexOf(own), labels.length) : undefined;
    case "tags":
      return Array.isArray(own) ? labels.map((label) => Number(own.includes(label))) : undefined;
    case "number":
      return typeof own === "number" ? [own] : undefined;
    default:
      return target satisfies never;
  }
}

function oneHot(index: number, length: number): number[] {
  return Array.from({ length }, (_, position) => (position === index ? 1 : 0));
}

function encodeMood(mood: number, votes: readonly number[] | undefined, share: number): number[] {
  const official = oneHot(mood, moods.length);
  return votes === undefined ? official : official.map((value, index) => value * (1 - share) + votes[index]! * share);
}

/** What the label says of itself, else what the loss says; never so narrow that one year takes all. */
function deviationOf({ deviation }: NonNullable<FaceLabels["age"]>, usual: number): number {
  return deviation === undefined ? usual : Math.max(deviation, 1);
}

/** A Gaussian over whole years, sum 1 (label distribution learning: Geng, 2016). */
export function ageGaussian(age: number, deviation: number): Float64Array {
  const density = Float64Array.from({ length: ageCount }, (_, year) => Math.exp(-((year - age) ** 2) / (2 * deviation ** 2)));
  const sum = density.reduce((total, value) => total + value, 0);
  return density.map((value) => value / sum);
}

/** 1 for the years of a group, both ends included; a group that begins beyond the last year is that year. */
function ageMask(low: number, high: number): number[] {
  const first = Math.min(low, maximumAge);
  return Array.from({ length: ageCount }, (_, year) => (year >= first && year <= high ? 1 : 0));
}

/**
 * The targets of one batch. With a mix each sample's target is mixed as its picture is; one whose label is missing adds
 * nothing, and the weight says how much of the picture has a label.
 */
export function gatherTargets(table: TargetTable, samples: ArrayLike<number>, mix?: MixPlan): LossTarget {
  const { width, scalar } = table;
  const count = samples.length;
  const values = float32Tensor(scalar ? [count] : [count, width]);
  const weights = float32Tensor([count]);
  for (let index = 0; index < count; index++) {
    const own = samples[index]!;
    const partner = mix === undefined ? own : samples[(index + mix.rotation) % count]!;
    const ownShare = table.weights[own]! * (mix?.kept ?? 1);
    const partnerShare = table.weights[partner]! * (1 - (mix?.kept ?? 1));
    const weight = ownShare + partnerShare;
    weights.data[index] = weight;
    if (weight === 0) continue;
    for (let column = 0; column < width; column++) {
      const sum = ownShare * table.values[own * width + column]! + partnerShare * table.values[partner * width + column]!;
      values.data[index * width + column] = sum / weight;
    }
  }
  return { values, weights };
}
