import { classOf } from "../datasets/counts.ts";
import type { FaceLabels } from "../datasets/record.ts";
import type { TrainingConfig } from "./config.ts";
import type { LossTerm } from "./losses.ts";
import type { NetworkDefinition, PictureInput } from "./network.ts";
import { sampleWeights } from "./sampler.ts";
import type { Sample } from "./samples.node.ts";
import { encodeTargets, type TargetTable } from "./targets.ts";

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

function pictureInput({ side, colour, mean, standardDeviation }: NonNullable<TrainingConfig["picture"]>): PictureInput {
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

/** `age from ageGroup`; a second one of the same name gets its number. */
function lossName(loss: LossConfig, index: number, all: readonly LossConfig[]): string {
  const name = `${loss.head} from ${loss.target.kind}`;
  const isTaken = all.slice(0, index).some((other) => `${other.head} from ${other.target.kind}` === name);
  return isTaken ? `${name} ${index}` : name;
}

/** The loss terms as the engine wants them. */
export function lossTerms({ losses }: TrainingConfig): LossTerm[] {
  return losses.map((loss, index) => {
    const { target: _, ...term } = loss;
    return { name: lossName(loss, index, losses), ...term };
  });
}

/** Targets of all samples by the name of their loss term. */
export function targetTables({ losses }: TrainingConfig, labels: readonly FaceLabels[]): Record<string, TargetTable> {
  return Object.fromEntries(losses.map((loss, index) => [lossName(loss, index, losses), encodeTargets(loss.target, labels)]));
}

/** How often each of the training samples stands in an epoch, relative to the others. */
export function trainingWeights({ sampling, data }: TrainingConfig, samples: readonly Sample[]): Float64Array {
  const { balance } = sampling;
  const classes = samples.map(({ record, dataset }) => ({
    dataset,
    label: balance === undefined ? undefined : classOf(record.labels, balance.task),
  }));
  const counts = data.map((_, index) => samples.filter(({ dataset }) => dataset === index).length);
  const datasetWeights = data.map(({ weight }, index) => weight ?? counts[index]!);
  return sampleWeights(classes, { balance: balance?.strength, datasetWeights });
}
