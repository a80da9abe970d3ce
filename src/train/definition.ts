import { ageCount, genders, isBuiltInTask, moods, type TaskDefinition, TensorFaceError } from "../core/index.ts";
import { classOf, type FaceLabels } from "../datasets/index.ts";
import { ownTasks, type TrainingConfig } from "./config.ts";
import type { LossTerm } from "./step/losses.ts";
import type { NetworkDefinition, PixelInput } from "./network/network.ts";
import { sampleWeights } from "./data/sampler.ts";
import type { Sample } from "./data/samples.node.ts";
import { encodeTargets, encodeTeacher, type TargetTable } from "./data/targets.ts";

/** What the parts of a training are, read off its configuration. */

/**
 * The network; each head is named by its task.
 * @param featureSize how many features there are, for a network on features
 */
export function networkDefinition({ picture, network }: TrainingConfig, featureSize = 0): NetworkDefinition {
  return {
    input: picture === undefined ? { kind: "features", size: featureSize } : pictureInput(picture),
    backbone: network.backbone,
    heads: network.heads.map(({ task, layers }) => ({ name: task, layers })),
  };
}

function pictureInput({ side, colour, mean, standardDeviation }: NonNullable<TrainingConfig["picture"]>): PixelInput {
  const channels = colour === "grey" ? 1 : 3;
  const perChannel = (value: number): number[] => Array.from({ length: channels }, () => value);
  return {
    kind: "picture",
    channels,
    height: side,
    width: side,
    mean: perChannel(mean),
    standardDeviation: perChannel(standardDeviation),
  };
}

type LossConfig = TrainingConfig["losses"][number];

/** `age from ageGroup`, `mood from teacher`; a second one of the same name gets its number. */
function lossName(index: number, all: readonly LossConfig[]): string {
  const describe = (loss: LossConfig): string => `${loss.head} from ${loss.kind === "distillation" ? "teacher" : loss.target.kind}`;
  const name = describe(all[index]!);
  return all.slice(0, index).some((other) => describe(other) === name) ? `${name} ${index}` : name;
}

/** The loss terms as the engine wants them. */
export function lossTerms({ losses }: TrainingConfig): LossTerm[] {
  return losses.map((loss, index) => {
    const name = lossName(index, losses);
    if (loss.kind === "distillation") {
      const { head, scale, temperature } = loss;
      return { kind: "crossEntropy", name, head, scale, temperature };
    }
    const { target: _, ...term } = loss;
    return { name, ...term };
  });
}

/** Probabilities that a teacher gave to each sample, by the index of the loss that wants them. */
export type TeacherAnswers = ReadonlyMap<number, readonly (readonly number[] | undefined)[]>;

/** Targets of all samples by the name of their loss term. */
export function targetTables(config: TrainingConfig, labels: readonly FaceLabels[], teachers: TeacherAnswers): Record<string, TargetTable> {
  const { losses } = config;
  const own = ownTasks(config);
  return Object.fromEntries(
    losses.map((loss, index) => {
      const name = lossName(index, losses);
      const task = own.find((each) => each.name === loss.head);
      if (loss.kind !== "distillation") {
        return [name, encodeTargets(loss.target, labels, task)];
      }
      return [name, encodeTeacher(teachers.get(index)!, taskWidth(loss.head, own), loss.temperature)];
    }),
  );
}

/**
 * Checks that every head has something to learn: one that no face teaches would stay as it began, without a word.
 * @param tables of {@link targetTables}
 * @param trainRows the rows that train
 * @throws {TF_CONFIG_INVALID} naming the head
 */
export function checkTaught(
  { network, losses }: TrainingConfig,
  tables: Readonly<Record<string, TargetTable>>,
  trainRows: Int32Array,
): void {
  for (const { task } of network.heads) {
    const own = losses.flatMap((loss, index) => (loss.head === task ? [tables[lossName(index, losses)]!] : []));
    if (own.some(({ weights }) => trainRows.some((row) => weights[row]! > 0))) continue;
    throw misfit(`field "network.heads": no training face has a label of "${task}" that the head's losses take`);
  }
}

/**
 * How many of the training pictures teach each loss, by the name of its term: those of which it has a label, or an answer of its teacher.
 * @param tables of {@link targetTables}
 * @param trainRows the rows that train
 */
export function countTaught(tables: Readonly<Record<string, TargetTable>>, trainRows: Int32Array): Record<string, number> {
  return Object.fromEntries(
    Object.entries(tables).map(([name, { weights }]) => [name, trainRows.reduce((count, row) => count + Number(weights[row]! > 0), 0)]),
  );
}

/**
 * Checks that heads are as wide as what they learn.
 * @param outputs logits of each head, by name
 * @throws {TF_CONFIG_INVALID} naming the loss
 */
export function checkLosses(config: TrainingConfig, outputs: Readonly<Record<string, number>>): void {
  const own = ownTasks(config);
  for (const [index, loss] of config.losses.entries()) {
    const isOneLogit = loss.kind === "binary" && loss.target.kind === "isMale";
    const [wanted, found] = [isOneLogit ? 1 : taskWidth(loss.head, own), outputs[loss.head]];
    if (found !== wanted)
      throw misfit(`field "losses.${index}": the head "${loss.head}" ends in ${found} numbers, ${loss.kind} takes ${wanted}`);
    if (loss.kind === "crossEntropy" && (loss.classWeights?.length ?? wanted) !== wanted)
      throw misfit(`field "losses.${index}.classWeights": expected a number for each of the ${wanted}, got ${loss.classWeights?.length}`);
  }
}

function misfit(message: string): TensorFaceError {
  return new TensorFaceError("TF_CONFIG_INVALID", message);
}

/** How many numbers a head has, but one of a single logit; and how many probabilities a teacher gives. */
function taskWidth(name: string, own: readonly TaskDefinition[]): number {
  if (isBuiltInTask(name)) return { age: ageCount, gender: genders.length, mood: moods.length }[name];
  return own.find((task) => task.name === name)?.labels?.length ?? 1;
}

/**
 * How often each of the training samples stands in an epoch, relative to the others.
 * @throws {TF_CONFIG_INVALID} when they are to be balanced by a task of which none has a label
 */
export function trainingWeights({ sampling, data }: TrainingConfig, samples: readonly Sample[]): Float64Array {
  const { balance } = sampling;
  const classes = samples.map(({ record, dataset }) => ({
    dataset,
    label: balance === undefined ? undefined : classOf(record.labels, balance.task),
  }));
  if (balance !== undefined && classes.every(({ label }) => label === undefined))
    throw misfit(`field "sampling.balance.task": no training face has a label of "${balance.task}"`);
  const counts = data.map((_, index) => samples.filter(({ dataset }) => dataset === index).length);
  const datasetWeights = data.map(({ weight }, index) => weight ?? counts[index]!);
  return sampleWeights(classes, { balance: balance?.strength, datasetWeights });
}
