import { defineTraining } from "../../src/train/index.ts";
import { dense, dropout, faceTrunk, residualNetwork } from "../../src/train/network/index.ts";
import { readConfig } from "../../src/train/run/config-file.node.ts";
import { type AblationRow, type AblationStudy, commonRows, studyFolder, teacherOf, withoutFrom } from "./study.ts";

const mood = await readConfig("mood-first", undefined);
const epochs = 8;
/** Of the shipped network, which this is in small. */
const { augmentation } = mood;
const target = { kind: "mood", votes: 0.15 } as const;
export const moodLossInSmall = { kind: "crossEntropy", head: "mood", target, labelSmoothing: 0.05 } as const;
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
  losses: [moodLossInSmall],
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

const trunkBlocks = 7;

/** A trunk of seven blocks, whose input is scaled as its first makers did. */
const trunk = defineTraining({
  ...whole,
  picture: { side: 48, colour: "grey", mean: 117, standardDeviation: 256 },
  network: { backbone: [...faceTrunk({ blocks: trunkBlocks })], heads },
});

const without = withoutFrom(whole);
const id = "mood";
const teacher = teacherOf(id, ["fer2013"], "mood-4");
const trunkWeights = `${studyFolder(id)}/trunk.safetensors`;
const doubted = `${studyFolder(id)}/without-doubted`;

/** What each ingredient of the mood recipe is worth, on FER2013's PublicTest. */
export const moodStudy: AblationStudy = {
  id,
  data: [{ format: "fer2013", split: "PublicTest", title: "FER2013" }],
  metrics: [
    { task: "mood", metric: "accuracy", title: "accuracy", isJudged: true },
    { task: "mood", metric: "balancedAccuracy", title: "macro recall", isJudged: false },
  ],
  rows: moodRows(),
};

function moodRows(): readonly AblationRow[] {
  const { mixup: _mixup, cutmix: _cutmix, ...unmixed } = augmentation;
  const { erase: _erase, ...unerased } = augmentation;
  const { brightness: _brightness, contrast: _contrast, noise: _noise, downscale: _downscale, ...unlit } = augmentation;
  return [
    ...commonRows(whole),
    without("votes", "votes of FER+ in the target (0.15)", { losses: [{ ...moodLossInSmall, target: { kind: "mood", votes: 0 } }] }),
    without("smoothing", "label smoothing (0.05)", { losses: [{ ...moodLossInSmall, labelSmoothing: 0 }] }),
    without("mixing", "mixup and cutmix", { augmentation: unmixed }),
    without("erasing", "random erasing", { augmentation: unerased }),
    without("average", "moving average of the weights (0.998)", { averageDecay: 0 }),
    without("schedule", "cosine to zero instead of a constant rate", { schedule: { kind: "constant", peak: 0.004, warmUp: 0.12 } }),
    without("balance", "balanced sampling (strength 0.3)", { sampling: {} }),
    without("light", "brightness, contrast, noise and loss of resolution", { augmentation: unlit }),
    {
      id: "teacher",
      teacher,
      teacherManifest: "recipes/initial/mood-4.json",
      title: `half of the loss from the answers of ${teacher.model}`,
      against: "whole",
      ingredient: "here",
      training: {
        ...whole,
        losses: [
          { ...moodLossInSmall, scale: 0.5 },
          { kind: "distillation", head: "mood", teacher, scale: 0.5 },
        ],
      },
    },
    {
      id: "doubted",
      title: "leaving out the 3 % of training labels that `dataset doubt` ranks first",
      against: "whole",
      ingredient: "here",
      training: { ...whole, data: [{ path: doubted }] },
      prepare: [["bench/ablations/leave-out-doubted.ts", ".data/imported/fer2013", doubted, "--task", "mood"]],
    },
    { id: "trunk", title: "a face trunk of seven blocks, from random numbers", ingredient: "neither", training: trunk },
    {
      id: "trunk-known",
      title: "the same trunk from weights that tell faces apart",
      against: "trunk",
      ingredient: "here",
      training: { ...trunk, initial: { weights: trunkWeights } },
      prepare: [["scripts/face-trunk.ts", "--blocks", String(trunkBlocks), "--grey", "--out", trunkWeights]],
    },
  ];
}
