import mood from "../../recipes/mood-first.ts";
import { defineTraining, type TrainingConfigInput } from "../../src/train/config.ts";
import { dense, dropout } from "../../src/train/layers.ts";
import { faceTrunk, residualNetwork } from "../../src/train/networks.ts";

/** One training, or one way to use it, that differs from another row in one thing. */
export interface AblationRow {
  /** Also the folder's name. */
  readonly id: string;
  /** What is measured, in words of the table. */
  readonly title: string;
  /** The row that it differs from in this one thing; absent for the row that all others are about. */
  readonly against?: string;
  /** Whether this row or the other has the ingredient; `neither` where nothing is expected of the change. */
  readonly ingredient: "here" | "there" | "neither";
  /** What is trained; or the row whose training is used otherwise. */
  readonly training: TrainingConfigInput | { readonly of: string };
  /** Answers are means over the face and its mirror image. */
  readonly flip?: boolean;
}

const epochs = 8;
/** Of the shipped network, which this is in small. */
const { augmentation = {} } = mood;
const target = { kind: "mood", votes: 0.15 } as const;
const loss = { kind: "crossEntropy", head: "mood", target, labelSmoothing: 0.05 } as const;
const heads = [{ task: "mood" as const, layers: [dropout(0.1), dense(7)] }];
const network = residualNetwork({
  input: { kind: "picture", channels: 1, height: 48, width: 48, mean: [127.5], standardDeviation: [64] },
  stem: { channels: 16, stride: 2 },
  widths: [16, 32, 64],
  heads: {},
});

/** The recipe of the shipped mood network in small: 48 pixels, a tenth of a million weights, eight epochs. */
const whole = defineTraining({
  name: "ablation",
  seed: 7,
  data: [{ path: ".data/imported/fer2013" }],
  picture: { side: 48, colour: "grey", mean: 127.5, standardDeviation: 64 },
  network: { backbone: [...network.backbone], heads },
  losses: [loss],
  optimiser: { kind: "adamw", weightDecay: 0.05 },
  schedule: { kind: "cosine", peak: 0.004, warmUp: 0.12 },
  batchSize: 64,
  epochs,
  sampling: { balance: { task: "mood", strength: 0.3 } },
  augmentation,
  averageDecay: 0.998,
  // Only the end is validated, so that the faces that are reported on choose nothing.
  validation: { select: ["mood.accuracy"], every: epochs },
});

export const trunkBlocks = 7;

/** A trunk of seven blocks, whose input is scaled as its first makers did. */
const trunk = defineTraining({
  ...whole,
  picture: { side: 48, colour: "grey", mean: 117, standardDeviation: 256 },
  network: { backbone: [...faceTrunk({ blocks: trunkBlocks })], heads },
});

export interface RowFiles {
  /** The trunk's weights, as `scripts/face-trunk.ts` writes them. */
  readonly trunkWeights: string;
  /** What the teacher said of the training faces, and its id. */
  readonly teacher: { readonly predictions: string; readonly model: string };
}

/** All rows, the most wanted first: a run may be stopped after any of them. */
export function ablationRows({ trunkWeights, teacher }: RowFiles): readonly AblationRow[] {
  const without = (id: string, title: string, change: Partial<TrainingConfigInput>): AblationRow => ({
    id,
    title,
    against: "whole",
    ingredient: "there",
    training: { ...whole, ...change },
  });
  const { mixup: _mixup, cutmix: _cutmix, ...unmixed } = augmentation;
  const { erase: _erase, ...unerased } = augmentation;
  const { brightness: _brightness, contrast: _contrast, noise: _noise, downscale: _downscale, ...unlit } = augmentation;
  return [
    { id: "whole", title: "the whole recipe", ingredient: "neither", training: whole },
    { id: "seed", title: "another seed, nothing else", against: "whole", ingredient: "neither", training: { ...whole, seed: 8 } },
    {
      id: "mirror",
      title: "mean over the mirror image, at test time",
      against: "whole",
      ingredient: "here",
      training: { of: "whole" },
      flip: true,
    },
    without("votes", "votes of FER+ in the target (0.15)", { losses: [{ ...loss, target: { kind: "mood", votes: 0 } }] }),
    without("smoothing", "label smoothing (0.05)", { losses: [{ ...loss, labelSmoothing: 0 }] }),
    without("mixing", "mixup and cutmix", { augmentation: unmixed }),
    without("erasing", "random erasing", { augmentation: unerased }),
    without("average", "moving average of the weights (0.998)", { averageDecay: 0 }),
    without("schedule", "cosine to zero instead of a constant rate", { schedule: { kind: "constant", peak: 0.004, warmUp: 0.12 } }),
    without("balance", "balanced sampling (strength 0.3)", { sampling: {} }),
    without("light", "brightness, contrast, noise and loss of resolution", { augmentation: unlit }),
    {
      id: "teacher",
      title: `half of the loss from the answers of ${teacher.model}`,
      against: "whole",
      ingredient: "here",
      training: {
        ...whole,
        losses: [
          { ...loss, scale: 0.5 },
          { kind: "distillation", head: "mood", teacher, scale: 0.5 },
        ],
      },
    },
    { id: "trunk", title: "a face trunk of seven blocks, from random numbers", ingredient: "neither", training: trunk },
    {
      id: "trunk-known",
      title: "the same trunk from weights that tell faces apart",
      against: "trunk",
      ingredient: "here",
      training: { ...trunk, initial: { weights: trunkWeights } },
    },
  ];
}
