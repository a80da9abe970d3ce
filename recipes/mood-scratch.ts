import { defineTraining, dense, residualNetwork } from "tensorface/train";

/**
 * Moods on FER2013, 48 x 48 pixels, grey, from random numbers: a larger network than `fer2013-small.ts`, with mixup and cutmix,
 * for a few hours of 2 CPU cores. `mood.ts` is more accurate. PublicTest selects, nothing else.
 *
 *     npx tensorface dataset import fer2013 .data/fer2013 --out .data/imported/fer2013
 *     npx tensorface train mood-scratch --set epochs=20
 */
const network = residualNetwork({
  input: { kind: "picture", channels: 1, height: 48, width: 48, mean: [127.5], standardDeviation: [64] },
  stem: { channels: 32 },
  widths: [32, 64, 128, 256],
  blocks: [1, 2, 2, 2],
  heads: {},
});

export default defineTraining({
  name: "mood-scratch",
  description: "Moods on FER2013 with FER+ votes as soft targets; a residual network at 48 pixels.",
  seed: 5,
  data: [{ path: ".data/imported/fer2013" }],
  picture: { side: 48, colour: "grey", mean: 127.5, standardDeviation: 64 },
  network: { backbone: [...network.backbone], heads: [{ task: "mood", layers: [{ layer: "dropout", rate: 0.3 }, dense(7)] }] },
  losses: [{ kind: "crossEntropy", head: "mood", target: { kind: "mood", votes: 0.15 }, labelSmoothing: 0.05 }],
  optimiser: { kind: "adamw", weightDecay: 0.05 },
  schedule: { kind: "oneCycle", peak: 0.003, rise: 0.25 },
  batchSize: 64,
  epochs: 20,
  sampling: { balance: { task: "mood", strength: 0.3 } },
  augmentation: {
    flip: 0.5,
    rotate: 15,
    scale: 0.15,
    shift: 0.08,
    brightness: 0.2,
    contrast: 0.3,
    blur: { probability: 0.1, sigma: 1 },
    noise: { probability: 0.15, deviation: 8 },
    erase: { probability: 0.25, area: 0.15 },
    mixup: { probability: 0.25, alpha: 0.3 },
    cutmix: { probability: 0.25, alpha: 1 },
  },
  averageDecay: 0.998,
  validation: { select: ["mood.accuracy"], flip: true },
});
